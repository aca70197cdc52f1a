"""Runs whole chapters in kernels, each as one learner: with a COURSE_HOME of its own."""

from __future__ import annotations

import asyncio
import copy
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from tests.harness import notebooks as chapters

CELL_SECONDS = 120
POLL_SECONDS = 0.03


class ChapterRun:
    """One run of one chapter in a fresh kernel.

    path: the notebook. home: this learner's COURSE_HOME. times: how often all of its cells are run, one after another.
    """

    def __init__(self, path: Path, *, home: Path, times: int = 1) -> None:
        notebook = chapters.load(path)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        cells = [cell for cell in code if "nbval-skip" not in chapters.tags(cell)]
        notebook.cells = [copy.deepcopy(cell) for _ in range(times) for cell in cells]
        for place, cell in enumerate(notebook.cells):
            cell.id = f"{place}-{cell.id}"[:64]
        self.env = {**os.environ, "COURSE_HOME": str(home), "COURSE_WORK": str(home / "work")}
        self.client = NotebookClient(
            notebook, timeout=CELL_SECONDS, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
        )

    async def _execute(self) -> None:
        await self.client.async_execute(env=self.env)

    def _kill(self) -> None:
        manager: Any = self.client.km
        manager.provisioner.process.kill()  # the kernel's own process, which this run started

    async def _until_killed(self, moment: Callable[[], bool]) -> None:
        run = asyncio.ensure_future(self._execute())
        while not await asyncio.to_thread(moment):
            assert not run.done(), f"the chapter ended before that moment: {run.exception()}"
            await asyncio.sleep(POLL_SECONDS)
        self._kill()
        try:
            await run
        except DeadKernelError:
            return
        raise AssertionError("the kernel was killed, and the chapter went on to its end")


def execute_together(*runs: ChapterRun) -> None:
    """Runs them to their ends at the same time.

    Raises: the first error: nbclient's CellExecutionError, with the cell and its traceback.
    """
    _together(*(run._execute() for run in runs))


def kill_together(*runs: tuple[ChapterRun, Callable[[], bool]]) -> None:
    """Runs them at the same time, each until its moment is true for the first time.

    Then its kernel is killed as the system would do it: no clean-up. Raises: AssertionError if one ends before that.
    """
    _together(*(run._until_killed(moment) for run, moment in runs))


def _together(*work: Coroutine[Any, Any, None]) -> None:
    async def all_of_them() -> None:
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    asyncio.run(all_of_them())
