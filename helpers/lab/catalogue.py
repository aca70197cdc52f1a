"""Where the course's exercises, quizzes and predictions are written, and how one of them is found."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from helpers.errors import WrongUse
from helpers.lab.model.quiz import Prediction, Question, Quiz
from helpers.lab.task import Lab, Task

FOLDER = Path(__file__).resolve().parents[2] / "notebooks" / "exercises"
LABS = FOLDER.parents[1] / "labs"
PATTERNS = {"QUIZZES": "*_quizzes.py", "PREDICTIONS": "*_quizzes.py", "TASKS": "*_checks.py"}

Q = TypeVar("Q", bound="Question | Task")


def quizzes(folder: Path | None = None) -> dict[str, Quiz]:
    """Every quiz of the course, by id.

    folder: where the files are; None is the course's own.

    Raises: WrongUse if one can't be asked, or two have the same id.
    """
    return _by_id(Quiz, "QUIZZES", folder)


def predictions(folder: Path | None = None) -> dict[str, Prediction]:
    """Every prediction of the course, by id.

    Raises: WrongUse if one can't be asked, or two have the same id.
    """
    return _by_id(Prediction, "PREDICTIONS", folder)


def tasks(folder: Path | None = None) -> dict[str, Task]:
    """Every exercise of the course, by id.

    Raises: WrongUse if one can't be used, or two have the same id.
    """
    return _by_id(Task, "TASKS", folder)


def labs(folder: Path | None = None) -> dict[str, Lab]:
    """Every lab of the course, by its folder's name.

    Raises: WrongUse if one's LAB is missing, or named otherwise than its folder.
    """
    found = {}
    for path in sorted((folder or LABS).glob("[0-9][0-9]-*/*_checks.py")):
        lab = getattr(_loaded(path), "LAB", None)
        if not isinstance(lab, Lab) or lab.name != path.parent.name:
            raise WrongUse(f"{path.name} has no LAB called {path.parent.name!r}.")
        found[lab.name] = lab
    return found


def lab(name: object) -> Lab:
    """The lab of that name.

    Raises: WrongUse if there is none, with those there are.
    """
    known = labs()
    if isinstance(name, str) and name in known:
        return known[name]
    raise WrongUse(
        f"There is no lab {name!r}.",
        f"there are {', '.join(known) or 'none'}",
        f'Write its name in quotes, such as lab.open("{next(iter(known), "01-package-the-app")}").',
    )


def find(known: dict[str, Q], id: object, *, verb: str) -> Q:
    """The question of that id.

    Raises: WrongUse if there is none, with those there are in its chapter.
    """
    if isinstance(id, str) and id in known:
        return known[id]
    same = [other for other in known if isinstance(id, str) and other[:2] == id[:2]]
    raise WrongUse(
        f"There is no {verb}({id!r}).",
        f"there are {', '.join(same or known) or 'none'}",
        f'Write the id in quotes, such as {verb}("{next(iter(same or known), "01-q1")}").',
    )


def _by_id(kind: type[Q], name: str, folder: Path | None) -> dict[str, Q]:
    found: dict[str, Q] = {}
    for path, value in _written(name, folder or FOLDER):
        if not isinstance(value, Iterable):
            raise WrongUse(f"{name} in {path.name} is no list.")
        for question in value:
            if not isinstance(question, kind):
                raise WrongUse(f"{name} in {path.name} holds something else than a {kind.__name__}.")
            if question.id in found:
                raise WrongUse(f"Two are called {question.id!r}.", f"one of them is in {path.name}")
            found[question.id] = question
    return dict(sorted(found.items()))


def _written(name: str, folder: Path) -> Iterator[tuple[Path, object]]:
    for path in sorted(folder.glob(PATTERNS[name])):
        yield path, getattr(_loaded(path), name, ())


def _loaded(path: Path) -> ModuleType:
    """The module in that file; by path, so that none of them has to be on the path for imports."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise WrongUse(f"{path.name} can't be loaded.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
