"""Runs the tests on two engines at once: the one in use, and the installed version once more beside it.

    python tests/harness/engines/pair.py [pytest options]

The suite mostly waits for an engine, and one engine can't take two runs: each run compares all that is on it. So
pytest-xdist has one worker for each of two engines, and a group of tests (guards.py says which) stays on one of them.
Without root, dockerd or a second core there is one engine and one run, as with `pytest`. Exit status: pytest's.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from helpers.setup.engine import dockerd  # noqa: E402
from tests.harness.engines.engines import (  # noqa: E402
    HERE,
    Engine,
    EngineFailed,
    copy_images,
    down,
    refuse_unless_possible,
    up,
)

SECOND = Engine(version=HERE)


def why_not() -> str:
    """Why there can't be a second engine here; "" if there can."""
    if (os.cpu_count() or 1) < 2:
        return "one core"
    if not dockerd.is_installed():
        return "no dockerd on this machine"
    try:
        refuse_unless_possible()
    except EngineFailed as error:
        return str(error)
    return ""


def python_on(engine: Engine) -> Path:
    """A script that is Python with `engine` in use, in its network namespace; for a worker of pytest-xdist."""
    script = engine.run / "python"
    unset = [f"--unset={name}" for name in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")]
    inside = ["nsenter", f"--net={engine.namespace}"]
    words = [*inside, "env", *unset, f"DOCKER_HOST={engine.docker_host}", sys.executable]
    script.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return script


def run(options: Sequence[str]) -> int:
    """Both workers, or one run without workers; returns pytest's exit status."""
    pytest = [sys.executable, "-m", "pytest", *options]
    reason = why_not()
    if not reason:
        try:
            up(SECOND)
            copy_images(SECOND)
            workers = ("popen", f"popen//python={shlex.quote(str(python_on(SECOND)))}")
            spread = [word for worker in workers for word in ("--tx", worker)]
            return _wait([*pytest, "--dist", "loadscope", "--no-loadscope-reorder", *spread])
        except EngineFailed as error:
            reason = str(error)
        finally:
            down(SECOND, purge=True)
    print(f"One engine, one after the other ({reason}).", flush=True)
    return _wait(pytest)


def _wait(command: list[str]) -> int:
    """Runs it in the foreground. Ctrl-C and a request to end reach it, and it is waited for while it cleans up."""
    child = subprocess.Popen(command, cwd=ROOT)
    try:
        return child.wait()
    except KeyboardInterrupt:  # the terminal sent it to the child as well
        child.wait()
        raise
    except BaseException:
        child.send_signal(signal.SIGINT)  # as Ctrl-C: pytest cleans up
        child.wait()
        raise


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the second engine goes, too
    sys.exit(run(sys.argv[1:]))
