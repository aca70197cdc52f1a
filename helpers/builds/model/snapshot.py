"""The build context as it lay there at one moment: each file's kind, mode, size, time and the sum of its content."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

FILE, LINK, DIRECTORY, OTHER = "file", "link", "dir", "other"
LETTERS = {FILE: "f", LINK: "l", DIRECTORY: "d", OTHER: "o"}
_KINDS = {letter: kind for kind, letter in LETTERS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file. kind: "file", "link", "dir" or "other" (a socket, a device).

    mode: permission bits. size: bytes. mtime: nanoseconds since 1970. sum: of the content, made with the learner's key;
    a link's target; "" for what has no content, or none that can be read.
    """

    kind: str
    mode: int
    size: int
    mtime: int
    sum: str


Snapshot: TypeAlias = Mapping[str, Entry]  # by POSIX path relative to the context's root, without what is left out


@dataclass(frozen=True, eq=False)
class Columns(Mapping[str, Entry]):
    """A snapshot with one column for each thing: 20,000 objects are slow to make, to keep and to read.

    kinds: a letter for each file, of LETTERS. times: mtime.
    """

    paths: tuple[str, ...] = ()
    kinds: str = ""
    modes: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()
    times: tuple[int, ...] = ()
    sums: tuple[str, ...] = ()

    def __getitem__(self, path: str) -> Entry:
        return self._entry(self._places[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    def __contains__(self, path: object) -> bool:
        return path in self._places

    @cached_property
    def _places(self) -> dict[str, int]:
        return {path: place for place, path in enumerate(self.paths)}

    def _entry(self, at: int) -> Entry:
        return Entry(
            kind=_KINDS[self.kinds[at]], mode=self.modes[at], size=self.sizes[at], mtime=self.times[at],
            sum=self.sums[at],
        )  # fmt: skip

    @classmethod
    def of(cls, files: Snapshot) -> Columns:
        """The columns of a snapshot."""
        if isinstance(files, Columns):
            return files
        found = files.values()
        return cls(
            paths=tuple(files),
            kinds="".join(LETTERS[one.kind] for one in found),
            modes=tuple(one.mode for one in found),
            sizes=tuple(one.size for one in found),
            times=tuple(one.mtime for one in found),
            sums=tuple(one.sum for one in found),
        )

    def same(self, other: Columns) -> bool:
        """True if a build takes the same of both, as far as a quick look tells: another order of the files may be."""
        return (self.paths, self.kinds, self.modes, self.sums) == (other.paths, other.kinds, other.modes, other.sums)

    def unseen(self, then: Columns) -> frozenset[str]:
        """Files with other content of which size, mode and time are as they were."""
        if (self.paths, self.sums) == (then.paths, then.sums):
            return frozenset()
        found = set()
        for path, at in self._places.items():
            was = then._places.get(path)
            if was is None or not self.kinds[at] == then.kinds[was] == LETTERS[FILE]:
                continue
            if self.sums[at] == then.sums[was] or not (self.sums[at] and then.sums[was]):  # no sum: nobody took it
                continue
            now_, then_ = ((one.sizes[n], one.times[n], one.modes[n]) for one, n in ((self, at), (then, was)))
            if now_ == then_:
                found.add(path)
        return frozenset(found)

    def having(self, paths: Iterable[str], then: Columns) -> Columns:
        """The same, where these files have the content that they had then."""
        sums = list(self.sums)
        for path in paths:
            sums[self._places[path]] = then.sums[then._places[path]]
        return replace(self, sums=tuple(sums))

    def as_json(self) -> dict[str, Any]:
        """A value that JSON can hold."""
        return {
            "paths": self.paths,
            "kinds": self.kinds,
            "modes": packed(self.modes),
            "sizes": packed(self.sizes),
            "times": packed(self.times),
            "sums": self.sums,
        }

    @classmethod
    def read(cls, row: Any) -> Columns:
        """What `as_json` gave.

        Raises: TypeError, KeyError or ValueError if it is damaged.
        """
        kinds = row["kinds"]
        found = cls(
            paths=texts(row["paths"]),
            kinds=kinds,
            modes=unpacked(row["modes"]),
            sizes=unpacked(row["sizes"]),
            times=unpacked(row["times"]),
            sums=texts(row["sums"]),
        )
        columns = (found.modes, found.sizes, found.times, found.sums, kinds)
        if not isinstance(kinds, str) or set(kinds) - _KINDS.keys() or any(len(found.paths) != len(c) for c in columns):
            raise ValueError(kinds)
        return found


def packed(numbers: Sequence[int]) -> str:
    """Whole numbers of 64 bits as one text: JSON takes ten times as long to read 20,000 of them one by one."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}q", *numbers)).decode("ascii")


def unpacked(text: object) -> tuple[int, ...]:
    """What `packed` gave. Raises: TypeError or ValueError if it is damaged."""
    if not isinstance(text, str):
        raise TypeError(text)
    data = base64.b64decode(text, validate=True)
    if len(data) % 8:
        raise ValueError(len(data))
    return struct.unpack(f"<{len(data) // 8}q", data)


def texts(found: object) -> tuple[str, ...]:
    """A column of texts. Raises: TypeError if it is damaged."""
    if not isinstance(found, list | tuple) or set(map(type, found)) - {str}:
        raise TypeError(found)
    return tuple(found)
