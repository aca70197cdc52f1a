"""What carries the course's labels without proof: other learners' things, an older edition's, and what inherited them.

Labels are no proof, so this is listed and removed only after a yes, each object by the id that was listed.
"""

from __future__ import annotations

from collections.abc import Mapping

from helpers import store
from helpers.engine import scene
from helpers.engine.client import Client
from helpers.engine.model.base_images import PREFIX
from helpers.engine.model.inventory import Claim, Claims, Owned, Removed
from helpers.engine.ownership import journal, labels
from helpers.engine.ownership.ledger import names
from helpers.engine.scene.image_sweep import take


def find(client: Client) -> Claims:
    """Everything on this engine with the course's labels that the journal does not prove to be this learner's.

    An image of the first edition's journal that has no name counts, too.
    """
    probably: list[Claim] = []
    inherited: list[Claim] = []
    everyone = labels.filters(everyone=True)
    images = {str(row["Id"]): row for row in client.images(all=True)}
    ledger = client.ledger()
    for kind in ("container", "network", "volume"):
        for object_id, name, row in scene.listed(client, kind, everyone):
            found = row.get("Labels") or {}
            if ledger.entry(kind, object_id, found) is not None:
                continue
            state = str(row.get("State") or "") if kind == "container" else ""
            claim = Claim(kind=kind, id=object_id, name=name, whose=_whose(found), state=state)
            image = images.get(str(row.get("ImageID")), {}) if kind == "container" else {}
            (inherited if _from_image(found, image.get("Labels") or {}, name) else probably).append(claim)
    below = {str(row.get("ParentId")) for row in images.values()}  # such as the steps that base images were built in
    first_edition = [e for e in journal.entries() if e.kind == "image" and not e.engine]
    noted = {entry.id.removeprefix("sha256:")[:12] for entry in first_edition}
    for image_id, row in images.items():
        found, called = row.get("Labels") or {}, names(row)
        if ledger.image(image_id) or any(_base(name) for name in called):
            continue
        claim = Claim(kind="image", id=image_id, name=", ".join(called) or image_id[:19], whose=_whose(found))
        if labels.carried(found, everyone=True):
            strange = labels.NONCE in found or not all(labels.drawn(labels.repository(name)) for name in called)
            (inherited if strange else probably).append(claim)
        elif called and all(map(labels.of_another, called)):
            whose = ", ".join(sorted({labels.drawn_for(name) for name in called}))
            probably.append(Claim(kind="image", id=image_id, name=", ".join(called), whose=f"learner {whose}"))
        elif not called and image_id not in below and image_id.removeprefix("sha256:")[:12] in noted:
            probably.append(claim)
    return Claims(probably=tuple(probably), inherited=tuple(inherited))


def remove(client: Client, claims: Claims) -> Removed:
    """Removes what is probably the course's, by the ids that were listed. The caller has asked for a yes.

    Never forced where an image is in use, and never with its parents.
    """
    gone: list[Owned] = []
    kept: list[tuple[Owned, str]] = []
    for kind in ("container", "network", "volume"):
        for claim in claims.probably:
            if claim.kind == kind:
                with client.allowing([claim.id]):
                    take(_owned(claim), lambda c=claim: scene.remove(client, c.kind, c.id), gone, kept)  # type: ignore[misc]
    waiting = [claim for claim in claims.probably if claim.kind == "image"]
    while waiting:  # children first: what is left in a round without progress is in use
        refused: list[tuple[Owned, str]] = []
        left = [claim for claim in waiting if not take(_owned(claim), lambda c=claim: _image(client, c), gone, refused)]  # type: ignore[misc]
        if len(left) == len(waiting):
            kept += refused
            break
        waiting = left
    return Removed(gone=tuple(gone), kept=tuple(kept))


def _image(client: Client, claim: Claim) -> None:
    """Takes the listed names off, if they still point to the listed image; without a name, the image itself."""
    called = [] if claim.name.startswith("sha256:") else claim.name.split(", ")
    with client.allowing([claim.id, *called]):
        for name in called:
            if str(client.inspect_image(name)["Id"]) == claim.id:
                client.remove_image(name, noprune=True)
        if not called:
            client.remove_image(claim.id, noprune=True)


def _owned(claim: Claim) -> Owned:
    return Owned(kind=claim.kind, id=claim.id, name=claim.name, scene=claim.whose)


def _whose(found: Mapping[str, str]) -> str:
    session, made_in = found.get(labels.SESSION, ""), found.get(labels.SCENE, "")
    if session == store.learner():
        who = "you, but not in the journal"
    else:
        who = f"learner {session}" if session else "unknown"
    return f"{who} ({made_in})" if made_in else who


def _from_image(found: Mapping[str, str], image: Mapping[str, str], name: str) -> bool:
    """True if a container has its labels from its image: the same nonce or none, and no name that the course draws."""
    return (
        labels.carried(image, everyone=True)
        and found.get(labels.NONCE) == image.get(labels.NONCE)
        and not labels.drawn(name)
    )


def _base(reference: str) -> bool:
    return reference.removeprefix("docker.io/").startswith(f"{PREFIX}/")
