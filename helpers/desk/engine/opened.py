"""What a container's box leads to: its log, its inspect, one hidden value of it, a command that was executed in it.

Who asks has made sure that the container is the learner's. Each is read only, and bounded.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from helpers.desk.model import tree
from helpers.desk.model.tree import Node
from helpers.engine.bounded import output
from helpers.engine.client import Client
from helpers.engine.model.container import Text
from helpers.errors import NotFound

LINES = 400
BYTES = 64 * 1024
SECONDS = 4.0


def log(client: Client, container_id: str) -> Text:
    """The end of its log. Equivalent: docker logs --tail 400 CONTAINER.

    Raises: NotFound, EngineRefused.
    """
    taken = output.log(client, container_id, tail=LINES, keep=BYTES, seconds=SECONDS)
    whole = taken.whole and taken.came <= BYTES and taken.data.count(b"\n") < LINES
    return Text(text=taken.text, cut="" if whole else "This is its end; docker logs shows the rest.")


def inspect(client: Client, container_id: str) -> Node:
    """All that the engine knows of it, without what may be secret. Equivalent: docker inspect CONTAINER.

    Raises: NotFound.
    """
    return tree.tree(client.inspect_container(container_id))


def value(client: Client, container_id: str, path: Sequence[str]) -> str:
    """One hidden value. Raises: NotFound if there is none."""
    found = tree.revealed(client.inspect_container(container_id), path)
    if found is None:
        raise NotFound("There is nothing hidden there.")
    return found


def executed(client: Client, container_id: str, exec_id: str) -> str:
    """The command that was executed, as a shell reads it. Equivalent: none; GET /exec/ID/json.

    Raises: NotFound if the engine does not know it any more, or it was executed elsewhere.
    """
    row = client.exec_inspect(exec_id)
    if row.get("ContainerID") != container_id:
        raise NotFound("That was executed in another container.")
    config = row.get("ProcessConfig") or {}
    return shlex.join([str(config.get("entrypoint") or ""), *map(str, config.get("arguments") or ())])
