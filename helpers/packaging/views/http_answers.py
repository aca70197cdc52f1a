"""Whether several containers give the same answer: digests side by side."""

from __future__ import annotations

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, listed, plain
from helpers.packaging.model.http_answers import Answers, Body

ACROSS, DOWN = 6, 12
_LEFT = 136
_GAP = 20  # between two cells, for the mark that joins or parts them
_ROW = 56


def answers(found: Answers) -> Figure:
    """Rows are paths, columns containers; a cell is the beginning of the digest, and same or different in a word."""
    answer = sentence(found)
    card = Card("Do all containers give the same answer?", answer)
    shown, paths = found.asked[:ACROSS], found.paths[:DOWN]
    left = MARGIN + _LEFT
    across = min(180.0, (WIDTH - MARGIN - left + _GAP) / max(len(shown), 1))
    for index, one in enumerate(shown):
        x = left + index * across
        card.box(x, TOP - 8, across - _GAP, 30, "container")
        card.text(x + 12, TOP + 12, one.name, style="b", room=across - _GAP - 16, size=14)
    y = float(TOP) + 34
    for path in paths:
        row, odd = found.row(path), found.odd(path)
        usual = next((body.status for one, body in zip(found.asked, row, strict=True) if one.name not in odd), 200)
        card.text(MARGIN, y + (27 if usual == 200 else 20), path, style="m", room=_LEFT - 12)
        if usual != 200:
            card.text(MARGIN, y + 38, f"HTTP {usual}", style="n soft")
        for index, one in enumerate(shown):
            x = left + index * across
            if index:
                joined = row[index].same_as == row[index - 1].same_as
                style = "b good" if joined else "b bad"
                card.text(x - _GAP / 2 - 4, y + 27, "=" if joined else "≠", style=style)
            _cell(card, x, y, across - _GAP, row[index], usual=usual, differs=one.name in odd, alone=len(shown) == 1)
        y += _ROW
    hidden = [
        count(number, word)
        for number, word in (
            (len(found.asked) - len(shown), "container"),
            (len(found.paths) - len(paths), "path"),
        )
        if number > 0
    ]
    if hidden:
        card.note(f"And {' and '.join(hidden)} more: see the text version.")
    else:
        card.note("The first 8 digits of each answer's SHA-256: if one byte were different, they would be, too.")
    return Figure(sentence=answer, svg=card.svg(), alt=answer, tables=(_table(found),), how=_how(found))


def sentence(found: Answers) -> str:
    """That every answer is the same, or which are not."""
    asked = f"{count(len(found.paths), 'path')} asked of {count(len(found.asked), 'container')}"
    if len(found.asked) < 2:
        return f"{asked}: there is nothing to compare with."
    if found.same:
        return f"{asked}: every answer is byte for byte the same."
    differ: dict[tuple[str, ...], list[str]] = {}
    for path in found.paths:
        differ.setdefault(found.odd(path), []).append(path)
    differ.pop((), None)
    parts = [
        f"{listed(odd)} {'differs' if len(odd) == 1 else 'differ'} at {listed(where)}" for odd, where in differ.items()
    ]
    return f"{asked}: {'; '.join(parts)}."


def _cell(card: Card, x: float, y: float, room: float, body: Body, *, usual: int, differs: bool, alone: bool) -> None:
    state = "none" if alone else "bad" if differs else "good"
    card.rect(x, y, room, _ROW - 8, "box" if alone else f"t-{state}")
    card.text(x + 8, y + 20, body.digest[:8], style="m", room=room - 12)
    card.mark(x + 8, y + 38, state)
    word = "alone" if alone else "same" if not differs else "differs" if body.status == usual else f"HTTP {body.status}"
    card.text(x + 24, y + 38, word, style="n", room=room - 28)


def _table(found: Answers) -> Table:
    return Table(
        caption="The answers, with the SHA-256 of their bytes",
        columns=("path", "container", "HTTP status", "bytes", "SHA-256", "compared"),
        rows=tuple(
            (
                path,
                one.name,
                str(body.status),
                f"{body.size}, and more that were not read" if body.cut else str(body.size),
                body.digest,
                _compared(found, path, one.name),
            )
            for path in found.paths
            for one, body in zip(found.asked, found.row(path), strict=True)
        ),
    )


def _compared(found: Answers, path: str, name: str) -> str:
    if len(found.asked) < 2:
        return "with nothing"
    return "differs" if name in found.odd(path) else "same"


def _how(found: Answers) -> How:
    names = [one.container.full_name for one in found.asked]
    ports = sorted({f"{p.container_port}/{p.protocol}" for one in found.asked for p in one.container.published[:1]})
    port = ports[0] if ports else "80/tcp"
    return How(
        docker=tuple(f"docker port {plain(name)}" for name in names),
        python=(
            "import docker, hashlib, urllib.request",
            f"for name in {names!r}:",
            f"    port = docker.from_env().containers.get(name).ports[{port!r}][0]['HostPort']",
            f"    for path in {list(found.paths)!r}:",
            "        with urllib.request.urlopen(f'http://127.0.0.1:{port}{path}') as answer:",
            "            print(path, hashlib.sha256(answer.read()).hexdigest())",
        ),
    )
