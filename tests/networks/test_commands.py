"""`start.py map` and `start.py reach`: pictures of anybody's own containers, none of which is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from helpers import cli, daemon
from helpers.engine.client import Client
from tests.harness.by_hand import by_hand

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
SERVER = ["httpd", "-f", "-p", "8080", "-h", "/tmp"]


@pytest.fixture
def theirs(client: Client, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """A network and three containers that somebody made with docker-py: `web` serves on it, `desk` is on it, too."""
    hand = by_hand(client)
    word = f"own{abs(hash(request.node.name)) % 10000}"
    network = hand.create_network(f"{word}-net")["Id"]
    names = {"net": f"{word}-net", **{one: f"{word}-{one}" for one in ("web", "desk", "alone")}}
    made = []
    try:
        for one, command in (("web", SERVER), ("desk", ["sleep", "600"]), ("alone", ["sleep", "600"])):
            host = hand.create_host_config(network_mode="none" if one == "alone" else names["net"])
            made.append(hand.create_container(BUSYBOX, command, name=names[one], host_config=host)["Id"])
            hand.start(made[-1])
        yield names
    finally:
        for container in made:
            hand.remove_container(container, force=True)
        hand.remove_network(network)


def settings(client: Client, names: dict[str, str]) -> list[Any]:
    """All that the engine has on record of the three."""
    return [client.inspect_container(names[one]) for one in ("web", "desk", "alone")]


def test_a_map_of_what_is_named_and_of_the_whole_engine(
    client: Client, theirs: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = settings(client, theirs)
    drawn, written = tmp_path / "map.svg", tmp_path / "map.json"
    assert cli.main(["map", theirs["net"], theirs["alone"], "--svg", str(drawn), "--json", str(written)]) == 0

    said = capsys.readouterr().out
    assert said.startswith("1 network, 3 containers.")
    row = next(line for line in said.splitlines() if line.startswith(theirs["web"]))
    assert theirs["net"] in row
    assert "running" in row
    found = json.loads(written.read_text())
    assert [one["name"] for one in found["networks"]] == [theirs["net"]]
    assert {one["name"] for one in found["containers"]} == {theirs[one] for one in ("web", "desk", "alone")}
    web = next(one for one in found["containers"] if one["name"] == theirs["web"])
    assert web["networks"] == {theirs["net"]: before[0]["NetworkSettings"]["Networks"][theirs["net"]]["IPAddress"]}
    assert ET.parse(drawn).getroot().tag.endswith("svg")

    assert cli.main(["map", "--json", "-"]) == 0
    everything = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in everything["containers"]} >= {one["name"] for one in found["containers"]}
    assert everything["not_shown"] == 0
    assert settings(client, theirs) == before


def test_who_reaches_whom_is_tried_and_nothing_is_changed_or_left(
    client: Client, theirs: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = settings(client, theirs)
    written = tmp_path / "reach.json"
    assert cli.main(["reach", theirs["web"], theirs["desk"], theirs["alone"], "--json", str(written)]) == 0

    lines = capsys.readouterr().out.splitlines()
    matrix = lines[lines.index("From each row to each column") + 1 :]
    head, matrix = matrix[0], matrix[1 : matrix.index("")]
    rows = {line.split()[0]: line for line in matrix}
    place = head.index(f"{theirs['web']}:8080")
    assert rows[theirs["desk"]][place:].startswith("reached")
    assert not rows[theirs["alone"]][place:].startswith("reached")
    tried = {(one["from"], one["to"], one["outcome"]) for one in json.loads(written.read_text())["attempts"]}
    assert (theirs["desk"], theirs["web"], "reached") in tried
    assert settings(client, theirs) == before
    assert daemon.inventory().mine == ()


def test_what_is_not_there_and_a_file_that_can_t_be_written_are_said(
    theirs: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["map", "no-such-container"]) == 1
    assert "no-such-container" in capsys.readouterr().err
    assert cli.main(["map", theirs["web"], "--svg", str(tmp_path / "no" / "map.svg")]) == 1
    assert "can't be written" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["reach"])
