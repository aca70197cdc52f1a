"""What an engine keeps of a container, whether it runs or has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpers.engine.model.container import State


@dataclass(frozen=True, kw_only=True)
class Record:
    """One container's record at one moment.

    exit_code: of the last run, in the engine's words: 0 also while it runs or before it ever ran. out_of_memory: the
    engine saw the kernel end a process of it for lack of memory. error: why it could not be started; "" if it could.
    restarts: how often the engine's restart policy started it again. command: without the entry point.
    environment: its variables. image: the id of its image.
    """

    state: State
    exit_code: int
    out_of_memory: bool
    error: str
    restarts: int
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    image: str = ""

    @property
    def runs(self) -> bool:
        """True if its first process runs."""
        return self.state is State.RUNNING
