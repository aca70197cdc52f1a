"""Waiting for a condition with a deadline. Nothing in the course sleeps blindly."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TypeVar

from helpers import errors
from helpers.engine import containers
from helpers.engine.client import Client
from helpers.model.container import Answer, State

T = TypeVar("T")
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


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

    At most 64 kB of the body are read.
    """
    try:
        with _NO_PROXY.open(url, timeout=seconds) as response:
            return Answer(url=url, status=response.status, body=response.read(65536).decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(url=url, status=error.code, body=error.read(65536).decode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        return Answer(url=url, status=0, body=str(getattr(error, "reason", error)))


def until_answers(client: Client, container_id: str, url: str, *, seconds: float = 15) -> Answer:
    """The first answer of `url`, whatever its status; gives up early if the container has ended.

    Raises: WaitedTooLong with the container's state and the end of its log.
    """

    def attempt() -> Answer | None:
        answer = get(url, seconds=2)
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

    return until(
        attempt,
        f"an answer from {url}",
        seconds=seconds,
        status=lambda: containers.inspect(client, container_id).state.value,
    )
