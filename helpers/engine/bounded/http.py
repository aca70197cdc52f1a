"""Asking over HTTP, in bounds: so many bytes and so many seconds, however slowly a server may speak."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PIECE = 65536


@dataclass(frozen=True, kw_only=True)
class Response:
    """What came. whole: the body ended by itself. late: it did not, because time was over."""

    status: int
    data: bytes
    whole: bool
    late: bool = False


class _Line(http.client.HTTPConnection):
    """A connection that is known to the one who ends it."""

    known: Callable[[socket.socket], None]

    def connect(self) -> None:
        super().connect()
        self.known(self.sock)


class _Handler(urllib.request.HTTPHandler):
    """A socket's own time limit is for each of its reads; this ends the connection, whatever it is reading."""

    def __init__(self) -> None:
        super().__init__()
        self._sockets: list[socket.socket] = []
        self.late = threading.Event()

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        def made(host: str, **more: Any) -> _Line:
            line = _Line(host, **more)
            line.known = self._known
            return line

        opened: http.client.HTTPResponse = self.do_open(made, req)
        return opened

    def _known(self, line: socket.socket) -> None:
        self._sockets.append(line)
        if self.late.is_set():  # redirected after the end
            self.over()

    def over(self) -> None:
        self.late.set()
        for line in self._sockets:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


class _Stay(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is an answer: elsewhere is no container of the course's."""

    def redirect_request(self, *_: Any) -> None:
        return None


def get(url: str, *, most: int, seconds: float, follow: bool = True) -> Response:
    """One GET request, never through a proxy. most: bytes of the body that are read. seconds: for all of it.

    follow: goes where an answer leads to.

    Raises: OSError if nothing answers in time, with the reason; ValueError for what is no URL.
    """
    handler = _Handler()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), handler, *([] if follow else [_Stay()]))
    timer = threading.Timer(seconds, handler.over)
    timer.daemon = True
    timer.start()
    try:
        try:
            response: Any = opener.open(url, timeout=seconds)
        except urllib.error.HTTPError as error:
            response = error
        with contextlib.closing(response):
            if handler.late.is_set():
                raise TimeoutError
            data, whole = _body(response, most + 1)
            late = handler.late.is_set() and len(data) <= most  # the end was ours then, whatever it looks like
            status = int(response.status or 0)
            return Response(status=status, data=data[:most], whole=whole and not late, late=late)
    except (OSError, http.client.HTTPException) as error:
        if handler.late.is_set():
            raise TimeoutError(f"no answer within {seconds:g} s") from error
        if isinstance(error, OSError):
            raise
        raise OSError(f"that was no answer in HTTP's words ({type(error).__name__})") from error
    finally:
        timer.cancel()


def _body(response: Any, most: int) -> tuple[bytes, bool]:
    """Up to `most` bytes, and whether it ended before; what has come counts, even if it then breaks off."""
    data = bytearray()
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
        while len(data) < most:
            piece = response.read1(min(PIECE, most - len(data)))
            if not piece:
                left = getattr(response, "length", None)  # of what was promised
                return bytes(data), not left
            data += piece
    return bytes(data), False
