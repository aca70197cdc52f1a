"""The processes of one container, by their parents."""

from __future__ import annotations

from helpers import errors
from helpers.dockerfile.model.starts import Process, read, tree
from helpers.engine import containers
from helpers.engine.bounded import rights
from helpers.engine.client import Client
from helpers.engine.model.container import Container

SECONDS = 20.0  # that the helper may take, on an engine in a slow virtual machine
_PS = ("ps", "-o", "pid,ppid,stat,args")


def running(client: Client, container: Container, *, scene: str) -> tuple[Process, ...]:
    """Its processes, process 1 first; () if it does not run. One HTTP call.

    The engine asks its machine's `ps`, which is not everywhere; without it a helper looks from inside.

    Equivalent: docker top CONTAINER -o pid,ppid,stat,args
    """
    if not container.pid:
        return ()
    try:
        found = client.top(container.id, "-o pid,ppid,stat,args")
    except errors.NotRunning:
        return ()
    except errors.EngineRefused:
        try:
            return inside(client, container.id, scene=scene)
        except errors.EngineRefused:  # it ended meanwhile
            if containers.inspect(client, container.id).pid:
                raise
            return ()
    return tree(read(found["Titles"], found["Processes"] or ()), container.pid)  # none if it has ended meanwhile


def inside(client: Client, container_id: str, *, scene: str) -> tuple[Process, ...]:
    """The same as seen from inside, where those are that have ended and that nobody has collected; about half a second.

    Not by `docker top`: it asks about the processes of the container's cgroup, where an ended one is no more. Nothing
    is left.

    Raises: NotRunning; EngineRefused where the engine lets no container share another's processes.
    Equivalent: docker run --rm --pid container:CONTAINER IMAGE ps -o pid,ppid,stat,args
    """
    made = rights.make(client, "inside", _PS, scene=scene, joined=f"container:{container_id}")
    try:
        containers.start(client, made)
        containers.wait(client, made, seconds=SECONDS)
        titles, *rows = [line.split(None, 3) for line in containers.logs(client, made).splitlines()] or [[]]
    finally:
        containers.remove(client, made)
    # without the helper itself, which nobody of the container's has started
    found = [row for row in read(titles, rows) if not (row[1] == 0 and row[0] != 1 and row[3] == " ".join(_PS))]
    return tree(found, 1)
