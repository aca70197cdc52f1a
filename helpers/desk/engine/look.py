"""One look at the engine: at most four list calls, however much there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.desk.engine.whose import BUILT_IN, Whose, is_base
from helpers.desk.model.scenery import Image, Link, Scenery, Volume
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.engine.ownership.ledger import names
from helpers.engine.scene import taken
from helpers.networks.engine import networks
from helpers.networks.model.networks import NetworkMap


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The engine's lists, as it sends them."""

    containers: Sequence[Mapping[str, Any]]
    networks: Sequence[Mapping[str, Any]]
    volumes: Sequence[Mapping[str, Any]]
    images: Sequence[Mapping[str, Any]]


def look(client: Client, *, before: Rows | None = None, kinds: frozenset[str] = frozenset()) -> Rows:
    """Asks for containers and networks; for volumes and images only if `before` has none, or one of `kinds` changed.

    Equivalent: docker ps --all; docker network ls; docker volume ls; docker image ls
    """
    return Rows(
        containers=client.containers(all=True),
        networks=client.networks(),
        volumes=(client.volumes().get("Volumes") or []) if before is None or "volume" in kinds else before.volumes,
        images=client.images() if before is None or "image" in kinds else before.images,
    )


def scenery(client: Client, rows: Rows, whose: Whose) -> Scenery:
    """What the desk shows of it. No HTTP call."""
    visible = [row for row in rows.containers if labels.HELPER not in (row.get("Labels") or {})]
    own = {str(r["Id"]) for r in visible if whose.mine("container", str(r["Id"]), called(r), r.get("Labels"))}
    everything = networks.read(rows.networks, visible, whose.ledger)
    members = tuple(m for m in everything.members if m.id in own)
    used = {tap.network for m in members for tap in m.taps}
    own_nets = {
        str(r["Id"]) for r in rows.networks if whose.mine("network", str(r["Id"]), str(r.get("Name")), r.get("Labels"))
    }
    shown = tuple(n for n in everything.networks if n.id in used or (n.id in own_nets and n.lane))
    users: dict[str, list[str]] = {}
    for row in visible:
        for mount in row.get("Mounts") or ():
            if mount.get("Type") == "volume" and str(row["Id"]) in own:
                users.setdefault(str(mount.get("Name")), []).append(str(row["Id"]))
    volumes = tuple(
        Volume(name=str(r["Name"]), users=tuple(users.get(str(r["Name"]), ())))
        for r in sorted(rows.volumes, key=lambda r: str(r["Name"]))
        if whose.mine("volume", str(r["Name"]), str(r["Name"]), r.get("Labels"))
    )
    by_id = {str(r["Id"]): r for r in rows.images}
    images = tuple(
        Image(id=image_id, names=own_names)
        for image_id, row in by_id.items()
        if (own_names := whose.image(image_id, names(row)))
    )
    base = {image_id for image_id, row in by_id.items() if any(map(is_base, names(row)))}
    helper_volumes = sum(1 for r in rows.volumes if labels.HELPER in (r.get("Labels") or {}))
    return Scenery(
        link=Link.ANSWERS,
        where=client.address.url,
        shared=whose.shared,
        map=NetworkMap(networks=shown, members=members),
        undrawn=frozenset(n.id for n in everything.networks) - {n.id for n in shown},
        volumes=volumes,
        images=images,
        rest={
            "container": len(visible) - len(own),
            "network": max(0, len(rows.networks) - len({n.id for n in shown} | own_nets) - _built_in(rows, used)),
            "volume": len(rows.volumes) - len(volumes) - helper_volumes,
            "image": len(by_id.keys() - base - {image.id for image in images}),
            "base image": len(base),
        },
    )


def whose(client: Client, rows: Rows, before: Mapping[str, frozenset[str]], learner: str, *, remote: bool) -> Whose:
    """Who is who in these lists. Without a beginning (an engine that can't be told from others) new means nothing."""
    return Whose(
        ledger=client.ledger(),
        learner=learner,
        before=before,
        shared=remote or not before or taken.others_work(rows.containers),
    )


def called(row: Mapping[str, Any]) -> str:
    """A container's name on the engine."""
    return str((row.get("Names") or [str(row["Id"])[:12]])[0]).lstrip("/")


def _built_in(rows: Rows, used: set[str]) -> int:
    """The engine's own networks that are not drawn."""
    return sum(1 for r in rows.networks if str(r.get("Name")) in BUILT_IN and str(r["Id"]) not in used)
