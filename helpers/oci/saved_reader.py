"""Reading a `docker save` file in one pass: every byte is hashed, little is kept, nothing is unpacked to disk."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from helpers import errors
from helpers.oci import compression, plain_tar, saved_layout
from helpers.oci.saved import Contents, Damaged, Foreign, Sums
from helpers.oci.saved_tar import CHUNK, SMALL, Entry, SavedTar
from helpers.oci.tar_header import DamagedTar

Progress = Callable[[int, "int | None"], None]

_AGAIN = "Copy the file again, or save the image again: images.save(IMAGE)"


def read(file: IO[bytes], path: Path, *, on_progress: Progress | None = None) -> Contents:
    """What image a file holds. Reads it from where it stands to its end.

    Raises: ArchiveError if it is damaged, or no file of one image.
    """
    sums = {}
    try:
        with _whole(_told(file, on_progress)) as tape:
            for entry in tape.entries():
                sums[entry.name] = _sums(entry, tape)
        return saved_layout.parse(sums, tape.small, tape.links)
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


def names(pieces: Iterable[bytes]) -> set[str]:
    """Every name that loading a file of images would set, whichever engine loads.

    Raises: Foreign, Damaged.
    """
    with _whole(pieces) as tape:
        for _ in tape.layers():
            pass
    return {name for found in saved_layout.names(tape.small, tape.names).values() for name in found}


def is_image(file: IO[bytes]) -> bool:
    """True for a file of images, whole or not, by its headers alone."""
    try:
        return any(entry.name == saved_layout.MANIFEST for entry in SavedTar(_told(file, None)).entries())
    except DamagedTar:
        return False


def config_digest(pieces: Iterable[bytes], image_id: str, platform: str) -> str:
    """The config digest of an image from a `docker save` of it, read only as far as needed; empty if it tells none.

    On the containerd image store an image's id is its manifest's digest, and no answer of the engine gives the
    config's.
    """
    tape = SavedTar(pieces)
    try:
        for entry in tape.entries():
            if entry.is_layer or entry.size > SMALL:
                continue
            tape.keep(entry.name, b"".join(entry.parts()))
            if found := saved_layout.config_from(tape.small, image_id, platform):
                return found
    except (DamagedTar, Foreign) as error:
        raise errors.ArchiveError(
            "What the engine saved can't be read.", str(error), "See whether the engine's disk has room."
        ) from error
    return ""


def _told(file: IO[bytes], on_progress: Progress | None) -> Iterator[bytes]:
    """A file in pieces. on_progress: gets the bytes read so far."""
    done = 0
    for piece in iter(partial(file.read, CHUNK), b""):
        yield piece
        done += len(piece)
        if on_progress is not None:
            on_progress(done, None)


@contextlib.contextmanager
def _whole(pieces: Iterable[bytes]) -> Iterator[SavedTar]:
    """A tar that must be whole, and have one reading, once its entries were read.

    Raises: Foreign, Damaged.
    """
    tape = SavedTar(pieces, strict=True)
    try:
        yield tape
        problem = tape.problem()
    except DamagedTar as error:
        if tape.names or tape.links:
            raise Damaged(f"it was cut off, or a part of it is overwritten ({error})") from error
        raise Foreign("it is not a tar file") from error
    if not tape.source.position:
        raise Foreign("it is empty")
    if problem == plain_tar.NO_END:
        raise Damaged("it was cut off")
    if problem:
        raise Foreign(problem)


def _sums(entry: Entry, tape: SavedTar) -> Sums:
    """Reads one file to its end; if it is small and no layer, its content is kept."""
    raw, whole, kept = hashlib.sha256(), hashlib.sha256(), bytearray()
    keep = entry.size <= SMALL and not entry.is_layer

    def passing() -> Iterator[memoryview]:
        for part in entry.parts():
            raw.update(part)
            if keep:
                kept.extend(part)
            yield part

    parts = passing()
    unpacked = not entry.packing
    if entry.packing:
        with contextlib.suppress(compression.NotUnpacked):
            for piece in compression.unpacked(entry.packing, parts):
                whole.update(piece)
            unpacked = True
    for _ in parts:
        pass
    if keep:
        tape.keep(entry.name, bytes(kept))
    return Sums(
        size=entry.size,
        sha256=raw.hexdigest(),
        unpacked=(whole if entry.packing else raw).hexdigest() if unpacked else "",
        compression=compression.NAMES[entry.packing],
    )
