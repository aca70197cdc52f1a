"""The course's chapters as data: where they are, what a cell carries, what is prose in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from helpers.lab import catalogue
from helpers.lab.task import Lab, Task

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
CHAPTERS = sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
GLOSSARY = NOTEBOOKS / "glossary.md"

Notebook = Any  # nbformat has no types
Cell = Any


def load(path: Path) -> Notebook:
    """The notebook at `path`, valid by Jupyter's own schema."""
    notebook: Notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    return notebook


def tags(cell: Cell) -> set[str]:
    """The tags of a cell."""
    return set(cell.metadata.get("tags", ()))


def tagged(notebook: Notebook, tag: str) -> list[Cell]:
    """The cells that carry `tag`, in order."""
    return [cell for cell in notebook.cells if tag in tags(cell)]


def bullets(markdown: str) -> list[str]:
    """The points of a list in markdown, bulleted or numbered; lines that go on belong to their point."""
    points: list[str] = []
    for line in markdown.splitlines():
        start = re.match(r"(?:[-*]|\d+[.)])\s+(.*)", line)
        if start:
            points.append(start[1].strip())
        elif points and line.startswith((" ", "\t")) and line.strip():
            points[-1] += " " + line.strip()
    return points


def section(markdown: str, heading: str) -> str:
    """What stands under `## heading`; all of it if there is no such heading (the cell is about one thing only)."""
    parts = re.split(r"^##\s+(.+)$", markdown, flags=re.MULTILINE)
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        if title.strip().lower() == heading.lower():
            return body
    return markdown


def without_code(markdown: str) -> str:
    """Markdown without code blocks and code spans."""
    return re.sub(r"(`+).+?\1", " ", re.sub(r"^(```|~~~).*?^\1", " ", markdown, flags=re.DOTALL | re.MULTILINE))


def headings(notebook: Notebook) -> list[tuple[int, str]]:
    """Level and text of every heading, in order."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            blocks = re.sub(r"^(```|~~~).*?^\1", "", cell.source, flags=re.DOTALL | re.MULTILINE)
            found += [(len(m[1]), m[2].strip()) for m in re.finditer(r"^(#{1,6})\s+(.+)$", blocks, flags=re.MULTILINE)]
    return found


def prose(markdown: str) -> str:
    """What the course itself says: no code, no addresses of links, no tags, nothing in double quotes."""
    text = without_code(markdown)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    text = re.sub(r"<[^>]+>", " ", text)
    return re.sub(r"“[^”]*”|\"[^\"\n]*\"", " ", text)


def forbidden_words(glossary: str) -> dict[str, str]:
    """Word that is not used -> the word used in its place; from the table of the glossary page."""
    found: dict[str, str] = {}
    table = [line.strip().strip("|").split("|") for line in glossary.splitlines() if "|" in line]
    for row in table[2:]:  # below the head and its rule
        if len(row) >= 3:
            for word in re.split(r"[,;]", row[2]):
                bare = re.sub(r"[*_`\"“”]", "", word).strip().lower()
                if bare and bare not in ("–", "-", "—"):
                    found[bare] = re.sub(r"[*`]", "", row[0]).strip()
    return found


def words_used(text: str, forbidden: dict[str, str]) -> list[str]:
    """The forbidden words that `text` uses; a plural counts too."""
    plural = "(?:e?s)?"
    return [
        word
        for word in forbidden
        if re.search(rf"(?<![\w-]){re.escape(word)}{plural}(?![\w-])", text, flags=re.IGNORECASE)
    ]


def number(path: Path) -> str:
    """The chapter's two digits."""
    return path.stem[:2]


def objectives(notebook: Notebook) -> list[str]:
    """The objectives, as written."""
    return [point for cell in tagged(notebook, "objectives") for point in bullets(section(cell.source, "Objectives"))]


@dataclass(frozen=True)
class Minutes:
    """What a chapter takes, counted: 180 words a minute, half a minute a cell, exercises by their kind.

    optional: all that is tagged so, reading and exercises.
    """

    reading: int
    exercises: int
    optional: int


_ANSWERED, _DONE, _ALONE = 2.0, 3.0, 4.0  # minutes for an exercise that is answered, that is done, from memory


_LAB_ANSWERED, _LAB_DONE = 4.0, 6.0  # minutes for a lab's task, its hints and wrong tries included


def counted_lab(notebook: Notebook, lab: Lab) -> int:
    """Minutes that a lab takes: its words and the tasks' briefs, its cells, and each task by its kind."""
    words = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"] + [t.brief for t in lab.tasks]
    reading: float = sum(len(re.findall(r"\w[\w'’.-]*", text)) for text in words) / 180
    cells: float = sum(cell.cell_type == "code" for cell in notebook.cells) * 0.5
    tasks: float = sum(_LAB_ANSWERED if task.answered else _LAB_DONE for task in lab.tasks)
    return round(reading + cells + tasks)


def counted(notebook: Notebook) -> Minutes:
    """How long it takes, by counting."""
    reading = exercises = optional = 0.0
    for cell in notebook.cells:
        exercise = re.search(r'exercise\("([^"]+)"', cell.source)
        if cell.cell_type == "markdown":
            text = re.sub(r"<!--.*?-->|<[^>]+>", "", cell.source, flags=re.DOTALL)
            took = len(re.findall(r"\w[\w'’.-]*", text)) / 180
        elif exercise:
            id = exercise[1]
            took = _ALONE if id.endswith("-alone") else _ANSWERED if catalogue.find(Task, id).answered else _DONE
        else:
            took = 0.5
        if "optional" in tags(cell):
            optional += took
        elif exercise and cell.cell_type == "code":
            exercises += took
        else:
            reading += took
    return Minutes(round(reading), round(exercises), round(optional))
