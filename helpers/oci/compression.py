"""What is compressed, piece by piece: gzip and zstd, as layers come from the containerd image store and from buildx.

Bounded, whatever comes: some kilobytes go in at once and at most a megabyte comes out, so that neither what unpacks to
a thousand times its size nor thousands of tiny streams in a row take memory, or more time than their bytes.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator

from helpers.oci.tar_header import DamagedTar

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
NAMES = {GZIP: "gzip", ZSTD: "zstd", b"": ""}
MOST = 1 << 38  # bytes that one layer may unpack to: 256 GB
TIMES, FREE = 1100, 4 << 30  # 4 GB, or so many times its size: gzip can't do more; zstd can, 30,000 times
_IN, _OUT = 1 << 14, 1 << 20  # bytes at once
Buffer = bytes | memoryview


class NotUnpacked(DamagedTar):
    """What is compressed is damaged, was cut off, or has no end."""


def unpacked(packing: bytes, pieces: Iterable[Buffer]) -> Iterator[bytes]:
    """The bytes of a compressed stream; several in a row count as one. packing: GZIP or ZSTD.

    Raises: NotUnpacked.
    """
    size = taken = 0

    def slices() -> Iterator[Buffer]:
        nonlocal taken
        for piece in pieces:
            for at in range(0, len(piece), _IN):
                part = piece[at : at + _IN]
                taken += len(part)
                yield part

    try:
        for found in (_gzip if packing == GZIP else _zstd)(slices()):
            size += len(found)
            if size > MOST:
                raise NotUnpacked(f"what is compressed holds more than {MOST >> 30} GB")
            if size > max(FREE, TIMES * taken):
                raise NotUnpacked(
                    f"what is compressed holds more than {TIMES} times its size, as no image's layer does"
                )
            yield found
    except (zlib.error, zstd.ZstdError) as error:
        raise NotUnpacked(f"what is compressed is damaged: {error}") from error


def packing(start: bytes) -> bytes:
    """GZIP or ZSTD, or b"" for what is not compressed."""
    return next((magic for magic in (GZIP, ZSTD) if start.startswith(magic)), b"")


def _gzip(slices: Iterator[Buffer]) -> Iterator[bytes]:
    unpack = zlib.decompressobj(wbits=31)
    begun = False  # the one at work has got something
    for rest in slices:
        while rest:
            if unpack.eof:
                unpack, begun = zlib.decompressobj(wbits=31), False
            if not begun and not bytes(rest).strip(b"\0"):  # filled up with zeros
                break
            begun = True
            if found := unpack.decompress(rest, _OUT):
                yield found
            rest = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
    if begun and not unpack.eof:
        raise NotUnpacked("what is compressed was cut off")


def _zstd(slices: Iterator[Buffer]) -> Iterator[bytes]:
    unpack = zstd.ZstdDecompressor()
    begun = False
    for rest in slices:
        while rest or (begun and not unpack.needs_input and not unpack.eof):
            if unpack.eof:
                unpack = zstd.ZstdDecompressor()
            begun = True
            if found := unpack.decompress(rest, _OUT):
                yield found
            rest = unpack.unused_data if unpack.eof else b""
    if begun and not unpack.eof:
        raise NotUnpacked("what is compressed was cut off")
