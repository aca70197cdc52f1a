"""What a build took from the cache, what it ran, and why: or, before it, what it would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Outcome(Enum):
    """What became of a step: the engine's word. In a forecast: what our sums say.

    CACHED there: from the cache, if its record is still there. RAN: will run. FELL: depends on the step it names.
    """

    CACHED = "cached"
    RAN = "ran"
    FELL = "fell"  # it ran because a step that it stands on ran
    NOT_NEEDED = "not needed"  # the target does not want its stage
    SETTING = "setting"  # the builder makes no step of it


class Kind(Enum):
    """What made a step run."""

    FILE = "file"
    INSTRUCTION = "instruction"
    ARG = "arg"
    ENV = "env"
    BASE = "base"
    NO_CACHE = "no-cache"
    TARGET = "target"
    PLATFORM = "platform"
    RECORD_GONE = "record gone"  # nothing changed: the cache has lost it
    FIRST = "first"  # no build was recorded before this one
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why a step ran: ours, worked out from sums of two builds, and not the engine's word.

    name: the file, the variable, the image, the instruction. change: "content", "mode", "added", "removed" or "".
    detail: a few words more, such as "+12 bytes" or "make → make all".
    """

    kind: Kind
    name: str = ""
    change: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class StepFinding:
    """One instruction. index: over all of the file, from 0. stage: its name or number. line, end: from 1.

    word: of the instruction, in capitals.
    fell_with: index of the step that took it along. stale: True if the engine kept old content of a file: the same
    size and time, other bytes. seconds: None if the engine told of none.
    """

    index: int
    stage: str
    line: int
    end: int
    instruction: str
    word: str
    outcome: Outcome
    fell_with: int | None = None
    cause: Cause | None = None
    stale: tuple[str, ...] = ()  # the files that the engine took for unchanged
    seconds: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        cause = self.cause
        return {
            "index": self.index,
            "stage": self.stage,
            "instruction": self.instruction,
            "outcome": self.outcome.value,
            "fell_with": self.fell_with,
            "cause": cause and {"kind": cause.kind.value, "name": cause.name, "change": cause.change},
            "stale": bool(self.stale),
            "seconds": self.seconds,
        }


@dataclass(frozen=True, kw_only=True)
class Finding:
    """All instructions of one build. builder: "buildkit" or "classic". first: no build was recorded before."""

    builder: str
    target: str
    first: bool
    steps: tuple[StepFinding, ...]

    @property
    def misses(self) -> tuple[StepFinding, ...]:
        """The steps that ran for a cause of their own."""
        return self.those(Outcome.RAN)

    def those(self, outcome: Outcome) -> tuple[StepFinding, ...]:
        """Those of one outcome."""
        return tuple(step for step in self.steps if step.outcome is outcome)

    def __iter__(self) -> Iterator[StepFinding]:
        return iter(self.steps)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "builder": self.builder,
            "target": self.target,
            "first": self.first,
            "steps": [step.as_dict() for step in self.steps],
        }
