"""Which scenes are open, and where: in this process, in another one that is alive, or in one that has ended.

A lock of the operating system's tells, which goes with the process that holds it, however that ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers import store
from helpers.engine.scene import appeared
from helpers.engine.session import session

if TYPE_CHECKING:
    from filelock import FileLock


def take(name: str) -> bool:
    """Holds the scene for this process, until `leave` or its end. False if another one that is alive holds it.

    Raises: StoreError.
    """
    if name in session.held:
        return True
    lock = _lock(name)
    if lock is None:
        return False
    session.held[name] = lock
    return True


def leave(name: str) -> None:
    """Lets go of it."""
    lock = session.held.pop(name, None)
    if lock is not None:
        lock.release()


def elsewhere() -> tuple[str, ...]:
    """The scenes that are open in other processes that are alive."""
    return tuple(name for name in appeared.begun() if name not in session.held and not _is_free(name))


def ended() -> tuple[str, ...]:
    """The scenes that were begun, and not ended, in processes that are gone."""
    return tuple(name for name in appeared.begun() if name not in session.held and _is_free(name))


def _is_free(name: str) -> bool:
    lock = _lock(name)
    if lock is not None:
        lock.release()
    return lock is not None


def _lock(name: str) -> FileLock | None:
    from filelock import FileLock, Timeout  # only needed by those who lock

    lock = FileLock(store.state() / f"scene-{name}.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    except OSError as error:
        raise store.unwritable(lock.lock_file, error) from error
    return lock
