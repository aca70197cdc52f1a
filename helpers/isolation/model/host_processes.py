"""The engine's host as one helper container saw it: processes, their namespaces, and one process from both sides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_STATUS = re.compile(r"/proc/(\d+)/status:(\w+):\s*(.*)")
_LINK = re.compile(r"/proc/(\d+|self)/ns/(\w+) -> \w+:\[(\d+)\]")
_CONTROLS = re.compile(r"\\x[0-9a-f]{2}")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One process. pids: its numbers, the host's first, then one for each process namespace below it.

    user: the user id in the host's numbers. capabilities: bits of its effective set; bounding: what it may ever get.
    memory: bytes of its own, without what it shares with others.
    """

    name: str
    parent: int
    user: int
    pids: tuple[int, ...]
    capabilities: int = 0
    bounding: int = 0
    no_new_privileges: bool = False
    seccomp: int = 0
    memory: int = 0

    @property
    def pid(self) -> int:
        """Its number on the engine's host."""
        return self.pids[0]

    @property
    def inside(self) -> int:
        """Its number as it sees it itself."""
        return self.pids[-1]


@dataclass(frozen=True, kw_only=True)
class HostView:
    """What the helper saw. own: namespaces of the helper, which joined the host's.

    namespaces: pid -> kind -> number, for those that could be read. The others: pid -> what was asked.
    """

    processes: tuple[Seen, ...]
    own: Mapping[str, int]
    namespaces: Mapping[int, Mapping[str, int]]
    hostname: str = ""
    interfaces: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    mounts: Mapping[int, int] = field(default_factory=dict)
    uid_maps: Mapping[int, tuple[tuple[int, int, int], ...]] = field(default_factory=dict)

    def process(self, pid: int) -> Seen | None:
        """The process with that number on the host."""
        return next((p for p in self.processes if p.pid == pid), None)

    def beside(self, pid: int) -> tuple[Seen, ...]:
        """All processes in the process namespace of `pid`, by their numbers inside; only itself if unknown."""
        wanted = self.namespaces.get(pid, {}).get("pid")
        found = [p for p in self.processes if wanted and self.namespaces.get(p.pid, {}).get("pid") == wanted]
        if not found:
            found = [p for p in self.processes if p.pid == pid]
        return tuple(sorted(found, key=lambda p: p.inside))

    def inner_user(self, pid: int) -> int | None:
        """The user id of `pid` as it sees it itself; None if it can't be told."""
        process = self.process(pid)
        if process is None:
            return None
        for inside, outside, length in self.uid_maps.get(pid, ()):
            if outside <= process.user < outside + length:
                return inside + process.user - outside
        return None


def parse(text: str) -> HostView:
    """The helper's output. Lines of any other shape are passed over: a process may end while it is looked at."""
    fields: dict[int, dict[str, str]] = {}
    namespaces: dict[int, dict[str, int]] = {}
    own: dict[str, int] = {}
    interfaces: dict[int, list[str]] = {}
    mounts: dict[int, int] = {}
    maps: dict[int, list[tuple[int, int, int]]] = {}
    hostname = ""
    for line in text.splitlines():
        if status := _STATUS.match(line):
            fields.setdefault(int(status[1]), {})[status[2]] = status[3]
        elif link := _LINK.search(line):
            kind, number = link[2], int(link[3])
            if link[1] == "self":
                own[kind] = number
            else:
                namespaces.setdefault(int(link[1]), {})[kind] = number
        elif line.startswith("hostname "):
            hostname = line.removeprefix("hostname ").strip()
        elif line.startswith(("net ", "mounts ", "map ")):
            _detail(line.split(), interfaces, mounts, maps)
    return HostView(
        processes=tuple(seen for values in fields.values() if (seen := _seen(values)) is not None),
        own=own,
        namespaces=namespaces,
        hostname=hostname,
        interfaces={pid: tuple(names) for pid, names in interfaces.items()},
        mounts=mounts,
        uid_maps={pid: tuple(rows) for pid, rows in maps.items()},
    )


def _detail(
    words: list[str],
    interfaces: dict[int, list[str]],
    mounts: dict[int, int],
    maps: dict[int, list[tuple[int, int, int]]],
) -> None:
    kind, *rest = words
    if not rest or not rest[0].isdigit():
        return
    pid = int(rest[0])
    if kind == "net":
        interfaces.setdefault(pid, []).extend(rest[1:])
    elif kind == "mounts" and len(rest) == 2 and rest[1].isdigit():
        mounts[pid] = int(rest[1])
    elif kind == "map" and len(rest) == 4 and all(word.isdigit() for word in rest):
        maps.setdefault(pid, []).append((int(rest[1]), int(rest[2]), int(rest[3])))


def _seen(values: Mapping[str, str]) -> Seen | None:
    try:
        return Seen(
            name=_CONTROLS.sub("", values["Name"]),
            parent=int(values["PPid"]),
            user=int(values["Uid"].split()[0]),
            pids=tuple(int(word) for word in values["NSpid"].split()) or (0,),
            capabilities=int(values.get("CapEff", "0"), 16),
            bounding=int(values.get("CapBnd", "0"), 16),
            no_new_privileges=values.get("NoNewPrivs") == "1",
            seccomp=int(values.get("Seccomp", "0")),
            memory=int((values.get("RssAnon") or "0").split()[0]) * 1024,
        )
    except (KeyError, ValueError, IndexError):
        return None


@dataclass(frozen=True, kw_only=True)
class BothSides:
    """One container's first process, seen from inside and from the engine's host.

    A value is None, or an empty tuple, where it could not be told. user_inside, user_outside: user ids.
    tree: the processes of the container; host_number: how many the host has in all.
    """

    name: str
    full_name: str
    pid: int
    process: str
    pid_inside: int | None
    user_inside: int | None
    user_outside: int | None
    host_name_inside: str
    host_name_outside: str
    interfaces_inside: tuple[str, ...]
    interfaces_outside: tuple[str, ...]
    mounts_inside: int | None
    mounts_outside: int | None
    tree: tuple[Seen, ...]
    parents: tuple[Seen, ...]
    host_number: int
    why_not: str = ""
    shared: frozenset[str] = frozenset()


def both_sides(
    view: HostView, *, name: str, full_name: str, pid: int, host_name: str, daemon: int | None, why_not: str = ""
) -> BothSides:
    """Both sides of the first process `pid`. daemon: the engine's own process, which stands for the host's files."""
    process = view.process(pid)
    parents: list[Seen] = []
    link = view.process(process.parent) if process else None
    while link is not None and link not in parents:
        parents.append(link)
        link = view.process(link.parent)
    outside = daemon if daemon is not None else 1
    numbers = view.namespaces.get(pid, {})
    return BothSides(
        name=name,
        full_name=full_name,
        pid=pid,
        process=process.name if process else "",
        pid_inside=process.inside if process else None,
        user_inside=view.inner_user(pid),
        user_outside=process.user if process else None,
        host_name_inside=host_name,
        host_name_outside=view.hostname,
        interfaces_inside=view.interfaces.get(pid, ()),
        interfaces_outside=view.interfaces.get(0, ()),
        mounts_inside=view.mounts.get(pid),
        mounts_outside=view.mounts.get(outside),
        tree=view.beside(pid)
        if process and numbers.get("pid") != view.own.get("pid")
        else ((process,) if process else ()),
        parents=tuple(reversed(parents)),
        host_number=len(view.processes),
        why_not=why_not,
        shared=frozenset(kind for kind, number in numbers.items() if view.own.get(kind) == number),
    )
