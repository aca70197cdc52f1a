"""Where the engine lives, as a picture."""

from __future__ import annotations

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.engine.model.location import Machine, Place, Where


def where(place: Place) -> Figure:
    """The notebook's machine and the engine's; one frame around both where they are one."""
    same = place.where in (Where.THIS_COMPUTER, Where.BESIDE_A_CONTAINER)
    card = Card("Where does the engine live?", f"The engine is {place.where.value}: {place.evidence}.")
    y = float(TOP)
    half = 316.0
    if place.where is not Where.REMOTE:
        card.rect(MARGIN, y, WIDTH - 2 * MARGIN, 170, "t-host", corner=8)
        card.text(MARGIN + 16, y + 24, "this computer", style="b")
    left, right = MARGIN + 16, WIDTH - MARGIN - 16 - half
    _machine(card, left, y + 40, half, "this notebook", place.notebook, "host", "")
    outer = "the engine" if same else ("the engine, in its own machine")
    _machine(card, right, y + 40, half, outer, place.engine, "container", "rootless" if place.rootless else "")
    card.arrow(left + half + 6, y + 97, right - 4, y + 97, "host")
    card.text(MARGIN + 16, y + 190, f"The way between them: {place.address}", style="m", room=WIDTH - 2 * MARGIN - 16)
    if place.inferred:
        card.note("A conclusion from what both sides report, not something an engine says of itself.")
    return Figure(
        sentence=f"The engine is {place.where.value}.",
        svg=card.svg(),
        alt=f"The engine is {place.where.value}: {place.evidence}. The notebook reaches it at {place.address}.",
        tables=(
            Table(
                caption="Both sides",
                columns=("fact", "this notebook", "the engine's host"),
                rows=tuple(
                    (field, getattr(place.notebook, field), getattr(place.engine, field))
                    for field in ("name", "system", "kernel", "architecture")
                ),
            ),
        ),
        how=How(docker=("docker info", "docker context ls"), python=("import docker", "docker.from_env().info()")),
    )


def _machine(card: Card, x: float, y: float, wide: float, title: str, machine: Machine, kind: str, more: str) -> None:
    card.box(x, y, wide, 114, kind)
    card.text(x + 14, y + 24, title + (f" ({more})" if more else ""), style="b", room=wide - 24)
    card.text(x + 14, y + 48, machine.system, room=wide - 24)
    card.text(x + 14, y + 70, f"kernel {machine.kernel}", style="m", room=wide - 24)
    card.text(x + 14, y + 92, f"{machine.name} · {machine.architecture}", style="n soft", room=wide - 24)
