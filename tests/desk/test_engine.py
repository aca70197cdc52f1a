"""The desk against the real engine: what it draws, how soon, whose; and what happens when the engine is silent."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import desk, store
from helpers.desk.engine import opened
from helpers.desk.engine.follower import Follower, Told
from helpers.desk.engine.whose import Whose
from helpers.desk.follow import Teller
from helpers.desk.model.scenery import GONE, NEW, Link, Scenery
from helpers.desk.model.story import Line
from helpers.desk.pages import Desk
from helpers.engine.bounded import rights
from helpers.engine.client import Client
from helpers.engine.containers import remove
from helpers.engine.model.container import State
from helpers.engine.ownership import labels
from helpers.engine.ownership.ledger import Ledger
from helpers.engine.scene import appeared
from helpers.engine.session import DESK
from tests.desk.relay import Relay
from tests.harness.by_hand import by_hand

IMAGE = "localhost/course/busybox:1"
SECONDS = 10.0
unix = pytest.mark.skipif(os.name == "nt", reason="sockets as files")


class Watcher:
    """A follower, and everything that it has told."""

    def __init__(self) -> None:
        self.told: list[tuple[float, Told]] = []
        self.follower = Follower(lambda told: self.told.append((time.time(), told)))

    def until(self, holds: Callable[[Told], bool], *, seconds: float = SECONDS) -> Told:
        """The first picture for which that holds."""
        deadline = time.monotonic() + seconds
        seen = 0
        while time.monotonic() < deadline:
            for _, told in self.told[seen:]:
                seen += 1
                if holds(told):
                    return told
            time.sleep(0.02)
        last = self.told[-1][1] if self.told else None
        pytest.fail(f"not within {seconds} s; the last: {last}")

    def names(self) -> list[str]:
        return [m.full_name for m in self.told[-1][1].scenery.map.members]


@pytest.fixture
def watcher(home: Path, client: Client) -> Iterator[Watcher]:
    """A learner who sits down now: what is on the engine was there before."""
    del home, client
    found = Watcher()
    try:
        found.until(lambda told: told.scenery.link is Link.ANSWERS)
        yield found
    finally:
        found.follower.close()


@pytest.fixture
def hand(client: Client) -> Iterator[Any]:
    """What a learner does in a terminal; gone afterwards."""
    plain = by_hand(client)
    before = {kind: set(ids(plain, kind)) for kind in ("container", "network", "volume")}
    yield plain
    for object_id in set(ids(plain, "container")) - before["container"]:
        with contextlib.suppress(Exception):
            plain.remove_container(object_id, force=True, v=True)
    for object_id in set(ids(plain, "network")) - before["network"]:
        plain.remove_network(object_id)
    for object_id in set(ids(plain, "volume")) - before["volume"]:
        plain.remove_volume(object_id)


def ids(plain: Any, kind: str) -> list[str]:
    if kind == "container":
        return [row["Id"] for row in plain.containers(all=True)]
    if kind == "network":
        return [row["Id"] for row in plain.networks()]
    return [row["Name"] for row in plain.volumes()["Volumes"] or ()]


def run(plain: Any, name: str, *command: str, start: bool = True, **more: Any) -> str:
    host = plain.create_host_config(network_mode=more.pop("network", "none"), **more.pop("host", {}))
    made = plain.create_container(
        IMAGE, list(command) or ["sleep", "1000"], name=name, host_config=host, stop_signal="SIGKILL", **more
    )
    if start:
        plain.start(made["Id"])
    return str(made["Id"])


def fresh(word: str) -> str:
    return f"hs-{word}-{uuid.uuid4().hex[:6]}"


def test_what_was_there_is_counted_and_what_is_typed_appears_in_words_and_marked(watcher: Watcher, hand: Any) -> None:
    first = watcher.told[-1][1].scenery
    assert first.map.members == ()
    assert first.rest["container"] == len(ids(hand, "container"))
    web, front, orders = fresh("web"), fresh("front"), fresh("orders")
    hand.create_network(front)
    hand.create_volume(orders)
    made = run(hand, web, network=front, host={"binds": [f"{orders}:/data"]})

    told = watcher.until(lambda told: told.scenery.running == 1 and len(told.scenery.volumes) == 1)

    (member,) = told.scenery.map.members
    assert (member.full_name, member.state) == (web, State.RUNNING)
    assert [net.name for net in told.scenery.map.networks] == [front]
    assert [(v.name, v.users) for v in told.scenery.volumes] == [(orders, (made,))]
    assert told.marks[made] == NEW
    lines = [line.as_text() for line in told.story]
    assert f"network {front}: created" in lines
    assert f"container {web}: created, attached to {front}, started" in lines

    hand.remove_container(made, force=True)
    told = watcher.until(lambda told: told.marks.get(made) == GONE)
    assert [m.state for m in told.scenery.map.members] == [State.REMOVED]
    assert "removed" in told.story[-1].words
    told = watcher.until(lambda told: not told.scenery.map.members and told.number > watcher.told[0][1].number + 4)
    assert not watcher.follower.own(made)


def test_the_picture_follows_an_event_within_a_second(watcher: Watcher, hand: Any) -> None:
    waits = []
    for turn in range(5):
        hand.create_volume(fresh(f"v{turn}"))
        watcher.until(lambda told, turn=turn: len(told.scenery.volumes) == turn + 1)  # type: ignore[misc]
        at, told = next((at, told) for at, told in watcher.told if len(told.scenery.volumes) == turn + 1)
        waits.append(at - told.since)
    assert sorted(waits)[2] < 0.5, waits  # the figure itself: tests/bench/bench_desk.py
    assert max(waits) < 1.5, waits


def test_the_courses_own_helpers_are_neither_drawn_nor_counted_nor_told(
    watcher: Watcher, hand: Any, client: Client
) -> None:
    before = watcher.told[-1][1].scenery.rest["container"]
    helper = rights.make(client, "marker", ["true"], scene="test-desk")
    made = run(hand, fresh("web"), start=False)
    told = watcher.until(lambda told: bool(told.scenery.map.members))
    remove(client, helper)
    hand.remove_container(made)
    watcher.until(lambda told: told.marks.get(made) == GONE)

    assert told.scenery.rest["container"] == before
    assert all(helper not in {m.id for m in told.scenery.map.members} for _, told in watcher.told)
    assert all(line.id != helper for _, told in watcher.told for line in told.story)


def test_what_the_course_makes_is_drawn_even_if_it_was_there_before(home: Path, hand: Any, client: Client) -> None:
    del home, hand
    made = str(client.create_container(IMAGE, ["true"], labels=labels.labels("test-desk"))["Id"])
    watcher = Watcher()
    try:
        told = watcher.until(lambda told: told.scenery.link is Link.ANSWERS)
        assert [m.id for m in told.scenery.map.members] == [made]
    finally:
        watcher.follower.close()
        client.remove_container(made)


def test_where_others_work_what_is_new_is_not_taken_for_ones_own(
    watcher: Watcher, hand: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_SHARED", "1")
    mine, theirs = f"{fresh('web')}-{store.learner()}", fresh("web")
    own = run(hand, mine, start=False)
    foreign = run(hand, theirs, start=False)

    told = watcher.until(lambda told: told.scenery.rest.get("container", 0) > 0 and bool(told.scenery.map.members))
    time.sleep(0.5)

    assert watcher.names() == [mine], "the name with the learner's number, which the course's terminal gives"
    assert told.scenery.shared
    assert not watcher.follower.own(foreign)
    assert watcher.follower.own(own)


def test_another_learners_things_are_never_ones_own(watcher: Watcher, hand: Any) -> None:
    foreign = run(hand, fresh("web"), start=False, labels={**labels.labels("x"), labels.SESSION: "00000000"})
    run(hand, fresh("web"), start=False)
    watcher.until(lambda told: bool(told.scenery.map.members))

    assert not watcher.follower.own(foreign)


def test_a_name_that_a_base_image_is_given_is_drawn_and_its_own_is_not(watcher: Watcher, hand: Any) -> None:
    before = watcher.told[-1][1].scenery.rest
    name = f"{fresh('shop')}:1"
    hand.tag(IMAGE, *name.split(":"))
    try:
        told = watcher.until(lambda told: bool(told.scenery.images))
        assert [image.names for image in told.scenery.images] == [(name,)]
        assert told.scenery.rest == before
        assert f"image {name}: tagged" in [line.as_text() for line in told.story]
    finally:
        hand.remove_image(name)
    watcher.until(lambda told: GONE in told.marks.values())


def test_the_engines_own_networks_are_nobodys() -> None:
    """An engine that was started again has made its bridge anew, with an id that was never seen."""
    found = Whose(ledger=Ledger("", ()), learner="", before={"network": frozenset({"old"})})
    assert not found.mine("network", "new", "bridge", None)
    assert found.mine("network", "new", "hs-front", None)


def test_what_appeared_in_a_scene_that_is_open_counts(home: Path, client: Client, hand: Any) -> None:
    """The desk is opened after the learner made something in a chapter's scene."""
    del home
    appeared.remember(client, "test-desk")
    made = run(hand, fresh("web"), start=False)
    appeared.remember(client, DESK)

    assert made not in appeared.before(client)["container"]
    appeared.forget("test-desk")
    assert made in appeared.before(client)["container"]


# -- the engine's bad days


@pytest.fixture
def relay(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    if not client.address.url.startswith("unix://"):
        pytest.skip("the engine is not behind a socket file")
    found = Relay(tmp_path / "engine.sock", client.address.url)
    monkeypatch.setenv("DOCKER_HOST", found.url)
    yield found
    found.go_on()
    found.gone()


def answers(told: Told) -> bool:
    return told.scenery.link is Link.ANSWERS


def silent(told: Told) -> bool:
    return told.scenery.link is Link.SILENT


@unix
@pytest.mark.drawn("the engine's bad days")
@pytest.mark.parametrize("how", ["gone", "hang"])
def test_an_engine_that_is_gone_or_hangs_is_told_within_six_seconds_and_mended(
    how: str, relay: Relay, watcher: Watcher
) -> None:
    (relay.gone if how == "gone" else relay.hang)()
    told = watcher.until(silent, seconds=6)
    assert told.scenery.why
    assert not watcher.follower.own("anything")
    seen = len(watcher.told)

    if how == "gone":
        relay.up()
    else:
        relay.go_on()

    deadline = time.monotonic() + 8
    while not any(answers(told) for _, told in watcher.told[seen:]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert watcher.told[-1][1].marks == {}, "nothing of it is new"


@unix
@pytest.mark.drawn("the engine's bad days")
def test_another_engine_that_is_chosen_is_followed_within_six_seconds(
    relay: Relay, watcher: Watcher, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Relay(tmp_path / "other.sock", client.address.url)
    monkeypatch.setenv("DOCKER_HOST", other.url)
    try:
        watcher.until(lambda told: told.scenery.where == other.url, seconds=6)
    finally:
        other.gone()


@pytest.mark.thorough
def test_two_hundred_events_a_second_are_survived_and_summed_up(watcher: Watcher, hand: Any) -> None:
    made = run(hand, fresh("storm"), start=False)
    watcher.until(lambda told: bool(told.scenery.map.members))
    before, started, events = len(watcher.told), time.monotonic(), 0
    while time.monotonic() - started < 8:
        hand.rename(made, fresh("storm"))
        events += 1
    last = fresh("last")
    hand.rename(made, last)
    watcher.until(lambda told: last in {m.full_name for m in told.scenery.map.members})

    assert events / 8 > 20
    assert len(watcher.told) - before < 8 * 5, "not a picture for each"


# -- what a box leads to

SECRET = "geheim-4711"


class Asked:
    """A page of a desk, and what it was told."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.desk = Desk()
        self.page = self.desk.open(self.messages.append)

    def ask(self, **question: object) -> dict[str, Any]:
        before = len(self.messages)
        self.desk.heard(self.page, question)
        return self.until(lambda m: "answer" in m, after=before)["answer"]  # type: ignore[no-any-return]

    def until(self, holds: Callable[[dict[str, Any]], bool], *, after: int = 0) -> dict[str, Any]:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            found = [m for m in self.messages[after:] if holds(m)]
            if found:
                return found[0]
            time.sleep(0.02)
        pytest.fail(f"no such message: {self.messages[after:]}")


@pytest.fixture
def asked(home: Path, client: Client) -> Iterator[Asked]:
    del home, client
    found = Asked()
    found.until(lambda m: m.get("ok") is True and "yours" in str(m.get("summary")))
    try:
        yield found
    finally:
        found.desk.close(found.page)


def test_log_and_inspect_of_ones_own_with_what_may_be_secret_left_out_until_it_is_asked_for(
    asked: Asked, hand: Any
) -> None:
    made = run(
        hand, fresh("web"), "sh", "-c", f"printf 'a\\033[2Jb\\n'; sleep 1000 # {SECRET}", environment={"PW": SECRET}
    )
    executed = hand.exec_create(made, ["echo", SECRET])["Id"]
    hand.exec_start(executed)
    asked.until(lambda m: any("executed" in str(line.get("words", "")) for line in m.get("lines", ())))

    log, tree = asked.ask(ask="log", id=made), asked.ask(ask="inspect", id=made)
    env = next(n for n in tree["tree"] if n["key"] == "Config")["children"]
    password = next(n for n in next(n for n in env if n["key"] == "Env")["children"] if n["key"] == "PW")

    assert log["text"] == "ab\n"
    assert SECRET not in str(asked.messages)
    assert password["hidden"]
    assert asked.ask(ask="value", id=made, path=password["path"])["value"] == SECRET
    assert asked.ask(ask="executed", id=made, exec=executed)["value"] == f"echo {SECRET}"


def test_nothing_of_a_foreign_container_can_be_opened(asked: Asked, hand: Any, client: Client) -> None:
    mine = run(hand, fresh("web"), start=False)
    asked.until(lambda m: bool(m.get("spots")))
    foreign = next(i for i in ids(hand, "container") if i != mine)

    for what in ("log", "inspect", "value", "executed"):
        answer = asked.ask(ask=what, id=foreign, path=["Config", "Env", "0"], exec="x")
        assert "not yours" in answer["error"]
        assert set(answer) == {"ask", "id", "error"}
    assert "tree" in asked.ask(ask="inspect", id=mine)
    assert "error" in asked.ask(ask="executed", id=mine, exec="of another container")
    assert "error" in asked.ask(ask="value", id=mine, path=["Config", "Hostname"]), "it is not hidden, so not asked for"


@pytest.mark.parametrize("message", [None, 3, [], {}, {"ask": "remove", "id": "x"}, {"wide": True}, {"wide": "9"}])
def test_nothing_else_can_be_asked(message: object, asked: Asked) -> None:
    before = len(asked.messages)
    asked.desk.heard(asked.page, message)
    time.sleep(0.1)
    assert not [m for m in asked.messages[before:] if "answer" in m]


def test_pages_share_one_follower_and_the_last_one_ends_it(asked: Asked) -> None:
    second: list[dict[str, Any]] = []
    page = asked.desk.open(second.append)
    follower = asked.desk._follower
    assert second[0]["style"]
    assert "yours" in second[0]["summary"], "it is told at once what is known"
    asked.desk.close(page)
    assert asked.desk._follower is follower
    asked.desk.close(asked.page)
    assert asked.desk._follower is None
    assert follower is not None
    deadline = time.monotonic() + 8
    while follower._thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not follower._thread.is_alive()


def test_each_page_has_a_picture_of_its_own_width(asked: Asked) -> None:
    asked.desk.heard(asked.page, {"wide": 400})
    asked.until(lambda m: 'width="400"' in m.get("svg", ""))


def test_a_log_is_bounded(asked: Asked, hand: Any, client: Client) -> None:
    made = run(hand, fresh("web"), "sh", "-c", "seq 1 100000")
    hand.wait(made, timeout=30)
    found = opened.log(client, made)
    assert len(found.text) <= opened.BYTES
    assert found.text.endswith("100000\n")
    assert "docker logs shows the rest" in found.cut


# -- in a cell, and in a terminal


def test_desk_in_a_cell_says_what_it_draws(home: Path, client: Client, hand: Any) -> None:
    del home
    desk.show()
    web = fresh("web")
    run(hand, web, start=False)

    found: Any = desk
    shown = found()  # the module itself is what a learner calls

    assert repr(shown).startswith(f"1 container, none running. {web} created")
    assert web in shown.figure().html()
    assert client.last_trace.verb in ("desk.show", "nothing yet")


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C as on Linux and macOS")
def test_the_command_follows_in_words_and_ends_with_ctrl_c(home: Path, client: Client, hand: Any) -> None:
    command = [sys.executable, "-m", "helpers", "desk"]
    process = subprocess.Popen(command, env={**os.environ, "COURSE_HOME": str(home)}, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        web = fresh("web")
        run(hand, web, start=False)
        said = ""
        while web not in said:
            said = process.stdout.readline()
            assert said, "it has ended"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=15) == 0
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    assert first == "nothing of yours\n"
    assert f"container {web}: created" in said


def test_what_is_told_again_is_said_once() -> None:
    said: list[str] = []
    teller = Teller(said.append)
    line = Line(number=1, at=0.0, kind="container", id="c", name="hs-web", did=["created"])
    scenery = Scenery(link=Link.ANSWERS)
    teller.take(Told(number=1, scenery=scenery, marks={}, story=(line,)))
    teller.take(Told(number=2, scenery=scenery, marks={}, story=(line,)))
    line.did.append("started")
    teller.take(Told(number=3, scenery=scenery, marks={}, story=(line,)))

    assert [one.partition(": ")[2] for one in said if "hs-web" in one] == ["created", "started"]
