"""The Docker daemon: is it ready, who does the work, what did it do, what was it told, where is it, what is on it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpers.daemon.engine import doctor as _doctor
from helpers.daemon.engine import events, processes
from helpers.daemon.model import doctor as doctor_model
from helpers.daemon.model import processes as processes_model
from helpers.daemon.views import daemon as _views
from helpers.daemon.views import doctor as doctor_views
from helpers.daemon.views import inventory as inventory_views
from helpers.daemon.views import location as location_views
from helpers.drawing.figure import Figure, How, Shows
from helpers.engine import base_images, container_names, location, scene
from helpers.engine.client import connect, open_client
from helpers.engine.discovery import Address
from helpers.engine.model import calls, container
from helpers.engine.model import events as event_model
from helpers.engine.model import inventory as inventory_model
from helpers.engine.model import location as location_model
from helpers.errors import EngineNotReachable, WrongUse

__all__ = ["ask", "doctor", "inventory", "processes_of", "timeline", "trace", "where"]


class Report(Shows, doctor_model.Report):
    """The doctor's findings."""

    figure = doctor_views.doctor


class Chain(Shows, processes_model.Chain):
    """Who does the work for one container."""

    figure = _views.chain


@dataclass(frozen=True, kw_only=True, repr=False)
class Timeline(Shows, event_model.Timeline):
    """The events of one action, and what the action returned."""

    result: Any = None

    figure = _views.timeline


class Trace(Shows, calls.Trace):
    """The HTTP calls behind the last helper call."""

    figure = _views.trace


class Place(Shows, location_model.Place):
    """Where the engine lives."""

    figure = location_views.where


class Inventory(Shows, inventory_model.Inventory):
    """What is on the engine."""

    figure = inventory_views.inventory


@dataclass(frozen=True, kw_only=True, repr=False)
class Reply(Shows):
    """What an address said when it was asked for an engine."""

    address: str
    answered: bool
    said: str

    def figure(self) -> Figure:
        if self.answered:
            said = f"An engine answered at {self.address}: version {self.said}."
        else:
            said = f"No engine at {self.address}. The reason: {self.said}."
        if "://" not in self.address:
            return Figure(sentence=said)
        more = ", use_ssh_client=True" if self.address.startswith("ssh://") else ""
        call = f"print(docker.DockerClient(base_url={self.address!r}{more}).version()['Version'])"
        line = f"docker --host {shlex.quote(self.address)} version"
        return Figure(sentence=said, how=How(docker=(line,), python=("import docker", call)))


def doctor() -> Report:
    """Examines the engine: connects, runs, publishes, resolves, mounts. About 2 s; leaves nothing behind.

    Equivalent: python3 start.py doctor
    """
    return Report.of(_doctor.examine())


def ask(address: str) -> Reply:
    """Asks one address whether an engine is there; the reason if not. Changes nothing.

    address: as in DOCKER_HOST, such as unix:///var/run/docker.sock.
    Equivalent: docker --host ADDRESS version
    """
    if not isinstance(address, str) or "://" not in address.split(" ")[0]:
        said = "that is not an address; one begins with unix://, tcp://, ssh:// or npipe://"
        return Reply(address=str(address)[:60] or "(nothing)", answered=False, said=said)
    try:
        client = open_client(Address(url=address, origin="asked"))
    except EngineNotReachable as error:
        return Reply(address=address, answered=False, said=error.tried[0].reason)
    try:
        return Reply(address=address, answered=True, said=str(client.version().get("Version")))
    finally:
        client.close()


def processes_of(which: str | container.Container) -> Chain:
    """Who does the work for a container: dockerd, containerd, shim and process, with their numbers.

    A helper container shares the process namespace of the engine's host for a moment. On Docker Desktop that is a
    virtual machine; this computer's own process list does not show it.
    Equivalent: docker top CONTAINER -o pid,ppid,comm
    """
    client = connect()
    with client.tracing("daemon.processes_of"):
        here = scene.current()
        found = container_names.find(client, which)
        return Chain.of(processes.chain_of(client, found, image=base_images.reference("busybox"), scene=here))


def timeline(do: Callable[[], Any], *, title: str = "What happens, and when?", without: str = "") -> Timeline:
    """Calls `do()` and shows the engine's events of that time; the subscription is open before it starts.

    do: without arguments, such as `lambda: containers.run(...)`; what it returns is kept as `.result`.
    without: leaves out events whose name begins so; "exec": a health check makes three of these each time.
    Equivalent: docker events
    """
    if not callable(do):
        raise WrongUse(
            "timeline needs something to call.",
            f"it was given {type(do).__name__}, which was there before the listening began",
            'Put lambda: in front: daemon.timeline(lambda: containers.run(IMAGE, "true"))',
        )
    client = connect()
    kept: list[Any] = []
    with client.tracing("daemon.timeline"):
        heard = events.during(client, lambda: kept.append(do()))
    return Timeline.of(event_model.timeline(title, heard, without=without), result=kept[0] if kept else None)


def trace() -> Trace:
    """The HTTP calls behind the last helper call."""
    return Trace.of(connect().last_trace)


def where() -> Place:
    """Where the engine lives: on this computer, in a virtual machine, on another computer.

    Equivalent: docker info
    """
    client = connect()
    with client.tracing("daemon.where"):
        return Place.of(location.where(client))


def inventory() -> Inventory:
    """What is on the engine: the course's objects by name, everybody else's as counts.

    Equivalent: docker ps --all --filter label=containers-unpacked=1
    """
    client = connect()
    with client.tracing("daemon.inventory"):
        return Inventory.of(scene.inventory(client))


def __dir__() -> list[str]:
    return list(__all__)
