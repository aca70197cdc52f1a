"""For the checks of chapter 08: containers on networks, and who reaches whom, as measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpers.engine import containers, networks, reach
from helpers.model.container import Container
from helpers.model.network import select
from helpers.model.reach import Reachability
from helpers.model.settings import Settings

if TYPE_CHECKING:
    from helpers.lab.look import Look


class Reaching:
    """Reached as `look.reaching`."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def network(self, name: str, *, internal: bool = False) -> None:
        """Makes a network of the scene's, or leaves it as it is."""
        networks.create(self._look.client, name, scene=self._look.scene, internal=internal)

    def start(self, image: str, *command: str, name: str, network: str) -> str:
        """Starts a container on a network of the scene's, known there by its name; returns its id.

        One of that name is replaced.
        """
        look = self._look
        older = look.container(name)
        if older is not None and older.name == name:
            containers.remove(look.client, older.id)
        full, names = networks.resolve(look.client, network, scene=look.scene)
        settings = Settings(network=full, network_alias=(name,) if names else ())
        made = containers.create(look.client, image, command, scene=look.scene, name=name, settings=settings)
        containers.start(look.client, made)
        return made

    def measure(self, *those: Container, port: int | None = None) -> Reachability:
        """Who of them reaches whom: measured now."""
        part = select(networks.look(self._look.client), [one.id for one in those])
        return reach.measure(self._look.client, part, scene=self._look.scene, port=port, computers=False)

    def bindings(self, container: Container) -> tuple[tuple[str, int], ...]:
        """Where its ports were to be published when it was made: (address, port inside); "" is every address."""
        row: Any = self._look.client.inspect_container(container.id)
        wanted = (row.get("HostConfig") or {}).get("PortBindings") or {}
        return tuple(
            (str(binding.get("HostIp") or ""), int(inside.partition("/")[0]))
            for inside, bindings in wanted.items()
            for binding in bindings or [{}]
        )
