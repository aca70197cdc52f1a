"""What a learner has done so far, as kept on disk and as shown. It never decides anything: checks measure anew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

VERSION = 1
KINDS = ("checks", "quizzes", "guesses")


@dataclass(frozen=True, kw_only=True)
class Record:
    """One exercise, quiz or prediction.

    attempts: how often it was checked or answered. last: the verdict's word, or the id of the option that was chosen.
    last_at: when, UTC, ISO 8601. done_at: when it was first passed or answered right; "" if not yet.
    """

    objective: str
    attempts: int
    last: str
    last_at: str
    done_at: str = ""

    @property
    def done(self) -> bool:
        """Passed, or answered right, at least once."""
        return bool(self.done_at)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Everything that was done, by the id of the task, quiz or prediction."""

    checks: Mapping[str, Record] = field(default_factory=dict)
    quizzes: Mapping[str, Record] = field(default_factory=dict)
    guesses: Mapping[str, Record] = field(default_factory=dict)

    def with_one_more(self, kind: str, id: str, *, objective: str, last: str, done: bool, at: str) -> Progress:
        """The same with one more attempt. kind: "checks", "quizzes" or "guesses". at: UTC, ISO 8601.

        What was passed once stays passed: a later attempt may fail, and is shown as the last one.
        """
        records: Mapping[str, Record] = getattr(self, kind)
        before = records.get(id)
        record = Record(
            objective=objective,
            attempts=(before.attempts if before else 0) + 1,
            last=last,
            last_at=at,
            done_at=before.done_at if before and before.done else (at if done else ""),
        )
        return replace(self, **{kind: {**records, id: record}})

    def as_json(self) -> dict[str, Any]:
        """What is written to disk, for people to read, too."""
        written: dict[str, Any] = {"version": VERSION}
        for kind in KINDS:
            records: Mapping[str, Record] = getattr(self, kind)
            written[kind] = {id: dict(vars(record)) for id, record in records.items()}
        return written


def from_json(value: object) -> tuple[Progress, bool]:
    """What is on disk, as far as it makes sense, and whether all of it did."""
    if not isinstance(value, dict) or value.get("version") != VERSION:
        return Progress(), False
    whole = set(value) == {"version", *KINDS}
    kinds: dict[str, dict[str, Record]] = {}
    for kind in KINDS:
        records = value.get(kind)
        if not isinstance(records, dict):
            whole, records = False, {}
        read = {id: record for id, found in records.items() if (record := _record(found)) is not None}
        whole = whole and len(read) == len(records)
        kinds[kind] = read
    return Progress(**kinds), whole


def _record(found: object) -> Record | None:
    if not isinstance(found, dict) or set(found) != {"objective", "attempts", "last", "last_at", "done_at"}:
        return None
    attempts = found["attempts"]
    words = [found[name] for name in ("objective", "last", "last_at", "done_at")]
    if isinstance(attempts, bool) or not isinstance(attempts, int) or attempts < 1:
        return None
    return Record(**found) if all(isinstance(word, str) for word in words) else None


@dataclass(frozen=True, kw_only=True)
class Objective:
    """One thing a chapter teaches. number: such as "01.2". text: what the learner can do after it."""

    number: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One chapter and its objectives. number: two digits. title: without the number."""

    number: str
    title: str
    objectives: tuple[Objective, ...]


def chapter(notebook: object) -> Chapter | None:
    """Title and objectives from a notebook's JSON: its first H1, and the list in the cell tagged `objectives`.

    Returns: None if it is no chapter, or half-written.
    """
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    title, aims = None, []
    for cell in cells if isinstance(cells, list) else []:
        if not isinstance(cell, dict) or cell.get("cell_type") != "markdown":
            continue
        source = cell.get("source", "")
        text = "".join(source) if isinstance(source, list) else str(source)
        title = title or re.search(r"^# (\d\d) · (.+)$", text, flags=re.MULTILINE)
        if "objectives" in cell.get("metadata", {}).get("tags", ()):
            aims += re.findall(r"^[-*] \*\*(\d\d\.\d)\*\*\s+(.+)$", text, flags=re.MULTILINE)
    if title is None:
        return None
    found = tuple(Objective(number=number, text=text.strip().rstrip(".;,")) for number, text in aims)
    return Chapter(number=title[1], title=title[2].strip(), objectives=found)


class Standing(Enum):
    """How far a learner is with one objective."""

    PASSED = "passed"  # every check of it
    PARTLY = "partly"  # some of its checks
    NOT_YET = "not yet"  # checked, and none passed
    STARTED = "started"  # a question was answered, or a prediction made; nothing was checked
    NEW = "not started"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One objective with what was done for it.

    checks, quizzes: done and how many there are. attempts: checks and answers together. last_at: "" if never.
    """

    objective: Objective
    standing: Standing
    checks: tuple[int, int]
    quizzes: tuple[int, int]
    attempts: int
    last_at: str = ""


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Chapters and their objectives. set_aside: names of damaged files; file: where progress is kept."""

    chapters: tuple[tuple[Chapter, tuple[Line, ...]], ...]
    set_aside: tuple[str, ...] = ()
    file: str = ""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every objective."""
        return tuple(line for _, lines in self.chapters for line in lines)

    def count(self, *standings: Standing) -> int:
        """How many objectives stand so."""
        return sum(1 for line in self.lines if line.standing in standings)


def overview(
    progress: Progress,
    chapters: Iterable[Chapter],
    *,
    checks: Mapping[str, str],
    quizzes: Mapping[str, str],
    set_aside: tuple[str, ...] = (),
    file: str = "",
) -> Overview:
    """Every objective with its standing.

    checks, quizzes: id -> objective of all that the course has; what was done and is no longer there counts no more,
    unless the course's own lists are empty.
    """
    rows = []
    for one in sorted(chapters, key=lambda chapter: chapter.number):
        rows.append((one, tuple(_line(aim, progress, checks, quizzes) for aim in one.objectives)))
    return Overview(chapters=tuple(rows), set_aside=set_aside, file=file)


def _line(aim: Objective, progress: Progress, checks: Mapping[str, str], quizzes: Mapping[str, str]) -> Line:
    tasks = _of(aim, checks, progress.checks)
    asked = _of(aim, quizzes, progress.quizzes)
    tried = [progress.checks[id] for id in tasks if id in progress.checks]
    answered = [progress.quizzes[id] for id in asked if id in progress.quizzes]
    guessed = [record for record in progress.guesses.values() if record.objective == aim.number]
    passed = sum(1 for record in tried if record.done)
    if tasks and passed == len(tasks):
        standing = Standing.PASSED
    elif passed:
        standing = Standing.PARTLY
    elif any(record.last != "not attempted" for record in tried):
        standing = Standing.NOT_YET
    elif answered or guessed:
        standing = Standing.STARTED
    else:
        standing = Standing.NEW
    return Line(
        objective=aim,
        standing=standing,
        checks=(passed, len(tasks)),
        quizzes=(sum(1 for record in answered if record.done), len(asked)),
        attempts=sum(record.attempts for record in (*tried, *answered)),
        last_at=max((record.last_at for record in (*tried, *answered, *guessed)), default=""),
    )


def _of(aim: Objective, known: Mapping[str, str], done: Mapping[str, Record]) -> list[str]:
    """Ids that belong to an objective: the course's list, or what was done where the course's list is empty."""
    listed = known or {id: record.objective for id, record in done.items()}
    return sorted(id for id, objective in listed.items() if objective == aim.number)
