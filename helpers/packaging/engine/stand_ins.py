"""Stand-ins: an image with the packages and files that somebody's machine has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from helpers import errors
from helpers.engine import base_images
from helpers.engine.build import choose
from helpers.engine.build import context as build_context
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.packaging.model import requirements
from helpers.packaging.model.stand_ins import StandIn

BASE = "python"
FOLDER = "/shop"


def make(client: Client, name: str, packages: Sequence[str], files: Sequence[str | Path], *, scene: str) -> StandIn:
    """Builds the image; nothing is fetched: the packages come from the base image's own wheelhouse.

    Raises: WrongUse for a package that is not in the wheelhouse or a file that is not there; NoSuchImage without the
        base image; BuildFailed.
    Equivalent: docker build --tag TAG FOLDER
    """
    reference = f"{labels.object_name(name)}:1"
    lock = base_images.lock()
    base = lock.image(BASE)
    have = {(_normal(wheel.name), wheel.version): wheel for wheel in lock.wheels}
    wanted = []
    for word in packages:
        need = _package(word)
        wheel = have.get((_normal(need.name), need.conditions[0][1]))
        if wheel is None:
            known = ", ".join(f"{wheel.name}=={wheel.version}" for wheel in lock.wheels)
            raise errors.WrongUse(
                f"{need} is not in the course's wheelhouse.",
                "a stand-in is built without the internet, from the few packages that the base image carries",
                f"There are: {known}.",
            )
        wanted.append((wheel.name, wheel.version))
    if len({word for word, _ in wanted}) < len(wanted):
        raise errors.WrongUse(
            "One package is named twice.", "a machine has one version of it", "Leave the other one out."
        )
    context = _context(files)
    lines = [f"FROM {base.reference()}"]
    if wanted:
        words = " ".join(f"{word}=={version}" for word, version in wanted)
        lines.append(f"RUN pip install --no-index --find-links /wheels {words}")
    if context:
        lines.append(f"COPY shop {FOLDER}")
    dockerfile = "\n".join(lines) + "\n"
    choose.build(
        client,
        dockerfile=dockerfile,
        context={f"shop/{path}": content for path, content in context.items()},
        tag=reference,
        scene=scene,
    )
    return StandIn(
        name=name,
        reference=reference,
        python=base.tag,
        packages=tuple(wanted),
        folder=FOLDER,
        files=_shown(context),
        dockerfile=dockerfile,
    )


def _shown(context: Mapping[str, build_context.Content]) -> tuple[str, ...]:
    """The first part of each path, once; a folder ends with a slash."""
    folders = {path.partition("/")[0] for path in context if "/" in path}
    folders |= {path for path, content in context.items() if isinstance(content, Path) and content.is_dir()}
    firsts = {path.partition("/")[0] for path in context}
    return tuple(sorted(first + "/" * (first in folders) for first in firsts))


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _package(word: str) -> requirements.Need:
    """Raises: WrongUse unless it is NAME==VERSION."""
    try:
        need = requirements.read(word)
    except errors.WrongUse:
        need = None
    if need is None or len(need.conditions) != 1 or need.conditions[0][0] != "==":
        raise errors.WrongUse(
            f"{word!r} is not a package and its version.",
            "a machine has one exact version of each package",
            'For example: packaging.stand_in("ben", "bottle==0.13.4")',
        )
    return need


def _context(files: Sequence[str | Path]) -> dict[str, build_context.Content]:
    """The files by their path in the folder. Of a folder everything goes in but what its .dockerignore names.

    Raises: WrongUse if one is not there, or two have the same name.
    """
    found: dict[str, build_context.Content] = {}
    for word in files:
        path = Path(word)
        if path.is_dir():
            more = build_context.files(path, "")
            del more[build_context.DOCKERFILE]  # the text that a build would be given; the folder's own is a file here
            if (path / build_context.DOCKERFILE).is_file():
                more[build_context.DOCKERFILE] = path / build_context.DOCKERFILE
        elif path.is_file():
            more = {path.name: path}
        else:
            raise errors.WrongUse(
                f"There is no file {str(word)!r} here.",
                f"it is looked for in {Path.cwd().name!r}, the folder this notebook runs in",
                'For example: files=["harbour-shop/shop.py"]',
            )
        twice = sorted(found.keys() & more.keys())
        if twice:
            raise errors.WrongUse(
                f"Two of the files are called {twice[0]}.", "both would be one file there", "Leave one of them out."
            )
        found |= more
    return found
