"""The way of a request, step by step."""

from __future__ import annotations

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.networks.model.route import Path, Way

_STEP = 40


def way(found: Way) -> Figure:
    """All ways to one port, one below the other."""
    answer = _answer(found)
    card = Card(f"How does a request get to {found.container}?", answer)
    y = float(TOP)
    for path in found.paths:
        y = _path(card, y, path) + 18
    if any(not step.measured for path in found.paths for step in path.steps):
        card.note("Dashed: it follows from what the engine says, and was not seen itself.")
    said = sentence(found)
    return Figure(
        sentence=said,
        svg=card.svg(),
        alt=said,
        tables=tuple(
            Table(
                caption=f"The way {path.begin}",
                columns=("step", "where", "what", "detail", "seen"),
                rows=tuple(
                    (str(at), s.where, s.what, s.detail, "yes" if s.measured else "inferred")
                    for at, s in enumerate(path.steps, start=1)
                ),
            )
            for path in found.paths
        ),
        how=How(
            docker=(f"docker port {found.full_name}", f"docker inspect {found.full_name}"),
            python=("import docker", f"print(docker.from_env().containers.get({found.full_name!r}).ports)"),
        ),
    )


def sentence(found: Way) -> str:
    """Which ways arrive, and where the others end."""
    parts = []
    for path in found.paths:
        begin = path.begin[:1].upper() + path.begin[1:]
        if path.arrives:
            parts.append(f"{begin}: it arrives at {found.container}.")
        else:
            parts.append(f"{begin}: it does not arrive ({path.why}).")
    return " ".join(parts)


def _answer(found: Way) -> str:
    good = [p.begin for p in found.paths if p.arrives]
    if not good:
        return "It does not arrive."
    return f"It arrives {' and '.join(good)}" + ("." if len(good) == len(found.paths) else ", and from nowhere else.")


def _path(card: Card, y: float, path: Path) -> float:
    card.mark(MARGIN, y + 12, "good" if path.arrives else "bad")
    word = "it arrives" if path.arrives else path.why
    card.text(MARGIN + 18, y + 12, f"{path.begin}: {word}", style="b", room=WIDTH - 2 * MARGIN - 18, size=14)
    y += 24
    for number, step in enumerate(path.steps):
        kind = (
            "container"
            if step.where.startswith("container")
            else "network"
            if step.where.startswith("network")
            else "host"
        )
        if number:
            card.arrow(MARGIN + 60, y, MARGIN + 60, y + 12, "host")
            y += 12
        card.box(MARGIN, y, WIDTH - 2 * MARGIN, _STEP - 8, kind, dashed=not step.measured)
        card.text(MARGIN + 14, y + 21, step.where, style="b", room=140, size=13)
        card.text(MARGIN + 160, y + 21, step.what, room=300, size=12)
        card.text(WIDTH - MARGIN - 12, y + 21, step.detail, style="m", end=True, room=264)
        y += _STEP - 8
    return y
