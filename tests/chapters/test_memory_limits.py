"""No memory limit of the course is so small that a container of Debian 13's engine can't even start under it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.lab import catalogue

ROOT = Path(__file__).resolve().parents[2]
LEAST = 24_000_000  # bytes: runc 1.1.15 is charged 16 to 18 MB while it starts a container
KINDS = ("*.py", "*.md", "*.ipynb", "Dockerfile")
FOLDERS = ("notebooks", "labs", "helpers", "docs")

_UNITS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
# A size in quotes, or behind an option: "64m", --memory 64m, --memory-swap=64m, -m 64m.
_SIZE = re.compile(
    r"""(?:(?P<quote>["'])|--memory(?:-swap)?[ =]|(?<![\w-])-m )(\d+)([kmgKMG])b?(?(quote)(?P=quote)|\b)"""
)
# Bytes under one of the names that a limit has: mem_limit=8 << 20, "Memory": 64 * 1024 * 1024, MEMORY = 64 * MEGABYTE.
_BYTES = re.compile(r"""\b(?:mem_limit|memswap_limit|Memory|MemorySwap|\w*MEMORY)["']?\s*[:=]\s*(\d[\w *<]*)""")
_NAMES = {"MEGABYTE": 1024**2, "MIB": 1024**2, "MB": 1000**2}


def limits_in(text: str) -> Iterator[tuple[str, int]]:
    """Every memory limit that a text sets, as it is written and in bytes."""
    for found in _SIZE.finditer(text):
        yield found[0], int(found[2]) * _UNITS[found[3].lower()]
    for found in _BYTES.finditer(text):
        parts = found[1].replace("*", " * ").replace("<<", " << ").split()
        words = " ".join(str(_NAMES.get(part, part)) for part in parts)
        yield found[0], int(eval(words, {"__builtins__": {}}))  # noqa: S307  numbers and the names above


def text_of(path: Path) -> str:
    """The text of a file; of a notebook, that of its cells."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix != ".ipynb":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ('memory="8m"', 8 << 20),
        ("limited={name: '16M'}", 16 << 20),
        ("docker run --memory 6m IMAGE", 6 << 20),
        ("docker run -m 12m IMAGE", 12 << 20),
        ("docker update --memory-swap=8m NAME", 8 << 20),
        ('"mem_limit": 8 << 20,', 8 << 20),
        ("MOST_MEMORY = 20 * 1024 * 1024", 20 << 20),
        ("MEMORY = 16 * MEGABYTE", 16 << 20),
    ],
)
def test_a_limit_is_found_however_it_is_written(text: str, size: int) -> None:
    assert [found for _, found in limits_in(text)] == [size]


@pytest.mark.parametrize("text", ["size=16m", "12 MB of charts", "--pids-limit 12", "memory=wanted.memory_bytes"])
def test_what_is_no_limit_is_not_taken_for_one(text: str) -> None:
    assert list(limits_in(text)) == []


def test_nothing_in_the_course_sets_less_memory_than_a_start_may_need() -> None:
    files = [path for folder in FOLDERS for kind in KINDS for path in (ROOT / folder).rglob(kind)]
    files.append(ROOT / "README.md")
    found = [(path, words, size) for path in files for words, size in limits_in(text_of(path))]
    assert {path.suffix for path, _, _ in found} >= {".py", ".ipynb"}
    assert [f"{path.relative_to(ROOT)}: {words}" for path, words, size in found if size < LEAST] == []


def test_no_task_draws_less_either() -> None:
    draws = [task for task in catalogue.tasks().values() if "memory" in task.draw(random.Random(1))]  # noqa: S311
    assert draws
    for task in draws:
        for seed in range(40):
            assert int(task.draw(random.Random(seed))["memory"]) << 20 >= LEAST, task.id  # noqa: S311
