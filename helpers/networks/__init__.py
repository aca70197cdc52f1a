"""Networks: create, connect, disconnect, remove; map, reach, way: who is where, who reaches whom, and by which way."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from helpers.drawing.figure import Figure, Shows
from helpers.drawing.in_place_picture import Watch
from helpers.engine import container_names, scene
from helpers.engine.client import Client
from helpers.engine.client import connect as _connect
from helpers.engine.model import container as container_model
from helpers.engine.ownership import labels
from helpers.errors import WrongUse
from helpers.networks.engine import networks as _engine
from helpers.networks.engine import reachability as _reachability
from helpers.networks.engine import route as _route
from helpers.networks.model import networks as _model
from helpers.networks.model import reachability as reachability_model
from helpers.networks.model import route as route_model
from helpers.networks.model.explanation import Explanation as _Explanation
from helpers.networks.model.explanation import explain as _explain
from helpers.networks.views import map as _views
from helpers.networks.views import matrix as matrix_views
from helpers.networks.views import route as route_views

__all__ = ["connect", "create", "disconnect", "map", "reach", "remove", "way"]

WATCH_SECONDS = 120.0  # the longest a cell may watch


class Network(Shows, _model.Network):
    """One network; shows itself."""

    figure = _views.network


@dataclass(frozen=True, kw_only=True, repr=False)
class Map(Shows, _model.NetworkMap):
    """Networks as lanes, containers as columns. changes: what was seen to change while it was watched.

    order: the words of the docker command that led to it, and docker-py's call, where there was one.
    """

    changes: tuple[_model.Change, ...] = ()
    watched: bool = False
    order: tuple[tuple[str, ...], str] | None = None

    def figure(self) -> Figure:
        found = _views.network_map(self, self.changes, watched=self.watched)
        return found if self.order is None else replace(found, how=_views.ordered(*self.order))

    def reach(self, *, port: int | None = None) -> Reachability:
        """The matrix of the same containers."""
        return reach(*(m.name for m in self.members), port=port)


class Reachability(Shows, reachability_model.Reachability):
    """The measured matrix."""

    figure = matrix_views.matrix

    def explain(self, source: str, target: str, *, port: int | None = None) -> Explanation:
        """Why one cell says what it says, in two sentences.

        source: a container, or "this computer". port: if the target was tried on several.

        Raises: NotFound if that was not tried.
        """
        return Explanation.of(_explain(self, source, target, port=port))


class Explanation(Shows, _Explanation):
    """Why one source reaches a target, or not."""

    figure = matrix_views.explanation


class Way(Shows, route_model.Way):
    """The way of a request to a container."""

    figure = route_views.way


def create(name: str, *, internal: bool = False, subnet: str = "", icc: bool = True) -> Network:
    """Makes a network of this scene's. One of that name and kind that is there already is left as it is.

    internal: no way out of it, and none in from other networks. subnet: such as "10.1.2.0/24"; "" lets the engine pick.
    icc: False keeps the containers on it apart from each other.

    Raises: WrongUse for a name of another form, CourseError if containers are on the one to be replaced.
    Equivalent: docker network create [--internal] NAME
    """
    client = _connect()
    with client.tracing("networks.create"):
        return Network.of(
            _engine.create(client, name, scene=scene.current(), internal=internal, subnet=subnet, icc=icc)
        )


def connect(network: str | _model.Network, container: str | container_model.Container, *, alias: str = "") -> Map:
    """Connects a container to one more network, while it runs, and shows where it is now.

    It is known there by its own name; alias: one more. If it is connected already, nothing happens.

    Raises: NotFound.
    Equivalent: docker network connect [--alias ALIAS] NETWORK CONTAINER
    """
    client = _connect()
    with client.tracing("networks.connect"):
        net, found = _network(client, network), container_names.find(client, container)
        everything = _engine.look(client, scene=scene.current())
        member = everything.member(found.id)
        if net.id not in {tap.network for tap in member.taps}:
            words = dict.fromkeys(word for word in (found.name, alias) if word and word != found.full_name)
            _engine.connect(client, net, found.id, names=tuple(words))
        order = ("network", "connect", *(("--alias", alias) if alias else ()), net.full_name, found.full_name)
        more = f", aliases=[{alias!r}]" if alias else ""
        call = f"get({net.full_name!r}).connect({found.full_name!r}{more})"
        return replace(_map(client, (), focus=found.id), order=(order, call))


def disconnect(network: str | _model.Network, container: str | container_model.Container) -> Map:
    """Takes a container off a network, while it runs, and shows where it is now.

    Raises: NotFound, EngineRefused if it is not on it.
    Equivalent: docker network disconnect NETWORK CONTAINER
    """
    client = _connect()
    with client.tracing("networks.disconnect"):
        found = container_names.find(client, container)
        net = _network(client, network)
        _engine.disconnect(client, net, found.id)
        order = ("network", "disconnect", net.full_name, found.full_name)
        call = f"get({net.full_name!r}).disconnect({found.full_name!r})"
        return replace(_map(client, (), focus=found.id), order=(order, call))


def remove(network: str | _model.Network) -> Map:
    """Removes a network of this scene's that no container is on.

    Raises: NotFound, CourseError if containers are on it.
    Equivalent: docker network rm NETWORK
    """
    client = _connect()
    with client.tracing("networks.remove"):
        found = _network(client, network)
        if not found.mine:
            raise WrongUse(
                f"The network {found.name} is not one of this scene's.",
                "the helpers remove nothing else",
                f"If you made it in a terminal, remove it there: docker network rm {found.full_name}",
            )
        _engine.remove(client, found)
        order, call = ("network", "rm", found.full_name), f"get({found.full_name!r}).remove()"
        return replace(_map(client, ()), order=(order, call))


def map(*names: str, focus: str = "", everything: bool = False, seconds: float = 0) -> Map:
    """Shows networks as lanes and containers as columns: who is on which, and at which address. Two HTTP calls.

    names: of containers or networks; without any: this scene's, and whoever else is on them. focus: one container, and
    whoever it shares a network with. everything: the whole engine. seconds: watch for that long; what changes
    meanwhile, from wherever, is marked.

    Raises: NotFound.
    Equivalent: docker network ls; docker ps --all; docker network inspect NETWORK
    """
    client = _connect()
    with client.tracing("networks.map"):
        first = _map(client, names, focus=focus, everything=everything)
        return _watch(client, first, names, focus, everything, seconds) if seconds else first


def reach(*names: str, port: int | None = None) -> Reachability:
    """Tries every connection between containers, and from this computer, for real. Leaves nothing behind.

    A helper container joins each source's network namespace, so the sources need no tools of their own. names: as for
    networks.map. port: the one to try; without it, whatever listens or is declared.

    Raises: NotFound, WrongUse for too many containers.
    Equivalent: docker exec SOURCE nc -w 1 TARGET PORT   (once for each pair)
    """
    client = _connect()
    if port is not None and (not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536):
        raise WrongUse(f"{port!r} is not a port.", "a port is a whole number from 1 to 65535", "Such as port=8080.")
    with client.tracing("networks.reach"):
        here = scene.current()
        everything = _engine.look(client, scene=here)
        chosen = _model.select(everything, _words(everything, names))
        return Reachability.of(_reachability.measure(client, chosen, scene=here, port=port))


def way(container: str | container_model.Container, *, port: int | None = None) -> Way:
    """The way of a request to a container's published port: only the steps that this engine really has.

    port: inside; without it the first that is published, or that something listens on.

    Raises: NotFound, NotRunning.
    Equivalent: docker port CONTAINER; ps on the engine's host, for docker-proxy
    """
    client = _connect()
    with client.tracing("networks.way"):
        here = scene.current()
        found = container_names.find(client, container)
        everything = _engine.look(client, scene=here)
        return Way.of(_route.of(client, everything, everything.member(found.id), scene=here, port=port))


def _words(everything: _model.NetworkMap, names: Iterable[str]) -> tuple[str, ...]:
    """The words, with the names' prefix where only that is known: "web" for "hs-web"."""
    known = {word for one in everything.members for word in (one.name, one.full_name, one.id)}
    known |= {word for one in everything.networks for word in (one.name, one.full_name, one.id)}
    return tuple(full if word not in known and (full := f"{labels.PREFIX}{word}") in known else word for word in names)


def _map(client: Client, names: tuple[str, ...], *, focus: str = "", everything: bool = False) -> Map:
    found = _engine.look(client, scene=scene.current())
    return Map.of(_model.select(found, _words(found, names), focus=focus, all_of_them=everything))


def _watch(client: Client, first: Map, names: tuple[str, ...], focus: str, everything: bool, seconds: float) -> Map:
    if not 0 < seconds <= WATCH_SECONDS:
        raise WrongUse(
            f"{seconds!r} is not a time to watch.",
            f"it is at most {WATCH_SECONDS:g} seconds",
            "For example: seconds=30",
        )
    until, now = time.monotonic() + seconds, first
    with Watch() as shown:
        while (left := until - time.monotonic()) > 0:
            shown.show(now.figure(), f"watching, {left:.0f} s left")
            time.sleep(min(0.5, left))
            seen = _engine.look(client, scene=scene.current())
            part = _model.select(seen, _words(seen, names), focus=focus, all_of_them=everything)
            now = Map.of(part, changes=_model.changes(first, part), watched=True)
    return now


def _network(client: Client, which: str | _model.Network) -> _model.Network:
    return _engine.find(client, which.id if isinstance(which, _model.Network) else which, scene=scene.current())


def __dir__() -> list[str]:
    return list(__all__)
