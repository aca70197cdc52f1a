"""The plain form of tar that `docker save` writes, in which every reader finds the same members.

A tar can be written so that two programs find different files in it: by names that only become the same once they are
tidied up, by links, by extended headers that one program follows and the other does not, by a header at which one of
them stops. What was looked at here is then not what an engine loads. So whatever has two readings is refused.
"""

from __future__ import annotations

import posixpath
import re

from helpers.oci.tar_header import BLOCK_SIZE, ZEROS, text

_NUMBERS = ((100, 108), (108, 116), (116, 124), (124, 136), (136, 148), (148, 156), (329, 337), (337, 345))
_OCTAL = re.compile(rb" *[0-7]*[ \0]*")
_MAGIC = (b"ustar\00000", b"ustar  \0")
_FILE, _LINKS, _FOLDER, _EXTENDED = (b"0", b"\0"), (b"1", b"2"), b"5", b"x"
_LARGEST = 64 << 10  # bytes of an extended header; those of docker save are far smaller
_RECORD = re.compile(rb"([1-9][0-9]{0,5}) ([^=\n]+)=")
# what extended headers may say: nothing about an entry's name, and of its size one number
_SAYS = re.compile(rb"size|[amc]time|[ug]id|[ug]name|comment|(SCHILY\.xattr|LIBARCHIVE)\..+")
NO_END = "it has no end"
_ODD = "it is written in another form of tar than docker save's, which engines may read in another way"


class PlainTar:
    """Takes the bytes of a tar as they come, and says at the end whether they have one reading only."""

    def __init__(self) -> None:
        self.problem = ""
        self._block = bytearray()
        self._left = 0  # bytes until the next header
        self._body: bytearray | None = None  # of an extended header
        self._length = 0
        self._extended = False  # one came, and its entry is next
        self._size: int | None = None  # which it gave
        self._zeros = 0
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def feed(self, piece: bytes) -> None:
        """Takes the next bytes."""
        at = 0
        while at < len(piece) and not self.problem:
            if self._zeros > 1:
                if piece.count(0, at) != len(piece) - at:
                    self.problem = "it goes on behind its end"
                return
            if self._left:
                taken = piece[at : at + self._left] if self._body is not None else b""
                at, self._left = at + min(self._left, len(piece) - at), max(0, self._left - (len(piece) - at))
                if self._body is not None:
                    self._body += taken
                    if not self._left:
                        self._records(bytes(self._body[: self._length]))
                continue
            taken = piece[at : at + BLOCK_SIZE - len(self._block)]
            at += len(taken)
            self._block += taken
            if len(self._block) == BLOCK_SIZE:
                self._header(bytes(self._block))
                self._block.clear()

    def end(self) -> str:
        """What is wrong; nothing if each reader finds the same. To be asked after the last byte."""
        if not self.problem and (self._zeros < 2 or self._left or self._extended):
            self.problem = NO_END
        return self.problem

    def _header(self, block: bytes) -> None:
        if block == ZEROS:
            self._zeros += 1
            return
        if self._zeros:
            self.problem = "it goes on behind its end"
            return
        size = _size(block)
        kind = block[156:157]
        if size is None or block[257:265] not in _MAGIC or any(block[345:]):
            self.problem = _ODD
        elif kind == _EXTENDED:
            if self._extended or not 0 < size <= _LARGEST:
                self.problem = _ODD
                return
            self._extended, self._body, self._length = True, bytearray(), size
            self._left = -(-size // BLOCK_SIZE) * BLOCK_SIZE
        else:
            given, self._size, self._extended = self._size, None, False
            if kind in _FILE:
                size = size if given is None else given
                self._left = -(-size // BLOCK_SIZE) * BLOCK_SIZE
            elif size or given is not None:
                self.problem = _ODD
                return
            self._entry(text(block[:100].partition(b"\0")[0]), kind, text(block[157:257].partition(b"\0")[0]))

    def _entry(self, name: str, kind: bytes, target: str) -> None:
        if kind not in {*_FILE, *_LINKS, _FOLDER}:
            self.problem = "it holds a device, a pipe or another thing that docker save never writes"
            return
        if kind == _FOLDER:
            name = name.removesuffix("/")
        if name.startswith(("/", "../")) or name == "..":
            self.problem = "it holds a path that leads out of it"
        elif name in ("", ".") or posixpath.normpath(name) != name:
            self.problem = f"it holds a file by a roundabout path ({name[:80]!a}), which engines take for the short one"
        elif kind in _LINKS and not _leads_to_layer(name, kind, target):
            self.problem = f"it holds a link where docker save writes none ({name[:80]!a})"
        if self.problem:
            return
        above = _above(name)
        if name in self._files or (kind != _FOLDER and name in self._folders):
            self.problem = f"it holds a file twice ({name[:80]!a})"
        elif not self._files.isdisjoint(above):
            self.problem = f"it holds a file below another file or a link ({name[:80]!a})"
        self._folders.update(above)
        (self._folders if kind == _FOLDER else self._files).add(name)

    def _records(self, body: bytes) -> None:
        self._body = None
        at, keys = 0, set[bytes]()
        while at < len(body):
            found = _RECORD.match(body, at)
            end = at + int(found[1]) if found else 0
            if not found or end <= found.end() or body[end - 1 : end] != b"\n" or found[2] in keys:
                self.problem = _ODD
                return
            key, value = found[2], body[found.end() : end - 1]
            keys.add(key)
            at = end
            if not _SAYS.fullmatch(key) or (key == b"size" and not re.fullmatch(rb"[0-9]{1,18}", value)):
                self.problem = _ODD
                return
            if key == b"size":
                self._size = int(value)


def _size(block: bytes) -> int | None:
    """The size that the header gives; None if one of its numbers, or its check sum, is not as every reader reads it."""
    if not all(_OCTAL.fullmatch(block[start:end]) for start, end in _NUMBERS if block[start] != 0x80 or end == 156):
        return None
    # numbers too large for octal digits follow this byte
    large = [int.from_bytes(block[start + 1 : end], "big") for start, end in _NUMBERS if block[start] == 0x80]
    if any(value >= 1 << 62 for value in large):
        return None
    if sum(block) - sum(block[148:156]) + 8 * 32 != int(block[148:156].strip(b" \0") or b"0", 8):
        return None
    if block[124] == 0x80:
        return int.from_bytes(block[125:136], "big")
    return int(block[124:136].strip(b" \0") or b"0", 8)


def _leads_to_layer(name: str, kind: bytes, target: str) -> bool:
    """Only a layer may be a link, and only to a layer: any other could lead an engine past what was looked at."""
    place = posixpath.normpath(posixpath.join(posixpath.dirname(name), target) if kind == b"2" else target)
    return name.endswith(".tar") and place.endswith(".tar") and not place.startswith(("/", "../"))


def _above(name: str) -> list[str]:
    """The folders that an entry lies in."""
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
