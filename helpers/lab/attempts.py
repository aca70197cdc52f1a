"""One attempt at a task: the values drawn for it, what its checks noted, how many hints were asked for.

Kept in the state folder, so that a restarted kernel, a terminal and JupyterLab see the same attempt.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from helpers import store

FILE = "attempts.json"
TRIED, MOST_TRIED = "tried", 200  # what a loop hands over need not all be kept


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """given: values by name. memory: what checks noted, such as the id of a container. hints: asked for so far."""

    given: Mapping[str, str] = field(default_factory=dict)
    memory: Mapping[str, str] = field(default_factory=dict)
    hints: int = 0


def current(task: str, draw: Callable[[random.Random], dict[str, str]]) -> Attempt:
    """The attempt that is going on; a new one, with values drawn now, if there is none.

    One that was begun with an older edition of the course, and lacks a value, begins anew.

    Raises: StoreError if it can't be kept.
    """
    found = _read().get(task)
    needed = draw(random.Random(0)).keys()  # noqa: S311  only their names
    return found if found is not None and found.given.keys() >= needed else begin(task, draw)


def begin(task: str, draw: Callable[[random.Random], dict[str, str]]) -> Attempt:
    """A new attempt with new values. Raises: StoreError."""
    return _change(task, lambda _: Attempt(given=draw(random.Random(secrets.randbits(64)))))  # noqa: S311  no secret


def remember(task: str, key: str, value: str) -> None:
    """Adds to the attempt's memory. Raises: StoreError."""
    _change(task, lambda attempt: replace(attempt, memory={**attempt.memory, key: value}))


def give(task: str, key: str, value: str) -> None:
    """Adds a value that the learner may use, such as the name of what was prepared. Raises: StoreError."""
    _change(task, lambda attempt: replace(attempt, given={**attempt.given, key: value}))


def tried(task: str, answer: str) -> int:
    """Adds an answer to those of this attempt; returns how many different ones there are. Raises: StoreError."""

    def add(attempt: Attempt) -> Attempt:
        before = attempt.memory.get(TRIED, "").splitlines()
        if answer in before or len(before) >= MOST_TRIED:
            return attempt
        return replace(attempt, memory={**attempt.memory, TRIED: "\n".join([*before, answer])})

    return len(_change(task, add).memory[TRIED].splitlines())


def one_more_hint(task: str, draw: Callable[[random.Random], dict[str, str]]) -> int:
    """Counts a hint; returns how many were asked for before. Raises: StoreError."""
    current(task, draw)
    return _change(task, lambda attempt: replace(attempt, hints=attempt.hints + 1)).hints - 1


def _change(task: str, change: Callable[[Attempt], Attempt]) -> Attempt:
    with store.locked("attempts", seconds=10):
        everything = _read()
        made = everything[task] = change(everything.get(task, Attempt()))
        store.write(
            FILE,
            {
                name: {"given": dict(one.given), "memory": dict(one.memory), "hints": one.hints}
                for name, one in everything.items()
            },
        )
    return made


def _read() -> dict[str, Attempt]:
    """Everything on disk that makes sense; the rest begins anew."""
    value = store.read(FILE, {})
    found = {}
    for name, row in value.items() if isinstance(value, dict) else ():
        if isinstance(row, dict) and isinstance(row.get("hints", 0), int):
            found[str(name)] = Attempt(
                given=_texts(row, "given"), memory=_texts(row, "memory"), hints=row.get("hints", 0)
            )
    return found


def _texts(row: dict[str, Any], name: str) -> dict[str, str]:
    value = row.get(name)
    return {str(key): str(one) for key, one in value.items()} if isinstance(value, dict) else {}
