"""The verbs of the networks topic on the real engine, and the commands that their "How" names."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from helpers import containers, daemon, errors, networks, scene
from helpers.drawing.figure import Shows
from helpers.engine import base_images
from helpers.engine.client import Client
from helpers.networks.engine import free_address, tcp_probe
from helpers.networks.model.reachability import HERE, THERE, Reach, Way
from tests.harness.by_hand import by_hand
from tests.harness.terminal import both

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
SERVER = ("httpd", "-f", "-p", "8080", "-h", "/tmp")


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    with scene("test-networks"):
        yield
    assert daemon.inventory().mine == ()


def test_the_map_takes_two_calls_and_follows_a_connection_made_while_it_runs(client: Client) -> None:
    networks.create("hs-front")
    networks.create("hs-back", internal=True)
    containers.start(BUSYBOX, *SERVER, name="hs-web", network="hs-front", publish=8080)

    before = networks.map()
    assert len(client.last_trace.calls) == 2
    assert [n.name for n in before.networks] == ["hs-back", "hs-front"]
    assert [n.internal for n in before.networks] == [True, False]
    assert before.member("hs-web").published[0].address == "127.0.0.1"
    after = networks.connect("hs-back", "hs-web")
    assert {n.name for n in after.networks_of(after.member("hs-web"))} == {"hs-back", "hs-front"}
    assert networks.connect("hs-back", "hs-web").members == after.members  # again: nothing happens
    assert {n.name for n in networks.disconnect("hs-front", "hs-web").networks} == {"hs-back"}


def test_a_network_is_left_as_it_is_or_replaced_but_never_under_a_container() -> None:
    first = networks.create("hs-front")
    assert networks.create("hs-front").id == first.id
    assert networks.create("hs-front", internal=True).id != first.id
    containers.start(BUSYBOX, "sleep", "60", name="hs-web", network="hs-front")
    for again in (lambda: networks.create("hs-front"), lambda: networks.remove("hs-front")):
        with pytest.raises(errors.CourseError, match="in use"):
            again()
    containers.remove("hs-web")
    assert networks.remove("hs-front").networks == ()


def test_what_is_not_there_is_answered_with_what_there_is(client: Client) -> None:
    networks.create("hs-front")
    with pytest.raises(errors.NotFound, match="Networks of this scene: hs-front"):
        containers.start(BUSYBOX, "sleep", "60", name="hs-web", network="hs-frnt")
    with pytest.raises(errors.NotFound, match="no container called"):
        networks.map("nobody")
    with pytest.raises(errors.WrongUse, match="not one of this scene's"):
        networks.remove("bridge")
    for port in (0, "80", True):
        with pytest.raises(errors.WrongUse, match="not a port"):
            networks.reach(port=port)  # type: ignore[arg-type]
    with pytest.raises(errors.WrongUse, match="time to watch"):
        networks.map(seconds=9999)
    assert networks.map().members == ()


def test_watching_marks_what_somebody_does_meanwhile(client: Client) -> None:
    networks.create("hs-front")
    containers.start(BUSYBOX, "sleep", "60", name="hs-web", network="hs-front")
    raw: Any = client

    def elsewhere() -> None:
        raw.disconnect_container_from_network(networks.map().member("hs-web").id, networks.map().networks[0].id)

    timer = threading.Timer(0.5, elsewhere)
    timer.start()
    found = networks.map("hs-web", seconds=3)
    timer.join()

    assert [change.words for change in found.changes if change.what == "container"] == ["hs-web left hs-front"]
    assert "hs-web left hs-front" in repr(found)
    assert networks.map("hs-web", seconds=0.3).changes == ()


def test_a_server_of_another_user_is_seen_and_the_host_s_own_ports_are_not() -> None:
    networks.create("hs-front")
    containers.start(BUSYBOX, *SERVER, name="hs-mine", network="hs-front", user="1234")
    containers.start(BUSYBOX, "httpd", "-f", "-p", "127.0.0.1:18299", name="hs-bare", network="host")

    found = networks.reach()

    assert found.ports("hs-mine") == (8080,)
    assert found.ports("hs-bare") == (18299,)
    assert found["hs-bare", "hs-mine"].reach in (Reach.NO_NAME, Reach.NO_DNS)
    assert found["hs-bare", found.address("hs-mine")].reach is Reach.REACHED


def test_a_name_that_leads_to_somebody_else_is_not_taken_for_the_target() -> None:
    for name in ("hs-front", "hs-back"):
        networks.create(name)
    containers.start(BUSYBOX, *SERVER, name="hs-web", network="hs-front")
    containers.start(BUSYBOX, *SERVER, name="hs-near", network="hs-front", network_alias="db")
    containers.start(BUSYBOX, *SERVER, name="hs-far", network="hs-back", network_alias="db")

    found = networks.reach("hs-web", "hs-near", "hs-far")
    tried = {a.target: a for a in found.attempts if a.source == "hs-web" and a.tried == "db"}

    assert tried["hs-near"].reach is Reach.REACHED
    assert (tried["hs-far"].reach, tried["hs-far"].others) == (Reach.NO_NAME, ("hs-near",))


def test_a_silent_dns_server_is_told_from_an_unknown_name(client: Client) -> None:
    networks.create("hs-front")
    raw: Any = client
    target = containers.start(BUSYBOX, *SERVER, name="hs-web", network="hs-front")
    labels = raw.inspect_container(target.id)["Config"]["Labels"]
    host = raw.create_host_config(dns=["192.0.2.1"])  # an address for documentation: nobody answers there
    deaf = raw.create_container(BUSYBOX, ["sleep", "60"], labels=labels, host_config=host)["Id"]
    raw.start(deaf)
    with tcp_probe.helper(client, deaf, scene="test-networks") as helper:
        assert helper.attempt(["hs-web"], []).names["hs-web"] == (Reach.NO_DNS, ())


def test_every_way_arrives_or_ends_where_it_really_does() -> None:
    networks.create("hs-front")
    containers.start(BUSYBOX, *SERVER, name="hs-web", network="hs-front", publish=8080)
    containers.start(BUSYBOX, "httpd", "-f", "-p", "127.0.0.1:8080", name="hs-shy", network="hs-front", publish=8080)
    containers.start(BUSYBOX, *SERVER, name="hs-quiet", network="hs-front")

    web, shy, quiet = (networks.way(name) for name in ("hs-web", "hs-shy", "hs-quiet"))

    assert [path.arrives for path in web.paths] == [True, False]
    assert [path.arrives for path in shy.paths] == [False, False]
    assert "127.0.0.1 only" in shy.paths[0].steps[-1].what
    assert "published on 127.0.0.1 only" in repr(web)
    assert len(quiet.paths) == 1
    containers.stop("hs-web", grace=0)
    with pytest.raises(errors.NotRunning):
        networks.way("hs-web")


def test_from_outside_of_the_engine_s_host_its_host_has_a_row_of_its_own(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks.create("hs-front")
    containers.start(BUSYBOX, *SERVER, name="hs-web", network="hs-front", publish=8080)
    containers.start(BUSYBOX, "httpd", "-f", "-p", "127.0.0.1:8080", name="hs-shy", network="hs-front", publish=8080)
    # as on Docker Desktop: this process says that it is elsewhere; the rest is measured, on the host itself
    monkeypatch.setattr(tcp_probe, "place_here", lambda: "another machine")

    found = networks.reach("hs-web", "hs-shy")

    assert found.sources == ("hs-shy", "hs-web", HERE, THERE)
    doors = {a.target: a.reach for a in found.attempts if a.source == THERE and a.way is Way.PUBLISHED}
    assert doors == {"hs-web": Reach.REACHED, "hs-shy": Reach.REFUSED}


def at_addresses(found: networks.Reachability, source: str) -> set[Reach]:
    return {a.reach for a in found.attempts if a.source == source and a.way is Way.ADDRESS}


def test_an_answer_from_an_address_that_nobody_has_shows_that_somebody_else_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    networks.create("hs-front")
    containers.start(BUSYBOX, *SERVER, name="hs-web", network="hs-front")
    monkeypatch.setattr(tcp_probe, "place_here", lambda: "another machine")
    honest = networks.reach("hs-web", port=8080)
    assert at_addresses(honest, HERE) == {Reach.REACHED}  # nothing answered at the other

    with socket.create_server(("127.0.0.2", 8080)):  # in the place of a proxy that takes every call
        monkeypatch.setattr(free_address, "addresses", lambda _, found: {network.id: "127.0.0.2" for network in found})
        found = networks.reach("hs-web", port=8080)

    assert at_addresses(found, HERE) == {Reach.SOMEBODY_ELSE}
    assert at_addresses(found, THERE) == {Reach.REACHED}
    assert "This computer gets answers at addresses that no container has" in repr(found)
    assert "not the container" in repr(found.explain(HERE, "hs-web"))
    assert found.explain(HERE, "hs-web").agrees


def test_the_address_that_nobody_has_is_in_the_network_and_free(client: Client) -> None:
    net = networks.create("hs-front", subnet="10.231.7.0/28")
    assert free_address.addresses(client, [net]) == {net.id: "10.231.7.14"}
    containers.start(BUSYBOX, *SERVER, name="hs-web", network="hs-front")
    web = networks.map("hs-web").members[0]
    assert web.taps[0].address != "10.231.7.14"
    client.connect_container_to_network(
        containers.start(BUSYBOX, *SERVER, name="hs-last").id, net.id, ipv4_address="10.231.7.14"
    )
    assert free_address.addresses(client, [net]) == {net.id: "10.231.7.13"}


def test_ten_containers_reach_each_other_and_nothing_is_left(client: Client) -> None:
    networks.create("hs-front")
    for number in range(10):
        containers.start(BUSYBOX, *SERVER, name=f"web-{number}", network="hs-front")
    before = {row["Id"] for row in client.containers(all=True)}

    found = networks.reach()

    assert sum(cell.reach is Reach.REACHED for cell in found.cells if cell.source != HERE) == 90
    assert {row["Id"] for row in client.containers(all=True)} == before


def test_the_command_lines_and_docker_py_lines_under_how_do_the_same() -> None:
    networks.create("hs-front")
    containers.start(BUSYBOX, *SERVER, name="hs-web", network="hs-front", publish=8080)
    containers.start(BUSYBOX, *SERVER, name="hs-api", network="hs-front")
    address = networks.map().address("hs-web")
    expected: list[tuple[Shows, str, str]] = [
        (networks.map(), address, address),
        (networks.reach(), "reached", "reached"),
        (networks.way("hs-web"), "127.0.0.1:", "HostPort"),
    ]
    for found, typed, python in expected:
        how = found.figure().how
        told = "".join(
            subprocess.run(shlex.split(line), capture_output=True, text=True, timeout=60, check=True).stdout
            for line in how.docker
        )
        assert typed in told, type(found)
        lines = "\n".join(how.python)
        done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, timeout=60, check=False)
        assert python in done.stdout, done.stderr


def test_the_lines_under_how_connect_disconnect_and_remove(client: Client) -> None:
    hand = by_hand(client)
    networks.create("front")
    web = containers.start(BUSYBOX, "sleep", "60", name="web").id

    def ends() -> dict[str, Any]:
        found: dict[str, Any] = hand.inspect_container(web)["NetworkSettings"]["Networks"]
        return {name: [one for one in end["Aliases"] or () if one == "till"] for name, end in found.items()}

    connect = networks.connect("front", "web", alias="till")
    wanted = ends()
    disconnect = networks.disconnect("front", "web")
    for way in (0, 1):
        for found, after in ((connect, wanted), (disconnect, {"bridge": []})):
            both(found.figure().how)[way]()
            assert ends() == after
    how = networks.remove("front").figure().how
    for run in both(how):
        hand.create_network("hs-front")
        run()
        assert not [row for row in hand.networks(names=["hs-front"]) if row["Name"] == "hs-front"]


@pytest.mark.parametrize("options", [{}, {"internal": True}, {"icc": False}])
def test_the_lines_under_how_make_the_same_network(client: Client, options: dict[str, Any]) -> None:
    how, hand = networks.create("front", **options).figure().how, by_hand(client)

    def asked() -> tuple[Any, ...]:
        row = hand.inspect_network("hs-front")
        return row["Driver"], row["Internal"], row["Options"] or {}, row["EnableIPv6"]

    seen = [asked()]
    networks.remove("front")
    for run in both(how):
        run()
        try:
            seen.append(asked())
        finally:
            hand.remove_network("hs-front")
    assert seen[1:] == seen[:1] * 2


def test_the_helpers_image_has_the_tools_that_it_needs(client: Client) -> None:
    busybox = base_images.reference("busybox")
    have = containers.run(busybox, "busybox", "--list").output.split()
    assert {"nc", "nslookup", "timeout", "usleep", "readlink", "sed", "tr", "cut", "grep"} <= set(have)
