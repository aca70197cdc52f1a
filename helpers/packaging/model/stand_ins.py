"""An image that stands for somebody's machine."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.engine.model.image import Named


@dataclass(frozen=True, kw_only=True)
class StandIn(Named):
    """What was put on the machine.

    name: the learner's word for whose it is. python: the version. packages: name and version of each that was
    installed. folder: where the files are. files: the first part of each path in it; a folder ends with a slash.
    dockerfile: what the image was built from.
    """

    name: str
    python: str
    packages: tuple[tuple[str, str], ...]
    folder: str
    files: tuple[str, ...]
    dockerfile: str
