"""What a build would do after one edit, and why: the table of what engines do, told from sums alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.builds.model.causes import Told, explain, forecast
from helpers.builds.model.finding import Finding, Outcome
from helpers.builds.model.graph import Graph
from helpers.builds.model.record import Record
from tests.builds.model_edits import BASE, KEY, NAMES, TABLE, Edit, Ran, State

BUILDERS = ("buildkit", "classic")


def recorded(state: State, builder: str, record: Record | None = None) -> Record:
    """The record of a build in which everything ran."""
    graph = state.graph(builder)
    told = [Told(line=node.line, cached=False, seconds=1.0) for node in graph.steps]
    return explain(graph, state.snapshot, {BASE: state.base}, told, record=record, key=KEY, platform=state.platform)[1]


def expected(state: State, builder: str, record: Record | None) -> Finding:
    return forecast(
        state.graph(builder),
        state.snapshot,
        {BASE: state.base},
        record=record,
        key=KEY,
        platform=state.platform,
        nocache=state.nocache,
    )


def named(graph: Graph) -> dict[int, str]:
    """The short name of each instruction by its place, as long as none was added or taken out."""
    return {node.index: name for node, name in zip(graph.nodes, NAMES, strict=False)}


def test_the_table_has_the_size_that_was_promised() -> None:
    assert len(TABLE) >= 40
    assert len({edit.name for edit in TABLE}) == len(TABLE)


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("edit", TABLE, ids=lambda edit: edit.name)
def test_an_edit_runs_what_it_runs_on_an_engine_and_its_cause_is_named(edit: Edit, builder: str) -> None:
    ran: Ran = getattr(edit, builder)
    state = edit.change(edit.then)
    found = expected(state, builder, recorded(edit.then, builder))
    names = named(edit.then.graph(builder))
    names = _shifted(edit, names)

    causes = {
        names[step.index]: (step.cause.kind.value, step.cause.name, step.cause.change)
        for step in found.misses
        if step.cause is not None
    }
    assert causes == ran.first
    assert {names[step.index] for step in found.those(Outcome.FELL)} == set(ran.fell)
    assert tuple(names[step.index] for step in found if step.stale) == ran.stale
    assert all(step.fell_with in {miss.index for miss in found.misses} for step in found.those(Outcome.FELL))


def _shifted(edit: Edit, names: dict[int, str]) -> dict[int, str]:
    """Names by index where an instruction was added before, added, or taken out."""
    if edit.name == "ARG before FROM":
        return {0: "", **{index + 1: name for index, name in names.items()}}
    if edit.name == "a step added":
        return {**names, 17: "new", 18: "Rl", 19: "CMD"}
    if edit.name == "a step taken out":
        return {**names, 16: "Rl", 17: "CMD"}
    return names


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_build_after_the_edit_is_explained_as_it_was_foretold(builder: str) -> None:
    for edit in TABLE:
        state = edit.change(edit.then)
        record = recorded(edit.then, builder)
        foretold = expected(state, builder, record)
        ran = (Outcome.RAN, Outcome.FELL)
        told = [
            Told(line=step.line, cached=step.outcome not in ran, seconds=0.5)
            for step in foretold
            if step.outcome in (*ran, Outcome.CACHED)
        ]
        found, new = explain(
            state.graph(builder), state.snapshot, {BASE: state.base}, told,
            record=record, key=KEY, platform=state.platform, nocache=state.nocache,
        )  # fmt: skip
        assert [replace(step, seconds=None) for step in found] == list(foretold), edit.name
        again = expected(replace(state, nocache=False), builder, new)
        assert not again.misses, edit.name
        back = expected(edit.then, builder, new)  # and what was built before is known still
        assert not [step for step in back.misses if not step.stale], edit.name


@pytest.mark.parametrize("builder", BUILDERS)
def test_without_a_record_nothing_is_known(builder: str) -> None:
    found = expected(State(), builder, None)
    assert found.first
    assert {step.cause.kind.value for step in found.misses if step.cause} == {"first"}
    assert [step.index for step in found.misses] == ([1, 6] if builder == "buildkit" else [1, 5])


def test_a_record_of_the_other_builder_is_none() -> None:
    assert expected(State(), "classic", recorded(State(), "buildkit")).first


def test_a_stage_that_was_never_wanted_runs_for_the_target() -> None:
    record = recorded(State(target="assets"), "buildkit")
    found = expected(State(), "buildkit", record)
    assert [(step.index, step.cause.kind.value, step.cause.name) for step in found.misses if step.cause] == [
        (1, "target", "final")
    ]
    classic = expected(State(), "classic", recorded(State(target="assets"), "classic"))
    assert [(step.index, step.cause.kind.value) for step in classic.misses if step.cause] == [(9, "target")]
