"""What the 512-byte headers of a tar say, and the extended headers before them: pure, byte by byte.

tarfile does the same for whole archives, at several times the time and memory.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.oci.layer_files import BLOCK, CHAR, DIR, FIFO, HARDLINK, SYMLINK

BLOCK_SIZE = 512
ZEROS = bytes(BLOCK_SIZE)
_MOD = 65521  # adler32 is a sum of bytes modulo this, with 1 to start from, in its lower half
_BINARY = (0x80, 0xFF)
_ENDS = b"\0 "
PAX, GNU_NAME, GNU_LINK, SPARSE, GLOBAL = b"xLKSg"
KIND_OF = {ord("1"): HARDLINK, ord("2"): SYMLINK, ord("3"): CHAR, ord("4"): BLOCK, ord("5"): DIR, ord("6"): FIFO}
WITHOUT_BODY = frozenset(KIND_OF.values())
ABOUT_THE_TAR = frozenset(b"gXV")  # global headers, which Docker passes over, Solaris' attributes, a volume's label
Part = tuple[int, int]  # of a file with holes: where it lies in the file, and how long it is
NAMES = 128 << 20  # bytes of names that one image may have: 800,000 files with paths of 70 letters
ENTRY = 96  # bytes that an entry counts beside its name: an entry without one takes memory, too
HOLES = 1 << 33  # bytes of holes that are counted into check sums: beyond, a check sum tells the list of parts


class DamagedTar(ValueError):
    """The bytes are no tar, or no longer whole. found: what was there instead, if it may tell more."""

    def __init__(self, reason: str, found: bytes = b"") -> None:
        self.found = found
        super().__init__(reason)


@dataclass(slots=True)
class Room:
    """What the layers of one image may still take of this computer. Names shrink to a thousandth when compressed.

    names: bytes. holes: bytes; a hole of 8 GB is a number in a header, and half a minute's work.
    """

    names: int = NAMES
    holes: int = HOLES

    def take(self, size: int) -> None:
        """Takes so many bytes of names.

        Raises: DamagedTar if there are no more so many.
        """
        self.names -= size
        if self.names < 0:
            raise DamagedTar(f"its files have more than {NAMES >> 20} MB of names, far more than any image has")


@dataclass(slots=True)
class Extended:
    """What extended headers say of the entry after them; None where they say nothing.

    parts: of a file with holes, as pax 0.0 and 0.1 list them. version1: the list lies before the content (pax 1.0).
    real: size of such a file with its holes.
    """

    path: bytes | None = None
    link: bytes | None = None
    size: int | None = None
    uid: int | None = None
    gid: int | None = None
    mtime: int | None = None
    parts: list[Part] | None = None
    version1: bool = False
    real: int | None = None


def is_header(block: bytes) -> bool:
    """True if the block's check sum is right, counted with or without signs."""
    try:
        said = int(block[148:154], 8)  # nearly always six digits
    except ValueError:
        try:
            said = number(block[148:156])
        except DamagedTar:
            return False
    total = (zlib.adler32(block) & 0xFFFF) - (zlib.adler32(block[148:156]) & 0xFFFF) + 8 * 32
    if (total - said) % _MOD == 0:
        return True
    signed = sum(byte - 256 if byte > 127 else byte for byte in block[:148] + block[156:]) + 8 * 32
    return signed == said


def number(field: bytes) -> int:
    """A number: octal digits, or base 256 where they would not fit.

    Raises: DamagedTar.
    """
    if field[0] in _BINARY:
        value = int.from_bytes(field[1:], "big")
        return (
            value - (1 << 8 * (len(field) - 1))
            if field[0] == 0xFF
            else value + ((field[0] & 0x7F) << 8 * (len(field) - 1))
        )
    digits = field.partition(b"\0")[0].strip()
    try:
        return int(digits, 8) if digits else 0
    except ValueError as error:
        raise DamagedTar("a number in a header is none") from error


def long_number(block: bytes, start: int) -> int:
    """The number of twelve bytes at `start`; the usual form first, which is eleven digits and an end.

    Raises: DamagedTar.
    """
    if block[start + 11] in _ENDS:
        try:
            return int(block[start : start + 11], 8)
        except ValueError:
            pass
    return number(block[start : start + 12])


def name(block: bytes) -> bytes:
    """The entry's name, as far as the header itself holds it."""
    end = block.find(b"\0", 0, 100)
    found = block[: end if end >= 0 else 100]
    if block[345] and block[257:263] == b"ustar\0":  # GNU's magic has other things there
        return block[345:500].partition(b"\0")[0] + b"/" + found
    return found


def text(raw: bytes) -> str:
    """Bytes of a name as text; those that are no UTF-8 as surrogate escapes."""
    return raw.decode("utf-8", "surrogateescape")


def parse_pax(body: bytes, found: Extended) -> None:
    """Reads pax records, such as "20 mtime=1700000000" and a line feed, into `found`.

    Raises: DamagedTar.
    """
    offsets: list[int] = []
    lengths: list[int] = []
    at = 0
    while at < len(body) and body[at]:
        space = body.find(b" ", at, at + 20)
        length = int(body[at:space]) if space > 0 and body[at:space].isdigit() else 0
        record = body[space + 1 : at + length]
        key, equals, value = record.partition(b"=")
        if length < 5 or at + length > len(body) or not equals or not value.endswith(b"\n"):
            raise DamagedTar("an extended header is damaged")
        at += length
        value = value[:-1]
        if key == b"path":
            found.path = value or None
        elif key == b"linkpath":
            found.link = value or None
        elif key == b"size":
            found.size = _decimal(value)
        elif key == b"uid":
            found.uid = _decimal(value)
        elif key == b"gid":
            found.gid = _decimal(value)
        elif key == b"mtime":
            found.mtime = _seconds(value)
        elif key == b"GNU.sparse.major":
            found.version1 = value == b"1"
        elif key == b"GNU.sparse.name":
            found.path = value or None
        elif key in (b"GNU.sparse.realsize", b"GNU.sparse.size"):
            found.real = _decimal(value)
        elif key == b"GNU.sparse.offset":
            offsets.append(_decimal(value))
        elif key == b"GNU.sparse.numbytes":
            lengths.append(_decimal(value))
        elif key == b"GNU.sparse.map":
            numbers = [_decimal(part) for part in value.split(b",")] if value else []
            offsets, lengths = numbers[::2], numbers[1::2]
            found.parts = []
    if offsets or found.parts is not None or (found.real is not None and not found.version1):
        if len(offsets) != len(lengths):
            raise DamagedTar("the list of a file with holes is damaged")
        found.parts = list(zip(offsets, lengths, strict=True))


def _decimal(value: bytes) -> int:
    if not value.isdigit() or len(value) > 20:
        raise DamagedTar("a number in an extended header is none")
    return int(value)


def _seconds(value: bytes) -> int:
    whole = value.partition(b".")[0]
    try:
        return int(whole)
    except ValueError as error:
        raise DamagedTar("a time in an extended header is none") from error


def sparse_fields(block: bytes, start: int, count: int) -> list[Part]:
    """The parts that an old GNU header, or one more block of its list, holds."""
    found = []
    for at in range(start, start + count * 24, 24):
        if not block[at]:
            break
        found.append((number(block[at : at + 12]), number(block[at + 12 : at + 24])))
    return found


def check_parts(parts: Sequence[Part], stored: int, real: int) -> None:
    """Refuses a list of parts that overlap, lie outside of the file, or are not what is stored.

    Raises: DamagedTar.
    """
    end = 0
    for offset, length in parts:
        if offset < end or length < 0 or offset + length > real:
            raise DamagedTar("the list of a file with holes is damaged")
        end = offset + length
    if sum(length for _, length in parts) != stored:
        raise DamagedTar("a file with holes is not as long as its list says")
