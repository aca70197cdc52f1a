"""A learner's image, started for a check: what its first process does on a signal, its zombies, its health.

Each runs with the rights of `helpers.lab.engine.sandbox`: no network, nothing but /tmp to write to, no capabilities,
little memory. Nothing is left.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from helpers import errors
from helpers.dockerfile.engine import processes, signals, steps
from helpers.dockerfile.model.begin import STOP, Begin
from helpers.dockerfile.model.starts import ZOMBIE, Ended, brief
from helpers.engine import containers
from helpers.engine.client import Client
from helpers.engine.model.container import State
from helpers.lab.engine import sandbox

READY = 8.0  # seconds that a program may take until it is up, if a text is waited for
NOT_FOUND = 127  # the shell's and the engine's number for a program that is not there
_SECOND = 1_000_000_000  # nanoseconds


def stops(
    client: Client, image: str, command: Sequence[str], *, ready: str, seconds: float, init: bool, scene: str
) -> Ended:
    """Starts it, waits until it is up, and sends the signal that `docker stop` would: see `Dockerfiles.stops`."""
    signal = steps.begin(client, image).stop_signal or STOP
    with _made(client, image, command, init=init, scene=scene) as made:
        try:
            containers.start(client, made)
        except errors.EngineRefused as error:
            code = containers.inspect(client, made).exit_code
            return Ended(seconds=None, exit_code=code or NOT_FOUND, output=brief(error.message))
        up = _up(client, made, ready, scene=scene)
        if up.exit_code is not None:
            return Ended(seconds=None, exit_code=up.exit_code, output=up.log)
        return signals.send(client, made, up, signal=signal, seconds=seconds)


def zombies(client: Client, image: str, *, ready: str, seconds: float, init: bool, scene: str) -> int:
    """How many ended processes nobody has collected, so many seconds after it was up.

    Raises: NotRunning if it has ended by then; NoSuchProgram.
    """
    with _made(client, image, (), init=init, scene=scene) as made:
        containers.start(client, made)
        _up(client, made, ready, scene=scene)
        time.sleep(seconds)  # a time of the experiment, not a wait for a condition
        return zombies_in(client, made, scene=scene)


def zombies_in(client: Client, container_id: str, *, scene: str) -> int:
    """The same in a container that runs.

    Raises: NotRunning.
    """
    found = containers.inspect(client, container_id)
    if found.state is not State.RUNNING:
        raise errors.NotRunning(
            f"{found.name} is not running.",
            f"it {found.state.said}, and an ended container has no processes",
            "Look at its log, and start it again.",
        )
    return sum(one.state == ZOMBIE for one in processes.inside(client, container_id, scene=scene))


def health(client: Client, image: str, *, seconds: float, scene: str) -> tuple[str, ...]:
    """The states that its health check goes through, each change once; () if it has none.

    It is asked once a second, if the image would have it asked less often; the rest is as the image says. It ends with
    the first state that is not "starting", or after so many seconds.

    Raises: NoSuchProgram.
    """
    config = steps.config(client, image)
    if not Begin.read(config).health:
        return ()
    every = min(int((config["Healthcheck"]).get("Interval") or _SECOND), _SECOND)
    until, seen = time.monotonic() + seconds, list[str]()
    # without a test of its own the image's is inherited
    with _made(client, image, (), init=False, scene=scene, healthcheck={"interval": every}) as made:
        containers.start(client, made)
        while time.monotonic() < until:
            found = containers.health(client, made)
            if found and found not in seen[-1:]:
                seen.append(found)
            if seen[-1:] not in ([], ["starting"]) or containers.inspect(client, made).state is not State.RUNNING:
                break
            time.sleep(signals.PAUSE)
    return tuple(seen)


def _up(client: Client, made: str, ready: str, *, scene: str) -> signals.Up:
    return signals.until_up(client, made, scene=scene, ready=ready, seconds=READY if ready else signals.SETTLED)


@contextlib.contextmanager
def _made(
    client: Client,
    image: str,
    command: Sequence[str],
    *,
    init: bool,
    scene: str,
    healthcheck: Mapping[str, Any] = sandbox.NO_HEALTHCHECK,
) -> Iterator[str]:
    made = sandbox.create(client, image, command, scene=scene, init=init, healthcheck=healthcheck)
    try:
        yield made
    finally:
        sandbox.remove(client, made)
