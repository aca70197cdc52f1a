"""Everything an engine knows of one image, and giving an image one more name."""

from __future__ import annotations

from helpers import errors
from helpers.engine import images
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.images.model.anatomy import Anatomy, Tagged
from helpers.oci.history import Origin
from helpers.oci.reference import Reference


def anatomy(client: Client, reference: str) -> Anatomy:
    """One image from top to bottom. Two HTTP calls.

    Raises: NoSuchImage.
    Equivalent: docker image inspect IMAGE; docker history IMAGE
    """
    row = images.inspect(client, reference)
    config = row.get("Config") or {}
    full = images.full_name(reference, row)
    try:
        parts: Reference | None = Reference.read(full)
    except errors.WrongUse:  # an id
        parts = None
    history = tuple(
        Origin(made_by=str(one.get("CreatedBy") or ""), size=int(one.get("Size") or 0))
        for one in client.history(str(row["Id"]))
    )
    return Anatomy(
        reference=full,
        id=str(row["Id"]),
        names=tuple(sorted(map(str, row.get("RepoTags") or ()))),
        parts=parts,
        platform=f"{row.get('Os') or 'unknown'}/{row.get('Architecture') or 'unknown'}",
        created=str(row.get("Created") or "")[:19].replace("T", " "),
        size=sum(one.size for one in history),
        layers=len(images.diff_ids(row)),
        entrypoint=tuple(map(str, config.get("Entrypoint") or ())),
        command=tuple(map(str, config.get("Cmd") or ())),
        environment=tuple(map(str, config.get("Env") or ())),
        user=str(config.get("User") or ""),
        folder=str(config.get("WorkingDir") or ""),
        ports=tuple(sorted(config.get("ExposedPorts") or {})),
        volumes=tuple(sorted(config.get("Volumes") or {})),
        labels={str(key): str(value) for key, value in (config.get("Labels") or {}).items()},
        history=history,
    )


def tag(client: Client, reference: str, *, scene: str, name: str, version: str) -> Tagged:
    """Gives one of the course's images the name of the learner's word; takes it from the image that had it.

    Raises: NoSuchImage; NotOurs for an image that the course did not make, or if another one has that name.
    Equivalent: docker tag IMAGE NAME:VERSION
    """
    row = images.inspect(client, reference)
    if not client.ledger().image(str(row["Id"])):
        raise errors.NotOurs(
            f"{reference} is not one of the course's images that are yours.",
            "the course did not make it, and the helpers give names to nothing else",
            "Tag an image that you have built.",
        )
    repository = labels.object_name(name)
    new = f"{repository}:{version}"
    try:
        Reference.read(new)
    except errors.WrongUse as error:
        raise errors.WrongUse(f"{version!r} is not a tag.", error.why, 'For example: version="1"') from error
    held = images.known(client, new)
    before = str(held["Id"]) if held is not None else ""
    client.may_name(new)
    client.note_image(scene, str(row["Id"]), reference=new, new=client.ledger().is_new(str(row["Id"])))
    client.tag(str(row["Id"]), repository, version)
    now = images.inspect(client, new)
    keep = [
        labels.short_name(str((one.get("Names") or [""])[0]).lstrip("/"))
        for one in client.containers(all=True, filters=labels.filters())
        if before and before != now["Id"] and one.get("ImageID") == before
    ]
    return Tagged(
        reference=new,
        name=f"{labels.word(name)}:{version}",
        id=str(now["Id"]),
        before=before,
        others=tuple(sorted(str(one) for one in now.get("RepoTags") or () if str(one) != new)),
        left=tuple(sorted(keep)),
    )
