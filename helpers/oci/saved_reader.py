"""Reading a `docker save` file in one pass: every byte is hashed, little is kept, nothing is unpacked to disk."""

from __future__ import annotations

import hashlib
import posixpath
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from helpers import errors
from helpers.oci.plain_tar import PlainTar
from helpers.oci.saved import Contents, Damaged, Foreign, Member
from helpers.oci.saved_layout import config_from, parse

Progress = Callable[[int, "int | None"], None]

CHUNK = 1 << 20
SMALL = 4 << 20  # bytes; configs and manifests are far smaller, and only these are kept in memory
BLOCK = 512  # of a tar; two of zeros are its end
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_AGAIN = "Copy the file again, or save the image again: images.save(IMAGE)"


class Reader:
    """Turns pieces as they come into a file that tarfile can read, and tells how far it is."""

    def __init__(self, pieces: Iterable[bytes], on_progress: Progress | None = None, total: int | None = None) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self._rest = b""
        self._done = 0
        self._say, self._total = on_progress, total
        self.last = b""  # the last block: zeros, if the tar has its end
        self.plain = PlainTar()

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, fewer only at the end."""
        parts = [self._rest]
        have = len(self._rest)
        while size < 0 or have < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        wanted = len(whole) if size < 0 else size
        found, self._rest = whole[:wanted], whole[wanted:]
        self._done += len(found)
        self.last = (self.last + found[-BLOCK:])[-BLOCK:]
        self.plain.feed(found)
        if self._say is not None and found:
            self._say(self._done, self._total)
        return found


def read(file: IO[bytes], path: Path, *, on_progress: Progress | None = None) -> Contents:
    """What image a file holds. Reads it from where it stands to its end.

    Raises: ArchiveError if it is damaged, or no file of one image.
    """
    pieces = iter(lambda: file.read(CHUNK), b"")
    try:
        return parse(_scan(Reader(pieces, on_progress)))
    except Damaged as error:
        raise errors.ArchiveError(f"The file {path} is damaged.", str(error), _AGAIN) from error
    except Foreign as error:
        raise errors.ArchiveError(
            f"The file {path} is not an image that can be loaded here.",
            str(error),
            "Take a file that images.save wrote, or: docker save --output FILE IMAGE",
        ) from error
    except OSError as error:
        raise errors.ArchiveError(f"The file {path} can't be read.", str(error), "Look at the disk.") from error


def config_digest(pieces: Iterable[bytes], image_id: str, platform: str) -> str:
    """The config digest of an image from a `docker save` of it, read only as far as needed; empty if it tells none.

    On the containerd image store an image's id is its manifest's digest, and no answer of the engine gives the
    config's.
    """
    small: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=_as_file(Reader(pieces)), mode="r|", bufsize=CHUNK) as tar:
            for entry in tar:
                file = tar.extractfile(entry) if entry.isfile() and entry.size <= SMALL else None
                if file is None:
                    continue
                small[posixpath.normpath(entry.name)] = file.read()
                if found := config_from(small, image_id, platform):
                    return found
    except (tarfile.TarError, ValueError) as error:
        raise errors.ArchiveError(
            "What the engine saved can't be read.", str(error), "See whether the engine's disk has room."
        ) from error
    return ""


def _scan(reader: Reader) -> dict[str, Member]:
    """Every file of the tar by name.

    Raises: Foreign, Damaged.
    """
    found: dict[str, Member] = {}
    try:
        with tarfile.open(fileobj=_as_file(reader), mode="r|", bufsize=CHUNK) as tar:
            for entry in tar:
                name = _name(entry.name)
                if entry.isdir():
                    continue
                if name in found:  # which of the two an engine would take, it alone knows
                    raise Foreign("it holds a file twice")
                found[name] = _link(entry, name) if entry.issym() or entry.islnk() else _member(tar, entry)
            while reader.read(CHUNK):  # what lies behind the end: nothing that counts, but the disk must give it
                pass
            if found and reader.last != bytes(BLOCK):
                raise Damaged("it was cut off")
            if found and (problem := reader.plain.end()):
                raise Foreign(problem)
    except (tarfile.TarError, EOFError, OverflowError) as error:
        if not found:
            raise Foreign(_no_tar(error)) from error
        raise Damaged(f"it was cut off, or a part of it is overwritten ({error})") from error
    except (Foreign, Damaged):
        raise
    except ValueError as error:
        raise Damaged(str(error)) from error
    return found


def _member(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> Member:
    file = tar.extractfile(entry) if entry.isreg() and not entry.issparse() else None
    if file is None:
        raise Foreign("it holds a device, a pipe or a file with holes, which docker save never writes")
    raw, kept = hashlib.sha256(), []
    first = piece = file.read(CHUNK)
    compression = "gzip" if first.startswith(_GZIP) else "zstd" if first.startswith(_ZSTD) else ""
    unpacker = _Gunzip() if compression == "gzip" else None
    while piece:
        raw.update(piece)
        if unpacker is not None:
            unpacker.feed(piece)
        if entry.size <= SMALL:
            kept.append(piece)
        piece = file.read(CHUNK)
    unpacked = raw.hexdigest() if not compression else unpacker.hexdigest() if unpacker is not None else ""
    return Member(
        size=entry.size,
        sha256=raw.hexdigest(),
        unpacked=unpacked,
        compression=compression,
        content=b"".join(kept) if entry.size <= SMALL else None,
    )


def _link(entry: tarfile.TarInfo, name: str) -> Member:
    """Only a layer may be a link, and only to a layer: any other could lead an engine past what was checked here."""
    target = entry.linkname if entry.islnk() else posixpath.join(posixpath.dirname(name), entry.linkname)
    target = _name(target)
    if not name.endswith(".tar") or not target.endswith(".tar"):
        raise Foreign("it holds a link where docker save writes none")
    return Member(link=target)


def _name(path: str) -> str:
    name = posixpath.normpath(path)
    if name.startswith(("/", "..")):
        raise Foreign("it holds a path that leads out of it")
    return name


class _Gunzip:
    """The sha256 of what is compressed, piece by piece; a layer may be several gzip files in a row."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._inflate = zlib.decompressobj(wbits=31)
        self._whole = False
        self._broken = False

    def feed(self, piece: bytes) -> None:
        try:
            while piece and not self._broken:
                self._hash.update(self._inflate.decompress(piece, CHUNK))
                self._whole = self._inflate.eof
                if self._inflate.eof:
                    piece = self._inflate.unused_data
                    self._inflate = zlib.decompressobj(wbits=31)
                else:
                    piece = self._inflate.unconsumed_tail
        except zlib.error:
            self._broken = True

    def hexdigest(self) -> str:
        """Empty if it was no whole gzip file."""
        return self._hash.hexdigest() if self._whole and not self._broken else ""


def _no_tar(error: Exception) -> str:
    return "it is not a tar file" if "empty" not in str(error) else "it is empty"


def _as_file(reader: Reader) -> Any:
    return reader  # tarfile only calls read
