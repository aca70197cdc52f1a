"""The commands that move a container from one state to another, beside create, start, stop and remove."""

from __future__ import annotations

import time

from helpers import errors
from helpers.engine import containers
from helpers.engine.client import Client
from helpers.engine.model.exit_code import read_signal


def pause(client: Client, container_id: str) -> None:
    """Freezes all its processes. Equivalent: docker pause CONTAINER.

    Raises: NotRunning; EngineRefused if it is paused already.
    """
    for wait in (0.1, 0.3, 0.0):
        try:
            client.pause(container_id)
        except errors.EngineRefused as error:
            # cgroup v1 on a busy machine: the kernel did not freeze all processes in the time that runc gives it
            if "unable to freeze" not in error.message or not wait:
                raise
            time.sleep(wait)
        else:
            return


def unpause(client: Client, container_id: str) -> None:
    """Lets them go on. Equivalent: docker unpause CONTAINER.

    Raises: EngineRefused if it is not paused.
    """
    client.unpause(container_id)


def kill(client: Client, container_id: str, *, signal: str = "SIGKILL") -> None:
    """Sends a signal to its first process. Equivalent: docker kill --signal SIGNAL CONTAINER.

    Raises: NotRunning; WrongUse for a word that is no signal.
    """
    if not isinstance(signal, str) or not read_signal(signal):
        raise errors.WrongUse(
            f"{signal!r} is not a signal.", "no signal has that name", 'For example: signal="SIGTERM"'
        )
    client.kill(container_id, signal)


def restart(client: Client, container_id: str, *, grace: int = 10) -> None:
    """Stops it, if it runs, and starts it. Equivalent: docker restart --time GRACE CONTAINER."""
    client.restart(container_id, timeout=grace)


def start(client: Client, container_id: str) -> None:
    """Starts one that is there. Equivalent: docker start CONTAINER.

    Raises: NoSuchProgram, PortTaken; EngineRefused if it is paused.
    """
    containers.start(client, container_id)


def remove(client: Client, container_id: str) -> None:
    """Removes it unless it runs. Equivalent: docker rm --volumes CONTAINER.

    Raises: EngineRefused if it runs or is paused.
    """
    client.remove_container(container_id, v=True, force=False)
