"""Collects the notebooks named in chapters.txt as tests: one item for each code cell, one kernel for each notebook."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbval.plugin import IPyNbFile

from helpers.engine import scene
from helpers.errors import EngineNotReachable

OUTPUT_SECONDS = 60.0  # nbval's own 5 s are short on a machine that is busy with containers
ITEM_SECONDS = 180  # more than nbval's 120 s for a cell: its time-out interrupts the cell and goes on, pytest's can't
NOT_COMPARED = ("text/html", "image/svg+xml")  # drawn from ids, times and addresses; text/plain says the same


class Notebooks(pytest.File):
    """The list of notebooks."""

    def collect(self) -> Iterator[IPyNbFile]:
        """The notebooks that match a line of the list, in order."""
        patterns = [line for line in self.path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
        for pattern in patterns:
            for notebook in sorted(self.config.rootpath.glob(pattern)):
                yield CourseNotebook.from_parent(self, path=notebook)


class CourseNotebook(IPyNbFile):  # type: ignore[misc]  # nbval has no types
    """A notebook whose cells need an engine. What was made in a lab is taken away after it: its close() only asks."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its code cells."""
        self.skip_compare: tuple[str, ...] = (*self.skip_compare, *NOT_COMPARED)
        for cell in super().collect():
            cell.output_timeout = OUTPUT_SECONDS
            cell.add_marker("engine")
            cell.add_marker(pytest.mark.timeout(ITEM_SECONDS))
            yield cell

    def teardown(self) -> None:
        """Ends the kernel."""
        super().teardown()
        if self.path.name == "lab.ipynb":
            with contextlib.suppress(EngineNotReachable):
                scene.cleanup()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The list is a test file."""
    if file_path.name == "chapters.txt":
        return Notebooks.from_parent(parent, path=file_path)
    return None
