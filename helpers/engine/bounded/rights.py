"""The course's own helper containers: what each does, what it may see for that, and nothing else.

README's "How it stays safe" holds the same table; a test compares it with these lines, and these with the containers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helpers.engine import base_images
from helpers.engine.client import Client
from helpers.engine.ownership import labels

HOST = "host"
NONE = "none"
MEGABYTE = 1024 * 1024
SCRATCH = {"/tmp": "rw,noexec,nosuid,size=16m"}  # noqa: S108  a folder in the container, in memory


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What a kind of helper container may do. All have a read-only root and can gain no rights.

    does: in words. shares: the namespaces that it has in common with the engine's host or with one container; without
    "network" it has none. capabilities: all others are dropped. why: what they are for. memory: in bytes, swap
    included. processes: with threads.
    """

    does: str
    shares: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    why: str = ""
    memory: int = 64 * MEGABYTE
    processes: int = 64


HELPERS = {
    "processes": Rights(
        does="lists the processes and namespaces of the engine's host",
        shares=("pid", "network", "uts", "ipc", "cgroup"),
        capabilities=("SYS_PTRACE",),
        why="without it, the kernel tells nobody which namespaces a process is in",
    ),
    "cgroups": Rights(
        does="reads the limits of containers, and what they use",
        shares=("pid", "cgroup"),
        capabilities=("SYS_PTRACE",),
        why="the files are read through the container's own process",
    ),
    "programs": Rights(does="finds the engine's own programs and who started them", shares=("pid",)),
    "calls": Rights(
        does="makes calls from a container's network, or the host's, and sees who listens there",
        shares=("pid", "network"),
        capabilities=("SYS_PTRACE", "DAC_READ_SEARCH"),
        why="a socket's owner may be another user",
        memory=256 * MEGABYTE,  # all calls at the same time, with a few processes each
        processes=2048,
    ),
    "pages": Rights(does="asks the host's published ports for a page, if they can't be reached", shares=("network",)),
    "ender": Rights(
        does="ends a command in a container that would not end by itself",
        shares=("pid",),
        capabilities=("KILL",),
        why="the command may run as another user",
    ),
    "inside": Rights(
        does="lists the processes of a container, with those that have ended and that nobody has collected",
        shares=("pid",),
    ),
    "room": Rights(does="reports how much room the engine's disk has while a build is watched"),
    "folder": Rights(does="has a folder of this computer mounted, read only, to see whether that works (doctor)"),
    "lists": Rights(does="has the engine's lists of layers mounted, read only; it never runs"),
    "marker": Rights(does="is made and removed, to mark a place among the engine's events; it never runs"),
}


def host_config(client: Client, kind: str, *, joined: str = HOST, **more: Any) -> Any:
    """The engine's settings for such a helper. joined: "host", or "container:ID" whose namespaces it shares."""
    rights = HELPERS[kind]
    wanted: dict[str, Any] = {
        "network_mode": joined if "network" in rights.shares else NONE,
        "cap_drop": ["ALL"],
        "cap_add": list(rights.capabilities) or None,
        "security_opt": ["no-new-privileges"],
        "read_only": True,
        "tmpfs": SCRATCH,
        "mem_limit": rights.memory,
        "memswap_limit": rights.memory,
        "pids_limit": rights.processes,
    }
    wanted |= {f"{one}_mode": joined for one in ("pid", "uts", "ipc") if one in rights.shares}
    if joined == HOST and {"pid", "network"} & set(rights.shares) and _remapped(client):
        wanted["userns_mode"] = HOST  # where the engine maps user ids, only the host's own may join the host
    if "cgroup" in rights.shares and _version(client) >= (1, 41):
        wanted["cgroupns"] = HOST
    return client.create_host_config(**wanted, **more)


def make(
    client: Client, kind: str, command: Sequence[str], *, scene: str, joined: str = HOST, image: str = "", **more: Any
) -> str:
    """Makes such a helper and returns its id; it does not run yet. image: the course's small one, if none is named.

    Raises: NoSuchImage, EngineRefused.
    """
    made = client.create_container(
        image or base_images.reference("busybox"),
        command=list(command),
        labels=labels.helper_labels(scene, kind),
        host_config=host_config(client, kind, joined=joined, **more),
    )
    return str(made["Id"])


def _remapped(client: Client) -> bool:
    return any("userns" in str(option) for option in client.info().get("SecurityOptions") or [])


def _version(client: Client) -> tuple[int, int]:
    major, _, minor = str(client.api_version).partition(".")
    return int(major), int(minor or 0)
