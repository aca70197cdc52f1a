"""One follower for any number of pages. Each is told what there is, in its own width, and may ask for a log."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from helpers.desk.engine import opened
from helpers.desk.engine.follower import ANSWER, Follower, Told
from helpers.desk.views import page as views
from helpers.engine.client import Client, open_client
from helpers.errors import CourseError, NotFound

WIDE = 640  # pixels, until a page has said how wide it is


class Page:
    """One that is open. tell: hands a message to it, from any thread."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self.tell = tell
        self.wide = WIDE
        self.busy = False  # one question at a time


class Desk:
    """The pages and their follower, which lives as long as there is a page."""

    def __init__(self) -> None:
        self._pages: set[Page] = set()
        self._lock = threading.Lock()
        self._follower: Follower | None = None

    def open(self, tell: Callable[[dict[str, Any]], None]) -> Page:
        """A page more. The first one starts the follower; a later one is told at once what is known."""
        page = Page(tell)
        with self._lock:
            self._pages.add(page)
            if self._follower is None:
                self._follower = Follower(self._tell)
            told = self._follower.told
        page.tell({"style": views.style(), **self._state(told, page.wide)})
        return page

    def close(self, page: Page) -> None:
        """A page less. With the last one the follower ends."""
        with self._lock:
            self._pages.discard(page)
            ended = None if self._pages else self._follower
            if ended is not None:
                self._follower = None
        if ended is not None:
            threading.Thread(target=ended.close, name="desk-ends", daemon=True).start()

    def heard(self, page: Page, message: object) -> None:
        """What a page sends: how wide it is, or a question about one container of the learner's. All else is nothing.

        A page is not trusted: it may name any id, and gets an answer only for what the desk shows as the learner's.
        """
        if not isinstance(message, dict):
            return
        wide = message.get("wide")
        if isinstance(wide, int) and not isinstance(wide, bool):
            page.wide = wide
            with self._lock:
                follower = self._follower
            if follower is not None:
                page.tell(self._state(follower.told, wide))
            return
        if message.get("ask") in ("log", "inspect", "value", "executed") and not page.busy:
            page.busy = True
            threading.Thread(target=self._answer, args=(page, message), name="desk-answers", daemon=True).start()

    def _tell(self, told: Told) -> None:
        with self._lock:
            pages = tuple(self._pages)
        drawn: dict[int, dict[str, Any]] = {}
        for page in pages:
            if page.wide not in drawn:
                drawn[page.wide] = self._state(told, page.wide)
            page.tell(drawn[page.wide])

    def _state(self, told: Told, wide: int) -> dict[str, Any]:
        shown = views.shown(told.scenery, told.marks, told.story, wide=wide)
        return {**shown, "number": told.number, "since": told.since, "events": told.events}

    def _answer(self, page: Page, message: Mapping[str, Any]) -> None:
        container_id = str(message.get("id") or "")
        answer: dict[str, Any] = {"ask": message["ask"], "id": container_id}
        try:
            with self._lock:
                follower = self._follower
            address = follower.address if follower is not None else None
            if follower is None or address is None or not follower.own(container_id):
                raise NotFound("This container is not shown here any more, or it is not yours.")
            name = follower.name(container_id)
            client = open_client(address, timeout=ANSWER)
            try:
                answer |= self._ask(client, name, container_id, message)
            finally:
                client.close()
        except CourseError as error:
            answer["error"] = f"{error.what} {error.next_step or ''}".strip()
        except Exception as error:  # the engine went away in the middle
            answer["error"] = f"The engine did not answer: {type(error).__name__}."
        finally:
            page.busy = False
        page.tell({"answer": answer})

    def _ask(self, client: Client, name: str, container_id: str, message: Mapping[str, Any]) -> dict[str, Any]:
        if message["ask"] == "log":
            text = opened.log(client, container_id)
            return views.log(name, text.text, text.cut)
        if message["ask"] == "inspect":
            return views.inspection(name, opened.inspect(client, container_id))
        if message["ask"] == "executed":
            exec_id = str(message.get("exec") or "")
            return {"exec": exec_id, "value": opened.executed(client, container_id, exec_id)}
        path = message.get("path")
        steps = [str(step) for step in path] if isinstance(path, list) else []
        return {"path": steps, "value": opened.value(client, container_id, steps)}
