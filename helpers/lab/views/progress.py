"""Chapters and their objectives, each with how far the learner is."""

from __future__ import annotations

from helpers.drawing.figure import Figure, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count
from helpers.lab.model.progress import Line, Overview, Standing

_STATE = {
    Standing.PASSED: "good",
    Standing.PARTLY: "warn",
    Standing.NOT_YET: "bad",
    Standing.STARTED: "warn",
    Standing.NEW: "none",
}
_NAMES = 196  # pixels for the chapter's title
_GAP = 8
_HEIGHT = 52


def overview(found: Overview) -> Figure:
    """Rows are chapters, columns objectives; a cell holds a mark, a word and what was done of how many."""
    answer = _answer(found)
    card = Card("How far am I?", answer)
    columns = max((len(lines) for _, lines in found.chapters), default=1)
    wide = (WIDTH - 2 * MARGIN - _NAMES) / max(columns, 1)
    y = float(TOP)
    for chapter, lines in found.chapters:
        card.text(MARGIN, y + 24, chapter.number, style="b")
        card.text(MARGIN + 28, y + 24, chapter.title.partition(":")[0], room=_NAMES - 40)
        for column, line in enumerate(lines):
            _cell(card, MARGIN + _NAMES + column * wide, y, wide - _GAP, line)
        y += _HEIGHT + _GAP
    if not found.chapters:
        card.text(MARGIN, y + 16, "No chapter with objectives was found beside the helpers.", style="soft")
    card.note("Kept on this computer only, for you alone. A check always measures again, whatever it says here.")
    return Figure(
        sentence=answer + _damage(found),
        svg=card.svg(),
        alt=answer + _damage(found),
        tables=(_table(found), _kept(found)),
    )


def _cell(card: Card, x: float, y: float, wide: float, line: Line) -> None:
    state = _STATE[line.standing]
    new = line.standing is Standing.NEW
    card.rect(x, y, wide, _HEIGHT, "box" if new else f"t-{state}", dashed=new)
    card.mark(x + 10, y + 22, state)
    card.text(x + 26, y + 22, line.standing.value, style="soft" if new else "b", room=wide - 32)
    room = wide - 20
    card.text(x + 10, y + 41, f"{line.objective.number} · {_done(line)}", style="n soft", room=room)


def _done(line: Line) -> str:
    """`1 of 2`, checks passed; questions only in the table: a cell is too narrow for both."""
    done, there = line.checks
    return f"{done} of {there}" if there else "no check"


def _answer(found: Overview) -> str:
    parts = [f"{found.count(Standing.PASSED)} of {count(len(found.lines), 'objective')} passed"]
    parts += [
        f"{number} {standing.value}"
        for standing in (Standing.PARTLY, Standing.NOT_YET, Standing.STARTED)
        if (number := found.count(standing))
    ]
    return ", ".join(parts) + "."


def _damage(found: Overview) -> str:
    if not found.set_aside:
        return ""
    files, verb = ("file", "was") if len(found.set_aside) == 1 else ("files", "were")
    return (
        f" {len(found.set_aside)} damaged {files} of earlier progress {verb} set aside, not deleted:"
        " what could not be read is not counted. Checks can be run again at any time."
    )


def _table(found: Overview) -> Table:
    return Table(
        caption="Objectives",
        columns=("objective", "the learner can", "state", "checks passed", "questions right", "attempts", "last (UTC)"),
        rows=tuple(
            (
                line.objective.number,
                line.objective.text,
                line.standing.value,
                f"{line.checks[0]} of {line.checks[1]}",
                f"{line.quizzes[0]} of {line.quizzes[1]}",
                str(line.attempts),
                line.last_at or "never",
            )
            for line in found.lines
        ),
    )


def _kept(found: Overview) -> Table:
    rows = [("progress is kept in", found.file)]
    rows += [("damaged, set aside", name) for name in found.set_aside]
    return Table(caption="Files", columns=("what", "where"), rows=tuple(rows))
