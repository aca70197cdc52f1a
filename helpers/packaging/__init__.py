"""Packaging: stand_in, compare, answers, foreign: what a program needs, who has it, and what an image carries along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from helpers.drawing.figure import Shows
from helpers.engine import container_names, image_names, scene
from helpers.engine.client import Client, connect
from helpers.engine.model import container as container_model
from helpers.engine.model.image import Named
from helpers.errors import WrongUse
from helpers.packaging.engine import foreign_cpu as _foreign_cpu
from helpers.packaging.engine import http_answers as _http_answers
from helpers.packaging.engine import requirements as _requirements
from helpers.packaging.engine import stand_ins
from helpers.packaging.model import elf as elf_model
from helpers.packaging.model import http_answers as http_answers_model
from helpers.packaging.model import requirements as requirements_model
from helpers.packaging.model import stand_ins as stand_ins_model
from helpers.packaging.views import foreign_cpu as foreign_cpu_views
from helpers.packaging.views import http_answers as http_answers_views
from helpers.packaging.views import requirements as requirements_views

__all__ = ["answers", "compare", "foreign", "stand_in"]

PAGE = ("python3", "/shop/shop.py", "--page")


class StandIn(Shows, stand_ins_model.StandIn):
    """An image that stands for somebody's machine; containers can be made from it."""

    figure = requirements_views.stand_in


class Comparison(Shows, requirements_model.Comparison):
    """Needs against machines; shows who has what."""

    figure = requirements_views.comparison


class Answers(Shows, http_answers_model.Answers):
    """What several containers answered; shows whether it is the same."""

    figure = http_answers_views.answers


class Foreign(Shows, elf_model.Foreign):
    """A program for another kind of CPU, and what this engine did with it."""

    figure = foreign_cpu_views.foreign


def stand_in(name: str, *packages: str, files: Iterable[str | Path] = ()) -> StandIn:
    """Makes an image that stands for somebody's machine: Python, these packages, these files in /shop.

    name: whose it is, such as "ben". packages: words such as "bottle==0.13.4", of those the base image carries.
    files: of this notebook's folder; a folder stands for all in it that its .dockerignore does not name.

    Raises: WrongUse for a package of another form or one that is not there, and for a missing file; NoSuchImage
        without the base image.
    Equivalent: docker build --tag NAME FOLDER
    """
    given = [files] if isinstance(files, str | Path) else list(files)
    client = connect()
    with client.tracing("packaging.stand_in"):
        return StandIn.of(stand_ins.make(client, name, packages, given, scene=scene.current()))


def compare(
    needs: Iterable[str],
    machines: Mapping[str, str | Named] | Sequence[str | Named],
    command: Iterable[str] = PAGE,
    *,
    seconds: float = 30,
) -> Comparison:
    """Looks on every machine for what is needed, runs the command there, and shows both side by side.

    needs: programs, Python packages with or without a condition, files: "python3", "humanize>=4", "/shop/goods.csv".
    machines: images, by the name that stands over their column, or just images. seconds: how long each command may
    run; one that still runs then is ended, and counts as not working.

    Raises: WrongUse for a need of another form; NoSuchImage. Nothing is left on the engine either way.
    Equivalent: docker run --rm IMAGE COMMAND   (once for each machine)
    """
    words = [needs] if isinstance(needs, str) else list(needs)
    wanted = tuple(requirements_model.read(word) for word in words)
    if not wanted:
        raise WrongUse("There is nothing to look for.", "no need was named", 'For example: needs=["python3"]')
    run = tuple(command.split() if isinstance(command, str) else command)
    if not run or not all(isinstance(word, str) and word for word in run):
        raise WrongUse(
            "compare needs a command to run on each machine.",
            "a command is a list of words, each in quotes",
            'For example: command=("python3", "--version")',
        )
    images = _machines(machines)
    client = connect()
    with client.tracing("packaging.compare"):
        here = scene.current()
        looked = tuple(
            _requirements.look(client, image, wanted, run, name=name, scene=here, seconds=seconds)
            for name, image in images.items()
        )
    return Comparison(needs=wanted, machines=looked, command=run)


def answers(
    containers: Mapping[str, str | container_model.Container] | Sequence[str | container_model.Container],
    paths: Iterable[str] = ("/", "/goods"),
    *,
    seconds: float = 15,
) -> Answers:
    """Asks every container's published port for every path, and compares what comes back, byte for byte.

    containers: what containers.start returned, or names; by the name that stands over their column, or just
    themselves. seconds: how long each may take until it answers. At most 1 MB of an answer is read.

    Raises: NotFound; CourseError if one does not run or publishes no port; WaitedTooLong with the end of its log.
    Equivalent: curl --silent http://127.0.0.1:PORT/ | sha256sum   (once for each)
    """
    asked = [paths] if isinstance(paths, str) else list(paths)
    if not asked or not all(isinstance(path, str) and path.startswith("/") and _typable(path) for path in asked):
        raise WrongUse(
            "There is no path to ask for.",
            "a path begins with a slash; several containers go into one list",
            'For example: packaging.answers(["ana", "ben"], paths=("/", "/goods"))',
        )
    asked = list(dict.fromkeys(asked))
    client = connect()
    with client.tracing("packaging.answers"):
        found = _asked(client, containers)
        return Answers.of(_http_answers.ask(client, found, asked, seconds=seconds))


def foreign() -> Foreign:
    """Tries a program for another kind of CPU on this engine, beside one for its own kind, the control.

    Two images with one tiny program each are made from scratch, run and removed again.

    Raises: CourseError on a kind of CPU that is neither x86_64 nor aarch64.
    Equivalent: docker info --format {{.Architecture}}
    """
    client = connect()
    with client.tracing("packaging.foreign"):
        return Foreign.of(_foreign_cpu.attempt(client, scene=scene.current()))


def _machines(machines: Mapping[str, str | Named] | Sequence[str | Named]) -> dict[str, str]:
    """References by name.

    Raises: WrongUse without any, for what is no image, or for two of one name.
    """
    if isinstance(machines, Mapping):
        pairs = [(str(name), _reference(image)) for name, image in machines.items()]
    else:
        given = [machines] if isinstance(machines, str | Named) else list(machines)
        pairs = [(_name(image), _reference(image)) for image in given]
    if len(dict(pairs)) != len(pairs) or not pairs:
        raise WrongUse(
            "compare needs machines, each with a name of its own.",
            "there are none" if not pairs else "two have the same name",
            'For example: machines={"ana": ana, "ben": ben}',
        )
    return dict(pairs)


def _reference(image: str | Named) -> str:
    reference = image.reference if isinstance(image, Named) else image
    if not isinstance(reference, str) or not reference:
        raise WrongUse(
            f"{image!r} is not an image.",
            "a machine is an image here",
            'For example: {"ana": "localhost/course/busybox:1"}',
        )
    return reference


def _name(image: str | Named) -> str:
    """The learner's word for an image: a stand-in's name, "shop" for "hs-shop:1", "busybox" for a base's."""
    name = getattr(image, "name", "")
    word = str(name) if name else image_names.word(_reference(image)).rpartition("/")[2]
    return word.partition(":")[0]


def _asked(
    client: Client,
    given: Mapping[str, str | container_model.Container] | Sequence[str | container_model.Container],
) -> dict[str, container_model.Container]:
    if isinstance(given, Mapping):
        found = {str(name): container_names.find(client, which) for name, which in given.items()}
    else:
        several = [given] if isinstance(given, str | container_model.Container) else list(given)
        seen = [container_names.find(client, which) for which in several]
        found = {container.name: container for container in seen}
    if not found:
        raise WrongUse("There is no container to ask.", "none was named", 'For example: packaging.answers(["web"])')
    return found


def _typable(path: str) -> bool:
    """True if it can stand in a request as it is."""
    return path.isascii() and path.isprintable() and " " not in path


def __dir__() -> list[str]:
    return list(__all__)
