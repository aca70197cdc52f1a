"""An engine of this machine that the course starts and stops: dockerd, by systemd or by hand."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from helpers import store
from helpers.engine.client import Client, open_client
from helpers.engine.discovery import Address
from helpers.errors import EngineInstallFailed, EngineNotReachable, NoPermission
from helpers.setup.engine import apt, programs
from helpers.setup.engine.pid_files import DEFAULT, Process, number, process, uses

START_SECONDS = 60.0
STOP_SECONDS = 60.0
POLL_SECONDS = 0.1
PROGRAM_SECONDS = 180.0  # systemd gives a service 90 s to start; and sudo may wait for a password
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


@dataclass(frozen=True, kw_only=True)
class Daemon:
    """Where a dockerd keeps its things; the defaults are the distribution's.

    prefix: put before dockerd, such as unshare. options: for dockerd.
    systemd: start it as the system's service. record: the name in the state folder.
    """

    socket: Path = Path("/var/run/docker.sock")
    pid_file: Path = Path(DEFAULT)
    containerd_pid_file: Path = Path("/var/run/docker/containerd/containerd.pid")
    prefix: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    systemd: bool = Path("/run/systemd/system").is_dir()
    record: str = "engine"

    @property
    def address(self) -> Address:
        """Where it answers."""
        return Address(url=f"unix://{self.socket}", origin="usual place")

    @property
    def log(self) -> Path:
        """What a dockerd started by hand says."""
        return store.state() / f"{self.record}.log"


def is_installed() -> bool:
    """True if this machine has a dockerd."""
    return shutil.which("dockerd", path=PATH) is not None


def running(daemon: Daemon) -> Process | None:
    """The live dockerd that this pid file names, if any."""
    pid = number(daemon.pid_file)
    found = process(pid, "dockerd") if pid else None
    return found if found and uses(found.pid, daemon.pid_file) else None


def clear_stale(daemon: Daemon, say: Callable[[str], None], *, root: tuple[str, ...] = ()) -> None:
    """Removes pid files whose process is not what they say. Call it only if `running` found none."""
    for path, program in ((daemon.pid_file, "dockerd"), (daemon.containerd_pid_file, "containerd")):
        if _run([*root, "test", "-e", str(path)]).returncode:
            continue
        text = _run([*root, "cat", str(path)]).stdout.strip()
        if program == "containerd" and text.isdigit() and process(int(text), program):
            continue  # outlived its dockerd: the next one takes it over
        if _run([*root, "rm", "-f", str(path)]).returncode == 0:
            say(f"An earlier {program} was killed and left {path} (process {text or '?'} is no {program}): removed.")


def start(
    daemon: Daemon, say: Callable[[str], None], *, seconds: float = START_SECONDS, installed: bool = False
) -> Client:
    """Starts the engine and waits until it answers; writes down that the course did it.

    installed: True if the course has just installed it; the package may have started it, which counts as ours.

    Raises: EngineInstallFailed with the last lines of its log; NoPermission if it runs and this user may not use it.
    """
    root = apt.privilege()
    if root is None:
        raise EngineInstallFailed(
            "Docker is installed but not running, and this account may not start it.",
            "starting an engine takes root; there is no sudo here that works without a terminal",
            "Type: sudo systemctl start docker" if daemon.systemd else "Type: sudo dockerd &",
        )
    with store.locked(f"{daemon.record}-start"):
        with contextlib.suppress(EngineNotReachable):  # another start, or the package, was quicker
            client = open_client(daemon.address)
            if installed:
                _remember(daemon)
            return client
        live = running(daemon)
        if live is not None:  # it may be on its way up
            client = _answer(daemon, seconds / 4, None, f"dockerd runs as process {live.pid}, but does not answer.")
            if installed:
                _remember(daemon)
            return client
        clear_stale(daemon, say, root=root)
        return _by_systemd(daemon, say, root, seconds) if daemon.systemd else _by_hand(daemon, say, root, seconds)


def _by_systemd(daemon: Daemon, say: Callable[[str], None], root: tuple[str, ...], seconds: float) -> Client:
    say("Starting the engine (systemctl start docker) ...")
    done = _run([*root, "systemctl", "start", "docker"])
    if done.returncode:
        log = _run([*root, "journalctl", "-u", "docker", "-n", "6", "--no-pager", "-o", "cat"]).stdout
        raise EngineInstallFailed(
            "systemd could not start the engine.", done.stderr + log, "Type: journalctl -u docker"
        )
    client = _answer(daemon, seconds, None, "systemd started the engine, but it does not answer.")
    _remember(daemon)
    return client


def _by_hand(daemon: Daemon, say: Callable[[str], None], root: tuple[str, ...], seconds: float) -> Client:
    say(f"Starting the engine (dockerd; its log: {daemon.log}) ...")
    with daemon.log.open("wb") as log:
        child = subprocess.Popen(
            [*root, *daemon.prefix, shutil.which("dockerd", path=PATH) or "dockerd", *daemon.options],
            cwd="/",
            env={**os.environ, "PATH": PATH},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C here, or closing the terminal, does not end it
        )
    try:
        client = _answer(daemon, seconds, child, "The engine did not start.")
    except NoPermission:
        _remember(daemon)
        child.returncode = 0
        raise
    except BaseException:  # also Ctrl-C: nothing half started stays
        _terminate(child, root)
        raise
    _remember(daemon)
    child.returncode = 0  # it goes on on purpose: no warning that it was left behind
    return client


def _remember(daemon: Daemon) -> None:
    """Writes down which process it is: its id, when it began, and in which run of the machine."""
    found = running(daemon)
    if found is not None:
        store.write(f"{daemon.record}.json", {"by": "systemd" if daemon.systemd else "hand", **asdict(found)})


def _terminate(child: subprocess.Popen[bytes], root: tuple[str, ...]) -> None:
    if child.poll() is None:
        _run([*root, "kill", str(child.pid)])
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=STOP_SECONDS)


def _answer(daemon: Daemon, seconds: float, child: subprocess.Popen[bytes] | None, failure: str) -> Client:
    """Asks until the engine answers, its process ends, or `seconds` have gone by."""
    started = time.monotonic()
    while True:
        try:
            return open_client(daemon.address)
        except NoPermission:
            raise
        except EngineNotReachable as error:
            # a second dockerd ends at once; then the one that was quicker (the package's) is waited for
            ended = child is not None and child.poll() is not None and running(daemon) is None
            if ended or time.monotonic() - started > seconds:
                why = f"its process ended with status {child.returncode}" if child and ended else error.why
                log = "\n".join(_tail(daemon)) if child else ""
                raise EngineInstallFailed(
                    failure,
                    f"{why} ({time.monotonic() - started:.0f} s)" + (f"; the end of its log:\n{log}" if log else ""),
                    f"The whole log is in {daemon.log}." if child else "End it or restart it, then run this again.",
                ) from error
        time.sleep(POLL_SECONDS)


def _tail(daemon: Daemon) -> list[str]:
    try:
        return daemon.log.read_text(encoding="utf-8", errors="replace").splitlines()[-6:]
    except OSError:
        return []


def stop_engine(
    say: Callable[[str], None], *, confirm: Callable[[Sequence[str]], bool], daemon: Daemon | None = None
) -> bool | None:
    """Stops the engine if the course started it and it is still that very process, of this run of the machine.

    confirm: is asked if containers run on it that the course did not make for this learner; it gets their names.

    Returns: True if one was stopped, False if there is none to stop, None if the answer was no.

    Raises: EngineInstallFailed if it does not end.
    """
    daemon = daemon or Daemon()
    name = f"{daemon.record}.json"
    record = store.read(name, None)
    if not isinstance(record, dict):
        say("The course started no engine, so there is none to stop.")
        return False
    pid = int(record.get("pid") or 0)
    noted = Process(pid, int(record.get("started") or 0), str(record.get("boot")))
    if not pid or process(pid, "dockerd") != noted:
        (store.state() / name).unlink(missing_ok=True)
        say("The engine that the course started has ended already; one that runs now was started by somebody else.")
        return False
    others = _others(daemon)
    if others and not confirm(others):
        return None
    root = apt.privilege() or ()
    if record.get("by") == "systemd":
        say("Stopping the engine (systemctl stop docker), and with it the containers that run on it ...")
        done = _run([*root, "systemctl", "stop", "docker.service", "docker.socket"])
        if done.returncode:
            raise EngineInstallFailed(
                "systemd could not stop the engine.", done.stderr, "Type: systemctl status docker"
            )
    else:
        say(f"Stopping the engine (dockerd, process {pid}), and with it the containers that run on it ...")
        _end(noted, root)
    (store.state() / name).unlink(missing_ok=True)
    say("  stopped")
    return True


def _others(daemon: Daemon) -> list[str]:
    """The names of running containers that the course did not make for this learner; none if it does not answer."""
    try:
        client = open_client(daemon.address)
    except EngineNotReachable:
        return []
    with contextlib.closing(client):
        ledger = client.ledger()
        return [
            str((row.get("Names") or [row["Id"][:12]])[0]).lstrip("/")
            for row in client.containers()
            if ledger.entry("container", row["Id"], row.get("Labels")) is None
        ]


def _end(noted: Process, root: tuple[str, ...]) -> None:
    if root or os.geteuid() == 0:
        _run([*root, "kill", str(noted.pid)])
    else:
        os.kill(noted.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while process(noted.pid, "dockerd") == noted:
        if time.monotonic() > deadline:
            raise EngineInstallFailed(
                f"dockerd (process {noted.pid}) does not end.",
                f"it was asked to {STOP_SECONDS:.0f} s ago",
                "A container may hold it up: docker ps",
            )
        time.sleep(POLL_SECONDS)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return programs.run(
        command, seconds=PROGRAM_SECONDS, environment={**os.environ, "PATH": PATH}, typing=command[0] == "sudo"
    )
