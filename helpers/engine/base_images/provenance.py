"""Where each base image came from, kept in the state folder by image id: a re-tagged image can't gain a label."""

from __future__ import annotations

from helpers import store
from helpers.engine.model.base_images import Origin

FILE = "base_images.json"
KEPT = 200  # images; the newest stay


def origins() -> dict[str, Origin]:
    """Where the images came from, by image id; what is damaged is passed over."""
    stored = store.read(FILE, {})
    found: dict[str, Origin] = {}
    for image_id, row in stored.items() if isinstance(stored, dict) else ():
        try:
            found[image_id] = Origin(**row)
        except TypeError:
            continue
    return found


def remember(new: dict[str, Origin]) -> None:
    """Writes down where images came from."""
    known = {key: value for key, value in origins().items() if key not in new} | new
    kept = sorted(known.items(), key=lambda pair: (pair[0] in new, pair[1].date))[-KEPT:]
    store.write(FILE, {key: vars(value) for key, value in kept})
