"""Scenes and clean-up: what the journal proves the course made goes, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from helpers import errors
from helpers.engine import image_names
from helpers.engine.client import Client, connect
from helpers.engine.model.inventory import Inventory, Owned, Removed
from helpers.engine.ownership import journal, labels
from helpers.engine.ownership.journal import Entry
from helpers.engine.ownership.ledger import Ledger
from helpers.engine.scene import files, image_sweep
from helpers.engine.session import session

PENDING_SECONDS = 600.0  # an entry whose object never came is kept so long: another kernel may be about to make it


def current() -> str:
    """The name of the scene that new objects belong to.

    Raises: CourseError if one was to begin, and did not: what is made then would belong to no chapter.
    """
    if session.refused:
        raise errors.CourseError(
            f"The scene {session.refused} has not begun.",
            "the cell that begins it said why",
            "Do what it said, and run that cell again.",
        )
    return session.scene


def clear(client: Client, *, scene: str | None = None) -> Removed:
    """Removes the containers, networks, volumes and images that the course made for this learner on this engine.

    scene: only that one's; None: all. Each is proved by the journal (see `ownership`) and removed by its id; one that
    is gone meanwhile counts as gone.
    """
    gone: list[Owned] = []
    kept: list[tuple[Owned, str]] = []
    there: set[Entry] = set()
    known = client.ledger()  # before the engine is asked: what is made meanwhile is not taken for gone
    for kind, remove in _REMOVE.items():
        for entry, owned in _proven(client, kind, scene):
            there.add(entry)
            try:
                remove(client, owned.id)
            except errors.NotFound:
                pass
            except errors.EngineRefused as error:
                kept.append((owned, error.message))
                continue
            gone.append(owned)
            if not entry.id:
                journal.gone(entry)
    _forget(known, scene, there)
    images, named = image_sweep.sweep(client, scene=scene)
    try:
        files.discard(scene)  # image files
    except errors.StoreError as error:
        kept.append((Owned(kind="folder", id="", name="of image files", scene=scene or "?"), error.why))
    return Removed(gone=(*gone, *images), kept=(*kept, *named))


def cleanup() -> Removed:
    """Removes everything of this learner's on this engine. Base images stay.

    Raises: EngineNotReachable.
    """
    return clear(connect())


def inventory(client: Client) -> Inventory:
    """What is on the engine: the course's objects by name, everybody else's as counts. Five HTTP calls."""
    mine = [owned for kind in _REMOVE for _, owned in _proven(client, kind, None)]
    ledger, rows = client.ledger(), client.images()
    for row in rows:
        found = [e for e in ledger.image(str(row["Id"])) if e.reference] or ledger.image(str(row["Id"]))
        tags = [str(tag) for tag in row.get("RepoTags") or ()]
        if found and not any(tag.startswith(_BASE) for tag in tags):
            name = image_names.word(found[0].reference) or str(row["Id"])[:19]
            mine.append(Owned(kind="image", id=str(row["Id"]), name=name, scene=found[0].scene))
    base = sorted(tag for row in rows for tag in row.get("RepoTags") or [] if tag.startswith(_BASE))
    totals = {
        "container": len(client.containers(all=True)),
        "image": len({row["Id"] for row in rows}) - len(base),
        "network": len(client.networks()),
        "volume": len(client.volumes().get("Volumes") or []),
    }
    others = {kind: total - sum(1 for o in mine if o.kind == kind) for kind, total in totals.items()}
    return Inventory(mine=tuple(mine), others=others, base_images=tuple(base))


_BASE = "localhost/course/"


def _remove_container(client: Client, container_id: str) -> None:
    from helpers.engine import containers

    containers.remove(client, container_id)


_REMOVE: dict[str, Callable[[Client, str], Any]] = {
    "container": _remove_container,
    "network": lambda client, object_id: client.remove_network(object_id),
    "volume": lambda client, object_id: client.remove_volume(object_id, force=True),
}


def remove(client: Client, kind: str, object_id: str) -> None:
    """Removes one container, network or volume by its id. Raises: NotOurs, NotFound, EngineRefused."""
    _REMOVE[kind](client, object_id)


def _proven(client: Client, kind: str, scene: str | None) -> Iterator[tuple[Entry, Owned]]:
    """The objects of one kind that the journal proves, with their entries."""
    ledger = client.ledger()
    for object_id, name, row in listed(client, kind, labels.filters()):
        found = row.get("Labels") or {}
        entry = ledger.entry(kind, object_id, found)
        if entry is None or scene not in (None, entry.scene):
            continue
        if not entry.id and kind == "container" and client.inherited(str(row.get("ImageID")), entry):
            continue
        yield entry, Owned(kind=kind, id=object_id, name=labels.short_name(name), scene=entry.scene)


def listed(client: Client, kind: str, wanted: Any = None) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Id, name and the engine's row of each object of one kind. wanted: a filter of the engine's."""
    rows: list[dict[str, Any]]
    if kind == "container":
        rows = client.containers(all=True, filters=wanted)
    elif kind == "network":
        rows = client.networks(filters=wanted)
    else:
        rows = client.volumes(filters=wanted).get("Volumes") or []
    for row in rows:
        if kind == "container":
            yield str(row["Id"]), str((row.get("Names") or [row["Id"][:12]])[0]).lstrip("/"), row
        else:
            yield str(row["Name"] if kind == "volume" else row["Id"]), str(row["Name"]), row


def _forget(known: Ledger, scene: str | None, there: set[Entry]) -> None:
    """Takes out of the journal what the engine does not have any more."""
    keys = {entry.key for entry in there}
    journal.forget(
        entry
        for entry in known.entries
        if entry.kind in _REMOVE
        and scene in (None, entry.scene)
        and entry.key not in keys
        and (entry.id or time.time() - entry.at > PENDING_SECONDS)
    )
