"""A question with its options as buttons: by mouse, by arrow keys and Enter, or by letter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets

from helpers.drawing.text import plain
from helpers.lab.model.quiz import Prediction, Question
from helpers.lab.views.quiz import RIGHT, WRONG, after_guess
from helpers.lab.widgets.question import Card, asked_of, source

_HERE = Path(__file__)


class Choice(Card):
    """The widget; `chosen` is the letter that was chosen last, "" before that.

    options: what each says, and what is said once it is chosen.
    problem: a sentence below that, such as why a choice could not be noted down.
    """

    _esm = source(_HERE.with_suffix(".js"))
    _css = source(_HERE.with_suffix(".css"))

    options: traitlets.List[dict[str, str]] = traitlets.List().tag(sync=True)
    chosen = traitlets.Unicode("").tag(sync=True)
    problem = traitlets.Unicode("").tag(sync=True)


def choice(asked: Question, *, chose: Callable[[str], str]) -> Choice:
    """The widget for a quiz or a prediction.

    chose: called with the letter at each choice; returns what went wrong with noting it down, "" if nothing.
    A prediction's widget is not told what is right: the page of a curious reader would tell it, too.
    """
    guess = isinstance(asked, Prediction)
    shown = Choice(
        **asked_of(asked),
        prompt="Predict: which one? Then run the next cells." if guess else "Choose an answer.",
        options=[_option(asked, letter.letter) for letter in asked.options],
    )

    def noted(change: Any) -> None:
        if any(option.letter == change["new"] for option in asked.options):  # what a page sends is not trusted
            shown.problem = plain(chose(change["new"]))

    shown.observe(noted, names="chosen")
    return shown


def _option(asked: Question, letter: str) -> dict[str, str]:
    option = asked.option(letter)
    found = {"letter": option.letter, "text": plain(option.text)}
    if isinstance(asked, Prediction):
        return {**found, "state": "noted", "verdict": "", "said": plain(after_guess(asked, option))}
    state, verdict = ("good", f"✓ {RIGHT}") if option.right else ("bad", f"✕ {WRONG}")
    return {**found, "state": state, "verdict": verdict, "said": plain(option.explanation)}
