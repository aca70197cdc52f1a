"""Efficiency and waste as dive counts them, so that figures can be compared with that tool's; its errors included.

1. Each layer is a tree of its own. Counted are its leaves: a file, a link, a directory with nothing in it here, a
   whiteout (under the name of what it hides).
2. A leaf counts its size. A whiteout of a directory counts all that lay in it; of a file, nothing.
3. wasted = all that was counted for paths which are leaves of two layers or more.
   efficiency = sum of each path's smallest count / sum of all counts.
4. Errors that belong to the figures: an opaque mark hides nothing; a directory replaced by a file keeps its content; a
   whiteout of nothing ends the look at its layer, and counts as -1 unless its path is counted elsewhere.
5. A layer that is in the stack twice counts at each place, on every engine. So it does in dive with what Docker 25 and
   later save. Older ones save it once, and a link for the other place, in which dive sees a layer of nothing: there
   its figures are lower.

What is really hidden: helpers.layers.model.stack.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helpers.oci.layer_files import DIR, Files
from helpers.oci.tar_header import Room

_MARK = ".wh."
_AUFS = ".wh..wh."
_NOTHING = -1


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted for one path. layers: the numbers of those that it is a leaf of."""

    path: str
    bytes: int
    layers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """efficiency: 0 to 1. wasted: paths counted twice or more, the most bytes first."""

    efficiency: float
    wasted: tuple[Counted, ...]


def score(layers: Sequence[Files]) -> Score:
    """The figures for layers, the lowest first.

    Raises: DamagedTar if they have more directories than any image has.
    """
    room = Room()
    last = max((number for number, files in enumerate(layers) if files.marks()), default=0)
    below = _Below()  # only needed, and only kept, for whiteouts
    first: dict[str, int] = {}  # path → the layer that it is a leaf of first; most are of no other
    special: dict[str, int] = {}  # what whiteouts counted, where that is not the size of an entry
    more: dict[str, list[tuple[int, int]]] = {}
    total = least = 0
    for number, files in enumerate(layers):
        tree = _Tree(files, room)
        for path, size in tree.leaves(below):
            if size == _NOTHING:
                if path not in first:
                    special[path] = _NOTHING
                continue
            total += size
            if path in first:
                more.setdefault(path, []).append((number, size))
            else:
                first[path] = number
                least += size
        for i in tree.marks:
            path = _target(files.paths[i])
            if first.get(path) == number and path not in more:
                special[path] = below.size(path) or 0
        if number < last:
            below.put(tree)
    least -= sum(1 for path in special if path not in first)
    wanted: dict[int, set[str]] = {}
    for path in more:
        wanted.setdefault(first[path], set()).add(path)
    for number, paths in wanted.items():
        sizes = dict.fromkeys(paths, 0) | {path: size for path, size in _sizes(layers[number]) if path in paths}
        for path in paths:
            own = special.get(path, _NOTHING)
            more[path].insert(0, (number, own if own != _NOTHING else sizes[path]))
    wasted = []
    for path, counts in more.items():
        sizes_ = [size for _, size in counts]
        least += min(sizes_) - sizes_[0]
        wasted.append(Counted(path, sum(sizes_), tuple(number for number, _ in counts)))
    wasted.sort(key=lambda counted: (-counted.bytes, counted.path))
    return Score(least / total if total else 1.0, tuple(wasted))


def _sizes(files: Files) -> Iterator[tuple[str, int]]:
    return zip(files.paths, files.sizes, strict=True)


class _Tree:
    """One layer: its nodes, those that no entry names included."""

    def __init__(self, files: Files, room: Room) -> None:
        self.files = files
        self._room = room  # for directories
        marks = files.marks()
        self.marks = [i for i in marks if not _name(files.paths[i]).startswith(_AUFS)]
        self.nodes = dict(zip(files.paths, range(len(files)), strict=True))
        self.folders: set[str] = set()  # nodes with something in them
        self.implied: set[str] = set()
        for i in marks:
            self.nodes.pop(files.paths[i], None)
        folders = self.folders
        for path in self.nodes:
            parent = path[: path.rfind("/")]
            if parent not in folders:
                self._above(parent)
        for i in self.marks:
            self._above(files.paths[i][: files.paths[i].rfind("/")])
        for i in set(marks).difference(self.marks):  # names a directory, but is nothing in it
            parent = files.paths[i][: files.paths[i].rfind("/")]
            if parent and parent not in self.nodes:
                self.implied.add(parent)
            self._above(parent[: parent.rfind("/")])

    def _above(self, folder: str) -> None:
        """Something lies in this directory."""
        while folder and folder not in self.folders:
            self._room.take(len(folder))
            self.folders.add(folder)
            if folder not in self.nodes:
                self.implied.add(folder)
            folder = folder[: folder.rfind("/")]

    def leaves(self, below: _Below) -> Iterator[tuple[str, int]]:
        """Path and count of each leaf, up to a whiteout of nothing."""
        targets = {i: _target(self.files.paths[i]) for i in self.marks}
        counted = {target: below.size(target) for target in set(targets.values())}  # one may be named many times
        hidden = {i: counted[target] for i, target in targets.items()}
        missing = [self.files.paths[i].split("/") for i, size in hidden.items() if size is None]
        end = min(missing) if missing else None
        sizes, folders = self.files.sizes, self.folders
        for path, i in self.nodes.items():
            if path not in folders and (end is None or path.split("/") < end):
                yield path, sizes[i]
        for path in self.implied:
            if path not in folders and (end is None or path.split("/") < end):
                yield path, 0
        for i, size in hidden.items():
            written = self.files.paths[i]
            if end is None or written.split("/") <= end:
                yield _target(written), _NOTHING if size is None else size


class _Below:
    """Lower layers stacked, as dive stacks them."""

    def __init__(self) -> None:
        self._nodes: dict[str, tuple[int, bool]] = {}  # size, and whether an entry says that it is a directory
        self._sorted: list[str] = []

    def size(self, path: str) -> int | None:
        """What a whiteout of `path` counts; None if it is not there."""
        node = self._nodes.get(path)
        if node is None:
            return None
        if not node[1]:
            return 0
        return node[0] + sum(self._nodes[inner][0] for inner in self._inside(path))

    def put(self, tree: _Tree) -> None:
        """Puts one more layer on top."""
        late = []
        for i in tree.marks:
            path = _target(tree.files.paths[i])
            if _name(path) < _name(tree.files.paths[i]):  # in the order of names its own layer's comes first
                late.append(path)
            else:
                self._remove(path)
        sizes, kinds, nodes = tree.files.sizes, tree.files.kinds, self._nodes
        for path in tree.implied:
            nodes[path] = (0, False)
        for path, i in tree.nodes.items():
            nodes[path] = (sizes[i], kinds[i] == DIR)
        self._sorted = []
        for path in late:
            self._remove(path)

    def _remove(self, path: str) -> None:
        if path in self._nodes:
            for inner in self._inside(path):
                del self._nodes[inner]
            del self._nodes[path]

    def _inside(self, path: str) -> list[str]:
        if not self._sorted:
            self._sorted = sorted(self._nodes)
        inside = path + "/"
        found = []
        for at in range(bisect_left(self._sorted, inside), len(self._sorted)):
            if not self._sorted[at].startswith(inside):
                break
            if self._sorted[at] in self._nodes:  # the list may be older than a removal
                found.append(self._sorted[at])
        return found


def _name(path: str) -> str:
    return path[path.rfind("/") + 1 :]


def _target(path: str) -> str:
    return f"{path[: path.rfind('/')]}/{_name(path).removeprefix(_MARK)}"
