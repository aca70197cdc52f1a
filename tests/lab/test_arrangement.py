"""Predictions that are made by moving parts: as data, as words, and without a page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from helpers.errors import WrongUse
from helpers.lab import catalogue, progress, quizzes
from helpers.lab.model.arrangement import Arrangement, Part
from helpers.lab.widgets.moving import moving

LANES = Arrangement(
    id="08-p9",
    objective="08.4",
    look="lanes",
    question="Who belongs where?",
    outcome="The api is on both.",
    places=("`front`", "`back`"),
    parts=(
        Part(text="web", right="1", at="1", explanation="why web"),
        Part(text="api", right="12", at="1", explanation="why api"),
        Part(text="store", right="2", explanation="why store"),
    ),
)
PILE = replace(
    LANES,
    look="pile",
    parts=(Part(text="COPY", right="1", explanation="files"), Part(text="CMD", right="2", explanation="none")),
)


@pytest.fixture(autouse=True)
def home(home: Path) -> Path:
    return home / "state"


def shown(asked: Arrangement) -> quizzes.ShownArrangement:
    return quizzes.ShownArrangement.of(asked)


def test_what_is_typed_is_what_is_kept() -> None:
    places = LANES.read(" B21 a1  c2")
    assert places == {"a": {"1"}, "b": {"1", "2"}, "c": {"2"}}
    assert LANES.written(places) == "a1 b12 c2"
    assert LANES.missed(places) == ()
    assert LANES.missed(LANES.read("a1 b1 c12")) == ("b", "c")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (LANES, "a1 b12"),  # one is nowhere
        (LANES, "a1 b12 c"),
        (LANES, "a1 b12 c3"),  # no such place
        (LANES, "a1 b12 c2 d1"),  # no such part
        (LANES, "a1 b1 b2 c2"),  # twice
        (LANES, ""),
        (LANES, {"a": "1"}),
        (PILE, "a12 b2"),  # on a pile each is in one place
    ],
)
def test_a_guess_that_says_not_where_all_belong_is_explained(asked: Arrangement, words: object) -> None:
    with pytest.raises(WrongUse, match=r"such as|Name each once"):
        asked.read(words)
    assert asked.known(str(words)) is None


@pytest.mark.parametrize(
    "broken",
    [
        {"places": ("one",)},
        {"parts": LANES.parts[:1]},
        {"parts": (replace(LANES.parts[0], right=""), LANES.parts[1])},
        {"parts": (replace(LANES.parts[0], right="3"), LANES.parts[1])},
        {"parts": (replace(LANES.parts[0], at="7"), LANES.parts[1])},
        {"parts": (replace(LANES.parts[0], explanation=" "), LANES.parts[1])},
        {"parts": (LANES.parts[0], replace(LANES.parts[0], text="another"))},  # nothing is to be moved
        {"look": "pile"},  # one part belongs in two places
        {"outcome": ""},
    ],
)
def test_one_that_can_t_be_asked_is_refused_where_it_is_written(broken: dict[str, object]) -> None:
    with pytest.raises(WrongUse, match="can't be asked"):
        replace(LANES, **broken)  # type: ignore[arg-type]


def test_it_is_kept_and_compared_part_by_part_and_none_is_fine() -> None:
    assert "You made no guess" in repr(shown(LANES).compare())
    said = repr(shown(LANES).commit("a1 b1 c2"))
    assert "Your guess is noted" in said
    assert "why" not in said
    compared = repr(shown(LANES).compare())
    assert "2 of 3 are right. It went differently for api." in compared
    assert "✕ api: `front` and `back`; you guessed: `front`. why api" in compared
    assert "✓ web: `front`. why web" in compared
    assert not progress.read().guesses["08-p9"].done
    shown(LANES).commit("a1 b12 c2")
    assert "All 3 are right." in repr(shown(LANES).compare())
    assert progress.read().guesses["08-p9"].done


def test_a_guess_of_an_earlier_form_of_the_question_is_no_guess() -> None:
    progress.guessed(LANES, "b", right=False)  # a letter, from when it was answered by choosing
    assert "You made no guess" in repr(shown(LANES).compare())


def test_without_widgets_it_says_what_to_type_and_what_is_typed_works() -> None:
    said = repr(shown(LANES))
    assert "a) web (now: `front`)" in said
    assert "2) `back`" in said
    assert 'predict("08-p9").commit("a1 b1 c1")' in said
    shown(LANES).commit("a1 b1 c1")


def test_its_page_is_not_told_what_is_right_and_is_not_trusted() -> None:
    heard: list[str] = []

    def chose(words: str) -> str:
        heard.append(words)
        return "The disk is full."

    widget = moving(LANES, chose=chose)
    sent = json.dumps(widget.get_state(), default=str)
    assert "why" not in sent
    assert "right" not in json.dumps(widget.parts)
    widget.guess = "a1 b99 c2"
    assert (heard, widget.said) == ([], "")
    widget.guess = "a1 b12 c2"
    assert heard == ["a1 b12 c2"]
    assert widget.said.startswith("Your guess is noted.")
    assert widget.said.endswith("The disk is full.")


def test_two_chapters_ask_for_it() -> None:
    assert {id[:2] for id, one in catalogue.predictions().items() if isinstance(one, Arrangement)} == {"03", "04", "08"}
