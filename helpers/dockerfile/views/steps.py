"""A Dockerfile, instruction by instruction: what each is for, and what it did; below, what a container would do."""

from __future__ import annotations

import shlex

from helpers.dockerfile.model.begin import STOP, Start
from helpers.dockerfile.model.steps import Kind, Step, Steps
from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, WIDTH, Card
from helpers.drawing.text import count, listed, plain, size, wrap

SHOWN = 28  # rows of a picture; the text version holds all
_LINE, _WORDS, _MARK, _EFFECT = 47.0, 57.0, 330.0, 430.0  # where the columns begin
_WIDE = 88.0  # of a mark, and of the longest bar
_STYLES = {
    Kind.BASE: "host",
    Kind.LAYER: "image",
    Kind.SETTING: "container",
    Kind.BUILD_ONLY: "warn",
    Kind.OTHER_STAGE: "host",
    Kind.UNKNOWN: "bad",
}


def steps(found: Steps) -> Figure:
    """One row for each instruction: as written, what it is for, and its effect; a bar is what it stored."""
    answer = _answer(found)
    card = Card("What does each line of the Dockerfile do?", answer)
    y = 78.0
    card.text(_LINE, y, "line", style="n soft", end=True)
    card.text(_WORDS, y, "instruction", style="n soft")
    card.text(_MARK, y, "what it is for", style="n soft")
    card.text(_EFFECT, y, "what it does" if found.starts is None else "what it did", style="n soft")
    y += 6
    longest = max((step.bytes or 0 for step in found.those(Kind.LAYER)), default=0) or 1
    for step in found.steps[:SHOWN]:
        y += _row(card, y, step, longest)
    if len(found.steps) > SHOWN:
        card.text(_WORDS, y + 18, f"and {len(found.steps) - SHOWN} more: see the text version", style="n soft")
        y += 26
    if found.starts is not None:
        _box(card, y + 10, _facts(found.starts))
        card.note("A layer holds files; a bar is how many bytes. A setting is a note in the image for its containers.")
    else:
        card.note("No image is named: with one, there are sizes here, and what a container of it would do.")
    return Figure(
        sentence=_sentence(found),
        svg=card.svg(),
        alt=" ".join((answer, *(f"{step.word}: {step.effect}." for step in found.steps[:SHOWN]))),
        tables=_tables(found),
        how=_how(found),
    )


def _row(card: Card, y: float, step: Step, longest: int) -> float:
    """Draws one row; returns its height."""
    style = _STYLES[step.kind]
    card.text(_LINE, y + 17, step.line, style="m soft", end=True)
    soft = " soft" if step.kind is Kind.OTHER_STAGE else ""
    card.text(_WORDS, y + 17, step.text, style=f"m{soft}", room=_MARK - _WORDS - 12)
    card.rect(_MARK, y + 3, _WIDE, 19, f"t-{style}", dashed=step.kind is Kind.OTHER_STAGE)
    card.text(_MARK + 8, y + 17, step.kind.value, style="n")
    if step.kind is Kind.LAYER and step.bytes:
        card.rect(_MARK, y + 22, max(_WIDE * step.bytes / longest, 2), 4, style, corner=1)
    lines = wrap(step.effect, WIDTH - MARGIN - _EFFECT, size=12)
    for number, line in enumerate(lines):
        card.text(_EFFECT, y + 17 + 15 * number, line, style=f"n{soft}")
    return 29.0 + 14 * (len(lines) - 1)


def _box(card: Card, y: float, facts: tuple[tuple[str, str], ...]) -> None:
    """What a container of the image would do."""
    card.box(MARGIN, y, WIDTH - 2 * MARGIN, 36 + 20 * len(facts), "container")
    card.text(MARGIN + 16, y + 22, "A container of it would", style="b")
    y += 44
    for what, value in facts:
        card.text(MARGIN + 16, y, what, style="n soft")
        card.text(MARGIN + 150, y, value, style="m", room=WIDTH - 2 * MARGIN - 166)
        y += 20


def _facts(start: Start) -> tuple[tuple[str, str], ...]:
    """What it would do, in words."""
    found = [("run", start.process or "nothing: it has to be given a command")]
    if start.words:
        first = "the program itself" if not start.shell_form else "a shell, which starts the program"
        found.append(("have as process 1", first))
    found += [("in the folder", start.folder or "/"), ("as user", start.user or "root: no USER says otherwise")]
    if start.environment:
        found.append(("with variables", ", ".join(start.environment)))
    if start.ports:
        found.append(("note ports", f"{', '.join(start.ports)} (opens nothing)"))
    if start.health:
        found.append(("be checked with", f"{start.check}, every {start.health_every:g} s"))
    found.append(("get on docker stop", start.stop_signal or STOP))
    return tuple(found)


def _answer(found: Steps) -> str:
    layers, settings = found.those(Kind.LAYER), found.those(Kind.SETTING)
    if refused := found.those(Kind.UNKNOWN):
        return f"The engine will refuse it: line {refused[0].line} says {refused[0].word}."
    held = sum(step.bytes or 0 for step in layers)
    stored = f", {size(held)} in all" if found.starts is not None and layers else ""
    return f"{count(len(found.steps), 'instruction')}: {_kinds(len(layers), len(settings), stored, '; ')}."


def _kinds(layers: int, settings: int, stored: str = "", between: str = ", ") -> str:
    """How many of each kind there are."""
    said = [f"{layers} may change files{stored}"] if layers else []
    said += [f"{settings} {'is a setting' if settings == 1 else 'are settings'}"] if settings else []
    return between.join(said) or "nothing is changed, nothing is set"


def _sentence(found: Steps) -> str:
    layers, settings, refused = (found.those(kind) for kind in (Kind.LAYER, Kind.SETTING, Kind.UNKNOWN))
    said = f"The Dockerfile has {count(len(found.steps), 'instruction')}: "
    said += f"{_kinds(len(layers), len(settings))}."
    if refused:
        where = listed(f"line {step.line} ({step.word})" for step in refused)
        said += f" The engine will refuse {where}."
    start = found.starts
    if start is None:
        return f"{said} No image is named."
    if not start.words:
        return f"{said} A container of the image has to be given a command."
    who = f"as user {start.user}" if start.user else "as root"
    return f"{said} A container of the image would run {start.process} in {start.folder or '/'} {who}."


def _tables(found: Steps) -> tuple[Table, ...]:
    rows = tuple(
        (
            str(step.line) if step.line == step.end else f"{step.line}–{step.end}",
            step.text,
            step.kind.value,
            "" if step.bytes is None else str(step.bytes),
            step.effect,
        )
        for step in found.steps
    )
    tables = [
        Table(
            caption="Each instruction and its effect",
            columns=("line", "instruction", "what it is for", "bytes", "effect"),
            rows=rows,
        )
    ]
    if found.starts is not None:
        tables.append(
            Table(caption="A container of it would", columns=("what", "value"), rows=_facts(found.starts)),
        )
    return tuple(tables)


def _how(found: Steps) -> How:
    if not found.image:
        return How()
    name = plain(found.image)
    return How(
        docker=(
            f"docker history --no-trunc {shlex.quote(name)}",
            f"docker inspect --format '{{{{json .Config}}}}' {shlex.quote(name)}",
        ),
        python=(
            "import docker",
            f"image = docker.from_env().images.get({name!r})",
            "for step in image.history():",
            "    print(step['Size'], step['CreatedBy'])",
            "print(image.attrs['Config'])",
        ),
    )
