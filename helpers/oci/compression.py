"""What is compressed, piece by piece: gzip and zstd, as layers come from the containerd image store and from buildx."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator

from helpers.oci.tar_header import DamagedTar

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_MOST = 1 << 20  # bytes given at once: a small piece may unpack to a thousand times its size
Buffer = bytes | memoryview


def unpacked(packing: bytes, pieces: Iterable[Buffer]) -> Iterator[bytes]:
    """The bytes of a compressed stream; several in a row count as one. packing: GZIP or ZSTD.

    Raises: DamagedTar if it is damaged or cut off.
    """
    yield from (_gzip if packing == GZIP else _zstd)(iter(pieces))


def packing(start: bytes) -> bytes:
    """GZIP or ZSTD, or b"" for what is not compressed."""
    return next((magic for magic in (GZIP, ZSTD) if start.startswith(magic)), b"")


def _gzip(pieces: Iterator[Buffer]) -> Iterator[bytes]:
    unpack = zlib.decompressobj(wbits=31)
    begun = False  # the one at work has got something
    for piece in pieces:
        rest: Buffer = piece
        while rest:
            if unpack.eof:
                unpack, begun = zlib.decompressobj(wbits=31), False
            if not begun and not bytes(rest).strip(b"\0"):  # filled up with zeros
                break
            begun = True
            try:
                found = unpack.decompress(rest, _MOST)
            except zlib.error as error:
                raise DamagedTar(f"what is compressed is damaged: {error}") from error
            if found:
                yield found
            rest = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
    if begun and not unpack.eof:
        raise DamagedTar("what is compressed was cut off")


def _zstd(pieces: Iterator[Buffer]) -> Iterator[bytes]:
    make: Callable[[], zstd.ZstdDecompressor] = zstd.ZstdDecompressor
    unpack, begun = make(), False
    for piece in pieces:
        rest: Buffer = piece
        while rest or (begun and not unpack.needs_input and not unpack.eof):
            if unpack.eof:
                unpack, begun = make(), False
            begun = True
            try:
                found = unpack.decompress(rest, _MOST)
            except zstd.ZstdError as error:
                raise DamagedTar(f"what is compressed is damaged: {error}") from error
            if found:
                yield found
            rest = unpack.unused_data if unpack.eof else b""
    if begun and not unpack.eof:
        raise DamagedTar("what is compressed was cut off")
