"""The files of one layer, as its tar lists them: columns, because a layer may hold 90,000 of them.

Also how these columns become bytes for the cache, and come back. No pickle: a damaged or foreign file of the cache
must never run anything.
"""

from __future__ import annotations

import posixpath
import sys
import zlib
from array import array
from dataclasses import dataclass, field

FILE, DIR, SYMLINK, HARDLINK, CHAR, BLOCK, FIFO = b"fdlhcbp"
KINDS = {
    FILE: "file",
    DIR: "dir",
    SYMLINK: "symlink",
    HARDLINK: "hardlink",
    CHAR: "device",
    BLOCK: "device",
    FIFO: "fifo",
}
SHA256, CRC64 = "sha256", "crc64"  # what contents are told apart by
WIDTH = {SHA256: 32, CRC64: 8}  # bytes of one check sum
WHITEOUT = "/.wh."
OPAQUE = "/.wh..wh..opq"
FORMATS = {SHA256: b"containers-unpacked layer 1\n", CRC64: b"containers-unpacked layer 1 crc64\n"}
MOST = 1 << 31  # bytes that one layer's columns may unpack to: a file that says more is damaged


class NotColumns(ValueError):
    """The bytes are no columns of a layer, or no longer whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Files:
    """What one layer's tar holds, in its order. Whiteouts are kept as they are written: "/etc/.wh.motd".

    paths: absolute; undecodable bytes as surrogate escapes. kinds: a letter each, see the names above. sizes: bytes of
    regular files, holes included; else 0. modes: permission bits with set-id and sticky. mtimes: seconds since 1970.
    links: by index, the target of a link as written, the numbers of a device. sums: SHA256 or CRC64. digests: that
    check sum of each regular file, WIDTH bytes; zeros for other entries.
    """

    sums: str = SHA256

    paths: list[str] = field(default_factory=list)
    kinds: bytearray = field(default_factory=bytearray)
    sizes: array[int] = field(default_factory=lambda: array("q"))
    modes: array[int] = field(default_factory=lambda: array("q"))
    uids: array[int] = field(default_factory=lambda: array("q"))
    gids: array[int] = field(default_factory=lambda: array("q"))
    mtimes: array[int] = field(default_factory=lambda: array("q"))
    links: dict[int, str] = field(default_factory=dict)
    digests: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def size(self) -> int:
        """Bytes of the regular files together."""
        return sum(self.sizes)

    @property
    def names(self) -> int:
        """Bytes of their paths and links together."""
        return sum(map(len, self.paths)) + sum(map(len, self.links.values()))

    def digest(self, index: int) -> bytes:
        """The check sum of a regular file."""
        width = WIDTH[self.sums]
        return bytes(self.digests[index * width : (index + 1) * width])

    def heads(self) -> array[int]:
        """The first 8 bytes of each check sum, as a number."""
        found = array("Q")
        found.frombytes(self.digests)
        return found[:: WIDTH[self.sums] // 8]

    def add(
        self,
        path: str,
        kind: int,
        *,
        size: int = 0,
        mode: int = 0o644,
        uid: int = 0,
        gid: int = 0,
        mtime: int = 0,
        link: str = "",
        digest: bytes = b"",
    ) -> None:
        """One more entry."""
        if link:
            self.links[len(self.paths)] = link
        self.paths.append(path)
        self.kinds.append(kind)
        self.sizes.append(size)
        self.modes.append(mode)
        self.uids.append(uid)
        self.gids.append(gid)
        self.mtimes.append(mtime)
        self.digests.extend(digest or bytes(WIDTH[self.sums]))

    def marks(self) -> list[int]:
        """The indexes of whiteouts and opaque markers: what is there to hide something, and is no file itself."""
        return [
            i for i, path in enumerate(self.paths) if WHITEOUT in path and path.startswith(WHITEOUT, path.rfind("/"))
        ]

    def to_bytes(self) -> bytes:
        """The columns as bytes, with a check sum of their own."""
        names = "\0".join(self.paths).encode("utf-8", "surrogateescape")
        where = array("q", self.links)
        links = "\0".join(self.links.values()).encode("utf-8", "surrogateescape")
        numbers = (self.sizes, self.modes, self.uids, self.gids, self.mtimes, where)
        parts = [names, links, bytes(self.kinds), bytes(self.digests), *map(_little, numbers)]
        head = array("q", [len(self.paths), len(self.links), *map(len, parts)])
        body = zlib.compress(b"".join([_little(head), *parts]), 1)
        return FORMATS[self.sums] + zlib.crc32(body).to_bytes(4, "little") + body

    @classmethod
    def from_bytes(cls, data: bytes, sums: str = SHA256) -> Files:
        """What `to_bytes` gave, for columns with these check sums.

        Raises: NotColumns if the bytes are something else, of another version, or damaged.
        """
        start = len(FORMATS[sums]) + 4
        body = memoryview(data)[start:]
        if not data.startswith(FORMATS[sums]) or zlib.crc32(body).to_bytes(4, "little") != data[start - 4 : start]:
            raise NotColumns("no columns of a layer, or damaged")
        try:
            unpack = zlib.decompressobj()
            plain = unpack.decompress(body, MOST)
        except zlib.error as error:
            raise NotColumns(str(error)) from error
        if not unpack.eof or len(plain) < 12 * 8:
            raise NotColumns("cut off")
        return cls._read(memoryview(plain), sums)

    @classmethod
    def _read(cls, plain: memoryview, sums: str) -> Files:
        count, linked, *lengths = _numbers(plain[: 12 * 8])
        parts, at = [], 12 * 8
        for length in lengths:
            parts.append(plain[at : at + length])
            at += length
        names, links, kinds, digests, *numbers = parts
        sizes, modes, uids, gids, mtimes, where = map(_numbers, numbers)
        paths = str(names, "utf-8", "surrogateescape").split("\0") if count else []
        targets = str(links, "utf-8", "surrogateescape").split("\0") if linked else []
        columns = (paths, kinds, sizes, modes, uids, gids, mtimes)
        if at != len(plain) or any(len(c) != count for c in columns) or len(digests) != count * WIDTH[sums]:
            raise NotColumns("columns of different lengths")
        if len(where) != linked or len(targets) != linked or not set(bytes(kinds)) <= KINDS.keys():
            raise NotColumns("links without their targets, or an unknown kind")
        return cls(
            sums,
            paths,
            bytearray(kinds),
            sizes,
            modes,
            uids,
            gids,
            mtimes,
            dict(zip(where, targets, strict=True)),
            bytearray(digests),
        )


def _little(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _numbers(data: memoryview) -> array[int]:
    if len(data) % 8:
        raise NotColumns("numbers cut off")
    found = array("q")
    found.frombytes(data)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def absolute(name: str) -> str:
    """A name as tar writes it, "./etc/passwd", as a path: "/etc/passwd"."""
    return "/" + posixpath.normpath("/" + name).lstrip("/")
