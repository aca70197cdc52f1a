"""A container's life: its states, the commands that lead from one to another, and the path read from events.

Pure: a fold of what the engine announced. Engines may send two events that belong together in either order, so that
nothing here depends on `die` coming before `stop`, or on `kill` coming before `die`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from helpers.engine.model.container import State
from helpers.engine.model.events import Event
from helpers.engine.model.exit_code import read_signal


class Verb(Enum):
    """A command that moves a container from one state to another; its value is the course's word for it."""

    CREATE = "create"
    START = "start"
    PAUSE = "pause"
    UNPAUSE = "unpause"
    STOP = "stop"
    KILL = "kill"
    RESTART = "restart"
    REMOVE = "remove"

    @property
    def command(self) -> str:
        """The docker command's word."""
        return "rm" if self is Verb.REMOVE else self.value


class Cause(Enum):
    """What made a container change its state."""

    CREATE = "create"
    START = "start"
    PAUSE = "pause"
    UNPAUSE = "unpause"
    STOP = "stop"
    KILL = "kill"
    RESTART = "restart"
    REMOVE = "rm"
    ENDED = "its process ended"
    POLICY = "its restart policy"
    UNKNOWN = "not known"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One move. source: None where the life begins. signals: their numbers, as they were sent. after: in seconds.

    exit_code: of the process, where it ended. oom: the engine announced that memory ran out.
    """

    source: State | None
    target: State
    cause: Cause
    after: float = 0.0
    signals: tuple[int, ...] = ()
    exit_code: int | None = None
    oom: bool = False


@dataclass(frozen=True, kw_only=True)
class Life:
    """A container's path until now.

    state: the present one. complete: it was watched from its creation on; otherwise `steps` is what the engine still
    remembers. policy: its restart policy, as `docker run --restart` takes it.
    """

    name: str
    state: State
    steps: tuple[Step, ...] = ()
    complete: bool = True
    policy: str = ""

    @property
    def states(self) -> tuple[State, ...]:
        """The states it has been in, in order."""
        return tuple(step.target for step in self.steps)

    @property
    def exit_code(self) -> int | None:
        """Of the last run that ended; None if none has."""
        return next((step.exit_code for step in reversed(self.steps) if step.exit_code is not None), None)


@dataclass(frozen=True, kw_only=True)
class Permit:
    """Whether a command is possible in a state. why: the reason where it is not, or changes nothing."""

    verb: Verb
    possible: bool
    why: str = ""


ENDED = (State.EXITED, State.DEAD)

# What the engine refuses, or answers without changing anything; held against real engines by a test.
_WHY_NOT: dict[tuple[State | None, Verb], str] = {
    (State.CREATED, Verb.PAUSE): "nothing runs that could be paused",
    (State.CREATED, Verb.UNPAUSE): "it is not paused",
    (State.CREATED, Verb.STOP): "nothing runs: it would change nothing",
    (State.CREATED, Verb.KILL): "no process to send a signal to",
    (State.RUNNING, Verb.START): "it runs: it would change nothing",
    (State.RUNNING, Verb.UNPAUSE): "it is not paused",
    (State.RUNNING, Verb.REMOVE): "it runs: stop it first",
    (State.PAUSED, Verb.START): "paused is not stopped: unpause it",
    (State.PAUSED, Verb.PAUSE): "it is paused already",
    (State.PAUSED, Verb.REMOVE): "its process is there: stop it first",
    (State.EXITED, Verb.PAUSE): "nothing runs that could be paused",
    (State.EXITED, Verb.UNPAUSE): "it is not paused",
    (State.EXITED, Verb.STOP): "nothing runs: it would change nothing",
    (State.EXITED, Verb.KILL): "no process to send a signal to",
    (State.RESTARTING, Verb.PAUSE): "it is between two runs",
    (State.RESTARTING, Verb.UNPAUSE): "it is not paused",
    (State.RESTARTING, Verb.KILL): "no process to send a signal to",
    (State.RESTARTING, Verb.REMOVE): "its policy starts it again: stop it first",
}


def permits(state: State | None) -> tuple[Permit, ...]:
    """For each command whether it is possible in `state`; None and REMOVED: there is no container."""
    return tuple(_permit(state, verb) for verb in Verb)


def _permit(state: State | None, verb: Verb) -> Permit:
    if state in (None, State.REMOVED):
        if verb is Verb.CREATE:
            return Permit(verb=verb, possible=True)
        return Permit(verb=verb, possible=False, why="there is no container: create one first")
    if verb is Verb.CREATE:
        return Permit(verb=verb, possible=False, why="there is one of that name already")
    if state in (State.DEAD, State.REMOVING, State.UNKNOWN):
        possible = verb is Verb.REMOVE and state is not State.REMOVING
        return Permit(verb=verb, possible=possible, why="" if possible else f"it {state.said}")
    why = _WHY_NOT.get((state, verb), "")
    return Permit(verb=verb, possible=not why, why=why)


def read(events: Iterable[Event], *, name: str, policy: str = "") -> Life:
    """The life that `events`, all of one container, tell; they may come in any order.

    policy: the restart policy, which events do not tell.
    """
    tale = _Tale(policy)
    ordered = sorted((e for e in events if e.kind == "container"), key=lambda e: e.at)
    for event in ordered:
        tale.hear(event, event.at - ordered[0].at)
    steps = tuple(tale.steps)
    return Life(
        name=name,
        state=steps[-1].target if steps else State.UNKNOWN,
        steps=steps,
        complete=bool(steps) and steps[0].cause is Cause.CREATE,
        policy=policy,
    )


def corrected(life: Life, now: State) -> Life:
    """`life` with the present state as the engine tells it, where the events did not lead there."""
    before = life.steps[-1] if life.steps else None
    step = Step(
        source=before.target if before else None,
        target=now,
        cause=Cause.UNKNOWN,
        after=before.after if before else 0.0,
    )
    return replace(life, state=now, steps=(*life.steps, step))


def remembered(
    *,
    name: str,
    state: State,
    created: float,
    started: float,
    finished: float,
    exit_code: int,
    oom: bool,
    policy: str,
) -> Life:
    """What is left of a life that nobody watched: the last start and the last end. Marked incomplete.

    created, started, finished: seconds since 1970; 0 if it never happened.
    """
    steps = [Step(source=None, target=State.CREATED, cause=Cause.CREATE)]

    def go(target: State, cause: Cause, at: float, code: int | None = None) -> None:
        after = max(at - created, steps[-1].after)
        ended = code is not None
        steps.append(
            Step(source=steps[-1].target, target=target, cause=cause, after=after, exit_code=code, oom=oom and ended)
        )

    if started and started <= finished:
        go(State.RUNNING, Cause.START, started)
        go(State.EXITED, Cause.UNKNOWN, finished, exit_code)
    elif started:
        if finished:  # an earlier run; its exit code is forgotten
            go(State.RUNNING, Cause.UNKNOWN, created)
            go(State.EXITED, Cause.UNKNOWN, finished)
        go(State.RUNNING, Cause.START, started)
    if steps[-1].target is not state:
        cause = Cause.PAUSE if state is State.PAUSED else Cause.UNKNOWN
        go(state, cause, finished if state in ENDED else started)
    return Life(name=name, state=state, steps=tuple(steps), complete=False, policy=policy)


AT_ONCE = 1.0  # seconds: an end that follows a signal within that time is put down to it


class _Tale:
    """The fold: steps so far, and signals that have not led to anything yet."""

    def __init__(self, policy: str) -> None:
        self.steps: list[Step] = []
        self._policy, _, most = policy.partition(":")
        self._most = int(most) if most.isascii() and most.isdigit() else 0
        self._signals: tuple[int, ...] = ()
        self._oom = False
        self._signalled = 0.0
        self._asked = False  # `stop` was announced before the end that it caused
        self._tries = 0

    @property
    def _state(self) -> State | None:
        return self.steps[-1].target if self.steps else None

    def hear(self, event: Event, after: float) -> None:
        state = self._state
        match event.action:
            case "create" if state is None:
                self._go(State.CREATED, Cause.CREATE, after)
            case "start" if state not in (State.RUNNING, State.PAUSED, State.REMOVED):
                again = state is State.RESTARTING
                self._go(State.RUNNING, Cause.POLICY if again else Cause.START, after)
            case "pause" if state in (State.RUNNING, None):
                self._go(State.PAUSED, Cause.PAUSE, after)
            case "unpause" if state in (State.PAUSED, None):
                # stop and restart thaw a paused container first, so that its process can hear the signal
                self._go(State.RUNNING, Cause.STOP if self._signals else Cause.UNPAUSE, after)
            case "kill":
                self._kill(read_signal(event.labels.get("signal", "")), after)
            case "oom":
                self._oom = True
            case "die" if state in (State.RUNNING, State.PAUSED, None):
                self._die(event.labels.get("exitCode", ""), after)
            case "stop":
                self._stop()
            case "restart":
                self._restart()
            case "destroy" if state is not State.REMOVED:
                self._go(State.REMOVED, Cause.REMOVE, after)
            case _:
                pass

    def _go(self, target: State, cause: Cause, after: float) -> None:
        self.steps.append(Step(source=self._state, target=target, cause=cause, after=after))

    def _kill(self, number: int, after: float) -> None:
        if not number:
            return
        if self._state in (State.RUNNING, State.PAUSED, None):
            self._signals += (number,)
            self._signalled = after
        elif self._state in (State.EXITED, State.RESTARTING):  # announced after the end that it led to
            last = self.steps[-1]
            cause = Cause.KILL if last.cause in (Cause.ENDED, Cause.POLICY) else last.cause
            self.steps[-1] = replace(last, target=State.EXITED, cause=cause, signals=(*last.signals, number))

    def _die(self, code: str, after: float) -> None:
        exit_code = int(code) if code.isascii() and code.removeprefix("-").isdigit() else None
        fatal = not _harmless(self._signals) and (
            after - self._signalled < AT_ONCE or any(exit_code == 128 + number for number in self._signals)
        )
        cause = Cause.STOP if self._asked else Cause.KILL if fatal else Cause.ENDED
        again = cause is Cause.ENDED and self._starts_again(exit_code)
        self.steps.append(
            Step(
                source=self._state,
                target=State.RESTARTING if again else State.EXITED,
                cause=cause,
                after=after,
                signals=self._signals,
                exit_code=exit_code,
                oom=self._oom,
            )
        )
        self._signals, self._oom, self._asked = (), False, False

    def _starts_again(self, code: int | None) -> bool:
        if self._policy in ("always", "unless-stopped"):
            return True
        if self._policy != "on-failure" or not code:
            return False
        self._tries += 1
        return not self._most or self._tries <= self._most

    def _stop(self) -> None:
        if self._state is State.RESTARTING:  # between two runs: there was no process to send a signal to
            self._go(State.EXITED, Cause.STOP, self.steps[-1].after)
        elif self._state is State.EXITED:
            self.steps[-1] = replace(self.steps[-1], cause=Cause.STOP)
        elif self._state in (State.RUNNING, State.PAUSED):
            self._asked = True

    def _restart(self) -> None:
        """`restart` is announced last. What it did was told before: an end, as by `stop`, and a start."""
        if self._state is State.RUNNING:
            self.steps[-1] = replace(self.steps[-1], cause=Cause.RESTART)


def _harmless(signals: tuple[int, ...]) -> bool:
    """True if all of them are signals that a process lives on with unless it says otherwise."""
    return all(number in (17, 18, 23, 28) for number in signals)
