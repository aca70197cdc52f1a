"""How long it takes to start and stop a container, and a plain process: measured, one after the other."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from helpers.containers.model.timing import Strip, Timing
from helpers.engine import containers
from helpers.engine.client import Client, open_client
from helpers.engine.model.settings import Settings

SLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
HANDLES = ["sh", "-c", "trap 'exit 0' TERM; sleep 60 & wait"]
IGNORES = ["sleep", "60"]  # as process 1: without a handler of its own, SIGTERM does nothing to it
QUIET = Settings(network="none")


def measure(client: Client, image: str, *, rounds: int, grace: int, scene: str, say: Callable[[str], None]) -> Timing:
    """Starts and stops, `rounds` times each. Everything it makes is removed.

    The containers have no network, so that what is measured is the container. Those that ignore the signal are
    stopped side by side: each waits for the grace period, and that would be long one after the other.

    Raises: NoSuchImage.
    """
    say("starting and stopping a plain process")
    process_start, process_stop = _process(rounds)
    made: list[str] = []
    with contextlib.ExitStack() as stack:
        # a connection for each that waits, opened before the engine is busy: a slow one would not answer in time then
        lines = [stack.enter_context(contextlib.closing(open_client(client.address))) for _ in range(rounds)]
        stack.callback(_remove_all, lines, made)
        say("starting and stopping containers")
        starts, stops = [], []
        for _ in range(rounds):
            made.append(containers.create(client, image, HANDLES, scene=scene, settings=QUIET))
            starts.append(_timed(lambda: containers.start(client, made[-1])))
            stops.append(_timed(lambda: containers.stop(client, made[-1], grace=grace)))
        say("stopping containers whose process 1 does not handle the signal")
        deaf = [containers.create(client, image, IGNORES, scene=scene, settings=QUIET) for _ in range(rounds)]
        made.extend(deaf)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda one: containers.start(client, one), deaf))
        with ThreadPoolExecutor(rounds) as pool:
            ignored = list(pool.map(lambda line, one: _stopped(line, one, grace), lines, deaf))
    return Timing(
        image=image,
        rounds=rounds,
        grace=grace,
        start=(
            Strip(what="a plain process", seconds=process_start),
            Strip(what="a container", seconds=tuple(starts)),
        ),
        stop=(
            Strip(what="a plain process", seconds=process_stop),
            Strip(what="a container that handles SIGTERM", seconds=tuple(stops)),
            Strip(what="a container that does not", seconds=tuple(ignored)),
        ),
    )


def _process(rounds: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    starts, stops = [], []
    for _ in range(rounds):
        begun = time.perf_counter()
        process = subprocess.Popen(SLEEP, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        starts.append(time.perf_counter() - begun)
        stops.append(_timed(lambda: _end(process)))  # noqa: B023  called at once
    return tuple(starts), tuple(stops)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=10)


def _timed(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def _stopped(line: Client, container_id: str, grace: int) -> float:
    return _timed(lambda: containers.stop(line, container_id, grace=grace))


def _remove_all(lines: Sequence[Client], made: Sequence[str]) -> None:
    """Four at a time, or as many as there are connections."""
    at_once = min(4, len(lines))

    def some(place: int) -> None:
        for one in made[place::at_once]:
            containers.remove(lines[place], one)

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(some, range(at_once)))
