"""After a build the engine's word counts for what ran; the cause is ours. And what is kept of a build."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from helpers.builds.model.causes import Told, explain, forecast
from helpers.builds.model.finding import Finding, Outcome, StepFinding
from helpers.builds.model.record import Record
from tests.builds.model_edits import BASE, DOCKERFILE, KEY, NAMES, File, State

INDEX = {name: index for index, name in enumerate(NAMES)}


def built(
    state: State, ran: Iterable[str], *, record: Record | None = None, builder: str = "buildkit",
    missing: Iterable[str] = (), failed: bool = False, bases: dict[str, str] | None = None,
) -> tuple[Finding, Record]:  # fmt: skip
    """A build in which these steps ran, by their short names, and all others came from the cache."""
    graph = state.graph(builder)
    ran, missing = set(ran), set(missing)
    told = [
        Told(line=node.line, cached=NAMES[node.index] not in ran, seconds=0.5)
        for node in graph.steps
        if NAMES[node.index] not in missing
    ]
    return explain(
        graph, state.snapshot, {BASE: state.base} if bases is None else bases, told, record=record, key=KEY,
        platform=state.platform, nocache=state.nocache, failed=failed,
    )  # fmt: skip


def foretold(state: State, record: Record) -> Finding:
    return forecast(
        state.graph(record.builder), state.snapshot, {BASE: state.base}, record=record, key=KEY,
        platform=state.platform,
    )  # fmt: skip


def first(builder: str = "buildkit") -> Record:
    return built(State(), NAMES, builder=builder)[1]


def step(found: Finding, name: str) -> StepFinding:
    return found.steps[INDEX[name]]


def causes(found: Finding) -> dict[str, tuple[str, str, str]]:
    return {
        NAMES[one.index]: (one.cause.kind.value, one.cause.name, one.cause.change)
        for one in found.misses
        if one.cause is not None
    }


def write(path: str, text: str, time: int) -> State:
    return State().having(**{path: File(text, time=time)})


def test_a_first_build_has_no_cause_but_that_it_is_the_first() -> None:
    found, _ = built(State(), NAMES)
    assert found.first
    assert causes(found) == {"W": ("first", "", ""), "Cs": ("first", "", "")}
    assert step(found, "F1").outcome is Outcome.CACHED  # it is there: nothing was built of it
    assert step(found, "Rr").fell_with == INDEX["W"]
    assert step(found, "E").outcome is Outcome.SETTING
    assert step(found, "Rb").seconds == 0.5


def test_what_came_from_the_cache_needs_no_cause() -> None:
    found, _ = built(State(), (), record=first())
    assert not found.misses
    assert not found.first


def test_a_stale_file_is_told_until_it_is_touched() -> None:
    record = first()
    stale = write("app.py", "print('ship')\n", 1000)
    found, record = built(stale, (), record=record)
    assert [NAMES[one.index] for one in found if one.stale] == ["C."]
    assert step(found, "C.").stale == ("app.py",)
    assert step(found, "C.").as_dict()["stale"] is True
    found, record = built(stale, (), record=record)  # and again, for as long as it lasts
    assert step(found, "C.").stale == ("app.py",)

    touched = write("app.py", "print('ship')\n", 2000)
    assert causes(foretold(touched, record)) == {"C.": ("file", "app.py", "content")}
    found, record = built(touched, ("C.", "Rb", "Rl"), record=record)
    assert causes(found) == {"C.": ("file", "app.py", "content")}
    assert not [one for one in found if one.stale]
    assert not foretold(touched, record).misses


def test_a_file_that_looks_untouched_and_was_fetched_all_the_same_is_a_changed_file() -> None:
    state = write("app.py", "print('ship')\n", 1000)
    found, record = built(state, ("C.", "Rb", "Rl"), record=first())
    assert causes(found) == {"C.": ("file", "app.py", "content")}
    assert not [one for one in foretold(state, record) if one.stale]


def test_the_classic_builder_compares_contents_and_keeps_nothing_stale() -> None:
    state = write("app.py", "print('ship')\n", 1000)
    record = first(builder="classic")
    found, _ = built(state, NAMES[INDEX["C."] :], record=record, builder="classic")
    assert causes(found) == {"C.": ("file", "app.py", "content")}


def test_if_nothing_changed_the_cache_has_lost_it() -> None:
    found, _ = built(State(), ("Rr", "Cf", "C*", "C.", "Rb", "Rl"), record=first())
    assert causes(found) == {"Rr": ("record gone", "", "")}
    assert step(found, "Rl").fell_with == INDEX["Rr"]


def test_a_copy_from_a_stage_hits_if_the_same_came_out() -> None:
    state = State().edited('echo "$THEME"', "echo light")
    record = first()
    assert step(foretold(state, record), "Cf").outcome is Outcome.FELL  # before, it only depends
    found, after = built(state, ("Rt",), record=record)
    assert causes(found) == {"Rt": ("instruction", "RUN echo light >> /static/theme", "")}
    assert step(found, "Cf").outcome is Outcome.CACHED
    assert not foretold(state, after).misses

    both = replace(state, args={"VERSION": "2"})  # and what is above it can be compared all the same
    found, _ = built(both, ("Rt", "Rb", "Rl"), record=record)
    assert causes(found)["Rb"] == ("arg", "VERSION", "")
    assert step(found, "Rl").fell_with == INDEX["Rb"]


def test_with_no_cache_all_runs_but_workdir() -> None:
    state = replace(State(), nocache=True)
    ran = [name for name in NAMES if name not in ("F1", "F2", "W")]
    found, record = built(state, ran, record=first())
    assert causes(found) == {"Cr": ("no-cache", "", ""), "Cs": ("no-cache", "", "")}
    assert step(found, "W").outcome is Outcome.CACHED
    assert not foretold(State(), record).misses


def test_an_engine_that_calls_another_base_cached_shows_the_cause_at_the_first_step() -> None:
    state = replace(State(), base="image two")
    ran = [name for name in NAMES if name not in ("F1", "F2")]
    found, _ = built(state, ran, record=first())
    assert causes(found) == {"W": ("base", BASE, ""), "Cs": ("base", BASE, "")}
    found, _ = built(state, NAMES, record=first())
    assert causes(found) == {"F1": ("base", BASE, ""), "F2": ("base", BASE, "")}


def test_of_an_image_that_the_engine_does_not_list_nothing_is_claimed() -> None:
    record = built(State(), NAMES, bases={})[1]
    found, _ = built(State(), ("W", "Cr", "Rr", "Cf", "C*", "C.", "Rb", "Rl"), record=record, bases={})
    assert causes(found) == {"W": ("unknown", "", "")}


def test_a_clock_for_files_is_a_cause_only_where_the_engine_counts_it() -> None:
    state = replace(State(), args={"SOURCE_DATE_EPOCH": "1"})
    assert not foretold(state, first()).misses
    found, _ = built(state, ("W", "Cr", "Rr", "Cf", "C*", "C.", "Rb", "Rl"), record=first())
    assert causes(found) == {"W": ("arg", "SOURCE_DATE_EPOCH", "added")}


def test_what_the_engine_did_not_tell_of_was_not_needed() -> None:
    found, record = built(State(target="assets"), ("Cs", "Rt"), record=None)
    assert {NAMES[one.index] for one in found.those(Outcome.NOT_NEEDED)} == {
        *NAMES[: INDEX["F2"]], *NAMES[INDEX["F3"] :],
    }  # fmt: skip
    found, _ = built(State(), ("W", "Cr", "Rr", "Cf", "C*", "C.", "Rb", "Rl"), record=record)
    assert causes(found) == {"W": ("target", "final", "")}


def test_two_vertices_of_one_line_are_one_step() -> None:
    graph = State().graph("buildkit")
    told = [Told(line=node.line, cached=True, seconds=0.5) for node in graph.steps]
    link = [Told(line=graph.nodes[INDEX["C."]].line, cached=False, seconds=0.25)]  # LINK COPY, never cached
    found, _ = explain(
        graph, State().snapshot, {BASE: "image one"}, [*told, *link], record=first(), key=KEY, platform="linux/amd64"
    )
    assert step(found, "C.").outcome is Outcome.CACHED
    assert step(found, "C.").seconds == 0.75


def test_equal_steps_of_two_stages_are_told_once() -> None:
    text = f"FROM {BASE} AS a\nRUN x\nFROM {BASE} AS b\nRUN x\nRUN y\nCOPY --from=a /x /x\n"
    state = State(text=text)
    graph = state.graph("buildkit")
    told = [Told(line=line, cached=False, seconds=1.0) for line in (1, 2, 5, 6)]
    found, record = explain(graph, {}, {BASE: "one"}, told, record=None, key=KEY)
    assert [one.outcome.value for one in found] == ["cached", "ran", "cached", "ran", "fell", "fell"]
    assert not forecast(graph, {}, {BASE: "one"}, record=record, key=KEY).misses


def test_after_a_build_that_failed_the_mended_line_is_the_cause() -> None:
    broken = State().edited("cp req.txt", "cp rqe.txt")
    ends = NAMES[INDEX["Rr"] :]
    not_there = [name for name in ends if name not in ("F2", "Cs", "Rt")]
    found, record = built(broken, ("W",), record=first(), missing=not_there, failed=True)
    mended = State().edited("cp req.txt", "cp ./req.txt")
    found = foretold(mended, record)
    assert causes(found) == {"Rr": ("instruction", "RUN cp ./req.txt installed.txt", "")}
    again = foretold(broken, record)
    assert causes(again) == {"Rr": ("unknown", "", "")}
    assert "failed" in again.misses[0].cause.detail  # type: ignore[union-attr]
    assert not foretold(State(), record).misses  # as it was before is known still


SECRETS = f"""\
ARG GLOBAL=value-of-global
FROM {BASE} AS one
ARG TOKEN=value-of-default
ARG GIVEN
ENV HIDDEN=value-of-env OTHER="value of other" THIRD='value-of-third'
ENV OLD value-of-old
ONBUILD ENV LATER=value-of-later
WORKDIR /srv/$GIVEN
COPY app.py /srv/$TOKEN/
RUN --mount=type=secret,id=passphrase cat /run/secrets/passphrase; echo $HIDDEN
RUN --mount=type=secret,target=/tmp/opensesame cat /tmp/opensesame
RUN ls -l /run/secrets/passphrase
"""


@pytest.mark.parametrize("builder", ["buildkit", "classic"])
def test_no_value_and_no_name_of_a_secret_is_kept(builder: str) -> None:
    state = State(text=SECRETS, args={"GIVEN": "value-of-given", "HTTP_PROXY": "http://value-of-proxy"})
    graph = state.graph(builder)
    told = [Told(line=node.line, cached=False, seconds=1.0) for node in graph.steps]
    _, record = explain(graph, state.snapshot, {BASE: "x"}, told, record=None, key=KEY)
    kept = json.dumps(record.as_json())
    for word in ("value-of", "value of", "opensesame", "passphrase"):
        assert word not in kept
    assert "HIDDEN" in kept
    assert "value-of" not in repr(graph.steps[-1].variables)
    other = explain(graph, state.snapshot, {BASE: "x"}, told, record=None, key=b"another")[1]
    sums = {row["parts"]["said"] for row in record.as_json()["steps"]}
    assert not sums & {row["parts"]["said"] for row in other.as_json()["steps"]}  # sums are the learner's own


def test_a_record_is_read_as_it_was_written() -> None:
    record = first()
    assert Record.read(json.loads(json.dumps(record.as_json()))) == record


@pytest.mark.parametrize(
    "damage",
    [
        lambda row: None,
        lambda row: [],
        lambda row: {},
        lambda row: {**row, "version": 0},
        lambda row: {**row, "keys": 3},
        lambda row: {**row, "steps": [{}]},
        lambda row: {**row, "steps": [{**row["steps"][0], "parts": []}]},
        lambda row: {**row, "steps": [{**row["steps"][0], "index": "0"}]},
        lambda row: {**row, "files": {}},
        lambda row: {**row, "files": {**row["files"], "sizes": row["files"]["sizes"][1:]}},
        lambda row: {**row, "files": {**row["files"], "kinds": "x" * len(row["files"]["kinds"])}},
        lambda row: {**row, "files": {**row["files"], "modes": ["0"] * len(row["files"]["modes"])}},
        lambda row: {name: value for name, value in row.items() if name != "target"},
    ],
)
def test_a_damaged_record_is_none(damage: object) -> None:
    row = json.loads(json.dumps(first().as_json()))
    assert Record.read(damage(row)) is None  # type: ignore[operator]


def test_the_keys_that_are_kept_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpers.builds.model.causes.KEYS_KEPT", 14)
    record = first()
    for number in range(5):
        record = built(replace(State(), args={"VERSION": str(number)}), ("Rb", "Rl"), record=record)[1]
    assert len(record.keys) == 14
    assert not foretold(replace(State(), args={"VERSION": "4"}), record).misses


def test_the_json_has_the_form_that_was_promised() -> None:
    found, _ = built(write("app.py", "longer than before\n", 2000), ("C.", "Rb", "Rl"), record=first())
    row = found.as_dict()
    assert (row["builder"], row["target"], row["first"]) == ("buildkit", "final", False)
    assert len(row["steps"]) == len(NAMES)
    assert row["steps"][INDEX["C."]] == {
        "index": 13, "stage": "final", "instruction": "COPY . .", "outcome": "ran", "fell_with": None,
        "cause": {"kind": "file", "name": "app.py", "change": "content"}, "stale": False, "seconds": 0.5,
    }  # fmt: skip
    assert row["steps"][INDEX["Rb"]]["fell_with"] == 13
    assert {one["outcome"] for one in row["steps"]} == {"cached", "ran", "fell", "setting"}
    assert json.loads(json.dumps(row)) == row
    assert DOCKERFILE.count("\n") == len(row["steps"])
