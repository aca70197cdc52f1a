"""Asking both sides where they are: the notebook's machine and the engine's."""

from __future__ import annotations

import platform
from pathlib import Path

from helpers.engine.client import Client
from helpers.model.place import Machine, Place, locate


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
        in_container=Path("/.dockerenv").exists() or Path("/run/.containerenv").exists(),
        rootless=any("rootless" in str(option) for option in info.get("SecurityOptions") or []),
    )
