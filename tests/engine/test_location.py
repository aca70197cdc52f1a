"""An engine that is elsewhere: what is said of its place, an answer read on its host, an address that nobody has."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.containers.views import containers as views
from helpers.engine import from_host
from helpers.engine.model.container import Answer
from helpers.engine.model.location import Machine, Where, locate
from helpers.errors import WaitedTooLong
from helpers.networks.engine import free_address

HERE = Machine(name="here", system="Linux", kernel="6.1", architecture="x86_64")


@pytest.mark.parametrize(
    ("address", "kernel", "in_container", "where", "words"),
    [
        ("unix:///var/run/docker.sock", "6.1", False, Where.THIS_COMPUTER, ""),
        ("tcp://127.0.0.1:2375", "6.9", False, Where.VIRTUAL_MACHINE, "in a virtual machine or behind a tunnel"),
        ("tcp://engine.example:2375", "6.1", False, Where.REMOTE, "on another computer"),
        ("unix:///var/run/docker.sock", "6.1", True, Where.BESIDE_A_CONTAINER, "this notebook runs in a container"),
    ],
)
def test_each_place_says_what_it_means_for_published_ports(
    address: str, kernel: str, in_container: bool, where: Where, words: str
) -> None:
    engine = Machine(name="there", system="Linux", kernel=kernel, architecture="x86_64")
    found = locate(address=address, notebook=HERE, engine=engine, in_container=in_container)
    assert found.where is where
    assert words in found.unforwarded
    assert bool(found.unforwarded) is bool(words)


def test_an_error_names_the_place_only_if_it_matters() -> None:
    plain = WaitedTooLong("an answer", seconds=3, status="running", log=("open",))
    assert str(plain).count("virtual") == 0
    placed = WaitedTooLong("an answer", seconds=3, status="running", place="the engine is in a virtual machine")
    assert "Why: the engine is in a virtual machine; the last state seen was: running" in str(placed)
    assert "forwarded" in placed.next_step


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello\n", (200, "hello\n")),
        ("HTTP/1.0 404 Not Found\r\n\r\n", (404, "")),
        ("HTTP/1.0 200\n\n\n\nx", (200, "\n\nx")),
        ("", None),
        ("SSH-2.0-OpenSSH", None),
        ("HTTP/1.1 many OK\r\n\r\nhello", None),
    ],
)
def test_an_answer_is_read_from_the_words_of_http(text: str, found: tuple[int, str] | None) -> None:
    answer = from_host.read(text, "http://127.0.0.1:1/")
    assert (None if answer is None else (answer.status, answer.body)) == found


def test_an_answer_says_where_it_was_asked_for() -> None:
    here = Answer(url="http://127.0.0.1:1/", status=200, body="hello")
    assert views.answer(here).sentence == "The answer has HTTP status 200."
    there = Answer(url="http://127.0.0.1:1/", status=200, body="hello", elsewhere="it is elsewhere")
    assert views.answer(there).sentence == (
        "The answer has HTTP status 200. It was asked for on the engine's host: it is elsewhere."
    )


def test_no_free_address_is_no_address() -> None:
    assert free_address.free(("10.1.2.0/24",), ()) == "10.1.2.254"
    assert free_address.free(("10.1.2.0/24",), ("10.1.2.254", "10.1.2.253")) == "10.1.2.252"
    assert free_address.free(("fd00::/64", "10.1.2.0/24"), ()) == "10.1.2.254"
    assert free_address.free(("10.1.2.0/30",), ()) == ""
    assert free_address.free((), ()) == ""
    everyone = {str(one) for one in ipaddress.ip_network("10.1.2.0/28")}
    assert free_address.free(("10.1.2.0/28",), everyone) == ""


@given(st.integers(8, 29), st.integers(0, 2**32 - 1), st.sets(st.integers(0, 40)))
def test_it_is_inside_of_the_subnet_and_not_taken(length: int, number: int, offsets: set[int]) -> None:
    net = ipaddress.ip_network((number, length), strict=False)
    taken = {str(net.broadcast_address - offset) for offset in offsets if offset < net.num_addresses}
    found = free_address.free((str(net),), taken)
    if found:
        assert ipaddress.ip_address(found) in net
        assert found not in taken
        assert found not in (str(net.network_address), str(net.broadcast_address))
