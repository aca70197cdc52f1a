"""One container from its start to its end: until it is up, what a signal does to it, and how it ended."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from helpers import errors
from helpers.dockerfile.engine import processes
from helpers.dockerfile.model.begin import STOP
from helpers.dockerfile.model.starts import Ended, Process
from helpers.engine import containers
from helpers.engine.bounded import output
from helpers.engine.client import Client
from helpers.engine.model.container import State

PAUSE = 0.1  # seconds between two looks
SETTLED = 2.0  # seconds after which a program that writes nothing counts as up
SLICE = 1.0  # seconds of a wait in one piece
SPARE = 10.0  # seconds that the engine may take for an end after SIGKILL
KEPT = 64 * 1024  # bytes of a log
KILLED = 128 + 9  # the exit code after SIGKILL


@dataclass(frozen=True, kw_only=True)
class Up:
    """A container at the moment when it was up, or had ended. exit_code: None if it runs. log: what it wrote so far."""

    tree: tuple[Process, ...]
    log: str
    exit_code: int | None = None


def until_up(
    client: Client,
    container_id: str,
    *,
    scene: str,
    ready: str = "",
    seconds: float = SETTLED,
    going: Callable[[], bool] = lambda: True,
) -> Up:
    """Waits until a started container is up: it has written `ready`, or anything, and starts no process for a moment.

    seconds: after which it counts as up, whatever it has written. going: False ends the wait.
    """
    until, before = time.monotonic() + seconds, None
    while True:
        found = containers.inspect(client, container_id)
        log = output.log(client, container_id, keep=KEPT).text
        if found.state is not State.RUNNING:
            return Up(tree=(), log=log, exit_code=found.exit_code if found.exit_code is not None else 0)
        tree = processes.running(client, found, scene=scene)
        late = time.monotonic() > until or not going()
        if late or (tree and tree == before and ready in log and log.strip()):
            return Up(tree=tree, log=log)
        before = tree
        time.sleep(PAUSE)


def send(
    client: Client,
    container_id: str,
    up: Up,
    *,
    signal: str = STOP,
    seconds: float,
    going: Callable[[], bool] = lambda: True,
) -> Ended:
    """Sends a running container the signal; after `seconds` without an end, SIGKILL. going: False ends the wait.

    Equivalent: docker kill --signal SIGTERM CONTAINER; docker wait CONTAINER
    """
    first = up.tree[0].command if up.tree else ""
    started = time.perf_counter()
    try:
        client.kill(container_id, signal=signal)
    except errors.EngineRefused:
        found = containers.inspect(client, container_id)
        if found.exit_code is None:
            raise
        return Ended(seconds=None, exit_code=found.exit_code, output=_log(client, container_id), first=first)
    code = _wait(client, container_id, seconds, going)
    if code is None:  # it may have ended at this very moment, or the answer was lost
        code = containers.inspect(client, container_id).exit_code
    took = time.perf_counter() - started
    if code is not None:
        return Ended(seconds=took, exit_code=code, output=_log(client, container_id), first=first, signal=signal)
    with contextlib.suppress(errors.EngineRefused):  # it has ended at this very moment
        client.kill(container_id)
    killed = _wait(client, container_id, SPARE)
    log = _log(client, container_id)
    if killed is not None and killed != KILLED:  # it ended by itself, just before
        return Ended(seconds=time.perf_counter() - started, exit_code=killed, output=log, first=first, signal=signal)
    return Ended(seconds=None, exit_code=None, output=log, first=first, signal=signal, killed=killed, waited=seconds)


def _wait(client: Client, container_id: str, seconds: float, going: Callable[[], bool] = lambda: True) -> int | None:
    """Its exit code; None if it has not ended after so many seconds."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and going():
        try:
            found = client.wait(container_id, timeout=min(left, SLICE))  # type: ignore[arg-type]  # a part of a second, too
        except errors.WaitedTooLong:
            continue
        return int(found["StatusCode"])
    return None


def _log(client: Client, container_id: str) -> str:
    return output.log(client, container_id, keep=KEPT).text
