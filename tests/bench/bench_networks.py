"""How long the map of 200 containers on 50 networks takes, against the two bare list calls that it is made from.

    python tests/bench/bench_networks.py [ROUNDS]

The containers are created and not started; the networks have subnets of their own choosing, since an engine's pools
hold fewer than 50. `the map` is model and figure with its text version, `networks.map` the learner's whole call with
its HTML. A command, not a test: times on a busy machine are no verdict on the code. Target: the map at most 5 times
the median of the bare calls. Exit status 1 if it is missed. What it makes is removed.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers import networks
from helpers.engine import base_images, scene
from helpers.engine.client import Client, connect
from helpers.engine.ownership import labels
from helpers.engine.session import session
from helpers.networks.engine import networks as engine
from helpers.networks.model.networks import select
from helpers.networks.views import map as views

TARGET = 5.0
SCENE = "bench-networks"
CONTAINERS, NETWORKS = 200, 50
NAMES = ("two list calls", "the map", "networks.map")


def make(client: Client) -> None:
    """50 networks, and 200 containers on them, every third on two."""
    raw: Any = client
    taken = json.dumps([row.get("IPAM") for row in raw.networks()])
    third = next(n for n in range(100, 250) if f"10.92.{n}." not in taken)
    busybox = base_images.reference("busybox")
    words = []
    for number in range(NETWORKS):
        subnet = f"10.92.{third + number // 32}.{number % 32 * 8}/29"
        words.append(engine.create(client, f"net-{number}", scene=SCENE, subnet=subnet).full_name)

    def one(number: int) -> None:
        first = words[number % NETWORKS]
        made = raw.create_container(
            busybox,
            command=["sleep", "60"],
            name=labels.object_name(f"worker-{number}"),
            labels=labels.labels(SCENE),
            host_config=raw.create_host_config(network_mode=first),
        )["Id"]
        if number % 3 == 0:
            raw.connect_container_to_network(made, words[(number + 1) % NETWORKS])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(CONTAINERS)))


def bare(client: Client) -> None:
    """The calls that any map needs."""
    client.networks()
    client.containers(all=True)


def drawn(client: Client) -> None:
    """The model, and the figure with its tables."""
    found = select(engine.look(client, scene=SCENE))
    figure = views.network_map(found)
    assert len(found.members) == CONTAINERS
    assert len(figure.tables[0].rows) == CONTAINERS
    assert figure.svg


def shown(_client: Client) -> None:
    """All of what a cell does."""
    assert networks.map()._repr_mimebundle_()["text/html"]


def main() -> int:
    """Prints the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as home:
        os.environ["COURSE_HOME"] = home  # a learner of its own
        client = connect()
        ways: dict[str, Callable[[Client], None]] = dict(zip(NAMES, (bare, drawn, shown), strict=True))
        times: dict[str, list[float]] = {name: [] for name in NAMES}
        session.enter(SCENE)
        try:
            make(client)
            for way in ways.values():
                way(client)
            calls = len(client.last_trace.calls)
            for number in range(rounds):
                for name in NAMES if number % 2 else NAMES[::-1]:
                    started = time.perf_counter()
                    ways[name](client)
                    times[name].append(time.perf_counter() - started)
        finally:
            scene.clear(client, scene=SCENE)
        version = client.version()["Version"]
    title = f"Docker {version}, {CONTAINERS} containers, {NETWORKS} networks, {calls} HTTP calls"
    print(f"{title}   ({rounds} rounds)\n{'':<16}{'median':>10}{'quartiles':>22}{'ratio':>8}")
    base = statistics.median(times[NAMES[0]])
    for name, row in times.items():
        median = statistics.median(row)
        low, _, high = statistics.quantiles(row, n=4) if len(row) > 1 else (median, median, median)
        spread = f"{low * 1000:.0f} to {high * 1000:.0f} ms"
        print(f"{name:<16}{median * 1000:>7.0f} ms{spread:>22}{median / base:>8.2f}")
    ratio = statistics.median(times["the map"]) / base
    print(f"the map takes {ratio:.2f} times as long as the list calls; target {TARGET:g}")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
