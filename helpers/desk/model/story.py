"""The last events in words, from the events' own attributes only: nothing is asked, nothing is guessed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from helpers.drawing.text import plain
from helpers.engine.model.events import Event

TOGETHER_SECONDS = 3.0  # what happens to one thing within this time is one line
KEPT = 40  # lines
_NAMES = 2000  # containers and images whose names are remembered
_DID = {
    "create": "created",
    "start": "started",
    "stop": "stopped",
    "restart": "restarted",
    "pause": "paused",
    "unpause": "unpaused",
    "rename": "renamed",
    "oom": "ran out of memory",
    "destroy": "removed",
    "remove": "removed",
    "update": "limits changed",
    "commit": "made into an image",
    "pull": "pulled",
    "load": "loaded",
    "import": "imported",
    "tag": "tagged",
    "untag": "untagged",
    "delete": "deleted",
    "push": "pushed",
}
EXECUTED = "executed a command"


@dataclass(kw_only=True)
class Line:
    """What happened to one thing within a few seconds.

    at: seconds since 1970, in the engine's clock, of the last of it. id: the thing's. did: in order. executed: the ids
    under which the engine keeps the commands that were executed; what they were is not here.
    """

    number: int
    at: float
    kind: str
    id: str
    name: str
    did: list[str] = field(default_factory=list)
    executed: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """All of it, such as "created, attached to front, started"."""
        said = list(self.did)
        if self.executed:
            count = len(self.executed)
            said.append(EXECUTED if count == 1 else f"executed {count} commands")
        return ", ".join(said)

    def as_text(self) -> str:
        """With the thing's kind and name."""
        return plain(f"{self.kind} {self.name}: {self.words}")


class Story:
    """Hears events, one after the other, and keeps the last lines, oldest first."""

    def __init__(self) -> None:
        self.lines: deque[Line] = deque(maxlen=KEPT)
        self.heard = 0
        self._names: dict[str, str] = {}

    def call(self, object_id: str, name: str) -> None:
        """Notes the name of a container or an image: some events carry the id only."""
        if len(self._names) > _NAMES:
            self._names.pop(next(iter(self._names)))
        self._names[object_id] = name

    def hear(self, event: Event, *, owns: Callable[[str, str], bool]) -> Line | None:
        """Takes in one event; the line that it made or made longer. owns: if a thing is the learner's, by kind and id.

        What happens to others' things, and what only repeats (a health check's commands), makes no line of its own.
        """
        kind, thing, name = event.kind, event.actor, event.name
        if kind == "image" and name.startswith("sha256:"):
            name = self._names.get(thing, "")
            if not name:
                return None  # a step of a build, or what lies under an image
        if kind in ("container", "image") and name:
            self.call(thing, name)
        did = _did(event)
        if kind == "network" and event.action in ("connect", "disconnect"):
            kind, thing, name = "container", event.container, self._names.get(event.container, "")
        executed = event.labels.get("execID", "") if event.action == "exec_start" else ""
        if not thing or not (did or executed) or not owns(kind, thing):
            return None
        self.heard += 1
        last = next((line for line in reversed(self.lines) if (line.kind, line.id) == (kind, thing)), None)
        if last is not None and executed and not last.did:  # commands only, however far apart
            last.executed = [*last.executed, executed][-100:]
            return self._newest(last, event.at)
        if last is None or event.at - last.at > TOGETHER_SECONDS or len(last.did) > 12:
            last = Line(number=self.heard, at=event.at, kind=kind, id=thing, name=_called(name, thing))
            self.lines.append(last)
        if kind == "container" and name:
            last.name = name
        if executed:
            last.executed.append(executed)
        elif not last.did or last.did[-1] != did:
            last.did.append(did)
        return self._newest(last, event.at)

    def _newest(self, line: Line, at: float) -> Line:
        self.lines.remove(line)
        self.lines.append(line)
        line.at = max(line.at, at)
        return line


def _called(name: str, thing: str) -> str:
    if name or len(thing) != 64:
        return name or thing
    return f"{thing[:10]}… (no name)"  # such as a volume that an image declares


def _did(event: Event) -> str:
    if event.kind == "network":
        name = plain(event.name or event.actor[:12])
        if event.action == "connect":
            return f"attached to {name}"
        if event.action == "disconnect":
            return f"detached from {name}"
    if event.kind == "container":
        if event.action == "die":
            code = event.labels.get("exitCode", "")
            return f"ended with {plain(code)}" if code else "ended"
        if event.action == "kill":
            signal = event.labels.get("signal", "")
            return f"got signal {plain(signal)}" if signal else "got a signal"
        if event.action == "rename" and event.labels.get("oldName"):
            return f"renamed from {plain(event.labels['oldName'].lstrip('/'))}"
    return _DID.get(event.action, "")
