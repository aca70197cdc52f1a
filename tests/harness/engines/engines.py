"""Starts other Docker engines beside the system's own, so that the course can be tested on them.

    python tests/harness/engines/engines.py up   here|20|26|28 [--containerd]
    python tests/harness/engines/engines.py run  here|20|26|28 [--containerd] -- COMMAND...
    python tests/harness/engines/engines.py down here|20|26|28 [--containerd] [--purge]
    python tests/harness/engines/engines.py up|run|down vm [--no-ports] ...       in a virtual machine: see vm.py

20 is Debian 12's docker.io, 26 Debian 13's, 28 unstable's; here is what is installed, once more. `up` downloads the
packages from the archive this machine already uses, unpacks them into a folder of their own (nothing is installed) and
starts the engine in a network namespace of its own. `run` runs a command inside that namespace with DOCKER_HOST set, so
that ports published on 127.0.0.1 answer there. `down` stops the engine; --purge deletes its images and volumes too.

Needs root on Debian with runc, iptables and iproute2. The system's own engine is never touched.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from helpers.engine import base_images  # noqa: E402
from helpers.engine.build import plugins  # noqa: E402

SUITES = {"20": "bookworm", "26": "trixie", "28": "sid"}
VM = "vm"  # cgroup version 2, with a kernel of its own
HERE = "here"  # the version that is installed on this machine
HERE_OCTET = 9
PACKAGES = ("docker.io", "docker-cli", "containerd", "tini")
PROGRAMS = ("usr/sbin/dockerd", "usr/sbin/docker-proxy", "usr/bin/containerd", "usr/bin/containerd-shim-runc-v2")
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
START_SECONDS = 40.0
STOP_SECONDS = 30.0
LINKS = "10.95.0.0/16"  # the wires between this machine and the engines' namespaces
MASQUERADE = ("POSTROUTING", "-s", LINKS, "!", "-d", LINKS, "-j", "MASQUERADE")


class EngineFailed(RuntimeError):
    """Raised if an engine can't be fetched, started or stopped; the text says why."""


def home() -> Path:
    """The folder that holds packages, data and sockets; deleting it (engines down) costs a download."""
    named = os.environ.get("COURSE_ENGINES")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(named) if named else base / "containers-unpacked-test-engines"


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One engine: a version and an image store. spare: one more of them, beside the one that tests may be using."""

    version: str
    containerd: bool = False
    spare: bool = False

    @property
    def name(self) -> str:
        """Its name; also that of its network namespace and of this machine's end of the wire."""
        return f"cue{self.version}{'c' if self.containerd else ''}{'s' if self.spare else ''}"

    @property
    def octet(self) -> int:
        """What tells its addresses from the other engines'."""
        return (
            (HERE_OCTET if self.version == HERE else int(self.version))
            + (50 if self.containerd else 0)
            + (100 if self.spare else 0)
        )

    @property
    def packages(self) -> Path:
        """Where its packages are unpacked; both image stores use the same."""
        return home() / "packages" / self.version

    @property
    def data(self) -> Path:
        """Its images, containers and volumes."""
        return home() / "data" / self.name

    @property
    def run(self) -> Path:
        """Its socket, pid file and log."""
        return home() / "run" / self.name

    @property
    def namespace(self) -> Path:
        """The file of its network namespace."""
        return Path("/run/netns") / self.name

    @property
    def docker_host(self) -> str:
        """What DOCKER_HOST must say to reach it."""
        return f"unix://{self.run / 'docker.sock'}"

    def answers(self) -> bool:
        """True if the engine answers a ping."""
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(3)
            try:
                wire.connect(str(self.run / "docker.sock"))
                wire.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
                return b" 200 " in wire.recv(64)
            except OSError:
                return False

    def pid(self) -> int | None:
        """The process id of its dockerd. A pid file alone is not believed: the number may be another process by now."""
        try:
            pid = int((self.run / "docker.pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self.data).encode() in command else None


def refuse_unless_possible() -> None:
    """Raises EngineFailed on machines where this can't work, saying what is missing."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise EngineFailed("other engines can only be started by root on Linux")
    needed = ("apt-get", "dpkg", "runc", "iptables", "ip", "nsenter")
    missing = [program for program in needed if shutil.which(program, path=PATH) is None]
    if missing:
        raise EngineFailed(f"not found: {', '.join(missing)}. On Debian: apt-get install docker.io iptables iproute2")


def call(*command: str, check: bool = True, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """Runs a program and returns what it printed.

    Raises: EngineFailed with its last words, if `check` and its status is not 0.
    """
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=cwd, check=False)
    if check and done.returncode:
        raise EngineFailed(f"{' '.join(command[:3])}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def fetch(engine: Engine) -> None:
    """Downloads and unpacks the engine's packages once, with an apt configuration of its own; not what is installed."""
    if engine.version == HERE:
        return
    done = engine.packages / ".complete"
    if done.exists():
        return
    targets = call("apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages")
    mirrors = [line.removesuffix(" Debian") for line in targets.splitlines() if line.endswith(" Debian")]
    if not mirrors:
        raise EngineFailed("this machine knows no Debian archive yet: apt-get update first")
    apt = home() / "apt" / engine.version
    for folder in ("lists/partial", "cache/archives/partial", "debs"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (apt / "sources.list").write_text(f"deb [signed-by={keys}] {mirrors[0]} {SUITES[engine.version]} main\n")
    (apt / "apt.conf").write_text(
        f'Dir::Etc::sourcelist "{apt}/sources.list";\nDir::Etc::sourceparts "/dev/null";\n'
        f'Dir::Etc::preferencesparts "/dev/null";\nDir::State::lists "{apt}/lists";\n'
        f'Dir::State::status "{apt}/status";\nDir::Cache "{apt}/cache";\nAPT::Sandbox::User "root";\n'
    )
    env = dict(os.environ, APT_CONFIG=str(apt / "apt.conf"))
    call("apt-get", "update", "-qq", env=env)
    # docker-cli is a package of its own from Debian 13 on; the course talks HTTP, so its absence does not matter
    known = call("apt-cache", "pkgnames", env=env).split()
    call("apt-get", "download", "-qq", *(p for p in PACKAGES if p in known), env=env, cwd=apt / "debs")
    engine.packages.mkdir(parents=True, exist_ok=True)
    for deb in sorted((apt / "debs").glob("*.deb")):
        call("dpkg", "-x", str(deb), str(engine.packages))
    done.touch()


def wire_up(engine: Engine) -> None:
    """Makes the network namespace and the wire to it; does nothing if it is there."""
    if engine.namespace.exists():
        return
    name, net = engine.name, f"10.95.{engine.octet}"
    inside = ("nsenter", f"--net={engine.namespace}")
    call("ip", "netns", "add", name)
    call("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
    call("ip", "addr", "add", f"{net}.1/24", "dev", name)
    call("ip", "link", "set", name, "up")
    call(*inside, "ip", "link", "set", "lo", "up")
    call(*inside, "ip", "addr", "add", f"{net}.2/24", "dev", "eth0")
    call(*inside, "ip", "link", "set", "eth0", "up")
    call(*inside, "ip", "route", "add", "default", "via", f"{net}.1")
    call(*inside, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
    rules = call("iptables", "-t", "nat", "-S", "POSTROUTING")
    if not any(LINKS in rule for rule in rules.splitlines()):
        call("iptables", "-t", "nat", "-A", *MASQUERADE)
    for direction in ("-i", "-o"):
        call("iptables", "-I", "FORWARD", direction, name, "-j", "ACCEPT")


def unwire(engine: Engine) -> None:
    """Takes back what `wire_up` made; the common rule goes with the last engine."""
    for direction in ("-i", "-o"):
        call("iptables", "-D", "FORWARD", direction, engine.name, "-j", "ACCEPT", check=False)
    call("ip", "link", "del", engine.name, check=False)
    call("ip", "netns", "del", engine.name, check=False)
    if not list(Path("/run/netns").glob("cue[0-9]*")):
        call("iptables", "-t", "nat", "-D", *MASQUERADE, check=False)


def linked(engine: Engine) -> Path | None:
    """A folder with links to its programs; None for what is installed, which is found where it is."""
    if engine.version == HERE:
        return None
    programs = home() / "bin" / engine.version
    programs.mkdir(parents=True, exist_ok=True)
    links = {Path(program).name: engine.packages / program for program in PROGRAMS}
    links["docker-init"] = engine.packages / "usr/bin/tini-static"
    links["runc"] = Path(shutil.which("runc") or "/usr/sbin/runc")  # the newer suites' runc needs a newer libc
    for name, target in links.items():
        if not (programs / name).is_symlink():
            (programs / name).symlink_to(target)
    return programs


def up(engine: Engine) -> None:
    """Starts the engine; returns when it answers. Does nothing if it answers already.

    Raises: EngineFailed with the end of its log if it does not within 40 s.
    """
    refuse_unless_possible()
    if engine.answers():
        return
    fetch(engine)
    engine.run.mkdir(parents=True, exist_ok=True)
    if engine.pid() is None:
        for stale in (engine.run / "docker.pid", engine.run / "exec/containerd/containerd.pid"):
            stale.unlink(missing_ok=True)  # left by an engine that was killed; dockerd would refuse to start
    wire_up(engine)
    programs = linked(engine)
    features = {"features": {"containerd-snapshotter": True}} if engine.containerd else {}
    (engine.run / "daemon.json").write_text(json.dumps(features))
    command = [
        # nsenter, not `ip netns exec`: that would mount /sys anew and hide the cgroups
        *("nsenter", f"--net={engine.namespace}", str(programs / "dockerd") if programs else "dockerd"),
        *("--config-file", str(engine.run / "daemon.json"), "--data-root", str(engine.data)),
        *("--exec-root", str(engine.run / "exec"), "--pidfile", str(engine.run / "docker.pid")),
        *("--host", engine.docker_host, "--bip", f"10.94.{engine.octet}.1/24"),
        *("--default-address-pool", f"base=10.93.{engine.octet}.0/24,size=28", "--cgroup-parent", f"/{engine.name}"),
    ]
    env = dict(os.environ, PATH=os.pathsep.join([*([str(programs)] if programs else []), PATH]))
    log = engine.run / "dockerd.log"
    with log.open("wb") as out:
        started = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    deadline = time.monotonic() + START_SECONDS
    while not engine.answers():
        if started.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
            raise EngineFailed(f"{engine.name} did not answer within {START_SECONDS:g} s; the end of its log:\n{tail}")
        time.sleep(0.1)


def copy_images(engine: Engine) -> None:
    """Brings the course's base images from the engine in use to `engine`. Raises: EngineFailed."""
    names = [image.reference() for image in base_images.lock().images]
    with subprocess.Popen(["docker", "save", *names], stdout=subprocess.PIPE) as saved:
        loaded = subprocess.run(
            ["docker", "--host", engine.docker_host, "load", "--quiet"],
            stdin=saved.stdout,
            stdout=subprocess.DEVNULL,
            check=False,
        )
    if saved.returncode or loaded.returncode:
        raise EngineFailed("the base images could not be brought to that engine")


def pointed_at(host: str, env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command that is to use the engine at `host`, with the course's own buildx and compose.

    These are looked for here: the command may be a test run, which has a home of its own and would find none.
    """
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    full = {**(os.environ if env is None else env), **plugins.environment(), "DOCKER_HOST": host, "PATH": programs}
    for chosen in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        full.pop(chosen, None)
    return full


def run(engine: Engine, command: Sequence[str], *, env: dict[str, str] | None = None) -> int:
    """Runs `command` against the engine, in its network namespace; returns its exit status."""
    up(engine)
    full = pointed_at(engine.docker_host, env)
    return subprocess.run(["nsenter", f"--net={engine.namespace}", *command], env=full, check=False).returncode


def down(engine: Engine, *, purge: bool = False) -> None:
    """Stops the engine and takes its network away. purge: deletes its images, containers and volumes too.

    Raises: EngineFailed if it goes on for 30 s after it was asked to stop.
    """
    refuse_unless_possible()
    pid = engine.pid()
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while engine.pid() is not None:
            if time.monotonic() > deadline:
                raise EngineFailed(f"{engine.name} (process {pid}) did not stop within {STOP_SECONDS:g} s")
            time.sleep(0.1)
    unwire(engine)
    if purge:
        still = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if str(engine.data) in line]
        for mount in reversed(still):  # what a killed container left mounted; deleting through it would be wrong
            call("umount", mount)
        shutil.rmtree(engine.data, ignore_errors=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, usage=argparse.SUPPRESS
    )
    parser.add_argument("action", choices=("up", "run", "down"))
    parser.add_argument("version", choices=(HERE, *SUITES, VM))
    parser.add_argument("--containerd", action="store_true", help="the containerd image store")
    parser.add_argument("--purge", action="store_true", help="down: delete its data too")
    parser.add_argument("--no-ports", action="store_true", help="run vm: published ports stay in the machine")
    own, _, command = _split(sys.argv[1:])
    asked = parser.parse_args(own)
    if asked.action == "run" and not command:
        parser.error("run: which command? Put it after --")
    if asked.version == VM:
        if asked.containerd:
            parser.error("vm: it has one image store, the graph drivers'")
        from tests.harness.engines import vm

        return vm.main(asked.action, command, ports=not asked.no_ports, purge=asked.purge)
    engine = Engine(version=asked.version, containerd=asked.containerd)
    try:
        if asked.action == "up":
            up(engine)
            print(f"DOCKER_HOST={engine.docker_host}")
            return 0
        if asked.action == "run":
            return run(engine, command)
        down(engine, purge=asked.purge)
    except EngineFailed as error:
        print(f"engines: {error}", file=sys.stderr)
        return 1
    return 0


def _split(words: list[str]) -> tuple[list[str], str, list[str]]:
    """What stands before and after the first `--`."""
    if "--" not in words:
        return words, "", []
    at = words.index("--")
    return words[:at], "--", words[at + 1 :]


if __name__ == "__main__":
    sys.exit(main())
