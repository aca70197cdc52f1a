"""The journal: what the course is about to make, written down before it is made, and its id once the engine names it.

It is the proof of whose an object is: names can be taken by anybody, and labels pass from an image to whatever is made
from it. Each line names the engine, since an id says nothing on another one. Lines are only added, under a lock; a
line cut off by a crash is passed over and harms no other. `forget` writes the file anew without what is gone.
"""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from helpers import store
from helpers.errors import StoreError

FILE = "journal.jsonl"
LOCK_SECONDS = 10.0
ENOUGH = 128 * 1024  # bytes about what is gone; with more the file is written anew without it


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One object, or the intention to make one.

    kind: "container", "network", "volume", "image", or "build" for an image whose id only its end will tell.
    engine: see `Owning.identity`; "" in lines of editions that did not note it. nonce: the label that a container,
    network or volume carries, or what tells one build from another. id: "" until the engine has named it; a volume's
    is its name. reference: a name that was given to an image. new: the image did not exist before.
    nameless: of a build, the images without a name that were there before it, by their first twelve digits.
    over: of a build, when it was called off, as `at`; from soon after on nothing comes of it any more. 0: it was not.
    at: seconds since 1970, in this computer's clock.
    """

    kind: str
    scene: str
    engine: str = ""
    nonce: str = ""
    id: str = ""
    reference: str = ""
    new: bool = False
    nameless: str = ""
    over: float = 0.0
    at: float = field(default_factory=lambda: round(time.time(), 1), compare=False)

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two lines speak of one thing."""
        return (self.nonce,) if self.nonce else (self.engine, self.kind, self.id, self.reference)


def note(entry: Entry, *, durable: bool = True) -> None:
    """Adds one line. durable: it is on the disk before this returns, and outlasts a loss of power.

    Raises: StoreError if it can't be written; the caller stops before it makes anything.
    """
    _add(asdict(entry), durable)


def gone(entry: Entry) -> None:
    """Notes that an object is not there any more, or that a build has ended."""
    _add({"gone": list(entry.key)}, durable=False)


def _add(row: dict[str, Any], durable: bool) -> None:
    path = store.state() / FILE
    try:
        with store.locked("journal", seconds=LOCK_SECONDS), path.open("a+b") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                torn = file.read(1) != b"\n"
            else:
                torn = False
            file.write(b"\n" * torn + json.dumps(row).encode() + b"\n")
            file.flush()
            if durable:
                os.fsync(file.fileno())
            if file.tell() > ENOUGH + 400 * len(entries()):  # mostly of what is gone
                _write(path, entries())
    except OSError as error:
        raise StoreError("The course can't write its journal.", str(error), "Free some space and try again.") from error


def entries() -> tuple[Entry, ...]:
    """What is in the journal and not known to be gone, oldest first."""
    path = store.state() / FILE
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return _read(path, found.st_ino, found.st_size, found.st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _read(path: Path, *_: int) -> tuple[Entry, ...]:
    """The file's entries. What follows the path tells one state of the file from the next."""
    found: dict[tuple[str, ...], Entry] = {}
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return ()
    for row in _rows(text):
        over = row.get("gone")
        if isinstance(over, list):
            found.pop(tuple(map(str, over)), None)
            continue
        entry = _entry(row)
        if entry is None:
            continue
        before = found.get(entry.key)
        if before is not None and before.new and not entry.new:  # an image that was made here keeps that
            continue
        found[entry.key] = entry
    return tuple(found.values())


def _rows(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except ValueError:  # cut off
            continue
        if isinstance(row, dict):
            yield row


def _entry(row: dict[str, Any]) -> Entry | None:
    """The entry of one line; of the first edition's, which had kind, id and scene, one that names no engine."""
    if not all(isinstance(row.get(word), str) for word in ("kind", "scene")):
        return None
    words = {word: str(row.get(word) or "") for word in ("engine", "nonce", "id", "reference", "nameless")}
    if not words["id"] and not words["nonce"]:
        return None
    at, over = row.get("at"), row.get("over")
    return Entry(
        kind=row["kind"],
        scene=row["scene"],
        new=row.get("new") is True,
        over=float(over) if isinstance(over, int | float) else 0.0,  # true in an earlier edition: long ago
        at=float(at) if isinstance(at, int | float) else 0.0,
        **words,
    )


def forget(done: Iterable[Entry]) -> None:
    """Takes entries out of the journal once their objects are gone, and with them every line about such.

    Raises: StoreError if it can't be written; nothing is lost then.
    """
    keys = {entry.key for entry in done}
    if not keys:
        return
    path = store.state() / FILE
    try:
        with store.locked("journal", seconds=LOCK_SECONDS):
            _write(path, (entry for entry in entries() if entry.key not in keys))
    except OSError as error:
        raise StoreError("The course can't write its journal.", str(error), "Free some space and try again.") from error


def _write(path: Path, kept: Iterable[Entry]) -> None:
    """The file anew, whole or not at all. The lock is held."""
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(entry)) + "\n" for entry in kept)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
