"""What a check may ask about other machines: stand-ins for them, and what is there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from helpers import errors
from helpers.engine.scene import image_sweep
from helpers.lab.look import Look
from helpers.packaging.engine import requirements, stand_ins
from helpers.packaging.model import requirements as requirements_model
from helpers.packaging.model.requirements import Machine


class Packaging:
    """Other machines, as a check needs them."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def stand_in(self, name: str, *packages: str, files: Sequence[Path] = ()) -> str:
        """Makes a stand-in for somebody's machine; returns its reference."""
        return stand_ins.make(self._look.client, name, packages, files, scene=self._look.scene).reference

    @contextlib.contextmanager
    def for_now(self, name: str, *packages: str, files: Sequence[Path] = ()) -> Iterator[str]:
        """A stand-in for the time of the check; nothing of it stays."""
        reference = self.stand_in(name, *packages, files=files)
        try:
            yield reference
        finally:
            with contextlib.suppress(errors.NotFound):
                self._look.client.remove_image(reference, noprune=True)
            image_sweep.sweep(self._look.client, scene=self._look.scene, named=False)

    def machine(self, image: str, wanted: Sequence[str], command: Sequence[str]) -> Machine:
        """What of `wanted` a stand-in has, and what the command does there."""
        found = tuple(requirements_model.read(word) for word in wanted)
        return requirements.look(
            self._look.client,
            image,
            found,
            tuple(command),
            name="it",
            scene=self._look.scene,
            seconds=min(15, self._look.left()),
        )
