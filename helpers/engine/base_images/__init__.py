"""Base images: their names, and which of them the engine has."""

from __future__ import annotations

import json
from pathlib import Path

from helpers.engine.base_images import provenance
from helpers.engine.client import Client
from helpers.engine.model.base_images import FOUND, PREFIX, Lock, Status, parse

LOCK_FILE = Path(__file__).with_name("base_images.json")


def lock(path: Path | None = None) -> Lock:
    """What the lock file says."""
    return parse(json.loads((path or LOCK_FILE).read_text(encoding="utf-8")))


def reference(name: str) -> str:
    """The reference of the base image called `name`: "busybox" gives "localhost/course/busybox:1".

    Raises: KeyError with the names there are.
    """
    return lock().image(name).reference()


def status(client: Client, *, prefix: str = PREFIX) -> tuple[Status, ...]:
    """Every base image, there or not. One HTTP call.

    Equivalent: docker image ls
    """
    rows = {tag: row for row in client.images() for tag in row.get("RepoTags") or ()}
    known = provenance.origins()
    found = []
    for image in lock().images:
        name = image.reference(prefix)
        row = rows.get(name)
        if row is None:
            found.append(Status(name=image.name, reference=name, present=False))
            continue
        origin = known.get(row["Id"])
        found.append(
            Status(
                name=image.name,
                reference=name,
                present=True,
                image_id=row["Id"],
                source=origin.source if origin else FOUND,
                detail=origin.sentence if origin else "was on the engine already",
                size=int(row.get("Size") or 0),
                unlocked=origin is not None and origin.unlocked,
            )
        )
    return tuple(found)
