"""Labs that set something up on the engine: once, again where it broke, anew with other values, and all of it goes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from helpers import containers, lab
from helpers.engine.client import Client
from helpers.engine.model.container import Container
from helpers.engine.ownership import labels
from helpers.errors import CourseError
from helpers.lab import attempts, catalogue, labs
from helpers.lab.stage import Stage
from helpers.lab.task import Lab
from tests.harness.by_hand import by_hand
from tests.harness.lab_trials import typed

FILES_ONLY = {"03-slim-the-image"}  # what it prepares lies in the learner's folder
SETTING_UP = [one for one in catalogue.labs().values() if one.prepare is not None and one.name not in FILES_ONLY]
DETECTIVE = catalogue.labs()["02-container-detective"]


def one_lab(what: str) -> pytest.MarkDecorator:
    """A lab that sets something up: which one, is drawn for each test."""
    mark = pytest.mark.drawn(f"a lab that {what}")
    return pytest.mark.parametrize("one", [pytest.param(one, id=one.name, marks=mark) for one in SETTING_UP])


pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("learner")]


def standing(client: Client, one: Lab) -> dict[str, str]:
    """What stands of a lab: name and id of each container."""
    found = client.containers(all=True, filters=labels.filters(scene=labs.scene_of(one)))
    return {labels.short_name(row["Names"][0].lstrip("/")): row["Id"] for row in found}


@one_lab("is opened again")
def test_opened_again_nothing_changes_and_what_broke_is_put_up_again(one: Lab, client: Client) -> None:
    lab.open(one.name)
    first = standing(client, one)
    assert len(first) >= 2
    lab.open(one.name)
    assert standing(client, one) == first
    broken = sorted(first)[0]
    by_hand(client).remove_container(first[broken], force=True)
    lab.open(one.name)
    again = standing(client, one)
    assert again.keys() == first.keys()
    assert again[broken] != first[broken]
    assert len(set(again.values()) & set(first.values())) >= len(first) - 2  # one may hang together with another


@one_lab("begins anew")
def test_anew_means_other_values_and_what_the_learner_made_goes_after_a_yes_only(one: Lab, client: Client) -> None:
    lab.open(one.name)
    first, given = standing(client, one), dict(attempts.current(one.name, one.draw).given)
    mine = by_hand(client).create_container("localhost/course/busybox:1", ["true"], name=f"{given['name']}-mine")["Id"]
    assert f"remove {given['name']}-mine" in repr(lab.reset())
    assert standing(client, one) == first
    lab.reset(yes=True)
    with pytest.raises(CourseError):
        client.inspect_container(mine)
    now = attempts.current(one.name, one.draw).given
    assert now["name"] != given["name"]
    assert not set(standing(client, one).values()) & set(first.values())
    assert "Removed" not in repr(lab.close())
    assert standing(client, one) == {}


@one_lab("is closed")
def test_closing_asks_before_it_takes_what_the_learner_made(one: Lab, client: Client) -> None:
    lab.open(one.name)
    name = f"{attempts.current(one.name, one.draw).given['name']}-mine"
    containers.start("localhost/course/busybox:1", "sleep", "60", name=name)
    assert name in repr(lab.close())
    assert name in standing(client, one)
    assert name in repr(lab.close(yes=True))
    assert standing(client, one) == {}


@one_lab("was begun behind its back")
def test_an_attempt_begun_behind_its_back_takes_away_what_the_last_one_had(one: Lab, client: Client) -> None:
    lab.open(one.name)
    first = standing(client, one)
    attempts.begin(one.name, one.draw)
    lab.open(one.name)
    now = standing(client, one)
    assert len(now) == len(first)
    assert not set(now.values()) & set(first.values())


def test_the_detective_can_spoil_the_evidence_and_have_it_back(client: Client) -> None:
    """Started again, stopped, changed: each of the five is as it was when the lab is opened again."""
    lab.open(DETECTIVE.name)
    first = standing(client, DETECTIVE)
    for found in first.values():
        state = client.inspect_container(found)["State"]["Status"]
        if state in ("running", "restarting"):
            by_hand(client).stop(found, timeout=0)
        elif state == "exited":
            by_hand(client).start(found)
    lab.open(DETECTIVE.name)
    again = standing(client, DETECTIVE)
    assert again.keys() == first.keys()
    states = sorted(client.inspect_container(found)["State"]["Status"] for found in again.values())
    assert states in (
        ["created", "exited", "exited", "restarting", "running"],
        ["created", "exited", "exited", "running", "running"],  # the restarting one, caught in a run
    )


def test_a_crane_whose_want_of_memory_the_engine_did_not_note_is_put_there_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a busy engine, which hears of the end first: here the first crane is killed before it can eat."""
    put, cranes = Stage.put, list[str]()

    def first_without_reason(stage: Stage, name: str, image: str, *command: str, **options: Any) -> Container:
        made = put(
            stage, name, image, *(("sleep", "60") if command == ("crane",) and not cranes else command), **options
        )
        if command == ("crane",):
            cranes.append(made.id)
            if len(cranes) == 1:
                by_hand(client).kill(made.id)
        return made

    monkeypatch.setattr(Stage, "put", first_without_reason)
    began = time.monotonic()
    lab.open(DETECTIVE.name)
    assert len(cranes) >= 2
    assert client.inspect_container(cranes[-1])["State"]["OOMKilled"]
    assert time.monotonic() - began < 60


def test_what_was_true_of_the_last_case_does_not_pass_in_the_next() -> None:
    lab.open(DETECTIVE.name)
    old: dict[int, Any] = {
        number: typed(DETECTIVE, number, task.solution)
        for number, task in enumerate(DETECTIVE.tasks, start=1)
        if task.answered
    }
    for number, answer in old.items():
        assert getattr(lab.check(number, answer), "passed", False), number
    was = dict(attempts.current(DETECTIVE.name, DETECTIVE.draw).given)
    lab.reset(yes=True)
    now = attempts.current(DETECTIVE.name, DETECTIVE.draw).given
    for number, hidden in ((1, "_crane"), (2, "_code"), (3, "_machine"), (4, "")):
        if not hidden or was[hidden] != now[hidden]:
            assert not getattr(lab.check(number, old[number]), "passed", False), number


@pytest.mark.parametrize(
    ("number", "name", "command"),
    [
        pytest.param(*which, marks=pytest.mark.drawn("a container that only stays up"))
        for which in (
            (5, "lamp", ["sleep", "60"]),
            (6, "pump", ["sleep", "60"]),
            (6, "pump", ["sh", "-c", "echo pump: pumping; exec sleep 60"]),
        )
    ],
)
def test_a_container_that_only_stays_up_mends_nothing(
    number: int, name: str, command: list[str], client: Client
) -> None:
    lab.open(DETECTIVE.name)
    given = attempts.current(DETECTIVE.name, DETECTIVE.draw).given
    made = by_hand(client).create_container(given["image"], command, name=f"{given['name']}-{name}")["Id"]
    by_hand(client).start(made)
    assert not getattr(lab.check(number), "passed", False)


def test_a_solution_is_shown_with_the_values_that_were_drawn() -> None:
    lab.open(DETECTIVE.name)
    given = attempts.current(DETECTIVE.name, DETECTIVE.draw).given
    shown = lab.solution(5).figure().terminal or ""
    assert "x.given" not in shown
    assert repr(given["name"]) in shown
