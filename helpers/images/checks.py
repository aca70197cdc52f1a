"""What a check may ask about images: their files, their names."""

from __future__ import annotations

from pathlib import Path

from helpers.images.engine import anatomy, save_load
from helpers.images.model.saved_files import Parcel
from helpers.lab.look import Look


class Images:
    """Images, as a check needs them."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def file(self, path: str | Path) -> Parcel:
        """What is in an image file.

        Raises: ArchiveError.
        """
        place = Path(path)
        return save_load.look(place if self._look.folder is None else self._look.folder / place)

    def tag(self, image: str, *, name: str) -> str:
        """Gives an image of the scene's that name; returns the reference."""
        return anatomy.tag(self._look.client, image, scene=self._look.scene, name=name, version="1").reference
