"""Exercises of a chapter: what to do, and a check that looks at the engine."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from helpers import store
from helpers.drawing.figure import Figure, Shows
from helpers.drawing.in_place import Live
from helpers.drawing.text import count
from helpers.engine import scene
from helpers.engine.client import connect
from helpers.engine.scene import appeared
from helpers.errors import CourseError, WrongUse
from helpers.lab import attempts, catalogue, progress, run_check
from helpers.lab.look import Look
from helpers.lab.model import verdict as model
from helpers.lab.task import Lab, Task
from helpers.lab.views import verdict as views

__all__ = ["exercise"]
_VALUE = re.compile(r"\{(_?[a-z]+)\}")  # of a command: not the braces of --format


class Verdict(Shows, model.Verdict):
    """The outcome of one check, shown."""

    figure = views.verdict


@dataclass(frozen=True, kw_only=True, repr=False)
class Hint(Shows):
    """One hint. number: from 1."""

    text: str
    number: int
    total: int

    def figure(self) -> Figure:
        """The picture of this object."""
        return views.hint(self.text, number=self.number, total=self.total)


@dataclass(frozen=True, kw_only=True, repr=False)
class Solution(Shows):
    """A solution and the reason for it."""

    title: str
    source: str
    commands: tuple[str, ...]
    reason: str

    def figure(self) -> Figure:
        """The picture of this object."""
        return views.solution(self.title, self.source, self.commands, self.reason)


@dataclass(frozen=True, kw_only=True, repr=False)
class FileSolution(Shows):
    """A solution made of files, as a diff against yours, and what to type then."""

    title: str
    changes: tuple[tuple[str, str, str], ...]
    source: str
    commands: tuple[str, ...]
    reason: str

    def figure(self) -> Figure:
        """The picture of this object."""
        return views.files(self.title, self.changes, self.source, self.commands, self.reason)


class Exercise(Shows):
    """One exercise: shows what to do. given: the values drawn for you, by name."""

    def __init__(
        self, task: Task, *, lab: Lab | None = None, source: Path | None = None, folder: Path | None = None
    ) -> None:
        """source: where the author's files are. folder: where the learner's are; both None if there are none."""
        self._task = task
        self._key, self._draw = (
            (lab.name, lab.draw) if lab else (task.id, task.draw)
        )  # a lab's tasks share their values
        self._source, self._folder = source, folder
        self.id = task.id

    @property
    def folder(self) -> Path:
        """Where your files of this exercise are.

        Raises: WrongUse if it is not about files.
        """
        if self._folder is None:
            raise WrongUse("This exercise has no folder.", "it is not about files", "Its text says what it is about.")
        return self._folder

    @property
    def given(self) -> Mapping[str, str]:
        """The values drawn for you; the same until you begin anew. Those that would tell the answer are not shown."""
        drawn = attempts.current(self._key, self._draw).given
        return {name: value for name, value in drawn.items() if not name.startswith("_")}

    def figure(self) -> Figure:
        """The picture of this object."""
        place = {"folder": shown_path(self._folder)} if self._folder is not None else {}
        shown = filled(self._task.brief, {**self.given, **place})
        return views.brief(f"Exercise {self._task.objective}: {self._task.title}", shown, answered=self._task.answered)

    def check(self, answer: object = ..., *more: object) -> Verdict:
        """Looks at what you did, or at your answer, on the engine, now.

        answer: for exercises that ask for one. Nothing of the check is left on the engine.

        Raises: WrongUse for several answers.
        """
        if more:
            raise WrongUse(
                "check takes one answer.",
                f"it was given {1 + len(more)}",
                'Put all of it between one pair of quotes: x.check("first second")',
            )
        with Live() as live:
            live.step("checking", 0, None)
            return self.verdict(answer)

    def verdict(self, answer: object = ...) -> Verdict:
        """The same without a line that shows that it is at work."""
        try:
            look = self._look(answer)
        except CourseError as error:
            found = (f"{error.what} {error.why}".strip(),)
            state = model.State.CANT_TELL
            return Verdict(task=self.id, title=self._task.title, state=state, found=found, look=error.next_step)
        found_out = run_check.check(self._task, look)
        with contextlib.suppress(CourseError):  # a full disk is no reason to withhold the verdict
            progress.checked(
                self.id, objective=self._task.objective, mark=found_out.state.value, passed=found_out.passed
            )
        return Verdict.of(replace(found_out, tries=self._tries(found_out, look)))

    def _tries(self, found: model.Verdict, look: Look) -> str:
        """How many different answers were tried in this attempt; "" where there are too many to try."""
        judged = found.state in (model.State.NOT_YET, model.State.PASSED)
        if not self._task.choices or not judged or look.answer in (..., None, ""):
            return ""
        try:
            number = attempts.tried(self._key, " ".join(look.text().lower().split())[:80])
        except CourseError:  # what can't be kept can't be counted
            return ""
        if found.passed and number == 1:
            return ""
        said = f"You have tried {count(number, 'answer')}; {self._task.choices} are possible."
        if not found.passed:
            return f"{said} Look at the engine before the next one."
        again = f'`exercise("{self.id}", again=True)` asks with other values.'
        drawn = attempts.current(self._key, self._draw).given
        return f"{said} If it was luck: {again if drawn else 'look again at what shows it.'}"

    def hint(self) -> Hint:
        """One hint; each further one says more. The last one is repeated."""
        hints = self._task.hints
        number = min(attempts.one_more_hint(self.id, self._draw), len(hints) - 1)
        return Hint(text=filled(hints[number], self.given), number=number + 1, total=len(hints))

    def solution(self) -> Solution | FileSolution:
        """What solves it, and why; files are shown as a diff against yours. `x` in it is this exercise."""
        task = self._task
        drawn = attempts.current(self._key, self._draw).given
        commands = tuple(_VALUE.sub(lambda found: drawn.get(found[1], found[0]), line) for line in task.commands)
        if not task.files:
            return Solution(title=task.title, source=task.solution.strip(), commands=commands, reason=task.reason)
        solved, mine = (self._source or Path()) / "solution", self.folder
        changes = tuple((name, _text(mine / name), _text(solved / name)) for name in task.files)
        lines = [line for line in task.solution.strip().splitlines() if not line.startswith("use(")]
        return FileSolution(
            title=task.title, changes=changes, source="\n".join(lines), commands=commands, reason=task.reason
        )

    def prepare(self) -> None:
        """Makes what the exercise needs: files in your folder, where none of yours is replaced, and on the engine."""
        if self._task.folder and self._source is not None:
            lay(self._source / "starter", self.folder, attempts.current(self._key, self._draw).given)
        if self._task.prepare is not None:
            with Live() as live:
                live.step("preparing the exercise", 0, None)
                self._task.prepare(self._look(...))

    def _look(self, answer: object) -> Look:
        attempt = attempts.current(self._key, self._draw)
        return Look(connect(), self._key, attempt, scene=scene.current(), answer=answer, folder=self._folder)


def exercise(id: str, *, again: bool = False) -> Exercise:
    """The exercise of that id, such as "01.1-broken"; makes on the engine what it needs.

    again: begin anew, with other values.

    Raises: WrongUse if the course has no such exercise; what the engine raises.
    Equivalent: no docker command; your own commands are what it looks at.
    """
    found = of_chapter(catalogue.find(Task, id))
    if again:
        attempts.begin(found.id, found._task.draw)
    found.prepare()
    appeared.expect(scene.current(), found.given.values())
    return found


def of_chapter(task: Task) -> Exercise:
    """An exercise of a chapter, with the learner's folder if it is about files."""
    if not task.folder:
        return Exercise(task)
    return Exercise(task, source=catalogue.FOLDER / task.folder, folder=store.work() / task.folder)


def lay(source: Path, mine: Path, given: Mapping[str, str], *, without: Collection[str] = ()) -> None:
    """Copies an author's files into the learner's folder; none of theirs is replaced. `@name@` is a drawn value.

    without: names of files and folders to leave out.

    Raises: CourseError if the folder can't be written.
    """
    try:
        for path in sorted(source.rglob("*")):
            target = mine / path.relative_to(source)
            if set(path.relative_to(source).parts) & set(without):
                continue
            if path.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            elif not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                text = path.read_text(encoding="utf-8")
                for name, value in given.items():
                    text = text.replace(f"@{name}@", value)
                target.write_text(text, encoding="utf-8", newline="\n")  # a script with \r\n runs in no container
    except OSError as error:
        raise no_folder(mine, error) from error


def no_folder(place: Path, error: OSError) -> CourseError:
    """The error for a folder that can't be written."""
    return CourseError(
        f"The folder {place} can't be written.",
        error.strerror or str(error),
        "Free some space, or set COURSE_WORK to a folder that you may write; COURSE_LABS for the labs' alone.",
    )


def shown_path(place: Path) -> str:
    """A folder as the file browser names it."""
    try:
        return place.relative_to(catalogue.LABS.parent).as_posix()
    except ValueError:
        return str(place)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def filled(text: str, given: Mapping[str, str]) -> str:
    """`text` with the drawn values in the place of {names}.

    Raises: WrongUse if it names one that was not drawn, as after an update of the course.
    """
    try:
        return text.format_map(given)
    except (KeyError, ValueError, IndexError) as error:
        raise WrongUse(
            "This exercise was begun with an older edition of the course.",
            f"it lacks {error}",
            "Start again: exercise(ID, again=True)",
        ) from error


def __dir__() -> list[str]:
    return list(__all__)
