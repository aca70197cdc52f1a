"""Reading a saved image as the engine sends it: every layer becomes columns, or is looked through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from helpers.oci import layer_tar
from helpers.oci.layer_files import Files
from helpers.oci.layer_tar import Source
from helpers.oci.saved_layout import BLOBS
from helpers.oci.saved_tar import SavedTar
from helpers.oci.tar_header import DamagedTar, Room


@dataclass(slots=True)
class Archive:
    """What came by. layers: by member. small: other members. links: name → name. odd: members that are no layer."""

    small: dict[str, bytes]
    links: dict[str, str]
    layers: dict[str, Files] = field(default_factory=dict)
    odd: dict[str, str] = field(default_factory=dict)


def read(source: Source, known: Callable[[str], Files | None], began: Callable[[], None]) -> Archive:
    """Reads an archive to its end.

    known: the columns of a diff id, if they are known already; such a layer is passed over. began: called when a layer
    begins.

    Raises: DamagedTar if it was cut off, or is none.
    """
    tape = SavedTar(source)
    found = Archive(tape.small, tape.links)
    room = Room()
    for entry in tape.layers():
        began()
        columns = known("sha256:" + entry.name.removeprefix(BLOBS)) if entry.name.startswith(BLOBS) else None
        try:
            found.layers[entry.name] = (
                columns if columns is not None else entry.inside(partial(layer_tar.read, room=room))
            )
        except DamagedTar as error:  # if the archive itself is cut off, passing over the rest says so
            found.odd[entry.name] = str(error)
    return found


def find(source: Source, path: str, most: int, wanted: str) -> tuple[dict[str, bytes], Archive]:
    """The content of `path` in each layer that has it, by member, and the archive without its layers.

    wanted: the member after which nothing more is read; it may be none.

    Raises: DamagedTar.
    """
    found: dict[str, bytes] = {}
    tape = SavedTar(source)
    for entry in tape.layers():
        if wanted.startswith(BLOBS) and entry.name != wanted:
            continue
        one = entry.inside(lambda inner, end: layer_tar.find(inner, path, most, end))
        if one is not None:
            found[entry.name] = one
        if entry.name == wanted:
            break
    return found, Archive(tape.small, tape.links)


def holding(source: Source, wanted: bytes) -> tuple[dict[str, list[str]], Archive]:
    """The paths of each layer's files that hold `wanted`, by member, and the archive without its layers.

    Raises: DamagedTar.
    """
    found: dict[str, list[str]] = {}
    tape = SavedTar(source)
    archive = Archive(tape.small, tape.links)
    for entry in tape.layers():
        try:
            found[entry.name] = entry.inside(lambda inner, end: layer_tar.holding(inner, wanted, end))
        except DamagedTar as error:
            archive.odd[entry.name] = str(error)
    return found, archive
