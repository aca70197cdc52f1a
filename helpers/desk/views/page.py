"""What a page is told, ready to become JSON: the drawing, the words, where it can be clicked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from helpers.desk.model.scenery import Link, Scenery
from helpers.desk.model.story import EXECUTED, Line
from helpers.desk.model.tree import Node
from helpers.desk.views import picture, words
from helpers.drawing.text import plain
from helpers.drawing.theme import scoped

LINES = 12  # of the story, newest first
INSIDE = ".hs-desk"  # the element that the page draws in


def style() -> str:
    """The theme's rules for the drawing, told once."""
    return scoped(INSIDE)


def shown(found: Scenery, marks: Mapping[str, str], story: Sequence[Line], *, wide: int) -> dict[str, Any]:
    """One state of the desk. wide: pixels that the page has for the drawing."""
    drawn = picture.draw(found, marks, wide=wide)
    members = {m.id: m for m in found.map.members}
    return {
        "ok": found.link is not Link.SILENT,
        "title": words.TITLE,
        "summary": words.summary(found),
        "rest": words.rest(found),
        "svg": drawn.svg,
        "spots": [
            {
                "id": spot.id,
                "name": plain(members[spot.id].full_name),
                "label": plain(f"{members[spot.id].name}, {members[spot.id].state.value}"),
                "x": round(spot.x),
                "y": round(spot.y),
                "width": round(spot.width),
                "height": round(spot.height),
                "marked": spot.id in marks,
            }
            for spot in drawn.spots
            if found.own(spot.id) is not None
        ],
        "lines": [_line(line) for line in reversed(tuple(story)[-LINES:])],
        "say": words.newest(story),
    }


def _line(line: Line) -> dict[str, Any]:
    did = ", ".join(line.did)
    found: dict[str, Any] = {
        "number": line.number,
        "time": words.clock(line.at),
        "kind": line.kind,
        "name": plain(line.name),
        "did": plain(did),
    }
    if line.executed:
        found["executed"] = list(line.executed[-5:])
        found["words"] = EXECUTED if len(line.executed) == 1 else f"executed {len(line.executed)} commands"
        found["container"] = line.id
    return found


def log(name: str, text: str, cut: str) -> dict[str, Any]:
    """A container's log."""
    said = plain(text, lines=True)
    return {"title": f"What {plain(name)} has written", "text": said or "It has written nothing.", "note": plain(cut)}


def inspection(name: str, node: Node) -> dict[str, Any]:
    """A container's inspect as a tree."""
    return {
        "title": f"What the engine knows of {plain(name)}",
        "tree": [child.as_json() for child in node.children],
        "note": "Values of the environment, arguments and commands are hidden until you ask for one.",
    }
