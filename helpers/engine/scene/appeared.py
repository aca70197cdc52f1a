"""What a learner made in a terminal while a chapter was open: found by what is new since, never taken unasked.

It is not the course's: no journal proves it. So it is offered at the end of the scene, under narrow conditions, and
removed only after a yes. On an engine that others use, nothing is offered: what is new there may be theirs.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from helpers import errors, store
from helpers.engine import location, scene
from helpers.engine.client import Client
from helpers.engine.model.base_images import PREFIX
from helpers.engine.model.inventory import Claim, Claims, Removed
from helpers.engine.model.location import Where
from helpers.engine.ownership import labels
from helpers.engine.ownership.ledger import names
from helpers.engine.scene import claims
from helpers.engine.session import DESK

KINDS = ("container", "network", "volume")
NAMES = "image name"  # noted beside the images' ids: an image that was there may get a name that is new
STALE_SECONDS = 24 * 3600.0  # a scene that was never ended: what was there a day ago tells little


def _file(name: str) -> str:
    return f"scene-{name}.json"


def begun() -> list[str]:
    """The scenes that were begun, and not ended; not the desk, which nobody begins or ends."""
    before, after = _file("*").split("*")
    found = {path.name[len(before) : -len(after)] for path in store.state().glob(_file("*"))}
    return sorted(found - {DESK})


def remember(client: Client, name: str) -> None:
    """Writes down what is on the engine as the scene begins. One that was begun, and not ended, keeps its beginning.

    Raises: StoreError.
    """
    noted = store.read(_file(name), None)
    if _tells(noted, client):
        return
    there = {kind: [object_id for object_id, _, _ in scene.listed(client, kind)] for kind in KINDS}
    images = client.images(all=True)
    there["image"] = [str(row["Id"]) for row in images]
    there[NAMES] = sorted({called for row in images for called in names(row)})
    store.write(_file(name), {"engine": client.identity, "at": time.time(), "there": there})


def before(client: Client) -> dict[str, frozenset[str]]:
    """By kind, the ids of what was on the engine before each of the scenes that were begun and not ended.

    So what is not among them appeared in one of these scenes.
    """
    found: dict[str, frozenset[str]] = {}
    for name in (*begun(), DESK):
        noted = store.read(_file(name), None)
        if not _tells(noted, client):
            continue
        for kind, ids in noted["there"].items():
            there = frozenset(map(str, ids))
            found[kind] = found[kind] & there if kind in found else there
    return found


def was_there(name: str, kind: str, object_id: str) -> bool:
    """True if it was on the engine before the scene began, and so is not what the learner made in it."""
    noted = store.read(_file(name), None)
    there = noted.get("there") if isinstance(noted, dict) else None
    return isinstance(there, dict) and object_id in (there.get(kind) or ())


def since(client: Client, name: str, kind: str, object_id: str) -> bool:
    """True if it was made while the scene was open, which was begun on this engine, a day ago at most, and goes on."""
    noted = store.read(_file(name), None)
    if not _tells(noted, client):
        return False
    return object_id not in (noted["there"].get(kind) or ())


def expect(name: str, words: Iterable[str]) -> None:
    """Notes names that a brief gave for what the learner is to make. Nothing happens where no scene was begun."""
    noted = store.read(_file(name), None)
    if isinstance(noted, dict):
        called = sorted({*map(str, noted.get("called") or ()), *words})
        store.write(_file(name), {**noted, "called": called})


def forget(name: str) -> None:
    """The scene is over."""
    (store.state() / _file(name)).unlink(missing_ok=True)


def _holds(noted: Any, client: Client) -> bool:
    return isinstance(noted, dict) and bool(client.identity) and noted.get("engine") == client.identity


def _tells(noted: Any, client: Client) -> bool:
    """The same, of a beginning that is a day old at most."""
    return _holds(noted, client) and time.time() - float(noted["at"]) <= STALE_SECONDS


def find(client: Client, name: str) -> tuple[Claim, ...]:
    """What is new since the scene began and seems to be the learner's work in it. To be asked before it is cleared.

    That is: made from course images, or on its networks, or called as a brief said. Claim.whose says which.
    """
    noted = store.read(_file(name), None)
    if not _holds(noted, client) or _shared(client):
        return ()
    before = {kind: set(map(str, noted["there"].get(kind) or ())) for kind in (*KINDS, "image")}
    words, ledger = set(map(str, noted.get("called") or ())), client.ledger()
    images = {str(row["Id"]): row for row in client.images(all=True)}
    course = _course_images(client, images)
    new_images = [
        (image_id, row)
        for image_id, row in images.items()
        if image_id not in before["image"] and any(not _base(n) and not ledger.named(image_id, n) for n in names(row))
    ]
    beginnings = [_layers(client, one) for one in course] if new_images else []
    built = {image_id for image_id, _ in new_images if _begins(_layers(client, image_id), beginnings)}
    own_networks = {e.id for e in ledger.entries if e.kind == "network" and e.scene == name}
    found: list[Claim] = []
    mounted: set[str] = set()
    joined: set[str] = set()
    reached: set[str] = set()  # by the chapter's own containers
    for object_id, word, row in reversed([*scene.listed(client, "container")]):  # the oldest first
        ends = (row.get("NetworkSettings") or {}).get("Networks") or {}
        known = ledger.entry("container", object_id, row.get("Labels"))
        if known is not None and known.scene == name:
            reached |= {str((end or {}).get("NetworkID")) for end in ends.values()}
        if known is not None or object_id in before["container"]:
            continue
        if str(row.get("ImageID")) in {*course, *built}:
            why = "made from a course image"
        elif own_networks & {str((end or {}).get("NetworkID")) for end in ends.values()}:
            why = "on a network of this chapter"
        elif word in words:
            why = "named as an exercise said"
        else:
            continue
        found.append(Claim(kind="container", id=object_id, name=word, whose=why, state=str(row.get("State") or "")))
        mounted |= {str(mount.get("Name")) for mount in row.get("Mounts") or ()}
        joined |= {str((end or {}).get("NetworkID")) for end in ends.values()}
    for kind in ("network", "volume"):
        for object_id, word, row in scene.listed(client, kind):
            if object_id in before[kind] or ledger.entry(kind, object_id, row.get("Labels")) is not None:
                continue
            if word in words:
                found.append(Claim(kind=kind, id=object_id, name=word, whose="named as an exercise said"))
            elif (kind == "volume" and word in mounted) or (kind == "network" and object_id in joined):
                found.append(Claim(kind=kind, id=object_id, name=word, whose="of one of these containers"))
            elif kind == "network" and object_id in reached:
                found.append(Claim(kind=kind, id=object_id, name=word, whose="with a container of this chapter on it"))
    for image_id, row in new_images:
        repositories = {tag.rpartition(":")[0] for tag in names(row)}
        if image_id in built or repositories & words:
            why = "built on a course image" if image_id in built else "named as an exercise said"
            strange = [tag for tag in names(row) if not _base(tag) and ledger.named(image_id, tag) is None]
            found.append(Claim(kind="image", id=image_id, name=", ".join(strange), whose=why))
    return tuple(found)


def still(client: Client, claimed: Iterable[Claim]) -> tuple[Claim, ...]:
    """Those of them that are on the engine now, containers with the state that they are in now."""
    rows = {(kind, object_id): row for kind in KINDS for object_id, _, row in scene.listed(client, kind)}
    tags = {str(row["Id"]): set(names(row)) for row in client.images(all=True)}
    found: list[Claim] = []
    for claim in claimed:
        row = rows.get((claim.kind, claim.id))
        if claim.kind == "image" and tags.get(claim.id, set()) & set(claim.name.split(", ")):
            found.append(claim)
        elif row is not None:
            found.append(replace(claim, state=str(row.get("State") or "")) if claim.kind == "container" else claim)
    return tuple(found)


def remove(client: Client, wanted: Iterable[Claim]) -> Removed:
    """Removes these, each by the id that was listed. The caller has asked for a yes."""
    return claims.remove(client, Claims(probably=tuple(wanted)))


def _shared(client: Client) -> bool:
    """True if others use this engine: it is another computer's, or another learner's objects are on it."""
    if location.where(client).where is Where.REMOTE:
        return True
    everyone = labels.filters(everyone=True)
    rows = [row for kind in KINDS for _, _, row in scene.listed(client, kind, everyone)]
    images = client.images()
    rows += [row for row in images if labels.carried(row.get("Labels"), everyone=True)]
    if any(labels.of_another(name) for row in images for name in names(row)):
        return True
    return any((row.get("Labels") or {}).get(labels.SESSION) not in (None, store.learner()) for row in rows)


def _course_images(client: Client, images: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The ids of base images and of what the journal knows."""
    base = {i for i, row in images.items() if any(map(_base, names(row)))}
    return base | {i for i in images if client.ledger().image(i)}


def _base(tag: str) -> bool:
    """True for the name of a base image, which stays when a chapter ends, whoever fetched it."""
    return tag.startswith(f"{PREFIX}/")


def _begins(layers: list[str], beginnings: Iterable[list[str]]) -> bool:
    """True if an image's layers begin with those of one of these."""
    return any(below and layers[: len(below)] == below for below in beginnings)


def _layers(client: Client, image_id: str) -> list[str]:
    try:
        return list((client.inspect_image(image_id).get("RootFS") or {}).get("Layers") or ())
    except errors.NotFound:
        return []
