"""Waiting for a condition with a deadline. Nothing in the course sleeps blindly."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from helpers import errors
from helpers.engine import containers, from_host, location
from helpers.engine.bounded import http
from helpers.engine.client import Client
from helpers.engine.model.container import Answer, State

T = TypeVar("T")
PATIENCE = 3.0  # seconds without an answer here, after which an engine elsewhere is asked on its own host
PAGE = 65536  # bytes of a body that are read


def until(
    condition: Callable[[], T | None], what: str, *, seconds: float, status: Callable[[], str] = lambda: "unknown"
) -> T:
    """Calls `condition` until it returns something other than None; first at once, then every 20 to 250 ms.

    Raises: WaitedTooLong with `status()` after `seconds`.
    """
    started, pause = time.monotonic(), 0.02
    while True:
        found = condition()
        if found is not None:
            return found
        if time.monotonic() - started > seconds:
            raise errors.WaitedTooLong(what, seconds=seconds, status=status())
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


def get(url: str, *, seconds: float = 3) -> Answer:
    """One GET request, never through a proxy. Status 0 if nothing answered; the body then says why.

    At most 64 kB of the body are read, for at most `seconds`; the answer says if that was not all.
    """
    try:
        found = http.get(url, most=PAGE, seconds=seconds)
    except (OSError, ValueError) as error:
        return Answer(url=url, status=0, body=str(getattr(error, "reason", error)))
    cut = ""
    if not found.whole:
        why = f"it had not ended after {seconds:g} s" if found.late else "it broke off"
        cut = "it is longer than 64 kB" if len(found.data) == PAGE else why
    return Answer(
        url=url,
        status=found.status,
        body=found.data.decode("utf-8", "replace"),
        cut=f"The page is not shown to its end, because {cut}. A browser shows all of it." if cut else "",
    )


class Door:
    """A published port, asked from here; if the engine is elsewhere and nothing comes, on the engine's host as well."""

    def __init__(self, client: Client, url: str) -> None:
        self._client, self._url, self._began = client, url, time.monotonic()
        self._place: str | None = None

    @property
    def place(self) -> str:
        """Where the engine is and what that means for its ports; "" if it is on this computer."""
        if self._place is None:
            self._place = location.where(self._client).unforwarded
        return self._place

    def ask(self) -> Answer:
        """One request. Its status is 0 if nothing answered, here or there."""
        answer = get(self._url, seconds=2)
        if answer.status or time.monotonic() - self._began < PATIENCE or not self.place:
            return answer
        there = from_host.get(self._client, self._url)
        return answer if there is None else replace(there, elsewhere=self.place)


def until_answers(client: Client, container_id: str, url: str, *, seconds: float = 15) -> Answer:
    """The first answer of `url`, whatever its status; gives up early if the container has ended.

    Where the engine is elsewhere and nothing arrives from here, the answer is one from the engine's host, and says so.

    Raises: WaitedTooLong with the container's state, the end of its log, and the engine's place if it is elsewhere.
    """
    door = Door(client, url)

    def attempt() -> Answer | None:
        answer = door.ask()
        if answer.status:
            return answer
        found = containers.inspect(client, container_id)
        if found.state in (State.EXITED, State.DEAD):
            raise errors.WaitedTooLong(
                f"an answer from {url}",
                seconds=seconds,
                status=f"the container has ended with exit code {found.exit_code}",
                log=tuple(containers.logs(client, container_id, tail=5).splitlines()),
            )
        return None

    what = f"an answer from {url}"
    try:
        return until(
            attempt, what, seconds=seconds, status=lambda: containers.inspect(client, container_id).state.value
        )
    except errors.WaitedTooLong as error:
        if not door.place or containers.inspect(client, container_id).state is not State.RUNNING:
            raise
        raise errors.WaitedTooLong(
            what, seconds=error.seconds, status=error.status, log=error.log, place=door.place
        ) from error
