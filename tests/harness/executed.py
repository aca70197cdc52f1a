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
from tests.harness.printed import Hand

FOLDER = "COURSE_TESTS_SHARED"  # a folder that the workers of one run share


def executed(path: Path, *, home: Path) -> Any:
    """The notebook at `path` with the outputs of this test run.

    home: what stands in the outputs in the place of the state folder that the run had for itself.

    Raises: BookFailed if a cell failed, for each who asks.
    """
    folder = Path(os.environ[FOLDER])
    name = f"{path.parent.name}-{path.stem}"
    done, failed, typed = (folder / f"{name}.{ending}" for ending in ("ipynb", "failed", "typed"))
    with FileLock(folder / f"{name}.lock"):
        if not done.exists() and not failed.exists():
            with running_home() as own:
                try:
                    hand = Hand(own)
                    found = run_notebook.run(path, home=own, at_cell=hand.at)
                    text: str = nbformat.writes(found)  # type: ignore[no-untyped-call]
                except BookFailed as error:
                    failed.write_text(json.dumps([error.what, error.why, error.next_step]), encoding="utf-8")
                else:
                    typed.write_text(json.dumps(hand.typed), encoding="utf-8")
                    done.write_text(text.replace(str(own), "@home@"), encoding="utf-8")
    if failed.exists():
        raise BookFailed(*json.loads(failed.read_text(encoding="utf-8")))
    return nbformat.reads(done.read_text(encoding="utf-8").replace("@home@", str(home)), as_version=4)  # type: ignore[no-untyped-call]


def typed(path: Path) -> list[dict[str, Any]]:
    """What came of the commands that it prints, in that run: see `tests.harness.printed`."""
    executed(path, home=Path("/course"))
    found: list[dict[str, Any]] = json.loads(
        (Path(os.environ[FOLDER]) / f"{path.parent.name}-{path.stem}.typed").read_text(encoding="utf-8")
    )
    return found
