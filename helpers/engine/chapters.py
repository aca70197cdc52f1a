"""Running a whole chapter in a kernel of its own, as a reader would from top to bottom."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from helpers.errors import BookFailed

CELL_SECONDS = 120


def run(path: Path, *, home: Path) -> Any:
    """One chapter in a kernel of its own. Returns: the notebook with its outputs.

    Raises: BookFailed with the cell and its last words.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    kernel: Any = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        skip_cells_with_tag="nbval-skip",
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        kernel.execute(env={**os.environ, "COURSE_HOME": str(home)})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        where = f"{path.stem}, cell {_last_cell(notebook)}"
        why = getattr(error, "evalue", "") or str(error).strip().splitlines()[-1]
        raise BookFailed(f"The book was not made: {where} failed.", why, "Run the chapter in JupyterLab.") from error
    return notebook


def _last_cell(notebook: Any) -> str:
    """The id of the last cell that was begun."""
    begun = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.get("metadata", {}).get("execution")]
    return str(begun[-1].id) if begun else "1"
