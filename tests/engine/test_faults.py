"""Every call of every verb broken once: what the learner sees, what is left, and that running it again mends it."""

from __future__ import annotations

import contextlib
import hashlib
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import docker
import pytest

from helpers import cleanup, containers, lab, scene
from helpers.engine import again
from helpers.engine import client as client_module
from helpers.engine import images as engine_images
from helpers.engine import scene as engine_scene
from helpers.engine.build import classic
from helpers.engine.build.guard import Bounds
from helpers.engine.client import Client, connect
from helpers.engine.ownership import journal, labels
from helpers.engine.session import session
from helpers.errors import CourseError, EngineNotReachable
from helpers.setup.engine import dockerd
from tests.engine import fault_verbs
from tests.engine.fault_verbs import BUSYBOX, SCENE, VERBS, Verb
from tests.harness import foreign
from tests.harness.by_hand import by_hand
from tests.harness.faults import Fault, Relay, Way, relayed
from tests.harness.second_engine import kill, second_engine, wait_until
from tests.harness.selection import Draw

pytestmark = pytest.mark.engine
PATIENCE = {True: "1.2", False: "20"}  # seconds, COURSE_ANSWER_SECONDS while a call is broken: stalled, or otherwise
LONGEST = 15.0  # seconds more than unbroken; what has no deadline takes longer, see faults.HELD
WAIT_SECONDS = 3  # while a call at which containers' ends are waited for is stalled, in place of a minute
DRAWN_SECONDS = 30.0
STUMBLING = {
    "GET /images/json": (Way.GONE_LAYER, Way.CHANGED),
    "GET /images/{}/json": (Way.GONE_LAYER, Way.CHANGED),
    "POST /build": (Way.LOST_IMAGE,),
}
STALLS = (Way.STALL, Way.STALL_MIDDLE)
ALWAYS = (
    Way.CUT_BEFORE,
    Way.CUT_AFTER,
    Way.CUT_MIDDLE,
    Way.REFUSED,
    Way.REFUSED_AFTER,
    Way.ENDED,
    Way.STALL,
    Way.STALL_MIDDLE,
)
DONE = "course/faults"


class Bench:
    """A learner behind a relay: breaks calls of verbs, and looks at what is left of them."""

    def __init__(self, relay: Relay, client: Client, patch: pytest.MonkeyPatch) -> None:
        self.relay, self._client, self._patch = relay, client, patch
        self._began = foreign.snapshot(client, closely=False)
        self._prepared: Verb | None = None

    def calls(self, verb: Verb) -> Counter[str]:
        """What an unbroken run asks the engine, by kind of call."""
        self._set(verb)
        self.relay.listen()
        verb.do()
        return Counter(self.relay.calls)

    def faults(self, verb: Verb, calls: Counter[str]) -> list[Fault]:
        """What is broken of a verb: each kind of call that it makes; of one made several times the first and the last.

        In one way, or in two if it changes something. The ways take turns from verb to verb, so that what many verbs
        ask is broken in every way.
        """
        found = []
        for call, times in calls.items():
            for nth in sorted({1} if verb.long else {1, times}):
                turn = VERBS.index(verb) + nth
                ways = _turn(ALWAYS, turn, 1 if nth > 1 or call.startswith("GET") else 2)
                ways += _turn(STUMBLING.get(call, ()), turn, 1)
                found += [Fault(call, nth, way) for way in ways]
        return found

    def broken(self, verb: Verb, fault: Fault) -> str:
        """Breaks one call; what the learner saw, "" if all was well. Raises: AssertionError with what is wrong."""
        self._set(verb)
        seen, started = "", time.monotonic()
        with self._patch.context() as patch:
            patch.setenv("COURSE_ANSWER_SECONDS", PATIENCE[fault.way in STALLS])
            if fault.way in STALLS and fault.call.endswith("/wait"):
                patch.setattr(Client, "wait", _briefly)
            self.relay.strike(fault)
            try:
                verb.do()
            except CourseError as error:
                seen = str(error)
            except BaseException:
                self._prepared = None
                raise
            finally:
                took = time.monotonic() - started
                self.relay.mend()
        assert took < LONGEST + (15 if verb.long else 0), f"it waited {took:.0f} s"
        if self.relay.struck and fault.way in STUMBLING.get(fault.call, ()):
            assert not seen, f"it is asked again where the engine stumbles: {seen}"
        self.complete()
        self._set(verb)
        verb.do()
        return seen

    def complete(self) -> None:
        """Passes if the journal knows of everything on the engine that bears this learner's labels."""
        with self._client.unrecorded():
            for kind in ("container", "network", "volume"):
                listed = list(engine_scene.listed(self._client, kind, labels.filters()))
                ledger = self._client.ledger()
                building = any(entry.kind == "build" for entry in ledger.entries)
                for object_id, name, row in listed:
                    found = row.get("Labels") or {}
                    # a step of a build that broke off: the builder's own, which takes it away when it has noticed
                    steps = building and kind == "container" and labels.NONCE not in found
                    assert steps or ledger.entry(kind, object_id, found), f"the journal lacks the {kind} {name}"
            rows, ledger = self._client.images(all=True), self._client.ledger()
            for row in rows:
                if labels.carried(row.get("Labels")):
                    assert building or ledger.image(str(row["Id"])), f"the journal lacks the image {row['Id']}"

    def clean(self) -> None:
        """Cleans up as a learner does. Raises: AssertionError if anything is left."""
        self._prepared = None
        if session.lab:
            lab.close(yes=True)
        session.enter("desk")
        self.complete()
        cleanup()
        wait_until(lambda: foreign.leftovers(self._began, foreign.snapshot(self._client, closely=False)) == [])

    def _set(self, verb: Verb) -> None:
        """Makes what the verb needs; once for all, if it only looks at that."""
        if session.scene != SCENE and not session.lab:
            session.enter(SCENE)
        if not (verb.looks and self._prepared is verb):
            verb.before()
        self._prepared = verb


def _briefly(client: Any, container: str, timeout: int = WAIT_SECONDS, **more: Any) -> Any:
    return docker.APIClient.wait(client, container, min(timeout, WAIT_SECONDS), **more)


def _turn(ways: Sequence[Way], place: int, count: int) -> list[Way]:
    """So many of the ways, from another one on for each place; none if there are none."""
    return [ways[(place * count + step) % len(ways)] for step in range(count)] if ways else []


@pytest.fixture
def bench(client: Client, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("COURSE_LABS", str(tmp_path / "labs"))
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    monkeypatch.setattr(again, "PAUSES", (0.0, 0.05, 0.1))
    monkeypatch.chdir(tmp_path)
    with relayed(client) as relay:
        monkeypatch.setenv("DOCKER_HOST", relay.url)
        made = Bench(relay, client, monkeypatch)
        try:
            yield made
        finally:
            relay.mend()
            made.clean()
            forget(relay)


def forget(relay: Relay) -> None:
    """Closes the clients that the helpers keep of this relay."""
    for key in [key for key in client_module._clients if key[0] == relay.url]:
        client_module._clients.pop(key).close()


def tried(bench: Bench, verb: Verb, fault: Fault) -> str:
    """One fault; what is wrong with how it ended is said with it."""
    try:
        return bench.broken(verb, fault)
    except (Exception, pytest.fail.Exception) as error:
        raise AssertionError(f"{verb.name}; {fault}: {type(error).__name__}: {error}") from error


def test_a_drawn_choice_of_calls_is_broken(bench: Bench, request: pytest.FixtureRequest) -> None:
    dice = random.Random(f"{request.config.option.seed} faults")  # noqa: S311 - a lot, no secret
    verbs = dice.sample(VERBS, len(VERBS))
    until, done = time.monotonic() + DRAWN_SECONDS, 0
    for verb in verbs:
        faults = bench.faults(verb, bench.calls(verb))
        for fault in dice.sample(faults, min(3, len(faults))):
            if time.monotonic() > until:
                break
            tried(bench, verb, fault)
            done += 1
        bench.clean()
        if time.monotonic() > until:
            break
    assert done


def edition(client: Client) -> str:
    """What the faults are tried on: this code, this engine."""
    root = Path(fault_verbs.__file__).parents[2]
    code = hashlib.sha256()
    for path in sorted([*(root / "helpers").rglob("*.py"), *(root / "tests/engine").glob("*fault*.py")]):
        code.update(path.read_bytes())
    return f"{client.identity} {code.hexdigest()[:16]}"


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [verb.name for verb in VERBS])
def test_every_call_of_a_verb_is_broken_in_every_way(
    name: str, bench: Bench, client: Client, request: pytest.FixtureRequest
) -> None:
    verb = fault_verbs.BY_NAME[name]
    cache, of = request.config.cache, edition(client)
    assert cache is not None
    kept = cache.get(DONE, {})
    done: list[str] = kept.get("done", {}).get(name, []) if kept.get("of") == of else []
    wrong: list[str] = []
    faults = bench.faults(verb, bench.calls(verb))
    left = [fault for fault in faults if str(fault) not in done]
    for fault in left:  # none, if all were tried on this very code and engine before: --cache-clear forgets it
        try:
            tried(bench, verb, fault)
        except AssertionError as error:
            wrong.append(str(error))
            with contextlib.suppress(Exception):  # the next one begins clean
                bench.clean()
            continue
        done = [*done, str(fault)]
        kept = cache.get(DONE, {})
        others = kept.get("done", {}) if kept.get("of") == of else {}
        cache.set(DONE, {"of": of, "done": {**others, name: done}})
    bench.clean()
    assert not wrong, "\n".join(wrong)


ENDED_AT = ("POST /containers/create", "POST /containers/{}/start", "POST /containers/{}/wait", "DELETE /containers/{}")


def test_an_engine_that_is_killed_at_a_call_and_started_again_is_clean(
    client: Client, home: Path, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    with second_engine() as place, contextlib.ExitStack() as later:
        second = dockerd.start(place, print)
        later.callback(second.close)
        by_hand(second).load_image(b"".join(engine_images.saved(client, BUSYBOX)))
        line = later.enter_context(relayed(second, on_end=lambda: kill(place)))
        monkeypatch.setenv("DOCKER_HOST", line.url)
        later.callback(forget, line)
        for call in draw("an engine killed", ENDED_AT):
            with scene(SCENE):
                line.strike(Fault(call, 1, Way.ENDED))
                with pytest.raises(EngineNotReachable):
                    containers.run(BUSYBOX, "echo", "ran", seconds=5)
                assert line.struck
                dockerd.start(place, print).close()
                line.mend()
                Bench(line, second, monkeypatch).complete()
                assert containers.run(BUSYBOX, "echo", "ran", seconds=20).output == "ran\n"
            assert second.containers(all=True) == []
            assert [entry for entry in journal.entries() if entry.id] == []


def test_a_step_that_the_builder_ends_after_it_lost_its_client_is_noted(bench: Bench) -> None:
    for _ in range(4):  # it does not always
        bench.broken(fault_verbs.BY_NAME["exercise"], Fault("POST /build", 1, Way.CUT_MIDDLE))
        bench.complete()


def _slowly() -> None:
    recipe = f"FROM {BUSYBOX}\nRUN sleep 1\nRUN true\n"
    classic.build(connect(), dockerfile=recipe, tag="hs-slow:1", scene=SCENE, bounds=Bounds(), nocache=True)


@pytest.mark.thorough
def test_a_question_that_is_refused_while_a_build_goes_on_loses_nothing_of_it(bench: Bench) -> None:
    verb = Verb("a slow build", _slowly)
    asked = bench.calls(verb)
    for call in ("GET /info", "GET /images/{}/json"):  # room on the disk, asked beside the build; the image, after it
        for nth in range(1, asked[call] + 1):
            bench.broken(verb, Fault(call, nth, Way.REFUSED))
            time.sleep(1.5)  # a build that is not called off makes its next image meanwhile
            bench.complete()


def test_what_the_journal_lacks_is_seen(bench: Bench, client: Client) -> None:
    hand = by_hand(client)
    strange = hand.create_container(BUSYBOX, ["true"], labels=labels.labels(SCENE))["Id"]
    try:
        with pytest.raises(AssertionError, match="the journal lacks the container"):
            bench.complete()
    finally:
        hand.remove_container(strange)
    bench.complete()
