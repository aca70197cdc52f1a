"""What a container used over a few seconds: points of a chart, from one reading to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.isolation.model.limits import Reading

LOADS = ("cpu", "memory", "both", "processes")
ENOUGH = 3  # readings without which nothing is concluded


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

    oom_kills, pids_refused, throttled_seconds: from the reading before the load, or the first one, to the last.
    shares: its weight for the CPU, in the unit of its version of cgroups. cpuset: the CPUs it may run on.
    """

    name: str
    points: tuple[Point, ...]
    last: Reading | None
    ended: bool = False
    oom_kills: int = 0
    pids_refused: int = 0
    throttled_seconds: float = 0.0
    shares: int | None = None
    cpuset: str = ""

    @property
    def few(self) -> bool:
        """True if it was read so seldom that its points tell nothing of the time between them."""
        return len(self.points) < ENOUGH

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
    """What containers used. load: what they were made to do. change: when something was changed, in seconds.

    wanted: bytes of memory that the load was to take; 0 if it takes none of note, or that is not known.
    """

    tracks: tuple[Track, ...]
    load: str
    seconds: float
    change: float | None = None
    said: str = ""
    wanted: int = 0

    @property
    def by_weight(self) -> tuple[float, ...]:
        """Each one's part of what all get together, reckoned from their weights; empty where weights do not decide.

        They do if all want the same one CPU, and none has a limit of CPU time.
        """
        weights = [t.shares or 0 for t in self.tracks]
        limited = any(p.cpu_limit is not None for t in self.tracks for p in t.points)
        cpus = {t.cpuset for t in self.tracks}
        if self.load != "cpu" or len(weights) < 2 or limited or not all(weights):
            return ()
        if len(cpus) != 1 or not cpus.pop().isdigit():
            return ()
        return tuple(weight / sum(weights) for weight in weights)


def track(
    name: str, readings: Sequence[Reading], *, begin: float, before: Reading | None = None, ended: bool = False
) -> Track:
    """The points of one container's readings. begin: the moment that counts as 0, in the readings' clock.

    before: a reading from before the load began, with which the counts are compared; None: the first one.
    """
    points = []
    for earlier, now in zip((None, *readings), readings, strict=False):
        span = now.at - earlier.at if earlier else 0.0
        periods = now.periods - earlier.periods if earlier else 0
        used = now.cpu_seconds - earlier.cpu_seconds if earlier else 0.0
        points.append(
            Point(
                after=max(now.at - begin, 0.0),
                memory=now.memory,
                memory_limit=now.memory_limit,
                cpu=max(used / span, 0.0) if span > 0 else 0.0,
                cpu_limit=now.cpus,
                throttled=min((now.throttled - earlier.throttled) / periods, 1.0) if earlier and periods > 0 else 0.0,
                pids=now.pids,
                pids_limit=now.pids_limit,
            )
        )
    last = readings[-1] if readings else None
    first = before or (readings[0] if readings else None)
    return Track(
        name=name,
        points=tuple(points),
        last=last,
        ended=ended,
        oom_kills=last.oom_kills - first.oom_kills if first and last else 0,
        pids_refused=last.pids_refused - first.pids_refused if first and last else 0,
        throttled_seconds=last.throttled_seconds - first.throttled_seconds if first and last else 0.0,
        shares=last.shares if last else None,
        cpuset=last.cpuset if last else "",
    )
