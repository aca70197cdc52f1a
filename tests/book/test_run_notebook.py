"""Running one notebook in a kernel: what stops the book, and that Ctrl-C is Ctrl-C. Needs no engine."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v4

from helpers.book import run_notebook
from helpers.errors import BookFailed

V4: Any = v4  # it has no types
NBFORMAT: Any = nbformat


def notebook(folder: Path, *sources: str, tags: tuple[str, ...] = ()) -> Path:
    path = folder / "07-x.ipynb"
    cells = [V4.new_code_cell(source, id=f"c{n}", metadata={"tags": list(tags)}) for n, source in enumerate(sources)]
    NBFORMAT.write(V4.new_notebook(cells=cells), path)
    return path


@pytest.mark.parametrize(
    ("source", "tags", "words"),
    [
        ("# first\n1 / 0", (), "ZeroDivisionError: division by zero"),
        ("# first\n1 / 0", ("raises-exception",), "ZeroDivisionError: division by zero"),
        ("# first\nimport sys; print('a\\nlast', file=sys.stderr)", (), "on stderr: last"),
        ("# first\nimport time; time.sleep(60)", (), "it took longer than 1 s"),
        ("# first\nimport os; os._exit(3)", (), "Kernel died"),
    ],
)
def test_what_stops_the_book(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, tags: tuple[str, ...], words: str
) -> None:
    monkeypatch.setattr(run_notebook, "CELL_SECONDS", 1 if "sleep" in source else 60)
    with pytest.raises(BookFailed, match=r"07-x, cell c1 \(# first\) failed") as caught:
        run_notebook.run(notebook(tmp_path, "1", source, tags=tags), home=tmp_path)
    assert caught.value.why == words


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interrupt_ends_the_kernel_and_is_an_interrupt(tmp_path: Path, number: str) -> None:
    source = f"import os, pathlib, time\npathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\n"

    def interrupt() -> None:
        until = time.monotonic() + 30
        while not (tmp_path / "pid").exists() and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.2)
        os.kill(os.getpid(), getattr(signal, number))

    sender = threading.Thread(target=interrupt)
    sender.start()
    with pytest.raises(KeyboardInterrupt):
        run_notebook.run(notebook(tmp_path, source + "time.sleep(60)"), home=tmp_path)
    sender.join()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
