"""Reading the Dockerfile that a learner means: a folder's, a file, or a text."""

from __future__ import annotations

import re
from pathlib import Path

from helpers import store
from helpers.dockerfile.model.recipe import Recipe
from helpers.engine.build import context
from helpers.errors import WrongUse

_TEXT = re.compile(r"\s*(?:FROM|ARG)\s|\s*#", re.IGNORECASE)


def read(recipe: object) -> Recipe:
    """The text, and where it lies.

    recipe: a folder with a Dockerfile, the path of a Dockerfile, or its text, which has a line break or starts with
    FROM; what names a file or a folder that is there, here or in the learner's folder, is a path.

    Raises: WrongUse if it is none of these, or can't be read.
    """
    if isinstance(recipe, str) and ("\n" in recipe or (_TEXT.match(recipe) and not Path(recipe).exists())):
        return Recipe(text=recipe)
    if not isinstance(recipe, str | Path) or not str(recipe):
        raise WrongUse(
            f"{recipe!r} is no Dockerfile.",
            "it is a folder that has one, the path of one, or its text",
            'For example: dockerfile.steps("shop")',
        )
    path = Path(recipe)
    if not path.exists() and (store.work() / path).exists():
        path = store.work() / path  # as a terminal of the course has it
    if path.is_file():
        return Recipe(text=_read(path), place=str(path))
    return Recipe(text=context.dockerfile(path), place=str(path / context.DOCKERFILE))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{path} can't be read.", str(error), "Look at that file.") from error
