"""Machines that are in no book: it works there, or ends in the course's words; no traceback, no endless wait."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from helpers.engine.build import plugins
from helpers.engine.client import Client, open_client
from helpers.engine.discovery import Address
from helpers.engine.model.base_images import Wheel
from helpers.errors import BaseImageMissing, EngineInstallFailed
from helpers.setup.engine import apt, dockerd, programs
from helpers.setup.images import rootfs, wheelhouse
from tests.harness.second_engine import second_engine

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "unix:///nowhere/engine.sock"
root_only = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None,
    reason="only root on Linux can lay other files over /etc and /tmp, for one program",
)
posix = pytest.mark.skipif(os.name != "posix", reason="programs are shell scripts here")


def ended(
    *words: str, variables: Mapping[str, str | None] = {}, folder: Path = ROOT, mounts: str = "", nobody: bool = False
) -> subprocess.CompletedProcess[str]:
    """A program of this Python at its end: within half a minute, and without a traceback.

    variables: set, or taken away (None). mounts: what a shell does before, in a mount namespace of its own.
    nobody: by a number that no account has.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, *words]
    if mounts:
        command = ["unshare", "--mount", "sh", "-ec", f'{mounts}; exec "$@"', "sh", *command]
    elif nobody:
        command = ["unshare", "--user", "--map-user=12345", *command]
    done = subprocess.run(
        command,
        cwd=folder,
        env={key: value for key, value in environment.items() if value is not None},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The words of a command that ended in an error of the course: what, why and what next."""
    assert done.returncode == 1, done
    words = done.stdout + done.stderr
    assert "Why: " in words or "why: " in words
    assert "Next: " in words or "next: " in words
    return words


# -- accounts and folders

NO_HOME: Mapping[str, str | None] = {"HOME": None, "COURSE_HOME": None, "XDG_STATE_HOME": None, "DOCKER_CONFIG": None}


@root_only
@pytest.mark.parametrize("command", [("check", "01-package-the-app"), ("stop",)])
def test_an_account_without_a_home_is_told_so(command: tuple[str, ...], tmp_path: Path) -> None:
    variables = {**NO_HOME, "DOCKER_HOST": NOWHERE}
    words = said(ended("-m", "helpers", *command, variables=variables, folder=tmp_path, nobody=True))

    assert "no home folder" in words
    assert list(tmp_path.iterdir()) == [], "a folder called ~"


@root_only
@pytest.mark.engine
def test_with_a_folder_named_it_needs_no_home(client: Client, tmp_path: Path) -> None:
    variables = {**NO_HOME, "COURSE_HOME": str(tmp_path), "DOCKER_HOST": client.address.url}
    for words in (("images", "list"), ("clean",)):
        done = ended("-m", "helpers", *words, variables=variables, nobody=True)

        assert done.returncode == 0, done.stderr


SERVED = """
from helpers.setup.jupyter import server
with server.serve(say=print) as found:
    print(found.log.where)
    print(found.answers())
"""


@root_only
def test_jupyterlab_starts_without_a_home(tmp_path: Path) -> None:
    done = ended("-c", SERVED, variables={**NO_HOME, "COURSE_HOME": str(tmp_path)}, nobody=True)

    assert done.stdout.splitlines()[-1] == "True", done.stderr


FOUND = "import sys, pathlib, start; print(start.Environment(pathlib.Path(sys.argv[1])).found())"


@root_only
def test_an_environment_of_a_python_that_may_not_be_looked_at_is_none(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    folder = tmp_path / ".venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").symlink_to(locked / "python")
    (folder / "containers-unpacked.json").write_text('{"python": "x"}')
    locked.chmod(0)

    done = ended("-c", FOUND, str(folder), nobody=True)

    assert done.stdout.strip() == "{}", done.stderr


FULL = "mount -t tmpfs -o size=32k none /tmp"
FILL = "head -c 32k /dev/zero > /tmp/file 2> /dev/null || true"


@root_only
def test_a_full_disk_is_said() -> None:
    variables = {"COURSE_HOME": "/tmp/home", "DOCKER_HOST": NOWHERE}
    mounts = f"{FULL}; mkdir /tmp/home; {FILL}"
    words = said(ended("-m", "helpers", "check", "01-package-the-app", variables=variables, mounts=mounts))

    assert "can't" in words


@root_only
def test_jupyterlab_starts_where_the_disk_has_no_room_for_its_log(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    mounts = f"mount -t tmpfs -o size=32k,nr_inodes=6 none '{home}'; mkdir '{home}/state'; cd '{home}'"
    mounts += f"; for name in 1 2 3 4 5 6; do touch $name 2> /dev/null || break; done; cd '{ROOT}'"
    done = ended("-c", SERVED, variables={"COURSE_HOME": str(home)}, mounts=mounts)

    where, answers = done.stdout.splitlines()[-2:]
    assert answers == "True", done.stderr
    assert "There is no log" in where
    assert "No space left" in where


FIRST_CELLS = """
import os, pathlib
from helpers import containers, images, scene
folder = pathlib.Path(os.environ["COURSE_HOME"], "an app")
folder.mkdir()
(folder / "Dockerfile").write_text("FROM localhost/course/busybox:1\\nCOPY a /a\\n")
(folder / "a").write_text("hello")
with scene("test-odd"):
    made = images.build(folder, name="odd")
    print(repr(containers.run(made, "cat", "/a")))
"""


@root_only
@pytest.mark.engine
def test_a_full_tmp_and_a_checkout_that_is_read_only_do_not_matter(client: Client, home: Path, tmp_path: Path) -> None:
    elsewhere = Path("/var/tmp") / f"odd {os.getpid()} ü"
    elsewhere.mkdir()
    mounts = f"mount --bind '{ROOT}' '{ROOT}'; mount -o remount,bind,ro '{ROOT}'"
    if not any(place.startswith("/tmp/") for place in (str(ROOT), client.address.url.removeprefix("unix://"))):
        mounts += f"; {FULL}; {FILL}"
    variables = {"COURSE_HOME": str(elsewhere), "DOCKER_HOST": client.address.url}
    try:
        done = ended("-m", "helpers", "images", "list", variables=variables, mounts=mounts)
        run = ended("-c", FIRST_CELLS, variables=variables, mounts=mounts)
    finally:
        shutil.rmtree(elsewhere)

    assert done.returncode == 0, done.stderr
    assert "hello" in run.stdout, run.stderr


# -- addresses


@contextlib.contextmanager
def listening(answer: bytes = b"") -> Iterator[tuple[int, list[bytes]]]:
    """A port of this computer that gives one answer to all; what was said to it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = server.accept()
                    with line, contextlib.suppress(OSError):
                        line.settimeout(2)
                        heard.append(line.recv(4096))
                        line.sendall(answer)

        worker = threading.Thread(target=serve, daemon=True)
        worker.start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
        worker.join(5)


def test_no_proxy_is_asked_for_an_engine() -> None:
    with listening() as (engine, asked), listening() as (proxy, relayed):
        address = f"http://127.0.0.1:{proxy}"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        proxies = {name: address for one in names for name in (one, one.lower())} | {"NO_PROXY": "", "no_proxy": ""}
        variables = {**proxies, "DOCKER_HOST": f"tcp://127.0.0.1:{engine}"}
        said(ended("-m", "helpers", "doctor", variables=variables))

    assert asked, "the engine itself was asked"
    assert relayed == []


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ssh://somebody@127.0.0.1:1", "reaches no engine by ssh itself"),
        ("ssh://", "reaches no engine by ssh itself"),
        ("tcp://127.0.0.1:1", "refused"),
        ("nonsense", "nonsense"),
        ("fd://", "fd://"),
        ("tcp://[::1", "tcp://"),
        ("unix:///etc/passwd", "unix:///etc/passwd"),
    ],
)
def test_an_address_that_leads_nowhere_is_said(address: str, reason: str) -> None:
    words = said(ended("-m", "helpers", "images", "list", variables={"DOCKER_HOST": address}))

    assert reason in words
    if address.startswith("ssh"):
        assert "ssh -NL" in words


@pytest.mark.parametrize("files", ["no folder", "an empty one", "junk"])
def test_tls_files_that_are_missing_or_wrong_are_said(files: str, tmp_path: Path) -> None:
    folder = tmp_path / "certs"
    if files != "no folder":
        folder.mkdir()
    for name in ("ca", "cert", "key") if files == "junk" else ():
        (folder / f"{name}.pem").write_text("junk")
    with listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (port, _):
        variables = {
            "DOCKER_HOST": f"tcp://127.0.0.1:{port}",
            "DOCKER_TLS_VERIFY": "1",
            "DOCKER_CERT_PATH": str(folder),
        }
        words = said(ended("-m", "helpers", "images", "list", variables=variables))

    assert "ca.pem" in words if files != "junk" else str(port) in words


# -- clocks, and engines that change


CLOCK = """
import json, sys, time
real = time.time
time.time = lambda: real() + float(sys.argv[1])
from helpers import containers, scene
from helpers.engine.client import connect
from helpers.engine.session import session
with scene("test-clock"):
    containers.start("localhost/course/busybox:1", "true", name="one")
    containers.start("localhost/course/busybox:1", "true", name="two")
    until = real() + 5
    watching = session.watching(connect())
    while watching and len([e for e in watching.heard() if e.action == "die"]) < 2 and real() < until:
        time.sleep(0.05)
    print(json.dumps([e.action for e in watching.heard()] if watching else []))
"""


@pytest.mark.engine
@pytest.mark.parametrize("hours", [-2, 2])
def test_an_engine_two_hours_off_is_heard(hours: int, client: Client, home: Path) -> None:
    done = ended("-c", CLOCK, str(-hours * 3600), variables={"DOCKER_HOST": client.address.url})

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]).count("die") == 2


SWITCHED = """
import json, os, sys
from helpers import containers, errors, scene
told = []
def tell(work):
    try:
        told.append(str(work()))
    except errors.CourseError as error:
        told.append(type(error).__name__)
first = os.environ["DOCKER_HOST"]
with scene("test-switched"):
    containers.start("localhost/course/busybox:1", "sleep", "60", name="web")
    for other in sys.argv[1:]:
        os.environ["DOCKER_HOST"] = other
        tell(lambda: containers.logs("web"))
        tell(lambda: containers.run("localhost/course/busybox:1", "true"))
    os.environ["DOCKER_HOST"] = first
    tell(lambda: containers.exec("web", "echo", "here"))
print(json.dumps(told))
"""


@pytest.mark.engine
def test_an_engine_that_is_changed_in_a_scene_is_another_one(client: Client, home: Path) -> None:
    with second_engine() as daemon:
        dockerd.start(daemon, lambda line: None).close()
        other = f"unix://{daemon.socket}"
        done = ended("-c", SWITCHED, other, NOWHERE, variables={"DOCKER_HOST": client.address.url})
        with contextlib.closing(open_client(Address(url=other, origin="the test"))) as there:
            assert there.containers(all=True) == []

    assert done.returncode == 0, done.stderr
    *elsewhere, here = json.loads(done.stdout.splitlines()[-1])
    assert elsewhere == ["NotFound", "NoSuchImage", "EngineNotReachable", "EngineNotReachable"]
    assert "here" in here


# -- programs that hang

HANGS = "#!/bin/sh\nsleep 30 & wait\n"  # what it started lives on, and holds its output, when it is ended itself


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """sudo, systemctl, docker and others that never end."""
    for name in ("sudo", "systemctl", "docker", "mmdebstrap", "apt-config"):
        path = tmp_path / name
        path.write_text(HANGS)
        path.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), os.environ["PATH"]]))
    monkeypatch.setattr(dockerd, "PATH", os.environ["PATH"])
    monkeypatch.setattr(programs, "GRACE", 0.5)
    for module, name in (
        (apt, "SUDO_SECONDS"),
        (dockerd, "PROGRAM_SECONDS"),
        (plugins, "SECONDS"),
        (rootfs, "SILENT_SECONDS"),
        (rootfs, "_GRACE"),
        (wheelhouse, "SECONDS"),
    ):
        monkeypatch.setattr(module, name, 0.5)


@posix
@pytest.mark.usefixtures("hanging")
def test_sudo_that_hangs_is_ended_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    began = time.monotonic()

    with pytest.raises(EngineInstallFailed, match=r"sudo -n true did not end within 0\.5 s"):
        apt.privilege()

    assert time.monotonic() - began < 5


@posix
@pytest.mark.usefixtures("hanging", "home")
def test_systemctl_that_hangs_is_ended_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "privilege", lambda: ())
    daemon = dockerd.Daemon(
        socket=tmp_path / "engine.sock",
        pid_file=tmp_path / "pid",
        containerd_pid_file=tmp_path / "containerd.pid",
        systemd=True,
        record="engine-odd",
    )
    began = time.monotonic()

    with pytest.raises(EngineInstallFailed, match="systemctl start docker did not end within"):
        dockerd.start(daemon, lambda line: None)

    assert time.monotonic() - began < 5


@posix
@pytest.mark.usefixtures("hanging", "home")
def test_a_docker_command_that_hangs_has_no_plugins() -> None:
    began = time.monotonic()

    assert plugins.versions() == dict.fromkeys(plugins.PLUGINS)
    assert time.monotonic() - began < 5


@posix
@pytest.mark.usefixtures("hanging")
def test_an_mmdebstrap_that_says_nothing_more_is_ended_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mmdebstrap").write_text(f"#!/bin/sh\necho 'I: downloading packages...' >&2\n{HANGS[10:]}")
    monkeypatch.setattr(rootfs, "_install", lambda _: None)
    monkeypatch.setattr(rootfs, "mirrors", lambda _: ())
    told: list[str] = []
    began = time.monotonic()

    with pytest.raises(BaseImageMissing, match=r"mmdebstrap said nothing for 0\.5 s") as caught:
        rootfs.make(tmp_path / "root.tar", suite="trixie", say=told.append)

    assert time.monotonic() - began < 5
    assert told == ["debian: downloading packages..."]
    assert "downloading packages" in caught.value.why
    assert "apt-get update" in caught.value.next_step
    assert not list(tmp_path.glob("*root.tar*"))


@posix
@pytest.mark.usefixtures("hanging")
def test_a_look_at_the_settings_of_apt_that_hangs_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "SECONDS", 0.5)
    began = time.monotonic()

    assert rootfs.proxy() == {}
    assert time.monotonic() - began < 5


@posix
@pytest.mark.usefixtures("hanging", "home")
def test_a_pip_that_hangs_is_ended_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheelhouse, "_pip", lambda: [str(tmp_path / "docker")])
    wheel = Wheel(name="tiny", version="1", file="tiny-1-py3-none-any.whl", sha256="0" * 64)
    began = time.monotonic()

    with pytest.raises(BaseImageMissing, match=r"pip did not finish within 0\.5 s"):
        wheelhouse.fetch((wheel,), say=lambda _: None)

    assert time.monotonic() - began < 5
