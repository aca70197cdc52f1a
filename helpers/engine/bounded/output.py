"""Reading what a container says, in bounds: so many bytes, so many seconds, whatever it goes on to say."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Literal

from helpers.engine.client import Client, Stream
from helpers.engine.model.container import Text
from helpers.engine.model.log_limit import BYTES

SHOWN = 256 * 1024  # bytes of an output that are shown
KEPT = 16 * 1024 * 1024  # bytes that are kept of what a helper reads for itself; more than a log of the course's holds
MOST = 64 * 1024 * 1024  # bytes after which no more is read
LINES = 200_000  # that are asked for of a log: an engine finds its last ones quickly, however long it is
SECONDS = 8.0
_NOTES = 70  # bytes that an engine writes with each line: the time, and which stream
ALL_OF_IT = "The command under How shows the rest."


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What was read. came: bytes, kept or not. whole: it ended by itself. late: it was ended because time was over."""

    data: bytes
    came: int
    whole: bool
    late: bool = False

    @property
    def text(self) -> str:
        """The bytes as UTF-8."""
        return self.data.decode("utf-8", "replace")


def take(stream: Stream, *, keep: int, most: int, seconds: float, last: bool = False) -> Taken:
    """Reads a stream until its end, `most` bytes or `seconds`, and closes it.

    keep: how many of the first bytes, or with `last` of the last ones, are kept: no more is ever in memory.
    """
    late = threading.Event()

    def over() -> None:
        late.set()
        stream.cancel()

    timer = threading.Timer(seconds, over)
    timer.daemon = True
    timer.start()
    pieces: deque[bytes] = deque()
    came = held = 0
    whole = False
    try:
        for piece in stream:
            came += len(piece)
            if last or held < keep:
                pieces.append(piece)
                held += len(piece)
            while last and held - len(pieces[0]) >= keep:
                held -= len(pieces.popleft())
            if came >= most:
                break
        else:
            whole = not late.is_set()
    finally:
        timer.cancel()
        stream.close()
    data = b"".join(pieces)
    return Taken(data=data[-keep:] if last else data[:keep], came=came, whole=whole, late=late.is_set())


def log(
    client: Client,
    container_id: str,
    *,
    tail: int | Literal["all"] = "all",
    stdout: bool = True,
    stderr: bool = True,
    keep: int = KEPT,
    seconds: float = SECONDS,
) -> Taken:
    """The last `keep` bytes of what a container's first process wrote. Equivalent: docker logs CONTAINER."""
    lines = LINES if tail == "all" else tail
    stream = client.log_stream(container_id, stdout=stdout, stderr=stderr, tail=lines)
    return take(stream, keep=keep, most=MOST, seconds=seconds, last=True)


def shown_log(client: Client, container_id: str, *, stdout: bool = True, stderr: bool = True) -> Text:
    """What is shown of it: the last 256 kB, and the sentence that says so."""
    taken = log(client, container_id, stdout=stdout, stderr=stderr, keep=SHOWN)
    lines = taken.data.count(b"\n")
    cut = ""
    if taken.late:
        cut = f"The log is longer: reading it was ended after {SECONDS:g} s, and this is a part of it."
    elif taken.came > SHOWN or not taken.whole or lines >= LINES:
        cut = f"The log is longer: this is its end, of {max(len(taken.data) // 1024, 1)} kB."
    if cut:
        return Text(text=taken.text, cut=f"{cut} {ALL_OF_IT}")
    if len(taken.data) + _NOTES * lines > BYTES // 2:  # the engine may have let go of the older half
        cut = f"It may be the end of a longer log: the engine keeps {BYTES // 1_000_000} MB of one."
    return Text(text=taken.text, cut=cut)
