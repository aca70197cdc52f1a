"""What a learner made runs without network, rights, or much of anything; measured from inside, beside a free run."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import errors, scene
from helpers.engine import containers
from helpers.engine.build import classic, guard
from helpers.engine.build.choose import build_with
from helpers.engine.client import Client
from helpers.engine.model.container import Finished
from helpers.engine.ownership import labels
from helpers.lab.engine import sandbox
from tests.harness import foreign

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
HERE = "test-sandbox"


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    before = foreign.snapshot(client)
    with scene(HERE):
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


# Images that mean ill, and this computer's own figures while they run. Each load ends by itself after a while, in case
# the bounds did not hold.


def built(client: Client, name: str, lines: str, **more: Any) -> str:
    tag = f"{labels.object_name(name)}:1"
    classic.build(client, dockerfile=f"FROM {BUSYBOX}\n{lines}\n", tag=tag, scene=HERE, **more)
    return tag


def free_on_the_engine_s_disk(client: Client) -> int:
    root = Path(str(client.info()["DockerRootDir"]))
    if not root.is_dir():
        pytest.skip("the engine's disk is not this computer's")
    found = os.statvfs(root)
    return found.f_bavail * found.f_frsize


class Least:
    """The least value of a figure while something runs, and how it was at first."""

    def __init__(self, figure: Callable[[], int]) -> None:
        self._figure, self._over = figure, threading.Event()
        self.first = self.least = figure()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(0.05):
            self.least = min(self.least, self._figure())

    def __enter__(self) -> Least:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def fell(self) -> int:
        return self.first - self.least


def available_memory() -> int:
    row = Path("/proc/meminfo").read_text(encoding="ascii").partition("MemAvailable:")[2]
    return int(row.split()[0]) * 1024


def processes_named(word: str) -> int:
    found = 0
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += word.encode() in file.read_bytes()
    return found


def test_a_fork_bomb_stays_small_and_ends(client: Client) -> None:
    word = f"3.000{secrets.randbelow(10**8):08}"  # seconds
    bomb = f"bomb() {{ bomb & bomb & exec sleep {word}; }}; bomb & exec sleep 4"
    most = Least(lambda: -processes_named(word))
    started = time.monotonic()
    with most:
        found = sandbox.run(client, BUSYBOX, ["timeout", "10", "sh", "-c", bomb], scene=HERE, seconds=15)
    print("processes at most:", -most.least, "ended with", found.exit_code, "log:", len(found.output))
    assert 20 < -most.least <= sandbox.PROCESSES
    assert time.monotonic() - started < 20
    assert processes_named(word) == 0


def test_a_memory_hog_takes_what_it_may_and_no_more(client: Client) -> None:
    with Least(available_memory) as memory:
        found = inside(client, "exec timeout 20 tail /dev/zero", seconds=25)
    print("memory fell by", memory.fell // 1_000_000, "MB")
    assert found.exit_code in (137, 143)
    assert memory.fell < 3 * sandbox.MEMORY, "this computer has other work, too"


def test_what_an_image_declares_as_volumes_is_in_memory_and_small(client: Client) -> None:
    image = built(client, "hoard", "VOLUME /hoard /other")
    fill = "for d in /hoard /other /tmp; do dd if=/dev/zero of=$d/x bs=1M count=1200 2>/dev/null; wc -c <$d/x; done"
    with Least(lambda: free_on_the_engine_s_disk(client)) as disk:
        found = sandbox.run(client, image, ["sh", "-c", fill], scene=HERE, seconds=30)
    print("the disk fell by", disk.fell // 1_000_000, "MB")
    assert found.output.split() == [str(16 * 1024 * 1024)] * 3
    assert disk.fell < 700_000_000


def test_files_in_a_declared_volume_are_seen_and_can_t_be_added_to(client: Client) -> None:
    image = built(client, "stocked", "RUN mkdir /shop && echo fish > /shop/goods\nVOLUME /shop")
    seen = sandbox.run(client, image, ["sh", "-c", "cat /shop/goods; echo more > /shop/x"], scene=HERE)
    assert "fish\n" in seen.output
    assert "Read-only" in seen.output
    assert seen.exit_code != 0


def test_many_volumes_share_one_bound(client: Client) -> None:
    names = [f"/v{n}" for n in range(24)]
    image = built(client, "many", f"VOLUME {' '.join(names)}")
    fill = f"for d in {' '.join(names)}; do dd if=/dev/zero of=$d/x bs=1M count=16 2>/dev/null; done; cat /v*/x | wc -c"
    found = sandbox.run(client, image, ["sh", "-c", fill], scene=HERE, seconds=30)
    held = int(found.output.split()[-1]) if found.exit_code == 0 else 0
    print("in memory:", held // 1_000_000, "MB of", 24 * 16, "exit code", found.exit_code)
    assert found.exit_code == 137 or held < sandbox.MEMORY


def test_a_health_check_of_the_image_s_own_is_not_run(client: Client) -> None:
    image = built(client, "checked", "HEALTHCHECK --interval=1s CMD echo checked >> /tmp/checked")
    script = ["sh", "-c", "sleep 4; cat /tmp/checked 2>/dev/null || echo none"]
    assert containers.run(client, image, script, scene=HERE).output.split()[-1] == "checked"
    assert sandbox.run(client, image, script, scene=HERE).output.split()[-1] == "none"


def test_a_log_that_floods_is_cut_and_said(client: Client) -> None:
    found = inside(client, "timeout 2 yes; echo the last line")
    assert found.output.endswith("the last line\n")
    assert "longer" in found.cut
    assert "longer" not in inside(client, "echo short").cut


def test_a_build_has_no_network_where_the_dockerfile_is_not_ours(client: Client) -> None:
    look = f"RUN ls /sys/class/net > /nets && echo {secrets.token_hex(4)}"
    for bounds, met in ((None, True), (guard.Bounds(), False)):
        for builder in ("classic", "buildkit"):
            tag = f"{labels.object_name(builder)}:1"
            dockerfile = f"FROM {BUSYBOX}\n{look}{met}\n"
            build_with(builder, client, dockerfile=dockerfile, tag=tag, scene=HERE, bounds=bounds)
            seen = containers.run(client, tag, ["cat", "/nets"], scene=HERE).output.split()
            assert ("eth0" in seen) is met


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
def test_a_build_without_end_is_stopped_and_the_engine_is_rid_of_it(client: Client, builder: str) -> None:
    word = f"dawdle-{secrets.token_hex(4)}"
    dockerfile = f"FROM {BUSYBOX}\nRUN echo {word} && sleep 45\n"
    started = time.monotonic()
    with pytest.raises(errors.BuildStopped, match="it had not ended after 3 s"):
        build_with(builder, client, dockerfile=dockerfile, scene=HERE, bounds=guard.Bounds(seconds=3))
    assert time.monotonic() - started < 15
    until = time.monotonic() + 15
    while processes_named(word) and time.monotonic() < until:
        time.sleep(0.1)
    assert processes_named(word) == 0


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_build_that_fills_the_disk_is_stopped_and_the_room_comes_back(
    client: Client, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    """At most 3 GB are written if nobody stops it."""
    if elsewhere:  # a helper container looks, as where the engine is on another computer
        monkeypatch.setattr(guard, "_root_here", lambda _: "")
    lines = f"RUN echo {secrets.token_hex(4)} && dd if=/dev/zero of=/fill bs=1M count=3000 && sleep 30"
    disk = Least(lambda: free_on_the_engine_s_disk(client))
    with disk, pytest.raises(errors.BuildStopped, match=r"the engine's disk had \d\.\d GB less room"):
        built(client, "fill", lines, bounds=guard.Bounds(seconds=60, disk=500_000_000))
    print("the disk fell by", disk.fell // 1_000_000, "MB")
    assert disk.fell < 2_500_000_000
    until = time.monotonic() + 20
    while (left := disk.first - free_on_the_engine_s_disk(client)) > 400_000_000 and time.monotonic() < until:
        time.sleep(0.2)
    assert left < 400_000_000


def test_memory_of_a_build_is_bounded_by_the_classic_builder(client: Client) -> None:
    lines = f"RUN echo {secrets.token_hex(4)} && exec timeout 30 tail /dev/zero"
    with Least(available_memory) as memory, pytest.raises(errors.BuildFailed) as caught:
        built(client, "hog", lines, bounds=guard.Bounds(memory=128 * 1024 * 1024))
    print("memory fell by", memory.fell // 1_000_000, "MB")
    assert caught.value.exit_code == 137
    assert memory.fell < 1_000_000_000
