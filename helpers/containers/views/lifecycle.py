"""A container's life as a state diagram: where it is, how it came there, and which commands lead on."""

from __future__ import annotations

from helpers.containers.model.lifecycle import Cause, Life, Step, Verb, permits
from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, Card
from helpers.drawing.text import count, plain, width
from helpers.engine.model.container import State
from helpers.engine.model.exit_code import meaning, name_of

MARKS = {
    State.CREATED: "○",
    State.RUNNING: "▶",
    State.PAUSED: "‖",
    State.EXITED: "■",
    State.RESTARTING: "↻",
    State.DEAD: "✕",
    State.REMOVED: "–",
}
WIDE, HIGH = 150.0, 50.0
LEFT, MIDDLE, RIGHT = MARGIN + 52.0, 310.0, 586.0
TOP, DOWN, LAST = 104.0, 256.0, 350.0
PLACES = {
    State.CREATED: (LEFT, TOP),
    State.RUNNING: (MIDDLE, TOP),
    State.PAUSED: (RIGHT, TOP),
    State.REMOVED: (LEFT, DOWN),
    State.EXITED: (MIDDLE, DOWN),
    State.RESTARTING: (RIGHT, DOWN),
    State.DEAD: (MIDDLE, LAST),
}
WHAT = {
    State.CREATED: "files, no process yet",
    State.RUNNING: "its process runs",
    State.PAUSED: "its process is frozen",
    State.EXITED: "files, no process",
    State.RESTARTING: "about to start again",
    State.DEAD: "half removed",
    State.REMOVED: "nothing is left",
}
Point = tuple[float, float]
Move = tuple[State | None, State]

# From, to: the way; where its words begin; the words: commands, or what happens.
ARROWS: dict[Move, tuple[tuple[Point, ...], Point, tuple[str, ...]]] = {
    (None, State.CREATED): (((MARGIN, TOP + 25), (LEFT, TOP + 25)), (MARGIN, TOP + 12), ("create",)),
    (State.CREATED, State.RUNNING): (
        ((LEFT + WIDE, TOP + 25), (MIDDLE, TOP + 25)),
        (LEFT + WIDE + 16, TOP + 18),
        ("start",),
    ),
    (State.RUNNING, State.PAUSED): (
        ((MIDDLE + WIDE, TOP + 12), (RIGHT, TOP + 12)),
        (MIDDLE + WIDE + 14, TOP + 5),
        ("pause",),
    ),
    (State.PAUSED, State.RUNNING): (
        ((RIGHT, TOP + 32), (MIDDLE + WIDE, TOP + 32)),
        (MIDDLE + WIDE + 14, TOP + 46),
        ("unpause",),
    ),
    (State.EXITED, State.RUNNING): (
        ((MIDDLE + 14, DOWN), (MIDDLE + 14, TOP + HIGH)),
        (MIDDLE - 48, TOP + 88),
        ("start", "restart"),
    ),
    (State.RUNNING, State.EXITED): (
        ((MIDDLE + 32, TOP + HIGH), (MIDDLE + 32, DOWN)),
        (MIDDLE + 41, TOP + 80),
        ("stop, kill", "it ends"),
    ),
    (State.CREATED, State.REMOVED): (((LEFT + 40, TOP + HIGH), (LEFT + 40, DOWN)), (LEFT + 50, TOP + 96), ("rm",)),
    (State.EXITED, State.REMOVED): (
        ((MIDDLE, DOWN + 25), (LEFT + WIDE, DOWN + 25)),
        (LEFT + WIDE + 26, DOWN + 18),
        ("rm",),
    ),
    (State.RUNNING, State.RESTARTING): (
        ((MIDDLE + 139, TOP + HIGH), (MIDDLE + 139, TOP + 82), (RIGHT + 96, TOP + 82), (RIGHT + 96, DOWN)),
        (MIDDLE + WIDE + 14, TOP + 77),
        ("it ends, with a policy",),
    ),
    (State.RESTARTING, State.RUNNING): (
        ((RIGHT + 40, DOWN), (RIGHT + 40, TOP + 112), (MIDDLE + 124, TOP + 112), (MIDDLE + 124, TOP + HIGH)),
        (MIDDLE + 132, TOP + 127),
        ("the policy starts it",),
    ),
    (State.RESTARTING, State.EXITED): (
        ((RIGHT, DOWN + 25), (MIDDLE + WIDE, DOWN + 25)),
        (MIDDLE + WIDE + 20, DOWN + 18),
        ("stop",),
    ),
    (State.EXITED, State.DEAD): (
        ((MIDDLE + 32, DOWN + HIGH), (MIDDLE + 32, LAST)),
        (MIDDLE + 41, DOWN + 76),
        ("rm fails",),
    ),
}
# Rare ways, drawn only where a container has gone them.
RARE: dict[Move, tuple[tuple[Point, ...], Point, tuple[str, ...]]] = {
    (State.PAUSED, State.EXITED): (
        ((RIGHT + 130, TOP + HIGH), (RIGHT + 130, DOWN - 16), (MIDDLE + 110, DOWN - 16), (MIDDLE + 110, DOWN)),
        (RIGHT + 84, TOP + 68),
        ("kill",),
    ),
}


def life(found: Life) -> Figure:
    """The state diagram: the present state lit, the path with its order, the command on each arrow."""
    return Figure(
        sentence=sentence(found),
        svg=_card(found).svg(),
        alt=f"{answer(found)} {_path_in_words(found)}",
        tables=(_steps(found), _commands(found)),
        how=How(
            docker=("docker events --since 1h --until 0s --filter type=container", "docker ps --all"),
            python=(
                "import docker",
                "engine = docker.from_env()",
                "print({c.name: c.status for c in engine.containers.list(all=True)})",
            ),
        ),
    )


def sentence(found: Life) -> str:
    """The state and the path, in words that are the same for the same life."""
    return f"{plain(found.name)} {_state(found)}. {_path_in_words(found)}"


def answer(found: Life) -> str:
    """The answer under the question."""
    name = plain(found.name)
    if not found.steps:
        return f"{name} {_state(found)}: create makes it."
    if not found.complete:
        return f"{name} {_state(found)}. Nobody watched it from the start: this is what the engine still knows."
    return f"{name} {_state(found)}, after {count(len(found.steps), 'step')}."


def happened(step: Step) -> str:
    """What one step did, in a sentence without a full stop."""
    code = "" if step.exit_code is None else f"exit code {step.exit_code} ({meaning(step.exit_code)})"
    sent = " and ".join(f"{name_of(number)} ({number})" for number in step.signals)
    oom = "; its memory had run out" if step.oom else ""
    if step.target is State.EXITED:
        if step.cause is Cause.STOP and 9 in step.signals:
            first = " and ".join(name_of(n) for n in step.signals if n != 9) or "the first signal"
            return f"{first} was sent; it did not end within the grace period, and SIGKILL ended it: {code}"
        if step.cause in (Cause.STOP, Cause.KILL) and sent:
            return f"{sent} was sent, and its process ended: {code}{oom}"
        if step.cause is Cause.ENDED:
            return f"its first process ended: {code}{oom}"
        return f"its process ended{': ' + code if code else ''}{oom}"
    if step.target is State.RESTARTING:
        return f"its first process ended: {code}{oom}; its restart policy starts it again"
    if step.target is State.RUNNING:
        return _STARTED.get(step.cause, "its first process was started")
    return _HAPPENED.get(step.target, f"it is {step.target.value}")


_STARTED = {
    Cause.UNPAUSE: "its processes carry on where they were",
    Cause.STOP: "thawed, so that its process can hear the signal",
    Cause.RESTART: "its first process was started again",
    Cause.POLICY: "its restart policy started it again",
}
_HAPPENED = {
    State.CREATED: "a writable layer and settings were made; nothing runs yet",
    State.PAUSED: "its processes are frozen, and keep their memory",
    State.REMOVED: "the container and its writable layer are gone; the image stays",
}


def by(step: Step) -> str:
    """What caused a step: a command, or what happened."""
    if step.cause in (Cause.ENDED, Cause.POLICY, Cause.UNKNOWN):
        return str(step.cause.value)
    return f"docker {step.cause.value}"


def _state(found: Life) -> str:
    code = found.exit_code
    if found.state is State.EXITED:
        return "has exited" if code is None else f"has exited with code {code}"
    if not found.steps and found.state is State.REMOVED:
        return "is not there"
    return found.state.said


def _path_in_words(found: Life) -> str:
    states = [step.target.value for step in found.steps]
    if not states:
        return "It has no path yet."
    shown = states if len(states) <= 14 else [*states[:6], "…", *states[-6:]]
    known = "Its path" if found.complete else "Known of its path"
    return f"{known}: {', '.join(shown)}."


def _card(found: Life) -> Card:
    card = Card("Where is this container in its life, and how did it get there?", answer(found))
    numbers: dict[Move, list[int]] = {}
    for number, step in enumerate(found.steps, start=1):
        numbers.setdefault((step.source, step.target), []).append(number)
    drawn = {**ARROWS, **{move: way for move, way in RARE.items() if move in numbers}}
    for move, (points, _, _) in sorted(drawn.items(), key=lambda one: one[0] in numbers):
        if move in numbers:
            card.route(points, "container", thick=3)
        else:
            card.route(points, "soft")
    been = {step.target for step in found.steps}
    for state, (x, y) in PLACES.items():
        _box(card, x, y, state, now=state is found.state, been=state in been)
    for move, (_, (x, y), words) in drawn.items():
        for line, word in enumerate(words):
            style = "m" if word.partition(",")[0] in _COMMANDS else "n soft"
            card.text(x, y + 15 * line, word, style=style if move in numbers else f"{style} soft")
        if move in numbers:
            if move in _BELOW:  # no room beside the words: below the line
                _numbers(card, x, y + 25, numbers[move])
            elif len(words) == 1:
                _numbers(card, x + width(words[0], size=12, mono=words[0] in _COMMANDS) + 8, y, numbers[move])
            else:
                _numbers(card, x, y + 15 * len(words) + 2, numbers[move])
    card.text(MIDDLE + WIDE + 16, LAST + 21, "Rare: a removal that failed half-way.", style="n soft")
    card.text(MIDDLE + WIDE + 16, LAST + 40, "Remove it again.", style="n soft")
    card.note(_note(found))
    return card


_COMMANDS = {verb.command for verb in Verb}


# Where the words stand close above a level line with little room.
_BELOW: set[Move] = {(None, State.CREATED), (State.CREATED, State.RUNNING)}


def _box(card: Card, x: float, y: float, state: State, *, now: bool, been: bool) -> None:
    if been or now:
        card.box(x, y, WIDE, HIGH, "container")
    else:
        card.rect(x, y, WIDE, HIGH, "box", corner=6, dashed=True)
    if now:
        card.rect(x, y, WIDE, HIGH, "t-container", corner=6)
        card.frame(x, y, WIDE, HIGH, "container")
        card.text(x + WIDE - 10, y + 21, "now", style="b container n", end=True)
    card.text(x + 12, y + 21, MARKS[state], style="b" if been or now else "b soft")
    card.text(x + 32, y + 21, state.value, style="b" if been or now else "soft")
    card.text(x + 12, y + 40, WHAT[state], style="n soft")


def _numbers(card: Card, x: float, y: float, numbers: list[int]) -> None:
    words = ", ".join(map(str, numbers))
    if len(numbers) > 3:
        words = f"{numbers[0]} … {numbers[-1]}"
    long = width(words, size=12) + 12
    top = y - 13
    card.rect(x, top, max(long, 20), 17, "card", corner=8)
    card.rect(x, top, max(long, 20), 17, "t-container", corner=8)
    card.text(x + (6 if long > 20 else 10 - width(words, size=12) / 2), top + 13, words, style="b n")


def _note(found: Life) -> str:
    policy = f" Its restart policy: {found.policy}." if found.policy else ""
    return f"Numbers: the order of its steps. Dashed: it has not been there.{policy}"


def _steps(found: Life) -> Table:
    return Table(
        caption="Its path" if found.complete else "Known of its path; nobody watched it from the start",
        columns=("step", "from", "to", "by", "what happened", "after, s"),
        rows=tuple(
            (
                str(number),
                step.source.value if step.source else "–",
                step.target.value,
                by(step),
                happened(step),
                f"{step.after:.2f}",
            )
            for number, step in enumerate(found.steps, start=1)
        ),
    )


def _commands(found: Life) -> Table:
    return Table(
        caption=f"Which commands are possible now ({found.state.value})",
        columns=("command", "possible", "why not"),
        rows=tuple(
            (f"docker {permit.verb.command}", "yes" if permit.possible else "no", permit.why)
            for permit in permits(found.state)
        ),
    )


def did(verb: Verb, before: Life, after: Life, *, grace: int) -> str:
    """What a command did to the container, in a sentence: signals, grace period, exit code."""
    name = plain(after.name)
    fresh = after.steps if verb is Verb.CREATE else after.steps[len(before.steps) :]
    told = "; then: ".join(happened(step) for step in fresh) or f"nothing changed: {name} {_state(after)}"
    told = told.replace("the grace period", f"the grace period of {grace} s")
    return f"docker {verb.command} {name}: {told}."


def meanwhile(before: Life, after: Life) -> str:
    """What happened to the container without a button; "" if nothing did."""
    known = len(before.steps)
    while before.steps[:known] != after.steps[:known]:
        known -= 1
    fresh = after.steps[known:]
    if not fresh:
        return ""
    told = "; then: ".join(f"{by(step)}: {happened(step)}" for step in fresh)
    return f"Meanwhile, not by a button here: {told}."
