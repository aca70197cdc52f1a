"""Exercises of a chapter: what to do, and a check that looks at the engine."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

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


class Exercise(Shows):
    """One exercise: shows what to do. given: the values drawn for you, by name."""

    def __init__(self, task: Task, *, lab: Lab | None = None, folder: Path | None = None) -> None:
        self._task = task
        self._key, self._draw = (
            (lab.name, lab.draw) if lab else (task.id, task.draw)
        )  # a lab's tasks share their values
        self._folder = folder
        self.id = task.id

    @property
    def given(self) -> Mapping[str, str]:
        """The values drawn for you; the same until you begin anew. Those that would tell the answer are not shown."""
        drawn = attempts.current(self._key, self._draw).given
        return {name: value for name, value in drawn.items() if not name.startswith("_")}

    def figure(self) -> Figure:
        """The picture of this object."""
        shown = filled(self._task.brief, self.given)
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

    def solution(self) -> Solution:
        """What solves it, and why. `x` in it is this exercise."""
        drawn = attempts.current(self._key, self._draw).given
        return Solution(
            title=self._task.title,
            source=self._task.solution.strip(),
            commands=tuple(
                _VALUE.sub(lambda found: drawn.get(found[1], found[0]), line) for line in self._task.commands
            ),
            reason=self._task.reason,
        )

    def prepare(self) -> None:
        """Makes on the engine what the exercise needs."""
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
    found = Exercise(catalogue.find(Task, id))
    if again:
        attempts.begin(found.id, found._task.draw)
    found.prepare()
    appeared.expect(scene.current(), found.given.values())
    return found


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
