"""Containers as the engine describes them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """The states a container can be in; the engine's own words, and one of the course's: what is removed has none."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    EXITED = "exited"
    REMOVING = "removing"
    DEAD = "dead"
    REMOVED = "removed"
    UNKNOWN = "unknown"

    @classmethod
    def read(cls, word: str) -> State:
        """The state named by the engine; UNKNOWN for a word this course does not know (Podman has some)."""
        try:
            return cls(word.lower())
        except ValueError:
            return cls.UNKNOWN

    @property
    def said(self) -> str:
        """As the end of a sentence: "is running", "has exited"."""
        match self:
            case State.EXITED:
                return "has exited"
            case State.REMOVED:
                return "was removed"
            case State.UNKNOWN:
                return "is in a state that this course does not know"
            case _:
                return f"is {self.value}"


@dataclass(frozen=True, kw_only=True)
class Published:
    """A port of the container that an address of the engine's host leads to."""

    address: str
    port: int
    container_port: int
    protocol: str = "tcp"


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container at one moment.

    name: the learner's word for it. full_name: its name on the engine. image: the reference it was made from, and
    image_id what that name stood for then.
    exit_code: of the last run that ended; None while it has never ended. pid: of its first process, in the numbers
    of the engine's host; 0 unless it runs.
    """

    id: str
    name: str
    full_name: str
    image: str
    command: tuple[str, ...]
    state: State
    exit_code: int | None = None
    pid: int = 0
    published: tuple[Published, ...] = ()
    image_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Text:
    """What a container said. cut: what was left out of it, in sentences; "" if it is whole."""

    text: str
    cut: str = ""


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A command that ran to its end in a container of its own, which is gone again.

    output: standard output and standard error, in the order they were written, decoded as UTF-8.
    seconds: from the first call to the end of the command. cut: what was left out of the output, in sentences.
    """

    image: str
    command: tuple[str, ...]
    exit_code: int
    output: str
    seconds: float
    cut: str = ""


@dataclass(frozen=True, kw_only=True)
class Output:
    """Text from a container: its logs, or what a command inside it wrote. exit_code: None for logs.

    cut: what was left out of the text, in sentences; "" if it is whole.
    """

    container: Container
    command: tuple[str, ...]
    text: str
    exit_code: int | None = None
    cut: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back for one HTTP request to a published port. status: 0 if nothing answered.

    elsewhere: why it was asked on the engine's host, and not from this computer; "" if it came here.
    cut: what was left out of the body, in sentences; "" if it is whole.
    """

    url: str
    status: int
    body: str
    elsewhere: str = ""
    cut: str = ""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Containers of the course; `everything` is False if only running ones were asked for."""

    containers: tuple[Container, ...]
    everything: bool


# State: its mark (drawn in words too), and the class of colour.
MARKS = {
    State.RUNNING: ("▶", "good"),
    State.PAUSED: ("‖", "warn"),
    State.EXITED: ("■", "soft"),
    State.CREATED: ("○", "soft"),
    State.RESTARTING: ("↻", "warn"),
}
