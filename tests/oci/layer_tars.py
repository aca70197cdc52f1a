"""Layers drawn by chance, and what a plain reading of OCI's rules makes of them: slow, short, and not the library's."""

from __future__ import annotations

import hashlib
import io
import random
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field

NAMES = ("a", "b", "c", "d e", "ü", "x" * 60)
FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)


@dataclass
class Item:
    """One entry of a layer. kind: as tar's type. content: of a file; no two files have the same."""

    path: str
    kind: bytes = tarfile.REGTYPE
    content: bytes = b""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    link: str = ""


def write(items: Iterable[Item], form: int = tarfile.PAX_FORMAT) -> bytes:
    """The items as a tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, encoding="utf-8", errors="surrogateescape") as tar:
        for item in items:
            entry = tarfile.TarInfo(item.path)
            entry.type, entry.linkname, entry.size = item.kind, item.link, len(item.content)
            entry.mode, entry.uid, entry.gid, entry.mtime = item.mode, item.uid, item.gid, 1_700_000_000
            if item.kind == tarfile.CHRTYPE:
                entry.devmajor, entry.devminor = 1, 3
            tar.addfile(entry, io.BytesIO(item.content))
    return out.getvalue()


@dataclass
class Drawn:
    """Layers, and the file system that they make. implied: directories that some layer does not list, but fills."""

    layers: list[list[Item]] = field(default_factory=list)
    state: dict[str, Item] = field(default_factory=dict)
    implied: set[str] = field(default_factory=set)

    @property
    def stored(self) -> list[bytes]:
        """The content of every regular file of every layer."""
        return [i.content for layer in self.layers for i in layer if i.kind == tarfile.REGTYPE and not _mark(i)]

    def below(self, path: str) -> list[str]:
        """What lies in a directory, at any depth."""
        return [other for other in self.state if other.startswith(path + "/")]


def draw(dice: random.Random, *, layers: int = 4, most: int = 12, again: bool = False, sound: bool = False) -> Drawn:
    """Layers as builders make them, and odd ones. again: with a whiteout beside what takes its place.

    sound: a directory that takes the place of a file is always listed; containerd refuses the image otherwise.
    """
    drawn = Drawn()
    for _ in range(layers):
        items: list[Item] = []
        taken: dict[str, Item] = {}  # what this layer itself puts there
        lower = dict(drawn.state)
        for _ in range(dice.randint(1, most)):
            _draw_one(dice, drawn, lower, items, taken, again, sound)
        drawn.layers.append(items)
    return drawn


def _mark(item: Item) -> bool:
    return item.path.rpartition("/")[2].startswith(".wh.")


def _draw_one(
    dice: random.Random,
    drawn: Drawn,
    lower: dict[str, Item],
    items: list[Item],
    taken: dict[str, Item],
    again: bool,
    sound: bool,
) -> None:
    path = "/".join(dice.choice(NAMES) for _ in range(dice.randint(1, 3)))
    parents = ["/".join(path.split("/")[:n]) for n in range(1, path.count("/") + 1)]
    if any(parent in taken and taken[parent].kind != tarfile.DIRTYPE for parent in parents):
        return
    if path in taken or any(other.startswith(path + "/") for other in taken):
        return
    for parent in parents:
        if parent not in taken:
            listed = dice.random() < 0.8
            if sound and any(one in lower and lower[one].kind != tarfile.DIRTYPE for one in (parent, *parents)):
                listed = True
            taken[parent] = item = Item(parent, tarfile.DIRTYPE, mode=dice.choice((0o755, 0o700, 0o1777)))
            if listed:
                items.append(item)
                drawn.implied.discard(parent)
            else:
                drawn.implied.add(parent)
            _put(drawn, parent, item)
    choice = dice.random()
    gone = {p for p in lower if p == path or p.startswith(path + "/")}
    if choice < 0.2 and path in lower:
        items.append(Item(f"{path.rpartition('/')[0]}/.wh.{path.rpartition('/')[2]}".lstrip("/")))
        taken[path] = Item(path)
        for one in gone:
            drawn.state.pop(one, None)
        if again and dice.random() < 0.5:
            item = _new(dice, path, taken)
            items.append(item)
            taken[path] = item
            _put(drawn, path, item)
        return
    if choice < 0.3 and path in lower and lower[path].kind == tarfile.DIRTYPE:
        folder = Item(path, tarfile.DIRTYPE, mode=0o755)
        items += [folder, Item(f"{path}/.wh..wh..opq")]
        taken[path] = folder
        for one in gone:
            drawn.state.pop(one, None)
        _put(drawn, path, folder)
        drawn.implied.discard(path)
        return
    item = _new(dice, path, taken)
    items.append(item)
    taken[path] = item
    _put(drawn, path, item)
    drawn.implied.discard(path)


def _new(dice: random.Random, path: str, taken: dict[str, Item]) -> Item:
    files = [other for other, item in taken.items() if item.kind == tarfile.REGTYPE and item.content]
    kinds = [tarfile.REGTYPE] * 5 + [tarfile.DIRTYPE] * 2 + [tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
    kind = dice.choice(kinds + [tarfile.LNKTYPE] * 3 * bool(files))
    item = Item(path, kind, mode=dice.choice((0o644, 0o755, 0o4755, 0o2750)), uid=dice.choice((0, 33, 70_000)))
    if kind == tarfile.REGTYPE:
        item.content = f"{path} {dice.random()}\n".encode() * dice.randint(1, 40)
    elif kind == tarfile.SYMTYPE:
        item.link, item.mode = dice.choice(("a/b", "/etc/passwd", "nowhere")), 0o777
    elif kind == tarfile.LNKTYPE:
        target = taken[dice.choice(files)]
        item.link, item.mode, item.uid = target.path, target.mode, target.uid
        item.content = b""
    return item


def _put(drawn: Drawn, path: str, item: Item) -> None:
    if item.kind != tarfile.DIRTYPE:
        for other in drawn.below(path):
            del drawn.state[other]
    drawn.state[path] = item


def content_of(drawn: Drawn, item: Item) -> bytes:
    """A file's content; a hard link's is its target's, as its layer has it."""
    if item.kind != tarfile.LNKTYPE:
        return item.content
    layer = next(layer for layer in drawn.layers if any(one is item for one in layer))
    return next(one.content for one in layer if one.path == item.link)


def sha256(content: bytes) -> bytes:
    """Its check sum."""
    return hashlib.sha256(content).digest()


def crc64(content: bytes) -> bytes:
    """Its CRC-64 after ISO 3309, the highest byte first."""
    found = (1 << 64) - 1
    for byte in content:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0xD8 << 56 if found & 1 else 0)
    return (found ^ (1 << 64) - 1).to_bytes(8, "big")
