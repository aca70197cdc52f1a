"""Running a whole chapter in a kernel of its own, as a reader would from top to bottom."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from helpers.errors import BookFailed

CELL_SECONDS = 120
_QUIET = "--log-level=50"  # what kernels tell whoever runs servers, such as that they listen over TCP


def run(path: Path, *, home: Path, at_cell: Callable[[Any], None] | None = None) -> Any:
    """One chapter in a kernel of its own. Returns: the notebook with its outputs.

    at_cell: is given each cell before it is its turn, those of text, too.

    Raises: BookFailed with the cell and its last words: an error, more than CELL_SECONDS, or words on stderr, which
        no page should hold. KeyboardInterrupt after Ctrl-C, SIGTERM or a closed terminal; the kernel has ended then.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    kernel: Any = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        extra_arguments=[_QUIET],
        skip_cells_with_tag="nbval-skip",
        resources={"metadata": {"path": str(path.parent)}},
    )
    begun: list[Any] = []
    if at_cell is not None:
        kernel.on_cell_start = lambda cell, **_: at_cell(cell)
    kernel.on_cell_execute = lambda cell, **_: begun.append(cell)
    try:
        asyncio.run(_execute(kernel, {**os.environ, "COURSE_HOME": str(home), "COURSE_WORK": str(home / "work")}))
    except CellExecutionError as error:
        raise _failed(path, begun, f"{error.ename}: {error.evalue}") from error
    except TimeoutError as error:
        raise _failed(path, begun, f"it took longer than {CELL_SECONDS} s") from error
    except RuntimeError as error:  # the kernel died, or did not start
        raise _failed(path, begun, str(error)) from error
    for cell in notebook.cells:
        for words in _trouble(cell):
            raise _failed(path, [cell], words)
    return notebook


async def _execute(kernel: Any, env: dict[str, str]) -> None:
    work = asyncio.ensure_future(kernel.async_execute(env=env))
    ended = False

    def end() -> None:
        nonlocal ended
        ended = True
        work.cancel()

    def listen(**_: object) -> None:  # after nbclient, which would end the kernel at a signal and report that it died
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            with contextlib.suppress(NotImplementedError, AttributeError):  # Windows
                asyncio.get_running_loop().add_signal_handler(getattr(signal, name), end)

    kernel.on_notebook_start = listen
    try:
        await work
    except (asyncio.CancelledError, RuntimeError):  # nbclient takes a cancelled cell for a kernel that died
        if ended:
            raise KeyboardInterrupt from None
        raise


def _trouble(cell: Any) -> list[str]:
    """What a cell said that no page should hold; an error that a cell is allowed to end with, too."""
    found = []
    for output in cell.get("outputs", ()):
        if output.output_type == "error":
            found.append(f"{output.ename}: {output.evalue}")
        elif output.output_type == "stream" and output.name == "stderr" and output.text.strip():
            found.append(f"on stderr: {output.text.strip().splitlines()[-1]}")
    return found


def _failed(path: Path, begun: Sequence[Any], words: str) -> BookFailed:
    where = path.stem
    if begun:
        first = (begun[-1].source.strip().splitlines() or ["empty"])[0]
        where += f", cell {begun[-1].id} ({first})"
    return BookFailed(f"The book was not made: {where} failed.", words.strip(), "Run the chapter in JupyterLab.")
