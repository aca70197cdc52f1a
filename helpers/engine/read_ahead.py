"""The body of a long answer, read ahead by a thread while what came is looked at.

Reading a megabyte through requests takes some sixty turns in Python, for each of which the thread would wait until the
other one pauses: then two take longer than one. So the thread asks the system for 256 kB at once, straight
from the socket, and what HTTP wrote between the chunks is taken out afterwards. Where that can't be done (TLS, pipes,
other systems than Linux) the body is read as it always is.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Generator, Iterable, Iterator
from typing import Any

import requests

CHUNK = 1 << 18
AHEAD = 4  # pieces read before they are wanted
CLOSE = {"Connection": "close"}  # to be sent with the request: only then the end can be seen in the socket itself


def pieces(answer: requests.Response, seconds: float) -> Generator[bytes, None, None]:
    """The body of `answer`, a quarter of a megabyte at a time. seconds: how long to wait for the next.

    Raises: ConnectionError if it breaks off.
    """
    line = _socket(answer)
    if line is None:
        yield from iter(lambda: answer.raw.read(CHUNK, decode_content=False), b"")
        return
    buffered: Any = vars(answer.raw)["_fp"].fp
    first = buffered.read1(len(buffered.peek()))
    timeout = line.gettimeout()
    line.settimeout(None)  # with one of Python's own, a socket gives what is there, and no more
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(seconds), 0))
    reader = _Reader(line)
    try:
        yield from unchunked(reader.pieces(first))
    finally:
        reader.stop()
        line.settimeout(timeout)


def unchunked(raw: Iterable[bytes]) -> Iterator[bytes]:
    """The body without the lines that HTTP's chunks begin and end with.

    Raises: ConnectionError if it ends too early, or is none.
    """
    rest, need = b"", 0  # need: bytes left of the chunk at hand, its two line ends included
    for piece in raw:
        piece = rest + piece if rest else piece
        view, at, out = memoryview(piece), 0, []
        rest = b""
        while at < len(piece):
            if need > 2:
                part = view[at : at + need - 2]
                out.append(part)
                at += len(part)
                need -= len(part)
            elif need:
                passed = min(need, len(piece) - at)
                at += passed
                need -= passed
            else:
                end = piece.find(b"\n", at, at + 1000)
                if end < 0:
                    rest = piece[at:]
                    break
                try:
                    size = int(piece[at:end].partition(b";")[0], 16)
                except ValueError as error:
                    raise ConnectionError("the answer is damaged") from error
                at = end + 1
                if size == 0:
                    yield b"".join(out)
                    return
                need = size + 2
        if out:
            yield b"".join(out)
    raise ConnectionError("the answer was cut off")


def _socket(answer: requests.Response) -> socket.socket | None:
    """The socket under an answer, where all that is done with it here works; else None."""
    if sys.platform != "linux" or answer.headers.get("Transfer-Encoding") != "chunked":
        return None
    if answer.headers.get("Connection", "").lower() != "close" or answer.headers.get("Content-Encoding"):
        return None
    found = None
    with contextlib.suppress(AttributeError, KeyError, TypeError):  # these names are urllib3's and Python's own
        reader: Any = vars(answer.raw)["_fp"].fp
        found = reader.raw._sock if hasattr(reader, "peek") else None
    return found if isinstance(found, socket.socket) and not isinstance(found, ssl.SSLSocket) else None


class _Reader:
    """Reads a socket in a thread, a few pieces further than they were taken."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._waiting: queue.Queue[bytes | OSError] = queue.Queue(AHEAD)
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="reading an image", daemon=True)

    def pieces(self, first: bytes) -> Iterator[bytes]:
        """What comes, after what came already."""
        self._thread.start()
        if first:
            yield first
        while True:
            found = self._waiting.get()
            if isinstance(found, OSError):
                raise ConnectionError(f"the engine sent no more: {found}") from found
            if not found:
                return
            yield found

    def stop(self) -> None:
        """Nobody wants more; returns when the thread has ended."""
        self._stopped = True
        with contextlib.suppress(OSError):
            # closed, it is to be closed at once: over TCP the sender would else try again for many seconds
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._line.shutdown(socket.SHUT_RDWR)  # a thread that waits for bytes gets none
        while self._thread.is_alive():
            with contextlib.suppress(queue.Empty):
                while True:
                    self._waiting.get_nowait()
            self._thread.join(0.01)

    def _work(self) -> None:
        found: bytes | OSError = b"-"
        while found and not isinstance(found, OSError) and not self._stopped:
            try:
                found = self._line.recv(CHUNK, socket.MSG_WAITALL)
            except OSError as error:
                found = error
            self._waiting.put(found)
