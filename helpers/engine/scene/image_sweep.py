"""Taking away the images that the course made: its names first, then what is new and has no name left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from helpers import errors
from helpers.engine import image_names
from helpers.engine.client import Client
from helpers.engine.model.base_images import PREFIX
from helpers.engine.model.inventory import Owned
from helpers.engine.ownership import journal, labels
from helpers.engine.ownership.journal import Entry
from helpers.engine.ownership.ledger import build_name, may_be_of, names, same_name, was_new

SETTLED_SECONDS = 0.5  # a classic builder that lost its client ends the step it is at, whose image comes after that
SETTLING_SECONDS = 5.0  # no longer: what else bears a scene's labels and no nonce, made by hand of our image, may stay
PENDING_SECONDS = 600.0  # a build that was not called off and left nothing is kept so long: it may be going on


def sweep(
    client: Client, *, scene: str | None = None, named: bool = True
) -> tuple[list[Owned], list[tuple[Owned, str]]]:
    """Removes what the journal says of images; returns what went, and what stays with the reason.

    scene: only that one's, so that opening a chapter takes nothing from a build that is running elsewhere; None: all.
    named: False leaves what has a name, and takes only the steps of builds that nothing is built on any more.

    Only a noted name that still points to the noted image is taken off, and only an image that was new is removed.
    Never forced, and without parents: what a container uses, or an image of anybody's is built on, the engine keeps,
    and so does the journal. Base images stay.
    """
    gone: list[Owned] = []
    kept: list[tuple[Owned, str]] = []
    if not any(_concerns(entry, scene) for entry in client.ledger().entries):
        return gone, kept
    if named:
        _settle(client, scene)
    rows = {str(row["Id"]): row for row in client.images(all=True)}
    done: list[Entry] = []
    if named:
        _adopt(client, scene, rows)
        done += _unname(client, scene, rows, gone, kept)
        rows = {str(row["Id"]): row for row in client.images(all=True)}
    done += _remove(client, scene, rows, gone, kept if named else [])
    journal.forget(done)
    return gone, kept


def _concerns(entry: Entry, scene: str | None) -> bool:
    return entry.kind in ("image", "build") and scene in (None, entry.scene)


def _settle(client: Client, scene: str | None) -> None:
    """Waits until the builder has ended the step at which a build was just called off: there its container is gone."""
    for entry in client.ledger().entries:
        if entry.kind != "build" or scene not in (None, entry.scene):
            continue
        while 0 <= (since := time.time() - entry.over) < SETTLING_SECONDS:
            with client.unrecorded():
                if since > SETTLED_SECONDS and not client.at_a_step(labels.filters(scene=entry.scene)):
                    break
            time.sleep(0.1)


def _adopt(client: Client, scene: str | None, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Notes what builds that were killed had made, and could not note.

    BuildKit's image has the build's own name. Of the classic builder it is the last step, or the name at the end: the
    name was free, or the course's, when the build began.
    """
    ended = []
    for entry in (e for e in client.ledger().entries if e.kind == "build" and scene in (None, e.scene)):
        over = entry.over > 0 or time.time() - entry.at > PENDING_SECONDS
        for image_id, row in rows.items():
            if any(same_name(build_name(entry), name) for name in names(row)):
                moved = client.ledger().named(image_id, build_name(entry))  # to somebody's image, on its way off
                new = was_new(entry, image_id) if moved is None else moved.new
                if new:
                    client.note_image(entry.scene, image_id, new=True)
                for name in (build_name(entry), entry.reference):
                    if name and any(same_name(name, other) for other in names(row)):
                        client.note_image(entry.scene, image_id, reference=name, new=new)
                over = True
                continue
            if not may_be_of(entry, row):
                continue
            if any(same_name(entry.reference, name) for name in names(row)):
                client.note_image(entry.scene, image_id, reference=entry.reference, new=True)
            elif not names(row) and not client.ledger().is_new(image_id):
                client.note_image(entry.scene, image_id, new=True)
            else:
                continue
            over = True
        if over:
            ended.append(entry)
    journal.forget(ended)


def _unname(
    client: Client,
    scene: str | None,
    rows: Mapping[str, Mapping[str, Any]],
    gone: list[Owned],
    kept: list[tuple[Owned, str]],
) -> Iterator[Entry]:
    """Takes the noted names off; yields the entries that are done with."""
    for entry in client.ledger().entries:
        if entry.kind != "image" or not entry.reference or scene not in (None, entry.scene):
            continue
        row = rows.get(entry.id)
        if row is None or not any(same_name(entry.reference, name) for name in names(row)):
            yield entry
            continue
        owned = Owned(kind="image", id=entry.id, name=image_names.word(entry.reference), scene=entry.scene)
        if take(owned, lambda e=entry: client.unname(e.reference), gone, kept):  # type: ignore[misc]
            yield entry


def _remove(
    client: Client,
    scene: str | None,
    rows: dict[str, Mapping[str, Any]],
    gone: list[Owned],
    kept: list[tuple[Owned, str]],
) -> Iterator[Entry]:
    """Removes what is new and has no name, children first; yields the entries that are done with."""
    waiting = {
        entry: next((i for i in rows if entry in client.ledger().image(i)), "")
        for entry in client.ledger().entries
        if entry.kind == "image" and not entry.reference and scene in (None, entry.scene)
    }
    used = {str(row.get("ImageID")) for row in client.containers(all=True)} if waiting else set()
    for entry in [entry for entry, full in waiting.items() if not full]:
        del waiting[entry]
        yield entry
    progress = True
    while progress:
        progress = False
        parents = {str(row.get("ParentId")) for row in rows.values()}
        for entry, full in reversed(tuple(waiting.items())):
            if full in parents or full in used or (full in rows and names(rows[full])):
                continue
            owned = Owned(kind="image", id=full, name=full[:19], scene=entry.scene)
            if full not in rows:
                yield entry
            elif take(owned, lambda i=full: client.remove_image(i, noprune=True), gone, []):  # type: ignore[misc]
                yield entry
                rows.pop(full)
                progress = True
            del waiting[entry]
    for entry, full in waiting.items():
        strange = [name for name in names(rows[full]) if client.ledger().named(full, name) is None]
        if strange and all(map(labels.of_another, strange)):
            yield entry  # another learner built the same: it is theirs now, and goes with their name
            continue
        if not strange:
            continue
        if not any(name.removeprefix("docker.io/").startswith(f"{PREFIX}/") for name in strange):
            owned = Owned(kind="image", id=full, name=full[:19], scene=entry.scene)
            kept.append((owned, f"somebody else named it too: {', '.join(strange)}"))


def take(owned: Owned, remove: Callable[[], Any], gone: list[Owned], kept: list[tuple[Owned, str]]) -> bool:
    """Removes one thing, and notes in `gone` or, with the reason, in `kept` what came of it.

    Returns: True if it is gone, now or before.
    """
    try:
        remove()
    except errors.NotFound:
        return True
    except errors.EngineRefused as error:
        kept.append((owned, error.message))
        return False
    except errors.NotOurs as error:
        kept.append((owned, error.why))
        return False
    gone.append(owned)
    return True
