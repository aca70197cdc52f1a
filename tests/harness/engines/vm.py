"""An engine in a virtual machine: cgroup version 2, a kernel of its own, reached over TCP. A target of engines.py.

    python tests/harness/engines/engines.py up   vm
    python tests/harness/engines/engines.py run  vm [--no-ports] -- COMMAND...
    python tests/harness/engines/engines.py down vm [--purge]

The system in it is Debian 13 with its own docker.io, the kernel that of this machine's Debian for virtual machines.
QEMU plays the processor (a container starts in 3 to 5 s), so that it runs wherever the tests do. The disk is built
once, with the base images, and used again; --purge deletes it. With `run`, ports that containers publish appear on
127.0.0.1 as with Docker Desktop; with --no-ports nothing forwards them, as with a machine of one's own making.

It has a network namespace with nothing but 127.0.0.1 in it, and COMMAND runs there too: what is called from there
can't leave this machine. Never part of the suite. Needs root on Debian, and the packages in PACKAGES, which it names
before it installs them.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.engine import base_images
from tests.harness.engines.engines import (
    Engine,
    EngineFailed,
    call,
    down,
    home,
    pointed_at,
    refuse_unless_possible,
    up,
)

NAME = "vm"
SPACE = "cuevm"  # its network namespace
PORT = 2375
DOCKER_HOST = f"tcp://127.0.0.1:{PORT}"
PACKAGES = ("qemu-system-x86", "seabios", "cpio", "kmod", "busybox-static", "e2fsprogs")
KERNEL = "linux-image-cloud-amd64"  # names the package of the newest one
BUILDER = Engine(version="26", spare=True)  # builds the system's image: engines in use are left alone
IMAGE = "course-vm:1"
FILES = Path(__file__).with_name("vm")
MODULES = ("virtio_pci", "virtio_blk", "ext4")  # for its disk; those built into the kernel are passed over
MEMORY, DISK = "3072", "10G"
BOOT_SECONDS, STOP_SECONDS = 240.0, 60.0


def folder() -> Path:
    """Its disk, kernel, sockets and log."""
    return home() / NAME


def inside(*command: str) -> list[str]:
    """A command that runs in its network namespace."""
    return ["nsenter", f"--net=/run/netns/{SPACE}", *command]


def docker(*words: str, check: bool = True) -> str:
    """What the docker command says of the engine in it."""
    return call(*inside("docker", "--host", DOCKER_HOST, *words), check=check)


def start(*, say: bool = True) -> None:
    """Starts the machine, built before if it is not there; returns when its engine answers and has the base images.

    Raises: EngineFailed.
    """
    refuse_unless_possible()
    if platform.machine() != "x86_64":
        raise EngineFailed(f"the virtual machine is made for x86_64, and this is {platform.machine()}")
    install()
    build()
    if not Path(f"/run/netns/{SPACE}").exists():
        call("ip", "netns", "add", SPACE)
    call(*inside("ip", "link", "set", "lo", "up"))
    if process() is None:
        boot()
    images()
    if say:
        print(f"DOCKER_HOST={DOCKER_HOST} in the network namespace {SPACE}", flush=True)


def install() -> None:
    """Installs what is missing of PACKAGES, and says so before."""
    known = call("dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *PACKAGES, check=False)
    there = {line.split()[0] for line in known.splitlines() if line.endswith(" installed")}
    missing = [package for package in PACKAGES if package not in there]
    if missing:
        print(f"vm: needs from the distribution: {' '.join(missing)}; installing", flush=True)
        env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        call("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *missing, env=env)


def build() -> None:
    """Makes kernel, initial system and disk. Each step that is done is not done again."""
    place = folder()
    if (place / "root.img").exists():
        return
    place.mkdir(parents=True, exist_ok=True)
    print("vm: building the disk, a few minutes", flush=True)
    version = kernel(place)
    root = system(place)
    shutil.copy2("/bin/busybox", root / "usr/bin/busybox")
    shutil.copy2(FILES / "init", root / "vm-init")
    (root / "vm-init").chmod(0o755)
    shutil.copytree(place / "kernel/lib/modules", root / "usr/lib/modules", symlinks=True, dirs_exist_ok=True)
    (root / "var/lib/docker").mkdir(parents=True, exist_ok=True)
    call("depmod", "-b", str(root), version)
    initrd(place, root, version)
    call("truncate", "--size", DISK, str(place / "root.new"))
    call("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-d", str(root), str(place / "root.new"))
    (place / "root.new").rename(place / "root.img")
    shutil.rmtree(root)


def kernel(place: Path) -> str:
    """Unpacks the kernel's package; returns its version."""
    done = place / "kernel/.version"
    if not done.exists():
        words = call("apt-cache", "depends", KERNEL).split()
        package = next((word for word in words if word.startswith("linux-image-") and word != KERNEL), None)
        if package is None:
            raise EngineFailed(f"no kernel is known by the name {KERNEL}: apt-get update first")
        for old in place.glob("linux-image-*.deb"):
            old.unlink()
        call("apt-get", "download", "-qq", package, cwd=place)
        call("dpkg", "-x", str(next(place.glob("linux-image-*.deb"))), str(place / "kernel"))
        done.write_text(package.removeprefix("linux-image-"))
    return done.read_text()


def system(place: Path) -> Path:
    """The files of its system, from an image that an engine of the tests' own builds."""
    root, done = place / "root", place / "root/.complete"
    if done.exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    debian = base_images.reference("debian")
    up(BUILDER)
    try:
        host = ("docker", "--host", BUILDER.docker_host)
        pipe(["docker", "save", debian], [*host, "load", "--quiet"])
        call(*host, "build", "--quiet", "--network", "host", "--tag", IMAGE, str(FILES))
        made = call(*host, "create", IMAGE, "true").strip()
        pipe([*host, "export", made], ["tar", "-x", "-C", str(root)])
        call(*host, "rm", made)
        call(*host, "rmi", IMAGE)
    finally:
        down(BUILDER, purge=True)
    for needless in ("usr/share/doc", "usr/share/man", ".dockerenv"):
        path = root / needless
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    done.touch()
    return root


def pipe(one: Sequence[str], other: Sequence[str]) -> None:
    """Hands what one program writes to another. Raises: EngineFailed if either fails."""
    with subprocess.Popen(one, stdout=subprocess.PIPE) as writes:
        reads = subprocess.run(other, stdin=writes.stdout, stdout=subprocess.DEVNULL, check=False)
    if writes.returncode or reads.returncode:
        raise EngineFailed(f"{' '.join(one[:3])} did not come through to {' '.join(other[:3])}")


def initrd(place: Path, root: Path, version: str) -> None:
    """The small system that mounts the disk: busybox, and the kernel's modules for it, in order."""
    made = place / "initrd"
    shutil.rmtree(made, ignore_errors=True)
    for part in ("bin", "m"):
        (made / part).mkdir(parents=True)
    shutil.copy2("/bin/busybox", made / "bin/busybox")
    shutil.copy2(FILES / "initrd-init", made / "init")
    (made / "init").chmod(0o755)
    order: dict[str, None] = {}
    for module in MODULES:
        shown = call("modprobe", "-d", str(root), "-S", version, "--show-depends", module)
        for line in shown.splitlines():
            if line.startswith("insmod "):
                file = Path(line.split()[1])
                shutil.copy2(file, made / "m" / file.name)
                order[file.name] = None
    (made / "modules.order").write_text("\n".join(order) + "\n")
    names = "\n".join(str(path.relative_to(made)) for path in sorted(made.rglob("*")))
    with (place / "initrd.cpio").open("wb") as out:
        packed = ["cpio", "--create", "--format", "newc", "--quiet"]
        subprocess.run(packed, input=f"{names}\n".encode(), stdout=out, cwd=made, check=True)


def process() -> int | None:
    """The process id of its QEMU. The file alone is not believed: the number may be another process by now."""
    try:
        pid = int((folder() / "qemu.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if str(folder()).encode() in command else None


def boot() -> None:
    """Starts QEMU, and waits for the engine in it. Raises: EngineFailed with the end of what the machine wrote."""
    place = folder()
    call("e2fsck", "-f", "-y", str(place / "root.img"), check=False)  # its journal is off, for speed
    for stale in ("monitor.sock", "control.sock", "serial.log"):
        (place / stale).unlink(missing_ok=True)
    command = [
        *("qemu-system-x86_64", "-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max,la57=off", "-smp", "2"),
        *("-m", MEMORY, "-nographic", "-nodefaults", "-no-reboot", "-pidfile", str(place / "qemu.pid")),
        *("-kernel", str(next((place / "kernel/boot").glob("vmlinuz-*"))), "-initrd", str(place / "initrd.cpio")),
        *("-append", "console=ttyS0 rdinit=/init mitigations=off no5lvl quiet"),
        *("-serial", f"file:{place}/serial.log", "-serial", f"unix:{place}/control.sock,server=on,wait=off"),
        *("-monitor", f"unix:{place}/monitor.sock,server=on,wait=off"),
        *("-drive", f"file={place}/root.img,format=raw,if=none,id=disk,cache=unsafe,aio=threads"),
        *("-device", "virtio-blk-pci,drive=disk", "-device", "virtio-net-pci,netdev=n0,romfile="),
        *("-netdev", f"user,id=n0,hostfwd=tcp:127.0.0.1:{PORT}-:{PORT}"),
    ]
    with (place / "qemu.log").open("wb") as out:
        started = subprocess.Popen(
            inside("nice", "-n", "10", *command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    deadline = time.monotonic() + BOOT_SECONDS
    while "BOOTED" not in written("serial.log"):
        if started.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join((written("qemu.log") + written("serial.log")).splitlines()[-8:])
            raise EngineFailed(f"the virtual machine did not come up within {BOOT_SECONDS:g} s; it wrote:\n{tail}")
        time.sleep(0.5)


def written(name: str) -> str:
    """What one of its logs holds."""
    path = folder() / name
    return path.read_text(errors="replace") if path.exists() else ""


def images() -> None:
    """Brings the base images from the engine in use to it, those that it has not."""
    there = set(docker("images", "--format", "{{.Repository}}:{{.Tag}}").split())
    missing = [name for name in (image.reference() for image in base_images.lock().images) if name not in there]
    if missing:
        print(f"vm: bringing {len(missing)} base images to it", flush=True)
        pipe(["docker", "save", *missing], inside("docker", "--host", DOCKER_HOST, "load", "--quiet"))


def run(command: Sequence[str], *, ports: bool, env: Mapping[str, str] | None = None) -> int:
    """Runs `command` against the engine in it, in its network namespace; returns its exit status.

    ports: published ones come out to the 127.0.0.1 of that namespace.
    """
    start(say=False)
    full = pointed_at(DOCKER_HOST, env)
    forwarding = Forwarding() if ports else None
    try:
        return subprocess.run(inside(*command), env=full, check=False).returncode
    finally:
        if forwarding is not None:
            forwarding.end()


def stop(*, purge: bool = False) -> None:
    """Ends the machine, dockerd first, and takes its network away. purge: deletes its disk too.

    Raises: EngineFailed if it goes on.
    """
    refuse_unless_possible()
    pid = process()
    if pid is not None:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(str(folder() / "control.sock"))
                line.sendall(b"off\n")
                ended(pid, STOP_SECONDS)
        except OSError as error:
            print(f"vm: it could not be asked to end: {error}", file=sys.stderr)
        if process() == pid:
            os.kill(pid, signal.SIGTERM)
            if not ended(pid, 10):
                raise EngineFailed(f"the virtual machine (process {pid}) did not stop")
    call("ip", "netns", "del", SPACE, check=False)
    if purge:
        shutil.rmtree(folder(), ignore_errors=True)


def ended(pid: int, seconds: float) -> bool:
    """Waits until that process is gone, so long."""
    deadline = time.monotonic() + seconds
    while process() == pid:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def published(ports: Mapping[str, Any]) -> set[int]:
    """The TCP ports that one container's NetworkSettings.Ports publish; IPv6 ones stay inside."""
    return {
        int(one["HostPort"])
        for inner, ends in ports.items()
        for one in ends or ()
        if inner.endswith("/tcp") and ":" not in str(one.get("HostIp"))
    }


class Forwarding:
    """Published ports appear outside, and go again: QEMU's own forwarding, driven by the events of the engine in it."""

    def __init__(self) -> None:
        self._monitor = socket.socket(socket.AF_UNIX)
        self._monitor.connect(str(folder() / "monitor.sock"))
        self._monitor.settimeout(0.5)
        self._open: dict[str, set[int]] = {}
        words = ("--filter", "type=container", "--filter", "event=start", "--filter", "event=die")
        listen = inside("docker", "--host", DOCKER_HOST, "events", *words, "--format", "{{.ID}}")
        self._events = subprocess.Popen(listen, stdout=subprocess.PIPE, text=True)
        for container in docker("ps", "--quiet", "--no-trunc").split():
            self._follow(container)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stops listening, and takes every port back."""
        self._events.terminate()
        self._events.wait()
        self._thread.join(5)
        for ports in self._open.values():
            self._change("hostfwd_remove n0 tcp:127.0.0.1:{0}", ports)
        self._monitor.close()

    def _listen(self) -> None:
        for line in self._events.stdout or ():
            self._follow(line.strip())

    def _follow(self, container: str) -> None:
        told = docker("inspect", "--format", "{{json .NetworkSettings.Ports}}", container, check=False).strip()
        wanted = published(json.loads(told) or {}) if told else set()
        had = self._open.get(container, set())
        self._open[container] = wanted
        self._change("hostfwd_remove n0 tcp:127.0.0.1:{0}", had - wanted)
        self._change("hostfwd_add n0 tcp:127.0.0.1:{0}-:{0}", wanted - had)

    def _change(self, command: str, ports: set[int]) -> None:
        for port in ports:
            self._monitor.sendall(f"{command.format(port)}\n".encode())
            time.sleep(0.02)
            try:
                said = self._monitor.recv(65536).decode(errors="replace")
            except TimeoutError:
                continue
            if "could not" in said.lower():
                print(f"vm: port {port} is not forwarded: {said.strip()[-120:]}", file=sys.stderr, flush=True)


def main(action: str, command: Sequence[str], *, ports: bool, purge: bool) -> int:
    """What engines.py asks for, by its words; returns the exit status."""
    try:
        if action == "run":
            return run(command, ports=ports)
        if action == "up":
            start()
        else:
            stop(purge=purge)
    except EngineFailed as error:
        print(f"engines: {error}", file=sys.stderr)
        return 1
    return 0
