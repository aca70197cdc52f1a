"""The verbs a learner types, on the real engine, and the commands that their "How" names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from helpers import containers, daemon, errors, networks, scene
from helpers.daemon.model.doctor import Status
from helpers.drawing.figure import Shows
from helpers.engine.client import Client
from helpers.engine.model.container import State
from tests.harness.by_hand import by_hand
from tests.harness.terminal import both, python, shell

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    with scene("test-containers"):
        yield
    assert daemon.inventory().mine == ()


def serve(text: str = "hello") -> tuple[str, ...]:
    return ("sh", "-c", f"echo {text} > /tmp/index.html; exec httpd -f -v -p 8080 -h /tmp")


def test_run_returns_output_and_exit_code_and_leaves_nothing() -> None:
    found = containers.run(BUSYBOX, "sh", "-c", "echo out; echo err >&2; exit 3")
    assert found.exit_code == 3
    assert sorted(found.output.split()) == ["err", "out"]
    assert containers.ps().containers == ()


def test_a_missing_image_is_explained_and_nothing_is_pulled(client: Client) -> None:
    with pytest.raises(errors.NoSuchImage) as caught:
        containers.run("localhost/course/no-such-image:1", "true")
    assert "start.py images" in caught.value.next_step
    assert [c.path.split("?")[0] for c in client.last_trace.calls] == ["/containers/create"]


def test_a_missing_program_is_explained_and_leaves_no_container() -> None:
    with pytest.raises(errors.NoSuchProgram, match="Each word is a separate argument"):
        containers.run(BUSYBOX, "echo hello")
    with pytest.raises(errors.NoSuchProgram):
        containers.start(BUSYBOX, "no-such-program", name="hs-x")
    assert containers.ps().containers == ()


def test_a_command_that_does_not_end_is_given_up_with_its_last_lines() -> None:
    with pytest.raises(errors.WaitedTooLong, match="still here") as caught:
        containers.run(BUSYBOX, "sh", "-c", "echo still here; sleep 60", seconds=1)
    assert caught.value.status == "running"
    assert containers.ps().containers == ()


def test_a_server_is_started_asked_read_and_removed() -> None:
    web = containers.start(BUSYBOX, *serve("hello from inside"), name="hs-web", publish=8080)
    assert web.state is State.RUNNING
    assert {p.address for p in web.published} == {"127.0.0.1"}
    assert containers.get(web).body.strip() == "hello from inside"
    assert "response:200" in containers.logs("hs-web").text
    inside = containers.exec("hs-web", "ps")
    assert inside.exit_code == 0
    assert "1 root     httpd" in inside.text
    stopped = containers.stop("hs-web", grace=1)
    assert (stopped.state, stopped.exit_code) in [(State.EXITED, 143), (State.EXITED, 137)]
    assert containers.remove("hs-web").containers == ()


def test_a_cell_that_is_run_again_replaces_its_container() -> None:
    first = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
    second = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
    assert [c.id for c in containers.ps().containers] == [second.id] != [first.id]


def test_a_slip_of_the_pen_does_not_cost_the_running_one() -> None:
    first = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
    for image, word in (("localhost/course/busybx:1", "sleep"), (BUSYBOX, "slep")):
        with pytest.raises(errors.EngineRefused):
            containers.start(image, word, "60", name="hs-web")
    assert [c.id for c in containers.ps(everything=False).containers] == [first.id]


def test_containers_of_others_are_neither_stopped_nor_entered(client: Client) -> None:
    theirs = by_hand(client).create_container(BUSYBOX, ["sleep", "60"])["Id"]
    by_hand(client).start(theirs)
    try:
        for act in (lambda: containers.stop(theirs, grace=0), lambda: containers.exec(theirs, "touch", "/x")):
            with pytest.raises(errors.CourseError, match="not one of the course's"):
                act()
        assert client.inspect_container(theirs)["State"]["Running"]
    finally:
        by_hand(client).remove_container(theirs, force=True)


def test_a_container_of_another_scene_is_found_by_its_name() -> None:
    containers.start(BUSYBOX, "sh", "-c", "echo it is me; sleep 60", name="hs-after")
    with scene("test-other"):
        assert containers.logs("hs-after").container.name == "hs-after"
        listed = containers.ps().containers[0]
        assert listed.command == ("sh", "-c", "echo it is me; sleep 60")


def test_a_server_that_dies_is_reported_at_once_with_its_log() -> None:
    web = containers.start(BUSYBOX, "sh", "-c", "echo no config; exit 7", name="hs-web", publish=8080)
    with pytest.raises(errors.CourseError) as caught:
        containers.get(web, seconds=10)
    assert "7" in str(caught.value)


def test_what_is_not_there_is_named_with_what_is() -> None:
    containers.start(BUSYBOX, "sleep", "60", name="hs-web")
    with pytest.raises(errors.NotFound, match="Containers of this scene: hs-web"):
        containers.logs("hs-wbe")


def test_a_slip_of_the_pen_is_answered_before_or_by_the_engine() -> None:
    for publish in ("8080", True, 0, 99999, [8080, "90"]):
        with pytest.raises(errors.WrongUse, match="is not a port"):
            containers.start(BUSYBOX, "true", name="hs-x", publish=publish)  # type: ignore[arg-type]
    with pytest.raises(errors.WrongUse, match="is not a container"):
        containers.logs(5)  # type: ignore[arg-type]
    with pytest.raises(errors.WrongUse, match="is not a container"):
        daemon.processes_of(5)  # type: ignore[arg-type]
    with pytest.raises(errors.WrongUse, match="Put lambda: in front"):
        daemon.timeline(containers.run(BUSYBOX, "true"))  # type: ignore[arg-type]
    with pytest.raises(errors.WrongUse, match="no command"):
        containers.exec("hs-web")
    containers.start(BUSYBOX, "true", name="hs-web")
    containers.stop("hs-web", grace=1)
    with pytest.raises(errors.NotRunning, match=r"containers\.logs"):
        containers.exec("hs-web", "ps")
    with pytest.raises(errors.CourseError, match="only a running container answers"):
        containers.get("hs-web")
    for image, word in (("", "true"), (BUSYBOX, 5), (BUSYBOX, ["echo", "hs-x"])):
        with pytest.raises(errors.WrongUse):
            containers.run(image, word)  # type: ignore[arg-type]
    with pytest.raises(errors.WrongUse, match="needs a name"):
        containers.logs("")
    gone = containers.start(BUSYBOX, "sleep", "60", name="hs-gone")
    containers.remove(gone)
    for verb in (containers.logs, containers.get, containers.remove, daemon.processes_of):
        with pytest.raises(errors.NotFound, match="The container hs-gone is gone"):
            verb(gone)
    assert not daemon.ask("hello").answered
    assert not daemon.ask("").answered


def test_a_hostile_log_is_shown_as_text() -> None:
    found = containers.run(BUSYBOX, "printf", r"\033[31m<script>\033]0;title\007")
    assert repr(found).endswith("<script>")
    assert "<script>" not in found.figure().html()


def test_who_does_the_work() -> None:
    web = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
    chain = daemon.processes_of(web)
    assert chain.process
    assert chain.process.pid == web.pid
    assert chain.parent_is_shim
    assert chain.dockerd


def test_the_events_of_one_run() -> None:
    found = daemon.timeline(lambda: containers.run(BUSYBOX, "true"))
    words = [action for action in found.actions if action.startswith("container")]
    assert [words[0], *words[-2:]] == ["container create", "container die", "container destroy"]
    assert "container start" in words
    assert {"network connect", "network disconnect"} <= set(found.actions)
    assert found.result.exit_code == 0


def test_somebody_elses_events_are_not_on_the_time_line(client: Client) -> None:
    def both() -> None:
        containers.run(BUSYBOX, "true")
        theirs = by_hand(client).create_container(BUSYBOX, ["true"])["Id"]
        by_hand(client).start(theirs)
        client.wait(theirs)
        by_hand(client).remove_container(theirs)

    found = daemon.timeline(both)
    assert found.actions.count("container create") == 1
    assert found.actions.count("network connect") == 1


def test_an_error_inside_a_timeline_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        daemon.timeline(lambda: 1 // 0)


def test_the_trace_is_that_of_the_last_helper() -> None:
    containers.run(BUSYBOX, "true")
    found = daemon.trace()
    assert found.verb == "containers.run"
    assert [c.method for c in found.calls][:3] == ["POST", "POST", "POST"]
    assert found.calls[-1].method == "DELETE"


def test_the_doctor_really_tries_and_leaves_nothing() -> None:
    report = daemon.doctor()
    assert report.ok, report.as_text()
    tried = {c.name: c.status for c in report.checks}
    for name in ("engine answers", "base images", "runs a container", "resolves a name", "mounts a volume"):
        assert tried[name] is Status.OK, report.as_text()
    assert report.seconds < 15  # a hang, not a target: the target is in the note


def test_the_doctor_without_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such.sock")
    report = daemon.doctor()
    assert not report.ok
    assert [c.name for c in report.checks] == ["engine answers"]
    assert "no such socket" in report.as_text()
    assert report.checks[0].next


def test_the_command_lines_under_how_do_the_same() -> None:
    once = containers.run(BUSYBOX, "echo", "it's $HOME & <more>")
    assert shell(once.figure().how.docker[0]) == once.output
    web = containers.start(BUSYBOX, *serve(), name="hs-web", publish=8080)
    containers.get(web)
    assert shell(containers.logs(web).figure().how.docker[0]) == containers.logs(web).text
    assert shell(containers.exec(web, "cat", "/tmp/index.html").figure().how.docker[0]) == "hello\n"
    assert web.id[:12] in shell(containers.ps().figure().how.docker[0])


def test_the_lines_under_how_start_the_same_container(client: Client) -> None:
    """Image, command, environment, network, ports, mounts, user, restart policy and limits, asked of the engine."""
    networks.create("front")
    hand = by_hand(client)
    various: tuple[dict[str, Any], ...] = (
        {},
        {"network": "front", "publish": 8080, "environment": {"WORD": "it's $HOME & <more>"}, "user": "1000:1000"},
        {"memory": "64m", "cpus": 0.5, "pids_limit": 20, "restart": "on-failure:3", "read_only": True, "init": True},
        {"cap_drop": "ALL", "cap_add": ["CHOWN"], "tmpfs": {"/tmp": ""}, "add_host": {"till": "10.0.0.7"}},
        {"entrypoint": ["sh", "-c"], "hostname": "quay", "stop_signal": "SIGINT", "cpu_shares": 512, "network": "none"},
    )
    for options in various:
        command = ["sleep 60"] if "entrypoint" in options else ["sleep", "60"]
        how = containers.start(BUSYBOX, *command, name="web", **options).figure().how
        seen = [run_as(hand.inspect_container("hs-web"))]
        containers.remove("web")
        for run in both(how):
            try:
                run()
                seen.append(run_as(hand.inspect_container("hs-web")))
            finally:
                for row in hand.containers(all=True, filters={"name": "^/hs-web$"}):
                    hand.remove_container(row["Id"], force=True)
        assert seen[1] == seen[0], options
        assert seen[2] == seen[0], options


def test_the_lines_under_how_give_the_same_orders(client: Client) -> None:
    hand = by_hand(client)

    def state() -> tuple[Any, ...]:
        found = hand.inspect_container("hs-web")["State"]
        return found["Status"], found["ExitCode"]

    containers.start(BUSYBOX, "sh", "-c", "trap 'exit 7' USR1; while :; do sleep 0.05; done", name="web")
    orders: tuple[tuple[Any, Any], ...] = (
        (lambda: containers.pause("web"), lambda: containers.unpause("web")),
        (lambda: containers.unpause("web"), lambda: containers.pause("web")),
        (lambda: containers.stop("web", grace=0), lambda: containers.start("web")),
        (lambda: containers.start("web"), lambda: containers.stop("web", grace=0)),
        (lambda: containers.kill("web"), lambda: containers.start("web")),
        (lambda: containers.restart("web", grace=0), lambda: None),
    )
    for order, back in orders:
        how, wanted = order().figure().how, state()
        for run in both(how):
            back()
            run()
            assert state() == wanted, run
    made = containers.create(BUSYBOX, "sleep", "60", name="later").figure().how
    assert made.adds.startswith("labels")
    assert made.docker == (f"docker create --name hs-later {BUSYBOX} sleep 60",)
    for name in ("later", "web"):
        how = containers.remove(name).figure().how
        for run in both(how):
            made_again = hand.create_container(BUSYBOX, ["sleep", "60"], name=f"hs-{name}")["Id"]
            run()
            assert not hand.containers(all=True, filters={"id": made_again})


def run_as(row: dict[str, Any]) -> dict[str, Any]:
    """What tells how a container was to be run."""
    config, host = row["Config"], row["HostConfig"]
    ports = {port: [one["HostIp"] for one in ends or ()] for port, ends in (host["PortBindings"] or {}).items()}
    wanted = ("Image", "Env", "User", "StopSignal")
    limits = (
        *("Memory", "MemorySwap", "NanoCpus", "CpuShares", "PidsLimit", "ReadonlyRootfs", "CapAdd", "CapDrop", "Tmpfs"),
        *("Binds", "ExtraHosts", "RestartPolicy", "Init"),
    )
    said = {name: config.get(name) or None for name in wanted} | {name: host.get(name) or None for name in limits}
    said["RestartPolicy"] = {**host["RestartPolicy"], "Name": host["RestartPolicy"]["Name"] or "no"}  # which it means
    said["CapAdd"] = [name.removeprefix("CAP_") for name in host["CapAdd"] or ()]
    said["program"] = [*(config["Entrypoint"] or ()), *(config["Cmd"] or ())]
    return said | {"ports": ports, "networks": sorted(row["NetworkSettings"]["Networks"])}


def test_the_docker_py_lines_under_how_do_the_same() -> None:
    web = containers.start(BUSYBOX, *serve(), name="hs-web", publish=8080)
    containers.get(web)
    for found in (
        containers.run(BUSYBOX, "echo", "it's me"),
        containers.logs(web),
        containers.exec(web, "cat", "/tmp/index.html"),
    ):
        lines = "\n".join(found.figure().how.python)
        done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, timeout=60, check=False)
        expected = str(getattr(found, "output", "") or getattr(found, "text", ""))
        assert done.stdout.strip() == expected.strip(), done.stderr
    page = containers.get(web)
    assert python(page.figure().how.python).strip() == page.body.strip()
    assert page.figure().how.docker == (f"curl {page.url}",)


def test_what_the_daemons_pictures_name_under_how_does_the_same(client: Client) -> None:
    web = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
    timeline = daemon.timeline(lambda: containers.run(BUSYBOX, "true"))
    expected: list[tuple[Shows, str]] = [
        (daemon.doctor(), "Server"),
        (daemon.ask(client.address.url), "Server"),
        (daemon.where(), daemon.where().engine.kernel),
        (daemon.processes_of(web), str(web.pid)),
        (daemon.inventory(), web.id[:12]),
        (timeline, "container destroy"),
    ]
    for found, word in expected:
        how = found.figure().how
        assert word in "".join(shell(line) for line in how.docker), type(found)
        assert how.python, type(found)
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(how.python)], capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
