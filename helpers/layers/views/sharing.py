"""Images as columns of layers: common beginnings drawn once, and what one more image costs."""

from __future__ import annotations

import shlex

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, WIDTH, Card
from helpers.drawing.text import count, listed, size
from helpers.layers.model.sharing import Block, Sharing

ACROSS = 5  # images of a picture; the text version holds all
LEVELS = 14  # layers of a column; of more, the lowest ones
_BOX = 44
_GAP = 4


def sharing(found: Sharing) -> Figure:
    """Columns of layers. What lies under several columns is one box, as wide as all of them."""
    columns = found.order
    shown = columns[:ACROSS]
    answer = _answer(found)
    card = Card("Which layers do these images share?", answer)
    across = (WIDTH - 2 * MARGIN + 8) / max(len(shown), 1)
    blocks = [b for b in found.blocks() if b.first < len(shown) and b.level < LEVELS]
    levels = max((b.level for b in blocks), default=-1) + 1
    top = 76.0
    for number, column in enumerate(shown):
        x = MARGIN + number * across
        card.text(x, top + 16, column.name, style="b", room=across - 12, size=14)
        more = len(column.pieces) - LEVELS
        words = f"{size(column.size)} in {count(len(column.pieces), 'layer')}"
        card.text(x, top + 33, words + (f", {more} not drawn" if more > 0 else ""), style="n soft", room=across - 12)
    ground = top + 48 + levels * (_BOX + _GAP)
    for block in blocks:
        _block(card, block, across, ground, last=min(block.last, len(shown) - 1))
    if not levels:
        card.text(MARGIN, ground + 16, "No layers.", style="soft")
    card.line(MARGIN, ground + 2, WIDTH - MARGIN, ground + 2, "rule", thick=1)
    y = ground + 26
    if len(columns) > 1:
        heads = ((MARGIN, "one more image", False), (560, "new in a registry", True), (736, "more on disk", True))
        for x, words, end in heads:
            card.text(x, y, words, style="n soft", end=end)
        y += 20
    for cost in found.costs()[: ACROSS - 1]:
        card.text(MARGIN, y, f"{cost.new}, if you have {listed(cost.has)}", room=400)
        card.text(560, y, size(cost.sent), style="n", end=True)
        twice = any(piece.size for piece in cost.twice)
        card.text(736, y, f"{'= ' if twice else ''}{size(cost.stored)}", style="n", end=True)
        y += 22
    if len(columns) > ACROSS:
        card.text(MARGIN, y, f"and {count(len(columns) - ACROSS, 'more image')}: see the text version", style="soft")
    again = any(block.known and block.piece.size for block in blocks)
    card.note(
        "= The same bytes twice: once in a registry, twice unpacked on a disk, because what lies below differs."
        if again
        else "A disk shares what lies on the same layers. A registry shares each layer by itself."
    )
    return Figure(
        sentence=_sentence(found),
        svg=card.svg(),
        alt=f"{answer} {_shares(found)}",
        tables=_tables(found),
        how=How(
            docker=tuple(
                f"docker image inspect --format '{{{{json .RootFS.Layers}}}}' {shlex.quote(column.reference)}"
                for column in found.columns
            ),
            python=(
                "import docker",
                "engine = docker.from_env()",
                f"for name in {[column.reference for column in found.columns]!r}:",
                "    print(name, *engine.images.get(name).attrs['RootFS']['Layers'], sep='\\n')",
            ),
        ),
    )


def _block(card: Card, block: Block, across: float, ground: float, *, last: int) -> None:
    x = MARGIN + block.first * across
    wide = across * (last - block.first + 1) - 8
    y = ground - (block.level + 1) * (_BOX + _GAP)
    shared = block.last > block.first
    card.rect(x, y, wide, _BOX, "t-image" if shared else "box")
    card.rect(x, y, 3, _BOX, "image", corner=1)
    card.text(x + 12, y + 18, block.piece.command, style="m", room=wide - 18)
    words = size(block.piece.size)
    if shared:
        words += f", shared by {block.last - block.first + 1}"
    card.text(x + 12, y + 35, words, style="n soft", room=wide - 30)
    if block.known and block.piece.size:
        card.text(x + wide - 8, y + 35, "= same bytes elsewhere" if wide > 260 else "=", style="n b warn", end=True)


def _answer(found: Sharing) -> str:
    many = count(len(found.columns), "image")
    if len(found.columns) == 1:
        return f"{many}: {size(found.apart)}. Name a second one to compare."
    return (
        f"{size(found.apart)} one by one; {size(found.on_disk)} on one disk, {size(found.in_registry)} in a registry."
    )


def _shares(found: Sharing) -> str:
    parts = []
    for cost in found.costs():
        parts.append(f"{cost.new} has its lowest {count(cost.shared, 'layer')} in common with {listed(cost.has)}")
    return "; ".join(parts) + ("." if parts else "")


def _sentence(found: Sharing) -> str:
    names = listed(column.name for column in found.columns)
    if len(found.columns) < 2:
        return f"{names} alone: there is nothing to share."
    said = []
    for cost in found.costs():
        if cost.shared:
            said.append(f"{cost.new} shares its lowest {count(cost.shared, 'layer')} with {listed(cost.has)}.")
        else:
            said.append(f"{cost.new} shares no beginning with {listed(cost.has)}.")
        again = sum(1 for piece in cost.twice if piece.size)
        if again:
            said.append(
                f"{count(again, 'more layer')} of it {'is' if again == 1 else 'are'} the same bytes, on other layers: "
                "a registry shares that, a disk does not."
            )
    return " ".join(said)


def _tables(found: Sharing) -> tuple[Table, ...]:
    order = found.order
    blocks = tuple(
        (
            str(block.level + 1),
            ", ".join(column.name for column in order[block.first : block.last + 1]),
            block.piece.command,
            size(block.piece.size),
            block.piece.id,
            "yes" if block.known else "",
        )
        for block in found.blocks()
    )
    costs = tuple(
        (cost.new, ", ".join(cost.has), str(cost.shared), size(cost.sent), size(cost.stored), str(len(cost.twice)))
        for cost in found.costs()
    )
    totals = (
        ("each image by itself", size(found.apart)),
        ("on one disk", size(found.on_disk)),
        ("in one registry, before it packs them", size(found.in_registry)),
    )
    return (
        Table(
            caption="Layers, the lowest first",
            columns=("layer", "of", "instruction", "size", "id", "same bytes elsewhere"),
            rows=blocks,
        ),
        Table(
            caption="What one more image costs",
            columns=(
                "image",
                "if you have",
                "layers in common",
                "new in a registry",
                "more on disk",
                "layers stored twice",
            ),
            rows=costs,
        ),
        Table(caption="Together", columns=("where", "bytes"), rows=totals),
        Table(
            caption="The images",
            columns=("image", "name on the engine", "size", "layers"),
            rows=tuple((c.name, c.reference, size(c.size), str(len(c.pieces))) for c in found.columns),
        ),
    )
