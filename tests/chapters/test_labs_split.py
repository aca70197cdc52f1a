"""Lab 08, as from a terminal: one shop passes all of it, what does not run proves nothing, and the networks go, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import docker
import pytest

from helpers import lab
from helpers.engine.client import Client
from helpers.lab import attempts, catalogue
from tests.harness import foreign

SPLIT = catalogue.labs()["08-split-the-network"]

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("learner")]


@pytest.fixture(autouse=True)
def networks_go_too(client: Client) -> Iterator[None]:
    """No network is left, and none is gone."""
    before = foreign.snapshot(client)
    yield
    assert foreign.snapshot(client).of("network") == before.of("network")


def states() -> dict[int, bool]:
    """Which of the tasks are passed."""
    found: Any = lab.check()
    return {number: verdict.passed for number, verdict in enumerate(found.verdicts, start=1)}


@pytest.mark.thorough
def test_one_shop_with_plain_docker_passes_and_goes_with_its_networks(client: Client) -> None:
    lab.open(SPLIT.name)
    given = attempts.current(SPLIT.name, SPLIT.draw).given
    name, image = given["name"], given["image"]
    engine = docker.from_env()
    try:
        outer = engine.networks.create(f"{name}-outer")
        middle, back = (engine.networks.create(f"{name}-{word}", internal=True) for word in ("middle", "back"))
        store = engine.containers.run(image, "store", name=f"{name}-store", network=back.name, detach=True)
        api = engine.containers.run(image, "api", name=f"{name}-api", network=back.name, detach=True)
        middle.connect(api)
        door: Any = {"8080/tcp": ("127.0.0.1", None)}
        front = engine.containers.run(
            image, "front", name=f"{name}-front", network=middle.name, ports=door, detach=True
        )
        outer.connect(front)  # the network of the door comes second here
        assert states() == {1: False, 2: True, 3: True, 4: True, 5: True}
        out: Any = lab.check(4)
        assert "no default route" in repr(out.found) or "internal networks only" in repr(out.found)
        assert "inferred, not tried" in (out.figure().terminal or "")

        store.kill()
        assert states() == {1: False, 2: False, 3: False, 4: False, 5: False}
    finally:
        engine.close()
    assert f"{name}-back" in repr(lab.close())
    assert f"{name}-back" in {row["Name"] for row in client.networks()}
    closed = repr(lab.close(yes=True))
    assert all(f"{name}-{word}" in closed for word in ("outer", "middle", "back", "front", "api", "store"))
