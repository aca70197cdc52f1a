"""Quick questions, and predictions: what is asked, which options there are, and why each is right or wrong."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from typing import ClassVar, TypeVar

from helpers.errors import WrongUse

FEWEST, MOST = 3, 5
LETTERS = "abcde"
MISCONCEPTIONS = range(1, 40)  # the numbers of the curriculum's list


@dataclass(frozen=True, kw_only=True)
class Option:
    """One answer to choose.

    id: a to e, as it is written; what was chosen is kept by it. explanation: why it is right or wrong, and where the
    chapter shows it. letter: what a learner types for it, by its place once that is drawn; "": the id.
    """

    id: str
    text: str
    right: bool
    explanation: str
    letter: str = ""

    def __post_init__(self) -> None:
        if not self.letter:
            object.__setattr__(self, "letter", self.id)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What all have in common that is asked of a learner.

    id: the chapter, a dash, the kind and a number. objective: such as "01.2". misconception: its number in the
    curriculum's list, if a wrong answer is one of those. output: lines of a real run, to be read before answering.

    Raises: WrongUse when made of parts that could not be asked or answered.
    """

    id: str
    objective: str
    misconception: int | None = None
    question: str
    output: str = ""

    kind: ClassVar[str] = ""

    def __post_init__(self) -> None:
        self._demand(
            re.fullmatch(rf"\d\d-{self.kind}[1-9]\d?", self.id) is not None, f"its id is not like 01-{self.kind}1"
        )
        self._demand(
            re.fullmatch(rf"{self.id[:2]}\.[1-9]", self.objective) is not None,
            f"'{self.objective}' is not an objective of its chapter",
        )
        self._demand(
            self.misconception is None or self.misconception in MISCONCEPTIONS,
            f"the curriculum has no misconception {self.misconception}",
        )
        self._demand(bool(self.question.strip()), "it asks nothing")

    def _demand(self, met: bool, why: str) -> None:
        if not met:
            raise WrongUse(f"The question {self.id!r} can't be asked.", why, "Correct it where it is written.")


@dataclass(frozen=True, kw_only=True)
class Question(Asked):
    """What is answered by choosing one of several options."""

    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        self._demand(FEWEST <= len(self.options) <= MOST, f"it has {len(self.options)} options, not {FEWEST} to {MOST}")
        letters = "".join(option.letter for option in self.options)
        self._demand(letters == LETTERS[: len(self.options)], f"its letters are '{letters}', not a, b, c and so on")
        for option in self.options:
            self._demand(bool(option.text.strip()), f"option {option.id} is empty")
            self._demand(bool(option.explanation.strip()), f"option {option.id} has no explanation")
        texts = {option.text.strip().lower() for option in self.options}
        self._demand(len(texts) == len(self.options), "two of its options are the same")
        self._demand(self._rights_are_right(), self._rights_wanted())

    def _rights_are_right(self) -> bool:
        return len(self.right) == 1

    def _rights_wanted(self) -> str:
        return f"{len(self.right)} of its options are right, not one"

    def drawn(self: Q, lot: str) -> Q:
        """The same with its options in an order that `lot` draws, lettered by their places."""
        order = random.Random(f"{self.id} {lot}").sample(self.options, len(self.options))  # noqa: S311 - no secret
        return replace(
            self, options=tuple(replace(one, letter=letter) for one, letter in zip(order, LETTERS, strict=False))
        )

    def known(self, id: str) -> Option | None:
        """The option that is written by that id; None if there is none any more."""
        return next((option for option in self.options if option.id == id), None)

    @property
    def right(self) -> tuple[Option, ...]:
        """The options that are right."""
        return tuple(option for option in self.options if option.right)

    def option(self, letter: object) -> Option:
        """The option of that letter; "B", " b " and "b)" are b.

        Raises: WrongUse if there is none.
        """
        wanted = letter.strip().rstrip(").").lower() if isinstance(letter, str) else letter
        for option in self.options:
            if option.letter == wanted:
                return option
        raise WrongUse(
            f"{letter!r} is none of the options.",
            f"they are {', '.join(option.letter for option in self.options)}",
            f'Give the letter in quotes, such as "{self.options[0].letter}".',
        )


Q = TypeVar("Q", bound=Question)


@dataclass(frozen=True, kw_only=True)
class Quiz(Question):
    """A quick question with one right option."""

    kind = "q"


@dataclass(frozen=True, kw_only=True)
class Guess(Asked):
    """What is guessed before a cell runs. outcome: what that cell showed, and why, in one or two sentences."""

    outcome: str

    kind = "p"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._demand(bool(self.outcome.strip()), "it does not say what happened")


@dataclass(frozen=True, kw_only=True)
class Prediction(Guess, Question):
    """A guess that is made by choosing an option.

    More than one option may be right, where it depends on the engine what happens; the outcome then says which holds
    when.
    """

    def _rights_are_right(self) -> bool:
        return 1 <= len(self.right) < len(self.options)

    def _rights_wanted(self) -> str:
        return "all of its options are right" if self.right else "none of its options is right"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An option that a learner chose. problem: why it could not be noted down; "" if it was."""

    quiz: Quiz
    option: Option
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """A guess that a learner committed to. problem: why it could not be noted down; "" if it was."""

    prediction: Prediction
    option: Option
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A guess beside what happened. guess: None if there was none."""

    prediction: Prediction
    guess: Option | None
