"""Watching what containers use while a bounded load runs in them.

A helper container reads the cgroups and writes them to its log, a few times a second. Helper and load each have their
end built in, inside the engine: they end in time even if the kernel of the notebook dies.
"""

from __future__ import annotations

import contextlib
import math
import secrets
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from helpers import errors
from helpers.engine import containers
from helpers.engine.bounded import rights
from helpers.engine.client import Client
from helpers.engine.model.container import Container, State
from helpers.isolation.engine import limits
from helpers.isolation.model.limits import Reading, blocks, read
from helpers.isolation.model.usage import Track, Watched, track

LONGEST = 20  # seconds
MOST_MEMORY = 256 * 1024 * 1024  # bytes
PAUSE = 0.2
STARTING = 40  # seconds that the loads may take to start; the helper ends that long after the watch, at the latest
_STEPS = 8  # each costs two processes, which are slow to start where a machine is emulated
MARK = "COURSE_LOAD"  # in the environment of a load and all it starts


def load(word: str, seconds: int, *, memory: int, spare: int = 0) -> tuple[str, ...]:
    """The command of a load, which ends by itself after `seconds` and `spare` more.

    cpu: one process that counts. memory: grows to `memory` bytes in a second, or a third of `seconds`, and holds them.
    both: at once. processes, which needs nothing to spare: tries to start 60, which sleep. One shell stays the parent
    of all: a container's own PID 1 may not clear up orphans, and what nobody clears up counts as a process.
    """
    last = seconds + spare
    if word == "cpu":
        script = f"while :; do :; done & sleep {last}; kill $!; wait"
    elif word == "memory":
        script = _grow(memory, min(seconds / 3, 1), seconds / 2 + spare)
    elif word == "both":
        # it grows in a second, so that nearly all the time is there to change something; both end with the sleep
        script = f"while :; do :; done & one=$!; {_grow(memory, 1, last)} & sleep {last}; kill $one; wait"
    else:
        script = f"i=0; while [ $i -lt 60 ]; do i=$((i+1)); sleep {seconds} & sleep 0.02; done; wait"
    return ("sh", "-c", script)


def _grow(memory: int, seconds: float, held: float) -> str:
    """Grows to `memory` bytes in `seconds`, and holds them for `held` more.

    `tail` keeps all it reads until its input ends: a line without an end is kept whole.
    """
    step, pause = memory // _STEPS, seconds / _STEPS
    return (
        f"(i=0; while [ $i -lt {_STEPS} ]; do i=$((i+1)); head -c {step} /dev/zero; sleep {pause:.2f}; done; "
        f"sleep {held:g}) | tail > /dev/null"
    )


def watch(
    client: Client,
    found: Sequence[Container],
    command: Callable[[int], Sequence[str]] | None,
    *,
    word: str,
    seconds: int,
    scene: str,
    halfway: Callable[[], Any] | None = None,
    show: Callable[[Watched], None] = lambda _: None,
) -> Watched:
    """Starts a load in each container and reads all of them for `seconds`, from when every load runs.

    On a slow engine a load takes seconds to start; what happens until then is no part of the chart. What is counted,
    such as refused processes, is compared with the last reading before the loads: a load may be over at once.

    command: of the load, by the seconds that it is to go on longer: the first may run while the last one is started.
    None: no load. halfway: called in the middle. show: called with what there is so far, about twice a second.

    Raises: EngineRefused if a load can't be started; whatever `halfway` raises. No helper and no load is left.
    """
    lines = " ".join(f"one {c.pid};" for c in found)
    script = limits.PREAMBLE + f"while :; do {lines} sleep {PAUSE}; done"
    watching = ["timeout", str(seconds + STARTING), "sh", "-c", script]
    made = rights.make(client, "cgroups", watching, scene=scene)
    seen: dict[int, list[Reading]] = {c.pid: [] for c in found}
    before: dict[int, Reading] = {}
    change: float | None = None
    begin = now = 0.0
    loads: list[str] = []
    loading = False
    mark = secrets.token_hex(8)

    def tracks(running: Collection[str]) -> tuple[Track, ...]:
        return tuple(
            track(c.name, seen[c.pid], begin=begin, before=before.get(c.pid), ended=c.id not in running) for c in found
        )

    try:
        asked = time.monotonic()
        containers.start(client, made)
        log = _Log(client, made)
        if command is not None:
            while not before and log.runs:
                before = {reading.pid: reading for reading in log.new()}
            spare = 1 + math.ceil(2 * (time.monotonic() - asked))  # as slow as the helper was, a load may be, too
            loading = True
            loads = _begin_loads(client, found, command(spare), mark)
            log.new()  # what was read meanwhile is no part of the chart
        started = heard = time.monotonic()
        shown, over = 0.0, False
        while not over:
            time.sleep(PAUSE / 2)
            passed = time.monotonic() - started
            if change is None and halfway is not None and passed >= seconds / 2:
                halfway()
                change = max(now - begin, 0.0)
            over = passed >= seconds or not log.runs
            for reading in log.new():
                begin, now, heard = begin or reading.at, reading.at, time.monotonic()
                if reading.pid in seen and reading.at <= begin + seconds:
                    seen[reading.pid].append(reading)
            if passed - shown > 0.5:
                shown = passed
                everyone = {c.id for c in found}
                show(Watched(tracks=tracks(everyone), load=word, seconds=seconds, change=change))
            over = over or (begin > 0 and time.monotonic() - heard > 1 and not any(_runs(client, c) for c in found))
    except BaseException:
        for container in found if loading else ():
            end_load(client, container, mark)
        raise
    finally:
        containers.remove(client, made)
    for container, one in zip(found, loads, strict=False):
        _wait_load(client, one)
        _check_load(client, container, one)
    if not any(seen.values()) and not before:
        raise limits.unreadable(found[0])
    running = {c.id for c in found if _runs(client, c)}
    return Watched(tracks=tracks(running), load=word, seconds=seconds, change=change)


class _Log:
    """What the helper has read so far; each reading is handed out once. runs: the helper did, when last asked.

    Asked for again and again: a stream that is left in the middle would leave a connection behind.
    """

    def __init__(self, client: Client, helper: str) -> None:
        self._client, self._helper, self._done, self.runs = client, helper, 0, True

    def new(self) -> list[Reading]:
        """The readings since the last time."""
        self.runs = containers.inspect(self._client, self._helper).state is State.RUNNING
        found = list(blocks(containers.logs(self._client, self._helper)))
        fresh = [reading for block in found[self._done :] if (reading := read(block)) is not None]
        self._done = len(found)
        return fresh


def _begin_loads(client: Client, found: Sequence[Container], command: Sequence[str], mark: str) -> list[str]:
    """Starts the load in all of them at the same time, since each ends by itself; returns the ids of the execs."""
    with ThreadPoolExecutor(len(found)) as pool:
        return list(pool.map(lambda container: begin_load(client, container, command, mark), found))


def begin_load(client: Client, container: Container, command: Sequence[str], mark: str) -> str:
    """Starts a load in a running container; returns the id of the exec. mark: a word that names it to end_load."""
    made = str(client.exec_create(container.id, list(command), environment={MARK: mark})["Id"])
    client.exec_start(made, detach=True)
    return made


def _wait_load(client: Client, load_id: str) -> None:
    """Waits for its end, so that it takes nothing from what is watched next."""
    deadline = time.monotonic() + STARTING
    with contextlib.suppress(errors.NotFound):  # the container has ended, and its loads with it
        while client.exec_inspect(load_id).get("Running") and time.monotonic() < deadline:
            time.sleep(PAUSE)


def _check_load(client: Client, container: Container, load_id: str) -> None:
    """Raises: CourseError if the load never ran: no shell, or no room for another process."""
    with contextlib.suppress(errors.NotFound):  # the container has ended, and its loads with it
        code = client.exec_inspect(load_id).get("ExitCode")
        if code in (126, 127, 128, 254, 255):
            raise errors.CourseError(
                f"The load could not be started in {container.name}.",
                f"a second process ended at once with exit code {code}: the image has no shell, or the container may "
                "start no further process",
                "Look at isolation.limits, or start a container from an image with a shell.",
            )


def end_load(client: Client, container: Container, mark: str) -> None:
    """Ends what is left of the load, which bears the mark: after an interrupt it would go on until its own end."""
    script = f"kill -9 $(grep -l {MARK}={mark} /proc/[0-9]*/environ | cut -d/ -f3)"
    with contextlib.suppress(errors.EngineError):
        client.exec_start(client.exec_create(container.id, ["sh", "-c", script])["Id"], detach=True)


def _runs(client: Client, container: Container) -> bool:
    try:
        return containers.inspect(client, container.id).pid == container.pid
    except errors.NotFound:
        return False
