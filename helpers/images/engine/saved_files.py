"""Where image files lie: a folder of the scene, or a place of the learner's own."""

from __future__ import annotations

import re
from pathlib import Path

from helpers import errors, store
from helpers.engine import image_names
from helpers.engine.scene.files import FOLDER
from helpers.oci import saved_reader


def place(scene: str, reference: str) -> Path:
    """Where the file of an image goes that nobody gave a place: a folder of the scene, which goes when it ends.

    Raises: StoreError if the folder can't be made.
    """
    folder = store.cache() / FOLDER / scene
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.StoreError(f"The course can't make {folder}.", str(error), "Free some space.") from error
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", image_names.word(reference)).strip(".-")
    return folder / f"{stem[:100] or 'image'}.tar"


def may_write(path: Path) -> None:
    """Makes sure that nothing but an older image file would be replaced.

    Raises: ArchiveError.
    """
    try:
        if not path.exists():
            return
        fine = path.is_file() and not path.is_symlink() and (not path.stat().st_size or _is_image_file(path))
    except OSError as error:
        raise errors.ArchiveError(
            f"The file {path} can't be written.", error.strerror or str(error), "Name another place."
        ) from error
    if not fine:
        raise errors.ArchiveError(
            f"{path} is already there and is not an image file.",
            "only an older image file is replaced",
            'Name a new file: images.save(IMAGE, to="shop.tar")',
        )


def _is_image_file(path: Path) -> bool:
    """Whether it is whole does not matter for a file that is replaced."""
    with path.open("rb") as file:
        return saved_reader.is_image(file)
