"""Reading a layer's tar as it streams by: headers become columns, content becomes check sums, nothing else is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from helpers.oci import tar_header as tar
from helpers.oci.layer_files import BLOCK, CHAR, DIR, FILE, HARDLINK, SHA256, SYMLINK, Files, absolute
from helpers.oci.tar_header import BLOCK_SIZE, ENTRY, DamagedTar, Extended, Part, Room

LONGEST = 1 << 20  # bytes of a name or an extended header: far more than any system makes
_HOLE = bytes(1 << 16)
_DIGITS = 20  # of a number in a list of holes: 2**64 has as many


class Source:
    """Pieces as they come, read once from front to end. sums: the kind of check sum that `digest` gives."""

    sums = SHA256

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = b""
        self._at = 0
        self._before = 0

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self._before + self._at

    def _more(self) -> bool:
        """The next piece becomes the buffer; only when the last one is used up."""
        self._before += len(self._buffer)
        self._at = 0
        self._buffer = next(self._pieces, b"")
        return bool(self._buffer)

    def take(self, size: int) -> bytes:
        """The next `size` bytes.

        Raises: DamagedTar if there are no more so many.
        """
        end = self._at + size
        if end <= len(self._buffer):
            found = self._buffer[self._at : end]
            self._at = end
            return found
        kept = bytearray()
        try:
            for part in self.parts(size):
                kept += part
        except DamagedTar as error:
            error.found = bytes(kept)
            raise
        return bytes(kept)

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end, which stay to be read."""
        while len(self._buffer) - self._at < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._before += self._at
            self._buffer = self._buffer[self._at :] + piece
            self._at = 0
        return self._buffer[self._at : self._at + size]

    def parts(self, size: int) -> Iterator[memoryview]:
        """The same, bit by bit and without a copy.

        Raises: DamagedTar.
        """
        while size:
            if self._at == len(self._buffer) and not self._more():
                raise DamagedTar("it was cut off")
            part = memoryview(self._buffer)[self._at : self._at + size]
            self._at += len(part)
            size -= len(part)
            yield part

    def skip(self, size: int) -> None:
        """Passes over the next `size` bytes."""
        end = self._at + size
        if end <= len(self._buffer):
            self._at = end
            return
        for _ in self.parts(size):
            pass

    def digest(self, size: int) -> bytes:
        """The check sum of the next `size` bytes."""
        end = self._at + size
        if end <= len(self._buffer):
            found = hashlib.sha256(memoryview(self._buffer)[self._at : end])
            self._at = end
        else:
            found = hashlib.sha256()
            for part in self.parts(size):
                found.update(part)
        return found.digest()

    def at_end(self) -> bool:
        """True if nothing comes any more."""
        return self._at == len(self._buffer) and not self._more()

    def rest(self) -> Iterator[memoryview]:
        """All that is still to come."""
        while not self.at_end():
            yield from self.parts(len(self._buffer) - self._at)


@dataclass(slots=True)
class Head:
    """One entry's header, with what extended headers said of it. stored: bytes of content in the tar."""

    path: str
    kind: int
    size: int
    stored: int
    mode: int
    uid: int
    gid: int
    mtime: int
    link: str
    parts: list[Part] | None


class Tar:
    """The entries of one tar. end: the position that it must not go beyond; None: where the source ends.

    room: for names; shared by the layers of one image where all their names are kept.
    """

    def __init__(self, source: Source, end: int | None = None, room: Room | None = None) -> None:
        self.source, self.end = source, end
        self.room = room or Room()
        self._owners: dict[bytes, tuple[int, int, int]] = {}  # the 24 bytes of mode, uid and gid, mostly the same

    def heads(self) -> Iterator[Head]:
        """Each entry's header. Whoever takes it reads the content, `stored` bytes, and then calls `pad`.

        Raises: DamagedTar.
        """
        take, source, end = self.source.take, self.source, self.end
        extended: Extended | None = None
        while end is None or source.position < end:
            if end is None and source.at_end():
                break
            block = take(BLOCK_SIZE)
            if not block[0] and block == tar.ZEROS:
                break
            if not tar.is_header(block):
                raise DamagedTar("a part of it is overwritten, or it is no tar", block + source.peek(2048))
            flag = block[156]
            if flag in (tar.PAX, tar.GNU_NAME, tar.GNU_LINK):
                extended = extended or Extended()
                self._extend(extended, flag, block)
                continue
            if flag in tar.ABOUT_THE_TAR:
                size = tar.number(block[124:136])
                self._room(size)
                source.skip(size)
                self.pad(size)
                continue
            head = self._head(block, flag, extended)
            self.room.take(len(head.path) + len(head.link) + ENTRY)
            yield head
            extended = None

    def pad(self, stored: int) -> None:
        """Passes over what fills the last block of a content."""
        rest = -stored % BLOCK_SIZE
        if rest:
            self.source.skip(rest)

    def _room(self, size: int) -> None:
        if size < 0 or (self.end is not None and self.source.position + size > self.end):
            raise DamagedTar("an entry goes beyond its end")

    def _extend(self, extended: Extended, flag: int, block: bytes) -> None:
        size = tar.number(block[124:136])
        if not 0 <= size <= LONGEST:
            raise DamagedTar("an extended header is too long")
        self._room(size)
        body = self.source.take(size)
        self.pad(size)
        if flag == tar.PAX:
            tar.parse_pax(body, extended)
        elif flag == tar.GNU_NAME:
            extended.path = body.partition(b"\0")[0]
        else:
            extended.link = body.partition(b"\0")[0]

    def _head(self, block: bytes, flag: int, extended: Extended | None) -> Head:
        kind = tar.KIND_OF.get(flag, FILE)
        raw = tar.name(block)
        size = tar.long_number(block, 124)
        mtime = tar.long_number(block, 136)
        key = block[100:124]
        owner = self._owners.get(key)
        if owner is None:
            owner = tar.number(key[:8]) & 0o7777, tar.number(key[8:16]), tar.number(key[16:])
            self._owners[key] = owner
        mode, uid, gid = owner
        link = b""
        if kind in (SYMLINK, HARDLINK):
            link = block[157:257].partition(b"\0")[0]
        elif kind in (CHAR, BLOCK):
            link = b"%c %d:%d" % (kind, tar.number(block[329:337]), tar.number(block[337:345]))
        parts, real = None, None
        if extended is not None:
            raw = extended.path if extended.path is not None else raw
            if kind in (SYMLINK, HARDLINK) and extended.link is not None:
                link = extended.link
            size = extended.size if extended.size is not None else size
            uid = extended.uid if extended.uid is not None else uid
            gid = extended.gid if extended.gid is not None else gid
            mtime = extended.mtime if extended.mtime is not None else mtime
        if kind == FILE and raw.endswith(b"/") and flag in b"0\0":  # tar before 1988 had no other way
            kind = DIR
        if kind in tar.WITHOUT_BODY:
            size = 0
        self._room(size)
        stored = size
        if kind == FILE and flag == tar.SPARSE:
            parts, real = self._old_sparse(block)
        elif kind == FILE and extended is not None and extended.version1:
            parts, used = self._listed(size)
            stored, real = size - used, extended.real
        elif kind == FILE and extended is not None and extended.parts is not None:
            parts, real = extended.parts, extended.real
        if parts is not None:
            size = real if real is not None else stored
            tar.check_parts(parts, stored, size)
        if b"\0" in raw or b"\0" in link:
            raise DamagedTar("a name holds a zero byte")
        path = tar.text(raw)
        odd = path[:1] == "/" or path[-1:] in ("/", ".") or "./" in path or "//" in path
        path = absolute(path) if odd else "/" + path
        return Head(path, kind, size, stored, mode, uid, gid, mtime, tar.text(link), parts)

    def _old_sparse(self, block: bytes) -> tuple[list[Part], int]:
        parts, real = tar.sparse_fields(block, 386, 4), tar.number(block[483:495])
        more = block[482]
        while more:
            block = self.source.take(BLOCK_SIZE)
            parts += tar.sparse_fields(block, 0, 21)
            more = block[504]
            if len(parts) * 24 > LONGEST:
                raise DamagedTar("the list of a file with holes is too long")
        return parts, real

    def _listed(self, size: int) -> tuple[list[Part], int]:
        """The list of parts before the content, and how many bytes it takes there."""
        listed, wanted, used = b"", 1, 0
        while listed.count(b"\n") < wanted:
            if used + BLOCK_SIZE > min(size + BLOCK_SIZE - 1, LONGEST):
                raise DamagedTar("the list of a file with holes is damaged")
            listed += self.source.take(BLOCK_SIZE)
            used += BLOCK_SIZE
            first = listed.partition(b"\n")[0]
            if listed.count(b"\n") and not _is_number(first):
                raise DamagedTar("the list of a file with holes is damaged")
            wanted = 1 + 2 * int(first) if listed.count(b"\n") else 1
        words = listed.split(b"\n")[1:wanted]
        if not all(map(_is_number, words)):
            raise DamagedTar("the list of a file with holes is damaged")
        numbers = list(map(int, words))
        return list(zip(numbers[::2], numbers[1::2], strict=True)), used


def _is_number(word: bytes) -> bool:
    return word.isdigit() and len(word) <= _DIGITS


def read(source: Source, end: int | None = None, *, room: Room | None = None) -> Files:
    """The files of one layer. room: what the layers of its image may still take.

    Raises: DamagedTar.
    """
    tape = Tar(source, end, room)
    files = Files(sums=source.sums)
    for head in tape.heads():
        digest = b""
        if head.kind == FILE:
            digest = source.digest(head.stored) if head.parts is None else _with_holes(source, head, tape.room)
            tape.pad(head.stored)
        if head.path == "/":
            continue
        try:
            files.add(
                head.path,
                head.kind,
                size=head.size,
                mode=head.mode,
                uid=head.uid,
                gid=head.gid,
                mtime=head.mtime,
                link=head.link,
                digest=digest,
            )
        except OverflowError as error:
            raise DamagedTar("a number in a header is larger than any system makes") from error
    return files


def find(source: Source, path: str, most: int, end: int | None = None) -> bytes | None:
    """The first `most` bytes of the last entry of that path; None if there is none.

    Raises: DamagedTar.
    """
    tape = Tar(source, end)
    found = None
    for head in tape.heads():
        after = source.position + head.stored
        if head.path == path:
            kept = bytearray()
            for part in _expanded(source, head) if head.kind == FILE else ():
                kept += part[: most - len(kept)]
                if len(kept) == most:  # what follows may be a hole without end
                    break
            found = bytes(kept)
        source.skip(after - source.position)
        tape.pad(head.stored)
    return found


def holding(source: Source, wanted: bytes, end: int | None = None) -> list[str]:
    """The paths of the files that hold `wanted`, which has no zero in it: holes are passed over.

    Raises: DamagedTar.
    """
    tape = Tar(source, end)
    found = []
    for head in tape.heads():
        held, piece = False, b""
        for part in source.parts(head.stored):
            if not held:
                piece = piece[max(0, len(piece) - len(wanted) + 1) :] + part
                held = wanted in piece
        if held:
            found.append(head.path)
        tape.pad(head.stored)
    return found


def paths(source: Source) -> list[str]:
    """The path of every entry.

    Raises: DamagedTar.
    """
    tape = Tar(source)
    found = []
    for head in tape.heads():
        found.append(head.path)
        source.skip(head.stored)
        tape.pad(head.stored)
    return found


def _with_holes(source: Source, head: Head, room: Room) -> bytes:
    digest = hashlib.sha256()
    assert head.parts is not None  # noqa: S101 - for the type checker
    if head.size - head.stored > room.holes:
        digest.update(repr((head.size, head.parts)).encode())
        for part in source.parts(head.stored):
            digest.update(part)
    else:
        room.holes -= head.size - head.stored
        for part in _expanded(source, head):
            digest.update(part)
    return digest.digest()


def _expanded(source: Source, head: Head) -> Iterator[memoryview]:
    """The content as a program would read it, its holes as zeros."""
    at = 0
    for offset, length in [*(head.parts if head.parts is not None else [(0, head.stored)]), (head.size, 0)]:
        while at < offset:
            hole = memoryview(_HOLE)[: offset - at]
            at += len(hole)
            yield hole
        yield from source.parts(length)
        at += length
