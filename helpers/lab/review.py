"""Asking again, days later: which questions are due, what was missed first.

Each quiz that is answered counts, in a chapter or here; of one that is shown, the first answer. See `schedule`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from helpers.drawing.figure import Figure, Shows
from helpers.engine.session import session
from helpers.errors import WrongUse
from helpers.lab import catalogue, progress, schedule
from helpers.lab.model.quiz import Quiz
from helpers.lab.model.review import Due, due
from helpers.lab.quizzes import ShownQuiz
from helpers.lab.views import review as views

__all__ = ["review"]

AT_A_TIME = 10


@dataclass(frozen=True, kw_only=True, repr=False)
class Review(Shows):
    """Some questions to answer now, each as `quiz` asks it. due: why these, and what comes later."""

    due: Due
    questions: tuple[ShownQuiz, ...]

    def figure(self) -> Figure:
        """The picture of this object."""
        return views.review(self.due, self.questions)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        show: Callable[..., object] = display  # it has no types
        show(self._repr_mimebundle_(), raw=True)
        for asked in self.questions:
            asked._ipython_display_()


def review(number: int = AT_A_TIME) -> Review:
    """Asks some questions again, of all chapters that you have begun: what is due, and what you missed, first.

    number: how many at a time, 1 to 50.

    Raises: WrongUse for another number; StoreError if what is noted can't be read.
    Equivalent: no docker command; it asks you, not the engine.
    """
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 50:
        raise WrongUse(
            f"{number!r} questions can't be asked.", "it is a number from 1 to 50", "For example: review(10)"
        )
    known = catalogue.quizzes()
    done = progress.read()
    begun = {id[:2] for kind in (done.checks, done.quizzes, done.guesses) for id in kind}
    missed = {id for id, record in done.quizzes.items() if id in known and record.last not in _right(known[id])}
    ids = [id for id in known if id[:2] in begun]
    found = due(ids, times=schedule.times(), missed=missed, now=datetime.now(timezone.utc), most=number)
    return Review(due=found, questions=tuple(ShownQuiz.of(known[id].drawn(session.sitting)) for id in found.now))


def _right(quiz: Quiz) -> set[str]:
    return {option.id for option in quiz.right}
