"""What `helpers.containers` says of a container's files, its end, its image's other containers, and its times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helpers.containers import arguments
from helpers.containers.engine import changed_files as _engine
from helpers.containers.engine import timing
from helpers.containers.model import changed_files as model
from helpers.containers.model import timing as timing_model
from helpers.containers.views import changed_files as views
from helpers.containers.views import timing as timing_views
from helpers.drawing.figure import Figure, Shows
from helpers.drawing.in_place import Live
from helpers.engine import container_names, scene
from helpers.engine import containers as _containers
from helpers.engine.client import connect
from helpers.engine.model.container import Container
from helpers.engine.model.exit_code import Ending
from helpers.engine.model.image import Named
from helpers.errors import WrongUse

__all__ = ["copy", "diff", "many", "of", "time_it", "why"]


class Changes(Shows, model.Changes):
    """What one container has changed."""

    figure = views.changes


class Copied(Shows, model.Copied):
    """One file out of, or into, a container."""

    figure = views.copied


class Family(Shows, model.Family):
    """One image and its containers."""

    figure = views.family


class Costs(Shows, model.Costs):
    """What a number of containers takes."""

    figure = views.costs


@dataclass(frozen=True, kw_only=True, repr=False)
class Endings(Shows):
    """How containers ended."""

    endings: tuple[Ending, ...]

    def figure(self) -> Figure:
        return views.endings(self.endings)


class Timing(Shows, timing_model.Timing):
    """Times of starting and stopping."""

    figure = timing_views.timing


def diff(which: str | Container) -> Changes:
    """What a container has added, changed and removed against its image, running or not.

    Raises: NotFound.
    Equivalent: docker diff CONTAINER
    """
    client = connect()
    with client.tracing("containers.diff"):
        found = container_names.find(client, which)
        return Changes(container=found, changes=_engine.diff(client, found.id))


def copy(which: str | Container, path: str, *, put: str | None = None) -> Copied:
    """Shows one file of a container, running or not; with `put`, writes that text into it first.

    Raises: NotFound if there is no such path; CourseError for writing into what is not the course's.
    Equivalent: docker cp CONTAINER:PATH FILE; with put: docker cp FILE CONTAINER:PATH
    """
    if not isinstance(path, str) or not path.startswith("/") or path.endswith("/"):
        raise WrongUse(f"{path!r} is not a file's path.", "it begins with a slash", 'For example: "/etc/hostname"')
    if put is not None and not isinstance(put, str):
        raise WrongUse("Only text is put into a file here.", f"it was given {type(put).__name__}", 'put="a line\\n"')
    client = connect()
    with client.tracing("containers.copy"):
        if put is None:
            return Copied.of(_engine.read(client, container_names.find(client, which), path))
        return Copied.of(_engine.write(client, container_names.mine(client, which), path, put))


def of(image: str | Named) -> Family:
    """One image and the course's containers made from it: what they share, and what each has of its own.

    Raises: NoSuchImage.
    Equivalent: docker ps --all --size --filter ancestor=IMAGE
    """
    reference = arguments.checked(image, ())
    client = connect()
    with client.tracing("containers.of"):
        return Family.of(_engine.family(client, reference))


def many(image: str | Named, numbers: Iterable[int] = (1, 10, 50), *, written: int = 1000) -> Costs:
    """Makes that many containers of an image, lets each write a file, weighs them all, and removes them.

    None of them is started. numbers: how many, at most 100. written: bytes of each one's file.

    Raises: NoSuchImage, WrongUse.
    Equivalent: docker create IMAGE, again and again; docker ps --all --size
    """
    wanted = sorted(set(numbers)) if isinstance(numbers, Iterable) else [numbers]
    if not wanted or not all(isinstance(n, int) and 0 < n <= 100 for n in wanted):
        raise WrongUse(
            f"{numbers!r} is not how many.", "each is a whole number from 1 to 100", "For example: (1, 10, 50)"
        )
    reference = arguments.checked(image, ())
    client = connect()
    with client.tracing("containers.many"), Live() as live:
        live.step(f"making {wanted[-1]} containers, and removing them", 0, None)
        return Costs.of(_engine.costs(client, reference, wanted, written=written, scene=scene.current()))


def why(*which: str | Container) -> Endings:
    """How containers ended: the exit code, what it means, and what else the engine knows.

    Raises: NotFound; WrongUse without a container.
    Equivalent: docker inspect --format '{{json .State}}' CONTAINER
    """
    if not which:
        raise WrongUse("why needs a container.", "none was given", 'For example: containers.why("web")')
    client = connect()
    with client.tracing("containers.why"):
        return Endings(endings=tuple(_containers.ending(client, container_names.find(client, one).id) for one in which))


def time_it(image: str | Named, *, rounds: int = 10, grace: int = 1) -> Timing:
    """Starts and stops containers and a plain process, `rounds` times each, and shows every time. About 8 s.

    image: one with a shell. grace: seconds between SIGTERM and SIGKILL.

    Raises: NoSuchImage, WrongUse.
    Equivalent: time docker start CONTAINER; time docker stop --time GRACE CONTAINER
    """
    if not all(isinstance(n, int) and 0 < n <= 20 for n in (rounds, grace)):
        raise WrongUse(
            "That would take too long.", "rounds and grace are whole numbers from 1 to 20", "rounds=10, grace=1"
        )
    reference = arguments.checked(image, ())
    client = connect()
    with client.tracing("containers.time_it"), Live() as live:
        return Timing.of(
            timing.measure(
                client,
                reference,
                rounds=rounds,
                grace=grace,
                scene=scene.current(),
                say=lambda words: live.step(words, 0, None),
            )
        )


def __dir__() -> list[str]:
    return list(__all__)
