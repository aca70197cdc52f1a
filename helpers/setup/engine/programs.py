"""Programs of the system that are run to their end, or to a deadline: sudo, systemctl or apt may hang.

Standard library only: start.py uses this before the environment exists.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.errors import EngineInstallFailed

SECONDS = 60.0
GRACE = 2.0  # seconds between asking a program to end and ending it


def run(
    command: Sequence[str],
    *,
    seconds: float | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    typing: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Runs a program and keeps what it prints.

    seconds: SECONDS, if none are named. environment: in place of this process's. typing: it may ask for something in
    the terminal, a password.

    Raises: EngineInstallFailed if there is no such program, or it has not ended after `seconds`; it is ended then.
    """
    seconds = SECONDS if seconds is None else seconds
    try:
        child = subprocess.Popen(
            list(command),
            cwd=folder,
            env=environment,
            stdin=None if typing else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise EngineInstallFailed(f"{command[0]} can't be run.", str(error), "See whether it is installed.") from error
    try:
        out, err = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        end(child)
        raise EngineInstallFailed(
            f"{' '.join(command)} did not end within {seconds:g} s.",
            "it hangs, or waits for something that does not come",
            "Type it in a terminal, to see what it waits for.",
        ) from error
    except BaseException:
        end(child)
        raise
    return subprocess.CompletedProcess(child.args, child.returncode, out, err)


def end(child: subprocess.Popen[Any], *, grace: float | None = None) -> None:
    """Ends a program that hangs, in bounded time; nothing is read of it any more, as what it started may live on.

    grace: seconds that it has to end when it is asked to. One that has ended is let go of.
    """
    for ask in (child.terminate, child.kill):
        if child.poll() is not None:
            break
        with contextlib.suppress(OSError):  # sudo is root's: only root may end it
            ask()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE if grace is None else grace)
            break
    else:
        child.returncode = -1  # left behind, knowingly
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


def plain_words() -> dict[str, str]:
    """This process's environment, with programs' words in English."""
    return {**os.environ, "LC_ALL": "C"}
