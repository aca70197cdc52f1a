"""Work under ceilings for time and memory, in a process of its own: what hostile input must not break through."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How it ended. error: the name of what was raised; "" if nothing was. said: its words, or what was returned.

    seconds: of its own work. megabytes: the most memory it held at once, beyond what it had when it began.
    """

    error: str
    said: str
    seconds: float
    megabytes: int


def within(prepare: Callable[..., Callable[[], object]], *args: int, seconds: int, megabytes: int) -> Ended:
    """Does the work that `prepare(*args)` returns; the kernel itself ends it where it goes through a ceiling.

    prepare: at the top of a module. It makes the input, before anything is counted.
    """
    words = [prepare.__module__, prepare.__qualname__, seconds, megabytes, *args]
    done = subprocess.run(
        [sys.executable, "-c", "from tests.harness import ceilings; ceilings._child()", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds * 10 + 30,  # a busy machine: its own clock counts its own work only
        check=False,
    )
    assert done.returncode == 0, f"ended by signal {-done.returncode}: beyond {seconds} s?\n{done.stderr[-2000:]}"
    return Ended(**json.loads(done.stdout.splitlines()[-1]))


def _child() -> None:
    import resource

    module, name, seconds, megabytes, *args = sys.argv[1:]
    work = getattr(importlib.import_module(module), name)(*map(int, args))
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (int(megabytes) << 20),) * 2)
    spent = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent + int(seconds)) + 1,) * 2)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before = _peak()
    error, said = "", ""
    try:
        said = repr(work())[:500]
    except Exception as raised:
        error, said = type(raised).__name__, str(raised)[:500]
    spent = time.process_time() - spent
    print(json.dumps({"error": error, "said": said, "seconds": spent, "megabytes": _peak() - before}))


def _peak() -> int:
    """The most memory held since the peak began, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM:"))
