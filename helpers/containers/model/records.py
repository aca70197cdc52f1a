"""What an engine keeps of a container, whether it runs or has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpers.engine.model.container import State
from helpers.engine.model.exit_code import Ending


@dataclass(frozen=True, kw_only=True)
class Record(Ending):
    """One container's record at one moment.

    restarts: how often the engine's restart policy started it again. command: without the entry point. environment:
    its variables.
    """

    restarts: int
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def runs(self) -> bool:
        """True if its first process runs."""
        return self.state is State.RUNNING
