"""The measured matrix equals the truth that topologies.py holds: every line, and no attempt without a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from helpers import containers, daemon, networks, scene
from helpers.engine import container_names
from helpers.engine import containers as engine_containers
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.networks.model.reachability import HERE, Attempt, Reach, Reachability, Way
from tests.networks.topologies import WORLDS, Box, World

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
SCENE = "test-reach"
WORDS = {
    "reached": {Reach.REACHED},
    "refused": {Reach.REFUSED},
    "filtered": {Reach.FILTERED},
    "unknown": {Reach.NO_NAME},
    "silent": {Reach.NO_DNS},
    "nameless": {Reach.NO_NAME, Reach.NO_DNS},
    "no route": {Reach.NO_ROUTE},
    "no way": {Reach.NO_ROUTE, Reach.FILTERED},
    "can't test": {Reach.UNTESTABLE},
}
LINE = re.compile(r"(this computer|\S+)\s+(\S+)\s+((?:port )?[^,\s]+(?:, [^,\s]+)*)\s{2,}(.+)")


@pytest.fixture(autouse=True)
def stage(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(labels.SHARED, "1")  # so that each has an alias besides its name on the engine
    with scene(SCENE):
        yield
    assert daemon.inventory().mine == ()


def serve(box: Box) -> list[str]:
    servers = [f"httpd -f -p {address} -h /tmp &" for address in box.serves]
    return ["sh", "-c", " ".join([*servers, "sleep 100 & trap exit TERM; wait"])]


def play(client: Client, world: World) -> None:
    """Makes the world, as a learner would; what the helpers do not offer, as the docker command does it."""
    for net in world.nets:
        networks.create(net.name, internal=net.internal, icc=net.icc)
    for box in world.boxes:
        first = f"container:{box.inside}" if box.inside else box.networks[0]
        if box.publish or box.declares:
            made = by_hand(client, box, first)
        else:
            alias: dict[str, Any] = {"network_alias": box.aliases[first]} if first in box.aliases else {}
            made = containers.start(BUSYBOX, *serve(box), name=box.name, network=first, **alias).id
        for more in box.networks[1:]:
            networks.connect(more, box.name, alias=box.aliases.get(more, ""))
        if box.stopped:
            engine_containers.stop(client, made, grace=0)
    for box in world.boxes:
        if not box.stopped and box.serves:
            listening(client, box)


def by_hand(client: Client, box: Box, network: str) -> str:
    """docker run --expose, and --publish on an address of one's own."""
    raw: Any = client
    full = labels.object_name(network)
    made = str(
        raw.create_container(
            BUSYBOX,
            serve(box),
            name=labels.object_name(box.name),
            labels=labels.labels(SCENE),
            ports=[*box.declares, *box.publish.values()],
            host_config=raw.create_host_config(
                network_mode=full, port_bindings={port: (address, None) for address, port in box.publish.items()}
            ),
            networking_config=raw.create_networking_config(
                {full: raw.create_endpoint_config(aliases=[labels.word(box.name)])}
            ),
        )["Id"]
    )
    engine_containers.start(client, made)
    return made


def listening(client: Client, box: Box) -> None:
    """Waits until its servers do."""
    found = container_names.find(client, box.name, scene=SCENE)
    wanted = {f"{int(address.rpartition(':')[2]):04X}" for address in box.serves}

    def there() -> bool:
        table = engine_containers.execute(client, found, ["cat", "/proc/net/tcp", "/proc/net/tcp6"]).text
        ports = {line.split()[1].rpartition(":")[2] for line in table.splitlines() if " 0A " in line}
        return wanted <= ports

    from helpers.engine import waiting

    waiting.until(lambda: True if there() else None, f"{box.name} listening", seconds=5)


def as_line(attempt: Attempt, several: bool) -> tuple[str, str, str]:
    port = f":{attempt.port}" if several else ""
    if attempt.way is Way.PUBLISHED:
        by = f"port {attempt.tried}"
    elif attempt.way is Way.ADDRESS:
        by = f"@{attempt.place.removeprefix(labels.PREFIX) or 'nowhere'}{port}"
    elif attempt.way is Way.NAME:
        by = f"name{port}"
    else:
        by = f"{attempt.tried.removeprefix(labels.PREFIX)}{port}"
    return attempt.source.removeprefix(labels.PREFIX), attempt.target.removeprefix(labels.PREFIX), by


def truth(world: World) -> dict[tuple[str, str, str], str]:
    found = {}
    for line in world.truth.strip().splitlines():
        parts = LINE.fullmatch(line.strip())
        assert parts, f"no line of a truth table: {line}"
        for by in parts[3].split(", "):
            key = (parts[1], parts[2], by)
            assert key not in found, f"twice: {key}"
            found[key] = parts[4].strip()
    return found


@pytest.fixture(scope="module")
def silent_machine(client: Client) -> bool:
    """True if this machine's own DNS server does not say that a name does not exist; engines ask it."""
    made = engine_containers.create(
        client, BUSYBOX, ["timeout", "2", "nslookup", "-type=a", "no-such-name."], scene=SCENE
    )
    try:
        engine_containers.start(client, made)
        engine_containers.wait(client, made, seconds=10)
        return "NXDOMAIN" not in engine_containers.logs(client, made)
    finally:
        engine_containers.remove(client, made)


@pytest.mark.drawn("worlds", count=7)
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_the_matrix_equals_the_truth(client: Client, world: World, silent_machine: bool) -> None:
    play(client, world)
    expected = truth(world)

    measured = measured_lines(networks.reach(port=world.port))

    assert set(measured) == set(expected)
    late = {key for key, reach in measured.items() if reach is Reach.NO_DNS and Reach.NO_NAME in WORDS[expected[key]]}
    if silent_machine:  # a name that the engine does not know, it asks the machine's resolver for
        late = set()
    late |= {key for key, reach in measured.items() if reach is Reach.FILTERED and expected[key] == "reached"}
    if late:  # silence on a busy machine: once more
        again = measured_lines(networks.reach(port=world.port))
        measured |= {key: again[key] for key in late}
    wrong = []
    for key, reach in measured.items():
        allowed = set(WORDS[expected[key]])
        if Reach.NO_NAME in allowed and silent_machine:
            allowed.add(Reach.NO_DNS)
        if reach not in allowed:
            wrong.append(f"{' '.join(key)}: measured {reach.value}, the truth is {expected[key]}")
    assert not wrong, "\n".join(wrong)


def measured_lines(found: Reachability) -> dict[tuple[str, str, str], Reach]:
    measured = {}
    for attempt in found.attempts:
        key = as_line(attempt, len(found.ports(attempt.target)) > 1)
        assert key not in measured
        measured[key] = attempt.reach
    return measured


def test_every_pair_of_every_world_has_its_lines() -> None:
    assert len(WORLDS) >= 12
    for world in WORLDS:
        names = [box.name for box in world.boxes]
        pairs = {(source, target) for source, target, _ in truth(world)}
        assert pairs == {(s, t) for s in (*names, HERE) for t in names if s != t}, world.name
