"""Containers: run, start, ps, logs, exec, get, wait, stop, remove: the docker commands of these names, and two more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from helpers.engine import conditions, labels, networks, scene, waiting
from helpers.engine import containers as _engine
from helpers.engine.client import Client, connect
from helpers.errors import CourseError, WrongUse
from helpers.model import container as model
from helpers.model import wait as wait_model
from helpers.model.image import Named, reference_of
from helpers.model.settings import Settings
from helpers.views import containers as views
from helpers.views.figure import Figure, Shows

__all__ = ["exec", "get", "logs", "ps", "remove", "run", "start", "stop", "wait"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Container(Shows, model.Container):
    """One container at one moment; shows itself."""

    def figure(self) -> Figure:
        return views.container(self)


@dataclass(frozen=True, kw_only=True, repr=False)
class Finished(Shows, model.Finished):
    """A command that ran to its end; shows its output."""

    def figure(self) -> Figure:
        return views.finished(self)


@dataclass(frozen=True, kw_only=True, repr=False)
class Output(Shows, model.Output):
    """Logs, or what a second command wrote."""

    def figure(self) -> Figure:
        return views.output(self)


@dataclass(frozen=True, kw_only=True, repr=False)
class Answer(Shows, model.Answer):
    """What came back for one HTTP request."""

    def figure(self) -> Figure:
        return views.answer(self)


@dataclass(frozen=True, kw_only=True, repr=False)
class Listing(Shows, model.Listing):
    """The course's containers."""

    def figure(self) -> Figure:
        return views.listing(self)


@dataclass(frozen=True, kw_only=True, repr=False)
class Waited(Shows, wait_model.Waited):
    """A condition that was met, and what was seen until then."""

    def figure(self) -> Figure:
        return views.waited(self)


def run(image: str | Named, *command: str, seconds: float = 60) -> Finished:
    """Runs one command in a new container, waits for its end, and removes the container.

    image: its reference, or what a helper returned for it. seconds: how long the command may take.

    Raises: NoSuchImage; nothing is pulled. WaitedTooLong if the command does not end.
    Equivalent: docker run --rm IMAGE COMMAND
    """
    reference = _check(image, command)
    client = connect()
    with client.tracing("containers.run"):
        return Finished.of(_engine.run(client, reference, command, scene=scene.current(), seconds=seconds))


def start(
    image: str | Named, *command: str, name: str = "", publish: int | Iterable[int] = (), **options: Any
) -> Container:
    """Starts a container and leaves it running. One of that name in this scene is replaced.

    image: its reference, or what a helper returned for it. publish: ports inside that this computer may reach, each
    on 127.0.0.1 and a port that the engine picks. options: more of `docker run`, by its names, such as user="1000",
    memory="64m", network="none"; an option that it does not know is answered with the list of those it knows.
    network: one of this scene's by its name, where the container is then known by its own; or what the engine knows.

    Raises: NoSuchImage, NoSuchProgram, NotFound for a network, WrongUse for a name, port or option of another form;
    nothing is left then.
    Equivalent: docker run --detach --name NAME --publish 127.0.0.1::PORT IMAGE COMMAND
    """
    reference = _check(image, command)
    if not name:
        raise WrongUse(
            "A container that stays needs a name.", "none was given", 'For example: containers.start(IMAGE, name="web")'
        )
    ports = _ports(publish)
    settings = Settings.read(options)
    client = connect()
    with client.tracing("containers.start"):
        here = scene.current()
        labels.object_name(here, name)
        settings = _on_network(client, settings, name, scene_name=here)
        older = [old for old in _engine.ours(client, scene=here) if old.name == name]
        # The older one goes only when the new one runs: a slip of the pen must not cost a running server.
        made = _engine.create(
            client,
            reference,
            command,
            scene=here,
            name=None if older else name,
            publish=ports,
            settings=settings,
        )
        try:
            _engine.start(client, made)
            for old in older:
                _engine.remove(client, old.id)
            if older:
                _engine.rename(client, made, scene=here, name=name)
        except BaseException:
            _engine.remove(client, made)
            raise
        return Container.of(_engine.inspect(client, made))


def ps(*, everything: bool = True) -> Listing:
    """The course's containers; without `everything` only those that run.

    Equivalent: docker ps --all --filter label=containers-unpacked=1
    """
    client = connect()
    with client.tracing("containers.ps"):
        return Listing(containers=_engine.ours(client, everything=everything), everything=everything)


def logs(which: str | model.Container) -> Output:
    """What the container's first process wrote so far. Equivalent: docker logs CONTAINER.

    Raises: NotFound.
    """
    client = connect()
    with client.tracing("containers.logs"):
        found = _find(client, which)
        return Output(container=found, command=(), text=_engine.logs(client, found.id))


def exec(which: str | model.Container, *command: str) -> Output:
    """Runs a second command inside a running container. Equivalent: docker exec CONTAINER COMMAND.

    Raises: NotFound, NotRunning, WrongUse without a command.
    """
    if not command:
        raise WrongUse("There is no command to run.", "exec needs one", 'For example: containers.exec("web", "ps")')
    _check("-", command)
    client = connect()
    with client.tracing("containers.exec"):
        return Output.of(_engine.execute(client, _mine(client, which), command))


def get(which: str | model.Container, path: str = "/", *, seconds: float = 15) -> Answer:
    """Asks the container's published port for a page, from this computer, until something answers.

    Raises: CourseError if no port is published, WaitedTooLong with the end of the log if nothing answers.
    Equivalent: curl http://127.0.0.1:PORT/
    """
    client = connect()
    with client.tracing("containers.get"):
        found = _find(client, which)
        return Answer.of(waiting.until_answers(client, found.id, _url(found, path), seconds=seconds))


def wait(
    which: str | model.Container,
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
        found = _find(client, which)
        if answers:
            look, condition = conditions.answers(_url(found, answers)), f"an answer from {answers}"
        elif log:
            look, condition = conditions.log_line(client, found.id, log), f"a line with “{log}” in its log"
        elif healthy:
            look, condition = conditions.healthy(client, found.id), "its health check saying healthy"
        else:
            look, condition = conditions.ended(client, found.id), "its end"
        running = bool(answers or healthy)
        return Waited.of(conditions.wait(client, found, look, condition, seconds=seconds, running=running))


def stop(which: str | model.Container, *, grace: int = 10) -> Container:
    """Asks it to end, and ends it after `grace` seconds. Equivalent: docker stop CONTAINER.

    Raises: NotFound.
    """
    client = connect()
    with client.tracing("containers.stop"):
        found = _mine(client, which)
        _engine.stop(client, found.id, grace=grace)
        return Container.of(_engine.inspect(client, found.id))


def remove(which: str | model.Container) -> Listing:
    """Ends and removes one of the course's containers, and shows what is left.

    Raises: NotFound, or CourseError if it is not the course's.
    Equivalent: docker rm --force --volumes CONTAINER
    """
    client = connect()
    with client.tracing("containers.remove"):
        found = _mine(client, which)
        _engine.remove(client, found.id)
        return Listing(containers=_engine.ours(client), everything=True)


def _on_network(client: Client, settings: Settings, name: str, *, scene_name: str) -> Settings:
    """The settings with the network's name on the engine. Where names work, the learner's word is one of them."""
    if not settings.network:
        return settings
    network, names = networks.resolve(client, settings.network, scene=scene_name)
    aliases = tuple(dict.fromkeys((name, *settings.network_alias))) if names else settings.network_alias
    return replace(settings, network=network, network_alias=aliases)


def _mine(client: Client, which: str | model.Container) -> model.Container:
    found = _find(client, which)
    if found.id not in {c.id for c in _engine.ours(client)}:
        raise CourseError(
            f"{found.full_name} is not one of the course's containers.",
            "it does not carry the course's labels, and the helpers change nothing else",
            "If it is yours, use the docker command.",
        )
    return found


def _url(found: model.Container, path: str) -> str:
    """The address of `path` at the container's first published port.

    Raises: CourseError if it does not run, or publishes none.
    """
    if found.state is not model.State.RUNNING:
        raise CourseError(
            f"{found.name} does not run.",
            f"it is {views.state_in_words(found)}, and only a running container answers",
            "containers.logs shows what it wrote before it ended.",
        )
    if not found.published:
        raise CourseError(
            f"{found.name} publishes no port.",
            "this helper asks through a published port; other ways work on some engines only",
            "Start it again with publish=PORT.",
        )
    return f"http://127.0.0.1:{found.published[0].port}/{path.lstrip('/')}"


def _check(image: str | Named, command: Iterable[str]) -> str:
    """The image's reference, once image and command have the right form."""
    reference = reference_of(image)
    for word in command:
        if not isinstance(word, str):
            raise WrongUse(
                f"{word!r} is not a word of a command.",
                "each word is an argument of its own, in quotes",
                'For example: containers.run(BUSYBOX, "sleep", "5")',
            )
    return reference


def _ports(publish: int | Iterable[int]) -> list[int]:
    found = [publish] if isinstance(publish, int | str) else list(publish)
    for port in found:
        if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536:
            raise WrongUse(
                f"{port!r} is not a port.", "a port is a whole number from 1 to 65535", "For example: publish=8080"
            )
    return [port for port in found if isinstance(port, int)]


def _find(client: Client, which: str | model.Container) -> model.Container:
    if isinstance(which, model.Container):
        return _engine.again(client, which)
    if not isinstance(which, str):
        raise WrongUse(
            f"A {type(which).__name__} is not a container.",
            "a container is what containers.start returned, or its name",
            'For example: containers.logs("web")',
        )
    return _engine.find(client, which, scene=scene.current())


def __dir__() -> list[str]:
    return list(__all__)
