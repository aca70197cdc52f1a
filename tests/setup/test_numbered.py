"""The word `docker` where several learners use one engine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from helpers import store
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.setup.jupyter import numbered
from tests.harness import foreign

BUSYBOX = "localhost/course/busybox:1"


@pytest.mark.parametrize(
    ("typed", "done"),
    [
        ("logs hs-web", "logs hs-web-N"),
        ("rm --force hs-web hs-api-2", "rm --force hs-web-N hs-api-2-N"),
        ("build --tag hs-shop:1 harbour-shop", "build --tag hs-shop-N:1 harbour-shop"),
        ("cp hs-web:/etc/hosts .", "cp hs-web-N:/etc/hosts ."),
        ("run --volume hs-orders:/data x", "run --volume hs-orders-N:/data x"),
        ("run --mount source=hs-orders,target=/data x", "run --mount source=hs-orders-N,target=/data x"),
        ("run --rm -it --pid container:hs-web x", "run --rm -it --pid container:hs-web-N x"),
        ("run --name hs-web x", "run --name hs-web-N x"),
        ("run --name hs-web --network hs-front x", "run --network-alias hs-web --name hs-web-N --network hs-front-N x"),
        ("container create --name=hs-web --network=hs-front x", None),
        ("run --name hs-web --network none x", "run --name hs-web-N --network none x"),
        ("network connect hs-back hs-web", "network connect --alias hs-web hs-back-N hs-web-N"),
        ("network create hs-front", "network create hs-front-N"),
        ("exec hs-web wget http://hs-api:8080/", "exec hs-web-N wget http://hs-api:8080/"),  # the alias does it
        ("ps --all", "ps --all"),
        ("logs hs-web-N", "logs hs-web-N"),
    ],
)
def test_names_of_the_course_get_the_number_and_nothing_else(home: Path, typed: str, done: str | None) -> None:
    number = store.learner()
    found = " ".join(numbered.translated(typed.replace("-N", f"-{number}").split()))
    if done is None:
        done = "container create --network-alias hs-web --name=hs-web-N --network=hs-front-N x"
    assert found.replace(f"-{number}", "-N") == done


def test_what_only_looks_like_a_name_stays(home: Path) -> None:
    words = [
        "run",
        "x",
        "hs-",
        "ahs-web",
        "./hs-web",
        "/a/hs-web",
        "x.hs-web",
        "hs_web",
        "hs-web.tar",
        "--output=hs-web.tar",
    ]
    assert numbered.translated(words) == words


def test_a_file_of_such_a_name_stays(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hs-shop").mkdir()
    assert numbered.translated(["build", "--tag", "x", "hs-shop"]) == ["build", "--tag", "x", "hs-shop"]


@pytest.mark.skipif(os.name == "nt", reason="there is no such program on Windows")
def test_a_printed_command_works_as_printed_alone_and_beside_others(
    client: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = numbered.put(lambda said: pytest.fail(said))
    assert folder is not None
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv(labels.SHARED, raising=False)
    before = foreign.snapshot(client, closely=False)

    def typed(line: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(line.split(), capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done

    try:
        for others, name in ((False, "hs-web"), (True, f"hs-web-{store.learner()}")):
            labels.found_shared(others)
            made = typed(f"docker run --detach --name hs-web --stop-signal SIGKILL {BUSYBOX} sleep 60")
            told = f"Others use this engine, too: hs-web is called {name} on it. You can keep typing hs-web."
            assert made.stderr == (f"{told}\n" if others else "")
            assert client.inspect_container(made.stdout.strip())["Name"] == f"/{name}"
            ps = typed("docker exec hs-web ps")
            assert "sleep 60" in ps.stdout
            assert ps.stderr == ""  # it is said once
            assert typed("docker rm --force hs-web").stdout.strip() == name
    finally:
        labels.found_shared(False)
        for _, object_id in foreign.snapshot(client, closely=False).objects.keys() - before.objects.keys():
            subprocess.run(["docker", "rm", "--force", object_id], check=True, timeout=60)
