"""Answers read ahead from the socket: a real server on this computer, its chunks cut anywhere."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.engine import read_ahead

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


def chunked(parts: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(st.binary(max_size=40), max_size=8), cut=st.integers(1, 30))
def test_chunks_cut_anywhere(parts: list[bytes], cut: int) -> None:
    data = chunked(parts)
    raw = [data[at : at + cut] for at in range(0, len(data), cut)]
    assert b"".join(read_ahead.unchunked(raw)) == b"".join(parts)


@given(cut=st.integers(0, 10))
def test_a_body_that_ends_early_is_no_body(cut: int) -> None:
    data = chunked([b"12345"])[:cut]
    with pytest.raises(ConnectionError):
        list(read_ahead.unchunked([data]))


def test_what_are_no_chunks_is_refused() -> None:
    with pytest.raises(ConnectionError):
        list(read_ahead.unchunked([b"nonsense\n"]))


@pytest.fixture
def server() -> Iterator[tuple[str, list[bytes]]]:
    """Answers each request with what the list holds, and closes."""
    body: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as door:

        def serve() -> None:
            while True:
                try:
                    line, _ = door.accept()
                except OSError:
                    return
                with closing(line):
                    line.recv(65536)
                    try:
                        line.sendall(HEAD + body[0])
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}/", body
        door.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        assert not thread.is_alive()


def read(url: str) -> Iterator[bytes]:
    with (
        closing(requests.get(url, stream=True, timeout=10)) as answer,
        closing(read_ahead.pieces(answer, 10)) as pieces,
    ):
        yield from pieces


def threads() -> int:
    return sum(thread.name == "reading an image" for thread in threading.enumerate())


@pytest.mark.parametrize("size", [0, 1, 100_000, 9_000_000])
def test_all_of_it_comes(server: tuple[str, list[bytes]], size: int) -> None:
    url, body = server
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    body.append(chunked([data[at : at + 32768] for at in range(0, size, 32768)]))
    assert b"".join(read(url)) == data
    assert threads() == 0


def test_it_may_be_left_in_the_middle_and_says_when_it_is_cut_off(server: tuple[str, list[bytes]]) -> None:
    url, body = server
    body.append(chunked([b"x" * 32768] * 600))
    with closing(read(url)) as pieces:  # type: ignore[type-var]  # a generator
        assert next(pieces)
    assert threads() == 0
    body[0] = body[0][:3_000_000]
    with pytest.raises(ConnectionError, match="cut off"):
        list(read(url))
    assert threads() == 0
