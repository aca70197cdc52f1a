"""A new chapter, lab or topic: files that are green as they stand, for their author to write over.

The templates lie as they will in the checkout. `@word@` stands for a value, in their paths as in their text.
"""

from __future__ import annotations

import keyword
import os
import re
from collections.abc import Mapping
from pathlib import Path

import helpers
from helpers.errors import CourseError, WrongUse
from helpers.setup.skeleton.contracts import with_topic

CHECKOUT = Path(__file__).resolve().parents[3]
_TEMPLATES = Path(__file__).parent / "templates"
_SUFFIX = ".template"
_PROJECT = "pyproject.toml"


def write(kind: str, name: str, *, root: Path = CHECKOUT) -> tuple[Path, ...]:
    """Writes all files of a new chapter, lab or topic, or none; returns them, relative to `root`.

    kind: chapter, lab or topic. name: 09-registries for a chapter or a lab, registries for a topic.

    Raises: WrongUse for a name that can't be used, or is taken; CourseError without a checkout, or if a file can't be
    written.
    """
    if not all((root / place).exists() for place in (_PROJECT, "notebooks", "labs", "tests")):
        raise CourseError(
            f"A new {kind} can't be written here.",
            f"{root} is not a checkout of the course",
            "Clone the course's repository, and run the same command there.",
        )
    values = _of_topic(name) if kind == "topic" else _numbered(kind, name, root)
    texts = _filled(_TEMPLATES / kind, values)
    _refuse_taken(kind, name, values, texts, root)
    project = (root / _PROJECT).read_text(encoding="utf-8")
    entered = with_topic(project, name) if kind == "topic" else project
    _all_or_none(texts, root, project=entered if entered != project else "")
    return (*texts, *([Path(_PROJECT)] if entered != project else []))


def next_steps(kind: str, name: str) -> str:
    """What its author does now."""
    wanted = {
        "chapter": f'tests/chapters -k "{name} or {name[:2]}."',
        "lab": f"tests/chapters -k {name}",
        "topic": f"tests/{name}",
    }
    return (
        f"It is green as it stands: python3 start.py test {wanted[kind]}\n"
        "Next: write yours over it. docs/AUTHORS.md says what belongs where."
    )


def _numbered(kind: str, name: str, root: Path) -> dict[str, str]:
    """The values of a chapter or a lab."""
    if not re.fullmatch(r"\d\d-[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise WrongUse(
            f"{name!r} is not a name for a {kind}.",
            "it is two digits and words, all in small letters, joined by dashes",
            f"Such as: python3 start.py new {kind} {'09-registries' if kind == 'chapter' else '09-push-it'}",
        )
    number, _, word = name.partition("-")
    values = {"number": number, "module": word.replace("-", "_"), "title": _title(word)}
    if kind == "chapter":
        return {**values, "chapter": name, "name": word}
    chapters = sorted((root / "notebooks").glob(f"{number}-*.ipynb"))
    links = [f"[{number}, {path.stem[3:].replace('-', ' ')}](../../notebooks/{path.name})" for path in chapters]
    return {**values, "lab": name, "word": word, "chapter": links[0] if links else number}


def _of_topic(name: str) -> dict[str, str]:
    """The values of a topic."""
    if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name) or keyword.iskeyword(name):
        raise WrongUse(
            f"{name!r} is not a name for a topic.",
            "learners import it: it is a word in small letters, or several joined by underscores, and none of Python's",
            "Such as: python3 start.py new topic registries",
        )
    return {"name": name, "title": _title(name), "class": name.title().replace("_", "")}


def _title(word: str) -> str:
    return re.sub("[-_]", " ", word).capitalize()


def _filled(folder: Path, values: Mapping[str, str]) -> dict[Path, str]:
    """The files of a kind, by their paths in the checkout."""

    def fill(text: str) -> str:
        for word, value in values.items():
            text = text.replace(f"@{word}@", value)
        return text

    found = {}
    for path in sorted(folder.rglob(f"*{_SUFFIX}")):
        text = fill(path.read_text(encoding="utf-8"))
        target = Path(fill(path.relative_to(folder).as_posix()).removesuffix(_SUFFIX))
        found[target] = _in_order(text) if target.suffix == ".py" else text
    return found


def _in_order(text: str) -> str:
    """With the imports from helpers in the order of their modules, which depends on the new one's name."""
    return re.sub(
        r"(?:^from helpers.*\n)+",
        lambda block: "".join(sorted(block[0].splitlines(keepends=True), key=lambda line: line.split()[1])),
        text,
        flags=re.MULTILINE,
    )


def _refuse_taken(kind: str, name: str, values: Mapping[str, str], texts: Mapping[Path, str], root: Path) -> None:
    """Refuses what would write into something that is there, or take its number or its word."""
    if kind == "topic":
        there = [root / "helpers" / name, root / "helpers" / f"{name}.py", root / "tests" / name]
        if name in helpers.__all__ and not any(path.exists() for path in there):
            raise WrongUse(
                f"The name {name!r} is taken.", f"helpers.{name} is a verb of the course's", "Choose another name."
            )
    elif kind == "lab":
        module = f"{values['module']}_checks.py"
        there = [*(root / "labs").glob(f"{name[:2]}-*"), *(root / "labs").glob(f"*/{module}")]
    else:
        there = [*(root / "notebooks").glob(f"{name[:2]}-*.ipynb"), *(root / path for path in texts)]
    taken = sorted({path.relative_to(root).as_posix() for path in there if os.path.lexists(path)})
    if taken:
        raise WrongUse(
            "That name or number is taken; nothing was written.",
            f"{' and '.join(taken)} {'is' if len(taken) == 1 else 'are'} there",
            "Choose another, or work on what is there.",
        )


def _all_or_none(texts: Mapping[Path, str], root: Path, *, project: str) -> None:
    """Writes the files, and pyproject.toml's new text unless it is empty; takes everything back if one fails."""
    made: list[Path] = []
    try:
        for path, text in texts.items():
            for folder in reversed((root / path).parents[: len(path.parts) - 1]):
                if not folder.exists():
                    folder.mkdir()
                    made.append(folder)
            with (root / path).open("x", encoding="utf-8", newline="\n") as file:
                made.append(root / path)
                file.write(text)
        if project:
            beside = root / f"{_PROJECT}.new"
            with beside.open("x", encoding="utf-8", newline="\n") as file:
                made.append(beside)
                file.write(project)
            beside.replace(root / _PROJECT)
    except BaseException as error:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise CourseError(
                "The new files can't be written; none of them was.",
                f"{error.filename or root}: {error.strerror or error}",
                "Make that place writable, and run the same command again.",
            ) from error
        raise
