"""What the test command needs beyond the course, and running pytest as a process of its own."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from helpers.engine.build import plugins
from helpers.errors import EngineInstallFailed
from helpers.setup.engine import apt

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("chromium", "fonts-dejavu-core")
ENGINE_PACKAGES = ("iproute2", "iptables")
# For engines that are started for the tests: each container takes a dozen short-lived Go programs, and each of these
# would collect its garbage while it begins. That is a fifth of a container's CPU time.
LAZY = ("GOGC", "400")
UNIT = ("-m", "not engine")  # the tests that need none


def in_ci() -> bool:
    """True where nothing may be skipped for want of an engine."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}


def prepare(say: Callable[[str], None], *, engines: bool, install: bool = True) -> None:
    """Installs what the tests need on Debian and Ubuntu where that needs no password; else says what is skipped.

    engines: also what starting other engines needs. install: False installs nothing.

    Raises: EngineInstallFailed in CI, where nothing may be skipped.
    """
    here = apt.system()
    if not here.has_apt:
        say(f"{here.title}: tests that need Chromium are skipped unless it is installed.")
        return
    wanted = apt.missing((*PACKAGES, *(ENGINE_PACKAGES if engines else ())))
    if not wanted:
        return
    root = apt.privilege() if install else None
    if root is None or root == ("sudo",):  # would ask for a password in the middle of a test run
        say(f"Not installed: {', '.join(wanted)}; the tests that need them are skipped. Type: {apt.typed(wanted)}")
        return
    try:
        apt.install(wanted, purpose="the tests", say=say, root=root)
    except EngineInstallFailed as error:
        if in_ci():
            raise
        say(f"{error}\nGoing on: the tests that need {', '.join(wanted)} are skipped.")


def whole(arguments: Sequence[str]) -> bool:
    """True if these arguments of pytest's leave no test out: nothing but switches."""
    return all(word.startswith("-") and word not in {"-k", "-m", "-p"} for word in arguments)


def run(arguments: Sequence[str]) -> int:
    """Runs pytest with `arguments`, from the checkout's root. Returns its exit status.

    The tests as a whole run on two engines at once, where there can be two. Those that need no engine, by themselves,
    run on every core.
    """
    if whole(arguments):
        return _child([sys.executable, str(CHECKOUT / "tests" / "harness" / "engines" / "pair.py"), *arguments])
    alone = UNIT in itertools.pairwise(arguments)
    spread = ["--numprocesses=auto", "--dist=loadscope", "--no-loadscope-reorder"] if alone else []
    return _child([sys.executable, "-m", "pytest", *spread, *arguments])


def sweep(arguments: Sequence[str]) -> int:
    """The suite on other engines, with `arguments`. Returns its exit status."""
    return _child([sys.executable, str(CHECKOUT / "tests" / "harness" / "engines" / "sweep.py"), *arguments])


def mutations(arguments: Sequence[str]) -> int:
    """Every solution changed in every small way. Returns the exit status."""
    return _child([sys.executable, str(CHECKOUT / "tests" / "mutations" / "run.py"), *arguments])


def _child(command: list[str]) -> int:
    """Runs `command` in the foreground; Ctrl-C reaches it directly, and it is waited for while it cleans up."""
    programs = str(Path(sys.executable).parent)
    variables = {
        **os.environ,
        **plugins.environment(),
        "PATH": os.pathsep.join([programs, os.environ.get("PATH", os.defpath)]),
    }
    child = subprocess.Popen(command, cwd=CHECKOUT, env=variables)
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.wait()
        raise
    except BaseException:
        child.terminate()
        raise
