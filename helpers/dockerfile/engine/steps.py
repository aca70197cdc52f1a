"""What each instruction did, asked of an image: its history, and what it says about its containers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from helpers import errors
from helpers.dockerfile.model import effects, matching
from helpers.dockerfile.model.begin import Begin, Start
from helpers.dockerfile.model.matching import Misfit
from helpers.dockerfile.model.recipe import Recipe
from helpers.dockerfile.model.steps import Steps
from helpers.engine import images
from helpers.engine.build.model.dockerfile import chain, instructions
from helpers.engine.build.model.variables import variables
from helpers.engine.client import Client


def unbuilt(recipe: Recipe) -> Steps:
    """The same before anything is built: no bytes, and each effect as it is written. Asks no engine."""
    return replace(effects.steps(recipe.text), place=recipe.place)


def steps(client: Client, recipe: Recipe, image: str) -> Steps:
    """Each instruction with what it did to the image. Two HTTP calls.

    Raises: NoSuchImage; CourseError if the image was not built from this Dockerfile, as far as that can be told.
    Equivalent: docker history --no-trunc IMAGE; docker inspect IMAGE
    """
    row = images.inspect(client, image)
    rows = [(str(one.get("CreatedBy") or ""), int(one.get("Size") or 0)) for one in client.history(str(row["Id"]))]
    fit = matching.match(recipe.text, matching.history(rows[::-1]))
    if isinstance(fit, Misfit):
        raise _other(image, fit)
    sets = [one for one in chain(instructions(recipe.text)) if one.word == "ENV"]
    own = {name for one in sets for name in variables(one)}
    start = Start.of(row.get("Config") or {}, own)
    return replace(effects.steps(recipe.text, fit=fit, start=start), image=image, place=recipe.place)


def begin(client: Client, image: str) -> Begin:
    """How a container of the image begins and is stopped. One HTTP call.

    Raises: NoSuchImage.
    Equivalent: docker inspect IMAGE
    """
    return Begin.read(config(client, image))


def config(client: Client, image: str) -> dict[str, Any]:
    """What the image says about its containers, in the engine's form. Raises: NoSuchImage."""
    found: dict[str, Any] = images.inspect(client, image).get("Config") or {}
    return found


def _other(image: str, found: Misfit) -> errors.CourseError:
    said = f"the image says {_short(found.said)}" if found.said else "the image has no step for it"
    return errors.CourseError(
        f"{image} was not built from this Dockerfile as it is now.",
        f"line {found.line} says {_short(found.text)}; {said}",
        "Build it again, or name the image that was built from it.",
    )


def _short(text: str, most: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
