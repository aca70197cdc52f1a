"""For checks: who is on which network, who reaches whom as measured, and what a container was told of its ports."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from helpers import errors
from helpers.engine import base_images, containers
from helpers.engine.model.container import Container
from helpers.engine.model.settings import Settings
from helpers.lab.look import Look
from helpers.networks.engine import networks, reachability, tcp_probe
from helpers.networks.model.asked import Asked
from helpers.networks.model.networks import NetworkMap, select
from helpers.networks.model.reachability import LOOPBACK, Reach, Reachability

_EAR = 7777  # where the check's own container listens, to itself alone


class Networks:
    """Networks, as a check needs them."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def put(self, name: str) -> str:
        """Makes a network of the scene's unless it stands; returns its name on the engine."""
        return networks.create(self._look.client, name, scene=self._look.scene).full_name

    def start(self, image: str, *command: str, name: str, network: str) -> str:
        """Starts a container on a network of the scene's, known there by its name; returns its id.

        The scene's own of that name is replaced.
        """
        look = self._look
        settings = networks.joined(look.client, Settings(network=network), name, scene=look.scene)
        return containers.create_in_place(look.client, image, command, scene=look.scene, name=name, settings=settings)

    def map(self) -> NetworkMap:
        """Every network and container of the engine, now."""
        return networks.look(self._look.client)

    def matrix(self, *those: Container, port: int | None = None, computers: bool = True) -> Reachability:
        """Who of them reaches whom: measured now. About two seconds.

        port: the only one to try; None: what listens and what is declared. computers: also from this computer and from
        the engine's host.
        """
        part = select(self.map(), [one.id for one in those])
        return reachability.measure(self._look.client, part, scene=self._look.scene, port=port, computers=computers)

    def asked(self, container: Container) -> Asked:
        """What it was told when it was made."""
        return networks.asked(self._look.client, container)

    def default_route(self, container: Container) -> str:
        """The default route in its network namespace, in the words of `ip route`; "" if there is none."""
        with tcp_probe.helper(self._look.client, container.id, scene=self._look.scene) as helper:
            lines = helper.run("ip route").splitlines()
        return next((line.strip() for line in lines if line.startswith("default")), "")

    def call(self, container: Container, address: str, port: int) -> Reach:
        """One call from its network namespace."""
        with tcp_probe.helper(self._look.client, container.id, scene=self._look.scene) as helper:
            return helper.attempt((), [(address, port)]).calls.get((address, port), Reach.UNTESTABLE)

    def stranger_reaches(self, addresses: Iterable[str], port: int) -> str:
        """The first of them that a new container reaches which is started without a word on networks; "" if none.

        Ends the check if that container's own calls fail: then nothing follows from the others.
        """
        client, tried = self._look.client, [(address, port) for address in addresses]
        busybox = base_images.reference("busybox")
        made = containers.create(client, busybox, ["httpd", "-f", "-p", f"{LOOPBACK}:{_EAR}"], scene=self._look.scene)
        try:
            with contextlib.suppress(errors.EngineRefused):  # an engine without a default network has no such strangers
                containers.start(client, made)
                calls = tcp_probe.Helper(client, made).attempt((), [*tried, (LOOPBACK, _EAR)]).calls
                if calls.get((LOOPBACK, _EAR)) is not Reach.REACHED:
                    self._look.cant_tell("a container that was started to try it could not even call itself")
                return next((one[0] for one in tried if calls.get(one) is Reach.REACHED), "")
        finally:
            containers.remove(client, made)
        return ""
