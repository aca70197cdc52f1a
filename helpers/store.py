"""Where the course keeps what it must remember: the state folder and the cache folder.

The state folder holds small JSON files (who this learner is, the journal, where base images came from).
The cache folder holds what can be made again (wheels, downloaded packages); deleting it costs time, nothing else.
`COURSE_HOME` moves both, which is how tests and several learners under one account keep apart.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.errors import StoreError

NAME = "containers-unpacked"


def state() -> Path:
    """The state folder; made if it is not there yet.

    Raises: StoreError if it can't be made.
    """
    return _folder("state")


def cache() -> Path:
    """The cache folder; made if it is not there yet.

    Raises: StoreError if it can't be made.
    """
    return _folder("cache")


def work() -> Path:
    """The learner's own folder: `work/` in the course's, or what COURSE_WORK names. It may not be there yet."""
    named = os.environ.get("COURSE_WORK")
    return Path(named).expanduser().absolute() if named else Path(__file__).resolve().parents[1] / "work"


def home() -> Path:
    """The reader's home folder.

    Raises: StoreError if this account has none: no HOME, and no entry in the list of accounts.
    """
    try:
        return Path.home()
    except RuntimeError as error:
        raise StoreError(
            "This account has no home folder.",
            "HOME is not set, and the system's list of accounts (passwd) does not have this one",
            "Set HOME, or COURSE_HOME, to a folder that you may write.",
        ) from error


def _folder(kind: str) -> Path:
    named = os.environ.get("COURSE_HOME")
    if named:
        folder = Path(named) / kind
    else:
        home()  # without one, the folders of the system would be made in whichever folder this is
        import platformdirs  # 5 ms that `import helpers` need not pay

        folder = (platformdirs.user_state_path if kind == "state" else platformdirs.user_cache_path)(NAME)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The course can't make its {kind} folder {folder}.",
            str(error),
            "Free some space, or set COURSE_HOME to a folder that you may write.",
        ) from error
    return folder


def read(name: str, default: Any) -> Any:
    """The JSON value stored under `name`; `default` if there is none yet.

    A damaged file is set aside as NAME.damaged-TIME, never deleted, and `default` is returned.
    """
    path = state() / name
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default
    except (ValueError, UnicodeDecodeError):
        with contextlib.suppress(OSError):
            path.replace(path.with_name(f"{name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}"))
        return default
    except OSError as error:
        raise StoreError(f"The course can't read {path}.", str(error), "Look at the file's permissions.") from error


def write(name: str, value: Any) -> None:
    """Stores `value` as JSON under `name`, whole or not at all.

    Raises: StoreError if the disk is full or the folder can't be written.
    """
    path = state() / name
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(value, file, indent=1, sort_keys=True)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path | str, error: OSError) -> StoreError:
    """The error for a file of the state folder that can't be written."""
    return StoreError(f"The course can't write {path}.", str(error), "Free some space and try again.")


@contextlib.contextmanager
def locked(name: str, *, seconds: float = 600) -> Iterator[None]:
    """Holds the lock `name`, so that two processes of the course do not do the same thing at once.

    seconds: how long to wait for the other one.

    Raises: StoreError if the other one does not finish in time.
    """
    from filelock import FileLock, Timeout  # only needed by those who lock

    lock = FileLock(state() / f"{name}.lock")
    try:
        lock.acquire(timeout=seconds)
    except Timeout as error:
        raise StoreError(
            f"Another process of the course has held '{name}' for {seconds:g} s.",
            "it is still at work, or it hangs",
            "Wait for it, or end it, and run the command again.",
        ) from error
    try:
        yield
    finally:
        lock.release()


def learner() -> str:
    """Eight hex digits drawn once for this state folder; the value of the session label."""
    found = read("learner.json", None)
    if isinstance(found, dict) and isinstance(found.get("session"), str):
        return str(found["session"])
    with locked("learner", seconds=10):
        found = read("learner.json", None)
        if not isinstance(found, dict):
            found = {"session": secrets.token_hex(4)}
            write("learner.json", found)
    return str(found["session"])
