"""A second engine for the tests that need one: a dockerd of its own folder, socket and network, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from helpers.setup.engine import dockerd
from helpers.setup.engine.dockerd import Daemon
from helpers.setup.engine.pid_files import number, process
from tests.harness.guards import absent


@contextlib.contextmanager
def second_engine() -> Iterator[Daemon]:
    """Where a second engine lives that shares nothing with the first, least of all its network.

    A dockerd with --bridge=none deletes the bridge docker0 it finds, which is the first one's: hence unshare.
    """
    if sys.platform != "linux" or os.geteuid() != 0 or not dockerd.is_installed():
        absent("starting a second engine needs Linux, root and dockerd")
    before = bridge()
    folder = Path(tempfile.mkdtemp(prefix="cu-"))  # a socket's path must be short
    config = folder / "daemon.json"
    config.write_text("{}")
    options = {
        "--host": f"unix://{folder}/docker.sock",
        "--pidfile": folder / "docker.pid",
        "--data-root": folder / "data",
        "--exec-root": folder / "exec",
        "--config-file": config,
        "--iptables": "false",
        "--ip-forward": "false",
        "--storage-driver": "vfs",
    }
    second = Daemon(
        socket=folder / "docker.sock",
        pid_file=folder / "docker.pid",
        containerd_pid_file=folder / "exec/containerd/containerd.pid",
        prefix=("unshare", "--net"),
        options=tuple(f"{name}={value}" for name, value in options.items()),
        systemd=False,
        record=f"engine-{folder.name}",
    )
    try:
        yield second
    finally:
        dockerd.stop_engine(print, confirm=lambda _: True, daemon=second)
        kill(second)
        unmount_below(folder)
        shutil.rmtree(folder)
    assert bridge() == before, "a second engine changed the first one's network"


def kill(daemon: Daemon) -> None:
    """Ends dockerd and its containerd as an accident would, and waits until both are gone.

    By command line, not by pid file alone: a test writes another engine's number into it.
    """
    pids = [(number(daemon.pid_file), "dockerd"), (number(daemon.containerd_pid_file), "containerd")]
    ours = [(pid, program) for pid, program in pids if pid and process(pid, program) and belongs(pid, daemon)]
    for pid, _ in ours:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(process(pid, program) for pid, program in ours))


def belongs(pid: int, daemon: Daemon) -> bool:
    return str(daemon.socket.parent) in Path(f"/proc/{pid}/cmdline").read_text()


def bridge() -> str:
    """The number of the first engine's bridge, which one made anew would not have; empty if there is none."""
    found = Path("/sys/class/net/docker0/ifindex")
    return found.read_text() if found.exists() else ""


def unmount_below(folder: Path) -> None:
    """A dockerd that was killed leaves its data folder mounted on itself; the kernel may need a moment."""

    def mounted() -> list[str]:
        points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        return sorted((point for point in points if Path(point).is_relative_to(folder)), reverse=True)

    wait_until(lambda: not [subprocess.run(["umount", point], check=False) for point in mounted()])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
