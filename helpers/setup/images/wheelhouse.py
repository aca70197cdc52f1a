"""The wheelhouse: a few small Python packages, pinned by checksum, that the Python base image carries in /wheels.

They are fetched on this machine, with its own package index settings, and kept in the cache folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from helpers import store
from helpers.engine.model.base_images import Wheel
from helpers.errors import BaseImageMissing

SECONDS = 120.0  # for one wheel; each is below 1 MB


def fetch(wheels: tuple[Wheel, ...], *, say: Callable[[str], None]) -> dict[str, Path]:
    """The files by name, checked; fetched where the cache does not have them.

    Raises: BaseImageMissing if the package index can't be reached, or has another file under that name.
    """
    folder = store.cache() / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    missing = [wheel for wheel in wheels if not _fits(folder / wheel.file, wheel)]
    if missing:
        say(f"wheelhouse: fetching {len(missing)} packages with pip ({', '.join(w.file for w in missing)}) ...")
        started = time.monotonic()
        pip = _pip()
        for wheel in missing:
            _download(pip, wheel, folder)
        say(f"wheelhouse: done in {time.monotonic() - started:.0f} s")
    return {wheel.file: folder / wheel.file for wheel in wheels}


def _fits(path: Path, wheel: Wheel) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == wheel.sha256
    except OSError:
        return False


def _download(pip: list[str], wheel: Wheel, folder: Path) -> None:
    """Into a folder beside it first, so that an interrupted download is never taken for a wheel."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as fresh:
        wanted = Path(fresh) / "wanted.txt"
        wanted.write_text(f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
        command = [*pip, "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
        command += ["--require-hashes", "--requirement", str(wanted), "--dest", fresh]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False
            )
            why = _last_error(done.stdout + done.stderr)
        except subprocess.TimeoutExpired:
            why = f"pip did not finish within {SECONDS:g} s"
        except OSError as error:
            why = str(error)
        if not _fits(Path(fresh) / wheel.file, wheel):
            raise BaseImageMissing(
                f"The package {wheel.name} {wheel.version} of the course's wheelhouse could not be fetched.",
                why or "pip gave another file than the one the course is locked to",
                "Connect to the internet, or set your package index for pip, and run it again; "
                "a bundle (python3 start.py images load FILE) brings the packages with it.",
            )
        (Path(fresh) / wheel.file).replace(folder / wheel.file)


def _last_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "")


def _pip() -> list[str]:
    """A pip to run: this environment's, or one lent by Python, uv or the system (uv makes environments without)."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    lent = importlib.util.find_spec("ensurepip")
    if lent is not None and lent.submodule_search_locations:
        for folder in lent.submodule_search_locations:
            for wheel in sorted((Path(folder) / "_bundled").glob("pip-*.whl")):
                return [sys.executable, str(wheel / "pip")]  # a wheel is a zip that Python can run from
    uv = shutil.which("uv")
    if uv:
        return [uv, "tool", "run", "pip"]
    for name in ("pip3", "pip"):
        found = shutil.which(name)
        if found:
            return [found]
    raise BaseImageMissing(
        "There is no pip on this machine to fetch the course's wheelhouse with.",
        "neither this Python environment nor the system has one, and there is no uv",
        "Install pip or uv, or load a bundle: python3 start.py images load FILE",
    )
