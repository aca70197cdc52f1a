"""Exercises, quick questions, labs: tasks, verdicts, hints, and what a learner has done.

`from helpers import lab` gives the lab's verbs: open, brief, check, hint, solution, reset, close, folder.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

VERBS = ("brief", "check", "close", "folder", "hint", "open", "reset", "solution")
__all__ = list(VERBS)


def __getattr__(name: str) -> Any:
    if name not in VERBS:
        raise AttributeError(f"module 'helpers.lab' has no attribute {name!r}")
    return getattr(import_module("helpers.lab.labs"), name)


def __dir__() -> list[str]:
    return sorted(VERBS)
