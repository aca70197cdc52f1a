"""What an image is made of: the instructions as the Dockerfile reads, and what each of them stored."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, WIDTH, Card
from helpers.drawing.text import count, fit, listed, plain, size
from helpers.layers.model.analysis import Analysis, Layer
from helpers.layers.model.sharing import Around

SHOWN = 34  # rows of a picture; of more, the first and the last ones
HEAD, TAIL = 22, 10
LISTED = 200  # hidden files of the text version; the sum holds all
_FLAT, _TALL = 26.0, 42.0  # pixels of a row without a layer, and of one with it
_WORDS, _LEFT = 62.0, 412.0  # where the instructions and the bars begin
_BAR = 130.0  # the longest
_OURS = "LABEL containers-unpacked"  # set by the course in the images it builds, and in no Dockerfile


@dataclass(frozen=True)
class Row:
    """One line of the stack. step: its index. layer: it made one. folded: how many steps of a base image it stands for.

    layers: how many of these made a layer.
    """

    step: int
    layer: bool
    command: str
    size: int
    hidden: int
    added: int
    modified: int
    removed: int
    folded: int = 0
    layers: int = 1
    also: tuple[str, ...] = ()

    @property
    def last(self) -> int:
        """The index of its last step."""
        return self.step + max(self.folded - 1, 0)

    @property
    def changes(self) -> str:
        """`+ 3 added · − 2 removed`: what it did to files; without what it did not."""
        parts = (("+", self.added, "added"), ("~", self.modified, "changed"), ("−", self.removed, "removed"))
        return " · ".join(f"{mark} {number:,} {word}" for mark, number, word in parts if number)


def stack(found: Analysis, around: Around | None = None) -> Figure:
    """Rows are history steps, the first one on top, as in the Dockerfile. A bar is what the step stored."""
    around = around or Around()
    rows = _rows(found, around)
    drawn = [row for row in rows if not row.command.startswith(_OURS)]
    layers = len(found.made)
    called = around.name or found.image
    name = fit(called, 240)
    answer = (
        f"{name}, {size(found.image_size)} in {count(layers, 'layer')}. " if layers else f"{name} holds settings only."
    )
    if found.hidden_bytes:
        answer += f"No container can ever see {size(found.hidden_bytes)} of it."
    elif layers:
        answer += "Every byte of it can be seen in a container."
    card = Card("What is this image made of?", answer)
    y = 84.0
    if not drawn:
        card.text(MARGIN, y, "No instruction and no layer: an empty image.", style="soft")
    else:
        card.text(MARGIN, y, "step", style="n soft")
        card.text(_WORDS, y, "instruction, as in the Dockerfile", style="n soft")
        card.text(_LEFT, y, "what it stored, and which files it touched", style="n soft")
    longest = max((row.size for row in drawn), default=0) or 1
    y += 8
    for shown in _picked(drawn):
        if shown is None:
            card.text(MARGIN, y + 18, f"and {len(drawn) - HEAD - TAIL} more: see the text version", style="soft")
            y += _FLAT
        else:
            y += _row(card, y, shown, longest)
    if any(row.hidden for row in drawn):
        card.note("Hatched: deleted or replaced by a later instruction, but still stored and carried along.")
    elif drawn:
        card.note("A bar is what one instruction stored. A step without a layer changes settings only.")
    return Figure(
        sentence=_sentence(found, drawn, called),
        svg=card.svg(),
        alt=f"{answer} {_biggest(drawn)}",
        tables=_tables(found, rows, around),
        how=_how(found),
    )


def _rows(found: Analysis, around: Around) -> list[Row]:
    """One row for each history step; those of the base image folded into one."""
    hidden = hidden_by_layer(found)
    rows: list[Row] = []
    number = 0
    for step in found.layers:
        number += not step.empty
        rows.append(_of(step, number, hidden, around))
    base = around.base
    if base is None or not base.steps or base.steps > len(rows):
        return rows
    below, above = rows[: base.steps], rows[base.steps :]
    folded = Row(
        step=0,
        layer=base.layers > 0,
        command=f"FROM {base.name}",
        size=sum(row.size for row in below),
        hidden=sum(row.hidden for row in below),
        added=sum(row.added for row in below),
        modified=sum(row.modified for row in below),
        removed=sum(row.removed for row in below),
        folded=base.steps,
        layers=base.layers,
        also=around.having(base.layers) if base.layers else (),
    )
    return [folded, *above]


def _of(step: Layer, number: int, hidden: dict[int, int], around: Around) -> Row:
    if step.empty:
        return Row(step=step.index, layer=False, command=step.command, size=0, hidden=0, added=0, modified=0, removed=0)
    return Row(
        step=step.index,
        layer=True,
        command=step.command,
        size=step.size,
        hidden=hidden.get(step.index, 0),
        added=step.added,
        modified=step.modified + step.metadata,
        removed=step.removed,
        also=around.having(number),
    )


def hidden_by_layer(found: Analysis) -> dict[int, int]:
    """Bytes that no container sees, by the index of the layer that stores them."""
    sums: dict[int, int] = {}
    for waste in found.hidden:
        sums[waste.layer] = sums.get(waste.layer, 0) + waste.bytes
    return sums


def _picked(rows: Sequence[Row]) -> list[Row | None]:
    """The rows of the picture; None stands for those left out."""
    return list(rows) if len(rows) <= SHOWN else [*rows[:HEAD], None, *rows[-TAIL:]]


def _row(card: Card, y: float, row: Row, longest: int) -> float:
    """Draws one row; returns its height."""
    card.text(_WORDS - 12, y + 17, row.last, style="n soft", end=True)
    card.text(_WORDS, y + 17, row.command, style="m", room=_LEFT - _WORDS - 12)
    if not row.layer:
        card.text(_LEFT, y + 17, "no layer: only settings", style="n soft")
        return _FLAT
    wide = max(_BAR * row.size / longest, 2)
    hatched = min(max(_BAR * row.hidden / longest, 4), max(wide, 4)) if row.hidden else 0
    if wide > hatched:
        card.rect(_LEFT, y + 5, wide - hatched, 16, "image", corner=2)
    if hatched:
        card.hatch(_LEFT + max(wide - hatched, 0), y + 5, hatched, 16, "bad")
    x = _LEFT + max(wide, hatched) + 8
    card.text(x, y + 17, size(row.size), style="n")
    if row.hidden:
        card.text(x + 64, y + 17, f"✕ {size(row.hidden)} hidden", style="n bad")
    below = row.changes or "no files"
    if row.folded:
        below = count(row.layers, "layer")
    if row.also:
        below += f" · shared with {count(len(row.also), 'image')} here"
    card.text(_LEFT, y + 35, below, style="n soft", room=WIDTH - MARGIN - _LEFT)
    return _TALL


def _sentence(found: Analysis, rows: Sequence[Row], called: str) -> str:
    layers = len(found.made)
    if not layers:
        return f"The image {plain(called)} has no layers: it holds settings only."
    own = [row for row in rows if row.layer and not row.folded]
    folded = next((row for row in rows if row.folded), None)
    said = f"The image {plain(called)} has {count(layers, 'layer')}"
    said += (
        f", {folded.layers} of {'which is' if folded.layers == 1 else 'which are'} its base image's. "
        if folded
        else ". "
    )
    whose = [f"“{plain(row.command)}”" for row in own if row.hidden]
    if folded and folded.hidden:
        whose.append("its base image")
    if whose:
        said += f"Bytes that no container can see were stored by {listed(whose)}."
    else:
        said += "It stores no byte that a container can't see."
    return said


def _biggest(rows: Sequence[Row]) -> str:
    if not any(row.layer for row in rows):
        return "It has no layers."
    row = max(rows, key=lambda one: one.size)
    worst = max(rows, key=lambda one: one.hidden)
    said = f"The largest step is {row.command}, {size(row.size)}."
    return said + (f" Most of the hidden bytes come from {worst.command}." if worst.hidden else "")


def _tables(found: Analysis, rows: Sequence[Row], around: Around) -> tuple[Table, ...]:
    steps = tuple(
        (
            f"0–{row.last}" if row.folded > 1 else str(row.step),
            row.command,
            size(row.size) if row.layer else "no layer",
            size(row.hidden) if row.hidden else "",
            str(row.added) if row.layer else "",
            str(row.modified) if row.layer else "",
            str(row.removed) if row.layer else "",
            listed(row.also) if row.also else "",
        )
        for row in rows
    )
    names = {step.index: step.command for step in found.layers}
    wasted = tuple(
        (waste.path, size(waste.bytes), names.get(waste.layer, ""), waste.instruction)
        for waste in found.hidden[:LISTED]
    )
    tables = [
        Table(
            caption="Steps, as in the Dockerfile",
            columns=("step", "instruction", "size", "hidden", "added", "changed", "removed", "shared with"),
            rows=steps,
        ),
        Table(
            caption="In all",
            columns=("size", "hidden", "wasted (as dive counts)", "efficiency (as dive counts)"),
            rows=(
                (
                    size(found.image_size),
                    size(found.hidden_bytes),
                    size(found.wasted_bytes),
                    f"{found.efficiency:.1%}",
                ),
            ),
        ),
    ]
    if wasted:
        left = len(found.hidden) - len(wasted)
        tables.append(
            Table(
                caption="Files that are stored, and that no container sees" + (f" (and {left} more)" if left else ""),
                columns=("path", "size", "stored by", "hidden by"),
                rows=wasted,
            )
        )
    if around.neighbours:
        tables.append(
            Table(
                caption="Other images here that share its lowest layers",
                columns=("image", "layers in common"),
                rows=tuple((neighbour.name, str(neighbour.common)) for neighbour in around.neighbours),
            )
        )
    return tuple(tables)


def _how(found: Analysis) -> How:
    name = plain(found.image)
    return How(
        docker=(
            f"docker history --no-trunc --format '{{{{.Size}}}}  {{{{.CreatedBy}}}}' {shlex.quote(name)}",
            f"docker save {shlex.quote(name)} | tar --list",
        ),
        python=(
            "import docker, io, tarfile",
            f"image = docker.from_env().images.get({name!r})",
            "for step in image.history():",
            "    print(step['Size'], step['CreatedBy'])",
            "saved = io.BytesIO(b''.join(image.save()))",
            "print(*tarfile.open(fileobj=saved).getnames(), sep='\\n')",
        ),
    )
