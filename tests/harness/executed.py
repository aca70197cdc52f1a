"""Each chapter and lab notebook run once in a test run: its outputs are compared, and the book is made of them.

Whichever test asks first runs it, on the engine of its worker; the others wait for that and read what came out.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
from filelock import FileLock

from helpers.book import run_notebook, running_home
from helpers.errors import BookFailed

FOLDER = "COURSE_TESTS_SHARED"  # a folder that the workers of one run share


def executed(path: Path, *, home: Path) -> Any:
    """The notebook at `path` with the outputs of this test run.

    home: what stands in the outputs in the place of the state folder that the run had for itself.

    Raises: BookFailed if a cell failed, for each who asks.
    """
    folder = Path(os.environ[FOLDER])
    name = f"{path.parent.name}-{path.stem}"
    done, failed = folder / f"{name}.ipynb", folder / f"{name}.failed"
    with FileLock(folder / f"{name}.lock"):
        if not done.exists() and not failed.exists():
            with running_home() as own:
                try:
                    text: str = nbformat.writes(run_notebook.run(path, home=own))  # type: ignore[no-untyped-call]
                except BookFailed as error:
                    failed.write_text(json.dumps([error.what, error.why, error.next_step]), encoding="utf-8")
                else:
                    done.write_text(text.replace(str(own), "@home@"), encoding="utf-8")
    if failed.exists():
        raise BookFailed(*json.loads(failed.read_text(encoding="utf-8")))
    return nbformat.reads(done.read_text(encoding="utf-8").replace("@home@", str(home)), as_version=4)  # type: ignore[no-untyped-call]
