"""What a learner made runs without network, rights, or much of anything; measured from inside, beside a free run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from helpers import errors, scene
from helpers.engine import containers
from helpers.engine.client import Client
from helpers.engine.model.container import Finished
from helpers.lab.engine import sandbox
from tests.harness import foreign

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
HERE = "test-sandbox"


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    with scene(HERE):
        before = foreign.snapshot(client)
        yield
        assert foreign.leftovers(before, foreign.snapshot(client)) == []


def inside(client: Client, script: str, **more: Any) -> Finished:
    return sandbox.run(client, BUSYBOX, ["sh", "-c", script], scene=HERE, **more)


def freely(client: Client, script: str) -> Finished:
    """The same without the sandbox: what a test finds missing inside has to be found here."""
    return containers.run(client, BUSYBOX, ["sh", "-c", script], scene=HERE)


def test_output_and_exit_code_come_out(client: Client) -> None:
    found = inside(client, "echo out; echo err >&2; exit 7")
    assert (sorted(found.output.split()), found.exit_code) == (["err", "out"], 7)


def test_there_is_no_network(client: Client) -> None:
    script = "ls /sys/class/net | sort; wc -l < /proc/net/route"
    words = inside(client, script).output.split()
    assert "eth0" not in words
    assert int(words[-1]) <= 1, "no route but the table's head"
    assert "eth0" in freely(client, script).output.split()


def test_only_tmp_can_be_written_and_runs_no_program(client: Client) -> None:
    script = "for d in / /etc /var /root; do touch $d/x 2>/dev/null && echo wrote $d; done; touch /tmp/x && echo tmp"
    assert inside(client, script).output.split() == ["tmp"]
    assert "wrote /etc" in freely(client, script).output
    started = "cp /bin/busybox /tmp/busybox && /tmp/busybox true"
    assert inside(client, started).exit_code == 126
    assert freely(client, started).exit_code == 0


def test_the_scratch_folder_is_small(client: Client) -> None:
    found = inside(client, "dd if=/dev/zero of=/tmp/big bs=1M count=17 2>/dev/null; wc -c < /tmp/big")
    assert int(found.output) == 16 * 1024 * 1024


def test_the_root_can_be_made_writable_on_purpose(client: Client) -> None:
    assert inside(client, "touch /x && echo wrote", read_only=False).output.strip() == "wrote"


def test_there_are_no_capabilities_and_none_can_be_gained(client: Client) -> None:
    script = "grep -E '^(Cap|NoNewPrivs)' /proc/self/status"
    rows = dict(line.split() for line in inside(client, script).output.splitlines())
    assert {int(value, 16) for name, value in rows.items() if name.startswith("Cap")} == {0}
    assert rows["NoNewPrivs:"] == "1"
    free = dict(line.split() for line in freely(client, script).output.splitlines())
    assert int(free["CapEff:"], 16) != 0
    assert inside(client, "touch /tmp/x; chown 1:1 /tmp/x").exit_code != 0


def test_processes_are_counted(client: Client) -> None:
    script = "i=0; while [ $i -lt 100 ]; do sleep 5 & i=$((i+1)); done; echo all"
    assert "all" not in inside(client, script).output.split()
    assert freely(client, script.replace("sleep 5", "sleep 0")).output.split()[-1] == "all"


def test_memory_is_counted(client: Client) -> None:
    ended = inside(client, "exec tail /dev/zero", seconds=30)
    assert ended.exit_code == 137


def test_the_settings_name_no_mount_and_no_other_namespace(client: Client) -> None:
    made = sandbox.create(client, BUSYBOX, ["true"], scene=HERE, environment={"A": "1"})
    try:
        row: Any = client.inspect_container(made)
        host = row["HostConfig"]
        assert row["Mounts"] == []
        assert "A=1" in row["Config"]["Env"]
        assert not host["Privileged"]
        assert not host["Binds"]
        assert host["PidMode"] == host["UTSMode"] == ""
        assert host["IpcMode"] in ("", "private", "none")
        assert (host["Memory"], host["MemorySwap"], host["PidsLimit"]) == (sandbox.MEMORY, sandbox.MEMORY, 64)
    finally:
        containers.remove(client, made)


def test_another_container_s_network_is_lent_where_the_task_is_about_it(client: Client) -> None:
    serving = ["sh", "-c", "echo page > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"]
    server = sandbox.create(client, BUSYBOX, serving, scene=HERE)
    try:
        containers.start(client, server)
        ask = "for i in 1 2 3 4 5 6 7 8; do wget -q -O - http://127.0.0.1:8080/ && exit; sleep 0.25; done"
        assert inside(client, ask, network=f"container:{server}").output.strip().endswith("page")
        assert "page" not in inside(client, "wget -q -O - http://127.0.0.1:8080/").output
    finally:
        containers.remove(client, server)


def test_what_does_not_end_is_ended_with_its_last_words(client: Client) -> None:
    started = time.monotonic()
    with pytest.raises(errors.WaitedTooLong, match="still here"):
        inside(client, "echo still here; trap '' TERM; sleep 100", seconds=1)
    assert time.monotonic() - started < 10


def test_what_cannot_start_leaves_nothing(client: Client) -> None:
    with pytest.raises(errors.NoSuchProgram):
        sandbox.run(client, BUSYBOX, ["no-such-program"], scene=HERE)
    with pytest.raises(errors.NoSuchImage):
        sandbox.run(client, "localhost/course/no-such-image:1", ["true"], scene=HERE)
