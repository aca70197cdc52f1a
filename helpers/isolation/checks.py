"""What a check may ask about isolation: namespaces, limits as the kernel keeps them, numbers of processes."""

from __future__ import annotations

from typing import Any

from helpers.engine import containers, location
from helpers.engine.model.container import Container
from helpers.engine.model.settings import Settings
from helpers.isolation.engine import host_processes, limits
from helpers.isolation.model.host_processes import HostView
from helpers.isolation.model.limits import Reading
from helpers.isolation.model.namespaces import Grid
from helpers.lab.look import Look


class Isolation:
    """Namespaces and limits, as a check needs them."""

    def __init__(self, look: Look) -> None:
        self._client, self._scene = look.client, look.scene

    def start(self, image: str, *command: str, name: str, **options: Any) -> Container:
        """Starts a container of the scene's, with options of `docker run`, in place of one of that name."""
        settings = Settings.read(options)
        made = containers.create_in_place(self._client, image, command, scene=self._scene, name=name, settings=settings)
        return containers.inspect(self._client, made)

    def grid(self, *found: Container) -> Grid:
        """The namespaces of these running containers, and of the engine's host."""
        return host_processes.grid(self._client, found, scene=self._scene)

    def reading(self, found: Container) -> Reading | None:
        """What the files of its cgroup say; None if they can't be read."""
        seen = limits.readings(self._client, [found.pid], scene=self._scene)
        return seen[0] if seen else None

    def host(self, found: Container) -> HostView:
        """Every process of the engine's host, with what is asked about the container's first one."""
        return host_processes.look(self._client, [found.pid], scene=self._scene)

    def kernel(self) -> str:
        """The kernel of the engine's machine, as the engine says."""
        return location.where(self._client).engine.kernel
