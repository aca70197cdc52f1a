"""Asking containers the same questions over HTTP, and keeping the digests of what they say."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from helpers import errors
from helpers.engine import containers, location, waiting
from helpers.engine.bounded import http
from helpers.engine.client import Client
from helpers.engine.model.container import Container, State
from helpers.packaging.model.http_answers import Answers, Asked, Body

LIMIT = 1_000_000  # bytes that are read of one answer
SECONDS = 3.0  # for one answer


def ask(client: Client, found: Mapping[str, Container], paths: Sequence[str], *, seconds: float) -> Answers:
    """Asks every container for every path. seconds: how long each may take until it answers for the first time.

    Raises: CourseError if one does not run or publishes no port; WaitedTooLong with the end of its log.
    """
    for name, container in found.items():
        _may_be_asked(name, container)
    asked = tuple(
        Asked(
            name=name,
            container=container,
            bodies=tuple(_body(client, container, path, seconds=seconds) for path in paths),
        )
        for name, container in found.items()
    )
    return Answers(paths=tuple(paths), asked=asked)


def _may_be_asked(name: str, container: Container) -> None:
    if container.state is not State.RUNNING:
        raise errors.CourseError(
            f"{name} is not running.",
            f"it {container.state.said}, and only a running container answers",
            "containers.logs shows what it wrote before it ended.",
        )
    if not container.published:
        raise errors.CourseError(
            f"{name} publishes no port.", "it is asked through a published one", "Start it again with publish=PORT."
        )


def _body(client: Client, container: Container, path: str, *, seconds: float) -> Body:
    url = f"http://127.0.0.1:{container.published[0].port}/{path.lstrip('/')}"

    def attempt() -> Body | None:
        body = _get(url)
        if body is None and containers.inspect(client, container.id).state in (State.EXITED, State.DEAD):
            raise _silent(client, container, path, seconds)
        return body

    try:
        return waiting.until(attempt, f"an answer from {path}", seconds=seconds)
    except errors.WaitedTooLong as error:
        if error.log:
            raise
        raise _silent(client, container, path, seconds) from error


def _silent(client: Client, container: Container, path: str, seconds: float) -> errors.WaitedTooLong:
    now = containers.inspect(client, container.id)
    return errors.WaitedTooLong(
        f"an answer of {container.name} for {path}",
        seconds=seconds,
        status=now.state.value if now.exit_code is None else f"ended with exit code {now.exit_code}",
        log=tuple(containers.logs(client, container.id, tail=5).splitlines()),
        place=location.where(client).unforwarded if now.exit_code is None else "",
    )


def _get(url: str) -> Body | None:
    """One GET request; None if nothing answered."""
    try:
        found = http.get(url, most=LIMIT, seconds=SECONDS, follow=False)
    except OSError:
        return None
    if found.late or not (found.whole or len(found.data) == LIMIT):
        return None  # a part of an answer, which differs from time to time
    return Body(
        status=found.status,
        digest=hashlib.sha256(found.data).hexdigest(),
        size=len(found.data),
        cut=not found.whole,
    )
