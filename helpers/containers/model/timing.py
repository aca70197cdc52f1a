"""Times that were measured several times: each of them, the middle, and how far they lie apart."""

from __future__ import annotations

import statistics
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One thing that was done several times. seconds: each time, in the order it was done."""

    what: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one, in seconds."""
        return statistics.median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Half of the times lie between these two."""
        if len(self.seconds) < 2:
            return self.seconds[0], self.seconds[0]
        low, _, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return low, high


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Start and stop of a plain process and of containers. grace: seconds between SIGTERM and SIGKILL."""

    image: str
    rounds: int
    grace: int
    start: tuple[Strip, ...]
    stop: tuple[Strip, ...]
