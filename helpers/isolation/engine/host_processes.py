"""Looking at the engine's host through the engine: a helper container that shares the host's namespaces for a moment.

Never through this machine's /proc: the engine may live in a virtual machine, or on another computer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helpers import errors
from helpers.engine import containers
from helpers.engine.bounded import rights
from helpers.engine.client import Client
from helpers.engine.model.container import Container
from helpers.isolation.model.host_processes import BothSides, HostView, both_sides, parse
from helpers.isolation.model.namespaces import KINDS, Column, Grid

HOST = "engine's host"
_FILES = "a container can't join the host's tree of files; the engine's own process tells, and there is none to be seen"
_SEVERAL = "several engines run on this machine, in different trees of files"
_PTRACE = "the kernel does not let the helper look (apparmor, yama or missing rights)"

# One process for each line that costs one: a machine may have hundreds of processes. `ls -l` prints where a link
# leads; what the kernel does not let us see is an error line, which is not caught.
_SCRIPT = r"""
echo "hostname $(hostname)"
ls -l /proc/self/ns/ | sed -n 's|.* \([a-z]*\) -> |/proc/self/ns/\1 -> |p'
grep -E '^(Name|PPid|Uid|NSpid|CapEff|CapBnd|NoNewPrivs|Seccomp|RssAnon):' /proc/[0-9]*/status
ls -l /proc/[0-9]*/ns/pid | sed 's/.* \/proc/\/proc/'
for p in $(grep -lE '^dockerd$' /proc/[0-9]*/comm | cut -d/ -f3) 1 %s; do
  ls -l /proc/$p/ns/mnt /proc/$p/ns/net /proc/$p/ns/uts /proc/$p/ns/ipc /proc/$p/ns/user /proc/$p/ns/cgroup \
    /proc/$p/ns/time | sed 's/.* \/proc/\/proc/'
  echo "mounts $p $(wc -l < /proc/$p/mounts)"
  while read -r a b c; do echo "map $p $a $b $c"; done < /proc/$p/uid_map
done
for p in %s; do
  echo "net $p $(sed -n 's/^ *\([^ :]*\):.*/\1/p' /proc/$p/net/dev | tr '\n' ' ')"
done
echo "net 0 $(sed -n 's/^ *\([^ :]*\):.*/\1/p' /proc/self/net/dev | tr '\n' ' ')"
"""


def look(client: Client, pids: Iterable[int] = (), *, scene: str, seconds: float = containers.HELPER) -> HostView:
    """Every process of the engine's host, and more about `pids`. About half a second; nothing is left.

    Raises: EngineRefused where the engine lets no container share the host's namespaces.
    """
    wanted = " ".join(str(int(pid)) for pid in pids if pid)
    script = f"({_SCRIPT % (wanted, wanted)}) 2>/dev/null"
    made = rights.make(client, "processes", ["sh", "-c", script], scene=scene)
    try:
        containers.start(client, made)
        containers.wait(client, made, seconds=seconds)
        return parse(containers.logs(client, made))
    finally:
        containers.remove(client, made)


def grid(client: Client, found: Sequence[Container], *, scene: str) -> Grid:
    """The namespaces of the engine's host and of `found`, which run.

    Raises: NotRunning if one does not.
    """
    for container in found:
        if not container.pid:
            raise errors.NotRunning(
                f"{container.name} is not running.",
                "only a running process is in namespaces",
                "containers.start makes a new one.",
            )
    try:
        view = look(client, [c.pid for c in found], scene=scene)
    except errors.EngineRefused as error:
        nothing = dict.fromkeys(KINDS, error.message)
        return Grid(columns=tuple(Column(name=c.name, numbers={}, why_not=nothing, pid=c.pid) for c in found))
    return Grid(columns=(host_column(view), *(_column(view, container) for container in found)))


def sides(client: Client, found: Container, *, scene: str) -> BothSides:
    """The container's first process from inside and from the engine's host.

    Raises: EngineRefused where the engine lets no container share the host's namespaces.
    """
    row = client.inspect_container(found.id)
    view = look(client, [found.pid], scene=scene)
    daemons = engines(view)
    why = "" if view.process(found.pid) else "the engine's host does not show this container's process"
    return both_sides(
        view,
        name=found.name,
        full_name=found.full_name,
        pid=found.pid,
        host_name=str((row.get("Config") or {}).get("Hostname") or ""),
        daemon=daemons[0] if daemons else None,
        why_not=why,
    )


def engines(view: HostView) -> tuple[int, ...]:
    """The processes called dockerd that are in the host's own process namespace."""
    here = view.own.get("pid")
    return tuple(
        p.pid
        for p in view.processes
        if p.name == "dockerd" and view.namespaces.get(p.pid, {}).get("pid") in (here, None)
    )


def host_column(view: HostView) -> Column:
    """The host's column: the helper's own namespaces, which it shares with the host, but not its tree of files.

    Nor its clocks: a container can't be told to share the host's, so the host's first process tells, or the engine's.
    """
    numbers = {kind: number for kind, number in view.own.items() if kind in KINDS and kind not in ("mnt", "time")}
    clocks = [number for pid in (1, *engines(view)) if (number := view.namespaces.get(pid, {}).get("time"))]
    if clocks:
        numbers["time"] = clocks[0]
    why_not = {kind: _why_not(view, kind) for kind in KINDS if kind not in numbers}
    trees = {view.namespaces.get(pid, {}).get("mnt") for pid in engines(view)} - {None}
    if len(trees) == 1:
        numbers["mnt"] = int(trees.pop() or 0)
        del why_not["mnt"]
    else:
        why_not["mnt"] = _SEVERAL if trees else _FILES
    return Column(name=HOST, host=True, numbers=numbers, why_not=why_not)


def _column(view: HostView, container: Container) -> Column:
    numbers = {kind: n for kind, n in view.namespaces.get(container.pid, {}).items() if kind in KINDS}
    why = "" if view.process(container.pid) else "the engine's host does not show this container's process"
    return Column(
        name=container.name,
        full_name=container.full_name,
        pid=container.pid,
        numbers=numbers,
        why_not={kind: why or _why_not(view, kind) for kind in KINDS if kind not in numbers},
    )


def _why_not(view: HostView, kind: str) -> str:
    """The helper sees all kinds that the kernel has in its own list; `time` came with Linux 5.6."""
    return _PTRACE if kind in view.own or not view.own else "this kernel has no namespaces of that kind"
