"""What is in an image, byte by byte: the files that a container would see, and those that only a layer still holds."""

from __future__ import annotations

import contextlib

from helpers import errors
from helpers.engine import images
from helpers.engine.client import Client
from helpers.lab.engine import sandbox
from helpers.oci import layer_archive, layer_tar
from helpers.oci.layer_tar import Source
from helpers.oci.saved_layout import MANIFEST, NoImage, describe
from helpers.oci.tar_header import DamagedTar

SETTINGS = 0  # the place of what is in no layer


def paths(client: Client, image: str, *, scene: str) -> tuple[str, ...]:
    """Every path that a container of the image sees, without the first slash.

    Raises: NoSuchImage.
    Equivalent: docker export CONTAINER | tar --list
    """
    made = sandbox.create(client, image, ["true"], scene=scene)
    try:
        seen = layer_tar.paths(Source(client.export(made)))
        return tuple(path.removeprefix("/") for path in seen)
    finally:
        sandbox.remove(client, made)


def holding(client: Client, image: str, text: str) -> tuple[tuple[int, str], ...]:
    """Every place of the image that holds `text`: the layer's number, from 1 for the lowest, and the path in it.

    Settings and history, which lie in no layer, count as layer 0, with the path "the settings".

    Raises: NoSuchImage; ArchiveError if a layer can't be read.
    Equivalent: docker save IMAGE, and a look into every file of it
    """
    wanted = text.encode()
    diff_ids = images.diff_ids(images.inspect(client, image))
    try:
        with contextlib.closing(images.saved(client, image)) as pieces:
            found, archive = layer_archive.holding(Source(pieces), wanted)
        order = describe(archive.small, archive.links, diff_ids).members if diff_ids else ()
        for name in order:
            if name not in found:
                raise DamagedTar(archive.odd.get(name, "a layer was not sent"))
    except (DamagedTar, NoImage) as error:
        raise errors.ArchiveError("This image can't be searched.", str(error), "Build the image again.") from error
    places = {(order.index(name) + 1, path.removeprefix("/")) for name in order for path in found[name]}
    if any(wanted in content for name, content in archive.small.items() if name != MANIFEST):
        places.add((SETTINGS, "the settings"))
    return tuple(sorted(places))
