"""What is on the engine around one image: the image it was built on, and the others that share its lowest layers."""

from __future__ import annotations

import time
from typing import Any

from helpers import errors
from helpers.engine import image_names, images
from helpers.engine.client import Client
from helpers.engine.model.base_images import PREFIX
from helpers.engine.ownership import labels
from helpers.layers.model.sharing import Around, Base, Neighbour, beginning

SECONDS = 2.0  # an engine with hundreds of images, or a busy one, is asked for the newest ones only


def around(client: Client, reference: str, *, name: str = "") -> Around:
    """The base of an image and its neighbours. One HTTP call for each image on the engine.

    The course's base images, which are mostly the oldest, come first and always; the others for two seconds at most.

    name: what the image is called.

    Raises: NoSuchImage.
    Equivalent: docker image inspect --format {{.RootFS.Layers}} IMAGE, for each image
    """
    row = images.inspect(client, reference)
    own = images.diff_ids(row)
    if not own:
        return Around(name=name)
    until = time.monotonic() + SECONDS
    found: list[tuple[int, bool, str, str, int]] = []
    for other in sorted(client.images(), key=lambda one: (not _course(one), -int(one.get("Created") or 0))):
        if str(other["Id"]) == str(row["Id"]) or (time.monotonic() > until and not _course(other)):
            continue
        try:
            seen = images.inspect(client, str(other["Id"]))
        except errors.NotFound:  # gone meanwhile
            continue
        ids = images.diff_ids(seen)
        common = beginning(own, ids)
        if common:
            found.append((common, not other.get("RepoTags"), _name(other), str(other["Id"]), len(ids)))
    below = [one for one in found if one[0] == one[4] and one[0] <= len(own) and not one[1]]
    base = None
    if below:
        common, _, called, other_id, _ = max(below, key=lambda one: (one[2].startswith(f"{PREFIX}/"), one[0]))
        steps = len(client.history(other_id))
        if steps <= len(client.history(reference)):
            base = Base(name=called, layers=common, steps=steps)
    neighbours = tuple(Neighbour(name=called, common=common) for common, _, called, _, _ in sorted(found, reverse=True))
    return Around(name=name, base=base, neighbours=neighbours)


def _course(row: dict[str, Any]) -> bool:
    """True if it is one of the course's base images."""
    return any(str(tag).startswith(f"{PREFIX}/") for tag in row.get("RepoTags") or ())


def _name(row: dict[str, Any]) -> str:
    """What the image is called; one of this learner's by the word for it."""
    tags = [str(tag) for tag in row.get("RepoTags") or ()]
    tags.sort(key=labels.of_another)  # an equal build of another learner's has given it a name, too
    if not tags:
        return f"{str(row['Id']).removeprefix('sha256:')[:12]} (no name)"
    bare = tags[0].removeprefix("localhost/")
    short = image_names.word(bare)
    return tags[0] if short == bare else short
