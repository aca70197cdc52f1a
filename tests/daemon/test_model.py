"""The pure logic: where an engine lives, who started what, what events mean, when a report is ok."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.daemon.model.doctor import Check, Report, Status
from helpers.daemon.model.processes import Process, chain, parse
from helpers.engine.model.container import State
from helpers.engine.model.events import Event, timeline
from helpers.engine.model.inventory import Owned, Removed
from helpers.engine.model.location import Machine, Where, locate

HERE = Machine(name="me", system="Linux", kernel="6.1", architecture="x86_64")


def where(**given: Any) -> Where:
    facts: dict[str, Any] = {
        "address": "unix:///var/run/docker.sock",
        "notebook": HERE,
        "engine": HERE,
        "in_container": False,
    }
    return locate(**{**facts, **given}).where


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Where.THIS_COMPUTER),
        ({"listener": "dockerd", "in_container": True}, Where.THIS_COMPUTER),
        ({"in_container": True}, Where.BESIDE_A_CONTAINER),
        (
            {"engine": Machine(name="vm", system="Alpine", kernel="6.6-lima", architecture="aarch64")},
            Where.VIRTUAL_MACHINE,
        ),
        (
            {"engine": Machine(name="docker-desktop", system="Docker Desktop", kernel="6.1", architecture="x")},
            Where.VIRTUAL_MACHINE,
        ),
        ({"address": "ssh://me@far"}, Where.REMOTE),
        ({"address": "tcp://192.0.2.7:2376"}, Where.REMOTE),
        ({"address": "tcp://127.0.0.1:2375"}, Where.THIS_COMPUTER),
    ],
)
def test_where_the_engine_lives(given: dict[str, Any], expected: Where) -> None:
    assert where(**given) is expected


def test_the_chain_ends_at_the_shim_and_not_at_dockerd() -> None:
    table = "1 0 systemd\n50 1 containerd\n60 1 dockerd\n70 60 containerd\n80 1 containerd-shim\n90 80 my (odd) name\n"
    found = chain("web", "cu-web", 90, parse(table))
    assert found.process == Process(pid=90, parent=80, name="my (odd) name")
    assert found.parent_is_shim
    assert (found.dockerd and found.dockerd.pid, found.containerd and found.containerd.pid) == (60, 70)


def test_the_machines_containerd_is_found_if_dockerd_has_none_of_its_own() -> None:
    found = chain("web", "cu-web", 0, parse("50 1 containerd\n60 1 dockerd\n99 50 containerd\n"))
    assert found.containerd == Process(pid=50, parent=1, name="containerd")


def test_a_process_that_is_not_seen_is_not_made_up() -> None:
    found = chain("web", "cu-web", 4711, parse("1 0 init\n"))
    assert (found.process, found.shim, found.dockerd) == (None, None, None)
    assert not found.parent_is_shim
    assert found.why_not


@given(st.text())
def test_any_table_of_processes_can_be_read(text: str) -> None:
    for process in parse(text):
        assert process.pid >= 0


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=30))
def test_loops_in_the_table_end(pairs: list[tuple[int, int]]) -> None:
    processes = tuple(Process(pid=a, parent=b, name="dockerd") for a, b in pairs)
    chain("x", "cu-x", pairs[0][0] if pairs else 1, processes)


def test_events_are_ordered_by_time_whatever_order_they_came_in() -> None:
    rows = [
        {"Type": "container", "Action": "die", "timeNano": 2_500_000_000, "Actor": {"ID": "a"}},
        {"Type": "container", "Action": "exec_create: sh -c true", "time": 2, "Actor": {"ID": "a"}},
    ]
    found = timeline("t", tuple(Event.read(row) for row in rows))
    assert found.actions == ("container exec_create", "container die")
    assert found.seconds == 0.5


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.text(), lambda c: st.dictionaries(st.text(), c, max_size=3)
)


def test_a_time_line_tells_signals_exit_codes_and_health_and_leaves_out_what_it_is_told_to() -> None:
    def row(action: str, at: int, **attributes: str) -> dict[str, Any]:
        return {"Type": "container", "Action": action, "timeNano": at * 10**9, "Actor": {"Attributes": attributes}}

    rows = (
        row("health_status: unhealthy", 1),
        row("exec_create: test -e /tmp/ok", 2),
        row("kill", 3, signal="15"),
        row("kill", 4, signal="10"),
        row("die", 5, exitCode="137"),
    )
    found = timeline("t", tuple(Event.read(one) for one in rows), without="exec")
    assert [(one.action, one.meaning) for one in found.moments] == [
        ("health_status: unhealthy", "several checks in a row have failed"),
        ("kill", "SIGTERM, the request to end"),
        ("kill", "a signal was sent"),
        ("die", "the process has ended: exit code 137"),
    ]


@given(st.dictionaries(st.sampled_from(["Type", "Action", "status", "id", "from"]), st.none() | st.text()))
def test_any_event_can_be_read(row: dict[str, Any]) -> None:
    assert ":" not in Event.read(row).action


def test_an_unknown_state_is_unknown() -> None:
    assert State.read("Stopping") is State.UNKNOWN
    assert State.read("Running") is State.RUNNING


def check(status: Status) -> Check:
    return Check(name="n", status=status, what="w", why="y", next="x")


@pytest.mark.parametrize(
    ("statuses", "ok", "summary"),
    [
        ([Status.OK], True, "Ready: all 1 checks are ok."),
        ([Status.OK, Status.ATTENTION], True, "Ready. 1 of 2 checks asks for attention."),
        ([Status.BROKEN, Status.ATTENTION, Status.BROKEN], False, "Not ready: 2 of 3 checks are broken."),
    ],
)
def test_a_report_is_ok_unless_something_is_broken(statuses: list[Status], ok: bool, summary: str) -> None:
    report = Report(checks=tuple(map(check, statuses)))
    assert report.ok is ok
    assert report.summary == summary
    assert report.as_dict()["ok"] is ok
    assert set(report.as_dict()) == {"ok", "engine", "features", "images", "checks"}
    assert set(report.as_dict()["checks"][0]) == {"name", "status", "what", "why", "next"}
    assert ("next: x" in report.as_text()) is (statuses != [Status.OK])


def test_a_clean_up_says_what_went_and_what_stayed() -> None:
    gone = Owned(kind="container", id="1", name="web", scene="s")
    kept = Owned(kind="network", id="2", name="front", scene="s")
    assert Removed(gone=()).as_text() == "There was nothing of the course to remove."
    assert Removed(gone=(gone,), kept=((kept, "in use"),)).as_text() == (
        "Removed 1 container: web.\nCould not remove network front: in use"
    )


def test_of_several_engines_the_one_whose_shim_it_is_is_named() -> None:
    table = """
10 1 dockerd
11 10 containerd
20 1 dockerd
21 20 containerd
30 1 containerd
31 1 dockerd
90 1 containerd-shim
91 90 sh
92 1 containerd-shim
93 92 sh
= 11 containerd --config /var/run/docker/containerd/containerd.toml --log-level info
= 21 containerd --config /run/user/7/docker/containerd/containerd.toml
= 30 /usr/bin/containerd
= 90 containerd-shim-runc-v2 -namespace moby -id x -address /run/user/7/docker/containerd/containerd.sock
= 92 containerd-shim-runc-v2 -namespace moby -id y -address /run/containerd/containerd.sock
"""
    rootless, systems = (chain("web", "hs-web", pid, parse(table)) for pid in (91, 93))
    assert rootless.dockerd is not None
    assert rootless.containerd is not None
    assert (rootless.dockerd.pid, rootless.containerd.pid) == (20, 21)
    assert systems.dockerd is not None
    assert systems.containerd is not None
    assert (systems.dockerd.pid, systems.containerd.pid) == (31, 30)
