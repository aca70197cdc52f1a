"""For checks: what the engine keeps of a container, how it ended, what it changed, and what it serves."""

from __future__ import annotations

import time

from helpers.containers.engine import changed_files, records
from helpers.containers.model.changed_files import Kind
from helpers.containers.model.records import Record
from helpers.engine.model.container import Container, State
from helpers.errors import CourseError
from helpers.lab.engine import sandbox
from helpers.lab.look import Look


class Records:
    """What is on record of the containers that a check asks for."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def of(self, container: Container) -> Record:
        """The engine's record of it, now."""
        return records.record(self._look.client, container.id)

    def settled(self, container: Container, *, seconds: float = 1) -> Record:
        """Its record once it has run for `seconds`, or as soon as it does not: what has just begun may yet fall."""
        until = time.monotonic() + min(seconds, self._look.left())
        while True:
            found = self.of(container)
            if found.state not in (State.RUNNING, State.CREATED) or time.monotonic() > until:
                return found
            if found.state is State.CREATED and found.error:
                return found
            time.sleep(0.1)

    def changed(self, container: Container) -> tuple[str, ...]:
        """The paths that it added or changed, sorted."""
        changes = changed_files.diff(self._look.client, container.id)
        return tuple(change.path for change in changes if change.kind is not Kind.REMOVED)

    def text(self, container: Container, path: str) -> str:
        """The text of a file in it, running or not; "" if there is no such file."""
        try:
            return changed_files.read(self._look.client, container, path).text
        except CourseError:
            return ""

    def page(self, container: Container, port: int, path: str = "/", *, seconds: float = 3) -> str | None:
        """What it serves at a port inside, published or not; None if nothing answers."""
        until = time.monotonic() + min(seconds, self._look.left())
        while True:
            body = sandbox.ask(self._look.client, container.id, port, path, scene=self._look.scene)
            if body is not None or time.monotonic() > until or not self.of(container).runs:
                return body
            time.sleep(0.2)
