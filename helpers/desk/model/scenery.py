"""What is on the engine at one moment, as the desk draws it: the learner's things; the rest as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from helpers.engine.model.container import State
from helpers.networks.model.networks import Member, Network, NetworkMap

MARKED_SECONDS = 4.0
NEW, CHANGED, GONE = "+", "~", "−"


class Link(Enum):
    """How it stands with the engine."""

    LOOKING = "looking"
    ANSWERS = "answers"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A volume. users: ids of the containers that mount it. gone: it was removed a moment ago."""

    name: str
    users: tuple[str, ...] = ()
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image with its names on the engine. gone: it was removed, or lost its last name, a moment ago."""

    id: str
    names: tuple[str, ...]
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class Scenery:
    """The learner's containers, networks, volumes and images; everybody else's as counts by kind.

    why: why the engine is silent. where: its address. shared: others use it, so what is merely new there is not drawn.
    gone: ids of networks that left the picture a moment ago. undrawn: ids of those that exist and are not in it.
    """

    link: Link = Link.LOOKING
    why: str = ""
    where: str = ""
    shared: bool = False
    map: NetworkMap = field(default_factory=lambda: NetworkMap(networks=(), members=()))
    volumes: tuple[Volume, ...] = ()
    images: tuple[Image, ...] = ()
    rest: Mapping[str, int] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    undrawn: frozenset[str] = frozenset()

    @property
    def running(self) -> int:
        """How many of the containers run."""
        return sum(1 for m in self.map.members if m.state is State.RUNNING)

    @property
    def counts(self) -> dict[str, int]:
        """How much there is of each kind; what went a moment ago is not counted, nor are the engine's own networks."""
        return {
            "container": sum(1 for m in self.map.members if m.state is not State.REMOVED),
            "network": sum(1 for n in self.map.networks if n.names and n.id not in self.gone),
            "volume": sum(1 for v in self.volumes if not v.gone),
            "image": sum(1 for i in self.images if not i.gone),
        }

    def own(self, container_id: str) -> Member | None:
        """The learner's container of that id, whole."""
        return next((m for m in self.map.members if m.id == container_id and m.state is not State.REMOVED), None)


@dataclass(frozen=True)
class _Thing:
    """One thing that may be marked. face: what a change of it is seen by."""

    face: object
    value: Member | Network | Volume | Image


def _things(found: Scenery) -> dict[str, _Thing]:
    """By id. Of a container its state, name, taps and ports count; whoever is on a network is no change of that."""
    things: dict[str, _Thing] = {}
    for m in found.map.members:
        things[m.id] = _Thing((m.state, m.full_name, m.taps, m.published), m)
    for n in found.map.networks:
        things[n.id] = _Thing(n.full_name, n)
    for v in found.volumes:
        things[f"volume {v.name}"] = _Thing(v.users, v)
    for i in found.images:
        things[f"image {i.id}"] = _Thing(i.names, i)
    return things


class Marks:
    """What has changed of late. Times are in seconds of a clock that only goes forward."""

    def __init__(self) -> None:
        self._last: Scenery | None = None
        self._kinds: dict[str, tuple[str, float]] = {}
        self._gone: dict[str, tuple[Member | Network | Volume | Image, float]] = {}

    def see(self, found: Scenery, now: float) -> None:
        """Compares with what was seen before. Nothing is marked at first, nor after the engine was silent."""
        if found.link is not Link.ANSWERS:
            self._last = None
            self._kinds.clear()
            self._gone.clear()
            return
        before, self._last = self._last, found
        if before is None or before.where != found.where:
            return
        old, new = _things(before), _things(found)
        until = now + MARKED_SECONDS
        for key, thing in new.items():
            if key in before.undrawn:
                self._gone.pop(key, None)  # it is drawn because something of the learner's is on it now
            elif key not in old:
                self._kinds[key] = (NEW, until)
                self._gone.pop(key, None)
            elif old[key].face != thing.face:
                kind = NEW if self._kinds.get(key, ("", 0.0))[0] == NEW and now < self._kinds[key][1] else CHANGED
                self._kinds[key] = (kind, until)
        for key, thing in old.items():
            if key not in new:
                if key not in found.undrawn:
                    self._kinds[key] = (GONE, until)
                self._gone[key] = (thing.value, until)

    def now(self, now: float) -> dict[str, str]:
        """The marks that still stand, by id: NEW, CHANGED or GONE."""
        self._kinds = {key: mark for key, mark in self._kinds.items() if now < mark[1]}
        self._gone = {key: thing for key, thing in self._gone.items() if now < thing[1]}
        return {key: kind for key, (kind, _) in self._kinds.items()}

    def next_change(self, now: float) -> float | None:
        """Seconds until the first of them goes; None if there are none."""
        ends = [until for _, until in (*self._kinds.values(), *self._gone.values())]
        return max(0.0, min(ends) - now) if ends else None

    def with_gone(self, found: Scenery, now: float) -> Scenery:
        """The same with what went a moment ago still in its place."""
        self.now(now)
        ghosts = [thing for thing, _ in self._gone.values()]
        if not ghosts:
            return found
        there = {n.id for n in found.map.networks}
        networks = (*found.map.networks, *(n for n in ghosts if isinstance(n, Network)))
        there |= {n.id for n in networks}
        members = [
            replace(m, state=State.REMOVED, published=(), taps=tuple(t for t in m.taps if t.network in there))
            for m in ghosts
            if isinstance(m, Member)
        ]
        return replace(
            found,
            map=replace(found.map, networks=networks, members=(*found.map.members, *members)),
            volumes=(*found.volumes, *(replace(v, gone=True) for v in ghosts if isinstance(v, Volume))),
            images=(*found.images, *(replace(i, gone=True) for i in ghosts if isinstance(i, Image))),
            gone=frozenset(n.id for n in ghosts if isinstance(n, Network)),
        )
