"""Quick questions, and guesses before a cell runs. Nothing waits for an answer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from helpers import store
from helpers.drawing.figure import Shows
from helpers.drawing.in_place import in_notebook
from helpers.engine.session import session
from helpers.errors import CourseError, WrongUse
from helpers.lab import catalogue, progress, schedule
from helpers.lab.model.arrangement import Arranged, ArrangedBeside, Arrangement, Places
from helpers.lab.model.quiz import Answer, Commitment, Comparison, Guess, Option, Prediction, Question, Quiz
from helpers.lab.views import arrangement as arrangement_views
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


class ShownArranged(Shows, Arranged):
    """The guess by moving parts, shown."""

    figure = arrangement_views.committed


class ShownArrangedBeside(Shows, ArrangedBeside):
    """The comparison, shown."""

    figure = arrangement_views.compared


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
        _display(self, lambda: _buttons(self, self._choose))


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
            guess = self.known(_last(self))
        return ShownComparison(prediction=self, guess=guess)

    def _choose(self, letter: str) -> str:
        option = self.option(letter)
        self.own["guess"] = option
        return _noted(lambda: progress.guessed(self, option.id, right=option.right))

    def _ipython_display_(self) -> None:
        _display(self, lambda: _buttons(self, self._choose))


@dataclass(frozen=True, kw_only=True, repr=False)
class ShownArrangement(Shows, Arrangement):
    """A guess by moving parts. own: the guess of this object, should the disk not take it."""

    own: dict[str, Places] = field(default_factory=dict, compare=False)

    figure = arrangement_views.arrangement

    def commit(self, places: str) -> ShownArranged:
        """Notes your guess, such as "a1 b12": each part's letter with its places. A later one takes its place.

        Raises: WrongUse if a part has no place, or one that there is not.
        """
        read = self.read(places)
        return ShownArranged(arrangement=self, places=read, problem=self._choose(self.written(read)))

    answer = commit  # as a quiz has it

    def compare(self) -> ShownArrangedBeside:
        """Shows your guess beside what happened. Without a guess it shows what happened all the same."""
        return ShownArrangedBeside(arrangement=self, places=self.own.get("guess") or self.known(_last(self)))

    def _choose(self, words: str) -> str:
        places = self.read(words)
        self.own["guess"] = places
        return _noted(lambda: progress.guessed(self, self.written(places), right=not self.missed(places)))

    def _ipython_display_(self) -> None:
        def widget() -> _Widget:
            from helpers.lab.widgets.moving import moving

            return moving(self, chose=self._choose)

        _display(self, widget)


def quiz(id: str) -> ShownQuiz:
    """Asks the quick question of that id, such as "01-q2".

    The order of its options is drawn for you, and stays until the kernel is started again.

    Raises: WrongUse if the course has no such question.
    Equivalent: no docker command; it asks you, not the engine.
    """
    return ShownQuiz.of(catalogue.find(Quiz, id).drawn(session.sitting))


def predict(id: str) -> ShownPrediction | ShownArrangement:
    """Asks for a guess before the next cell runs, by its id, such as "01-p1". Going on without one is fine.

    Some are made by choosing, some by moving parts. The order of options is drawn for you, and stays, so that your
    guess is found again beside what happened.

    Raises: WrongUse if the course has no such prediction.
    Equivalent: no docker command; it asks you, not the engine.
    """
    asked = catalogue.find(Guess, id)
    if isinstance(asked, Prediction):
        return ShownPrediction.of(asked.drawn(_learner()))
    if isinstance(asked, Arrangement):
        return ShownArrangement.of(asked)
    raise WrongUse(f"{id!r} is a {type(asked).__name__}, which can't be asked.")


def _last(asked: Guess) -> str:
    """What was guessed last, as it was kept; "" if nothing was, or it can't be read."""
    with contextlib.suppress(CourseError):
        noted = progress.read().guesses.get(asked.id)
        return noted.last if noted else ""
    return ""


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


class _Widget(Protocol):
    def view(self) -> dict[str, Any]: ...


def _buttons(asked: Question, chose: Callable[[str], str]) -> _Widget:
    from helpers.lab.widgets.choice import choice

    return choice(asked, chose=chose)


def _display(shown: Shows, widget: Callable[[], _Widget]) -> None:
    """The plain words, and in a notebook the widget, too.

    Two outputs on purpose: one with both forms shows an error in place of the words once its kernel is gone.
    """
    from IPython.display import display

    show: Callable[..., object] = display  # it has no types
    show(shown._repr_mimebundle_(), raw=True)
    if not in_notebook():
        return
    with contextlib.suppress(ImportError):  # an environment from before; the words do all that is needed
        show({**widget().view(), "text/plain": ""}, raw=True)
