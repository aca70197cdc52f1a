"""Networks as models: what is selected, what has changed, what a table of sockets says, why a cell is as it is."""

from __future__ import annotations

import ipaddress
import socket
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.engine.model.container import Published, State
from helpers.engine.ownership.ledger import Ledger
from helpers.errors import NotFound
from helpers.networks.engine import networks as engine
from helpers.networks.engine import tcp_probe
from helpers.networks.engine.reachability import doors
from helpers.networks.model.explanation import explain
from helpers.networks.model.networks import Member, Network, NetworkMap, Tap, changes, select, tap_label
from helpers.networks.model.reachability import (
    HERE,
    Attempt,
    Listener,
    Reach,
    Reachability,
    Way,
    address_of,
    called,
    listeners,
    looked_up,
    places_of,
)
from helpers.networks.model.route import carried


def net(name: str, **more: object) -> Network:
    given = {"id": f"id-{name}", "full_name": name, "driver": "bridge", "mine": True}
    return Network(name=name, **{**given, **more})  # type: ignore[arg-type]


def member(name: str, *networks: str, **more: object) -> Member:
    taps = tuple(Tap(network=f"id-{n}", address=f"10.0.{len(n)}.{len(name)}") for n in networks)
    given = {"id": f"c-{name}", "full_name": f"x-{name}", "image": "i", "state": State.RUNNING, "taps": taps}
    return Member(name=name, **{**given, **more})  # type: ignore[arg-type]


FRONT, BACK, BRIDGE = net("front"), net("back", internal=True), net("bridge", names=False, mine=False)
WEB, API, STORE = member("web", "front", mine=True), member("api", "front", "back"), member("store", "back")
SIDECAR = member("sidecar", mode="container:c-store")
OTHER = member("other", "bridge")
WHOLE = NetworkMap(networks=(FRONT, BACK, BRIDGE), members=(WEB, API, STORE, SIDECAR, OTHER))


@pytest.mark.parametrize(
    ("names", "more", "expected"),
    [
        ((), {}, "web api store sidecar"),
        ((), {"all_of_them": True}, "web api store sidecar other"),
        (("front",), {}, "web api"),
        (("front", "other"), {}, "web api other"),
        (("store",), {}, "store"),
        (("x-store",), {}, "store"),
        ((), {"focus": "web"}, "web api"),
        ((), {"focus": "sidecar"}, "api store sidecar"),
        ((), {"focus": "other"}, "other"),
    ],
)
def test_map_and_matrix_are_about_the_same_part(names: tuple[str, ...], more: dict[str, bool], expected: str) -> None:
    found = select(WHOLE, names, **more)  # type: ignore[arg-type]
    assert " ".join(m.name for m in found.members) == expected
    assert found.elsewhere == len(WHOLE.members) - len(found.members)
    shown = {n.id for n in found.networks}
    assert all(tap.network in shown for m in found.members for tap in m.taps)


def test_a_name_that_there_is_not_is_answered_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="web, api, store") as caught:
        select(WHOLE, ["wbe"])
    assert caught.value.status is None
    assert "the engine said" not in str(caught.value)  # nobody asked it


def test_containers_that_share_with_each_other_in_a_circle_end_the_search() -> None:
    one, two = member("one", mode="container:c-two"), member("two", mode="container:c-one")
    found = NetworkMap(networks=(), members=(one, two))
    assert found.owner(one) in (one, two)
    assert found.owner(member("x", mode="container:gone")).name == "x"


def test_what_is_new_other_or_gone_is_told() -> None:
    before = NetworkMap(networks=(FRONT,), members=(WEB, STORE))
    joined = replace(WEB, taps=(*WEB.taps, Tap(network="id-back")), state=State.PAUSED)
    after = NetworkMap(networks=(FRONT, BACK), members=(joined, API))
    said = {(change.kind, change.words) for change in changes(before, after)}
    assert said == {
        ("+", "network back"),
        ("+", "container api"),
        ("−", "container store is gone"),
        ("~", "web joined back"),
        ("~", "web is paused"),
    }
    assert changes(before, before) == ()


@pytest.mark.parametrize(
    ("address", "subnet", "expected"),
    [
        ("172.20.0.2", "172.20.0.0/24", ".2"),
        ("172.20.3.7", "172.20.0.0/16", ".3.7"),
        ("10.93.20.18", "10.93.20.16/28", ".18"),
        ("10.1.2.3", "172.20.0.0/16", "10.1.2.3"),
        ("fd00::2", "fd00::/64", "fd00::2"),
        ("", "172.20.0.0/16", ""),
        ("nonsense", "nonsense", "nonsense"),
    ],
)
def test_a_tap_says_what_the_lane_does_not(address: str, subnet: str, expected: str) -> None:
    assert tap_label(address, [subnet]) == expected


def row(address: str, port: int, *, state: str = "0A", inode: int = 7) -> str:
    """A line of /proc/net/tcp or tcp6, as a kernel on a little-endian machine writes it."""
    packed = ipaddress.ip_address(address).packed
    words = [struct.pack("<I", *struct.unpack(">I", packed[i : i + 4])) for i in range(0, len(packed), 4)]
    digits = b"".join(words).hex().upper()
    return (
        f"0: {digits}:{port:04X} {'0' * len(digits)}:0000 {state} 00000000:00000000 00:00000000 00000000 0 0 {inode} 1"
    )


@given(st.ip_addresses(), st.integers(1, 65535), st.integers(1, 10**9))
def test_a_listening_socket_is_read_back(address: ipaddress.IPv4Address, port: int, inode: int) -> None:
    line = row(str(address), port, inode=inode)
    mapped = getattr(address, "ipv4_mapped", None)
    expected = str(mapped or address)
    assert address_of(line.split()[1].split(":")[0]) == expected
    found = listeners([line], frozenset({str(inode)}))
    assert found == (() if expected == "127.0.0.11" else (Listener(address=expected, port=port),))
    assert listeners([line], frozenset()) == ()
    assert listeners([row(str(address), port, state="01")], None) == ()


@given(st.lists(st.text("tcpxname 0:A1F\t|#\u00e9", max_size=60), max_size=4))
def test_no_table_of_sockets_breaks_the_reading(lines: list[str]) -> None:
    assert listeners(lines, None) == ()
    heard = tcp_probe.Heard()
    tcp_probe.read("\n".join(lines), heard)
    tcp_probe.hosts(lines)
    carried("\n".join(lines), outside=1, address="10.0.0.1", inside=2)


@given(st.text(), st.integers(0, 255))
def test_no_words_of_a_tool_break_the_reading(text: str, code: int) -> None:
    failed, addresses = looked_up(text, code)
    assert bool(failed) != bool(addresses)
    assert called(text, code) in Reach


@pytest.mark.parametrize(
    ("text", "code", "reach"),
    [
        ("", 0, Reach.REACHED),
        ("nc: can't connect to remote host (10.0.0.2): Connection refused", 1, Reach.REFUSED),
        ("nc: timed out", 1, Reach.FILTERED),
        ("nc: can't connect to remote host (10.0.0.2): Network is unreachable", 1, Reach.NO_ROUTE),
        ("nc: can't connect to remote host (10.0.0.2): No route to host", 1, Reach.NO_ROUTE),
    ],
)
def test_what_nc_says(text: str, code: int, reach: Reach) -> None:
    assert called(text, code) is reach


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("Server:\t\t127.0.0.11|Address:\t127.0.0.11:53||Name:\tdb|Address: 10.0.0.2|", 0, (None, ("10.0.0.2",))),
        (
            "Server: 127.0.0.11|Address: 127.0.0.11:53||Non-authoritative answer:|Name: db|Address: 10.0.0.2|Name: db|"
            "Address: 10.0.0.3|",
            0,
            (None, ("10.0.0.2", "10.0.0.3")),
        ),
        ("** server can't find db: NXDOMAIN|", 1, (Reach.NO_NAME, ())),
        ("** server can't find db: SERVFAIL|", 1, (Reach.NO_DNS, ())),
        ("Terminated|", 143, (Reach.NO_DNS, ())),
        ("nslookup: can't connect to remote host (10.0.0.1): Network is unreachable", 1, (Reach.NO_DNS, ())),
    ],
)
def test_what_nslookup_says(text: str, code: int, expected: tuple[Reach | None, tuple[str, ...]]) -> None:
    assert looked_up(text, code) == expected


def test_a_hosts_file_is_read_with_its_comments() -> None:
    found = tcp_probe.hosts(
        ["127.0.0.1 localhost loop # me", "::1 localhost", "", "# 10.0.0.1 x", "10.0.0.2 db", "10.0.0.3 db"]
    )
    assert found == {"localhost": ("127.0.0.1",), "loop": ("127.0.0.1",), "db": ("10.0.0.2", "10.0.0.3")}


def test_a_published_port_is_knocked_at_where_it_is_and_at_127_0_0_1() -> None:
    def at(*pairs: tuple[str, int]) -> tuple[tuple[str, int, int], ...]:
        published = tuple(Published(address=a, port=p, container_port=80) for a, p in pairs)
        return doors(member("x", published=published))

    assert at(("127.0.0.1", 5)) == (("127.0.0.1", 5, 80),)
    assert at(("0.0.0.0", 5), ("::", 5)) == (("127.0.0.1", 5, 80),)
    assert at(("::", 5)) == (("::1", 5, 80),)
    assert at(("127.0.0.2", 5)) == (("127.0.0.2", 5, 80), ("127.0.0.1", 5, 80))
    assert at() == ()


def test_who_carried_a_call() -> None:
    def line(local: tuple[str, int], remote: tuple[str, int]) -> str:
        first, second = row(*local).split()[1], row(*remote).split()[1]
        return f"tcp x {first} {second} 01 0:0 0:0 0 0 0 9 1"

    call = line(("127.0.0.1", 50000), ("127.0.0.1", 8080))
    taken, second = line(("127.0.0.1", 8080), ("127.0.0.1", 50000)), line(("10.0.0.1", 4), ("10.0.0.2", 80))
    proxy = "proxy 77 /usr/bin/docker-proxy -proto tcp -host-ip 127.0.0.1 -host-port 8080 -container-ip 10.0.0.2"

    found = carried("\n".join([call, taken, second, proxy]), outside=8080, address="10.0.0.2", inside=80)
    assert (found.proxied, found.program, found.process, found.second) == (True, "docker-proxy", 77, "10.0.0.1")
    translated = carried(call, outside=8080, address="10.0.0.2", inside=80)
    assert (translated.seen, translated.proxied, translated.second) == (True, False, "")
    assert not carried("", outside=8080, address="10.0.0.2", inside=80).seen


def test_where_a_container_can_be_tried() -> None:
    assert places_of(WHOLE, WEB, STORE, here=True) == (("10.0.4.5", "back"),)
    assert places_of(WHOLE, STORE, SIDECAR, here=True) == (("10.0.4.5", "back"), ("127.0.0.1", "itself"))
    bare = member("bare", mode="host")
    assert places_of(WHOLE, WEB, bare, here=True) == (("", ""),)  # the map knows no gateway
    with_gateway = replace(WHOLE, networks=(replace(FRONT, gateways=("10.0.5.1",)), BACK))
    assert places_of(with_gateway, WEB, bare, here=True) == (("10.0.5.1", "host"),)
    assert places_of(WHOLE, None, bare, here=True) == (("127.0.0.1", "host"),)
    assert places_of(WHOLE, None, bare, here=False) == (("", ""),)
    assert places_of(WHOLE, WEB, replace(STORE, state=State.EXITED), here=True) == (("", ""),)


def matrix(source: str, target: str, reach: Reach, whole: NetworkMap = WHOLE, **listening: Listener) -> Reachability:
    way = Way.NAME if source != HERE else Way.ADDRESS
    attempt = Attempt(source=source, target=target, way=way, tried=target, port=80, column=80, reach=reach)
    return Reachability(
        map=whole,
        sources=(source,),
        columns=((target, 80),),
        attempts=(attempt,),
        listening={m.name: tuple(one for n, one in listening.items() if n == m.name) for m in whole.members},
    )


OPEN, SHY = Listener(address="0.0.0.0", port=80), Listener(address="127.0.0.1", port=80)
STOPPED = replace(WHOLE, members=(WEB, API, replace(STORE, state=State.EXITED)))
APART = replace(WHOLE, networks=(replace(FRONT, icc=False), BACK))


@pytest.mark.parametrize(
    ("source", "target", "reach", "whole", "listening", "words"),
    [
        ("web", "api", Reach.REACHED, WHOLE, {"api": OPEN}, "They share front"),
        ("web", "store", Reach.NO_NAME, WHOLE, {}, "no network in common: web is on front, store on back"),
        ("web", "api", Reach.REFUSED, WHOLE, {"api": SHY}, "listens on 127.0.0.1 only"),
        ("web", "api", Reach.REFUSED, WHOLE, {}, "nothing listens on port 80"),
        ("web", "api", Reach.FILTERED, APART, {"api": OPEN}, "icc is off"),
        ("web", "sidecar", Reach.NO_NAME, WHOLE, {}, "found by store's name only"),
        ("web", "store", Reach.NO_DNS, STOPPED, {}, "is not running"),
        ("store", "web", Reach.UNTESTABLE, STOPPED, {}, "nothing can be tried from it"),
        (HERE, "api", Reach.REACHED, WHOLE, {"api": OPEN}, "has an address on each of its networks"),
    ],
)
def test_the_reason_fits_the_map(
    source: str, target: str, reach: Reach, whole: NetworkMap, listening: dict[str, Listener], words: str
) -> None:
    found = explain(matrix(source, target, reach, whole, **listening), source, target)
    assert found.agrees, found.text
    assert words in found.text
    assert reach.value in found.text or reach in (Reach.REACHED, Reach.UNTESTABLE)


def test_where_map_and_measurement_disagree_the_measurement_counts_and_it_is_said() -> None:
    found = explain(matrix("web", "api", Reach.FILTERED, WHOLE, api=OPEN), "web", "api")
    assert not found.agrees
    assert "filtered" in found.measured
    assert "suggests “reached”; what was measured counts" in found.text


def test_what_was_not_tried_is_said() -> None:
    with pytest.raises(NotFound, match="from web to api") as caught:
        explain(matrix("web", "api", Reach.REACHED), "api", "web")
    assert caught.value.status is None
    assert "the engine said" not in str(caught.value)


NOTHING = Ledger("an engine", ())


@given(st.none() | st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_rows_that_lack_something_are_read_all_the_same(labels: dict[str, str] | None) -> None:
    found = engine._member(
        {"Id": "x" * 64, "Labels": labels, "Names": None, "NetworkSettings": None}, {}, None, NOTHING
    )
    assert found.name
    assert engine._network({"Id": "y", "Name": "n", "Labels": labels, "IPAM": None}, None, NOTHING).subnets == ()


def test_a_call_from_here_sees_a_server_a_refusal_and_a_proxy_that_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as rude:
        port, hung = server.getsockname()[1], rude.getsockname()[1]

        def hang_up() -> None:
            for _ in range(2):
                rude.accept()[0].close()

        import threading

        threading.Thread(target=hang_up, daemon=True).start()
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nobody = closed.getsockname()[1]
            heard = tcp_probe.from_here(
                [], [("127.0.0.1", port), ("127.0.0.1", nobody)], [("127.0.0.1", port), ("127.0.0.1", hung)]
            )
    assert heard.calls == {("127.0.0.1", port): Reach.REACHED, ("127.0.0.1", nobody): Reach.REFUSED}
    assert heard.held == {("127.0.0.1", port): Reach.REACHED, ("127.0.0.1", hung): Reach.REFUSED}
