"""What a check may ask about who does the work."""

from __future__ import annotations

from helpers.daemon.engine import processes
from helpers.daemon.model.processes import Chain
from helpers.engine import base_images, containers
from helpers.lab.look import Look


class Daemon:
    """The engine's programs, as a check needs them."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def chain(self) -> Chain:
        """Who does the work for one container; one of the check's own, which is gone afterwards."""
        busybox = base_images.reference("busybox")
        made = containers.create(self._look.client, busybox, ["sleep", "60"], scene=self._look.scene)
        try:
            containers.start(self._look.client, made)
            found = containers.inspect(self._look.client, made)
            return processes.chain_of(self._look.client, found, image=busybox, scene=self._look.scene)
        finally:
            containers.remove(self._look.client, made)
