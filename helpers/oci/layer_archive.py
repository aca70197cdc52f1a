"""Reading an image's archive as the engine sends it: every layer becomes columns, the rest of it stays small."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from helpers.oci import layer_tar, tar_header
from helpers.oci.compression import packing, unpacked
from helpers.oci.layer_files import FILE, HARDLINK, SYMLINK, Files
from helpers.oci.layer_tar import Head, Source, Tar
from helpers.oci.tar_header import BLOCK_SIZE, DamagedTar

T = TypeVar("T")

SMALL = 4 << 20  # bytes; configs and manifests are far smaller, and only these are kept
OCI = "blobs/sha256/"  # what follows is the digest of the member: of a plain layer, its diff id


@dataclass(slots=True)
class Archive:
    """What came by. layers: by member. small: other members. links: name → name. odd: members that are no layer."""

    layers: dict[str, Files] = field(default_factory=dict)
    small: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)


def read(source: Source, known: Callable[[str], Files | None], began: Callable[[], None]) -> Archive:
    """Reads an archive to its end.

    known: the columns of a diff id, if they are known already; such a layer is passed over. began: called when a layer
    begins.

    Raises: DamagedTar if it was cut off, or is none.
    """
    found = Archive()
    for name, head in _members(source, found):
        end = source.position + head.stored
        start = source.peek(min(BLOCK_SIZE, head.stored))
        if not is_layer(start):
            if head.stored <= SMALL:
                found.small[name] = source.take(head.stored)
            continue
        began()
        columns = known("sha256:" + name.removeprefix(OCI)) if name.startswith(OCI) else None
        if columns is not None:
            found.layers[name] = columns
            continue
        try:
            found.layers[name] = layer(source, start, end, layer_tar.read)
        except DamagedTar as error:  # if the archive itself is cut off, passing over the rest says so
            found.odd[name] = str(error)
    return found


def find(source: Source, path: str, most: int, wanted: str) -> tuple[dict[str, bytes], Archive]:
    """The content of `path` in each layer that has it, by member, and the archive without its layers.

    wanted: the member after which nothing more is read; it may be none.

    Raises: DamagedTar.
    """
    found: dict[str, bytes] = {}
    archive = Archive()
    for name, head in _members(source, archive):
        end = source.position + head.stored
        start = source.peek(min(BLOCK_SIZE, head.stored))
        if not is_layer(start):
            if head.stored <= SMALL:
                archive.small[name] = source.take(head.stored)
            continue
        if wanted.startswith(OCI) and name != wanted:
            continue
        one = layer(source, start, end, lambda inner, end: layer_tar.find(inner, path, most, end))
        if one is not None:
            found[name] = one
        if name == wanted:
            break
    return found, archive


def is_layer(start: bytes) -> bool:
    """True for what begins like a tar, plain or compressed; an empty tar is zeros."""
    if packing(start):
        return True
    return len(start) == BLOCK_SIZE and (start == tar_header.ZEROS or tar_header.is_header(start))


def layer(source: Source, start: bytes, end: int, work: Callable[[Source, int | None], T]) -> T:
    """Does `work` on the tar that lies in `source` up to `end`, unpacked on the way."""
    packed = packing(start)
    if not packed:
        return work(source, end)
    inner = Source(unpacked(packed, source.parts(end - source.position)))
    found = work(inner, None)
    for _ in inner.rest():
        pass
    return found


def _members(source: Source, archive: Archive) -> Iterator[tuple[str, Head]]:
    tape = Tar(source)
    for head in tape.heads():
        name = posixpath.normpath(head.path.lstrip("/"))
        if head.kind == SYMLINK:
            archive.links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), head.link))
        elif head.kind == HARDLINK:
            archive.links[name] = posixpath.normpath(head.link)
        elif head.kind == FILE:
            end = source.position + head.stored
            yield name, head
            source.skip(end - source.position)
            tape.pad(head.stored)
