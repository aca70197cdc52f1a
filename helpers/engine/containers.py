"""Creating, starting, reading and removing containers: one HTTP call each, answers as model objects."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from helpers import errors
from helpers.engine import container_list
from helpers.engine.bounded import execution, output
from helpers.engine.client import Client
from helpers.engine.events import of_container
from helpers.engine.model.container import Container, Finished, Output, Text
from helpers.engine.model.exit_code import KILLED, Ending
from helpers.engine.model.settings import Settings
from helpers.engine.ownership import labels

LOCAL = "127.0.0.1"
LATE = 1.0  # seconds by which the news that memory ran out may come after the end that it led to
HELPER = 60.0  # seconds that a helper container of a moment's work may take, on an engine in a slow virtual machine
PLAIN = Settings()  # as `docker run` without options: what a learner starts is as it is outside of the course
BOUNDED = Settings(memory=512 * 1024 * 1024, pids_limit=512)  # what the course starts for a purpose of its own


def create(
    client: Client,
    image: str,
    command: Sequence[str] = (),
    *,
    scene: str,
    name: str | None = None,
    publish: Sequence[int] = (),
    settings: Settings = BOUNDED,
) -> str:
    """Makes a container with the course's labels and returns its id. It does not run yet.

    name: the learner's word; without one the engine picks. publish: container ports (TCP), each on 127.0.0.1 and a
    port that the engine picks. settings: the options of `docker run`; without a word, bounds for memory and processes.

    Raises: NoSuchImage (nothing is pulled), NameTaken.
    Equivalent: docker create --label containers-unpacked=1 …
    """
    network = settings.network
    networking = None
    if network and settings.network_alias:
        endpoint: Any = {network: client.create_endpoint_config(aliases=list(settings.network_alias))}
        networking = client.create_networking_config(endpoint)
    answer = client.create_container(
        image,
        command=list(command) or None,
        name=labels.object_name(name) if name else None,
        labels=labels.labels(scene),
        ports=list(publish) or None,
        environment=dict(settings.environment) or None,
        hostname=settings.hostname or None,
        user=settings.user or None,
        entrypoint=list(settings.entrypoint) or None,
        stop_signal=settings.stop_signal or None,
        host_config=client.create_host_config(**_host(settings, publish)),
        networking_config=networking,
    )
    return str(answer["Id"])


def create_in_place(
    client: Client,
    image: str,
    command: Sequence[str] = (),
    *,
    scene: str,
    name: str,
    publish: Sequence[int] = (),
    settings: Settings = PLAIN,
    start: bool = True,
) -> str:
    """Makes a container in place of the scene's own of that name, whoever's else is left alone; returns its id.

    The older one goes only when the new one is there, and runs if it is to: a slip of the pen must not cost a server.

    Raises: what `create` and `start` raise; nothing is changed then.
    """
    full = labels.object_name(name)
    older = [old for old in ours(client, scene=scene) if old.full_name == full]
    made = create(
        client,
        image,
        command,
        scene=scene,
        name=None if older else name,
        publish=publish,
        settings=settings,
    )
    try:
        if start:
            client.start(made)
        for old in older:
            remove(client, old.id)
        if older:
            client.rename(made, full)
    except BaseException:
        remove(client, made)
        raise
    return made


def _host(settings: Settings, publish: Sequence[int]) -> dict[str, Any]:
    """docker-py's names for the settings that belong to the engine's host; only those that are set."""
    policy, _, times = settings.restart.partition(":")
    memory = settings.memory_bytes
    wanted: dict[str, Any] = {
        "port_bindings": dict.fromkeys(publish, (LOCAL, None)),
        "binds": {source: {"bind": target, "mode": "rw"} for source, target in settings.mounts.items()},
        "tmpfs": dict(settings.tmpfs),
        "network_mode": settings.network,
        "pid_mode": settings.pid,
        "ipc_mode": settings.ipc,
        "uts_mode": settings.uts,
        "cgroupns": settings.cgroupns,
        "mem_limit": memory,
        "memswap_limit": memory,  # the same: no swap on top
        "nano_cpus": round(settings.cpus * 1e9),
        "cpu_shares": settings.cpu_shares,
        "cpuset_cpus": settings.cpuset_cpus,
        "pids_limit": settings.pids_limit,
        "read_only": settings.read_only,
        "cap_add": list(settings.cap_add),
        "cap_drop": list(settings.cap_drop),
        "security_opt": list(settings.security_opt),
        "restart_policy": {"Name": policy, "MaximumRetryCount": int(times or 0)} if policy else None,
        "init": settings.init,
        "extra_hosts": dict(settings.add_host),
    }
    return {name: value for name, value in wanted.items() if value}


def start(client: Client, container_id: str) -> None:
    """Starts it. Equivalent: docker start CONTAINER.

    Raises: PortTaken, EngineRefused (no such program in the image, for one).
    """
    client.start(container_id)


def wait(client: Client, container_id: str, *, seconds: float = 60) -> int:
    """The exit code, once the container's first process has ended.

    Raises: WaitedTooLong with the last lines of its output.
    """
    try:
        return int(client.wait(container_id, timeout=round(seconds) or 1)["StatusCode"])
    except errors.WaitedTooLong as error:
        raise errors.WaitedTooLong(
            "the end of the command",
            seconds=seconds,
            status=inspect(client, container_id).state.value,
            log=tuple(logs(client, container_id, tail=5).splitlines()),
        ) from error


def logs(client: Client, container_id: str, *, tail: int | Literal["all"] = "all") -> str:
    """Standard output and error of the container's first process, as text: of a very long log the last 16 MB.

    Equivalent: docker logs CONTAINER
    """
    return output.log(client, container_id, tail=tail).text


def log(client: Client, container_id: str, *, stdout: bool = True, stderr: bool = True) -> Text:
    """The same as a learner sees it: the last 256 kB, and a sentence if that is not all."""
    return output.shown_log(client, container_id, stdout=stdout, stderr=stderr)


def remove(client: Client, container_id: str) -> None:
    """Ends and removes it with its anonymous volumes; that it is gone already is fine.

    Equivalent: docker rm --force --volumes CONTAINER
    """
    try:
        client.remove_container(container_id, v=True, force=True)
    except errors.NotFound:
        return
    except errors.EngineRefused as error:
        if "already in progress" not in error.message:  # --rm, or a second learner's hand, is faster
            raise
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and exists(client, container_id):
            time.sleep(0.05)


def stop(client: Client, container_id: str, *, grace: int = 10) -> None:
    """Asks it to end (SIGTERM), and ends it (SIGKILL) after `grace` seconds. Equivalent: docker stop CONTAINER."""
    client.stop(container_id, timeout=grace)


def exists(client: Client, container_id: str) -> bool:
    """True if the engine still knows it."""
    try:
        client.inspect_container(container_id)
    except errors.NotFound:
        return False
    return True


def execute(
    client: Client, container: Container, command: Sequence[str], *, seconds: float = execution.SECONDS
) -> Output:
    """Runs a second command inside a running container and waits for its end, at most `seconds`: then it is ended.

    A program that is not there gives exit code 126 or 127, by version. Equivalent: docker exec CONTAINER COMMAND
    """
    done = execution.execute(client, container.id, command, keep=output.SHOWN, seconds=seconds)
    return Output(
        container=container,
        command=tuple(command),
        text=done.taken.text,
        exit_code=done.exit_code,
        cut=done.cut(seconds),
    )


def run(client: Client, image: str, command: Sequence[str], *, scene: str, seconds: float = 60) -> Finished:
    """Creates, starts, waits, reads and removes: what `docker run --rm` does, call by call, with bounds.

    Raises: NoSuchImage, EngineRefused, WaitedTooLong. Nothing is left on the engine either way.
    """
    started = time.perf_counter()
    container_id = create(client, image, command, scene=scene)
    try:
        start(client, container_id)
        code = wait(client, container_id, seconds=seconds)
        took = time.perf_counter() - started
        said = log(client, container_id)
    finally:
        remove(client, container_id)
    return Finished(image=image, command=tuple(command), exit_code=code, output=said.text, seconds=took, cut=said.cut)


def inspect(client: Client, container_id: str) -> Container:
    """One container, everything known. Equivalent: docker inspect CONTAINER.

    Raises: NotFound.
    """
    return container_list.inspected(client.inspect_container(container_id))


def health(client: Client, container_id: str) -> str:
    """What its health check says: "starting", "healthy" or "unhealthy"; "" if it has none.

    Raises: NotFound.
    Equivalent: docker inspect --format {{.State.Health.Status}} CONTAINER
    """
    state = client.inspect_container(container_id).get("State") or {}
    found = str((state.get("Health") or {}).get("Status") or "")
    return "" if found == "none" else found


def ending(client: Client, container_id: str, *, ask: bool = False) -> Ending:
    """How its last run ended.

    ask: also whether somebody ordered it, which takes two calls more; else only where memory ran out or may have: then
    an order is the other reason there can be, and a lack of memory that the engine announced counts as noted.

    Raises: NotFound.
    Equivalent: docker inspect --format '{{json .State}}' CONTAINER
    """
    found = container_list.ended(client.inspect_container(container_id))
    may_be_memory = found.oom_killed or (found.exit_code == KILLED and found.memory_limit)
    if found.exit_code is None or not found.ended or not (ask or may_be_memory):
        return found
    until = time.monotonic() + LATE
    while True:
        ordered, announced = of_container.told_of_its_end(client, container_id, found.exit_code)
        told = replace(found, ordered=ordered, oom_killed=found.oom_killed or announced)
        if not told.unexplained or time.monotonic() > until:
            return told
        time.sleep(0.1)


def ours(client: Client, *, scene: str | None = None, everything: bool = True) -> tuple[Container, ...]:
    """The containers that the course made for this learner, newest first, as the journal proves.

    One HTTP call: docker-py's list would inspect each again. What only inherited labels from its image is left out.

    Equivalent: docker ps --all --filter label=containers-unpacked=1
    """
    found = client.containers(all=everything, filters=labels.filters(scene=scene))
    ledger = client.ledger()
    return tuple(container_list.listed(row) for row in found if ledger.entry("container", row["Id"], row.get("Labels")))
