"""Dockerfiles: what each instruction does, what an image starts, and what a linter says about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from helpers import store
from helpers.dockerfile.engine import check as _check
from helpers.dockerfile.engine import lint as _lint
from helpers.dockerfile.engine import recipe as _recipe
from helpers.dockerfile.engine import starts as _starts
from helpers.dockerfile.engine import steps as _steps
from helpers.dockerfile.model import lint as lint_model
from helpers.dockerfile.model import starts as starts_model
from helpers.dockerfile.model import steps as steps_model
from helpers.dockerfile.views import lint as lint_views
from helpers.dockerfile.views import starts as starts_views
from helpers.dockerfile.views import steps as steps_views
from helpers.drawing.figure import Shows
from helpers.drawing.in_place import Live
from helpers.engine import scene
from helpers.engine.client import connect
from helpers.engine.model.image import Named, reference_of
from helpers.errors import WrongUse
from helpers.lab import catalogue, exercises

__all__ = ["check", "folder", "lint", "starts", "steps"]

MOST = 12  # images in one table
LONGEST = 10.0  # seconds to wait for an end


class Steps(Shows, steps_model.Steps):
    """A Dockerfile, and what each instruction of it did."""

    figure = steps_views.steps


class Starts(Shows, starts_model.Starts):
    """What starts, with and without arguments, and who hears SIGTERM."""

    figure = starts_views.starts


class Linted(Shows, lint_model.Linted):
    """A Dockerfile with what a program finds in it."""

    figure = lint_views.linted


def folder(name: str, *, of: str = "") -> Path:
    """A folder of yours in `work/`, which the terminal starts in too; `of` names a folder whose files are copied there.

    of: beside the chapters, such as "harbour-shop"; its Dockerfile and its tests stay behind. None of your files is
    replaced.

    Raises: WrongUse for a name that is not a plain one, or no such folder; CourseError if it can't be written.
    Equivalent: mkdir NAME; cp FOLDER/*.* NAME
    """
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise WrongUse(f"{name!r} is not a name for a folder.", "letters, digits, - and _", 'For example: "04-shop"')
    source = catalogue.FOLDER.parent / of
    if of and not source.is_dir():
        raise WrongUse(f"There is no folder {of!r} beside the chapters.", "", 'For example: of="harbour-shop"')
    mine = store.work() / name
    if of:
        exercises.lay(source, mine, {}, without=("Dockerfile", "tests", "__pycache__", ".ipynb_checkpoints"))
    else:
        mine.mkdir(parents=True, exist_ok=True)
    return mine


def steps(recipe: str | Path, image: str | Named = "") -> Steps:
    """What each instruction of a Dockerfile did, and what a container of the image would do.

    recipe: a folder with a Dockerfile, the path of a Dockerfile, or its text. image: one that was built from it, its
    reference or what images.build returned; without it nothing was built yet, and there are no sizes.

    Raises: WrongUse without a Dockerfile; NoSuchImage; CourseError if the image was not built from it as it is now.
    Equivalent: docker history --no-trunc IMAGE; docker inspect IMAGE
    """
    found = _recipe.read(recipe)
    if image == "":
        return Steps.of(_steps.unbuilt(found))
    reference = reference_of(image)
    client = connect()
    with client.tracing("dockerfile.steps"):
        return Steps.of(_steps.steps(client, found, reference))


def starts(
    *images: str | Named, arguments: str | Iterable[str] = ("Ben",), init: bool = False, seconds: float = 2
) -> Starts:
    """Runs each image as `docker run IMAGE` and `docker run IMAGE ARGUMENTS`, and sends each container SIGTERM.

    Without images: eight small ones, every combination of ENTRYPOINT and CMD in exec form and shell form, which are
    built for it and go with the scene; their shell is dash, which starts a program as its child and waits. The
    containers have no network and go at once.

    arguments: the words after the image; () for none, and one start of each image. init: with `docker run --init`.
    seconds: how long to wait for an end, at most 10; then the container is killed.

    Raises: NoSuchImage; WrongUse for too many images, other words, or too long a wait.
    Equivalent: docker run IMAGE Ben; docker top CONTAINER; docker kill --signal SIGTERM CONTAINER
    """
    words = (arguments,) if isinstance(arguments, str) else tuple(arguments)
    if not all(isinstance(word, str) and word for word in words):
        raise WrongUse("Arguments are words.", "one of them is not text", 'For example: arguments=("Ben",)')
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST:
        raise WrongUse(
            f"{seconds!r} seconds can't be waited for an end.", "it is bounded", f"At most {LONGEST:g}, such as 2."
        )
    if len(images) > MOST:
        raise WrongUse(f"{len(images)} images are too many.", "each is really run", f"Name at most {MOST}.")
    references = [reference_of(image) for image in images]
    client, here = connect(), scene.current()
    with client.tracing("dockerfile.starts"), Live() as live:
        whole = not references
        found = _starts.starts(
            client,
            references or _starts.table(client, scene=here, say=live.step),
            arguments=words,
            init=bool(init),
            seconds=seconds,
            scene=here,
            ready=_starts.GREETED if whole else _starts.READY,
            say=live.step,
        )
        return Starts.of(found)


def lint(recipe: str | Path) -> Linted:
    """What the linter hadolint says about a Dockerfile, and which section of chapter 04 shows why.

    hadolint is an extra of the course: without it a sentence says so. DL3009 and DL3042 are left to chapter 05.

    recipe: a folder with a Dockerfile, the path of a Dockerfile, or its text.

    Raises: WrongUse without a Dockerfile; CourseError if hadolint can't be run.
    Equivalent: hadolint --ignore DL3009 --ignore DL3042 Dockerfile
    """
    return Linted.of(_lint.lint(_recipe.read(recipe)))


def check(recipe: str | Path) -> Linted:
    """What the engine's own BuildKit says about a Dockerfile: it is read, and nothing is built.

    Docker 27 or newer has such rules, with buildx 0.15 or newer. An older engine would fetch a program for it from the
    internet: it is not asked, and a sentence says so.

    recipe: a folder with a Dockerfile, the path of a Dockerfile, or its text.

    Raises: WrongUse without a Dockerfile, or for one that fetches a program (# syntax=); CourseError if BuildKit's
        answer can't be read.
    Equivalent: docker build --check FOLDER
    """
    found = _recipe.read(recipe)
    client = connect()
    with client.tracing("dockerfile.check"):
        return Linted.of(_check.check(client, found))


def __dir__() -> list[str]:
    return list(__all__)
