"""What a picture names under "How", run as a reader would: in a terminal, and with docker-py."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial

from helpers.drawing.figure import How
from helpers.engine.build import plugins


def shell(line: str) -> str:
    """Runs `line` as typed in a terminal; output and errors together, as `logs` keeps them. It has to end well."""
    done = subprocess.run(
        shlex.split(line),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        env={**os.environ, **plugins.environment()},
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def python(lines: Sequence[str]) -> str:
    """Runs these lines of Python; what they print. They have to end well."""
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def both(how: How) -> tuple[Callable[[], str], Callable[[], str]]:
    """The first line for a terminal, and the lines of docker-py, each to be run."""
    return partial(shell, how.docker[0]), partial(python, how.python)
