"""Containers: run, create, start, stop, pause and so on: the docker commands of these names, and a few more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from helpers.containers.arguments import checked, named, ports
from helpers.containers.engine import wait_conditions
from helpers.containers.inspection import copy, diff, many, of, time_it, why
from helpers.containers.life_buttons import buttons
from helpers.containers.lifecycle import (
    Container,
    Made,
    Ordered,
    asked,
    create,
    kill,
    life,
    made_in_place,
    pause,
    restart,
    start_again,
    unpause,
)
from helpers.containers.model import wait as wait_model
from helpers.containers.views import containers as _views
from helpers.drawing.figure import Figure, Shows
from helpers.engine import container_names, scene, waiting
from helpers.engine import containers as _engine
from helpers.engine.client import connect
from helpers.engine.model import container as _model
from helpers.engine.model.image import Named
from helpers.engine.model.settings import Settings
from helpers.errors import CourseError, NotFound, WrongUse

__all__ = [
    "buttons",
    "copy",
    "create",
    "diff",
    "exec",
    "get",
    "kill",
    "life",
    "logs",
    "many",
    "of",
    "pause",
    "ps",
    "remove",
    "restart",
    "run",
    "start",
    "stop",
    "time_it",
    "unpause",
    "wait",
    "why",
]


class Finished(Shows, _model.Finished):
    """A command that ran to its end; shows its output."""

    figure = _views.finished


class Output(Shows, _model.Output):
    """Logs, or what a second command wrote."""

    figure = _views.output


class Answer(Shows, _model.Answer):
    """What came back for one HTTP request."""

    figure = _views.answer


class Listing(Shows, _model.Listing):
    """The course's containers."""

    figure = _views.listing


@dataclass(frozen=True, kw_only=True, repr=False)
class Left(Listing):
    """What is left, once one is removed. removed: its name on the engine."""

    removed: str

    def figure(self) -> Figure:
        return _views.left(self, self.removed)


class Waited(Shows, wait_model.Waited):
    """A condition that was met, and what was seen until then."""

    figure = _views.waited


def run(image: str | Named, *command: str, seconds: float = 60, **options: Any) -> Finished:
    """Runs one command in a new container, waits for its end, and removes the container.

    image: its reference, or what a helper returned for it. seconds: how long the command may take.

    Raises: NoSuchImage; nothing is pulled. WaitedTooLong if the command does not end; WrongUse for other options.
    Equivalent: docker run --rm IMAGE COMMAND
    """
    if options:
        raise WrongUse(
            f"containers.run knows no {' and no '.join(options)}.",
            "it removes its container at the end",
            "For one that stays, with a name and options: containers.start",
        )
    reference = checked(image, command)
    client = connect()
    with client.tracing("containers.run"):
        return Finished.of(_engine.run(client, reference, command, scene=scene.current(), seconds=seconds))


def start(
    image: str | Named | _model.Container,
    *command: str,
    name: str = "",
    publish: int | Iterable[int] = (),
    **options: Any,
) -> Container:
    """Starts a container: a new one from an image, or, given a container, that one again.

    image: its reference, or what a helper returned for it; or a container that is there, or its name, and nothing
    else. A new one is left running; one of that name in this scene is replaced. publish: ports inside that this
    computer may reach, each on 127.0.0.1 and a port that the engine picks. options: more of `docker run`, by its
    names, such as user="1000", memory="64m", network="none"; an option that it does not know is answered with the
    list of those it knows. network: one of this scene's by its name, where the container is then known by its own.

    Raises: NoSuchImage, NoSuchProgram, NotFound for a network, WrongUse for a name, port or option of another form;
    nothing is left then.
    Equivalent: docker run --detach --name NAME --publish 127.0.0.1::PORT IMAGE COMMAND; docker start CONTAINER
    """
    client = connect()
    with client.tracing("containers.start"):
        if isinstance(image, _model.Container) or (isinstance(image, str) and not (name or command or options)):
            try:
                return start_again(client, image)
            except NotFound:
                if isinstance(image, _model.Container) or not set(":/") & set(image):
                    raise
        reference = checked(image, command)
        named(name, "containers.start")
        wanted, settings = ports(publish), Settings.read(options)
        made = made_in_place(client, reference, command, name=name, publish=wanted, settings=settings, start=True)
        return Made.of(_engine.inspect(client, made), asked=asked(reference, command, wanted, settings, run=True))


def ps(*, everything: bool = True) -> Listing:
    """The course's containers; without `everything` only those that run.

    Equivalent: docker ps --all --filter label=containers-unpacked=1
    """
    client = connect()
    with client.tracing("containers.ps"):
        return Listing(containers=_engine.ours(client, everything=everything), everything=everything)


def logs(which: str | _model.Container) -> Output:
    """What the container's first process wrote so far: of a long log the last 256 kB.

    Raises: NotFound.
    Equivalent: docker logs CONTAINER
    """
    client = connect()
    with client.tracing("containers.logs"):
        found = container_names.find(client, which)
        said = _engine.log(client, found.id)
        return Output(container=found, command=(), text=said.text, cut=said.cut)


def exec(which: str | _model.Container, *command: str, seconds: float = 60) -> Output:
    """Runs a second command inside a running container.

    seconds: how long it may take; then it is ended, as it is after 16 MB of output. The first 256 kB are shown.

    Raises: NotFound, NotRunning, WrongUse without a command.
    Equivalent: docker exec CONTAINER COMMAND
    """
    if not command:
        raise WrongUse("There is no command to run.", "exec needs one", 'For example: containers.exec("web", "ps")')
    checked("-", command)
    client = connect()
    with client.tracing("containers.exec"):
        return Output.of(_engine.execute(client, container_names.mine(client, which), command, seconds=seconds))


def get(which: str | _model.Container, path: str = "/", *, seconds: float = 15) -> Answer:
    """Asks the container's published port for a page, from this computer, until something answers.

    Where the engine is elsewhere and its ports are not forwarded, the engine's host is asked, and the answer says so.

    Raises: CourseError if no port is published, WaitedTooLong with the end of the log if nothing answers.
    Equivalent: curl http://127.0.0.1:PORT/
    """
    client = connect()
    with client.tracing("containers.get"):
        found = container_names.find(client, which)
        return Answer.of(waiting.until_answers(client, found.id, _url(found, path), seconds=seconds))


def wait(
    which: str | _model.Container,
    *,
    answers: str = "",
    log: str = "",
    healthy: bool = False,
    ended: bool = False,
    seconds: float = 15,
) -> Waited:
    """Waits until one thing has happened, and shows what was seen until then. Name one of the four.

    answers: a path such as "/" that the published port answers. log: text in a line of the log. healthy: its health
    check says so. ended: its first process has ended. seconds: the deadline.

    Raises: WaitedTooLong with the last state and the end of the log; WrongUse unless one condition is named.
    Equivalent: docker wait CONTAINER, for its end; for the others there is no command: one asks again and again
    """
    if sum(map(bool, (answers, log, healthy, ended))) != 1:
        raise WrongUse(
            "wait needs one thing to wait for.",
            "it was given none, or more than one",
            'For example: containers.wait("web", answers="/")',
        )
    client = connect()
    with client.tracing("containers.wait"):
        found = container_names.find(client, which)
        door = waiting.Door(client, _url(found, answers)) if answers else None
        if door is not None:
            look, condition = wait_conditions.answers(door), f"an answer from {answers}"
        elif log:
            look, condition = wait_conditions.log_line(client, found.id, log), f"a line with “{log}” in its log"
        elif healthy:
            look, condition = wait_conditions.healthy(client, found.id), "its health check saying healthy"
        else:
            look, condition = wait_conditions.ended(client, found.id), "its end"
        running = bool(answers or healthy)
        return Waited.of(
            wait_conditions.wait(client, found, look, condition, seconds=seconds, running=running, door=door)
        )


def stop(which: str | _model.Container, *, grace: int = 10) -> Container:
    """Asks it to end, and ends it after `grace` seconds. Equivalent: docker stop CONTAINER.

    Raises: NotFound.
    """
    client = connect()
    with client.tracing("containers.stop"):
        found = container_names.mine(client, which)
        _engine.stop(client, found.id, grace=grace)
        order, call = ("stop", "-t", str(grace)), f"stop(timeout={grace})"
        return Ordered.of(_engine.inspect(client, found.id), order=order, call=call)


def remove(which: str | _model.Container) -> Listing:
    """Ends and removes one of the course's containers, and shows what is left.

    Raises: NotFound, or CourseError if it is not the course's.
    Equivalent: docker rm --force --volumes CONTAINER
    """
    client = connect()
    with client.tracing("containers.remove"):
        found = container_names.mine(client, which)
        _engine.remove(client, found.id)
        return Left(containers=_engine.ours(client), everything=True, removed=found.full_name)


def _url(found: _model.Container, path: str) -> str:
    """The address of `path` at the container's first published port.

    Raises: CourseError if it does not run, or publishes none.
    """
    if found.state is not _model.State.RUNNING:
        raise CourseError(
            f"{found.name} is not running.",
            f"it {_views.said(found)}, and only a running container answers",
            "containers.logs shows what it wrote before it ended.",
        )
    if not found.published:
        raise CourseError(
            f"{found.name} publishes no port.",
            "this helper asks through a published port; other ways work on some engines only",
            "Start it again with publish=PORT.",
        )
    return f"http://127.0.0.1:{found.published[0].port}/{path.lstrip('/')}"


def __dir__() -> list[str]:
    return list(__all__)
