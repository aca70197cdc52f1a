"""The table of what starts: a row for each image, without arguments and with them; in a cell what really ran."""

from __future__ import annotations

import re
import shlex

from helpers.dockerfile.model.starts import Cell, Outcome, Process, Starts, last_line
from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, listed, plain, wrap

DEEP = 4  # processes of a cell in the picture; the text version holds all
_LEFT, _FIRST, _SECOND = float(MARGIN), 240.0, 492.0
_ROOM = _SECOND - _FIRST - 16
_LINE = 16.0
_MARKS = {Outcome.HEARD: "good", Outcome.DEAF: "bad", Outcome.OVER: "none", Outcome.REFUSED: "warn"}
_WORDS = {
    Outcome.HEARD: "SIGTERM ended {number}",
    Outcome.DEAF: "{number} took no notice and had to be killed",
    Outcome.OVER: "{number} ended by itself",
    Outcome.REFUSED: "{number} did not start",
}


def starts(found: Starts) -> Figure:
    """Rows are images, with their ENTRYPOINT and CMD; columns are `docker run` without and with arguments."""
    answer = _answer(found)
    card = Card("What starts, and who gets the signal?", answer)
    y = float(TOP)
    run = "docker run --init" if found.init else "docker run"
    words = shlex.join(found.arguments)
    for x, said in zip((_FIRST, _SECOND), (f"{run} IMAGE", f"{run} IMAGE {words}")[: len(found.runs)], strict=False):
        card.text(x, y, said, style="m b", room=_ROOM)
    y += 10
    for row in found.rows:
        card.line(MARGIN, y, WIDTH - MARGIN, y, "rule", thick=1)
        card.text(_LEFT, y + 20, row.name, style="n soft", room=_FIRST - _LEFT - 12)
        for number, line in enumerate(row.recipe or ("(no command)",), start=1):
            card.text(_LEFT, y + 20 + 18 * number, line, style="m", room=_FIRST - _LEFT - 12)
        tall = [_cell(card, x, y, cell, found) for x, cell in zip((_FIRST, _SECOND), row.cells, strict=False)]
        y += max(*tall, 34 + 18 * max(len(row.recipe), 1))
    card.note("Bold is process 1: the signal goes to it alone. ✓ it ended, ✕ it had to be killed, ! it did not start.")
    return Figure(
        sentence=_sentence(found),
        svg=card.svg(),
        alt=answer,
        tables=(_table(found), _processes(found)),
        how=_how(found),
    )


def _cell(card: Card, x: float, y: float, cell: Cell, found: Starts) -> float:
    """Draws one cell; returns its height."""
    room = _ROOM if len(found.runs) > 1 else WIDTH - MARGIN - _FIRST
    y, top = y + 20, y
    for number, process in enumerate(cell.tree[:DEEP]):
        mark, style = ("└ ", "m") if process.depth else ("", "m" if number else "m b")
        right = min(14.0 * max(process.depth - 1, 0), 56.0)
        card.text(x + right, y, f"{mark}{_short(process)}", style=style, room=room - right)
        y += _LINE
    if len(cell.tree) > DEEP:
        card.text(x, y, f"and {len(cell.tree) - DEEP} more", style="n soft")
        y += _LINE
    if cell.said:
        card.text(x, y, f"“{cell.said}”", style="n soft", room=room)
        y += _LINE
    card.mark(x, y, _MARKS[cell.outcome])
    for clause in _outcome(cell, found).split("; "):
        for line in wrap(clause, room - 18, size=12):
            card.text(x + 18, y, line, style="n")
            y += _LINE
    return y - top - 4


def _short(process: Process) -> str:
    """A command line without the folders of programs: the words that tell."""
    return re.sub(r"(?<![^\s])(?:/[\w.+-]+)+/(?=[\w.+-]+(?:\s|$))", "", process.command)


def _outcome(cell: Cell, found: Starts) -> str:
    """What came of it, in words, with the times."""
    if cell.refused:
        return f"did not start: {cell.refused}"
    ended = cell.signalled
    if ended is None:
        return f"ended by itself, exit code {cell.exited}"
    if ended.seconds is None:
        code = f", exit code {ended.killed}" if ended.killed is not None else ""
        return f"heard nothing; killed after {round(ended.waited or found.seconds)} s{code}"
    last = last_line(ended.output)
    wrote = f"; it wrote “{last}”" if last not in ("", cell.said) else "; it wrote nothing more"
    return f"ended after {ended.seconds:.1f} s, exit code {ended.exit_code}{wrote}"


def _numbers(found: Starts) -> dict[Outcome, int]:
    return {kind: sum(cell.outcome is kind for cell in found.cells) for kind in Outcome}


def _answer(found: Starts) -> str:
    numbers = _numbers(found)
    said = [_WORDS[kind].format(number=number) for kind, number in numbers.items() if number]
    return f"{count(len(found.cells), 'start')}: {'; '.join(said) or 'none'}."


def _shell(cell: Cell) -> bool:
    return bool(cell.tree) and re.match(r"(?:\S*/)?(?:ba|da|a)?sh -c ", cell.tree[0].command) is not None


def _sentence(found: Starts) -> str:
    """For text/plain: what is the same each time."""
    if not found.rows:
        return "Nothing was started."
    said = [_WORDS[kind].format(number=number) for kind, number in _numbers(found).items() if number]
    shells = sum(_shell(cell) for cell in found.cells if cell.outcome is Outcome.DEAF)
    text = f"{count(len(found.rows), 'image')}, {count(len(found.cells), 'start')}: {listed(said)}."
    if shells:
        who = "each of those" if shells == _numbers(found)[Outcome.DEAF] else f"{shells} of those"
        text += f" In {who} that had to be killed, process 1 was a shell."
    return text


def _table(found: Starts) -> Table:
    rows = []
    for row in found.rows:
        for words, cell in zip(found.runs, row.cells, strict=True):
            rows.append(
                (
                    row.name,
                    "; ".join(row.recipe),
                    shlex.join(words) or "none",
                    cell.tree[0].command if cell.tree else "",
                    cell.said,
                    _outcome(cell, found),
                )
            )
    return Table(
        caption="Each start",
        columns=("image", "its Dockerfile says", "arguments", "process 1", "the last line it wrote", "on SIGTERM"),
        rows=tuple(rows),
    )


def _processes(found: Starts) -> Table:
    return Table(
        caption="Their processes",
        columns=("image", "arguments", "process", "below process 1 by"),
        rows=tuple(
            (row.name, shlex.join(words) or "none", process.command, str(process.depth))
            for row in found.rows
            for words, cell in zip(found.runs, row.cells, strict=True)
            for process in cell.tree
        ),
    )


def _how(found: Starts) -> How:
    """Of the first that ran until the signal."""
    ran = ((row, words, cell) for row in found.rows for words, cell in zip(found.runs, row.cells, strict=True))
    row, words = next(((row, words) for row, words, cell in ran if cell.signalled), (None, ()))
    if row is None:
        return How()
    name = plain(row.full_name or row.name)
    run = ["docker", "run", "--detach", "--network", "none", *(["--init"] if found.init else []), name, *words]
    return How(
        docker=(
            f"one=$({shlex.join(run)}); sleep 1",
            "docker top $one -o pid,ppid,args",
            f"docker kill --signal SIGTERM $one; sleep {found.seconds:g}",
            "docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' $one",
            "docker rm --force $one",
        ),
        python=(
            "import docker, time",
            f"one = docker.from_env().containers.run({name!r}, {list(words)!r}, detach=True, network_mode='none',",
            f"    init={found.init})",
            "time.sleep(1)",
            "print(one.top(ps_args='-o pid,ppid,args'))",
            "one.kill(signal='SIGTERM')",
            f"time.sleep({found.seconds:g})",
            "one.reload()",
            "print(one.attrs['State'])",
            "one.remove(force=True)",
        ),
    )
