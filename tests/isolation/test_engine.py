"""Isolation on the real engine: who shares which namespace, both sides of a process, limits set, hit and refused."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from helpers import containers, daemon, errors, isolation, scene
from helpers.drawing.figure import Figure
from helpers.engine import containers as engine_containers
from helpers.engine.client import Client
from helpers.engine.model.container import Container
from helpers.engine.ownership import labels
from helpers.isolation.engine import host_processes, limits, usage
from helpers.isolation.model.namespaces import KINDS
from tests.harness.by_hand import by_hand

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
FIVE = ("hs-web", "hs-store", "hs-spy", "hs-agent", "hs-alone")
SCENE = "test-isolation"
IDLE = ("sh", "-c", "while sleep 1; do :; done")  # a shell clears up the orphans of a load, sleep would not


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    """A scene; at the end nothing of the course's is left."""
    with scene(SCENE):
        yield
    assert daemon.inventory().mine == ()


def idle(name: str, **options: Any) -> Container:
    return containers.start(BUSYBOX, *IDLE, name=name, **options)


def terminal(line: str) -> str:
    """What a line of "How" prints, run as a learner would."""
    return subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60, check=True).stdout  # noqa: S602


def run_python(lines: tuple[str, ...]) -> None:
    """Runs docker-py lines of "How"; the last may be an expression."""
    subprocess.run([sys.executable, "-c", "\n".join(lines)], timeout=60, check=True)


# namespaces


def test_the_grid_shows_what_is_shared_and_what_is_not(client: Client) -> None:
    web, _ = idle("hs-web"), idle("hs-store")
    idle("spy", pid=f"container:{web.id}", network=f"container:{web.id}")
    idle("agent", pid="host", network="host", ipc="host", uts="host")
    idle("alone", network="none")

    grid = isolation.namespaces(*FIVE)

    assert [column.name for column in grid.columns] == [
        host_processes.HOST,
        "hs-web",
        "hs-store",
        "hs-spy",
        "hs-agent",
        "hs-alone",
    ]
    assert set(grid.columns[0].numbers) == set(KINDS), grid.columns[0].why_not
    for kind in ("pid", "mnt", "net", "uts", "ipc"):
        assert grid.same(kind, host_processes.HOST, "hs-web") is False
        assert grid.same(kind, "hs-web", "hs-store") is False
    assert grid.same("pid", "hs-web", "hs-spy") is True
    assert grid.same("net", "hs-web", "hs-spy") is True
    assert grid.same("ipc", "hs-web", "hs-spy") is False
    for kind in ("pid", "net", "ipc", "uts"):
        assert grid.same(kind, host_processes.HOST, "hs-agent") is True
    assert grid.same("mnt", host_processes.HOST, "hs-agent") is False
    assert grid.same("net", "hs-alone", host_processes.HOST) is False
    assert grid.with_host("pid") == ("hs-agent",)


def test_the_numbers_are_the_kernels_own() -> None:
    idle("hs-web")
    grid = isolation.namespaces("hs-web")
    for kind in KINDS:
        said = containers.exec("hs-web", "readlink", f"/proc/self/ns/{kind}").text.strip()
        assert said == f"{kind}:[{grid.containers[0].numbers[kind]}]"


def test_a_cgroup_namespace_of_its_own_is_seen_where_it_is_asked_for() -> None:
    idle("private", cgroupns="private")
    idle("shared", cgroupns="host")
    grid = isolation.namespaces("hs-private", "hs-shared")
    assert grid.same("cgroup", "hs-private", host_processes.HOST) is False
    assert grid.same("cgroup", "hs-shared", host_processes.HOST) is True


def test_the_how_of_the_grid_prints_the_same_numbers() -> None:
    idle("hs-web")
    grid = isolation.namespaces("hs-web")
    pid, listing = (terminal(line) for line in grid.figure().how.docker)
    assert int(pid) == grid.containers[0].pid
    assert all(f"{kind}:[{grid.containers[0].numbers[kind]}]" in listing for kind in KINDS)
    run_python(grid.figure().how.python)


def test_what_does_not_run_is_in_no_namespace(client: Client) -> None:
    web = idle("hs-web")
    by_hand(client).kill(web.id)
    containers.wait("hs-web", ended=True)
    for verb in (isolation.namespaces, isolation.inside_outside, isolation.limits, isolation.watch):
        with pytest.raises(errors.NotRunning):
            verb("hs-web")
    with pytest.raises(errors.WrongUse):
        isolation.namespaces()
    with pytest.raises(errors.NotFound):
        isolation.namespaces("nobody")


# both sides


def test_one_process_has_a_number_inside_and_another_outside() -> None:
    web = idle("hs-web", user="1000", hostname="hs-harbour")
    found = isolation.inside_outside("hs-web")

    assert (found.pid_inside, found.pid, found.process) == (1, web.pid, "sh")
    assert found.pid != 1
    assert found.user_inside == 1000
    assert (found.host_name_inside, found.host_name_outside) != ("", "")
    assert found.host_name_inside == "hs-harbour" != found.host_name_outside
    assert found.interfaces_inside[0] == "lo"
    assert {p.inside for p in found.tree} >= {1}
    assert len(found.tree) < found.host_number
    assert found.parents[-1].name.startswith("containerd-sh")
    top, inside = (terminal(line) for line in found.figure().how.docker)
    assert str(found.pid) in top
    assert " 1 " in inside
    run_python(found.figure().how.python)


def test_a_container_in_the_hosts_process_namespace_has_one_number_only() -> None:
    idle("agent", pid="host")
    found = isolation.inside_outside("agent")
    assert found.pid_inside == found.pid
    assert "same number" in repr(found)


# limits


def test_the_files_say_what_was_asked_for() -> None:
    idle("hs-web", memory="64m", cpus=0.5, cpu_shares=512, pids_limit=32)
    idle("free")
    r = isolation.limits("hs-web").reading

    assert (r.memory_limit, r.cpus, r.pids_limit) == (64 * 1024 * 1024, 0.5, 32)
    assert r.swap_limit in (0, None)  # None: a kernel that does not count swap
    assert r.shares == (512 if r.version == 1 else 20)
    assert 1 <= r.pids <= 3
    assert repr(isolation.limits("hs-web")) == "hs-web: memory 67.1 MB, CPU 0.5 CPU, processes 32."
    assert repr(isolation.limits("free")) == "hs-free: memory no limit, CPU no limit, processes no limit."
    figure = isolation.limits("hs-web").figure()
    assert terminal(figure.how.docker[0]).strip() == "67108864"
    run_python(figure.how.python)


def test_limits_of_a_running_container_change_and_the_kernel_knows() -> None:
    idle("hs-web", memory="64m", cpus=0.5)

    changed = isolation.limit("hs-web", memory="128m", cpus=0.25, pids_limit=40, cpu_shares=256)

    r = isolation.limits("hs-web").reading
    assert (r.memory_limit, r.cpus, r.pids_limit) == (128 * 1024 * 1024, 0.25, 40)
    assert {name for name, _, _ in changed.rows} == {
        "--memory", "--memory-swap", "--cpus", "--pids-limit", "--cpu-shares"}  # fmt: skip
    assert "nothing changed" in repr(isolation.limit("hs-web", cpus=0.25))


def test_the_how_of_a_change_does_the_same() -> None:
    idle("hs-web")
    idle("hs-two")
    figure = isolation.limit("hs-web", memory="64m", cpus=0.5, pids_limit=32).figure()
    full = containers.ps().containers
    other = next(c.full_name for c in full if c.name == "hs-two")
    own = next(c.full_name for c in full if c.name == "hs-web")
    terminal(figure.how.docker[0].replace(own, other))
    isolation.limit("hs-web", cpus=1)
    run_python(figure.how.python)
    for name in ("hs-web", "hs-two"):
        r = isolation.limits(name).reading
        assert (r.memory_limit, r.cpus, r.pids_limit) == (64 * 1024 * 1024, 0.5, 32), name


def test_a_container_keeps_the_way_its_cpu_was_limited(client: Client) -> None:
    web = idle("hs-web")
    limits.change(client, engine_containers.inspect(client, web.id), {"CpuPeriod": 50000, "CpuQuota": 25000})

    isolation.limit("hs-web", cpus=0.2)

    assert isolation.limits("hs-web").reading.cpus == pytest.approx(0.2)
    with pytest.raises(errors.EngineRefused, match="two ways to limit CPU"):
        limits.change(client, engine_containers.inspect(client, web.id), {"NanoCpus": 300_000_000})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"memory": "1m"}, "less memory than a container may have"),
        ({"cpus": 4096}, "not have that many CPUs"),
        ({"cpuset_cpus": "4000"}, "no CPU of that number"),
    ],
)
def test_each_refusal_says_what_it_means(options: dict[str, Any], words: str) -> None:
    idle("hs-web")
    with pytest.raises(errors.EngineRefused, match=words) as caught:
        isolation.limit("hs-web", **options)
    assert caught.value.next_step


def test_memory_alone_would_be_refused_and_that_is_why_both_go(client: Client) -> None:
    web = idle("hs-web", memory="64m")
    with pytest.raises(errors.EngineRefused, match="above the limit of memory and swap"):
        limits.change(client, engine_containers.inspect(client, web.id), {"Memory": 128 * 1024 * 1024})
    isolation.limit("hs-web", memory="128m")


def test_what_is_no_limit_is_answered_before_the_engine_is_asked(client: Client) -> None:
    idle("hs-web")
    for options in ({}, {"user": "1000"}, {"memory": "much"}, {"pids_limit": 2.5}):
        with pytest.raises(errors.WrongUse):
            isolation.limit("hs-web", **options)
    assert isolation.limits("hs-web").reading.memory_limit is None
    stranger = by_hand(client).create_container(
        BUSYBOX, command=["true"], labels=dict.fromkeys(labels.labels(SCENE), "no")
    )["Id"]
    try:
        with pytest.raises(errors.NotOurs, match="not one of the course's"):
            isolation.limit(stranger, memory="64m")
    finally:
        by_hand(client).remove_container(stranger, force=True)


GROWN = "(head -c 48000000 /dev/zero; sleep 600) | tail > /dev/null & while sleep 1; do :; done"


def grown(name: str) -> Container:
    """A container whose child holds 48 MB; waits until it does."""
    made = containers.start(BUSYBOX, "sh", "-c", GROWN, name=name, memory="96m")
    deadline = time.monotonic() + 60
    while isolation.limits(name).reading.memory < 48_000_000:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return made


def test_a_memory_limit_below_present_use_is_refused_or_kills_and_both_are_said(client: Client) -> None:
    grown("hs-web")
    if client.info().get("CgroupVersion") == "2":
        found = isolation.limit("hs-web", memory="32m")
        assert found.squeeze is not None
        assert found.squeeze.before >= 48_000_000
        assert found.squeeze.killed >= 1
        assert "more than the new limit allows: the kernel killed 1 process of it, and now it uses" in repr(found)
    else:
        with pytest.raises(errors.EngineRefused, match="uses more memory now than the new limit allows") as caught:
            isolation.limit("hs-web", memory="32m")
        assert caught.value.message
        assert caught.value.message in caught.value.why  # the engine's own words
    assert containers.ps(everything=False).containers  # it runs on in both


# watching


@pytest.mark.drawn("loads")
def test_cpu_is_limited_and_then_more(client: Client) -> None:
    idle("hs-web", cpus=0.5)
    found = isolation.watch("hs-web", load="cpu", seconds=3, halfway=lambda: isolation.limit("hs-web", cpus=0.1))

    (track,) = found.tracks
    assert len(track.points) >= 6
    assert track.throttled_seconds > 0
    assert found.change is not None
    assert {p.cpu_limit for p in track.points} == {0.5, 0.1}
    late = [p.cpu for p in track.points if p.after > found.change + 0.6]
    assert statistics.median(late) < 0.2, late  # the first may still count what was used before, on a busy machine
    assert repr(found) == "hs-web was watched for 3 s, and had to wait for CPU time."


def test_memory_below_its_limit_lives_and_above_it_a_process_is_killed() -> None:
    idle("hs-web", memory="64m")
    below = isolation.watch("hs-web", load="memory", memory="32m", seconds=2)
    assert below.tracks[0].most_memory > 24 * 1024 * 1024
    assert below.tracks[0].oom_kills == 0
    above = isolation.watch("hs-web", load="memory", memory="128m", seconds=2)
    assert above.tracks[0].oom_kills >= 1
    assert above.tracks[0].most_memory <= 64 * 1024 * 1024
    assert not above.tracks[0].ended
    assert "killed because memory ran out" in repr(above)


@pytest.mark.drawn("loads")
def test_a_limit_is_moved_while_a_container_is_busy(client: Client) -> None:
    made = idle("hs-web", cpus=0.8, memory="96m")
    moved = isolation.sliders("hs-web", seconds=5)
    shown: list[Figure] = []
    said: list[str] = []
    assert "CPU 0.8 CPU" in repr(moved)
    beside = threading.Timer(3, lambda: said.append(moved.limit(cpus=0.2)))
    beside.start()
    ended = moved.watch(shown.append)
    beside.join()
    wanted = "hs-web, changed while it runs: --cpus from 0.8 to 0.2. In a terminal: docker update --cpus 0.2 "
    assert said == [wanted + made.full_name]
    assert "stayed below its memory limit and had to wait for CPU time" in ended
    assert len(shown) >= 3  # the chart grew
    table = next(table for table in shown[-1].tables if "reading by reading" in table.caption)
    used = [(row[2].partition(" of ")[2], row[1]) for row in table.rows]
    assert {most for most, _ in used} == {"0.8", "0.2"}
    assert max(float(str(row[1]).split()[0]) for row in table.rows) > 48  # MB
    assert client.inspect_container(made.id)["HostConfig"]["NanoCpus"] == 200_000_000


def test_what_a_slider_can_t_do_is_said(client: Client) -> None:
    moved = isolation.sliders(idle("hs-web", memory="64m"), seconds=1)
    assert "less memory than a container may have" in moved.limit(memory=1024)
    assert "The engine said: " in moved.limit(memory=1024)
    with pytest.raises(errors.WrongUse, match="1 to 20"):
        isolation.sliders("hs-web", seconds=60)
    containers.remove("hs-web")
    assert "hs-web is gone" in moved.limit(cpus=0.5)
    assert "hs-web is gone" in moved.watch(lambda figure: None) or "could not be read" in moved.watch(lambda _: None)
    with pytest.raises(errors.NotFound):
        isolation.sliders("hs-web")


def test_more_processes_are_refused() -> None:
    idle("hs-web", pids_limit=24)
    found = isolation.watch("hs-web", load="processes", seconds=2)
    assert found.tracks[0].most_pids <= 24
    assert found.tracks[0].pids_refused >= 1


@pytest.mark.drawn("weights")
def test_two_on_one_cpu_get_by_their_weight() -> None:
    idle("heavy", cpuset_cpus="0", cpu_shares=2048)
    idle("light", cpuset_cpus="0", cpu_shares=256)
    found = isolation.watch("heavy", "light", load="cpu", seconds=3)
    heavy, light = found.tracks
    assert heavy.cpu > light.cpu
    assert light.cpu > 0


@pytest.mark.drawn("weights")
def test_parts_are_reckoned_from_the_weights_of_this_kernel() -> None:
    idle("heavy", cpuset_cpus="0", cpu_shares=2048)
    idle("light", cpuset_cpus="0", cpu_shares=512)
    found = isolation.watch("heavy", "light", load="cpu", seconds=3)
    heavy, light = (isolation.limits(name).reading.shares for name in ("heavy", "light"))
    assert heavy
    assert light
    assert [track.shares for track in found.tracks] == [heavy, light]
    assert found.by_weight[1] == pytest.approx(light / (heavy + light))
    assert f"Weights {heavy} and {light} give hs-light" in found.figure().alt


@pytest.mark.drawn("loads")
def test_a_load_that_is_slow_to_start_does_not_take_the_time_of_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = usage.begin_load

    def slowly(*asked: Any) -> str:
        time.sleep(3)  # as an engine in a slow virtual machine takes
        return begin(*asked)

    monkeypatch.setattr(usage, "begin_load", slowly)
    idle("hs-web", cpus=0.5)
    found = isolation.watch("hs-web", load="cpu", seconds=2)
    (track,) = found.tracks
    assert len(track.points) >= 5
    assert track.points[0].after < 0.1
    assert track.points[-1].after > 1.2
    assert track.cpu > 0.1  # half a CPU, on a busy machine less
    assert repr(found) == "hs-web was watched for 2 s, and had to wait for CPU time."


def test_loads_end_by_themselves_and_at_once_after_an_error(client: Client) -> None:
    idle("hs-web")

    def slip() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        isolation.watch("hs-web", load="cpu", seconds=2, halfway=slip)
    left = containers.exec("hs-web", "ps").text
    assert "while :" not in left
    assert [c.name for c in containers.ps().containers] == ["hs-web"]  # no helper either


def test_a_load_that_was_refused_before_the_watch_began_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = usage._begin_loads

    def slowly(*words: Any) -> list[str]:  # as on an engine that takes its time to answer
        loads = begin(*words)
        time.sleep(1.5)
        return loads

    idle("hs-web", pids_limit=20)
    monkeypatch.setattr(usage, "_begin_loads", slowly)
    found = isolation.watch("hs-web", load="processes", seconds=1)
    assert found.tracks[0].pids_refused > 0


def test_a_load_that_cant_start_is_said_and_senseless_wishes_too(client: Client) -> None:
    idle("hs-web")
    bad: list[dict[str, Any]] = [{"seconds": 0}, {"seconds": 21}, {"seconds": 2.5}, {"load": "disk"}, {"load": [1]}]
    for wishes in (*bad, {"load": "memory", "memory": "1g"}):
        with pytest.raises(errors.WrongUse):
            isolation.watch("hs-web", **wishes)
    with pytest.raises(errors.CourseError, match="could not be started"):
        isolation.watch("hs-web", load=["no-such-program"], seconds=1)


# how it ended


def test_137_is_a_signal_and_only_oomkilled_says_why(client: Client) -> None:
    for _ in range(3):  # the engine may hear of the end before its reason, and then notes none
        made = containers.start(BUSYBOX, "tail", "/dev/zero", name="hs-greedy", memory="32m")
        containers.wait("hs-greedy", ended=True, seconds=30)
        if client.inspect_container(made.id)["State"]["OOMKilled"]:
            break
    web = idle("hs-web", memory="32m")
    by_hand(client).kill(web.id)
    containers.wait("hs-web", ended=True)
    containers.start(BUSYBOX, "sh", "-c", "exit 3", name="hs-plain")
    containers.wait("hs-plain", ended=True)

    greedy, killed, plain = (isolation.why_ended(name) for name in ("hs-greedy", "hs-web", "hs-plain"))
    assert (greedy.exit_code, greedy.oom_killed) == (137, True)
    assert (killed.exit_code, killed.oom_killed, killed.ordered) == (137, False, True)
    assert greedy.ordered is False
    assert (plain.exit_code, plain.signal) == (3, None)
    assert terminal(greedy.figure().how.docker[0]).strip() == "137 true"
    run_python(greedy.figure().how.python)


def test_an_ordered_end_is_not_blamed_on_memory_that_a_child_had_run_out_of(client: Client) -> None:
    web = idle("hs-web", memory="64m")
    containers.exec("hs-web", "sh", "-c", "head -c 128000000 /dev/zero | tail | wc -c")  # `tail` keeps all it reads
    assert isolation.limits("hs-web").reading.oom_kills >= 1
    client.kill(web.id)
    containers.wait("hs-web", ended=True)

    found = isolation.why_ended("hs-web")
    assert (found.exit_code, found.oom_killed, found.ordered) == (137, True, True)
    assert repr(found) == (
        "hs-web ended with exit code 137, and OOMKilled is true: somebody had it killed through the engine; before "
        "that, the kernel had killed a process in it because memory ran out."
    )
    assert "somebody ordered it" in repr(containers.why("hs-web"))


# root, cost, neighbours


def test_what_root_can_and_cant_do_by_trying() -> None:
    found = isolation.attempts()
    default = found["default"]

    assert [trial.why_not for trial in found.trials] == [""] * len(found.trials)
    for name in ("write-etc", "read-others", "give-away", "become-root"):
        assert default[name] is True, name
    for name in ("mount", "host-name", "clock", "kernel-setting"):
        assert [trial[name] for trial in found.trials] == [False] * len(found.trials), name
    assert found["user 1000"]["read-others"] is False
    assert found["read-only"]["write-etc"] is False
    assert found["no-new-privileges"]["become-root"] is False
    assert found["cap-drop ALL"]["give-away"] is False
    assert found["cap-drop ALL"]["write-etc"] is True
    assert default["user-namespace"] is False


def test_capabilities_are_those_that_were_left() -> None:
    idle("hs-web")
    idle("bare", cap_drop="ALL", security_opt="no-new-privileges")
    assert {"CHOWN", "SETUID"} <= set(isolation.capabilities("hs-web").effective)
    bare = isolation.capabilities("bare")
    assert (bare.effective, bare.bounding, bare.no_new_privileges) == ((), (), True)
    run_python(bare.figure().how.python)


def test_one_more_container_costs_little_and_brings_no_kernel() -> None:
    found = isolation.cost(2)
    assert found.same_kernel
    assert len(found.extras) == 2
    assert all(0 < one.memory < 64 * 1024 * 1024 for one in found.extras)
    with pytest.raises(errors.WrongUse):
        isolation.cost(0)


def test_a_neighbour_is_limited_and_the_times_are_measured() -> None:
    serve = "mkdir /www && echo hello > /www/index.html && exec httpd -f -p 8080 -h /www"
    containers.start(BUSYBOX, "sh", "-c", serve, name="hs-shop", publish=8080, cpuset_cpus="0")
    idle("hs-noisy", cpuset_cpus="0", cpu_shares=4096)
    found = isolation.neighbour("hs-shop", "hs-noisy", cpus=0.1)
    assert [bool(phase.times) for phase in found.phases] == [True, True, True]
    assert isolation.limits("hs-noisy").reading.cpus == pytest.approx(0.1)
    assert "while :" not in containers.exec("hs-noisy", "ps").text
    with pytest.raises(errors.CourseError, match="publishes no port"):
        isolation.neighbour("hs-noisy", "hs-shop")
