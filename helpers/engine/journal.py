"""The journal: ids written down the moment the engine names them, for objects that can carry no label.

A build leaves images without labels if one of its steps fails. Each step's id goes into the journal before the next
step starts, so that cleaning up finds them even if this process is killed in between.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from helpers import store
from helpers.errors import StoreError

FILE = "journal.jsonl"


@dataclass(frozen=True)
class Entry:
    """One object made by the course. kind: "image" or "container"."""

    kind: str
    id: str
    scene: str


def note(kind: str, object_id: str, scene: str) -> None:
    """Appends one entry; on the disk before this returns.

    Raises: StoreError if it can't be written; the caller stops before it makes more.
    """
    line = json.dumps({"kind": kind, "id": object_id, "scene": scene}) + "\n"
    try:
        with (store.state() / FILE).open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError("The course can't write its journal.", str(error), "Free some space and try again.") from error


def entries() -> tuple[Entry, ...]:
    """What is in the journal, oldest first; a line cut off by a crash is passed over."""
    try:
        lines = (store.state() / FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    found: dict[Entry, None] = {}
    for line in lines:
        try:
            row = json.loads(line)
            found[Entry(str(row["kind"]), str(row["id"]), str(row["scene"]))] = None
        except (ValueError, KeyError, TypeError):
            continue
    return tuple(found)


def forget(done: set[Entry]) -> None:
    """Takes entries out of the journal once their objects are gone."""
    if not done:
        return
    with store.locked("journal", seconds=10):
        kept = [entry for entry in entries() if entry not in done]
        path = store.state() / FILE
        fresh = path.with_suffix(".new")
        fresh.write_text(
            "".join(json.dumps({"kind": e.kind, "id": e.id, "scene": e.scene}) + "\n" for e in kept), encoding="utf-8"
        )
        fresh.replace(path)
