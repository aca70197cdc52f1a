"""A Dockerfile with what was found beneath its lines."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath

from helpers.dockerfile.model.lint import CHECK, LEFT_OUT, LEVELS, Finding, Linted
from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, listed, plain, wrap

SHOWN = 40  # lines of the picture
_TEXT = MARGIN + 34.0
_MARKS = {"error": "bad", "warning": "warn"}


def linted(found: Linted) -> Figure:
    """Each line of the Dockerfile; beneath it what was found, and which section shows why."""
    if found.missing:
        return Figure(sentence=f"The Dockerfile was not judged: {found.missing}. {found.next_step}")
    answer = _answer(found)
    card = Card("What does BuildKit say?" if found.by == CHECK else "What does the linter say?", answer)
    y = float(TOP)
    lines = found.recipe.text.rstrip("\n").split("\n")
    for number, line in enumerate(lines[:SHOWN], start=1):
        card.text(MARGIN + 24, y, number, style="m soft", end=True)
        card.text(_TEXT, y, line.expandtabs(4) or " ", style="m", room=WIDTH - MARGIN - _TEXT)
        y += 19
        for one in found.at(number):
            y += _finding(card, y, one)
    if len(lines) > SHOWN:
        card.text(_TEXT, y, f"and {len(lines) - SHOWN} more lines: see the text version", style="n soft")
    left = "" if found.by == CHECK else f" Left to chapter 05: {listed(LEFT_OUT)}."
    card.note(f"✕ an error, ! a warning, – advice.{left}")
    return Figure(
        sentence=_sentence(found),
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(
                caption=f"What {found.by} says",
                columns=("line", "rule", "level", "in its words", "seen in the section"),
                rows=tuple(
                    (str(one.line), one.code, one.level, one.message, one.shown_by or "none") for one in found.findings
                ),
            ),
            Table(
                caption="The Dockerfile",
                columns=("line", "text"),
                rows=tuple((str(number), line) for number, line in enumerate(lines, start=1)),
            ),
        ),
        how=_how(found),
    )


def _finding(card: Card, y: float, one: Finding) -> float:
    """Draws one finding; returns its height."""
    card.mark(_TEXT + 4, y, _MARKS.get(one.level, "none"))
    number = re.match(r"[A-Z]{2}\d+$", one.code)  # a name is longer, and gets a line of its own
    card.text(_TEXT + 22, y, one.code if number else one.code or one.level, style="n b")
    left = _TEXT + (82 if number else 22)
    room = WIDTH - MARGIN - left
    lines = wrap(f"{one.level}: {one.message}", room, size=12)
    y += 0 if number else 16
    if one.shown_by:
        lines.append(f"seen in “{one.shown_by}”")
    for row, line in enumerate(lines):
        soft = " soft" if one.shown_by and row == len(lines) - 1 else ""
        card.text(left, y + 16 * row, line, style=f"n{soft}", room=room)
    return 16.0 * (len(lines) + (not number)) + 6


def _answer(found: Linted) -> str:
    if not found.findings:
        return f"{found.by} finds nothing."
    numbers = {level: sum(one.level == level for one in found.findings) for level in LEVELS}
    said = [count(number, level, "info" if level == "info" else "") for level, number in numbers.items() if number]
    return f"{found.by} finds {count(len(found.findings), 'thing')}: {', '.join(said)}."


def _sentence(found: Linted) -> str:
    if not found.findings:
        return f"{found.by} finds nothing in the Dockerfile."
    said = listed(f"{one.code or one.level} in line {one.line}" for one in found.findings)
    return f"{found.by} finds {count(len(found.findings), 'thing')} in the Dockerfile: {said}."


def _how(found: Linted) -> How:
    if not found.recipe.place:
        return How()
    if found.by == CHECK:
        folder = str(PurePath(found.recipe.place).parent)
        return How(docker=(f"docker build --check {shlex.quote(plain(folder))}",))
    ignored = " ".join(f"--ignore {code}" for code in LEFT_OUT)
    return How(docker=(f"hadolint --no-fail {ignored} {shlex.quote(plain(found.recipe.place))}",))
