"""The engine is elsewhere and forwards no ports: what is called from here, and what is said then.

A script runs in a network namespace of its own. It talks to the engine over its socket, and its 127.0.0.1 is not the
one that ports are published on: as it is with an engine in a virtual machine that forwards nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helpers.engine.client import Client

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None,
        reason="only root on Linux can make a network namespace",
    ),
]
SCRIPT = r"""
import json
from helpers import containers, errors, isolation, networks, scene
from helpers.engine import base_images, location as place, waiting
from helpers.daemon.engine import doctor_trials as trials
from helpers.engine.client import connect
from helpers.engine.model.location import Machine, Where

BUSYBOX = "localhost/course/busybox:1"
waiting.PATIENCE = 0.5  # nothing will come from here
place.this_machine = lambda: Machine(name="here", system="Linux", kernel="another one", architecture="x86_64")
PAGE = ("sh", "-c", "mkdir /www; echo hello there > /www/index.html; exec httpd -f -p 8080 -h /www")
with scene("test-elsewhere"):
    containers.start(BUSYBOX, *PAGE, name="hs-web", publish=8080)
    containers.start(BUSYBOX, "sleep", "60", name="hs-deaf", publish=8080)
    got = containers.get("hs-web")
    try:
        containers.get("hs-deaf", seconds=2)
        said = "no error"
    except errors.WaitedTooLong as error:
        said = str(error)
    way = networks.way("hs-web")
    client = connect()
    unforwarded = place.where(client).unforwarded
    checks = trials.attempts(client, base_images.reference("busybox"), unforwarded=unforwarded)
    print(json.dumps({
        "get": [got.status, got.body, repr(got)],
        "missing": [containers.get("hs-web", "/none").status],
        "wait": repr(containers.wait("hs-web", answers="/")),
        "deaf": said,
        "way": [[path.begin, path.arrives, path.why] for path in way.paths],
        "steps": [[step.where, step.what, step.measured] for step in way.paths[0].steps],
        "neighbour": repr(isolation.neighbour("hs-web", "hs-deaf")),
        "doctor": [check.as_dict() for check in checks if check.name == "publishes a port"][0],
    }))
"""


@pytest.fixture(scope="module")
def seen(client: Client) -> dict[str, Any]:
    """What the script saw; it is run once. lo has to be up, so that a call there is refused and not impossible."""
    del client
    inside = ["sh", "-c", 'ip link set lo up 2>/dev/null; exec "$@"', "sh", sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        ["unshare", "--net", *inside], capture_output=True, text=True, cwd=ROOT, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


PLACE = "the engine is in a virtual machine"


def test_a_page_is_asked_for_on_the_engine_s_host_and_that_is_said(seen: dict[str, Any]) -> None:
    status, body, text = seen["get"]
    assert (status, body) == (200, "hello there\n")
    assert "The answer has HTTP status 200. It was asked for on the engine's host: " + PLACE in text
    assert "nothing forwards them to this computer" in text
    assert seen["missing"] == [404]
    assert "HTTP status 200, asked on the engine's host" in seen["wait"]


def test_what_answers_nowhere_is_an_error_that_names_the_engine_s_place(seen: dict[str, Any]) -> None:
    assert "Waited 2 s" in seen["deaf"]
    assert f"Why: {PLACE}" in seen["deaf"]
    assert "the last state seen was: running" in seen["deaf"]


def test_the_way_does_not_arrive_where_nothing_arrives(seen: dict[str, Any]) -> None:
    here, host, other = seen["way"]
    assert here[:2] == ["from this computer", False]
    assert PLACE in here[2]
    assert host[:2] == ["from the engine's host", True]
    assert other[:2] == ["from another computer", False]
    assert seen["steps"][-1] == ["this computer", "nothing here takes the call", True]


def test_the_doctor_says_where_the_port_is_open_and_a_neighbour_is_not_timed(seen: dict[str, Any]) -> None:
    assert seen["doctor"]["status"] == "attention"
    assert "answered on the engine's host, and not here" in seen["doctor"]["what"]
    assert PLACE in seen["doctor"]["why"]
    assert seen["neighbour"].startswith("The answers of hs-web were not timed, and hs-deaf was not limited: " + PLACE)
