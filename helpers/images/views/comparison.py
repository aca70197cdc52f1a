"""Two images side by side: what differs, and nothing else."""

from __future__ import annotations

import shlex

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, plain, size
from helpers.images.model.comparison import Comparison

MOST = 12  # rows of files that are drawn; the text version has all of them
ROOM = 249.0
RIGHT = WIDTH - MARGIN - ROOM
LEFT = RIGHT - ROOM - 8


def comparison(found: Comparison, names: tuple[str, str]) -> Figure:
    """The layers both begin with, the settings and the files that differ. names: what to call the two."""
    said = _said(found)
    one, other = map(plain, names)
    card = Card("What differs between these two images?", said)
    y = float(TOP)
    card.text(LEFT, y + 8, one, style="b", room=ROOM)
    card.text(RIGHT, y + 8, other, style="b", room=ROOM)
    y = _layers(card, y + 24, found)
    for setting in found.settings:
        card.text(MARGIN, y + 14, setting.what, style="n soft")
        card.text(LEFT, y + 14, setting.first or "none", style="m" if setting.first else "n soft", room=ROOM)
        card.text(RIGHT, y + 14, setting.second or "none", style="m" if setting.second else "n soft", room=ROOM)
        y += 22
    for file in found.files[:MOST]:
        card.text(MARGIN, y + 14, file.path, style="m", room=LEFT - MARGIN - 12)
        for x, bytes_ in ((LEFT, file.first), (RIGHT, file.second)):
            words = "not there" if bytes_ is None else size(bytes_)
            more = f", {file.how}" if x == RIGHT and None not in (file.first, file.second) else ""
            card.text(x, y + 14, words + more, style="n soft" if bytes_ is None else "n", room=ROOM)
        y += 22
    if len(found.files) > MOST:
        card.text(MARGIN, y + 14, f"and {len(found.files) - MOST} more files", style="n soft")
    return Figure(
        sentence=f"{one} and {other}: {said}",
        svg=card.svg(),
        alt=f"{one} and {other} side by side. {said}",
        tables=(
            Table(
                caption="Settings that differ",
                columns=("setting", one, other),
                rows=tuple((row.what, row.first or "none", row.second or "none") for row in found.settings),
            ),
            Table(
                caption="Files that differ",
                columns=("path", "how", f"bytes in {one}", f"bytes in {other}"),
                rows=tuple((file.path, file.how, _bytes(file.first), _bytes(file.second)) for file in found.files),
            ),
        ),
        how=How(
            docker=tuple(f"docker image inspect {shlex.quote(plain(image))}" for image in (found.first, found.second)),
            python=(
                "import docker",
                "engine = docker.from_env()",
                f"one, other = (engine.images.get(name).attrs for name in ({found.first!r}, {found.second!r}))",
                "print({what for what in one['Config'] if one['Config'][what] != other['Config'].get(what)})",
                "print(one['RootFS'], other['RootFS'])",
            ),
        ),
    )


def _layers(card: Card, y: float, found: Comparison) -> float:
    """The common beginning as one bar below both, what is each one's own as a bar below its name."""
    card.text(MARGIN, y + 18, "layers", style="n soft")
    end = WIDTH - MARGIN
    if found.shared:
        card.rect(LEFT, y + 4, end - LEFT, 20, "t-image")
        card.text(LEFT + 8, y + 18, f"{count(found.shared, 'layer')} in both", style="n")
        y += 26
    for x, own in ((LEFT, found.layers[0] - found.shared), (RIGHT, found.layers[1] - found.shared)):
        if own:
            card.rect(x, y + 4, ROOM, 20, "t-image")
            card.text(x + 8, y + 18, f"{count(own, 'layer')} of its own", style="n")
        else:
            card.text(x + 8, y + 18, "none of its own", style="n soft")
    return y + 34


def _said(found: Comparison) -> str:
    if found.same:
        return "No setting and no file differs: a container could not tell them apart."
    settings = f"{count(len(found.settings), 'setting')} and " if found.settings else ""
    total = len(found.settings) + len(found.files)
    common = count(found.shared, "layer") if found.shared else "no layer"
    verb = "differs" if total == 1 else "differ"
    return f"{settings}{count(len(found.files), 'file')} {verb}. They have {common} in common."


def _bytes(bytes_: int | None) -> str:
    return "not there" if bytes_ is None else str(bytes_)
