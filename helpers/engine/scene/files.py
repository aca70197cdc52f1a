"""Files that belong to a scene: they lie in a folder of its own, and go with it."""

from __future__ import annotations

import shutil

from helpers import errors, store

FOLDER = "parcels"


def discard(scene: str | None) -> None:
    """Deletes the files that were saved in a scene; None: in every scene of this learner.

    Raises: StoreError.
    """
    folder = store.cache() / FOLDER
    folder = folder / scene if scene is not None else folder
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise errors.StoreError(f"The course can't delete {folder}.", str(error), "Look at its permissions.") from error
