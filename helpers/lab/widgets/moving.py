"""A prediction whose parts are moved to their places: with the mouse, a finger, or the keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import traitlets

from helpers.drawing.text import plain
from helpers.errors import WrongUse
from helpers.lab.model.arrangement import Arrangement
from helpers.lab.views.arrangement import PROMPT, after_guess
from helpers.lab.widgets.question import Card, asked_of, source

_HERE = Path(__file__)


class Moving(Card):
    """The widget. look: a pile or lanes. parts: letter, text and places of each at first. places: what each says.

    guess: what was committed to last, such as "a1 b12"; "" before that. said: what is said about it.
    """

    _esm = source(_HERE.with_suffix(".js"))
    _css = source(_HERE.with_suffix(".css"))

    look = traitlets.Unicode().tag(sync=True)
    parts: traitlets.List[dict[str, str]] = traitlets.List().tag(sync=True)
    places: traitlets.List[str] = traitlets.List().tag(sync=True)
    guess = traitlets.Unicode("").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)


def moving(asked: Arrangement, *, chose: Callable[[str], str]) -> Moving:
    """The widget for a prediction by moving parts. It is not told what is right.

    chose: called with each guess; returns what went wrong with noting it down, "" if nothing.
    """
    shown = Moving(
        **asked_of(asked),
        prompt=PROMPT,
        look=asked.look,
        parts=[{"letter": letter, "text": plain(part.text), "at": part.at} for letter, part in asked.lettered.items()],
        places=[plain(text) for text in asked.places],
    )

    def noted(change: Any) -> None:
        try:
            asked.read(change["new"])  # what a page sends is not trusted
        except WrongUse:
            return
        shown.said = plain(f"{after_guess(asked)} {chose(change['new'])}".strip())

    shown.observe(noted, names="guess")
    return shown
