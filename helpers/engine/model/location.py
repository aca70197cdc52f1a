"""Where the engine lives, seen from the notebook."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Where(Enum):
    """The four kinds of place an engine can be in."""

    THIS_COMPUTER = "on this computer"
    VIRTUAL_MACHINE = "in a virtual machine on this computer"
    REMOTE = "on another computer"
    BESIDE_A_CONTAINER = "outside the container this notebook runs in"


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A machine as it describes itself. kernel: as `uname -r` prints it."""

    name: str
    system: str
    kernel: str
    architecture: str

    @property
    def desktop(self) -> bool:
        """True if it says that it is Docker Desktop's virtual machine."""
        return "docker desktop" in self.system.lower() or self.name in ("docker-desktop", "linuxkit")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the engine lives and how that is known.

    address: the one the notebook talks to. evidence: the sentence that decided. inferred: True where it is a
    conclusion, not something an engine says of itself.
    """

    where: Where
    address: str
    notebook: Machine
    engine: Machine
    evidence: str
    inferred: bool
    rootless: bool = False

    @property
    def unforwarded(self) -> str:
        """Why a published port may not be open on this computer, as part of a sentence; "" where it has to be."""
        machine = "in a virtual machine or behind a tunnel" if self.inferred else "in a virtual machine"
        return {
            Where.THIS_COMPUTER: "",
            Where.VIRTUAL_MACHINE: f"the engine is {machine}, "
            "ports are published on that machine's own 127.0.0.1, and nothing forwards them to this computer",
            Where.REMOTE: "the engine is on another computer, and ports are published on the 127.0.0.1 of that one",
            Where.BESIDE_A_CONTAINER: "this notebook runs in a container, and ports are published on the 127.0.0.1 of "
            "the engine's host, outside it",
        }[self.where]


def locate(
    *,
    address: str,
    notebook: Machine,
    engine: Machine,
    in_container: bool,
    listener: str = "",
    rootless: bool = False,
) -> Place:
    """Decides from the address and from what both machines say of themselves.

    listener: the name of the process at the socket's other end, where this notebook can see it; else empty.

    The rules, first that fits: an address on another host is remote; Docker Desktop says so in its system's name;
    a notebook whose kernel is another one than the engine's talks to a virtual machine; a listener that this notebook
    can see is on this computer; a notebook in a container is outside of its engine; else they share one kernel and
    so one machine.
    """
    common = {"address": address, "notebook": notebook, "engine": engine, "rootless": rootless}

    def place(where: Where, evidence: str, *, inferred: bool = False) -> Place:
        return Place(where=where, evidence=evidence, inferred=inferred, **common)  # type: ignore[arg-type]

    if address.startswith(("tcp://", "ssh://", "http://", "https://")) and not _loopback(address):
        return place(Where.REMOTE, "the address names another computer")
    if engine.desktop:
        return place(Where.VIRTUAL_MACHINE, "the engine says that it is Docker Desktop")
    if notebook.kernel != engine.kernel:
        return place(Where.VIRTUAL_MACHINE, "its kernel is not this computer's", inferred=True)
    if listener:
        return place(Where.THIS_COMPUTER, f"the socket's other end is {listener}, a process of this computer")
    if in_container:
        return place(Where.BESIDE_A_CONTAINER, "this notebook itself runs in a container", inferred=True)
    return place(Where.THIS_COMPUTER, "both report the same kernel, and the address is a local one", inferred=True)


def _loopback(address: str) -> bool:
    host = address.split("://", 1)[1].rsplit("@", 1)[-1]
    return host.startswith(("127.", "localhost", "[::1]"))
