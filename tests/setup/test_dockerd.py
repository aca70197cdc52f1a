"""Engines started and stopped for real: a second dockerd of its own folder and socket, beside the one in use."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from helpers import store
from helpers.engine import client as connections
from helpers.engine import images
from helpers.engine.client import Client, open_client
from helpers.errors import EngineInstallFailed, EngineNotReachable
from helpers.setup.engine import dockerd, ensure_engine
from helpers.setup.engine.dockerd import Daemon
from helpers.setup.engine.pid_files import number, process
from tests.harness.by_hand import by_hand
from tests.harness.guards import absent
from tests.harness.second_engine import kill, second_engine, wait_until

pytestmark = pytest.mark.engine


def never(_: object) -> bool:
    """Nobody else's containers run on these engines."""
    raise AssertionError("nothing is to be asked")


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    with second_engine() as found:
        yield found


def test_an_engine_is_started_answers_and_is_stopped_as_the_one_we_started(daemon: Daemon) -> None:
    said: list[str] = []

    client = dockerd.start(daemon, said.append)

    assert client.ping()
    assert client.info()["DockerRootDir"] == str(daemon.socket.parent / "data")
    pid = number(daemon.pid_file)
    record = store.read(f"{daemon.record}.json", None)
    assert record["pid"] == pid
    assert os.getsid(pid) == pid, "closing the terminal must not end it"
    assert dockerd.stop_engine(said.append, confirm=never, daemon=daemon) is True
    assert process(pid, "dockerd") is None
    with pytest.raises(EngineNotReachable):
        open_client(daemon.address)
    assert dockerd.stop_engine(said.append, confirm=never, daemon=daemon) is False
    assert said[-1] == "The course started no engine, so there is none to stop."


def test_a_question_to_an_engine_that_is_gone_leaves_no_socket_open(daemon: Daemon) -> None:
    client = dockerd.start(daemon, print)
    kill(daemon)
    before = open_sockets()

    with pytest.raises(EngineNotReachable):
        client.ping()  # on the connection that was open, which is reset or found closed
    with pytest.raises(EngineNotReachable) as gone:
        client.ping()

    assert "refused" in str(gone.value)
    assert open_sockets() <= before


def open_sockets() -> set[int]:
    """The file descriptors of this process that are sockets."""
    folder = Path("/proc/self/fd")
    return {int(link.name) for link in folder.iterdir() if link.is_symlink() and is_socket(link)}


def is_socket(link: Path) -> bool:
    try:
        return str(link.readlink()).startswith("socket:")
    except OSError:  # the descriptor with which the folder was read
        return False


@pytest.mark.parametrize(
    "left", ["a dead number", "an unrelated live process", "a zombie", "another dockerd", "nonsense"]
)
def test_a_killed_engine_that_left_its_pid_file_is_started_again(daemon: Daemon, left: str) -> None:
    dockerd.start(daemon, print).close()
    kill(daemon)
    assert daemon.pid_file.exists(), "a killed dockerd leaves its pid file: else this test shows nothing"
    helper = subprocess.Popen(["sleep", "0" if left == "a zombie" else "60"])
    if left == "a zombie":
        wait_until(lambda: f"{helper.pid} (sleep) Z" in Path(f"/proc/{helper.pid}/stat").read_text())
    if left in {"an unrelated live process", "a zombie"}:
        daemon.pid_file.write_text(str(helper.pid))
        daemon.containerd_pid_file.write_text(str(helper.pid))
    elif left == "another dockerd":
        first = number(Path("/var/run/docker.pid"))
        if not process(first, "dockerd"):
            absent("the engine in use is no dockerd of this machine")
        daemon.pid_file.write_text(str(first))
    elif left == "nonsense":
        daemon.pid_file.write_text("not a number")
    said: list[str] = []

    try:
        client = dockerd.start(daemon, said.append)
    finally:
        assert helper.poll() is None or left == "a zombie", "a process that is not ours was ended"
        helper.kill()
        helper.wait()

    assert client.ping()
    assert any(line.startswith("An earlier dockerd was killed and left") for line in said)
    assert dockerd.running(daemon) is not None


def test_a_live_dockerd_that_does_not_answer_is_reported_and_left_alone(daemon: Daemon) -> None:
    dockerd.start(daemon, print).close()
    pid = number(daemon.pid_file)
    daemon.socket.rename(daemon.socket.with_suffix(".hidden"))

    with pytest.raises(EngineInstallFailed) as caught:
        dockerd.start(daemon, print, seconds=1)

    assert f"dockerd runs as process {pid}, but does not answer" in str(caught.value)
    assert process(pid, "dockerd") is not None


def test_an_engine_that_ends_at_once_shows_the_end_of_its_log(daemon: Daemon) -> None:
    broken = Daemon(**{**vars(daemon), "options": (*daemon.options, "--storage-driver=none-of-that-name")})
    started = time.monotonic()

    with pytest.raises(EngineInstallFailed) as caught:
        dockerd.start(broken, print)

    assert "the end of its log" in caught.value.why
    assert "graphdriver" in caught.value.why
    assert time.monotonic() - started < 15, "its end was not noticed"
    assert store.read(f"{daemon.record}.json", None) is None


def test_an_engine_too_slow_to_answer_is_ended_again(daemon: Daemon) -> None:
    deaf = Daemon(**{**vars(daemon), "socket": daemon.socket.with_name("nobody.sock")})

    with pytest.raises(EngineInstallFailed):
        dockerd.start(deaf, print, seconds=2)

    assert dockerd.running(daemon) is None, "a half started engine stayed behind"


def test_stop_never_ends_a_process_that_only_has_the_number(daemon: Daemon) -> None:
    dockerd.start(daemon, print).close()
    name = f"{daemon.record}.json"
    record = store.read(name, None)
    store.write(name, {**record, "started": record["started"] - 1})  # the same number, another life
    said: list[str] = []

    assert dockerd.stop_engine(said.append, confirm=never, daemon=daemon) is False

    assert len(said) == 1
    assert said[0].startswith("The engine that the course started has ended already")
    assert dockerd.running(daemon) is not None
    store.write(name, record)


def test_an_engine_of_an_earlier_run_of_the_machine_is_not_ours(daemon: Daemon) -> None:
    dockerd.start(daemon, print).close()
    name = f"{daemon.record}.json"
    record = store.read(name, None)
    for by in ("hand", "systemd"):
        store.write(name, {**record, "by": by, "boot": "before the last start of the machine"})
        assert dockerd.stop_engine(print, confirm=never, daemon=daemon) is False
    store.write(name, {"by": "systemd"})  # as an older edition wrote it: no proof
    assert dockerd.stop_engine(print, confirm=never, daemon=daemon) is False
    assert dockerd.running(daemon) is not None
    store.write(name, record)


def test_stop_asks_first_if_somebody_elses_container_runs_on_it(client: Client, daemon: Daemon) -> None:
    started = dockerd.start(daemon, print)
    hand = by_hand(started)
    with contextlib.closing(images.saved(client, "localhost/course/busybox:1")) as pieces:
        list(hand.load_image(b"".join(pieces)))
    command = ["sleep", "60"]
    host = hand.create_host_config(network_mode="none")
    made = hand.create_container("localhost/course/busybox:1", command, name="vault", host_config=host)["Id"]
    hand.start(made)
    asked: list[Sequence[str]] = []

    def no(names: Sequence[str]) -> bool:
        asked.append(names)
        return False

    assert dockerd.stop_engine(print, confirm=no, daemon=daemon) is None
    assert asked == [["vault"]]
    assert hand.inspect_container(made)["State"]["Running"]
    hand.remove_container(made, force=True)
    started.close()


def test_two_starts_at_once_give_one_engine(daemon: Daemon) -> None:
    code = (
        "import sys; from pathlib import Path; from helpers.setup.engine.dockerd import Daemon, start\n"
        f"d = Daemon(**{vars(daemon)!r})\n"
        "start(d, print).close()"
    ).replace("PosixPath", "Path")
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]

    said = [child.communicate(timeout=60)[0] for child in both]

    assert [child.returncode for child in both] == [0, 0]
    assert sum("Starting the engine" in text for text in said) == 1


def test_a_chosen_engine_that_does_not_answer_is_never_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")

    with pytest.raises(EngineNotReachable) as caught:
        ensure_engine.ensure_engine(install=True, ask=None, say=print)

    assert "DOCKER_HOST names this engine" in caught.value.next_step
    assert caught.value.tried[0].address == "unix:///nowhere/docker.sock"


def test_an_engine_that_answers_is_taken_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(connections, "_clients", {})  # this test's own: the run's client is in use

    client = ensure_engine.ensure_engine(install=False, ask=None, say=said.append)

    assert client.ping()
    assert said == []
    client.close()
