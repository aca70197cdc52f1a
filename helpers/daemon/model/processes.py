"""Processes of the engine's host, and the chain that leads to a container's process."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process. pid, parent: in the numbers of the engine's host. name: at most 15 letters (the kernel's limit).

    command: what it was told, its words with blanks between; "" if that was not read.
    """

    pid: int
    parent: int
    name: str
    command: str = ""


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Who does the work for one container, as seen on the engine's host.

    container: the learner's word for it. full_name: its name on the engine.
    Each is None where the engine does not let it be seen. runc_running: True if a runc was seen, which is only while
    a container is being started. why_not: what kept the course from looking, or empty.
    """

    container: str
    full_name: str
    dockerd: Process | None
    containerd: Process | None
    shim: Process | None
    process: Process | None
    runc_running: bool = False
    why_not: str = ""

    @property
    def parent_is_shim(self) -> bool:
        """True if the parent of the container's process is its shim, neither dockerd nor the docker command."""
        return self.process is not None and self.shim is not None and self.process.parent == self.shim.pid


def parse(table: str) -> tuple[Process, ...]:
    """Processes from lines of `pid ppid name`, and `= pid command` of some; lines of other shapes are passed over."""
    found = []
    told: dict[str, str] = {}
    for line in table.splitlines():
        words = line.split(None, 2)
        if len(words) == 3 and words[0] == "=":
            told[words[1]] = words[2].strip()
        elif len(words) == 3 and words[0].isdigit() and words[1].isdigit():
            found.append((words[0], words[1], words[2].strip()))
    return tuple(
        Process(pid=int(pid), parent=int(parent), name=name, command=told.get(pid, "")) for pid, parent, name in found
    )


def chain(container: str, full_name: str, pid: int, processes: tuple[Process, ...]) -> Chain:
    """The chain from `processes`, all those of the engine's host, to the container's first process `pid`."""
    by_pid = {p.pid: p for p in processes}
    process = by_pid.get(pid)
    shim = by_pid.get(process.parent) if process else None
    if shim is not None and not shim.name.startswith(("containerd-shim", "conmon")):
        shim = None
    containerd = _of_the_shim(processes, shim)
    above = by_pid.get(containerd.parent) if containerd else None
    if above is None or above.name != "dockerd":  # it stands beside: then so does its dockerd
        parents = {p.parent for p in processes if p.name == "containerd"}
        beside = tuple(p for p in processes if p.name == "dockerd" and p.pid not in parents)
        above = _daemon((containerd and beside) or processes, by_pid, "dockerd")
    dockerd = above
    return Chain(
        container=container,
        full_name=full_name,
        dockerd=dockerd,
        containerd=containerd or _containerd(processes, by_pid, dockerd),
        shim=shim,
        process=process,
        runc_running=any(p.name == "runc" for p in processes),
        why_not="" if process else "the engine's host does not show this container's process",
    )


def _of_the_shim(processes: tuple[Process, ...], shim: Process | None) -> Process | None:
    """The containerd that the shim reports to, of several: one whose settings lie in the folder of its socket.

    The shim was told its socket (`-address`); a containerd that dockerd starts is told its settings there, the
    machine's own is not.
    """
    several = [p for p in processes if p.name == "containerd" and p.command]
    address = re.search(r"-address (\S+)/[^/\s]+", shim.command) if shim else None
    if address is None:
        return None
    folder = address[1].removeprefix("/var")
    own = [p for p in several if re.search(r"--?c(?:onfig)?[ =]\S+", p.command)]
    for one in own:
        if f" {folder}/" in one.command.replace(" /var/run/", " /run/").replace("=", " "):
            return one
    rest = [p for p in several if p not in own]
    return rest[0] if len(rest) == 1 else None


def _daemon(processes: tuple[Process, ...], by_pid: dict[int, Process], name: str) -> Process | None:
    """The one called `name` nearest to the top: an engine inside a container would be further down."""
    found = [p for p in processes if p.name == name]
    return min(found, key=lambda p: (_depth(p, by_pid), p.pid), default=None)


def _containerd(processes: tuple[Process, ...], by_pid: dict[int, Process], dockerd: Process | None) -> Process | None:
    """Dockerd's own child if it started one, else the machine's."""
    own = [p for p in processes if p.name == "containerd" and dockerd is not None and p.parent == dockerd.pid]
    return own[0] if own else _daemon(processes, by_pid, "containerd")


def _depth(process: Process, by_pid: dict[int, Process]) -> int:
    depth, seen = 0, {process.pid}
    while process.parent in by_pid and process.parent not in seen:
        process = by_pid[process.parent]
        seen.add(process.pid)
        depth += 1
    return depth
