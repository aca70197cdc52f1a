"""The doctor's findings: one check a line, each with what, why and the next step."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Status(Enum):
    """How a check ended. ATTENTION: works, with something to know. BROKEN: the course can't go on like this."""

    OK = "ok"
    ATTENTION = "attention"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing the doctor tried."""

    name: str
    status: Status
    what: str
    why: str = ""
    next: str = ""

    def as_dict(self) -> dict[str, str]:
        """Plain values for JSON."""
        return {"name": self.name, "status": self.status.value, "what": self.what, "why": self.why, "next": self.next}


@dataclass(frozen=True, kw_only=True)
class Report:
    """All findings. engine: what the engine says of itself. features: what it can do. images: the base images.

    seconds: how long the examination took.
    """

    checks: tuple[Check, ...]
    engine: dict[str, str] = field(default_factory=dict)
    features: dict[str, bool | str | None] = field(default_factory=dict)
    images: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """True if nothing is broken; a line that asks for attention does not count."""
        return all(check.status is not Status.BROKEN for check in self.checks)

    def with_status(self, status: Status) -> tuple[Check, ...]:
        """The checks that ended so."""
        return tuple(check for check in self.checks if check.status is status)

    @property
    def summary(self) -> str:
        """One sentence."""
        broken, attention = len(self.with_status(Status.BROKEN)), len(self.with_status(Status.ATTENTION))
        if broken:
            return f"Not ready: {broken} of {len(self.checks)} checks {'is' if broken == 1 else 'are'} broken."
        if attention:
            return (
                f"Ready. {attention} of {len(self.checks)} checks {'asks' if attention == 1 else 'ask'} for attention."
            )
        return f"Ready: all {len(self.checks)} checks are ok."

    def as_dict(self) -> dict[str, Any]:
        """The JSON form of the command line."""
        return {
            "ok": self.ok,
            "engine": self.engine,
            "features": self.features,
            "images": list(self.images),
            "checks": [check.as_dict() for check in self.checks],
        }

    def as_text(self) -> str:
        """For a terminal: a line a check, and below it why and what next where there is something to say."""
        marks = {Status.OK: "ok       ", Status.ATTENTION: "attention", Status.BROKEN: "BROKEN   "}
        lines = []
        for check in self.checks:
            lines.append(f"{marks[check.status]}  {check.name}: {check.what}")
            if check.status is not Status.OK:
                lines.extend(
                    f"           {head}: {words}" for head, words in (("why", check.why), ("next", check.next)) if words
                )
        lines.append(f"{self.summary} ({self.seconds:.1f} s)")
        return "\n".join(lines)
