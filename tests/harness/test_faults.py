"""The line that breaks, itself: it knows calls and where messages end, and unbroken it changes nothing."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.engine import containers, scene
from helpers.engine.client import Client, open_client
from helpers.engine.discovery import Address
from tests.harness.faults import Message, kind_of, relayed

BUSYBOX = "localhost/course/busybox:1"
HEAD = "HTTP/1.1 {0}\r\n{1}\r\n\r\n"
CHUNKED = (
    HEAD.format("200 OK", "Transfer-Encoding: chunked").encode() + b"5\r\nhello\r\n1;a=b\r\n \r\n0\r\nMore: x\r\n\r\n"
)
WHOLE = {
    "length": HEAD.format("200 OK", "Content-Length: 5").encode() + b"hello",
    "chunks and a trailer": CHUNKED,
    "nothing": HEAD.format("204 No Content", "Server: x").encode(),
    "after 100": HEAD.format("100 Continue", "A: b").encode()
    + HEAD.format("200 OK", "Content-Length: 1").encode()
    + b"x",
    "an empty list": HEAD.format("200 OK", "Content-Length: 0").encode(),
}
ENDLESS = {
    "upgraded": HEAD.format("101 UPGRADED", "Upgrade: tcp").encode() + b"anything",
    "until the line ends": HEAD.format("200 OK", "Server: x").encode() + b"anything",
}


@given(st.sampled_from(sorted(WHOLE)), st.lists(st.integers(1, 9)), st.binary(max_size=5))
def test_a_message_ends_where_it_ends_however_it_comes_in_pieces(name: str, sizes: list[int], after: bytes) -> None:
    data, message, at = WHOLE[name] + after, Message("GET"), 0
    for size in [*sizes, len(data)]:
        if not message.done:
            at += message.feed(data[at : at + size])
    assert message.done
    assert data[at:] == after


@given(st.sampled_from(sorted(ENDLESS)), st.integers(1, 80))
def test_an_upgraded_line_has_no_end(name: str, size: int) -> None:
    message, data = Message("POST"), ENDLESS[name]
    taken = message.feed(data[:size]) + message.feed(data[size:])
    assert taken == len(data)
    assert message.open
    assert not message.done


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("GET /v1.51/containers/json?all=1", "GET /containers/json"),
        ("GET /version", "GET /version"),
        ("DELETE /v1.51/containers/4f00?v=True", "DELETE /containers/{}"),
        ("GET /v1.51/images/localhost/course/busybox:1/json", "GET /images/{}/json"),
        ("DELETE /v1.51/images/cu-x-json", "DELETE /images/{}"),
        ("POST /v1.51/networks/n/connect", "POST /networks/{}/connect"),
        ("POST /v1.51/images/load?quiet=1", "POST /images/load"),
        ("POST /v1.51/exec/4f00/start", "POST /exec/{}/start"),
    ],
)
def test_a_call_is_known_without_ids(line: str, kind: str) -> None:
    assert kind_of(*line.split(" ")) == kind


def test_an_unbroken_line_changes_nothing(client: Client) -> None:
    with relayed(client) as line, closing(open_client(Address(url=line.url, origin="test"))) as far:
        assert far.version() == client.version()
        assert far.identity == client.identity
        made = containers.create(far, BUSYBOX, ["sh", "-c", "while sleep 1; do :; done"], scene="test-line")
        try:
            containers.start(far, made)
            told = far.exec_create(made, ["sh", "-c", "head -c 300000 /dev/zero"])["Id"]
            assert bytes(far.exec_start(told)) == bytes(300_000)
            one, other = (b"".join(side.get_archive(made, "/bin/busybox")[0]) for side in (far, client))
            assert one == other
            asked = ["GET /version", "POST /containers/create", "POST /exec/{}/start", "GET /containers/{}/archive"]
            assert [call for call in line.calls if call in asked] == ["GET /version", *asked]
        finally:
            scene.clear(client, scene="test-line")
