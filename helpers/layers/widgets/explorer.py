"""The explorer of an image: layers on the left; on the right the files of one of them, or of the stack up to it."""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from helpers.drawing.in_place import view_of
from helpers.drawing.text import count, plain, size
from helpers.errors import CourseError
from helpers.layers.model.analysis import Analysis, Entry, Layer
from helpers.layers.model.content import Content
from helpers.layers.views.stack import hidden_by_layer

_HERE = Path(__file__)
_LETTERS = {"added": "a", "modified": "m", "metadata": "k", "removed": "r"}
_KINDS = {"file": "f", "dir": "d", "symlink": "l", "hardlink": "h"}
LISTED = 400  # rows of the list of hidden and wasted bytes

Text = Callable[[str, int], Content]


class Explorer(anywidget.AnyWidget):
    """The widget. packed: everything but contents, compressed. layer: the chosen one, from 0. start: a file's number.

    text: called with path and index of the layer when a reader looks into a file; returns the beginning of it, or
    raises a CourseError that says why not.
    """

    _esm = "".join(_HERE.with_name(name).read_text(encoding="utf-8") for name in ("explorer_tree.js", "explorer.js"))
    _css = _HERE.with_suffix(".css").read_text(encoding="utf-8")

    packed = traitlets.Bytes().tag(sync=True)
    layer = traitlets.Int(0).tag(sync=True)
    start = traitlets.Int(-1).tag(sync=True)

    def __init__(self, found: Analysis, *, text: Text, name: str = "", **more: Any) -> None:
        self._found = found.made
        self._text = text
        super().__init__(packed=pack(found, name), **more)
        self.on_msg(self._asked)

    def view(self) -> dict[str, Any]:
        """The output that shows it, without words of its own."""
        return view_of(self)

    def _asked(self, _widget: object, message: object, _buffers: object) -> None:
        """Answers a page that wants to look into a file. What it sends is not trusted: it names a row, not a path."""
        if not isinstance(message, dict) or not isinstance(message.get("ask"), int):
            return
        try:
            layer = self._found[int(message["layer"])]
            entry = layer.entries[int(message["row"])]
        except (KeyError, IndexError, ValueError, TypeError):
            return
        self.send({"answer": message["ask"], **self.look(layer, entry)})

    def look(self, layer: Layer, entry: Entry) -> dict[str, str]:
        """The content of one file, and a line about it, as the page shows them."""
        try:
            found = self._text(entry.path, layer.index)
        except CourseError as error:
            return {"text": "", "note": plain(f"{error.what} {error.why}".strip())}
        if not found.size:
            return {"text": "", "note": "The file is empty."}
        if not found.is_text:
            return {"text": "", "note": "It is not text: it holds bytes that are not letters."}
        part = "What is in it:" if found.complete else f"The first {size(len(found.content))} of {size(found.size)}:"
        return {"text": plain(found.text, lines=True), "note": part}


def pack(found: Analysis, name: str = "") -> bytes:
    """An analysis as columns for the page, compressed: see explorer_tree.js. name: what it is called."""
    nodes = _Nodes()
    owners: dict[str, int] = {}
    hidden = hidden_by_layer(found)
    layers = found.made
    places: list[dict[str, int]] = []  # path → row, by layer
    packed = []
    for layer in layers:
        rows = {entry.path: row for row, entry in enumerate(layer.entries)}
        places.append(rows)
        columns = _columns(layer, nodes, owners)
        packed.append(
            {
                "number": layer.index,
                "command": plain(layer.command) or "(no instruction known)",
                "size": layer.size,
                "hiddenBytes": hidden.get(layer.index, 0),
                "added": layer.added,
                "modified": layer.modified + layer.metadata,
                "removed": layer.removed,
                **columns,
            }
        )
    numbers = {layer.index: number for number, layer in enumerate(layers)}
    reasons: dict[str, str] = {}
    marked: list[list[int]] = [[] for _ in layers]
    waste: list[dict[str, object]] = []
    for one in found.hidden:
        at = numbers[one.layer]
        row = places[at].get(one.path)
        if row is None:
            continue
        why = f"layer {one.hidden_by} hid it, {one.instruction}"
        reasons[f"{at}:{row}"] = plain(why)
        marked[at].append(row)
        if len(waste) < LISTED:
            said = f"stored by layer {one.layer}; {why}"
            waste.append(_waste(one.path, one.bytes, at, row, said, "hidden", bad=True))
    for twice in found.duplicates:
        at = numbers[twice.layers[-1]]
        row = places[at].get(twice.paths[-1])
        if row is not None and len(waste) < LISTED:
            others = ", ".join(dict.fromkeys(f"{p} in layer {n}" for p, n in _pairs(twice)[:3]))
            said = f"the same content {len(twice.paths)} times: {others}" + (" …" if len(twice.paths) > 3 else "")
            waste.append(_waste(twice.paths[-1], twice.bytes, at, row, said, "stored twice", bad=False))
    for layer_columns, rows_marked in zip(packed, marked, strict=True):
        layer_columns["hidden"] = rows_marked
    data = {
        "summary": plain(f"{name or found.image}: {_summary(found, len(layers))}"),
        "names": "\n".join(nodes.names),
        "parents": nodes.parents.tolist(),
        "owners": list(owners),
        "layers": packed,
        "reasons": reasons,
        "waste": waste,
        "wasteSummary": _wasted(found, len(waste)),
    }
    return zlib.compress(json.dumps(data, separators=(",", ":")).encode(), 3)


class _Nodes:
    """Every path of the image once, parents before their children. names: what is shown of each."""

    def __init__(self) -> None:
        self.ids = {"": 0, "/": 0}
        self.names = [""]
        self.parents = array("l", [0])

    def of(self, path: str) -> int:
        """The number of a path."""
        missing = []  # the highest one last; no recursion: they may be a thousand
        while (found := self.ids.get(path)) is None:
            missing.append(path)
            path = path[: path.rfind("/")]
        for path in reversed(missing):
            name = path[path.rfind("/") + 1 :]
            self.parents.append(found)
            found = self.ids[path] = len(self.names)
            self.names.append(name if name.isascii() and name.isprintable() else plain(name))
        return found


def _columns(layer: Layer, nodes: _Nodes, owners: dict[str, int]) -> dict[str, object]:
    entries = layer.entries
    numbers = [nodes.of(entry.path) for entry in entries]
    return {
        "nodes": [here - before for before, here in zip([0, *numbers], numbers, strict=False)],
        "changes": "".join(_LETTERS[entry.change] for entry in entries),
        "kinds": "".join(_KINDS.get(entry.kind, "o") for entry in entries),
        "sizes": [entry.size for entry in entries],
        "modes": [entry.mode for entry in entries],
        "owned": [owners.setdefault(f"{entry.uid}:{entry.gid}", len(owners)) for entry in entries],
        "links": {row: plain(entry.link) for row, entry in enumerate(entries) if entry.link},
        "hidden": [],
    }


def _pairs(twice: Any) -> list[tuple[str, int]]:
    return list(zip(twice.paths, twice.layers, strict=True))


def _waste(path: str, stored: int, layer: int, row: int, why: str, word: str, *, bad: bool) -> dict[str, object]:
    return {
        "path": plain(path),
        "bytes": stored,
        "layer": layer,
        "row": row,
        "why": plain(why),
        "word": word,
        "bad": bad,
    }


def _summary(found: Analysis, layers: int) -> str:
    said = f"{size(found.image_size)} in {count(layers, 'layer')}"
    return said + (f", {size(found.hidden_bytes)} of it hidden." if found.hidden_bytes else ", nothing hidden.")


def _wasted(found: Analysis, listed: int) -> str:
    parts = []
    if found.hidden:
        parts.append(f"{count(len(found.hidden), 'file')} that no container sees, {size(found.hidden_bytes)}")
    if found.duplicates:
        parts.append(f"{count(len(found.duplicates), 'content')} stored more than once, {size(found.duplicate_bytes)}")
    left = len(found.hidden) + len(found.duplicates) - listed
    said = f"{'; '.join(parts)}. Choose a row to see it in its layer."
    return said + (f" The {listed} largest are listed." if left > 0 else "")
