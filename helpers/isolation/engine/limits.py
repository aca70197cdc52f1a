"""Limits of a container: reading them from its cgroup, changing them while it runs, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from helpers import errors
from helpers.engine import containers
from helpers.engine.bounded import rights
from helpers.engine.client import Client
from helpers.engine.model.container import Container
from helpers.isolation.model.limits import V1, V2, Changed, Limits, Reading, Squeeze, parse, squeezed
from helpers.isolation.model.recorded_limits import CPU_PERIOD, Use, options

# Prints one reading of each PID. The files are read through the process's own root, so the container needs no tools,
# and one that may start no further process is read all the same. With version 2 and the host's cgroup namespace the
# container sees the whole tree: then its own folder is below.
_ONCE = r"""
one() {
  p=$1; r=/proc/$p/root/sys/fs/cgroup; v=1
  [ -d $r/. ] || return 1
  if [ -f $r/cgroup.controllers ]; then
    v=2; own=$(sed -n 's/^0:://p' /proc/$p/cgroup); [ -f $r$own/memory.current ] && r=$r$own
  fi
  read -r up rest < /proc/uptime
  echo "@ $up $p $v"
  if [ $v = 2 ]; then files="%s"; else files="%s"; fi
  for f in $files; do while read -r line; do echo "$f $line"; done < $r/$f; done 2>/dev/null
  echo .
}
"""
PREAMBLE = _ONCE % (" ".join(V2), " ".join(V1))


def readings(client: Client, pids: Sequence[int], *, scene: str) -> tuple[Reading, ...]:
    """One reading of each process's cgroup, through a helper container. About 0.4 s; nothing is left.

    Raises: EngineRefused where a container may not share the host's namespaces.
    """
    script = PREAMBLE + "".join(f"one {int(pid)}\n" for pid in pids)
    made = rights.make(client, "cgroups", ["sh", "-c", script], scene=scene)
    try:
        containers.start(client, made)
        containers.wait(client, made, seconds=containers.HELPER)
        return parse(containers.logs(client, made))
    finally:
        containers.remove(client, made)


def limits(client: Client, found: Container, *, scene: str) -> Limits:
    """What the container may use, and what it uses now.

    Raises: NotRunning; CourseError where its cgroup can't be read.
    """
    if not found.pid:
        raise errors.NotRunning(
            f"{found.name} is not running.",
            "the kernel keeps a cgroup only for processes that run",
            "containers.start makes a new one.",
        )
    seen = readings(client, [found.pid], scene=scene)
    if not seen:
        raise unreadable(found)
    return Limits(
        name=found.name, full_name=found.full_name, reading=seen[0], recorded=options(_host_config(client, found.id))
    )


def unreadable(found: Container) -> errors.CourseError:
    """The error where the helper could not look into the container's cgroup."""
    return errors.CourseError(
        f"The limits of {found.name} could not be read.",
        "this engine does not let a helper container look at its processes",
        f"docker stats {found.full_name} shows the engine's own figures.",
    )


def update(
    client: Client,
    found: Container,
    *,
    scene: str,
    memory: int = 0,
    cpus: float = 0,
    cpu_shares: int = 0,
    cpuset_cpus: str = "",
    pids_limit: int = 0,
) -> Changed:
    """Changes limits of a container. Memory: with swap, so that it is all there is. 0 or "": stays as it is.

    CPUs are written in the way the container has already, since the engine takes one way for each container. A memory
    limit below what is used now is taken by version 2 of cgroups, and the kernel kills for it: then the cgroup is read
    before and after.

    Raises: EngineRefused, with what it means.
    Equivalent: docker update --memory 64m --memory-swap 64m --cpus 0.5 --pids-limit 32 CONTAINER
    """
    before = _host_config(client, found.id)
    wanted: dict[str, Any] = {}
    if memory:
        wanted |= {"Memory": memory, "MemorySwap": memory}
    if cpus and before.get("CpuQuota"):
        period = int(before.get("CpuPeriod") or 0) or CPU_PERIOD
        wanted |= {"CpuPeriod": period, "CpuQuota": round(cpus * period)}
    elif cpus:
        wanted["NanoCpus"] = round(cpus * 1e9)
    if cpu_shares:
        wanted["CpuShares"] = cpu_shares
    if cpuset_cpus:
        wanted["CpusetCpus"] = cpuset_cpus
    if pids_limit:
        wanted["PidsLimit"] = pids_limit
    tight = _tight(client, found, memory, scene=scene)
    warnings = change(client, found, wanted)
    squeeze = _squeeze(client, found, tight, scene=scene) if tight else None
    old, new = options(before), options(_host_config(client, found.id))
    return Changed(
        name=found.name,
        full_name=found.full_name,
        rows=tuple((name, old[name], new[name]) for name in old if old[name] != new[name]),
        options=_options(memory, cpus, cpu_shares, cpuset_cpus, pids_limit),
        running=bool(found.pid),
        warnings=warnings,
        squeeze=squeeze,
    )


def _tight(client: Client, found: Container, memory: int, *, scene: str) -> Reading | None:
    """A reading of the container, if it uses more memory now than `memory` allows; else None.

    The engine's own figure decides, which costs one call: a helper that reads the cgroup is slower.
    """
    if not memory or not found.pid or Use.of(client.stats(found.id, stream=False, one_shot=True)).memory <= memory:
        return None
    seen = readings(client, [found.pid], scene=scene)
    return seen[0] if seen else None


def _squeeze(client: Client, found: Container, before: Reading, *, scene: str) -> Squeeze:
    """What became of it since `before`. If it was killed itself, its end is waited for: up to 3 s."""
    seen = readings(client, [before.pid], scene=scene)
    after = next((reading for reading in seen if reading.pid == before.pid and reading.memory), None)
    deadline = time.monotonic() + 3
    while after is None and containers.inspect(client, found.id).pid == before.pid and time.monotonic() < deadline:
        time.sleep(0.05)
    now = containers.inspect(client, found.id)
    return squeezed(before, after, exit_code=now.exit_code if now.pid != before.pid else None)


def change(client: Client, found: Container, wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Changes these values, in the engine's words for them; returns its warnings.

    Raises: EngineRefused, with what it means; NotOurs.
    """
    try:
        return client.update(found.id, wanted)
    except errors.EngineRefused as error:
        what, next_step = _meaning(error.message.lower(), found.name)
        raise errors.EngineRefused(what, status=error.status, message=error.message, next_step=next_step) from error


def _meaning(message: str, name: str) -> tuple[str, str]:
    """What a refusal means and what to do, by the engine's words, which differ little between versions."""
    for words, what, next_step in (
        (
            ("minimum memory limit",),
            "That is less memory than a container may have.",
            "The least is 6 MB. An engine can't take a memory limit away either, only change it.",
        ),
        (
            ("memoryswap", "memory swap", "memory+swap"),
            "The memory limit would be above the limit of memory and swap together.",
            "Change both at once: in a terminal --memory and --memory-swap; isolation.limit does it by itself.",
        ),
        (
            ("current usage", "resource busy", "unable to set memory limit"),
            f"{name} uses more memory now than the new limit allows.",
            "Choose a higher limit, or let it free some memory first. isolation.limits shows what it uses.",
        ),
        (
            ("range of cpus",),
            "The engine's machine does not have that many CPUs, or that is too small a part of one.",
            "The engine's message names the range.",
        ),
        (
            ("conflicting options",),
            "There are two ways to limit CPU time, and this container has the other one.",
            "A container keeps the way it was given first: --cpus, or --cpu-quota with --cpu-period.",
        ),
        (
            ("cpus are not available",),
            "The engine's machine has no CPU of that number.",
            "CPUs are counted from 0; the engine's message names the ones there are.",
        ),
        (
            ("marked for removal", "is not running", "no such container"),
            f"{name} can't be changed now.",
            "Start it again first.",
        ),
    ):
        if any(word in message for word in words):
            return what, next_step
    return f"The engine did not change the limits of {name}.", "The engine's own words above say why."


def _host_config(client: Client, container_id: str) -> Mapping[str, Any]:
    return dict(client.inspect_container(container_id).get("HostConfig") or {})


def _options(memory: int, cpus: float, cpu_shares: int, cpuset_cpus: str, pids_limit: int) -> tuple[str, ...]:
    """The words of `docker update` that do the same."""
    found = ["--memory", str(memory), "--memory-swap", str(memory)] if memory else []
    for option, value in (
        ("--cpus", f"{cpus:g}" if cpus else ""),
        ("--cpu-shares", str(cpu_shares or "")),
        ("--cpuset-cpus", cpuset_cpus),
        ("--pids-limit", str(pids_limit or "")),
    ):
        found += [option, value] if value else []
    return tuple(found)
