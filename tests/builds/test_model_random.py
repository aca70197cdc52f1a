"""Random Dockerfiles, one random edit each: what runs first is foretold, and its cause is named, or unknown."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.builds.model.causes import Told, explain, forecast
from helpers.builds.model.finding import Cause
from helpers.builds.model.graph import Graph, graph
from helpers.builds.model.snapshot import Snapshot
from tests.builds.model_edits import KEY
from tests.builds.random_builds import Build, Trial, first_misses, trial

BUILDERS = ("buildkit", "classic")
TRIALS = 400


def outcome(one: Trial, builder: str) -> Counter[str]:
    """How many first misses have the right cause, and how many none."""
    record = explain(
        _graph(one.before, builder), _files(one.before), one.before.bases,
        [Told(line=n.line, cached=False, seconds=1) for n in _graph(one.before, builder).steps], record=None, key=KEY,
    )[1]  # fmt: skip
    found = forecast(_graph(one.after, builder), _files(one.after), one.after.bases, record=record, key=KEY)
    shown = f"{builder}, {one.kind}: {one.cause}\n{one.before.text}\n---\n{one.after.text}\n{found.misses}"
    assert {step.index for step in found.misses} == first_misses(one, builder), shown
    count: Counter[str] = Counter()
    for step in found.misses:
        assert step.cause is not None
        count[_said(step.cause, one)] += 1
        assert _said(step.cause, one) != "wrong", shown
    return count


def _said(cause: Cause, one: Trial) -> str:
    if cause.kind.value == "unknown":
        return "unknown"
    return "right" if (cause.kind.value, cause.name) == one.cause else "wrong"


def _graph(build: Build, builder: str) -> Graph:
    return graph(build.text, args=build.args, builder=builder)


def _files(build: Build) -> Snapshot:
    return {path: file.entry for path, file in build.files.items()}


@pytest.mark.parametrize("builder", BUILDERS)
def test_of_many_edits_nearly_all_causes_are_named_and_none_is_wrong(builder: str) -> None:
    count: Counter[str] = Counter()
    for seed in range(TRIALS):
        count += outcome(trial(seed), builder)
    assert count["right"] > TRIALS / 4  # the edits did something
    assert count["right"] >= 0.95 * count.total(), count


@given(st.integers(min_value=TRIALS), st.sampled_from(BUILDERS))
def test_no_edit_gets_a_wrong_cause(seed: int, builder: str) -> None:
    outcome(trial(seed), builder)
