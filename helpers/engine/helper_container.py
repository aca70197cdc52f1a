"""A helper container that joins another one's namespaces for a moment: its own tools, seen from there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TypeVar

from helpers.engine import containers
from helpers.engine.bounded import execution, rights
from helpers.engine.client import Client

HOST = rights.HOST


class Helper:
    """A helper container inside one network namespace."""

    def __init__(self, client: Client, container_id: str) -> None:
        self._client, self.id, self.gone = client, container_id, False

    def run(self, script: str, *words: str) -> str:
        """What a script in there writes; its words are handed over as they are."""
        return _run(self._client, self.id, script, *words)


H = TypeVar("H", bound=Helper)


@contextlib.contextmanager
def helper(client: Client, network: str, *, scene: str, kind: type[H], may: str = "calls") -> Iterator[H]:
    """A helper in that namespace: a container's id, or "host". It is gone at the end. may: its line of the table.

    Raises: EngineRefused where the engine does not let a container in.
    """
    joined = network if network == HOST else f"container:{network}"
    made = rights.make(client, may, ["sleep", "180"], scene=scene, joined=joined)
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
    return execution.execute(client, container_id, ["sh", "-c", script, "sh", *words]).taken.text
