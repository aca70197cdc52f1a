"""Running what a learner made without trusting it: no network, nothing to write to, no rights, little of everything."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers import errors
from helpers.engine import base_images, containers
from helpers.engine.client import Client
from helpers.engine.model.container import Finished, State
from helpers.engine.ownership import labels

MEMORY = 256 * 1024 * 1024  # bytes, swap included
PROCESSES = 64
SCRATCH = {"/tmp": "rw,noexec,nosuid,size=16m"}  # noqa: S108  a folder in the container, in memory


def create(
    client: Client,
    image: str,
    command: Sequence[str] = (),
    *,
    scene: str,
    network: str = "none",
    read_only: bool = True,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Makes such a container, with the image's own command if none is given, and returns its id. No mounts.

    network: "none", or "container:ID" to share another container's. read_only: only /tmp can be written, in memory.

    Raises: NoSuchImage; nothing is pulled.
    Equivalent: docker create --network none --read-only --cap-drop ALL --security-opt no-new-privileges …
    """
    host: dict[str, Any] = {
        "network_mode": network,
        "read_only": read_only,
        "tmpfs": SCRATCH,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "mem_limit": MEMORY,
        "memswap_limit": MEMORY,
        "pids_limit": PROCESSES,
    }
    answer = client.create_container(
        image,
        command=list(command) or None,
        labels=labels.labels(scene),
        environment=dict(environment) if environment else None,
        host_config=client.create_host_config(**host),
    )
    return str(answer["Id"])


def run(
    client: Client,
    image: str,
    command: Sequence[str] = (),
    *,
    scene: str,
    network: str = "none",
    read_only: bool = True,
    seconds: float = 15,
) -> Finished:
    """Runs such a container to its end and removes it.

    Raises: NoSuchImage, NoSuchProgram, WaitedTooLong with the end of its output. Nothing is left either way.
    """
    started = time.perf_counter()
    made = create(client, image, command, scene=scene, network=network, read_only=read_only)
    try:
        containers.start(client, made)
        code = containers.wait(client, made, seconds=seconds)
        took = time.perf_counter() - started
        output = containers.logs(client, made)
    finally:
        containers.remove(client, made)
    return Finished(image=image, command=tuple(command), exit_code=code, output=output, seconds=took)


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a server in such a container did. body: its page; "" unless answered. state: when that was seen."""

    answered: bool
    body: str
    log: str
    state: str


def serve(
    client: Client,
    image: str,
    port: int,
    path: str = "/",
    *,
    scene: str,
    environment: Mapping[str, str] | None = None,
    seconds: float = 12,
) -> Served:
    """Starts an image's own command and asks it for a page from inside its network namespace, until it answers or ends.

    Raises: NoSuchImage, NoSuchProgram. Nothing is left on the engine either way.
    """
    until = time.monotonic() + seconds
    made = create(client, image, scene=scene, environment=environment)
    try:
        containers.start(client, made)
        while True:
            seen = containers.inspect(client, made)
            body = ""
            if seen.state is State.RUNNING:
                body = ask(client, made, port, path, scene=scene) or ""
            log = containers.logs(client, made)
            if body or seen.state is not State.RUNNING or time.monotonic() > until:
                return Served(answered=bool(body), body=body, log=log, state=seen.state.value)
            time.sleep(0.2)
    finally:
        containers.remove(client, made)


def ask(client: Client, server: str, port: int, path: str = "/", *, scene: str) -> str | None:
    """The page that a running container serves at a port inside, published or not; None if nothing answers.

    server: its id. A container of the check's own joins its network namespace for the time of the question.
    """
    busybox = base_images.reference("busybox")
    command = ["timeout", "3", "wget", "-q", "-O-", f"http://127.0.0.1:{port}{path}"]
    try:
        done = run(client, busybox, command, scene=scene, network=f"container:{server}", seconds=6)
    except errors.EngineRefused:  # its namespace has gone with it
        return None
    return done.output if done.exit_code == 0 else None
