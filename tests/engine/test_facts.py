"""What an engine is: read from its answers, compared by number, and told in words."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.engine import facts as engine_facts
from helpers.engine.client import Client
from helpers.engine.model.facts import Facts, read
from helpers.engine.model.location import Machine, Place, Where

HERE = Machine(name="here", system="Linux", kernel="6.1", architecture="x86_64")
DOCKER = {"Version": "29.5.1", "Components": [{"Name": "Engine"}, {"Name": "runc", "Version": "1.3.6"}]}
STORE = {"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]], "CgroupVersion": "2"}
PODMAN = {"Version": "4.3.1", "Components": [{"Name": "Podman Engine", "Version": "4.3.1"}]}


def reading(version: dict[str, Any], info: dict[str, Any], engine: Machine = HERE) -> Facts:
    place = Place(
        where=Where.THIS_COMPUTER, address="unix:///x", notebook=HERE, engine=engine, evidence="", inferred=False
    )
    return read(version=version, info=info, place=place, buildkit=True)


def test_the_engines_answers_are_read() -> None:
    new = reading(DOCKER, STORE)
    assert (new.podman, new.number, new.runc_number) == (False, (29, 5, 1), (1, 3, 6))
    assert (new.containerd_store, new.cgroup, new.desktop) == (True, 2, False)

    podman = reading(PODMAN, {"CgroupVersion": "2"})
    assert (podman.podman, podman.runc, podman.containerd_store) == (True, "", False)
    assert podman.name == "Podman 4.3.1"

    desktop = reading(
        DOCKER, STORE, Machine(name="docker-desktop", system="Docker Desktop", kernel="6", architecture="")
    )
    assert desktop.desktop

    bare = reading({}, {})
    assert (bare.cgroup, bare.runc, bare.name) == (1, "", "Docker of an unknown version")
    assert reading(DOCKER, {**STORE, "DefaultRuntime": "crun"}).runc == ""


@pytest.mark.parametrize(
    ("version", "number", "name"),
    [
        ("20.10.24+dfsg1", (20, 10, 24), "Docker 20.10.24"),
        ("v28.0.0-rc.1", (28, 0, 0), "Docker 28.0.0"),
        ("dev", (10**6,), "Docker dev"),
    ],
)
def test_versions_are_compared_by_number(version: str, number: tuple[int, ...], name: str) -> None:
    found = reading({**DOCKER, "Version": version}, STORE)
    assert (found.number, found.name) == (number, name)


def test_every_fact_has_words() -> None:
    found = reading(DOCKER, STORE)
    assert found.words("cgroup", "runc") == "Docker 29.5.1, cgroup version 2, runc 1.3.6"
    named = ("runc", "containerd_store", "cgroup", "buildkit", "rootless", "where")
    assert found.words(*named).count(", ") == len(named)


@pytest.mark.engine
def test_the_engine_is_asked_and_no_trace_shows_it(client: Client) -> None:
    with client.tracing("facts"):
        found = engine_facts.facts(client)
    assert client.last_trace.calls == ()
    assert found.version == client.version()["Version"]
    assert str(found.cgroup) == str(client.info().get("CgroupVersion") or "1")
