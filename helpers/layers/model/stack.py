"""Layers put one on the other, as a container sees them: what each one adds, changes and hides.

The rules are OCI's, and what engines do where OCI is silent:

1. A whiteout hides what lower layers hold, never what its own layer holds. An opaque directory hides all that lower
   layers hold in it.
2. What is no directory replaces a directory with all that is in it. A directory listed again keeps what is in it.
3. A directory that a layer does not list, though it lists something in it, is there all the same.
4. Names of one file (hard links) share its bytes: they are hidden only when the last name is.
5. A path through a symbolic link of the same layer leads where the link leads; one of a lower layer is replaced.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from helpers.oci import layer_files
from helpers.oci.layer_files import DIR, FILE, HARDLINK, OPAQUE, SYMLINK, WHITEOUT, Files
from helpers.oci.tar_header import Room

SAME, ADDED, MODIFIED, METADATA = range(4)  # SAME: nothing to tell; a mark, or a directory only listed again
_LINKS = 40  # symbolic links followed in one path, as Linux does


@dataclass(slots=True)
class Change:
    """What one layer did.

    codes: one for each entry of its tar. removed: path and id of what it took away. moved: entries that lie elsewhere
    than their name says, because a symbolic link led them there.
    """

    codes: bytearray
    removed: list[tuple[str, int]] = field(default_factory=list)
    moved: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Stacked:
    """The file system after the last layer, and how it came to be.

    An id counts entries over all layers: bases[layer] + index. A negative one is a directory that no tar lists:
    -1 - layer. state: path → id. inodes: id of a hard link → id of the regular file whose bytes it names.
    hidden: id of a regular file, and the layer that hid it.
    """

    layers: Sequence[Files]
    bases: list[int] = field(default_factory=list)
    state: dict[str, int] = field(default_factory=dict)
    inodes: dict[int, int] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    hidden: list[tuple[int, int]] = field(default_factory=list)

    def place(self, number: int) -> tuple[int, int]:
        """Layer and index of an id that is not negative."""
        layer = bisect_right(self.bases, number) - 1
        return layer, number - self.bases[layer]

    def kind(self, number: int) -> int:
        """The letter of its kind."""
        if number < 0:
            return DIR
        layer, index = self.place(number)
        return self.layers[layer].kinds[index]


def stack(layers: Sequence[Files]) -> Stacked:
    """Puts the layers one on the other, the lowest first.

    Raises: DamagedTar if that takes more directories than any image has.
    """
    found = Stacked(layers)
    room = Room()
    names: dict[int, int] = {}
    base = 0
    for number, files in enumerate(layers):
        found.bases.append(base)
        _Layer(found, number, names, room).put()
        base += len(files)
    return found


class _Layer:
    """One layer on its way to the top."""

    def __init__(self, found: Stacked, number: int, names: dict[int, int], room: Room) -> None:
        self.found, self.state = found, found.state
        self.number, self.base, self.files = number, found.bases[number], found.layers[number]
        self.change = Change(bytearray(len(self.files)))
        self._names = names  # id of a regular file → how many names it has, where that is not one
        self._gone: dict[str, int] = {}  # lower things taken away, until something takes their place
        self._lost: dict[int, None] = {}  # regular files that lost a name
        self._parents: dict[str, str] = {"": ""}  # directories seen to be there → where they really are
        self._room = room  # for directories; one that is made anew over and over takes it each time
        self._nowhere: set[int] = set()  # hard links that lead to no file
        self._inside: dict[str, list[str]] | None = None  # what lies in each directory, from the first that is emptied

    def put(self) -> None:
        """Puts it on top."""
        found, files, state, base = self.found, self.files, self.state, self.base
        codes, kinds, gone, moved = self.change.codes, files.kinds, self._gone, self.change.moved
        marks = files.marks()
        self._hide(marks)
        skip, links = set(marks), []
        for i, path in enumerate(files.paths):
            if i in skip:
                continue
            parent = path[: path.rfind("/")]
            real = self._parents.get(parent)
            if real is None:
                real = self._need(parent)
            if real != parent:
                path = moved[i] = real + path[len(parent) :]
            old = state.get(path)
            kind = kinds[i]
            if old is not None:
                if kind == DIR and found.kind(old) == DIR:
                    state[path] = base + i
                    codes[i] = self._compare(old, base + i)
                    continue
                self._take(path, old)
            elif self._inside is not None:
                self._inside.setdefault(path[: path.rfind("/")], []).append(path)
            state[path] = base + i
            if kind == HARDLINK:
                links.append((i, path))
                continue
            lower = gone.pop(path, None) if gone else None
            codes[i] = ADDED if lower is None else self._compare(lower, base + i)
        for i, path in links:  # after all others: a link may come before its target
            if state.get(path) == base + i:
                self._link(i)
                lower = gone.pop(path, None)
                codes[i] = ADDED if lower is None else self._compare(lower, base + i)
        self.change.removed = sorted(gone.items())
        found.changes.append(self.change)
        found.hidden += [(inode, self.number) for inode in self._lost if self._names.get(inode, 1) <= 0]

    def _hide(self, marks: Iterable[int]) -> None:
        deep = []  # directories that lose all that is in them
        for i in marks:
            path = self.files.paths[i]
            folder, _, name = path.rpartition("/")
            if name.startswith(".wh..wh."):  # aufs had more such marks, which hide nothing
                if path.endswith(OPAQUE):
                    deep.append(self._need(folder))
                continue
            target = f"{self._need(folder)}/{name.removeprefix(WHITEOUT[1:])}"
            old = self.state.get(target)
            if old is not None:
                del self.state[target]
                self._lose(target, old)
                if self.found.kind(old) == DIR:
                    deep.append(target)
        for folder in deep:
            self._empty(folder)
        self._parents = {"": ""}

    def _take(self, path: str, old: int) -> None:
        """Takes away what is at `path`, and what is in it."""
        self._lose(path, old)
        if self.found.kind(old) == DIR:
            self._parents = {"": ""}
            self._empty(path)

    def _empty(self, folder: str) -> None:
        """Takes away all that is below a directory."""
        if self._inside is None:
            self._inside = {}
            for path in self.state:
                self._inside.setdefault(path[: path.rfind("/")], []).append(path)
        folders = [folder]
        while folders:
            for path in self._inside.pop(folders.pop(), ()):
                old = self.state.pop(path, None)
                if old is not None:
                    self._lose(path, old)
                    folders.append(path)

    def _lose(self, path: str, old: int) -> None:
        """Something at `path` is no more to be seen."""
        if old < self.base:
            self._gone[path] = old
        inode = self.found.inodes.get(old, old)
        if self.found.kind(inode) == FILE:
            self._names[inode] = self._names.get(inode, 1) - 1
            self._lost[inode] = None

    def _need(self, path: str, links: int = 0) -> str:
        """Makes sure that there is a directory at `path`, as unpacking would; where it really is."""
        missing = []  # the highest one last; no recursion: they may be a thousand
        while (real := self._parents.get(path)) is None:
            self._room.take(len(path))
            missing.append(path)
            path = path[: path.rfind("/")]
        for path in reversed(missing):
            real = self._make(path, f"{real}{path[path.rfind('/') :]}", links)
        return real

    def _make(self, path: str, real: str, links: int) -> str:
        """Makes sure that there is a directory at `path`, which is `real` unless that is a link; where it really is."""
        old = self.state.get(real)
        if old is not None and old >= self.base and self.found.kind(old) == SYMLINK and links < _LINKS:
            target = self.files.links.get(old - self.base, "")
            real = self._need(
                layer_files.absolute(posixpath.join(posixpath.dirname(real), target)).rstrip("/"), links + 1
            )
        elif old is None or self.found.kind(old) != DIR:
            if old is not None:
                self._take(real, old)
            elif self._inside is not None:
                self._inside.setdefault(real[: real.rfind("/")], []).append(real)
            self._gone.pop(real, None)
            self.state[real] = -1 - self.number
        self._parents[path] = real
        return real

    def _link(self, index: int) -> None:
        """Finds the regular file that a hard link is one more name of."""
        number, seen = self.base + index, set[int]()
        while self.found.kind(number) == HARDLINK and number not in self.found.inodes:
            if number in seen or number in self._nowhere or number < self.base:
                self._nowhere |= seen
                return
            seen.add(number)
            target = layer_files.absolute(self.files.links.get(number - self.base, ""))
            parent = target[: target.rfind("/")]
            target = self._parents.get(parent, parent) + target[len(parent) :]
            number = self.state.get(target, self.base + index)
        inode = self.found.inodes.get(number, number)
        self.found.inodes.update(dict.fromkeys(seen, inode))  # links to links are followed once
        self.found.inodes[self.base + index] = inode
        self._names[inode] = self._names.get(inode, 1) + 1

    def _compare(self, old: int, new: int) -> int:
        if self.found.kind(old) == DIR == self.found.kind(new):
            return SAME if self._looks(old) == self._looks(new) else METADATA
        return METADATA if self._content(old) == self._content(new) else MODIFIED

    def _looks(self, number: int) -> tuple[int, int, int]:
        if number < 0:
            return 0o755, 0, 0
        layer, i = self.found.place(number)
        files = self.found.layers[layer]
        return files.modes[i], files.uids[i], files.gids[i]

    def _content(self, number: int) -> tuple[object, ...]:
        number = self.found.inodes.get(number, number)
        if number < 0:
            return (DIR,)
        layer, i = self.found.place(number)
        files = self.found.layers[layer]
        return files.kinds[i], files.sizes[i], files.links.get(i, ""), files.digest(i)
