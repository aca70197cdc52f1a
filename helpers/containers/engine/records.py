"""What the engine keeps of a container, running or not."""

from __future__ import annotations

from helpers.containers.model.records import Record
from helpers.engine import container_list
from helpers.engine.client import Client


def record(client: Client, container_id: str) -> Record:
    """Its record. Equivalent: docker inspect CONTAINER.

    Raises: NotFound.
    """
    row = client.inspect_container(container_id)
    config = row.get("Config") or {}
    return Record(
        **vars(container_list.ended(row)),
        restarts=int(row.get("RestartCount") or 0),
        command=tuple(config.get("Cmd") or ()),
        environment=dict(word.partition("=")[::2] for word in config.get("Env") or ()),
    )
