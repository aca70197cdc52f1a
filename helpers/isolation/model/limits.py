"""Limits: what a cgroup's files say a container may use, and what it uses. Both versions of cgroups.

A reading is the text that the helper printed: `@ SECONDS PID VERSION`, then `FILE VALUE` or `FILE KEY VALUE` lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NO_LIMIT_V1 = 1 << 62  # version 1 writes "no limit" as the largest multiple of a page that fits

# file -> what it says. In the order of the table; those with several lines are read key by key.
V1: Mapping[str, str] = {
    "memory/memory.limit_in_bytes": "memory: the limit, in bytes",
    "memory/memory.memsw.limit_in_bytes": "memory and swap together: the limit, in bytes",
    "memory/memory.usage_in_bytes": "in use now, file cache included",
    "memory/memory.max_usage_in_bytes": "the most there ever was",
    "memory/memory.failcnt": "how often the limit was hit",
    "memory/memory.oom_control": "oom_kill: processes killed because memory ran out",
    "cpu/cpu.cfs_quota_us": "µs of CPU a period; -1: no limit",
    "cpu/cpu.cfs_period_us": "the period, in µs",
    "cpu/cpu.shares": "its weight; 1024 if none is given",
    "cpu/cpu.stat": "periods, and those in which it had to wait (throttled)",
    "cpuacct/cpuacct.usage": "CPU time used so far, in nanoseconds",
    "cpuset/cpuset.cpus": "the CPUs it may run on",
    "pids/pids.max": "processes, threads: the limit",
    "pids/pids.current": "processes and threads now",
    "pids/pids.events": "max: how often a new one was refused",
}
V2: Mapping[str, str] = {
    "memory.max": "memory: the limit, in bytes",
    "memory.swap.max": "swap on top of it: the limit, in bytes",
    "memory.current": "in use now, file cache included",
    "memory.peak": "the most there ever was",
    "memory.events": "max: how often the limit was hit; oom_kill: processes killed for it",
    "cpu.max": "µs of CPU a period; the period",
    "cpu.weight": "its weight; 100 if none is given",
    "cpu.stat": "CPU time used; periods, and those in which it had to wait (throttled)",
    "cpuset.cpus.effective": "the CPUs it may run on",
    "pids.max": "processes, threads: the limit",
    "pids.current": "processes and threads now",
    "pids.events": "max: how often a new one was refused",
}


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of the cgroup: its path under /sys/fs/cgroup in the container, its lines, what it says."""

    path: str
    value: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the files said at one moment. None: no limit, or a file that this kernel does not have.

    at: seconds since the engine's machine started. memory, memory_swap and the like: bytes. cpus: how many at most.
    shares: its weight in the version's own unit. cpu_seconds: used so far. periods, throttled: since it began.
    """

    at: float
    pid: int
    version: int
    files: tuple[File, ...]
    memory: int = 0
    memory_limit: int | None = None
    swap_limit: int | None = None
    peak: int | None = None
    limit_hits: int = 0
    oom_kills: int = 0
    cpus: float | None = None
    shares: int | None = None
    cpu_seconds: float = 0.0
    periods: int = 0
    throttled: int = 0
    throttled_seconds: float = 0.0
    cpuset: str = ""
    pids: int = 0
    pids_limit: int | None = None
    pids_refused: int = 0


def parse(text: str) -> tuple[Reading, ...]:
    """Every whole reading in the helper's output; one that was cut off, or is not numbers, is passed over."""
    return tuple(reading for block in blocks(text) if (reading := read(block)) is not None)


def blocks(text: str) -> Iterator[tuple[str, ...]]:
    """The lines of one reading each; the last one only if its end (`.`) is there."""
    block: list[str] = []
    for line in text.splitlines():
        if line.startswith("@ "):
            block = [line]
        elif line == "." and block:
            yield tuple(block)
            block = []
        elif block:
            block.append(line)


def read(lines: tuple[str, ...]) -> Reading | None:
    """One reading; None unless it begins as one and holds numbers where numbers belong."""
    try:
        _, at, pid, version = lines[0].split()
        values: dict[str, dict[str, str]] = {}
        for line in lines[1:]:
            path, *rest = line.split()
            key, value = (
                (rest[0], " ".join(rest[1:])) if len(rest) > 1 and not _number(rest[0]) else ("", " ".join(rest))
            )
            if path == "cpu.max":
                key, value = "", " ".join(rest)
            values.setdefault(path, {})[key] = value
        found = _v2(values) if version == "2" else _v1(values)
        names = V2 if version == "2" else V1
        return Reading(
            at=float(at),
            pid=int(pid),
            version=int(version),
            files=_files(values, names),
            **found,  # type: ignore[arg-type]
        )
    except (ValueError, IndexError):
        return None


def _files(values: Mapping[str, Mapping[str, str]], names: Mapping[str, str]) -> tuple[File, ...]:
    return tuple(
        File(path=path, value="; ".join(f"{key} {value}".strip() for key, value in values[path].items()), says=says)
        for path, says in names.items()
        if path in values
    )


def _v1(values: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    def one(path: str, key: str = "") -> int | None:
        text = values.get(path, {}).get(key, "")
        return int(text) if text else None

    def bytes_(path: str) -> int | None:
        number = one(path)
        return None if number is None or number >= NO_LIMIT_V1 else number

    quota, period = one("cpu/cpu.cfs_quota_us"), one("cpu/cpu.cfs_period_us")
    memory, both = bytes_("memory/memory.limit_in_bytes"), bytes_("memory/memory.memsw.limit_in_bytes")
    return {
        "memory": one("memory/memory.usage_in_bytes") or 0,
        "memory_limit": memory,
        "swap_limit": both - memory if both is not None and memory is not None else None,
        "peak": one("memory/memory.max_usage_in_bytes"),
        "limit_hits": one("memory/memory.failcnt") or 0,
        "oom_kills": one("memory/memory.oom_control", "oom_kill") or 0,
        "cpus": quota / period if quota and period and quota > 0 else None,
        "shares": one("cpu/cpu.shares"),
        "cpu_seconds": (one("cpuacct/cpuacct.usage") or 0) / 1e9,
        "periods": one("cpu/cpu.stat", "nr_periods") or 0,
        "throttled": one("cpu/cpu.stat", "nr_throttled") or 0,
        "throttled_seconds": (one("cpu/cpu.stat", "throttled_time") or 0) / 1e9,
        "cpuset": values.get("cpuset/cpuset.cpus", {}).get("", ""),
        "pids": one("pids/pids.current") or 0,
        "pids_limit": _max(values.get("pids/pids.max", {}).get("", "")),
        "pids_refused": one("pids/pids.events", "max") or 0,
    }


def _v2(values: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    def one(path: str, key: str = "") -> int | None:
        text = values.get(path, {}).get(key, "")
        return int(text) if text else None

    def most(path: str) -> int | None:
        return _max(values.get(path, {}).get("", ""))

    quota, _, period = values.get("cpu.max", {}).get("", "").partition(" ")
    return {
        "memory": one("memory.current") or 0,
        "memory_limit": most("memory.max"),
        "swap_limit": most("memory.swap.max"),
        "peak": one("memory.peak"),
        "limit_hits": one("memory.events", "max") or 0,
        "oom_kills": one("memory.events", "oom_kill") or 0,
        "cpus": int(quota) / int(period) if quota.isdigit() and period.isdigit() and int(period) else None,
        "shares": one("cpu.weight"),
        "cpu_seconds": (one("cpu.stat", "usage_usec") or 0) / 1e6,
        "periods": one("cpu.stat", "nr_periods") or 0,
        "throttled": one("cpu.stat", "nr_throttled") or 0,
        "throttled_seconds": (one("cpu.stat", "throttled_usec") or 0) / 1e6,
        "cpuset": values.get("cpuset.cpus.effective", {}).get("", ""),
        "pids": one("pids.current") or 0,
        "pids_limit": most("pids.max"),
        "pids_refused": one("pids.events", "max") or 0,
    }


def _max(text: str) -> int | None:
    return None if text in ("", "max") else int(text)


def _number(word: str) -> bool:
    return word.lstrip("-").isdigit()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """One container's limits, now. recorded: what the engine keeps of them, as option -> value."""

    name: str
    full_name: str
    reading: Reading
    recorded: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Squeeze:
    """What a memory limit below present use led to: version 1 of cgroups refuses it, or makes room; 2 kills for it.

    before, after: bytes in use; after is None where nothing was left to be read. killed: processes that the kernel
    killed for it. exit_code: the container's, if its first process was among them; None if it runs on.
    """

    before: int
    after: int | None
    killed: int = 0
    exit_code: int | None = None


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A limit of a container that was changed while it ran (or for its next start). Rows: option, before, after.

    squeeze: what happened, if the new memory limit was below what it used; None if it was not.
    """

    name: str
    full_name: str
    rows: tuple[tuple[str, str, str], ...]
    options: tuple[str, ...]
    running: bool
    warnings: tuple[str, ...] = ()
    squeeze: Squeeze | None = None


def squeezed(before: Reading, after: Reading | None, *, exit_code: int | None) -> Squeeze:
    """Compares two readings around a change: memory.events of version 2, oom_control of version 1.

    after: None where the cgroup went with its container; then exit_code tells.
    """
    killed = after.oom_kills - before.oom_kills if after else 0
    return Squeeze(
        before=before.memory,
        after=after.memory if after else None,
        killed=max(killed, 1 if exit_code is not None else 0),
        exit_code=exit_code,
    )
