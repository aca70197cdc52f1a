"""An image taken apart: its steps and layers, the files of each, what is hidden in it, and what is there twice."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, pairwise

from helpers.layers.model.score import score
from helpers.layers.model.stack import ADDED, METADATA, MODIFIED, Stacked, stack
from helpers.oci.history import Step, fitting
from helpers.oci.layer_files import FILE, KINDS, SHA256, Files
from helpers.oci.tar_header import ENTRY, Room

Digest = bytes  # a check sum; some classes below have a field called bytes
CHANGES = {ADDED: "added", MODIFIED: "modified", METADATA: "metadata"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a layer, or of the file system after it.

    path: from the root, "/etc/passwd"; undecodable bytes as surrogate escapes. kind: "file", "dir", "symlink",
    "hardlink", "device" or "fifo". size: bytes of a regular file, holes included; else 0. mode: permission bits with
    set-id and sticky, 0o755. link: the target of a link as written; the numbers of a device. change: "added";
    "modified", in content or kind; "metadata", the same content with another mode, owner or time; "removed"; or ""
    where nothing changed, which only a file system has. digest: a check sum of a regular file's content, of the kind
    that Analysis.sums tells. mtime: seconds since 1970. layer: the index of the one that holds it; for "removed", the
    lower one that held it.
    """

    path: str
    kind: str
    size: int
    mode: int
    uid: int
    gid: int
    link: str
    change: str
    digest: Digest = b""
    mtime: int = 0
    layer: int = 0


@dataclass(frozen=True)
class Layer:
    """One step of the history, and the layer that it made, if it made one.

    index: its place in Analysis.layers, from 0. command: as in the Dockerfile. created: as the image says. size: bytes
    of the regular files in it. empty: it made no layer. added, modified, metadata, removed: how many entries of each.
    Directories that are only listed again, because something in them changed, are no entries.
    """

    index: int
    command: str
    created: str
    size: int
    diff_id: str
    empty: bool
    added: int
    modified: int
    metadata: int
    removed: int
    _source: _Source | None = field(default=None, repr=False, compare=False)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """What it holds and takes away, by path. Made when first asked for: there may be 90,000."""
        return self._source.entries() if self._source else ()


@dataclass(frozen=True, slots=True)
class Wasted:
    """One path that more than one layer stores, as dive counts it. layers: the indexes of these layers."""

    path: str
    bytes: int
    count: int
    layers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hidden:
    """One regular file that is stored and that no container can read.

    layer: the index of the one that stores it. hidden_by: of the one that hid it. instruction: that one's.
    """

    path: str
    bytes: int
    layer: int
    hidden_by: int
    instruction: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One content that is stored more than once.

    paths: of each copy, hidden ones included. layers: the index of the layer that stores the copy of the same place.
    size: of one copy, bytes. bytes: of all copies but one. instructions: what made each copy.
    """

    paths: tuple[str, ...]
    layers: tuple[int, ...]
    size: int
    bytes: int
    digest: Digest
    instructions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """An image taken apart.

    image: its reference. image_size: bytes of the regular files of all layers. layers: every step of the history.
    efficiency (0 to 1), wasted_bytes, wasted: as dive counts, to compare with. hidden_bytes, hidden: what is really
    stored and can't be read. duplicates: same content stored more than once, the most bytes first.

    Contents are the same if their check sums and sizes are. A CRC-64 differs by chance in all but one of 2**64 cases;
    whoever wants to can make two that are alike, which nobody can with a sha256.
    """

    image: str
    image_size: int
    layers: tuple[Layer, ...]
    efficiency: float
    wasted_bytes: int
    wasted: tuple[Wasted, ...]
    hidden_bytes: int
    hidden: tuple[Hidden, ...]
    duplicates: tuple[Duplicate, ...]
    files: tuple[Files, ...] = field(default=(), repr=False, compare=False)

    def stack(self, index: int) -> FileSystem:
        """The file system after the step `index`; a negative one counts from the last, as in a list."""
        layer = self.layers[index]
        real = [step.index for step in self.layers[: layer.index + 1] if not step.empty]
        return FileSystem(layer.index, _entries(stack(self.files[: len(real)]), real, layer))

    @property
    def made(self) -> tuple[Layer, ...]:
        """The steps that made a layer, the lowest first."""
        return tuple(layer for layer in self.layers if not layer.empty)

    @property
    def diff_ids(self) -> tuple[str, ...]:
        """The ids of the layers, the lowest first."""
        return tuple(layer.diff_id for layer in self.made)

    @property
    def sums(self) -> str:
        """The kind of check sum that contents are told apart by: "sha256" or "crc64"."""
        return self.files[0].sums if self.files else SHA256

    @property
    def duplicate_bytes(self) -> int:
        """Bytes that are copies of others in the image."""
        return sum(duplicate.bytes for duplicate in self.duplicates)

    def as_dict(self) -> dict[str, object]:
        """The figures for machines: what `python -m helpers layers IMAGE --json FILE` writes.

        layers: those that are layers. modified: entries with another content, or another mode, owner or time.
        """
        return {
            "image": self.image,
            "image_size": self.image_size,
            "efficiency": self.efficiency,
            "wasted_bytes": self.wasted_bytes,
            "hidden_bytes": self.hidden_bytes,
            "layers": [
                {
                    "index": layer.index,
                    "command": layer.command,
                    "size": layer.size,
                    "diff_id": layer.diff_id,
                    "added": layer.added,
                    "modified": layer.modified + layer.metadata,
                    "removed": layer.removed,
                }
                for layer in self.made
            ],
            "wasted": [
                {"path": one.path, "bytes": one.bytes, "count": one.count, "layers": list(one.layers)}
                for one in self.wasted
            ],
        }


@dataclass(frozen=True)
class FileSystem:
    """What a container of the image would see after one step. entries: by path, directories before what is in them."""

    index: int
    entries: tuple[Entry, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def by_path(self) -> dict[str, Entry]:
        """Each entry by its path."""
        return {entry.path: entry for entry in self.entries}


def analysis(image: str, history: Sequence[Step], diff_ids: Sequence[str], files: Sequence[Files]) -> Analysis:
    """Takes an image apart. diff_ids and files: of its layers, the lowest first.

    Raises: DamagedTar if its names take more memory than any image's do.
    """
    room = Room()
    for one in files:
        room.take(one.names + ENTRY * len(one))
    steps = fitting(history, len(files))
    real = [index for index, step in enumerate(steps) if not step.empty]
    scored = score(files)  # first: what it needs on the way is gone before there is a stack
    wasted = tuple(
        Wasted(one.path, one.bytes, len(one.layers), tuple(real[n] for n in one.layers)) for one in scored.wasted
    )
    stacked = stack(files)
    numbers = {index: number for number, index in enumerate(real)}
    layers = []
    for index, step in enumerate(steps):
        if step.empty:
            layers.append(Layer(index, step.command, step.created, 0, "", True, 0, 0, 0, 0))
            continue
        number = numbers[index]
        change = stacked.changes[number]
        layers.append(
            Layer(
                index=index,
                command=step.command,
                created=step.created,
                size=files[number].size,
                diff_id=diff_ids[number],
                empty=False,
                added=change.codes.count(ADDED),
                modified=change.codes.count(MODIFIED),
                metadata=change.codes.count(METADATA),
                removed=len(change.removed),
                _source=_Source(stacked, number, real),
            )
        )
    hidden = _hidden(stacked, real, steps)
    return Analysis(
        image=image,
        image_size=sum(layer.size for layer in layers),
        layers=tuple(layers),
        efficiency=scored.efficiency,
        wasted_bytes=sum(one.bytes for one in wasted),
        wasted=wasted,
        hidden_bytes=sum(one.bytes for one in hidden),
        hidden=hidden,
        duplicates=_duplicates(stacked, real, steps),
        files=tuple(files),
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """Where one layer's entries come from. number: of the layer, counting layers only. real: their indexes."""

    stacked: Stacked
    number: int
    real: Sequence[int]

    def entries(self) -> tuple[Entry, ...]:
        files, change = self.stacked.layers[self.number], self.stacked.changes[self.number]
        index = self.real[self.number]
        found = [
            _entry(files, i, change.moved.get(i, files.paths[i]), CHANGES[code], index)
            for i, code in enumerate(change.codes)
            if code
        ]
        for path, number in change.removed:
            found.append(_placed(self.stacked, number, path, "removed", self.real))
        return tuple(sorted(found, key=lambda entry: entry.path))


def _entries(stacked: Stacked, real: Sequence[int], layer: Layer) -> tuple[Entry, ...]:
    top = len(stacked.layers) - 1
    base = stacked.bases[top] if not layer.empty else 0
    shown = set(stacked.state.values()) if stacked.inodes else set()
    found = []
    for path in sorted(stacked.state, key=lambda path: path.replace("/", "\0")):  # a directory before what is in it
        number = stacked.state[path]
        change = ""
        if not layer.empty and number >= base:
            change = CHANGES.get(stacked.changes[top].codes[number - base], "")
        elif not layer.empty and number == -1 - top:
            change = "added"
        inode = stacked.inodes.get(number)
        if inode is not None and inode not in shown and stacked.kind(inode) == FILE:
            shown.add(inode)  # the name that came with the bytes is gone: this one stands for them now
            number = inode
        found.append(_placed(stacked, number, path, change, real))
    return tuple(found)


def _hidden(stacked: Stacked, real: Sequence[int], steps: Sequence[Step]) -> tuple[Hidden, ...]:
    found = []
    for inode, hider in stacked.hidden:
        layer, i = stacked.place(inode)
        size = stacked.layers[layer].sizes[i]
        if size:
            path = stacked.changes[layer].moved.get(i, stacked.layers[layer].paths[i])
            found.append(Hidden(path, size, real[layer], real[hider], steps[real[hider]].command))
    return tuple(sorted(found, key=lambda one: (-one.bytes, one.path, one.layer)))


def _duplicates(stacked: Stacked, real: Sequence[int], steps: Sequence[Step]) -> tuple[Duplicate, ...]:
    twice = _twice(stacked)
    copies: dict[tuple[int, bytes], list[int]] = {}
    for base, files in zip(stacked.bases, stacked.layers, strict=True):
        heads = files.heads()
        for i in compress(range(len(files)), files.sizes):
            if heads[i] in twice:
                copies.setdefault((files.sizes[i], files.digest(i)), []).append(base + i)
    found = []
    for (size, digest), numbers in copies.items():
        if len(numbers) < 2:  # only the beginning of the check sum is another's, too
            continue
        places = [stacked.place(number) for number in numbers]
        found.append(
            Duplicate(
                paths=tuple(stacked.changes[n].moved.get(i, stacked.layers[n].paths[i]) for n, i in places),
                layers=tuple(real[n] for n, _ in places),
                size=size,
                bytes=size * (len(places) - 1),
                digest=digest,
                instructions=tuple(steps[real[n]].command for n, _ in places),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.bytes, one.paths)))


def _twice(stacked: Stacked) -> set[int]:
    """The beginnings of check sums that more than one regular file has: far less to hold than all check sums."""
    heads = array("Q")
    for files in stacked.layers:
        heads.extend(compress(files.heads(), files.sizes))  # what is no regular file has no size
    return {one for one, next_ in pairwise(sorted(heads)) if one == next_}


def _placed(stacked: Stacked, number: int, path: str, change: str, real: Sequence[int]) -> Entry:
    if number < 0:
        return Entry(path, "dir", 0, 0o755, 0, 0, "", change, layer=real[-1 - number])
    layer, i = stacked.place(number)
    return _entry(stacked.layers[layer], i, path, change, real[layer])


def _entry(files: Files, i: int, path: str, change: str, layer: int) -> Entry:
    kind = files.kinds[i]
    return Entry(
        path,
        KINDS[kind],
        files.sizes[i],
        files.modes[i],
        files.uids[i],
        files.gids[i],
        files.links.get(i, ""),
        change,
        files.digest(i) if kind == FILE else b"",
        files.mtimes[i],
        layer,
    )
