"""What a container was told about its network when it was made."""

from __future__ import annotations

from dataclasses import dataclass

_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104  how the engine writes "on every address"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What it was told, running or not.

    mode: the network it was started with, in the engine's words. publish: (address on the engine's host, port inside);
    "" as the address leaves it to the engine. every: all declared ports, on every address. hosts: lines for its hosts
    file. ports: what the engine says of the ports of a running one, (address, port inside).
    """

    mode: str
    publish: tuple[tuple[str, int], ...]
    every: bool
    hosts: tuple[str, ...]
    ports: tuple[tuple[str, int], ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where its ports are published, or would be: what the engine did counts more than what was asked."""
        return tuple(address for address, _ in self.ports or self.publish) or (("",) if self.every else ())

    @property
    def everywhere(self) -> bool:
        """True if a port is, or would be, published on every address of the engine's host."""
        return any(address in _EVERYWHERE for address in self.addresses)
