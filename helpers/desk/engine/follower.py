"""Follows one engine: hears its events, looks after each burst of them, and tells what there is.

Two threads. One hears. The other looks, and pings in between, so that an engine that hangs is noticed, too. Whatever
goes wrong is told, and tried again every second: another engine may have been chosen meanwhile.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from helpers import store
from helpers.desk.engine import look, whose
from helpers.desk.model.scenery import Link, Marks, Scenery
from helpers.desk.model.story import Line, Story
from helpers.engine.client import Client, open_client
from helpers.engine.discovery import Address, candidates
from helpers.engine.model.events import Event
from helpers.engine.ownership.ledger import names
from helpers.errors import CourseError, EngineNotReachable, NoPermission, Tried

QUIET, MOST = 0.05, 0.25  # seconds that a burst may be quiet, or last, before there is a look
STORM, PAUSE = 20, 0.5  # events of one burst from which on there are seconds between two looks
PING = 2.0  # seconds between two pings
ANSWER = 3.0  # seconds that an answer may take: with a ping's, an engine that hangs is told within 6
AGAIN = 1.0  # seconds until the next try
_HEARD = 5000  # events that may wait; a flood's oldest are dropped, for the look shows what came of them
_STILL = {"attach", "detach", "exec_create", "exec_start", "exec_die", "exec_detach", "health_status", "resize", "top"}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the follower tells. number: goes up by one. events: how many led to it. since: the first one's time.

    marks: by id, what changed of late. story: the last events in words, oldest first.
    """

    number: int
    scenery: Scenery
    marks: Mapping[str, str]
    story: tuple[Line, ...]
    events: int = 0
    since: float = 0.0


class Follower:
    """One for a whole server, or for a cell. `tell` is called in the follower's thread, first at once."""

    def __init__(self, tell: Callable[[Told], None]) -> None:
        self._tell = tell
        self._bell, self._closed = threading.Event(), threading.Event()
        self._heard: deque[Event] = deque(maxlen=_HEARD)
        self._marks, self._story = Marks(), Story()
        self._number = 0
        self._hearing: _Hearing | None = None
        self._whose: whose.Whose | None = None
        self._learner = store.learner()
        self._before: Mapping[str, frozenset[str]] = {}
        self._remote = False
        self._rows: look.Rows | None = None
        self._plain = Scenery()
        self.address: Address | None = None
        self.told = Told(number=0, scenery=self._plain, marks={}, story=())
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it; waits for a call that is under way."""
        self._closed.set()
        self._bell.set()
        hearing = self._hearing
        if hearing is not None:
            hearing.close()
        if self._thread is not threading.current_thread():
            self._thread.join(ANSWER + 1)

    def own(self, container_id: str) -> bool:
        """True if the learner's container of that id was there at the last look."""
        return self._plain.link is Link.ANSWERS and self._plain.own(container_id) is not None

    def name(self, container_id: str) -> str:
        """Its name on the engine; "" if it is not there."""
        found = self._plain.own(container_id)
        return found.full_name if found is not None else ""

    # -- in the follower's thread

    def _run(self) -> None:
        self._say(Scenery())
        while not self._closed.is_set():
            client: Client | None = None
            try:
                client = _connect()
                self._follow(client)
            except Exception as error:  # whatever it is: the desk says so, and tries again
                if not self._closed.is_set():
                    self._say(Scenery(link=Link.SILENT, why=_reason(error)))
            finally:
                self.address = None
                if self._hearing is not None:
                    self._hearing.close()
                    self._hearing = None
                if client is not None:
                    client.close()
            self._closed.wait(AGAIN)

    def _follow(self, client: Client) -> None:
        self._before = whose.beginning(client)
        self._remote = whose.is_remote(client)
        self._rows = None
        self._heard.clear()
        hearing = self._hearing = _Hearing(client.address, self._take)
        hearing.wait(ANSWER)  # before the first look, so that nothing is lost in between
        if self._closed.is_set():
            return
        self.address = client.address
        self._look(client, frozenset())
        ping = time.monotonic() + PING
        while not self._closed.is_set():
            left = ping - time.monotonic()
            change = self._marks.next_change(time.monotonic())
            rung = self._bell.wait(max(0.0, left if change is None else min(left, change)))
            if self._closed.is_set():
                return
            if rung:
                self._let_it_calm_down()
            hearing.check()
            events = [self._heard.popleft() for _ in range(len(self._heard))]
            if events:
                started = time.monotonic()
                self._take_in(client, events)
                if len(events) > STORM:
                    self._closed.wait(max(0.0, PAUSE - (time.monotonic() - started)))
            elif self._marks.next_change(time.monotonic()) == 0:
                self._say(self._plain)
            if time.monotonic() >= ping:
                client.ping()
                if not _still_chosen(client.address):
                    return
                ping = time.monotonic() + PING

    def _take(self, event: Event) -> None:
        """In the hearing thread."""
        self._heard.append(event)
        self._bell.set()

    def _let_it_calm_down(self) -> None:
        begin = time.monotonic()
        while time.monotonic() - begin < MOST and not self._closed.is_set():
            self._bell.clear()
            if not self._bell.wait(QUIET):
                return
        self._bell.clear()

    def _take_in(self, client: Client, events: list[Event]) -> None:
        changes = [event for event in events if event.action not in _STILL]
        lines = self._story.heard
        if changes:
            kinds = frozenset(event.kind for event in changes)
            # a container may bring a volume without a name, and a build an image without an event
            more = {"volume"} if "container" in kinds else set()
            self._rows = look.look(client, before=self._rows, kinds=kinds | more)
            self._see(client)
        for event in events:
            self._story.hear(event, owns=self._owns(event))
        if changes or self._story.heard != lines:
            self._say(self._plain, events)

    def _look(self, client: Client, kinds: frozenset[str]) -> None:
        self._rows = look.look(client, before=self._rows, kinds=kinds)
        for row in self._rows.containers:
            self._story.call(str(row["Id"]), look.called(row))
        for image in self._rows.images:
            for name in names(image)[:1]:
                self._story.call(str(image["Id"]), name)
        self._see(client)
        self._say(self._plain)

    def _see(self, client: Client) -> None:
        assert self._rows is not None  # noqa: S101 - there was a look
        self._whose = look.whose(client, self._rows, self._before, self._learner, remote=self._remote)
        self._plain = look.scenery(client, self._rows, self._whose)

    def _owns(self, event: Event) -> Callable[[str, str], bool]:
        """Who the event's thing belongs to, by what the event itself says of it, or the last look."""

        def owns(kind: str, object_id: str) -> bool:
            found = self._whose
            if found is None:
                return False
            if kind == "container":
                if event.kind == "container":
                    return found.mine(kind, object_id, event.name, event.labels)
                return self._plain.own(object_id) is not None or self._was_told(object_id)
            if kind == "image":
                return bool(found.image(object_id, [event.name]))
            return found.mine(kind, object_id, event.name, None) or self._in_last_look(kind, object_id)

        return owns

    def _was_told(self, container_id: str) -> bool:
        return any(line.kind == "container" and line.id == container_id for line in self._story.lines)

    def _in_last_look(self, kind: str, object_id: str) -> bool:
        if kind == "network":
            return any(n.id == object_id and n.mine for n in self.told.scenery.map.networks)
        return any(v.name == object_id for v in self.told.scenery.volumes)

    def _say(self, found: Scenery, events: list[Event] | None = None) -> None:
        now = time.monotonic()
        self._plain = found
        self._marks.see(found, now)
        self._number += 1
        lines = tuple(replace(line, did=list(line.did), executed=list(line.executed)) for line in self._story.lines)
        self.told = Told(
            number=self._number,
            scenery=self._marks.with_gone(found, now),
            marks=self._marks.now(now),
            story=lines,
            events=len(events or ()),
            since=min((event.at for event in events or ()), default=0.0),
        )
        with contextlib.suppress(Exception):  # a page that is gone must not end the following
            self._tell(self.told)


class _Hearing:
    """One subscription to the engine's events, on a connection of its own."""

    def __init__(self, address: Address, take: Callable[[Event], None]) -> None:
        self._take = take
        self._ready, self._over = threading.Event(), threading.Event()
        self._stream: Any = None
        self._client = open_client(address, timeout=ANSWER)
        self._thread = threading.Thread(target=self._hear, name="desk-hears", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Until the engine has answered. Raises: TimeoutError."""
        if not self._ready.wait(seconds):
            raise TimeoutError(f"no answer within {seconds:g} s")

    def check(self) -> None:
        """Raises: ConnectionError if it has ended."""
        if self._over.is_set():
            raise ConnectionError("the connection was closed")

    def close(self) -> None:
        """Ends it."""
        self._over.set()
        with contextlib.suppress(Exception):
            self._stream.close()
        with contextlib.suppress(Exception):
            self._client.close()

    def _hear(self) -> None:
        with contextlib.suppress(Exception):  # closed under us, or the engine is gone: `check` says so
            rows: Any = self._client.events(decode=True, filters={"type": ["container", "network", "volume", "image"]})
            self._stream = rows
            self._ready.set()
            for row in rows:
                if self._over.is_set():
                    break
                self._take(Event.read(row))
        self._over.set()
        self._ready.set()
        ended: Event = Event(at=time.time(), kind="", action="attach", actor="")  # rings the bell, and says nothing
        with contextlib.suppress(Exception):
            self._take(ended)


def _connect() -> Client:
    """The engine that the docker command would use now. Raises: EngineError."""
    tried: list[Tried] = []
    for address in candidates():
        try:
            return open_client(address, timeout=ANSWER)
        except (EngineNotReachable, NoPermission) as error:
            if address.only:
                raise
            tried.extend(error.tried)
    raise EngineNotReachable(tuple(tried))


def _still_chosen(address: Address) -> bool:
    """False if the learner has chosen another engine (a context, DOCKER_HOST)."""
    return any((one.url, one.origin) == (address.url, address.origin) for one in candidates())


def _reason(error: Exception) -> str:
    if isinstance(error, CourseError):
        tried = getattr(error, "tried", ())
        return "; ".join(f"{one.address}: {one.reason}" for one in tried) or error.why or error.what
    return str(error).splitlines()[0][:160] if str(error) else type(error).__name__
