"""Where the course's exercises, quizzes, predictions and differences are written, and how one of them is found."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from helpers.errors import WrongUse
from helpers.lab.model.difference import Difference
from helpers.lab.model.quiz import Guess, Quiz
from helpers.lab.task import Lab, Task

FOLDER = Path(__file__).resolve().parents[2] / "notebooks" / "exercises"
LABS = FOLDER.parents[1] / "labs"

Q = TypeVar("Q", Quiz, Guess, Difference, Task)
_WRITTEN: dict[type, tuple[str, str, str]] = {  # as which list, in which files, asked by which verb
    Quiz: ("QUIZZES", "*_quizzes.py", "quiz"),
    Guess: ("PREDICTIONS", "*_quizzes.py", "predict"),
    Difference: ("DIFFERENCES", "*_engines.py", "here"),
    Task: ("TASKS", "*_checks.py", "exercise"),
}


def quizzes(folder: Path = FOLDER) -> dict[str, Quiz]:
    """Every quiz of the course, by id.

    Raises: WrongUse if one can't be asked, or two have the same id.
    """
    return _by_id(Quiz, _files(Quiz, folder))


def predictions(folder: Path = FOLDER) -> dict[str, Guess]:
    """Every prediction of the course, by id.

    Raises: WrongUse if one can't be asked, or two have the same id.
    """
    return _by_id(Guess, _files(Guess, folder))


def differences(folder: Path = FOLDER) -> dict[str, Difference]:
    """Everything in which the text follows the engine, by id.

    Raises: WrongUse if one can't be told, or two have the same id.
    """
    return _by_id(Difference, _files(Difference, folder))


def tasks(folder: Path = FOLDER) -> dict[str, Task]:
    """Every exercise of the course, by id.

    Raises: WrongUse if one can't be used, or two have the same id.
    """
    return _by_id(Task, _files(Task, folder))


def find(kind: type[Q], id: object) -> Q:
    """The quiz, prediction, difference or exercise of that id.

    Loads its chapter's file only: others need topics of their own.

    Raises: WrongUse if there is none, with those there are in its chapter.
    """
    files, wanted = _files(kind, FOLDER), id if isinstance(id, str) else ""
    known = _by_id(kind, [path for path in files if chapter(path) == wanted[:2]])
    if wanted in known:
        return known[wanted]
    known = _by_id(kind, files)  # a notebook may have been renamed
    if wanted in known:
        return known[wanted]
    verb = _WRITTEN[kind][2]
    same = [other for other in known if other[:2] == wanted[:2]]
    raise WrongUse(
        f"There is no {verb}({id!r}).",
        f"there are {', '.join(same or known) or 'none'}",
        f'Write the id in quotes, such as {verb}("{next(iter(same or known), "01-q1")}").',
    )


def chapter(path: Path) -> str:
    """The number of the chapter that such a file belongs to: some_name_checks.py is 01-some-name.ipynb's."""
    name = path.stem.rpartition("_")[0].replace("_", "-")
    return next((found.name[:2] for found in FOLDER.parent.glob(f"[0-9][0-9]-{name}.ipynb")), "")


def labs() -> dict[str, Lab]:
    """Every lab of the course, by its folder's name.

    Raises: WrongUse if one's LAB is missing, or named otherwise than its folder.
    """
    return {name: lab(name) for name in lab_files()}


def lab_files() -> dict[str, Path]:
    """The names of the labs, and where each is written."""
    return {path.parent.name: path for path in sorted(LABS.glob("[0-9][0-9]-*/*_checks.py"))}


def lab(name: object) -> Lab:
    """The lab of that name.

    Raises: WrongUse if there is none, with those there are, or its LAB is missing or named otherwise than its folder.
    """
    known = lab_files()
    if not isinstance(name, str) or name not in known:
        raise WrongUse(
            f"There is no lab {name!r}.",
            f"there are {', '.join(known) or 'none'}",
            f'Write its name in quotes, such as lab.open("{next(iter(known), "01-package-the-app")}").',
        )
    found = getattr(_loaded(known[name]), "LAB", None)
    if not isinstance(found, Lab) or found.name != name:
        raise WrongUse(f"{known[name].name} has no LAB called {name!r}.")
    return found


def _files(kind: type, folder: Path) -> list[Path]:
    return sorted(folder.glob(_WRITTEN[kind][1]))


def _by_id(kind: type[Q], paths: Iterable[Path]) -> dict[str, Q]:
    found: dict[str, Q] = {}
    name = _WRITTEN[kind][0]
    for path in paths:
        value = getattr(_loaded(path), name, ())
        if not isinstance(value, Iterable):
            raise WrongUse(f"{name} in {path.name} is not a list.")
        for question in value:
            if not isinstance(question, kind):
                raise WrongUse(f"{name} in {path.name} holds something else than a {kind.__name__}.")
            if question.id in found:
                raise WrongUse(f"Two are called {question.id!r}.", f"one of them is in {path.name}")
            found[question.id] = question
    return dict(sorted(found.items()))


def _loaded(path: Path) -> ModuleType:
    """The module in that file; by path, so that none of them has to be on the path for imports."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise WrongUse(f"{path.name} can't be loaded.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
