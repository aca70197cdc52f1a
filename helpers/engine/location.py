"""Asking both sides where they are: the notebook's machine and the engine's."""

from __future__ import annotations

import platform
import socket
import struct
import sys
from pathlib import Path

from helpers.engine.client import Client
from helpers.engine.model.location import Machine, Place, locate


def this_machine() -> Machine:
    """The machine this Python runs on."""
    return Machine(
        name=platform.node(), system=platform.system(), kernel=platform.release(), architecture=platform.machine()
    )


def where(client: Client) -> Place:
    """Where the engine lives. One HTTP call. Equivalent: docker info."""
    info = client.info()
    engine = Machine(
        name=str(info.get("Name") or ""),
        system=str(info.get("OperatingSystem") or info.get("OSType") or ""),
        kernel=str(info.get("KernelVersion") or ""),
        architecture=str(info.get("Architecture") or ""),
    )
    return locate(
        address=client.address.url,
        notebook=this_machine(),
        engine=engine,
        listener=_listener(client.address.url),
        in_container=Path("/.dockerenv").exists() or Path("/run/.containerenv").exists(),
        rootless=any("rootless" in str(option) for option in info.get("SecurityOptions") or []),
    )


def _listener(address: str) -> str:
    """The name of the process that listens on a Unix socket, if this process can see it; else empty.

    The kernel tells a client who listens (SO_PEERCRED, unix(7)); the number is 0 if the listener lives in another
    process namespace, such as outside of the container this notebook runs in. Linux only.
    """
    if sys.platform != "linux" or not address.startswith("unix://"):
        return ""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(2)
            line.connect(address.removeprefix("unix://"))
            pid, _, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() if pid else ""
    except OSError:
        return ""
