"""Quick questions, and guesses before a cell runs. Nothing waits for an answer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from helpers import store
from helpers.drawing.figure import Shows
from helpers.drawing.in_place import in_notebook
from helpers.engine.session import session
from helpers.errors import CourseError
from helpers.lab import catalogue, progress, schedule
from helpers.lab.model.quiz import Answer, Commitment, Comparison, Option, Prediction, Question, Quiz
from helpers.lab.views import quiz as views

__all__ = ["predict", "quiz"]


class ShownAnswer(Shows, Answer):
    """The answer, shown."""

    figure = views.answered


class ShownCommitment(Shows, Commitment):
    """The guess, shown."""

    figure = views.committed


class ShownComparison(Shows, Comparison):
    """The comparison, shown."""

    figure = views.compared


@dataclass(frozen=True, kw_only=True, repr=False)
class ShownQuiz(Shows, Quiz):
    """A quick question: choose an option, or answer by its letter. own: what was chosen first of this one."""

    own: dict[str, str] = field(default_factory=dict, compare=False)

    figure = views.quiz

    def answer(self, letter: str) -> ShownAnswer:
        """Says whether the option of that letter is right, and why.

        Raises: WrongUse if there is no such option.
        """
        option = self.option(letter)
        return ShownAnswer(quiz=self, option=option, problem=self._choose(option.letter))

    commit = answer  # as a prediction has it

    def _choose(self, letter: str) -> str:
        option = self.option(letter)
        first = "first" not in self.own  # who tries all four has not known it
        self.own.setdefault("first", option.id)

        def note() -> None:
            progress.answered(self, option)
            if first:
                schedule.answered(self.id, right=option.right)

        return _noted(note)

    def _ipython_display_(self) -> None:
        _display(self, self, self._choose)


@dataclass(frozen=True, kw_only=True, repr=False)
class ShownPrediction(Shows, Prediction):
    """A question to commit to before a cell runs. own: the guess of this object, should the disk not take it."""

    own: dict[str, Option] = field(default_factory=dict, compare=False)

    figure = views.prediction

    def commit(self, letter: str) -> ShownCommitment:
        """Notes your guess; a later one takes its place.

        Raises: WrongUse if there is no such option.
        """
        option = self.option(letter)
        return ShownCommitment(prediction=self, option=option, problem=self._choose(option.letter))

    answer = commit  # as a quiz has it

    def compare(self) -> ShownComparison:
        """Shows your guess beside what happened. Without a guess it shows what happened all the same."""
        guess = self.own.get("guess")
        if guess is None:
            with contextlib.suppress(CourseError):
                noted = progress.read().guesses.get(self.id)
                guess = self.known(noted.last) if noted else None
        return ShownComparison(prediction=self, guess=guess)

    def _choose(self, letter: str) -> str:
        self.own["guess"] = self.option(letter)
        return _noted(lambda: progress.guessed(self, self.option(letter)))

    def _ipython_display_(self) -> None:
        _display(self, self, self._choose)


def quiz(id: str) -> ShownQuiz:
    """Asks the quick question of that id, such as "01-q2".

    The order of its options is drawn for you, and stays until the kernel is started again.

    Raises: WrongUse if the course has no such question.
    Equivalent: no docker command; it asks you, not the engine.
    """
    return ShownQuiz.of(catalogue.find(Quiz, id).drawn(session.sitting))


def predict(id: str) -> ShownPrediction:
    """Asks for a guess before the next cell runs, by its id, such as "01-p1". Going on without one is fine.

    The order of its options is drawn for you, and stays, so that your guess is found again beside what happened.

    Raises: WrongUse if the course has no such prediction.
    Equivalent: no docker command; it asks you, not the engine.
    """
    return ShownPrediction.of(catalogue.find(Prediction, id).drawn(_learner()))


def _learner() -> str:
    """Whose order it is; "" where that can't be kept: then it is everybody's."""
    with contextlib.suppress(CourseError):
        return store.learner()
    return ""


def _noted(note: Callable[[], None]) -> str:
    """Why it could not be noted; "" if it was. A full disk is no reason to withhold the explanation."""
    try:
        note()
    except CourseError as error:
        return f"This could not be noted in your progress: {error.what} {error.why}".strip()
    return ""


def _display(shown: Shows, asked: Question, chose: Callable[[str], str]) -> None:
    """The plain words, and in a notebook the buttons, too.

    Two outputs on purpose: one with both forms shows an error in place of the words once its kernel is gone.
    """
    from IPython.display import display

    show: Callable[..., object] = display  # it has no types
    show(shown._repr_mimebundle_(), raw=True)
    if not in_notebook():
        return
    with contextlib.suppress(ImportError):  # an environment from before; the words do all that is needed
        from helpers.lab.widgets.choice import choice

        show({**choice(asked, chose=chose).view(), "text/plain": ""}, raw=True)
