"""The tar that saved images lie in: its files one after the other, each read once, and little of it kept.

Everything that reads what `docker save` writes begins here. Strict is for files that go on to an engine, which must
find in them what was looked at; lenient for what an engine sent.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from helpers.oci import compression, tar_header
from helpers.oci.layer_files import FILE, HARDLINK, SYMLINK
from helpers.oci.layer_tar import Source, Tar
from helpers.oci.plain_tar import PlainTar
from helpers.oci.tar_header import BLOCK_SIZE, DamagedTar

T = TypeVar("T")

CHUNK = 1 << 20  # bytes of a file at once
SMALL = 4 << 20  # bytes; configs and manifests are far smaller, and only these are kept
KEPT = 64 << 20  # bytes of them and of names together
MANY = 1 << 16  # entries: an image has at most some hundred


@dataclass(slots=True)
class Entry:
    """One file, to be read before the next is asked for. name: without detours. size: bytes in the tar."""

    name: str
    size: int
    start: bytes  # its first block
    source: Source

    @property
    def packing(self) -> bytes:
        """How it is compressed: GZIP, ZSTD or b""."""
        return compression.packing(self.start)

    @property
    def is_layer(self) -> bool:
        """True for what begins like a tar, plain or compressed; an empty tar is zeros."""
        start = self.start
        return bool(self.packing) or (
            len(start) == BLOCK_SIZE and (start == tar_header.ZEROS or tar_header.is_header(start))
        )

    def parts(self) -> Iterator[memoryview]:
        """Its content.

        Raises: DamagedTar if it was cut off.
        """
        return self.source.parts(self.size)

    def inside(self, work: Callable[[Source, int | None], T]) -> T:
        """Does `work` on the tar that it is, unpacked on the way, up to the position that is handed over.

        Raises: DamagedTar.
        """
        if not self.packing:
            return work(self.source, self.source.position + self.size)
        inner = Source(compression.unpacked(self.packing, self.parts()))
        found = work(inner, None)
        for _ in inner.rest():
            pass
        return found


class SavedTar:
    """A tar of saved images. small: content of small files, by name. links: name → name. names: of all files."""

    def __init__(self, pieces: Iterable[bytes] | Source, *, strict: bool = False) -> None:
        self.small: dict[str, bytes] = {}
        self.links: dict[str, str] = {}
        self.names: set[str] = set()
        self.twice = ""  # a name that two of them have
        self._plain = PlainTar() if strict else None
        self.source = pieces if isinstance(pieces, Source) else Source(self._fed(pieces))
        self._kept = 0

    def _fed(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            if self._plain is not None:
                self._plain.feed(piece)
            yield piece

    def entries(self) -> Iterator[Entry]:
        """Each file. What is left unread of one is passed over.

        Raises: DamagedTar.
        """
        tape = Tar(self.source)
        for head in tape.heads():
            name = posixpath.normpath(head.path.lstrip("/"))
            self.twice = self.twice or (name if name in self.names or name in self.links else "")
            self._count(len(name) + len(head.link))
            if head.kind == SYMLINK:
                self.links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), head.link))
            elif head.kind == HARDLINK:
                self.links[name] = posixpath.normpath(head.link)
            elif head.kind == FILE:
                self.names.add(name)
                end = self.source.position + head.stored
                yield Entry(name, head.stored, self.source.peek(min(BLOCK_SIZE, head.stored)), self.source)
                self.source.skip(end - self.source.position)
                tape.pad(head.stored)

    def layers(self) -> Iterator[Entry]:
        """Each file that is, or may be, a layer; of the others, the small ones are kept.

        Raises: DamagedTar.
        """
        for entry in self.entries():
            if entry.is_layer:
                yield entry
            elif entry.size <= SMALL:
                self.keep(entry.name, self.source.take(entry.size))

    def keep(self, name: str, content: bytes) -> None:
        """Notes the content of a small file.

        Raises: DamagedTar if it becomes more than any image has.
        """
        self._count(len(content))
        self.small[name] = content

    def _count(self, size: int) -> None:
        self._kept += size + KEPT // MANY
        if self._kept > KEPT:
            raise DamagedTar("it holds far more than an image has beside its layers")

    def problem(self) -> str:
        """Reads what lies behind the last entry. Why a strict file has more than one reading; "" if it has one."""
        for _ in self.source.rest():
            pass
        if self.twice:
            return "it holds a file twice"
        return self._plain.end() if self._plain is not None else ""
