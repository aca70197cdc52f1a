"""The drawing: networks as lanes, containers as columns over them, volumes and images below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.desk.model.scenery import CHANGED, GONE, NEW, Link, Scenery
from helpers.desk.views import words
from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import plain, width
from helpers.networks.views.map import CARD, Room, Spot, lanes

NARROWEST, WIDEST = 320, 1200  # pixels that a page may ask for
_COLUMN, _NARROW, _NAMES = 118, 100, 124  # a column, one that saves a second row, and the room for the lanes' names
_CHIP, _EDGE = 26, 6
_MARKED = {NEW: ("good", "+"), CHANGED: ("warn", "~"), GONE: ("bad", "−")}


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A drawing for a page, and where in it a container may be clicked. hidden: containers that it has no room for."""

    svg: str
    spots: tuple[Spot, ...]
    hidden: int


def draw(found: Scenery, marks: Mapping[str, str], *, wide: int) -> Drawn:
    """The drawing, `wide` pixels across, without a card around it.

    marks: what has changed of late, see `helpers.desk.model.scenery.Marks`.
    """
    wide = max(NARROWEST, min(WIDEST, wide))
    card = Card("", "", width=wide)
    spots, hidden, _ = _draw(card, 0.0, found, marks, _room(wide, len(found.map.members)))
    return Drawn(svg=card.bare(words.sentence(found)), spots=tuple(spots), hidden=hidden)


def _room(wide: int, columns: int) -> Room:
    space = wide - _NAMES - _EDGE
    across = columns if 0 < columns <= space // _NARROW else max(1, space // _COLUMN)
    return Room(
        left=2,
        lanes=_NAMES,
        right=wide - _EDGE,
        across=across,
        decks=max(3, -(-12 // across)),  # twelve have a column each, however narrow the page
        many=12,
        widest=190.0,
        lane=50,
        host=False,
    )


def _draw(card: Card, y: float, found: Scenery, marks: Mapping[str, str], room: Room) -> tuple[list[Spot], int, float]:
    spots: list[Spot] = []
    hidden = 0
    if found.link is Link.SILENT:
        card.text(room.left, y + 20, "✕ The engine does not answer.", style="b bad")
        card.text(room.left, y + 40, found.why, style="soft", room=room.right - room.left)
        return spots, hidden, y + 48
    if found.map.members or found.map.networks:
        y, spots, hidden = lanes(card, y + 2, found.map, marks, room)
        y -= 10
    elif not found.volumes and not found.images:
        for words_here in words.NOTHING if found.link is Link.ANSWERS else (words.summary(found),):
            card.text(room.left, y + 20, words_here, style="soft", room=room.right - room.left)
            y += 20
        y += 14
    if hidden:
        card.text(room.left, y + 14, f"And {hidden} containers more, without a column here.", style="n soft")
        y += 24
    users = {m.id: m.name for m in found.map.members}
    if found.volumes:
        chips = []
        for volume in found.volumes:
            by = [users[one] for one in volume.users if one in users]
            shown = volume.name if len(volume.name) < 40 else f"{volume.name[:10]}… (no name)"
            said = f"{shown} ← {by[0]}{f' +{len(by) - 1}' if len(by) > 1 else ''}" if by else shown
            chips.append((said, "volume", marks.get(f"volume {volume.name}", "")))
        y = _chips(card, y, "Volumes", chips, room)
    if found.images:
        named = [(", ".join(image.names), "image", marks.get(f"image {image.id}", "")) for image in found.images]
        y = _chips(card, y, "Images", named, room)
    return spots, hidden, y


def _chips(card: Card, y: float, title: str, chips: Sequence[tuple[str, str, str]], room: Room) -> float:
    """A row, or three, of what has no place on a lane; what has no room is counted."""
    card.text(room.left, y + 17, title, style="b")
    x, rows = room.lanes, 1
    for place, (said, kind, mark) in enumerate(chips):
        sign, colour = ("", kind) if not mark else (_MARKED[mark][1] + " ", _MARKED[mark][0])
        wide = min(width(plain(said), size=12, mono=True) + 24 + (14 if sign else 0), room.right - room.lanes)
        if x + wide > room.right and x > room.lanes:
            x, y, rows = room.lanes, y + _CHIP + 4, rows + 1
        if rows > 3 or (rows == 3 and x + wide > room.right - 90 and place < len(chips) - 1):
            card.text(x, y + 17, f"and {len(chips) - place} more", style="n soft")
            break
        card.rect(x, y, wide, _CHIP - 2, f"t-{kind}", corner=6)
        card.rect(x, y, 3, _CHIP - 2, kind, corner=1)
        if sign:
            card.text(x + 10, y + 17, sign, style=f"b {colour}")
        card.text(x + (24 if sign else 10), y + 17, said, style="m", room=wide - (32 if sign else 18))
        x += wide + 8
    return y + _CHIP + 6


def figure(found: Scenery) -> Figure:
    """The same as a card, for a cell's output, an exported notebook and the book."""
    card = Card(words.TITLE, words.summary(found))
    _, _, y = _draw(card, float(TOP) - 6, found, {}, CARD)
    if words.rest(found):
        card.text(MARGIN, y + 16, words.rest(found), style="n soft", room=WIDTH - 2 * MARGIN, size=12)
    return Figure(
        sentence=words.sentence(found),
        svg=card.svg(),
        alt=words.sentence(found),
        tables=_tables(found),
        how=How(
            docker=("docker ps --all", "docker network ls", "docker volume ls", "docker image ls"),
            python=(
                "import docker",
                "engine = docker.from_env()",
                "for one in engine.containers.list(all=True):",
                "    print(one.name, one.status)",
            ),
        ),
    )


def _tables(found: Scenery) -> tuple[Table, ...]:
    rows = []
    for m in found.map.members:
        taps = [f"{net.name} {tap.address}".strip() for tap in m.taps if (net := found.map.network(tap.network))]
        ports = [f"{p.address or 'any'}:{p.port} → {p.container_port}" for p in m.published]
        rows.append(
            (m.name, m.state.value, m.image, ", ".join(taps) or m.mode or "none", ", ".join(ports), m.full_name)
        )
    tables = [
        Table(
            caption="Your containers",
            columns=("container", "state", "image", "networks", "published", "name on the engine"),
            rows=tuple(rows),
        )
    ]
    other = [("volume", v.name) for v in found.volumes] + [("image", name) for i in found.images for name in i.names]
    if other:
        tables.append(Table(caption="Your volumes and images", columns=("kind", "name"), rows=tuple(other)))
    return tuple(tables)
