"""What one can wait for: a URL answers, a line is in the log, the container is healthy, it has ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

from helpers import errors
from helpers.containers.model.wait import Sight, Waited
from helpers.engine import containers, waiting
from helpers.engine.client import Client
from helpers.engine.model.container import Container, State

# One look: whether the condition is met, and what was found, in words.
Look: TypeAlias = "Callable[[], tuple[bool, str]]"
OVER = (State.EXITED, State.DEAD)


def wait(
    client: Client,
    found: Container,
    look: Look,
    condition: str,
    *,
    seconds: float,
    running: bool = True,
    door: waiting.Door | None = None,
) -> Waited:
    """Looks until the condition is met, and keeps every change that was seen.

    condition: in words, as in "an answer from /". seconds: the deadline. running: the container has to run for it, so
    that one that has ended is not waited for. door: the published port that it is about, if it is about one.

    Raises: WaitedTooLong with the last thing seen and the end of the log; NotFound if the container is removed.
    """
    started = time.monotonic()
    sights: list[Sight] = []
    looks = 0

    def attempt() -> bool | None:
        nonlocal looks
        met, said = look()
        looks += 1
        if not sights or sights[-1].said != said:
            sights.append(Sight(after=time.monotonic() - started, said=said))
        if met:
            return True
        now = containers.inspect(client, found.id)
        if running and now.state in OVER:
            sights.append(Sight(after=time.monotonic() - started, said=f"it has ended with exit code {now.exit_code}"))
            give_up()
        return None

    def give_up() -> None:
        over = containers.inspect(client, found.id).state in OVER
        log = containers.logs(client, found.id, tail=10)
        raise errors.WaitedTooLong(
            condition,
            seconds=round(min(seconds, time.monotonic() - started), 1),
            status=sights[-1].said if sights else "nothing",
            log=tuple(log.splitlines()),
            place=door.place if door and not over else "",
        )

    try:
        waiting.until(attempt, condition, seconds=seconds)
    except errors.WaitedTooLong:
        give_up()
    return Waited(
        container=containers.inspect(client, found.id), condition=condition, sights=tuple(sights), looks=looks
    )


def answers(door: waiting.Door) -> Look:
    """Anything that a published port answers over HTTP, whatever the status."""

    def look() -> tuple[bool, str]:
        answer = door.ask()
        there = f", asked on the engine's host: {answer.elsewhere}" if answer.elsewhere else ""
        return bool(answer.status), f"HTTP status {answer.status}{there}" if answer.status else "no answer yet"

    return look


def log_line(client: Client, container_id: str, text: str) -> Look:
    """A line of the log that contains `text`."""

    def look() -> tuple[bool, str]:
        lines = containers.logs(client, container_id).splitlines()
        line = next((line for line in lines if text in line), None)
        if line is not None:
            return True, line
        return False, "no such line in the log yet" if lines else "the log is empty"

    return look


def healthy(client: Client, container_id: str) -> Look:
    """The container's own health check says healthy.

    Raises: CourseError, at the look, if the container has none.
    """

    def look() -> tuple[bool, str]:
        health = containers.health(client, container_id)
        if not health:
            raise errors.CourseError(
                "This container can't become healthy.",
                "neither its image nor its start named a health check",
                'Wait for an answer instead: containers.wait("web", answers="/").',
            )
        return health == "healthy", health

    return look


def ended(client: Client, container_id: str) -> Look:
    """Its first process has ended."""

    def look() -> tuple[bool, str]:
        now = containers.inspect(client, container_id)
        over = now.state in OVER
        return over, f"ended with exit code {now.exit_code}" if over else now.state.value

    return look
