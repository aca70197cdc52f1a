"""What is on the engine, and what a clean-up took away."""

from __future__ import annotations

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count
from helpers.engine.model.inventory import KINDS, Inventory

_PLURAL = {"container": "containers", "image": "images", "network": "networks", "volume": "volumes"}


def inventory(found: Inventory) -> Figure:
    """A row a kind: what is the course's, by name, and how many are not and stay untouched."""
    others = sum(found.others.values())
    answer = f"{count(len(found.mine), 'object')} of the course, {count(others, 'other')} that it never touches."
    card = Card("What on this engine may the course touch?", answer)
    card.text(180, TOP + 8, "the course's: removed by clean-up", style="n soft")
    card.text(WIDTH - MARGIN, TOP + 8, "not the course's", style="n soft", end=True)
    y = float(TOP) + 20
    for kind in KINDS:
        mine = [o for o in found.mine if o.kind == kind]
        card.box(MARGIN, y, 132, 34, kind)
        card.text(MARGIN + 14, y + 22, _PLURAL[kind], style="b")
        names = f"{len(mine)}: {', '.join(o.name for o in mine)}" if mine else "none"
        card.text(180, y + 22, names, style="" if mine else "soft", room=400)
        card.text(WIDTH - MARGIN, y + 22, str(found.others.get(kind, 0)), end=True)
        y += 44
    kept = count(len(found.base_images), "base image")
    card.note(f"And {kept} that the course keeps. The course's journal proves whose an object is.")
    return Figure(
        sentence=f"The course has {count(len(found.mine), 'object')} on this engine"
        + (": " + ", ".join(f"{o.kind} {o.name}" for o in found.mine) if found.mine else "")
        + ".",
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(
                caption="Objects of the course",
                columns=("kind", "name", "scene", "id"),
                rows=tuple((o.kind, o.name, o.scene, o.id[:19]) for o in found.mine),
            ),
            Table(
                caption="Everything else, counted only",
                columns=("kind", "how many"),
                rows=tuple((kind, str(found.others.get(kind, 0))) for kind in KINDS),
            ),
            Table(caption="Base images", columns=("reference",), rows=tuple((r,) for r in found.base_images)),
        ),
        how=How(
            docker=("docker ps --all --filter label=containers-unpacked=1",),
            python=(
                "import docker",
                'docker.from_env().containers.list(all=True, filters={"label": "containers-unpacked=1"})',
            ),
        ),
    )
