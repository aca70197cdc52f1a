"""Which questions are asked again now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Due:
    """The questions to ask now, by their ids, in their order.

    missed, again, new: how many of them were answered wrong last time, are due again, were never answered.
    more: how many are due besides. later: how many are not due yet. next: in how many days the first of those is,
    counted in nights; None if there is none.
    """

    now: tuple[str, ...]
    missed: int
    again: int
    new: int
    more: int
    later: int
    next: int | None


def due(
    known: Sequence[str], *, times: Mapping[str, datetime], missed: Collection[str], now: datetime, most: int
) -> Due:
    """What was missed first, then what is due for longest, then what was never asked in the order of the course.

    known: of all chapters begun. times: when each is due that was answered. missed: answered wrong the last time.
    One that was answered by an earlier edition, which noted no time, is due.
    """
    today = [id for id in known if (id in times and times[id] <= now) or (id in missed and id not in times)]
    today.sort(key=lambda id: (id not in missed, times.get(id, now - timedelta(days=1))))
    new = [id for id in known if id not in times and id not in missed]
    waiting = [*today, *new]
    asked = waiting[:most]
    later = sorted(times[id] for id in known if id in times and times[id] > now)
    return Due(
        now=tuple(asked),
        missed=sum(id in missed for id in asked),
        again=sum(id in today and id not in missed for id in asked),
        new=sum(id in new for id in asked),
        more=len(waiting) - len(asked),
        later=len(later),
        next=max(1, (later[0].date() - now.date()).days) if later else None,
    )
