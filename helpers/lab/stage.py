"""For labs that set something up: images and containers of the lab's own, put there once, and again if they are gone.

What stands is known by its id, noted in the attempt: a new attempt, with other values, takes away what the last had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from helpers import errors
from helpers.engine import base_images, containers
from helpers.engine.model.container import Container
from helpers.engine.model.settings import Settings
from helpers.engine.ownership import labels
from helpers.lab.look import Look


class Stage:
    """What a lab has put on the engine. Names are the learner's words for them."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def image(self, name: str, dockerfile: str, files: Mapping[str, bytes | Path]) -> str:
        """The lab's image of that name, made unless it stands; its reference."""
        tag = f"{labels.object_name(name)}:1"
        known = self._look.image(tag)
        if known is None or known.id != self._look.recall(f"image {name}"):
            self._look.build(name, dockerfile, files)
            self._look.remember(f"image {name}", self._look.id_of(tag))
        return tag

    def clear(self, names: Iterable[str]) -> None:
        """Removes what an earlier attempt put there: the scene's containers of these names that do not stand."""
        wanted = set(names)
        for found in containers.ours(self._look.client, scene=self._look.scene):
            if found.name in wanted and found.id != self._look.recall(f"put {found.name}"):
                containers.remove(self._look.client, found.id)

    def standing(self, name: str) -> Container | None:
        """The container that the lab put there, in whatever state; None if it is gone, or another has its name."""
        wanted = self._look.recall(f"put {name}")
        if not wanted:
            return None
        try:
            found = containers.inspect(self._look.client, wanted)
        except errors.NotFound:
            return None
        return found if found.name == name else None

    def need(self, name: str) -> Container:
        """The same; ends the check if it does not stand."""
        found = self.standing(name)
        if found is None:
            self._look.cant_tell(f"{name} is gone: run the cell with lab.open(…) again, which puts it there again")
        return found

    def put(
        self,
        name: str,
        image: str,
        *command: str,
        publish: Iterable[int] = (),
        may_fail: bool = False,
        **options: Any,
    ) -> Container:
        """Starts a container of the lab's under that name, in place of the lab's own that has it.

        options: more of `docker run`, by its names. may_fail: a refused start is what the lab is about.

        Raises: what the engine raises.
        """
        client, scene = self._look.client, self._look.scene
        made = containers.create_in_place(
            client,
            image,
            command,
            scene=scene,
            name=name,
            publish=list(publish),
            settings=Settings.read(options),
            start=False,
        )
        self._look.remember(f"put {name}", made)
        try:
            containers.start(client, made)
        except errors.EngineRefused:
            if not may_fail:
                raise
        return containers.inspect(client, made)

    def kill(self, container: Container) -> None:
        """Ends it at once, as `docker kill` does."""
        self._look.client.kill(container.id)

    def remove(self, container: Container) -> None:
        """Takes it away."""
        containers.remove(self._look.client, container.id)

    def busybox(self) -> str:
        """The course's small image."""
        return base_images.reference("busybox")
