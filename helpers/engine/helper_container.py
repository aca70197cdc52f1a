"""A helper container that joins another one's namespaces for a moment: its own tools, seen from there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TypeVar

from helpers.engine import base_images, containers
from helpers.engine.client import Client
from helpers.engine.ownership import labels

HOST = "host"


class Helper:
    """A helper container inside one network namespace."""

    def __init__(self, client: Client, container_id: str) -> None:
        self._client, self.id, self.gone = client, container_id, False

    def run(self, script: str, *words: str) -> str:
        """What a script in there writes; its words are handed over as they are."""
        return _run(self._client, self.id, script, *words)


H = TypeVar("H", bound=Helper)


@contextlib.contextmanager
def helper(client: Client, network: str, *, scene: str, kind: type[H]) -> Iterator[H]:
    """A helper in that namespace: a container's id, or "host". It is gone at the end.

    Raises: EngineRefused where the engine does not let a container in.
    """
    joined = network if network == HOST else f"container:{network}"
    host = client.create_host_config(
        network_mode=joined,
        pid_mode=joined,
        cap_drop=["ALL"],
        cap_add=["SYS_PTRACE", "DAC_READ_SEARCH"],  # to see whose sockets they are, if another user runs the server
    )
    made = str(
        client.create_container(
            base_images.reference("busybox"),
            command=["sleep", "180"],
            labels=labels.labels(scene),
            host_config=host,
        )["Id"]
    )
    found = kind(client, made)
    try:
        containers.start(client, made)
        yield found
    finally:
        leave(client, found)


def leave(client: Client, found: Helper) -> None:
    """Removes the helper; again, nothing happens."""
    if not found.gone:
        found.gone = True
        containers.remove(client, found.id)


def _run(client: Client, container_id: str, script: str, *words: str) -> str:
    exec_id = client.exec_create(container_id, ["sh", "-c", script, "sh", *words])["Id"]
    return bytes(client.exec_start(exec_id)).decode("utf-8", "replace")
