"""Scenes and clean-up: what the course made goes, by label and by journal, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers import errors
from helpers.engine import build, labels, parcels, watch
from helpers.engine.client import Client, connect
from helpers.model.inventory import Inventory, Owned, Removed

DEFAULT = "desk"  # what is made outside of any scene belongs to this one
_current = DEFAULT


def current() -> str:
    """The name of the scene that new objects belong to."""
    return _current


def enter(name: str) -> None:
    """Makes `name` the current scene."""
    global _current
    _current = name
    watch.stop()  # of an earlier run, or another scene


def leave(name: str) -> None:
    """Goes back to the default scene if `name` is the current one; ends its subscription to events."""
    if _current == name:
        enter(DEFAULT)


def clear(client: Client, *, scene: str | None = None, everyone: bool = False) -> Removed:
    """Removes containers, then networks, volumes and images that carry the course's labels.

    scene: only that one's; None: all. everyone: every learner's on this engine, not only this one's.
    Each object is listed by label and removed by id; one that is gone meanwhile counts as gone.
    """
    wanted = labels.filters(scene=scene, everyone=everyone)
    gone: list[Owned] = []
    kept: list[tuple[Owned, str]] = []

    def take(owned: Owned, remove: Callable[[], Any]) -> None:
        try:
            remove()
        except errors.NotFound:
            pass
        except errors.EngineRefused as error:
            kept.append((owned, error.message))
            return
        gone.append(owned)

    for owned in _containers(client, wanted, everyone):
        take(owned, lambda o=owned: _remove_container(client, o.id))  # type: ignore[misc]
    for owned in _networks(client, wanted, everyone):
        take(owned, lambda o=owned: client.remove_network(o.id))  # type: ignore[misc]
    for owned in _volumes(client, wanted, everyone):
        take(owned, lambda o=owned: client.remove_volume(o.id, force=True))  # type: ignore[misc]
    seen: set[str] = set()
    while new := [owned for owned in _images(client, wanted, everyone) if owned.id not in seen]:
        for owned in new:
            take(owned, lambda o=owned: _remove_image(client, o.id))  # type: ignore[misc]
        seen |= {owned.id for owned in new}
        if not everyone:
            break  # the journal knows the steps of one's own builds
        # the step below one that was removed is listed only now; nobody's journal here knows others' steps
    try:
        parcels.discard(scene)  # image files; they are this learner's, whoever's objects are removed
    except errors.StoreError as error:
        kept.append((Owned(kind="folder", id="", name="of image files", scene=scene or "?"), error.why))
    swept = build.sweep(client, scene=scene)  # what failed or killed builds left without a label
    gone.extend(Owned(kind="image", id=found, name=found[:19], scene="build") for found in swept)
    return Removed(gone=tuple(gone), kept=tuple(kept))


def cleanup(*, everyone: bool) -> Removed:
    """Removes everything of this learner's, or (everyone) everything of the course's. Base images stay.

    Raises: EngineNotReachable.
    """
    return clear(connect(), everyone=everyone)


def inventory(client: Client) -> Inventory:
    """What is on the engine: the course's objects by name, everybody else's as counts. Four HTTP calls."""
    wanted = labels.filters()
    mine = [
        *_containers(client, wanted, False),
        *_images(client, wanted, False),
        *_networks(client, wanted, False),
        *_volumes(client, wanted, False),
    ]
    tags = [tag for row in client.images() for tag in row.get("RepoTags") or []]
    base = sorted(tag for tag in tags if tag.startswith("localhost/course/"))
    totals = {
        "container": len(client.containers(all=True)),
        "image": len({row["Id"] for row in client.images()}) - len(base),
        "network": len(client.networks()),
        "volume": len(client.volumes().get("Volumes") or []),
    }
    others = {kind: total - sum(1 for o in mine if o.kind == kind) for kind, total in totals.items()}
    return Inventory(mine=tuple(mine), others=others, base_images=tuple(base))


def _remove_container(client: Client, container_id: str) -> None:
    from helpers.engine import containers

    containers.remove(client, container_id)


def _remove_image(client: Client, image_id: str) -> None:
    """Takes the course's names off the image; one that nobody else named goes with the last of them.

    Never forced, and without its parents: either could take what somebody else made.

    Raises: EngineRefused if it has other names too, or a container uses it.
    """
    tags = [str(tag) for tag in client.inspect_image(image_id).get("RepoTags") or []]
    foreign = [tag for tag in tags if not tag.removeprefix("localhost/").startswith("cu-")]
    for tag in tags:
        if tag not in foreign:
            client.remove_image(tag, noprune=True)
    if foreign:
        names = ", ".join(foreign)
        raise errors.EngineRefused("The image stays.", status=409, message=f"somebody else named it too: {names}")
    if not tags:
        client.remove_image(image_id, noprune=True)


def _owned(kind: str, object_id: str, name: str, found: dict[str, str]) -> Owned:
    scene = found.get(labels.SCENE)
    return Owned(kind=kind, id=object_id, name=labels.short_name(name, scene), scene=scene or "?")


def _containers(client: Client, wanted: dict[str, list[str]], everyone: bool) -> list[Owned]:
    return [
        _owned("container", row["Id"], str((row.get("Names") or [row["Id"][:12]])[0]).lstrip("/"), row["Labels"])
        for row in client.containers(all=True, filters=wanted)
        if labels.is_ours(row.get("Labels"), everyone=everyone)
    ]


def _networks(client: Client, wanted: dict[str, list[str]], everyone: bool) -> list[Owned]:
    return [
        _owned("network", row["Id"], str(row["Name"]), row["Labels"])
        for row in client.networks(filters=wanted)
        if labels.is_ours(row.get("Labels"), everyone=everyone)
    ]


def _volumes(client: Client, wanted: dict[str, list[str]], everyone: bool) -> list[Owned]:
    return [
        _owned("volume", row["Name"], str(row["Name"]), row["Labels"])
        for row in client.volumes(filters=wanted).get("Volumes") or []
        if labels.is_ours(row.get("Labels"), everyone=everyone)
    ]


def _images(client: Client, wanted: dict[str, list[str]], everyone: bool) -> list[Owned]:
    return [
        _owned("image", row["Id"], str((row.get("RepoTags") or [row["Id"][:19]])[0]), row["Labels"])
        for row in client.images(filters=wanted)
        if labels.is_ours(row.get("Labels"), everyone=everyone)
    ]
