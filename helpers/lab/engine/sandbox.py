"""Running what a learner made without trusting it: no network, nothing to write to, no rights, little of everything."""

from __future__ import annotations

import contextlib
import tarfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docker.types import Mount

from helpers import errors
from helpers.engine import base_images, containers, images
from helpers.engine.bounded import output
from helpers.engine.bounded.rights import SCRATCH
from helpers.engine.client import Client
from helpers.engine.model.container import Finished, State
from helpers.engine.ownership import labels

MEMORY = 256 * 1024 * 1024  # bytes, swap included
PROCESSES = 64
SCRATCH_OPTIONS = next(iter(SCRATCH.values()))
NO_HEALTHCHECK: Mapping[str, Any] = {
    "test": ["NONE"]
}  # a command of the image's own, which the engine would run again and again


def create(
    client: Client,
    image: str,
    command: Sequence[str] = (),
    *,
    scene: str,
    network: str = "none",
    read_only: bool = True,
    environment: Mapping[str, str] | None = None,
    init: bool = False,
    healthcheck: Mapping[str, Any] = NO_HEALTHCHECK,
) -> str:
    """Makes such a container, with the image's own command if none is given, and returns its id. No mounts.

    network: "none", or "container:ID" to share another container's. read_only: only /tmp can be written, and an empty
    folder that the image declares as a volume: in memory, 16 MB each and MEMORY together. A real volume is on the
    engine's disk, without a limit: one with files of the image's in it can be read alone. Without read_only the disk
    can be filled: for the course's own commands only. init: with a small PID 1 that passes signals on.
    healthcheck: as docker-py takes it; the image's own is not run unless this says so.

    To be taken away by `remove`.

    Raises: NoSuchImage; nothing is pulled.
    Equivalent: docker create --network none --read-only --cap-drop ALL --security-opt no-new-privileges …
    """
    volumes = _volumes(client, image)
    filled = _filled(client, image, volumes, scene=scene) if volumes else ()
    host: dict[str, Any] = {
        "network_mode": network,
        "read_only": read_only,
        "tmpfs": {**dict.fromkeys(set(volumes) - set(filled), SCRATCH_OPTIONS), **SCRATCH},
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "mem_limit": MEMORY,
        "memswap_limit": MEMORY,
        "pids_limit": PROCESSES,
        "init": init or None,
    }
    stocks = {path: str(client.create_volume(labels=labels.helper_labels(scene, "check"))["Name"]) for path in filled}
    host["mounts"] = [Mount(path, name, type="volume", read_only=True) for path, name in stocks.items()]
    answer = client.create_container(
        image,
        command=list(command) or None,
        labels=labels.helper_labels(scene, "check"),
        environment=dict(environment) if environment else None,
        healthcheck=dict(healthcheck),
        host_config=client.create_host_config(**host),
    )
    return str(answer["Id"])


def remove(client: Client, container_id: str) -> None:
    """Ends and removes it, and what it had for the volumes that its image declares."""
    with contextlib.suppress(errors.NotFound):
        mounts = client.inspect_container(container_id)["Mounts"]
        containers.remove(client, container_id)
        for mount in mounts:
            with contextlib.suppress(errors.NotFound):
                client.remove_volume(mount["Name"])


def _volumes(client: Client, image: str) -> tuple[str, ...]:
    """The folders that the image declares as volumes. Raises: NoSuchImage."""
    found = (images.inspect(client, image).get("Config") or {}).get("Volumes") or {}
    return tuple(str(path).rstrip("/") or "/" for path in found)


def _filled(client: Client, image: str, folders: Sequence[str], *, scene: str) -> tuple[str, ...]:
    """Those in which the image has files, looked at in a container that never runs."""
    never_run = client.create_container(image, command=["true"], labels=labels.helper_labels(scene, "check"))["Id"]
    try:
        return tuple(path for path in folders if path not in SCRATCH and _holds_files(client, never_run, path))
    finally:
        containers.remove(client, never_run)


def _holds_files(client: Client, container_id: str, folder: str) -> bool:
    try:
        with client.archive(container_id, f"{folder}/.") as answer, tarfile.open(fileobj=answer, mode="r|") as tar:
            return tar.next() is not None and tar.next() is not None  # the first is the folder itself
    except errors.NotFound:
        return False


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
        said = containers.log(client, made)
    finally:
        remove(client, made)
    return Finished(image=image, command=tuple(command), exit_code=code, output=said.text, seconds=took, cut=said.cut)


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
            log = output.log(client, made, keep=output.SHOWN).text
            if body or seen.state is not State.RUNNING or time.monotonic() > until:
                return Served(answered=bool(body), body=body, log=log, state=seen.state.value)
            time.sleep(0.2)
    finally:
        remove(client, made)


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
