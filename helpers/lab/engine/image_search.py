"""What is in an image, byte by byte: the files that a container would see, and those that only a layer still holds."""

from __future__ import annotations

import contextlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from helpers import errors
from helpers.engine import containers, images
from helpers.engine.build import classic
from helpers.engine.client import Client
from helpers.lab.engine import sandbox
from helpers.oci import saved_reader

ZSTD = b"\x28\xb5\x2f\xfd"
SETTINGS = 0  # the place of what is in no layer


def paths(client: Client, image: str, *, scene: str) -> tuple[str, ...]:
    """Every path that a container of the image sees, without the first slash.

    Raises: NoSuchImage.
    Equivalent: docker export CONTAINER | tar --list
    """
    made = sandbox.create(client, image, ["true"], scene=scene)
    try:
        stream = _Stream(classic.pieces(client, client.export(made)))
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            return tuple(entry.name for entry in tar)
    finally:
        containers.remove(client, made)


def holding(client: Client, image: str, text: str) -> tuple[tuple[int, str], ...]:
    """Every place of the image that holds `text`: the layer's number, from 1 for the lowest, and the path in it.

    Settings and history, which lie in no layer, count as layer 0, with the path "the settings".

    Raises: NoSuchImage.
    Equivalent: docker save IMAGE, and a look into every file of it
    """
    wanted = text.encode()
    found: list[tuple[str, str]] = []
    order: list[str] = []
    links: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        pieces = stack.enter_context(contextlib.closing(images.saved(client, image)))
        outer = stack.enter_context(tarfile.open(fileobj=_Stream(pieces), mode="r|"))
        for entry in outer:
            if entry.issym() or entry.islnk():  # 20.10 keeps one copy of equal layers
                links[entry.name] = entry.linkname.removeprefix("../")
            file = outer.extractfile(entry) if entry.isfile() else None
            if file is None:
                continue
            layer, content = _layer(file)
            if layer is None:
                if entry.name == "manifest.json":
                    order = [str(name) for name in json.loads(content)[0]["Layers"] or ()]
                elif wanted in content:
                    found.append((entry.name, ""))
                continue
            found += [(entry.name, path) for path in _with(layer, wanted)]
    numbers: dict[str, int] = {}
    for number, name in enumerate(order, start=1):
        numbers.setdefault(links.get(name, name), number)
        numbers.setdefault(name, number)
    places = {(numbers.get(name, SETTINGS), path or "the settings") for name, path in found}
    return tuple(sorted(places))


def _layer(file: Any) -> tuple[tarfile.TarFile | None, bytes]:
    """The file as a tar, plain or gzip; or None and its content, for the small texts that describe an image."""
    head = file.read(512)
    rest = _Stream(_again(head, file))
    if head[:4] == ZSTD:
        raise errors.ArchiveError(
            "A layer of this image can't be searched.", "it is packed with zstd", "Build the image without it."
        )
    if head[:2] == b"\x1f\x8b":
        rest = _Stream(_unpacked(rest))
    elif head[257:262] != b"ustar":
        return None, head + file.read()
    return tarfile.open(fileobj=rest, mode="r|"), b""


def _with(layer: tarfile.TarFile, wanted: bytes) -> Iterator[str]:
    for entry in layer:
        file = layer.extractfile(entry) if entry.isfile() else None
        tail = b""
        while file is not None and (piece := file.read(saved_reader.CHUNK)):
            if wanted in tail + piece:
                yield entry.name
                break
            tail = piece[-len(wanted) :]


def _again(head: bytes, file: Any) -> Iterator[bytes]:
    yield head
    while piece := file.read(saved_reader.CHUNK):
        yield piece


def _unpacked(stream: _Stream) -> Iterator[bytes]:
    gunzip = zlib.decompressobj(wbits=31)
    while piece := stream.read(saved_reader.CHUNK):
        yield gunzip.decompress(piece)
        while gunzip.eof and (rest := gunzip.unused_data):  # several members, one after the other
            gunzip = zlib.decompressobj(wbits=31)
            yield gunzip.decompress(rest)


class _Stream(io.RawIOBase):
    """Pieces as a file that can be read once."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; b"" at the end."""
        while size < 0 or len(self._rest) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._rest += piece
        if size < 0:
            size = len(self._rest)
        given, self._rest = self._rest[:size], self._rest[size:]
        return given
