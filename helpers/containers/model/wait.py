"""What was seen while waiting for a container."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.engine.model.container import Container


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One look at the container. after: seconds since the waiting began. said: what was found, in words."""

    after: float
    said: str


@dataclass(frozen=True, kw_only=True)
class Waited:
    """A condition that was met.

    condition: in words, such as "an answer from /health". sights: every change that was seen, the last one met it.
    looks: how often the container was looked at.
    """

    container: Container
    condition: str
    sights: tuple[Sight, ...]
    looks: int

    @property
    def seconds(self) -> float:
        """From the first look to the one that met the condition."""
        return self.sights[-1].after
