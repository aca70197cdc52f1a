"""What the client says if the line to the engine breaks: in the course's words, in time, and never half as a whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from helpers import errors
from helpers.daemon.engine import events
from helpers.engine import containers, scene, waiting
from helpers.engine.bounded import execution
from helpers.engine.build import classic
from helpers.engine.client import Client, open_client
from helpers.engine.discovery import Address
from helpers.engine.ownership import labels
from tests.harness.faults import Fault, Relay, Way, relayed

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
SCENE = "test-client"
SECONDS = 1.5
EXEC = "POST /exec/{}/start"


@pytest.fixture
def line(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    monkeypatch.setenv("COURSE_ANSWER_SECONDS", str(SECONDS))
    with relayed(client) as found:
        yield found


@pytest.fixture
def far(line: Relay) -> Iterator[Client]:
    """The engine at the end of the line that breaks."""
    with closing(open_client(Address(url=line.url, origin="test"))) as found:
        yield found


@pytest.fixture
def web(client: Client) -> Iterator[str]:
    made = containers.create(client, BUSYBOX, ["sh", "-c", "echo here; sleep 60"], scene=SCENE)
    containers.start(client, made)
    waiting.until(lambda: containers.logs(client, made) or None, "its first line", seconds=20)
    yield made
    scene.clear(client, scene=SCENE)
    with client.unrecorded():
        assert not [row for row in client.containers(all=True) if (row["Labels"] or {}).get(labels.SCENE) == SCENE]


def executed(client: Client, container_id: str) -> bytes:
    exec_id = client.exec_create(container_id, ["echo", "hello"])["Id"]
    return bytes(client.exec_start(exec_id))


Ask = Callable[[Client, str], Any]
ASKED: dict[str, tuple[str, Ask]] = {
    "a list": ("GET /containers/json", lambda far, _: far.containers(all=True)),
    "one object": ("GET /containers/{}/json", lambda far, web: far.inspect_container(web)),
    "a log": ("GET /containers/{}/logs", lambda far, web: containers.logs(far, web)),
    "a second command": (EXEC, executed),
    "past events": (
        "GET /events",
        lambda far, _: far.past_events(since="1", until=far.now(), filters={"type": ["container"]}),
    ),
    "a file": ("GET /containers/{}/archive", lambda far, web: b"".join(far.get_archive(web, "/etc/passwd")[0])),
    "a file system": ("GET /containers/{}/export", lambda far, web: b"".join(far.export(web))),
    "an image": ("GET /images/get", lambda far, _: b"".join(far.pieces(far.save([BUSYBOX], timeout=600)))),
}


@pytest.mark.parametrize("what", ASKED)
def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(
    what: str, line: Relay, far: Client, web: str
) -> None:
    call, ask = ASKED[what]
    for way in (Way.CUT_BEFORE, Way.CUT_AFTER, Way.CUT_MIDDLE):
        line.strike(Fault(call, 1, way))
        with pytest.raises(errors.EngineNotReachable) as caught:
            ask(far, web)
        assert line.struck
        assert caught.value.why.startswith(line.url)
        line.mend()
        ask(far, web)


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=pytest.mark.drawn("an engine that says nothing", count=3)) for what in ASKED]
)
def test_an_engine_that_says_nothing_is_given_up_in_time(what: str, line: Relay, far: Client, web: str) -> None:
    call, ask = ASKED[what]
    for way in (Way.STALL, Way.STALL_MIDDLE):
        line.strike(Fault(call, 1, way))
        began = time.monotonic()
        with pytest.raises(errors.WaitedTooLong):
            ask(far, web)
        assert line.struck
        assert time.monotonic() - began < 3 * SECONDS
        line.mend()


def test_a_subscription_that_does_not_begin_is_given_up_and_one_that_began_may_say_nothing(
    line: Relay, far: Client, web: str, client: Client
) -> None:
    line.strike(Fault("GET /events", 1, Way.STALL))
    with pytest.raises(errors.WaitedTooLong):
        far.events(decode=True)
    line.mend()
    heard = far.events(decode=True, filters={"container": [web], "event": ["kill"]})
    time.sleep(2 * SECONDS)  # longer than any answer may take to begin
    client.kill(web)
    assert next(heard)["Actor"]["ID"] == web
    heard.close()  # and the line with it: one that stays open is a warning, which is an error


def test_what_a_second_command_writes_is_not_lost_if_it_comes_at_once(line: Relay, far: Client, web: str) -> None:
    line.strike(Fault(EXEC, 1, Way.TOGETHER))
    assert executed(far, web) == b"hello\n"
    assert line.struck


def test_a_command_whose_line_breaks_between_two_pieces_goes_on_and_that_is_said(
    line: Relay, far: Client, web: str
) -> None:
    line.strike(Fault(EXEC, 1, Way.CUT_BETWEEN))
    found = execution.execute(far, web, ["sh", "-c", "echo one; sleep 5; echo two"])
    assert line.struck
    assert (found.taken.text, found.exit_code) == ("one\n", None)
    assert "keeps running in there, unheard" in found.cut(60)
    assert execution.execute(far, web, ["echo", "two"]).cut(60) == ""


def test_a_time_line_is_not_drawn_of_half_of_what_happened(line: Relay, far: Client, web: str) -> None:
    """The subscription is cut when something has been heard already."""
    line.strike(Fault("GET /events", 1, Way.CUT_MIDDLE))
    with pytest.raises(errors.EngineError):
        events.during(far, lambda: containers.run(far, BUSYBOX, ["true"], scene=SCENE))
    assert line.struck


@pytest.mark.parametrize("way", [Way.CUT_AFTER, Way.REFUSED_AFTER])
def test_what_was_made_before_the_answer_was_lost_is_in_the_journal(
    way: Way, line: Relay, far: Client, client: Client, web: str
) -> None:
    before = {row["Id"] for row in client.containers(all=True)}
    line.strike(Fault("POST /containers/create", 1, way))
    with pytest.raises(errors.EngineError):
        containers.create(far, BUSYBOX, ["true"], scene=SCENE)
    made = [row for row in client.containers(all=True) if row["Id"] not in before]
    assert len(made) == 1
    entry = client.ledger().entry("container", made[0]["Id"], made[0]["Labels"])
    assert entry is not None
    assert entry.scene == SCENE


def test_what_the_engine_refused_to_make_is_not_in_the_journal(client: Client, home: object) -> None:
    with pytest.raises(errors.NoSuchImage):
        containers.create(client, "localhost/course/nothing:1", scene=SCENE)
    assert client.ledger().entries == ()


def test_an_image_whose_build_was_done_when_the_answer_was_lost_is_built_again_and_taken_away(
    line: Relay, far: Client, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_ANSWER_SECONDS")  # a busy engine takes its time for a step, and nothing stalls here
    tag = f"{labels.object_name('cake')}:1"
    dockerfile = f"FROM {BUSYBOX}\nRUN echo one > /one\n"
    line.strike(Fault("POST /build", 1, Way.CUT_AFTER))
    with pytest.raises(errors.EngineNotReachable):
        classic.build(far, dockerfile=dockerfile, tag=tag, scene=SCENE)
    assert client.inspect_image(tag)
    line.mend()
    made = classic.build(far, dockerfile=dockerfile, tag=tag, scene=SCENE)
    assert client.ledger().named(made.image_id, tag)
    scene.clear(client, scene=SCENE)
    assert not [row for row in client.images(all=True) if (row["Labels"] or {}).get(labels.SCENE) == SCENE]
