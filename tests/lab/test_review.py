"""Questions asked again, days later."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from helpers import errors, store
from helpers.book import run_notebook
from helpers.lab import catalogue, quizzes, review, schedule
from helpers.lab.model.review import due
from tests.harness.notebooks import load

NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
IDS = list(catalogue.quizzes())
NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "review.ipynb"


@pytest.fixture(autouse=True)
def state(home: Path) -> Path:
    return home / "state"


def answer(id: str, *, right: bool) -> None:
    asked = quizzes.quiz(id)
    asked.answer(next(option.letter for option in asked.options if option.right is right))


def days(id: str) -> int:
    return (schedule.times()[id] - datetime.now(timezone.utc) + timedelta(hours=12)).days


def test_what_was_missed_is_first_then_what_is_due_longest_then_what_is_new() -> None:
    times = {"b": NOW - timedelta(days=1), "c": NOW - timedelta(days=9), "d": NOW + timedelta(days=3), "e": NOW}
    found = due(list("abcdef"), times=times, missed={"e", "f"}, now=NOW, most=4)
    assert found.now == ("f", "e", "c", "b")
    assert (found.missed, found.again, found.new, found.more, found.later, found.next) == (2, 2, 0, 1, 1, 3)


@given(
    some.dictionaries(some.sampled_from("abcdefgh"), some.integers(-9, 9)),
    some.sets(some.sampled_from("abcdefgh")),
    some.integers(1, 9),
)
def test_each_question_is_asked_waits_or_comes_later(hours: dict[str, int], missed: set[str], most: int) -> None:
    times = {id: NOW + timedelta(hours=number) for id, number in hours.items()}
    found = due(list("abcdefgh"), times=times, missed=missed, now=NOW, most=most)
    assert len(found.now) + found.more + found.later == 8
    assert found.missed + found.again + found.new == len(found.now) == len(set(found.now)) <= most
    assert (found.next is None) == (found.later == 0)


def test_days_go_by_and_a_slip_brings_it_back_soon() -> None:
    for id, right in ((IDS[0], True), (IDS[1], False)):
        answer(id, right=right)
    first, second = days(IDS[0]), days(IDS[1])
    assert 1 <= second <= first
    saved = json.loads((store.state() / schedule.FILE).read_text())
    assert set(saved["cards"]) == {IDS[0], IDS[1]}


def test_of_one_question_that_is_shown_the_first_answer_counts() -> None:
    asked = quizzes.quiz(IDS[0])
    for option in asked.options:
        asked.answer(option.letter)
    once = schedule.times()[IDS[0]]
    asked.answer("a")
    assert schedule.times()[IDS[0]] == once


def test_chapters_begun_are_asked_about_and_no_others() -> None:
    assert "nothing to ask yet" in repr(review.review())
    answer("00-q1", right=False)
    found = review.review()
    assert {asked.id[:2] for asked in found.questions} == {"00"}
    assert "00-q1" not in [asked.id for asked in found.questions]  # it comes again tomorrow
    assert "1 question" in repr(found).lower()
    assert 'quiz("00-q2").answer("a")' in repr(found)


def test_a_question_is_due_when_its_day_has_come(state: Path) -> None:
    answer("00-q1", right=True)
    answer("00-q2", right=False)
    saved = json.loads((state / schedule.FILE).read_text())
    for card in saved["cards"].values():
        card["due"] = "2020-01-01T00:00:00+00:00"
    (state / schedule.FILE).write_text(json.dumps(saved))
    assert [asked.id for asked in review.review(2).questions] == ["00-q2", "00-q1"]
    assert review.review(2).due.missed == 1


@pytest.mark.parametrize(
    "text", ['{"version": 1, "cards": {"00-q1": {"due": 7}, "00-q2": 1}}', "[]", "{", '{"version": 9}']
)
def test_what_makes_no_sense_is_left_out(text: str) -> None:
    (store.state() / schedule.FILE).write_text(text)
    assert schedule.times() == {}
    answer("00-q1", right=True)
    assert set(schedule.times()) == {"00-q1"}


@pytest.mark.parametrize("number", [0, 51, True, "3", 2.5])
def test_another_number_is_refused(number: object) -> None:
    with pytest.raises(errors.WrongUse, match="from 1 to 50"):
        review.review(number)  # type: ignore[arg-type]


def test_the_notebook_runs(home: Path) -> None:
    assert [cell.cell_type for cell in load(NOTEBOOK).cells].count("code") == 2
    run_notebook.run(NOTEBOOK, home=home)
