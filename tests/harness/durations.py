"""How long the tests took: kept after each run, and a word about what is over its budget. It never fails a run.

Kept by pytest's own cache (.pytest_cache, which git does not see) under `course/durations`, in seconds by test.
"""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

WHOLE = 600.0  # seconds on two engines: chapters 00 to 03, 06 and 08 with their labs (DESIGN.md)
CHAPTER = 75.0  # seconds for each further chapter with its lab
LONGER = {"05": 120.0, "10": 120.0}  # builds, compose
FIRST = frozenset({"00", "01", "02", "03", "06", "08"})
CACHE = "course/durations"


class Durations:
    """Adds up what each test took, set-up and tear-down included. One per process; a worker's are told to the run."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.workers = 1

    def slowest(self, count: int = 10) -> list[tuple[str, float]]:
        """The slowest tests so far."""
        return sorted(self.seconds.items(), key=lambda row: -row[1])[:count]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Adds one part of a test."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Keeps them, beside those of tests that were not in this run."""
        cache = getattr(session.config, "cache", None)  # a run may be without it
        if cache is not None and self.seconds and not hasattr(session.config, "workerinput"):
            kept = cache.get(CACHE, {})
            cache.set(CACHE, {**kept, **{test: round(took, 2) for test, took in self.seconds.items()}})

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """What took longer than it may, and which tests did."""
        if config.option.course_draws:
            workers = len(config.option.tx or ()) or 1
            for line in over_budget(self.seconds, workers=workers):
                terminalreporter.write_line(line, yellow=True)


def chapter_of(test: str) -> str:
    """The number of the chapter that a test is about; "" of any other test."""
    found = re.search(r"(?:^notebooks/|^labs/|^tests/chapters/.*\[)(\d\d)[-.]", test)
    return found[1] if found else ""


def over_budget(seconds: dict[str, float], *, workers: int) -> list[str]:
    """A line for each budget that is broken, with the slowest tests in it.

    seconds: by test. workers: how many engines shared them; a budget is for the time they take together.
    """
    chapters: dict[str, dict[str, float]] = defaultdict(dict)
    for test, took in seconds.items():
        chapters[chapter_of(test)][test] = took
    further = set(chapters) - FIRST - {""}
    budgets = {number: LONGER.get(number, CHAPTER) for number in chapters if number}
    lines = []
    for number, budget in sorted(budgets.items()):
        took = sum(chapters[number].values()) / workers
        if took > budget:
            lines.append(_line(f"chapter {number}", took, budget, chapters[number]))
    whole = WHOLE + sum(budgets[number] for number in further)
    took = sum(seconds.values()) / workers
    if took > whole:
        lines.append(_line("the run", took, whole, seconds))
    return lines


def _line(what: str, took: float, budget: float, tests: dict[str, float]) -> str:
    slowest = sorted(tests.items(), key=lambda row: -row[1])[:3]
    names = ", ".join(f"{test} {seconds:.0f} s" for test, seconds in slowest)
    return f"budget: {what} took {took:.0f} s of {budget:.0f} s on each engine; the slowest: {names}"
