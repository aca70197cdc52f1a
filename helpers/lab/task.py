"""What an author writes: a task, its check, its hints, the right answer and the typical wrong ones.

Tasks are data beside the notebook; docs/AUTHORS.md says how to add one. The harness in tests/chapters runs every
solution and every wrong answer on the real engine.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.errors import WrongUse

if TYPE_CHECKING:
    from helpers.lab.look import Look

FEWEST_WRONG = 3
ID = re.compile(r"(\d\d\.[1-9])-[a-z][a-z-]*")


def _nothing_to_draw(_: random.Random) -> dict[str, str]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to do, and how it is known to be done.

    id: the objective, a dash and a word, such as "01.1-broken". title: a few words. brief: what to do; {name} stands
    for a value drawn for this learner. check: returns if all is well, else ends through the methods of Look.
    mistakes: what is said about each typical mistake, by name; never the command to type. hints: each goes deeper.
    solution: Python that solves it, as a learner would type it: `x` is the exercise, `answer` what x.check is given.
    commands: the same in a terminal, line by line, such that bash, zsh, fish and PowerShell take it; a lab's are typed
    in the learner's folder. {name} stands for a drawn value there, too, and {_name} for one that is not shown. What an
    answered task asks for stands in what they print.
    reason: why that is right. wrong: Python that makes the mistake, by the same names.
    draw: the values of an attempt; a name that begins with _ is not shown to the learner.
    prepare: makes what the task needs on the engine; may run again.
    answered: x.check wants an answer. choices: how many answers there are, where they are so few that the right one can
    be found by trying: the verdict then counts them. files: of the solution, those that this task is about.
    folder: for an exercise of a chapter with files: what the learner's folder is called. Its starter/, solution/ and
    wrong/ are in a folder of that name, beside the exercise. (A lab has one for all its tasks.)

    Raises: WrongUse if a part is missing or two contradict each other.
    """

    id: str
    title: str
    brief: str
    check: Callable[[Look], None]
    mistakes: Mapping[str, str]
    hints: tuple[str, ...]
    solution: str
    reason: str
    wrong: Mapping[str, str]
    commands: tuple[str, ...] = ()
    draw: Callable[[random.Random], dict[str, str]] = _nothing_to_draw
    prepare: Callable[[Look], None] | None = None
    answered: bool = False
    choices: int = 0
    files: tuple[str, ...] = ()
    folder: str = ""

    def __post_init__(self) -> None:
        self._demand(ID.fullmatch(self.id) is not None, "its id is not like 01.1-broken")
        for part in ("title", "brief", "solution", "reason"):
            self._demand(bool(getattr(self, part).strip()), f"it has no {part}")
        self._demand(bool(self.hints), "it has no hint")
        self._demand(self.answered or not self.choices, "it has answers to choose from, and wants none")
        self._demand(len(self.wrong) >= FEWEST_WRONG, f"it has {len(self.wrong)} wrong answers, not {FEWEST_WRONG}")
        self._demand(
            set(self.wrong) == set(self.mistakes),
            f"wrong answers and mistakes differ: {', '.join(sorted(set(self.wrong) ^ set(self.mistakes)))}",
        )

    def _demand(self, met: bool, why: str) -> None:
        if not met:
            raise WrongUse(f"The task {self.id!r} can't be used.", why, "Correct it where it is written.")

    @property
    def objective(self) -> str:
        """Its objective, such as "01.1"."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, kw_only=True)
class Lab:
    """A lab: tasks about files that the learner edits. Beside its checks lie starter/, solution/ and wrong/NAME/.

    name: its folder's. brief: what it is about; {folder} stands for the learner's files. draw: the values of an
    attempt, which all tasks share; {name} of them is what the learner calls things on the engine. prepare: puts up what
    the lab is about whenever it is opened: what stands, it leaves alone; what is gone or broken, it puts up again.
    """

    name: str
    title: str
    brief: str
    draw: Callable[[random.Random], dict[str, str]]
    tasks: tuple[Task, ...]
    prepare: Callable[[Look], None] | None = None
