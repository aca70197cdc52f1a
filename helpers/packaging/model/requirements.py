"""What a program needs, what each machine has of it, and what became of running it there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from helpers.errors import WrongUse

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._+-]*[A-Za-z0-9+])?")
_CONDITION = re.compile(r"(==|>=|<)([0-9]+(?:\.[0-9]+)*)")
_RELEASE = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_EXCEPTION = re.compile(r"[A-Z][A-Za-z0-9_]*")
TRACEBACK = "Traceback (most recent call last):"


class Kind(Enum):
    """What sort of thing is needed. WORD: a program or a Python package, whichever a machine has of that name."""

    FILE = "file"
    PACKAGE = "package"
    WORD = "word"


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing that is needed. conditions: on a package's version, such as (">=", "4"); every one has to hold."""

    name: str
    kind: Kind
    conditions: tuple[tuple[str, str], ...] = ()

    @property
    def condition(self) -> str:
        """As it was written: ">=4,<5"; "" if any version will do."""
        return ",".join(operator + version for operator, version in self.conditions)

    def __str__(self) -> str:
        return self.name + self.condition


def read(word: str) -> Need:
    """The need of one word: "python3", "bottle==0.13.4", "humanize>=4,<5", "/shop/goods.csv".

    Raises: WrongUse if it is none of these.
    """
    if isinstance(word, str) and word.startswith("/") and len(word) > 1 and word.isprintable():
        return Need(name=word, kind=Kind.FILE)
    bare = word.replace(" ", "") if isinstance(word, str) else ""
    found = _NAME.match(bare)
    if found and found.end() == len(bare):
        return Need(name=bare, kind=Kind.WORD)
    parts = [_CONDITION.fullmatch(part) for part in bare[found.end() :].split(",")] if found else []
    conditions = tuple((part[1], part[2]) for part in parts if part)
    if found is None or len(conditions) != len(parts):
        raise WrongUse(
            f"{word!r} is not something a machine can be asked for.",
            "a need is a program, a Python package with or without a condition (==, >= or <), or a file's path",
            'For example: "python3", "bottle==0.13.4", "humanize>=4", "/shop/goods.csv"',
        )
    return Need(name=found[0], kind=Kind.PACKAGE, conditions=conditions)


def release(version: str) -> tuple[int, ...] | None:
    """The numbers a version begins with, without zeros at the end: (4, 12) for "4.12.0"; None if there are none."""
    found = _RELEASE.match(version)
    if found is None or len(found[0]) > 100:
        return None
    numbers = [int(part) for part in found[0].split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


class Fit(Enum):
    """How well a machine fits one need."""

    THERE = "there"
    MISSING = "missing"
    OLD = "too old"
    NEW = "too new"
    UNCLEAR = "unclear"  # there, but its version has no number that could be compared
    UNSEEN = "not seen"  # the machine has no shell to look with


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one machine has of one need. version: of a Python package; "" for anything else."""

    fit: Fit
    version: str = ""

    @property
    def words(self) -> str:
        """`0.13.4`, `3.14.0 (too old)`, `missing`."""
        if self.fit is Fit.THERE:
            return self.version or "there"
        return f"{self.version} ({self.fit.value})" if self.version else self.fit.value


def judge(need: Need, *, there: bool, version: str = "") -> Cell:
    """The cell for what was found: whether it is there, and which version."""
    if not there:
        return Cell(fit=Fit.MISSING)
    has = release(version)
    for operator, number in need.conditions:
        wanted = release(number)
        if has is None or wanted is None:
            return Cell(fit=Fit.UNCLEAR, version=version)
        if operator in ("==", ">=") and has < wanted:
            return Cell(fit=Fit.OLD, version=version)
        if (operator == "==" and has > wanted) or (operator == "<" and has >= wanted):
            return Cell(fit=Fit.NEW, version=version)
    return Cell(fit=Fit.THERE, version=version)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One machine: a cell a need, in their order, and what the command did there.

    image: what stands for it. exit_code: None if the command did not end in time, or was not started. error: the line
    that says why it failed; "" if it did not. output: what it wrote to its standard output.
    """

    name: str
    image: str
    cells: tuple[Cell, ...]
    exit_code: int | None
    error: str = ""
    output: str = ""

    @property
    def works(self) -> bool:
        """True if the command ended well."""
        return self.exit_code == 0

    @property
    def met(self) -> bool:
        """True if every need is."""
        return all(cell.fit is Fit.THERE for cell in self.cells)

    @property
    def happened(self) -> str:
        """In a word or two: "works", "ModuleNotFoundError", "python3: not found"."""
        if self.works:
            return "works"
        head, colon, _ = self.error.partition(":")
        name = head.rpartition(".")[2]  # an exception of a module is written with the module's name in front
        return name if colon and _EXCEPTION.fullmatch(name) else self.error


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Needs against machines. `comparison["ben"]` is one machine of it."""

    needs: tuple[Need, ...]
    machines: tuple[Machine, ...]
    command: tuple[str, ...]

    def __getitem__(self, name: str) -> Machine:
        for machine in self.machines:
            if machine.name == name:
                return machine
        raise KeyError(f"no machine {name!r}; there are: {', '.join(m.name for m in self.machines)}")


def error_line(command: tuple[str, ...], *, exit_code: int | None, errors: str, seconds: float = 0) -> str:
    """The one line that says why a command failed; "" if it did not.

    errors: its standard error. seconds: how long it was waited for, if it did not end.
    """
    if exit_code == 0:
        return ""
    if exit_code is None:
        return f"still running after {seconds:g} s"
    lines = [line.rstrip() for line in errors.splitlines() if line.strip()]
    said = lines[-1].strip() if lines else ""
    if exit_code in (126, 127) and command and said.endswith(("not found", "ermission denied")):
        # a shell puts its own name and line in front, each shell another way
        return f"{command[0]}: not found" if exit_code == 127 else f"{command[0]}: permission denied"
    if TRACEBACK in lines:  # what follows the frames, which are indented; a message may go on over more lines
        after = lines[len(lines) - lines[::-1].index(TRACEBACK) :]
        said = next((line for line in after if not line.startswith(" ")), said)
    return said or f"exit code {exit_code}, without a word"
