"""Bounds for a build whose Dockerfile somebody else wrote: a deadline, and room that has to stay on the engine's disk.

Such a build has no network either, and with the classic builder a limit for memory. BuildKit has none for a build, and
neither has one for processes: there the deadline alone is a bound.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from helpers import errors
from helpers.engine import containers, location
from helpers.engine.bounded import output, rights
from helpers.engine.client import Client
from helpers.engine.model.location import Where
from helpers.engine.session import session

SILENT_SECONDS = 600.0  # that a build may say nothing, with bounds or without
PAUSE = 0.25  # seconds between two looks at the disk
_FREE = f"while :; do df -Pk / | tail -n 1; sleep {PAUSE}; done"  # a container's root is on the engine's disk
_NEXT = "Look at the RUN lines: one of them never ends, or never stops writing. Then run it again."


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """seconds: for the whole build. disk: bytes by which the free room may fall. memory: bytes for each RUN."""

    seconds: float = 60
    disk: int = 1_000_000_000
    memory: int = 1024 * 1024 * 1024


@dataclass
class Guard:
    """One build under watch. why: it was stopped; "" if it was not. blind: the engine's disk could not be seen."""

    why: str = ""
    blind: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def stopped(self, log: tuple[str, ...]) -> errors.BuildStopped:
        """The error for a build that was stopped. log: its last lines."""
        return stopped(self.why, log)


def stopped(why: str, log: tuple[str, ...]) -> errors.BuildStopped:
    """The error for a build that was stopped. log: its last lines."""
    return errors.BuildStopped(
        "The build was stopped.", instruction="", exit_code=None, log=log, why=why, next_step=_NEXT
    )


def silent(seconds: float, log: tuple[str, ...]) -> errors.BuildStopped:
    """The error for a build that was stopped because it said nothing more."""
    return stopped(f"nothing more was heard of it for {seconds:g} s", log)


@contextlib.contextmanager
def guarded(client: Client, bounds: Bounds | None, stop: Callable[[], None]) -> Iterator[Guard]:
    """Watches the build in this block, and calls `stop` from another thread when a bound is reached.

    Without bounds nothing is watched.
    """
    guard = Guard()
    if bounds is None:
        yield guard
        return
    with _room(client) as free:
        guard.blind = free() is None
        watch = threading.Thread(target=_watch, args=(guard, bounds, stop, free), name="build-guard", daemon=True)
        watch.start()
        try:
            yield guard
        finally:
            guard.over.set()
            watch.join(10)


def _watch(guard: Guard, bounds: Bounds, stop: Callable[[], None], free: Callable[[], int | None]) -> None:
    until, before = time.monotonic() + bounds.seconds, free()
    while not guard.over.wait(PAUSE):
        now = free()
        if time.monotonic() > until:
            guard.why = f"it had not ended after {bounds.seconds:g} s"
        elif before is not None and now is not None and before - now > bounds.disk:
            guard.why = f"the engine's disk had {(before - now) / 1e9:.1f} GB less room than before"
        if guard.why:
            stop()
            return


@contextlib.contextmanager
def _room(client: Client) -> Iterator[Callable[[], int | None]]:
    """What gives the free bytes of the engine's disk; None where they can't be known.

    On this computer the system tells. Elsewhere a helper container, for as long as the build takes.
    """
    if root := _root_here(client):
        yield lambda: _free_here(root)
        return
    helper = ""
    try:
        try:
            helper = rights.make(client, "room", ["timeout", "600", "sh", "-c", _FREE], scene=session.scene)
            client.start(helper)
        except errors.EngineRefused:
            yield lambda: None
        else:
            _first(client, helper)
            yield lambda: _free_there(client, helper)
    finally:
        if helper:
            containers.remove(client, helper)


def _root_here(client: Client) -> str:
    """The engine's folder, if its disk is certainly one of this computer's; else ""."""
    place = location.where(client)
    root = str(client.info().get("DockerRootDir") or "")
    certain = place.where is Where.THIS_COMPUTER and not place.inferred and Path(root).exists()
    return root if certain and hasattr(os, "statvfs") else ""


def _free_here(root: str) -> int:
    found = os.statvfs(root)
    return found.f_bavail * found.f_frsize


def _first(client: Client, helper: str) -> None:
    until = time.monotonic() + 10
    while _free_there(client, helper) is None and time.monotonic() < until:
        time.sleep(0.05)


def _free_there(client: Client, helper: str) -> int | None:
    try:
        with client.unrecorded():
            words = output.log(client, helper, tail=1, keep=1000, seconds=2).text.split()
    except errors.EngineError:
        return None
    return int(words[3]) * 1024 if len(words) >= 4 and words[3].isdigit() else None
