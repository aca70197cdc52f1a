"""The word about time: said if a budget is broken, and about whom."""

from __future__ import annotations

import pytest

from tests.harness.durations import WHOLE, chapter_of, over_budget


@pytest.mark.parametrize(
    ("test", "chapter"),
    [
        ("notebooks/03-layers.ipynb::runs", "03"),
        ("labs/08-split-the-network/lab.ipynb::runs", "08"),
        ("tests/chapters/test_exercises.py::test_the_solution_passes[01.1-broken]", "01"),
        ("tests/chapters/test_again.py::test_two_learners[06-isolation]", "06"),
        ("tests/networks/test_engine.py::test_a_map", ""),
        ("tests/engine/test_settings.py::test_a_size[10.5-x]", ""),
    ],
)
def test_whose_time_it_is(test: str, chapter: str) -> None:
    assert chapter_of(test) == chapter


def test_within_the_budget_nothing_is_said() -> None:
    assert over_budget({"notebooks/03-layers.ipynb::runs": 140.0, "tests/x.py::y": 900.0}, workers=2) == []


def test_a_chapter_over_its_budget_is_named_with_what_was_slow() -> None:
    own = {"notebooks/09-x.ipynb::runs": 100.0, "labs/09-y/lab.ipynb::runs": 60.0}

    (line,) = over_budget({**own, "notebooks/10-z.ipynb::runs": 90.0}, workers=2)

    assert line.startswith("budget: chapter 09 took 80 s of 75 s on each engine; the slowest: notebooks/09-x.ipynb")


def test_a_run_may_take_longer_for_each_further_chapter() -> None:
    seconds = {"tests/x.py::y": 2 * WHOLE + 100, "notebooks/09-x.ipynb::runs": 1.0, "notebooks/10-z.ipynb::runs": 1.0}
    assert over_budget(seconds, workers=2) == []
    del seconds["notebooks/09-x.ipynb::runs"], seconds["notebooks/10-z.ipynb::runs"]
    assert [line.partition(" took ")[0] for line in over_budget(seconds, workers=2)] == ["budget: the run"]
