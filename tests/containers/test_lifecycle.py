"""A container's life on the real engine: commands, path, buttons, and what the engine refuses."""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from helpers import containers, daemon, errors, scene
from helpers.containers.engine import lifecycle
from helpers.containers.model.lifecycle import Cause, Verb, permits
from helpers.containers.views import lifecycle as views
from helpers.containers.widgets.lifecycle import LifeButtons, listen
from helpers.engine.client import Client
from helpers.engine.model.container import State
from helpers.engine.session import session
from tests.harness.by_hand import by_hand

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
HANDLES = ("sh", "-c", "trap 'exit 0' TERM; sleep 60 & wait")


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    with scene("test-lives"):
        yield
    assert daemon.inventory().mine == ()
    assert session.watching(client) is None
    assert not [thread for thread in threading.enumerate() if thread.name == "containers-watch"]


def test_a_life_from_the_first_command_to_the_last() -> None:
    web = containers.create(BUSYBOX, *HANDLES, name="hs-web", network="none")
    assert web.state is State.CREATED
    assert containers.start(web).state is State.RUNNING
    assert containers.pause("hs-web").state is State.PAUSED
    assert containers.unpause("hs-web").state is State.RUNNING
    assert containers.restart("hs-web", grace=1).state is State.RUNNING
    assert containers.kill("hs-web").exit_code == 137
    containers.remove("hs-web")

    found = containers.life("hs-web")
    assert found.complete
    assert [step.cause for step in found.steps] == [
        Cause.CREATE, Cause.START, Cause.PAUSE, Cause.UNPAUSE, Cause.STOP, Cause.RESTART, Cause.KILL, Cause.REMOVE,
    ]  # fmt: skip
    assert repr(found) == (
        "hs-web was removed. Its path: created, running, paused, running, exited, running, exited, removed."
    )
    assert containers.life(web).states == found.states


def test_it_waits_for_a_state_and_a_process_that_ends_by_itself() -> None:
    containers.start(BUSYBOX, "sh", "-c", "sleep 0.3; exit 3", name="hs-short", network="none")
    found = containers.life("hs-short", until="exited")
    assert (found.state, found.exit_code, found.steps[-1].cause) == (State.EXITED, 3, Cause.ENDED)
    with pytest.raises(errors.WaitedTooLong, match="paused"):
        containers.life("hs-short", until="paused", seconds=0.2)
    with pytest.raises(errors.WrongUse, match="created, running, paused"):
        containers.life("hs-short", until="asleep")


def test_a_container_that_nobody_watched_is_marked_incomplete(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    web = containers.start(BUSYBOX, *HANDLES, name="hs-web", network="none")
    containers.stop(web, grace=1)
    session.stop_watching()
    monkeypatch.setattr(
        lifecycle, "known_events", lambda client, container_id: ([], False)
    )  # as after many other events
    found = containers.life("hs-web")
    assert not found.complete
    assert found.states == (State.CREATED, State.RUNNING, State.EXITED)
    assert found.exit_code == 0
    assert "Nobody watched" in found.figure().alt


def test_a_cell_that_is_run_again_tells_the_life_of_the_new_one() -> None:
    containers.create(BUSYBOX, *HANDLES, name="hs-web", network="none")
    second = containers.start(BUSYBOX, *HANDLES, name="hs-web", network="none")
    found = containers.life("hs-web")
    assert found.states == (State.CREATED, State.RUNNING)
    assert containers.ps().containers[0].id == second.id


def test_what_was_never_there_has_no_life() -> None:
    with pytest.raises(errors.NotFound):
        containers.life("hs-nobody")


def raw_do(raw: Any, made: str, verb: Verb) -> int:
    """The status of the engine's answer, whatever it is."""
    path = {Verb.CREATE: "/containers/create?name=cu-test-lives-x", Verb.REMOVE: f"/containers/{made}"}.get(
        verb, f"/containers/{made}/{verb.value}" + ("?t=1" if verb in (Verb.STOP, Verb.RESTART) else "")
    )
    url = raw._url(path)
    if verb is Verb.REMOVE:
        return int(raw.delete(url).status_code)
    return int(raw.post(url, json={"Image": BUSYBOX} if verb is Verb.CREATE else None).status_code)


@pytest.mark.parametrize("state", [State.CREATED, State.RUNNING, State.PAUSED, State.EXITED])
def test_what_is_said_to_be_impossible_is_refused_or_changes_nothing(client: Client, state: State) -> None:
    refused: list[Verb] = []
    changed: list[Verb] = []
    for permit in permits(state):
        if permit.verb is Verb.CREATE:
            continue
        web = containers.create(BUSYBOX, *HANDLES, name="hs-x", network="none")
        if state is not State.CREATED:
            containers.start(web)
        if state is State.PAUSED:
            containers.pause(web)
        if state is State.EXITED:
            containers.kill(web)
        status = raw_do(client, web.id, permit.verb)
        (changed if status in (200, 201, 204) else refused).append(permit.verb)
        assert status in (204, 304, 409, 500), (permit.verb, status)
    assert changed == [permit.verb for permit in permits(state) if permit.possible and permit.verb is not Verb.CREATE]
    assert refused == [
        permit.verb for permit in permits(state) if not permit.possible and permit.verb is not Verb.CREATE
    ]


def test_buttons_act_and_say_what_they_did() -> None:
    found = containers.buttons(BUSYBOX, "sleep", "60", name="hs-pet", grace=1)
    assert found.life().state is State.REMOVED
    assert "nothing runs yet" in found.press("create")
    assert "was started" in found.press("start")
    assert "frozen" in found.press("pause")
    assert "carry on" in found.press("unpause")
    stopped = found.press("stop")
    for word in ("SIGTERM", "grace period of 1 s", "SIGKILL", "137"):
        assert word in stopped
    assert "started" in found.press("restart")
    assert "SIGKILL (9) was sent" in found.press("kill")
    assert "the engine refused" in found.press("pause")
    assert "the image stays" in found.press("remove")
    assert "gone" in found.press("start")
    with pytest.raises(errors.WrongUse, match="unpause"):
        found.press("explode")


def test_a_container_that_is_there_already_is_taken_over() -> None:
    containers.start(BUSYBOX, *HANDLES, name="hs-pet", network="none")
    assert containers.buttons(BUSYBOX, name="hs-pet").life().state is State.RUNNING


def test_the_widget_presses_and_notices_what_another_hand_does(client: Client) -> None:
    owner = containers.buttons(BUSYBOX, *HANDLES, name="hs-pet", grace=1)
    widget = LifeButtons(owner)
    listen(owner, widget)
    try:
        possible = [one["verb"] for one in widget.buttons if one["possible"]]
        assert possible == ["create"]
        widget._message(widget, {"verb": "pause"}, [])  # what a page sends is not trusted
        assert widget.said == []
        widget._message(widget, {"verb": "create"}, [])
        widget._message(widget, {"verb": "start"}, [])
        assert "was started" in widget.said[0]
        assert next(one for one in widget.buttons if one["verb"] == "start")["why"]
        by_hand(client).remove_container(owner._id, force=True)  # by hand
        deadline = time.monotonic() + 5
        while "Meanwhile" not in widget.said[0] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "Meanwhile, not by a button here" in widget.said[0]
        deadline = time.monotonic() + 5
        while not widget.buttons[0]["possible"] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "removed" in widget.alt
    finally:
        widget.close()


def test_the_commands_under_how_run() -> None:
    containers.start(BUSYBOX, *HANDLES, name="hs-web", network="none")
    how = containers.life("hs-web").figure().how
    for line in how.docker:
        assert subprocess.run(shlex.split(line), capture_output=True, timeout=30, check=False).returncode == 0, line
    done = subprocess.run([sys.executable, "-c", "\n".join(how.python)], capture_output=True, timeout=30, check=False)
    assert b"running" in done.stdout, done.stderr


def test_every_step_of_a_life_has_words_of_its_own() -> None:
    containers.start(BUSYBOX, *HANDLES, name="hs-web", network="none")
    containers.stop("hs-web", grace=1)
    said = [views.happened(step) for step in containers.life("hs-web").steps]
    assert len(set(said)) == len(said) == 3
    assert "SIGTERM (15) was sent" in said[-1]
