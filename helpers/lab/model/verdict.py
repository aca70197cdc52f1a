"""What a check found out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """The four ways a check can end."""

    NOT_ATTEMPTED = "not attempted"
    NOT_YET = "not yet"
    PASSED = "passed"
    CANT_TELL = "can't tell"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome of one check.

    task: its id. expected: in plain words. found: the evidence, as measured now. look: where to look next.
    mistake: the name of the typical mistake that was recognised, and hint, what is said about it; both "" if none was.
    tries: how many answers were tried, where so few are possible that this matters; else "".
    seconds: how long the check took.
    """

    task: str
    title: str
    state: State
    expected: str = ""
    found: tuple[str, ...] = ()
    look: str = ""
    mistake: str = ""
    hint: str = ""
    tries: str = ""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """True if nothing is missing."""
        return self.state is State.PASSED


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """The tasks of one lab, in order."""

    lab: str
    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        """True if every task is passed."""
        return bool(self.verdicts) and all(verdict.passed for verdict in self.verdicts)
