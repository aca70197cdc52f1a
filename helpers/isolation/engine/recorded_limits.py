"""A container's limits and its use of the machine, and commands run inside of it, within its limits."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.engine.bounded import execution, output
from helpers.engine.client import Client
from helpers.engine.model.container import Container, Output
from helpers.isolation.model.recorded_limits import Bounds, Use


def bounds(client: Client, container_id: str) -> Bounds:
    """Its limits on record. Raises: NotFound."""
    return Bounds.of(client.inspect_container(container_id).get("HostConfig") or {})


def swap_can_be_limited(client: Client) -> bool:
    """Whether the engine's kernel keeps an account of swap. Equivalent: docker info --format {{.SwapLimit}}."""
    return bool(client.info().get("SwapLimit"))


def use(client: Client, container_id: str) -> Use:
    """What it has had until now. Raises: NotFound.

    Equivalent: docker stats --no-stream CONTAINER
    """
    return Use.of(client.stats(container_id, stream=False, one_shot=True))


def run_inside(client: Client, container: Container, command: Sequence[str], *, user: str, seconds: int) -> Output:
    """Runs a command in it, ended after `seconds` at the latest; the container needs busybox.

    user: "" is the container's own. Raises: NotRunning, EngineRefused.
    Equivalent: docker exec --user USER CONTAINER timeout SECONDS COMMAND
    """
    words = ["timeout", str(seconds), *command]
    done = execution.execute(client, container.id, words, user=user, keep=output.SHOWN, seconds=seconds + 5)
    return Output(
        container=container,
        command=tuple(words),
        text=done.taken.text,
        exit_code=done.exit_code,
        cut=done.cut(seconds + 5),
    )


def start_inside(client: Client, container: Container, command: Sequence[str], *, seconds: int) -> None:
    """The same without waiting for its end. Raises: NotRunning, EngineRefused."""
    made = client.exec_create(container.id, ["timeout", str(seconds), *command])["Id"]
    client.exec_start(made, detach=True)
