"""What starts, and who hears the signal: containers that were really run, with and without arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from helpers.dockerfile.model.begin import written

ZOMBIE = "Z"
_REFUSED = re.compile(r'exec: "(?:[^"\\]|\\.)*": [^:"]+|exec: [^:"]+: [^:"]+')


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process of a container.

    command: its command line as the kernel shows it. depth: 0 for process 1, 1 for its children, and so on. state: the
    kernel's letter, Z for one that has ended and that its parent has not collected; "" if it was not asked.
    """

    command: str
    depth: int = 0
    state: str = ""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What came of a signal to a container's first process.

    seconds: from the signal to the end; None if the signal did not end it, or it had ended before. exit_code: None if
    it had not ended. output: the end of its log. first: the command line of process 1 before the signal; "" if it never
    ran. signal: the one that was sent; "" if none was. killed: the exit code that it then got by SIGKILL. waited: the
    seconds that it had before.
    """

    seconds: float | None
    exit_code: int | None
    output: str = ""
    first: str = ""
    signal: str = ""
    killed: int | None = None
    waited: float = 0.0


class Outcome(Enum):
    """How one start went."""

    HEARD = "SIGTERM ended it"
    DEAF = "SIGTERM did not end it"
    OVER = "it ended by itself"
    REFUSED = "it did not start"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One container that was run.

    tree: its processes, process 1 first, when it was up. said: the last line it wrote until then. signalled: what
    SIGTERM did; None if it did not get that far. exited: its exit code, if it ended by itself. refused: the engine's
    words, if it did not start.
    """

    tree: tuple[Process, ...] = ()
    said: str = ""
    signalled: Ended | None = None
    exited: int | None = None
    refused: str = ""

    @property
    def outcome(self) -> Outcome:
        """How it went."""
        if self.refused:
            return Outcome.REFUSED
        if self.signalled is None:
            return Outcome.OVER
        return Outcome.DEAF if self.signalled.seconds is None else Outcome.HEARD


@dataclass(frozen=True, kw_only=True)
class Row:
    """One image, started without arguments, and with them if there are any.

    name: the learner's word for it; full_name: its reference. entrypoint, command: as the engine keeps them.
    entrypoint_form, command_form: "exec", "shell", or "".
    """

    name: str
    full_name: str = ""
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    entrypoint_form: str
    command_form: str
    cells: tuple[Cell, ...]

    @property
    def recipe(self) -> tuple[str, ...]:
        """Its ENTRYPOINT and CMD as a Dockerfile has them."""
        parts = (("ENTRYPOINT", self.entrypoint, self.entrypoint_form), ("CMD", self.command, self.command_form))
        return tuple(f"{word} {written(words, form)}" for word, words, form in parts if words)


@dataclass(frozen=True, kw_only=True)
class Starts:
    """The table of what starts. seconds: that were waited for an end after SIGTERM. init: with `docker run --init`."""

    rows: tuple[Row, ...]
    arguments: tuple[str, ...]
    seconds: float
    init: bool = False

    @property
    def runs(self) -> tuple[tuple[str, ...], ...]:
        """The arguments of each start of an image, in the order of a row's cells."""
        return ((), self.arguments) if self.arguments else ((),)

    def __getitem__(self, which: tuple[str, bool]) -> Cell:
        """The cell of an image by its name, without arguments (False) or with them (True).

        Raises: KeyError.
        """
        name, arguments = which
        for row in self.rows:
            if row.name == name:
                return row.cells[arguments]
        raise KeyError(name)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All of them."""
        return tuple(cell for row in self.rows for cell in row.cells)


def tree(found: Iterable[tuple[int, int, str, str]], first: int) -> tuple[Process, ...]:
    """Processes in the order of a tree. found: number, parent's number, state, command line. first: process 1.

    What another process started in the container from outside, such as `docker exec`, comes after the tree.
    """
    rows = {number: (parent, state, command) for number, parent, state, command in found}
    below: dict[int, list[int]] = {}
    for number in sorted(rows):
        if number != first:
            below.setdefault(rows[number][0], []).append(number)
    ordered: list[Process] = []
    seen: set[int] = set()

    def add(number: int, depth: int) -> None:
        if number in seen:
            return
        seen.add(number)
        _, state, command = rows[number]
        ordered.append(Process(command=command, depth=depth, state=state[:1]))
        for child in below.get(number, ()):
            add(child, depth + 1)

    if first in rows:
        add(first, 0)
    for number in sorted(rows):
        if number not in seen and rows[number][0] not in rows:
            add(number, 1)
    return tuple(ordered)


def read(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[tuple[int, int, str, str], ...]:
    """The rows of a `ps -o pid,ppid,stat,args`, under its titles, as `tree` takes them; others are passed over."""
    names = [title.upper() for title in titles]
    found = []
    for row in rows:
        of: Mapping[str, str] = dict(zip(names, row, strict=False))
        number, parent = of.get("PID", ""), of.get("PPID", "")
        if number.isdigit() and parent.isdigit():
            command = next((of[name] for name in ("COMMAND", "CMD", "ARGS") if name in of), "")
            found.append((int(number), int(parent), of.get("STAT", of.get("STATE", "")), command.strip()))
    return tuple(found)


def of_the_program(message: str) -> bool:
    """True if the engine's words mean that a program could not be started, and not that something else broke."""
    return "OCI runtime" in message or _REFUSED.search(message) is not None


def brief(message: str, most: int = 120) -> str:
    """The engine's reason for a refused start, without the names of all that passed it on."""
    found = _REFUSED.findall(message)
    line = " ".join((found[-1] if found else message).split()).removesuffix(" unknown")
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def last_line(log: str) -> str:
    """The last line of a log that holds something; "" if none does."""
    return next((line.strip() for line in reversed(log.splitlines()) if line.strip()), "")
