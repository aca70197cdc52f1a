"""Events of the engine, and the time line they make."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\d*(Z|[+-]\d\d:\d\d)?")


def stamp(text: str) -> str:
    """Seconds since 1970, to the nanosecond, of a time as the engine writes it.

    "0" for one that it never set (the year 1), or no time at all.
    """
    found = _TIME.match(text)
    if not found or text.startswith("0001-"):
        return "0"
    zone = (found[3] or "Z").replace("Z", "+00:00")
    seconds = int(datetime.datetime.fromisoformat(found[1] + zone).timestamp())
    return f"{seconds}.{(found[2] or '').ljust(9, '0')}"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing the engine did.

    at: seconds since 1970, in the engine's clock. kind: "container", "image", "network" or "volume".
    action: the engine's word without the command that some carry ("exec_create: sh" is "exec_create").
    health: what a health check has found, if the event is about that: "healthy" or "unhealthy".
    actor: id of the object. name: its name, if the event has one. container: id of the container that a network's or
    volume's event is about, if the engine tells. labels: the container's labels, which its events carry.
    """

    at: float
    kind: str
    action: str
    actor: str
    name: str = ""
    container: str = ""
    health: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Event:
        """An event from the engine's JSON; fields that are missing (Podman) become empty.

        Source: Docker Engine API, GET /events.
        """
        actor = row.get("Actor") or {}
        attributes = actor.get("Attributes") or {}
        nano = row.get("timeNano")
        action, _, more = str(row.get("Action") or row.get("status") or "").partition(":")
        return cls(
            at=float(nano) / 1e9 if nano else float(row.get("time") or 0),
            kind=str(row.get("Type") or "container"),
            action=action,
            actor=str(actor.get("ID") or row.get("id") or ""),
            name=str(attributes.get("name") or ""),
            container=str(attributes.get("container") or ""),
            health=more.strip() if action == "health_status" else "",
            labels={str(key): str(value) for key, value in attributes.items()},
        )


def joined(heard: Sequence[Event], repeated: Sequence[Event]) -> list[Event]:
    """One container's events, from two unbroken pieces of one past: each as the engine sent it, in its order.

    heard: while it happened. repeated: what the engine tells afterwards, which has the end, and may lack the beginning.

    Times never go back in what is returned. A clock that was set back meanwhile (a virtual machine that slept, a
    computer that asked for the time) would otherwise put a container's start behind what was done to it later.
    """

    def sign(event: Event) -> tuple[float, str]:
        return event.at, event.action

    told = {sign(event): at for at, event in enumerate(repeated)}
    known = {sign(event) for event in heard}
    born = any(event.action == "create" for event in repeated)
    apart = len(repeated) if born else 0  # where the pieces do not meet
    meeting = next((told[sign(event)] for event in heard if sign(event) in told), apart)
    before, after = ([e for e in part if sign(e) not in known] for part in (repeated[:meeting], repeated[meeting:]))
    everything = [*before, *heard, *after]
    latest = 0.0
    for place, event in enumerate(everything):
        latest = max(latest, event.at)
        everything[place] = event if event.at == latest else replace(event, at=latest)
    return everything


MEANING = {
    ("container", "create"): "its writable layer; nothing runs yet",
    ("container", "attach"): "someone reads its output",
    ("network", "connect"): "an address on a network",
    ("container", "start"): "the process is running",
    ("container", "kill"): "a signal was sent",
    ("container", "die"): "the process has ended",
    ("network", "disconnect"): "the address is given back",
    ("container", "stop"): "stopped, because someone asked",
    ("container", "destroy"): "removed, with its writable layer",
    ("volume", "create"): "a place for data",
    ("volume", "mount"): "the data is visible inside",
    ("volume", "unmount"): "no longer visible inside",
    ("container", "exec_create"): "a second command is prepared",
    ("container", "exec_start"): "the second command runs",
    ("container", "exec_die"): "the second command has ended",
}
HEALTH = {"healthy": "a check has succeeded", "unhealthy": "several checks in a row have failed"}
SIGNALS = {"15": "SIGTERM, the request to end", "9": "SIGKILL, which can't be refused"}


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One event on a time line. after: seconds since the first event. meaning: in plain words, may be empty."""

    after: float
    kind: str
    action: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """What the engine reported while something was done, oldest first."""

    title: str
    moments: tuple[Moment, ...]

    @property
    def actions(self) -> tuple[str, ...]:
        """`container create`, `network connect`, … in the order of their times."""
        return tuple(f"{m.kind} {m.action}" for m in self.moments)

    @property
    def seconds(self) -> float:
        """From the first event to the last."""
        return self.moments[-1].after if self.moments else 0.0


def timeline(title: str, events: tuple[Event, ...], *, without: str = "") -> Timeline:
    """Orders `events` by time. Engines may send two that belong together in either order.

    without: leaves out those whose action begins with it.
    """
    ordered = sorted((e for e in events if not without or not e.action.startswith(without)), key=lambda e: e.at)
    start = ordered[0].at if ordered else 0.0
    return Timeline(
        title=title,
        moments=tuple(
            Moment(
                after=e.at - start,
                kind=e.kind,
                action=f"{e.action}: {e.health}" if e.health else e.action,
                meaning=_meaning(e),
            )
            for e in ordered
        ),
    )


def _meaning(event: Event) -> str:
    """In plain words; with the signal, or the exit code, where the engine tells."""
    said = HEALTH.get(event.health) or MEANING.get((event.kind, event.action), "")
    if event.action == "kill" and event.labels.get("signal") in SIGNALS:
        return SIGNALS[event.labels["signal"]]
    if event.action == "die" and event.labels.get("exitCode"):
        return f"{said}: exit code {event.labels['exitCode']}"
    return said
