"""The life-cycle model: against what real engines announced, and against lives made up at random."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.containers.model.lifecycle import Cause, Life, Verb, permits, read
from helpers.engine.model.container import State
from helpers.engine.model.events import Event, joined
from helpers.engine.model.exit_code import Ending, meaning, name_of, ordered, out_of_memory, read_signal

RECORDED = sorted((Path(__file__).parent / "recorded").glob("events-*.json"))
LIVES = [
    pytest.param(life, id=f"{path.stem[7:]}: {life['name']}")
    for path in RECORDED
    for life in json.loads(path.read_text(encoding="utf-8"))["lives"]
]
CAUSES = {
    "create": Cause.CREATE, "start": Cause.START, "pause": Cause.PAUSE, "unpause": Cause.UNPAUSE, "stop": Cause.STOP,
    "kill": Cause.KILL, "restart": Cause.RESTART, "remove": Cause.REMOVE, "remove by force": Cause.REMOVE,
}  # fmt: skip


def told(life: dict[str, Any]) -> Life:
    return read((Event.read(row) for row in life["events"]), name="web", policy=life["policy"])


def test_three_generations_of_engines_are_recorded() -> None:
    assert [path.stem for path in RECORDED] == ["events-20.10", "events-26", "events-28"]


@pytest.mark.parametrize("life", LIVES)
def test_the_path_is_what_the_engine_said_after_each_command(life: dict[str, Any]) -> None:
    found = told(life)
    assert found.complete
    states = iter(found.states)
    for done in life["done"]:
        state = State(done["state"])
        if done["did"] in CAUSES:  # each of these made a step of its own, in this order
            assert state in states, (done, found.states)
    last = life["done"][-1]
    if last["state"] == "removed":
        assert found.state is State.REMOVED
    codes = [done["exit_code"] for done in life["done"] if done["state"] == "exited"]
    if codes:
        assert codes[-1] in [step.exit_code for step in found.steps]


@pytest.mark.parametrize("life", LIVES)
def test_each_command_is_named_as_the_cause_of_its_step(life: dict[str, Any]) -> None:
    found = told(life)
    causes = iter(step.cause for step in found.steps)
    for done in life["done"]:
        if done["did"] in CAUSES and life["name"] not in ("ends by itself", "out of memory"):
            assert CAUSES[done["did"]] in causes, (done, [step.cause for step in found.steps])


def recorded(name: str) -> list[Life]:
    return [told(param.values[0]) for param in LIVES if param.values[0]["name"] == name]  # type: ignore[arg-type,index]


def test_a_stop_by_force_tells_both_signals() -> None:
    for life in recorded("stopped by force"):
        end = next(step for step in life.steps if step.target is State.EXITED)
        assert (end.cause, end.signals, end.exit_code) == (Cause.STOP, (15, 9), 137)


def test_a_policy_starts_again_and_gives_up() -> None:
    for life in recorded("a policy tries twice"):
        assert life.states[1:8] == (
            *(State.RUNNING, State.RESTARTING) * 2,
            State.RUNNING,
            State.EXITED,
            State.REMOVED,
        )
        assert [step.cause for step in life.steps if step.target is State.RUNNING][1:] == [Cause.POLICY] * 2


def test_memory_that_ran_out_is_told() -> None:
    for life in recorded("out of memory"):
        assert [step.oom for step in life.steps if step.target is State.EXITED] == [True]


def test_a_container_that_could_not_start_stays_created() -> None:
    for life in recorded("no such program"):
        assert life.states in [(State.CREATED, State.REMOVED), (State.CREATED, State.EXITED, State.REMOVED)]


def test_a_harmless_signal_is_no_end() -> None:
    for life in recorded("signalled"):
        first = next(step for step in life.steps if step.target is State.EXITED)
        assert (first.cause, first.signals) == (Cause.KILL, (28, 9))


# made up at random


@dataclass
class Sham:
    """The smallest engine: it announces what the commands do, and what belongs together in either order."""

    clock: float = 0.0
    rows: list[Event] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)

    def say(self, action: str, late: float = 0.0, **attributes: str) -> None:
        self.clock += 0.01
        self.rows.append(
            Event(at=self.clock + late, kind="container", action=action, actor="c", labels=dict(attributes))
        )

    def went(self, state: State, cause: Cause) -> None:
        self.states.append(state)
        self.causes.append(cause)

    def do(self, verb: Verb, flips: bool) -> None:
        state = self.states[-1] if self.states else None
        self.clock += 5
        match verb:
            case Verb.CREATE:
                self.say("create")
                self.went(State.CREATED, Cause.CREATE)
            case Verb.START:
                self.say("start")
                self.went(State.RUNNING, Cause.START)
            case Verb.PAUSE:
                self.say("pause")
                self.went(State.PAUSED, Cause.PAUSE)
            case Verb.UNPAUSE:
                self.say("unpause")
                self.went(State.RUNNING, Cause.UNPAUSE)
            case Verb.KILL:
                self.say("kill", late=0.015 if flips else 0, signal="9")
                self.say("die", exitCode="137")
                self.went(State.EXITED, Cause.KILL)
                self.clock += 0.02
            case Verb.STOP:
                self._stop(state, flips)
            case Verb.RESTART:
                if state in (State.RUNNING, State.PAUSED):
                    self._stop(state, flips)
                self.say("start")
                self.say("restart")
                self.went(State.RUNNING, Cause.RESTART)
            case Verb.REMOVE:
                self.say("destroy")
                self.went(State.REMOVED, Cause.REMOVE)

    def _stop(self, state: State | None, flips: bool) -> None:
        self.say("kill", signal="15")
        if state is State.PAUSED:
            self.say("unpause")
            self.went(State.RUNNING, Cause.STOP)
        self.say("die", late=0.015 if flips else 0, exitCode="0")
        self.say("stop")
        self.went(State.EXITED, Cause.STOP)
        self.clock += 0.02


@given(st.data())
def test_any_life_of_possible_commands_is_read_back(data: st.DataObject) -> None:
    sham = Sham()
    sham.do(Verb.CREATE, False)
    for _ in range(data.draw(st.integers(0, 12))):
        possible = [permit.verb for permit in permits(sham.states[-1]) if permit.possible]
        if sham.states[-1] is State.REMOVED:
            break
        sham.do(data.draw(st.sampled_from(possible)), data.draw(st.booleans()))
    found = read(data.draw(st.permutations(sham.rows)), name="web")
    assert list(found.states) == sham.states
    assert [step.cause for step in found.steps] == sham.causes
    assert found.state is sham.states[-1]


@given(st.data())
def test_a_life_is_told_whole_from_two_pieces_of_it_and_by_a_clock_that_was_set_back(data: st.DataObject) -> None:
    sham = Sham()
    for verb in (Verb.CREATE, Verb.START, Verb.PAUSE, Verb.UNPAUSE, Verb.KILL, Verb.START, Verb.STOP):
        sham.do(verb, data.draw(st.booleans()))
    rows = sham.rows
    set_back = data.draw(st.integers(0, len(rows)))
    rows = [replace(e, at=e.at - 7.123456 * (place >= set_back) + 1000) for place, e in enumerate(rows)]
    heard_until = data.draw(st.integers(0, len(rows)))
    repeated_from = data.draw(st.integers(0, heard_until))
    found = joined(rows[:heard_until], rows[repeated_from:])
    assert [event.action for event in found] == [event.action for event in rows]
    assert [event.at for event in found] == sorted(event.at for event in found)
    life = read(found, name="web")
    assert list(life.states) == sham.states
    assert [step.cause for step in life.steps] == sham.causes


def test_pieces_of_a_past_that_do_not_meet_are_put_in_order_by_the_creation() -> None:
    rows = [Event(at=at, kind="container", action=action, actor="c") for at, action in enumerate(ACTIONS[:5])]
    assert joined(rows[2:4], rows) == rows
    assert joined((), rows) == joined(rows, ()) == rows
    assert joined(rows[3:], rows[:3]) == rows  # a clock set back hides the last ones from a question up to now


ACTIONS = (
    "create",
    "start",
    "pause",
    "unpause",
    "kill",
    "die",
    "stop",
    "restart",
    "oom",
    "destroy",
    "rename",
    "exec_die",
)


@given(
    st.lists(
        st.tuples(st.sampled_from(ACTIONS), st.floats(0, 100), st.sampled_from(["", "9", "x", "-3", "15", "137"]))
    ),
    st.sampled_from(["", "always", "on-failure", "on-failure:1", "unless-stopped", "no", "on-failure:x"]),
)
def test_any_events_at_all_give_a_path_without_gaps(rows: list[tuple[str, float, str]], policy: str) -> None:
    events = [
        Event(at=at, kind="container", action=action, actor="c", labels={"signal": word, "exitCode": word})
        for action, at, word in rows
    ]
    found = read(events, name="web", policy=policy)
    for before, after in zip(found.steps, found.steps[1:], strict=False):
        assert before.target is after.source
        assert before.after <= after.after
        assert after.source is not after.target
    assert found.state is (found.steps[-1].target if found.steps else State.UNKNOWN)
    assert found.complete == (bool(found.steps) and found.steps[0].target is State.CREATED)


@pytest.mark.parametrize("state", [None, *State])
def test_in_every_state_each_command_is_possible_or_says_why_not(state: State | None) -> None:
    found = permits(state)
    assert [permit.verb for permit in found] == list(Verb)
    for permit in found:
        assert permit.possible == (not permit.why)
    assert [p.verb for p in found if p.possible] != list(Verb)


# exit codes


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (0, "success"),
        (1, "its own error"),
        (3, "its own error"),
        (125, "the docker command's own"),
        (126, "could not be run"),
        (127, "no program of that name"),
        (137, "SIGKILL"),
        (139, "SIGSEGV"),
        (143, "SIGTERM"),
        (255, "have lost the real one"),
    ],
)
def test_what_a_number_means(code: int, said: str) -> None:
    assert said in meaning(code)


@given(st.integers(-1000, 1000))
def test_every_number_means_something(code: int) -> None:
    assert meaning(code)
    if 128 < code < 160:
        assert name_of(code - 128) in meaning(code)


@given(st.text(max_size=12))
def test_any_word_for_a_signal(word: str) -> None:
    number = read_signal(word)
    assert 0 <= number < 100
    if number:
        assert read_signal(str(number)) == number


def test_137_alone_does_not_say_out_of_memory() -> None:
    assert "out of memory" not in meaning(137)
    assert "out of memory" in Ending(name="web", exit_code=137, oom_killed=True).meaning
    assert "no lack of memory" in Ending(name="web", exit_code=137).meaning
    assert "never ran" in Ending(name="web", exit_code=127, state=State.CREATED, error="no such file").meaning
    assert "not ended" in Ending(name="web", exit_code=None, state=State.RUNNING).meaning
    both = Ending(name="web", exit_code=137, oom_killed=True, ordered=True)
    assert "somebody ordered it" in both.meaning
    assert "out of memory before" in both.meaning


def happened(*actions: str) -> list[Event]:
    """Events of one container, a second apart; "kill 9" is one that names its signal."""
    rows = [(at, *action.partition(" ")[::2]) for at, action in enumerate(actions)]
    return [Event(at=at, kind="container", action=a, actor="x", labels={"signal": s} if s else {}) for at, a, s in rows]


@pytest.mark.parametrize(
    ("actions", "code", "found"),
    [
        (("start", "kill 9", "die"), 137, True),
        (("start", "oom", "kill SIGKILL", "die"), 137, True),
        (("start", "die", "kill 9"), 137, True),  # a quick end is announced before its order
        (("start", "kill 15", "kill 9", "die", "stop"), 137, True),
        (("start", "kill", "die"), 137, True),  # Podman names no signal
        (("start", "oom", "die"), 137, False),
        (("start", "kill 1", "oom", "die"), 137, False),  # SIGHUP did not end it with 137
        (("start", "kill 9", "die", "start", "oom", "die"), 137, False),  # the order was for the run before
        (("start", "kill 15", "die"), 0, True),
        (("start", "oom", "kill 9"), 137, None),
        ((), 137, None),
    ],
)
def test_an_order_counts_if_it_is_the_signal_that_ended_the_last_run(
    actions: tuple[str, ...], code: int, found: bool | None
) -> None:
    assert ordered(happened(*actions), code) is found


@pytest.mark.parametrize("life", [life for life in LIVES if str(life.id).endswith("out of memory")])
def test_what_ran_out_of_memory_by_itself_was_not_ordered(life: dict[str, Any]) -> None:
    events = [Event.read(row) for row in life["events"]]
    assert ordered(events, 137) is False
    assert out_of_memory(events)


@pytest.mark.parametrize(
    ("actions", "found"),
    [
        (("start", "oom", "die"), True),
        (("start", "die", "oom"), True),  # 20.10 under load: the record says nothing of it
        (("start", "oom", "die", "start", "kill 9", "die"), False),  # the run before
        (("start", "kill 9", "die"), False),
        ((), False),
    ],
)
def test_memory_ran_out_where_the_engine_announced_it_in_the_last_run(actions: tuple[str, ...], found: bool) -> None:
    assert out_of_memory(happened(*actions)) is found


def test_an_end_by_force_without_an_order_under_a_limit_is_not_told_as_plenty_of_memory() -> None:
    alone = Ending(name="web", exit_code=137, memory_limit=32 << 20, ordered=False)
    assert "memory was limited, and nobody ordered an end" in alone.meaning
    for told in (replace(alone, memory_limit=0), replace(alone, ordered=None), replace(alone, ordered=True)):
        assert "noted no lack of memory" in told.meaning
