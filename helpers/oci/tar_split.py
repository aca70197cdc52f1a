"""A layer's tar without the contents in it, as engines with a graph driver keep it: tar-split's lines of JSON.

From the headers, and the files as they lie on the disk, such an engine puts the tar together again, byte for byte.
A line is a segment, the bytes between two contents, or stands for one content: its size and CRC-64 (ISO 3309, 8 bytes,
the highest first). Format: github.com/vbatts/tar-split, tar/storage/entry.go.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from helpers.oci.layer_files import CRC64, WIDTH
from helpers.oci.tar_header import DamagedTar

FILE, SEGMENT = 1, 2
SUM = WIDTH[CRC64]
MANY = 200  # lines at once: they unpack to some 0.3 MB
LONGEST = 16 << 20  # bytes of a line: headers take some kilobytes, so what is longer is no such list


class Content(NamedTuple):
    """A content that was left out. size: bytes. sum: CRC-64."""

    size: int
    sum: bytes


def records(pieces: Iterable[bytes]) -> Iterator[bytes | Content]:
    """The segments and contents of a list, in the tar's order, without contents of no byte.

    pieces: the list, cut anywhere.

    Raises: DamagedTar if it is no such list, or was cut off.
    """
    for lines in _lines(pieces):
        try:
            rows = json.loads(b"[%s]" % b",".join(lines))
            found = [
                (row["type"], row.get("size", 0), binascii.a2b_base64(row["payload"]) if row["payload"] else b"")
                for row in rows
            ]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise _damaged() from error
        for kind, size, payload in found:
            if kind == SEGMENT:
                yield payload
            elif kind != FILE or not isinstance(size, int) or size < 0 or (size and len(payload) != SUM):
                raise _damaged()
            elif size:
                yield Content(size, payload)


def _lines(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Whole lines, many at once: one by one, each costs as much again."""
    rest = b""
    for piece in pieces:
        whole, feed, rest = (rest + piece).rpartition(b"\n")
        if feed:
            lines = whole.split(b"\n")
            for at in range(0, len(lines), MANY):
                yield lines[at : at + MANY]
        elif len(rest) > LONGEST:
            raise _damaged()
    if rest:
        raise DamagedTar("the engine's list of it was cut off")


def _damaged() -> DamagedTar:
    return DamagedTar("the engine's list of it is damaged")
