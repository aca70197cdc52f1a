"""An error that was meant to happen."""

from __future__ import annotations

from helpers.drawing.figure import Figure
from helpers.drawing.text import plain


def mistake(kind: str, what: str, why: str, next_step: str) -> Figure:
    """The error's own words, as they would stand under a failed cell."""
    lines = [f"{kind}: {what}"]
    if why:
        lines.append(f"Why: {why}")
    if next_step:
        lines.append(f"Next: {next_step}")
    return Figure(
        sentence="It failed, as it should. This is what the error says:",
        terminal=plain("\n".join(lines), lines=True),
    )
