"""Collects the notebooks as tests: each is run once (executed.py), and nbval compares what is kept for comparison.

With --all nbval runs them, too: one item for each code cell, as `pytest --nbval-lax notebooks` does anywhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbCell, IPyNbFile, coalesce_streams

from helpers import lab
from helpers.engine import scene
from helpers.engine.client import Client
from helpers.engine.session import session
from helpers.errors import EngineNotReachable
from tests.harness import foreign, notebooks
from tests.harness.executed import executed, typed
from tests.harness.notebooks import ROOT
from tests.harness.printed import blocks, unexpected

PATTERNS = ("notebooks/[0-9][0-9]-*.ipynb", "labs/*/lab.ipynb")
LIST = "test_form.py"  # beside this file: the notebooks lie outside of tests/, and are collected with it
RUN_SECONDS = 400  # a whole notebook
OUTPUT_SECONDS = 60.0  # nbval's own 5 s are short on a machine that is busy with containers
ITEM_SECONDS = 180  # more than nbval's 120 s for a cell: its time-out interrupts the cell and goes on, pytest's can't
NOT_COMPARED = ("text/html", "image/svg+xml")  # drawn from ids, times and addresses; text/plain says the same


# An engine may hear of an end before its reason, and then notes none (20.10, busy): both count as the same.
OUT_OF_MEMORY = {
    r"notes (that it was out of memory|no reason, but memory was limited, and nobody ordered an end)": "notes",
    r"(true: the kernel killed it because memory ran out|false: but its memory was limited, and nobody [a-z ]+)": "",
}


class Notebooks(pytest.Collector):
    """The notebooks, in order."""

    def collect(self) -> Iterator[pytest.Collector]:
        """Each as a run whose outputs are compared; with --all nbval's own run, too."""
        for pattern in PATTERNS:
            for path in sorted(ROOT.glob(pattern)):
                for kind in (Compared, RunByNbval) if self.config.option.course_all else (Compared,):
                    found = kind.from_parent(self, path=path)
                    found.extra_keyword_matches.add(path.parent.name)  # -k knows a lab by its folder
                    yield found


class Compared(IPyNbFile):  # type: ignore[misc]  # nbval has no types
    """A notebook that runs from top to bottom without an error, and says what it keeps for comparison."""

    def collect(self) -> Iterator[pytest.Item]:
        """The run, then its cells with the tag nbval-check-output."""
        self.skip_compare: tuple[str, ...] = (*self.skip_compare, *NOT_COMPARED)
        yield WholeRun.from_parent(self, name="runs")
        if any(cell.cell_type == "markdown" and blocks(cell.source) for cell in notebooks.load(self.path).cells):
            yield PrintedCommands.from_parent(self, name="printed commands")
        for cell in super().collect():
            if cell.options["check"]:
                parts = {name: getattr(cell, name) for name in ("cell_num", "cell", "options")}
                yield ComparedCell.from_parent(self, name=f"{cell.name} compared", **parts)

    def setup(self) -> None:
        """Starts no kernel."""
        self.sanitize_patterns.update(OUT_OF_MEMORY)

    def cells(self) -> list[Any]:
        """The code cells with the outputs of this test run."""
        notebook = executed(self.path, home=Path("/course"))
        return [cell for cell in notebook.cells if cell.cell_type == "code"]


class WholeRun(pytest.Item):
    """The run from top to bottom."""

    def __init__(self, **words: Any) -> None:
        super().__init__(**words)
        self.add_marker("engine")
        self.add_marker(pytest.mark.timeout(RUN_SECONDS))

    def runtest(self) -> None:
        """Runs the notebook, unless the book did."""
        assert isinstance(self.parent, Compared)
        assert self.parent.cells()


class PrintedCommands(WholeRun):
    """The commands that the notebook prints, typed between its cells: each ends as expected."""

    def runtest(self) -> None:
        """Looks at what came of them."""
        wrong = unexpected(typed(self.path))
        assert not wrong, wrong


class ComparedCell(IPyNbCell):  # type: ignore[misc]  # nbval has no types
    """A cell whose output is compared with the one in the file."""

    def __init__(self, **words: Any) -> None:
        super().__init__(**words)
        self.add_marker("engine")
        self.add_marker(pytest.mark.timeout(RUN_SECONDS))

    def runtest(self) -> None:
        """Compares as nbval does."""
        if self.cell.execution_count is None:
            self.raise_cell_error("Unrun reference cell: there is nothing to compare with")
        found = self.parent.cells()[self.cell_num].outputs
        if not self.compare_outputs(coalesce_streams(found), coalesce_streams(self.cell.outputs)):
            self.raise_cell_error("Cell outputs differ", "\n".join(self.comparison_traceback))


class RunByNbval(IPyNbFile):  # type: ignore[misc]  # nbval has no types
    """The same notebook cell by cell in nbval's kernel. What was made in a lab is taken away: its close() only asks."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its code cells."""
        self.skip_compare: tuple[str, ...] = (*self.skip_compare, *NOT_COMPARED)
        for cell in super().collect():
            cell.output_timeout = OUTPUT_SECONDS
            cell.add_marker("engine")
            cell.add_marker(pytest.mark.timeout(ITEM_SECONDS))
            yield cell

    def setup(self) -> None:
        """Starts the kernel."""
        super().setup()
        self.sanitize_patterns.update(OUT_OF_MEMORY)

    def teardown(self) -> None:
        """Ends the kernel."""
        super().teardown()
        if self.path.name == "lab.ipynb":
            with contextlib.suppress(EngineNotReachable):
                scene.cleanup()


@pytest.fixture
def learner(home: Path, monkeypatch: pytest.MonkeyPatch, client: Client) -> Iterator[None]:
    """A learner of their own at work; a lab they have opened is closed at the end, and nothing of theirs is left.

    Strict, so that a check that breaks is not taken for a verdict.
    """
    monkeypatch.setenv("COURSE_LABS", str(home.parent / "labs"))
    monkeypatch.setenv("COURSE_STRICT", "1")
    before = foreign.snapshot(client, closely=False)
    yield
    if session.lab:
        lab.close(yes=True)
    assert foreign.leftovers(before, foreign.snapshot(client, closely=False)) == []


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """They come with the file that holds them to their form."""
    if file_path.name == LIST and file_path.parent == Path(__file__).parent:
        return Notebooks.from_parent(parent, name="notebooks")
    return None
