"""What a container used over a few seconds: points of a chart, from one reading to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.model.limit import Reading

LOADS = ("cpu", "memory", "processes")


@dataclass(frozen=True, kw_only=True)
class Point:
    """One moment. Limits are None where there is none.

    after: seconds since the beginning. cpu: CPUs used since the point before. throttled: share of the periods since
    then in which it had to wait, 0 to 1.
    """

    after: float
    memory: int
    memory_limit: int | None
    cpu: float
    cpu_limit: float | None
    throttled: float
    pids: int
    pids_limit: int | None


@dataclass(frozen=True, kw_only=True)
class Track:
    """One container's points. last: the last reading. ended: it ended while it was watched.

    oom_kills, pids_refused, throttled_seconds: from the first to the last reading.
    """

    name: str
    points: tuple[Point, ...]
    last: Reading | None
    ended: bool = False
    oom_kills: int = 0
    pids_refused: int = 0
    throttled_seconds: float = 0.0
    shares: int | None = None

    @property
    def cpu(self) -> float:
        """CPUs used on average over the whole time."""
        if len(self.points) < 2:
            return 0.0
        spans = [b.after - a.after for a, b in zip(self.points, self.points[1:], strict=False)]
        used = sum(p.cpu * span for p, span in zip(self.points[1:], spans, strict=True))
        return used / sum(spans) if sum(spans) else 0.0

    @property
    def most_memory(self) -> int:
        """Bytes at the highest point."""
        return max((p.memory for p in self.points), default=0)

    @property
    def most_pids(self) -> int:
        """Processes and threads at the highest point."""
        return max((p.pids for p in self.points), default=0)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What containers used. load: what they were made to do. change: when something was changed, in seconds."""

    tracks: tuple[Track, ...]
    load: str
    seconds: float
    change: float | None = None
    said: str = ""


def track(name: str, readings: Sequence[Reading], *, begin: float, ended: bool = False) -> Track:
    """The points of one container's readings. begin: the moment that counts as 0, in the readings' clock."""
    points = []
    for before, now in zip((None, *readings), readings, strict=False):
        span = now.at - before.at if before else 0.0
        periods = now.periods - before.periods if before else 0
        used = now.cpu_seconds - before.cpu_seconds if before else 0.0
        points.append(
            Point(
                after=max(now.at - begin, 0.0),
                memory=now.memory,
                memory_limit=now.memory_limit,
                cpu=max(used / span, 0.0) if span > 0 else 0.0,
                cpu_limit=now.cpus,
                throttled=min((now.throttled - before.throttled) / periods, 1.0) if before and periods > 0 else 0.0,
                pids=now.pids,
                pids_limit=now.pids_limit,
            )
        )
    first, last = (readings[0], readings[-1]) if readings else (None, None)
    return Track(
        name=name,
        points=tuple(points),
        last=last,
        ended=ended,
        oom_kills=last.oom_kills - first.oom_kills if first and last else 0,
        pids_refused=last.pids_refused - first.pids_refused if first and last else 0,
        throttled_seconds=last.throttled_seconds - first.throttled_seconds if first and last else 0.0,
        shares=last.shares if last else None,
    )
