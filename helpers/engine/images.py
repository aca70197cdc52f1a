"""One image on an engine: what it is, its bytes as a stream, and taking the course's name off it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable
from functools import partial
from typing import Any

from helpers import errors
from helpers.engine.build.model.log import Build
from helpers.engine.client import Client
from helpers.engine.model.base_images import PREFIX
from helpers.engine.model.image import Gone, Held, Named, reference_of
from helpers.engine.ownership.ledger import names
from helpers.oci import saved_reader

CHUNK = 1 << 18  # bytes of an answer at once
SECONDS = 600.0  # for one answer of the engine: packing or unpacking a large image takes its time


def inspect(client: Client, reference: str) -> dict[str, Any]:
    """What the engine says of one image. Equivalent: docker image inspect IMAGE.

    Raises: NoSuchImage.
    """
    found: dict[str, Any] = client.inspect_image(reference)
    return found


def known(client: Client, reference: str) -> dict[str, Any] | None:
    """The same; None if the engine has no image of that name or id."""
    try:
        return inspect(client, reference)
    except errors.NotFound:
        return None


def meant(client: Client, image: str | Named) -> str:
    """The reference of an image; of a build whose name went to another one meanwhile its id, if it is still there.

    Raises: WrongUse for what is no image.
    """
    reference = reference_of(image)
    if not isinstance(image, Build):
        return reference
    row, before = known(client, reference), known(client, image.image_id)
    return reference if row is None or before is None or row["Id"] == before["Id"] else image.image_id


def full_name(reference: str, row: dict[str, Any]) -> str:
    """The one name or id that `reference` stands for: a name without a tag would save every tag of its repository."""
    tags = [str(tag) for tag in row.get("RepoTags") or ()]
    for name in (reference, f"{reference}:latest"):
        if name in tags:
            return name
    return reference if ":" in reference.rpartition("/")[2] or "@" in reference else str(row["Id"])


def diff_ids(row: dict[str, Any]) -> tuple[str, ...]:
    """The ids of the layers, bottom first."""
    return tuple(map(str, (row.get("RootFS") or {}).get("Layers") or ()))


def saved(client: Client, *references: str) -> Generator[bytes, None, None]:
    """The bytes of `docker save`, as they come.

    To be closed by whoever does not read to the end: the engine then stops packing.

    Raises: NoSuchImage, EngineNotReachable if the engine goes away in the middle.
    """
    with contextlib.closing(client.save(references, timeout=SECONDS)) as answer:
        # read, for iter_content gives what HTTP calls a chunk, 32 kB: the engine would wait the more often
        yield from client.pieces(iter(partial(answer.raw.read, CHUNK, decode_content=False), b""))


def held(client: Client, reference: str, *, expected: str = "") -> Held:
    """One image as the engine holds it.

    expected: the config digest it should have; where the engine's id says it is, nothing more is read.

    Raises: NoSuchImage.
    Equivalent: docker image inspect IMAGE
    """
    row = inspect(client, reference)
    return held_as(row, saved(client, reference), expected=expected)


def held_as(row: dict[str, Any], pieces: Iterable[bytes], *, expected: str = "") -> Held:
    """The same from what `inspect` gave, and from `pieces`, a `docker save` of it, as far as that is needed.

    An image's id is its config's digest in every store but containerd's; there it is the manifest's.
    """
    platform = f"{row.get('Os') or 'unknown'}/{row.get('Architecture') or 'unknown'}"
    config = image_id = str(row["Id"])
    if image_id != expected:
        config = saved_reader.config_digest(pieces, image_id, platform)
    if isinstance(pieces, Generator):
        pieces.close()
    return Held(image_id=image_id, config=config, layers=diff_ids(row), platform=platform)


def remove(client: Client, reference: str, *, name: str) -> Gone:
    """Takes one name off an image of the course's, and asks the engine for that name again.

    Never forced, and without its parents. name: the learner's word for it.

    Raises: NoSuchImage; CourseError if the course did not give it that name, or containers are made from it.
    Equivalent: docker rmi --no-prune IMAGE
    """
    row = inspect(client, reference)
    full = full_name(reference, row)
    _may_go(client, row, full)
    base = _base(client, diff_ids(row))
    client.remove_image(full, noprune=True)
    if known(client, full) is not None:
        raise errors.CourseError(
            f"{full} is still there.", "the engine took the order, but still knows the name", "Run it again."
        )
    others = [str(tag) for tag in row.get("RepoTags") or () if tag != full and known(client, str(tag))]
    return Gone(
        name=name,
        reference=full,
        others=tuple(others),
        base=base if base and known(client, base) is not None else "",
    )


def _may_go(client: Client, row: dict[str, Any], reference: str) -> None:
    ledger = client.ledger()
    if not (ledger.named(str(row["Id"]), reference) or (ledger.is_new(str(row["Id"])) and not row.get("RepoTags"))):
        raise errors.NotOurs(
            f"{reference} is not one of the course's images.",
            "the course did not make it, or did not give it that name; the helpers remove nothing else",
            "If it is yours, use the docker command: docker rmi",
        )
    last = len(names(row)) < 2  # while it has another, as an equal build of another learner's, only the name goes
    users = [
        str((made.get("Names") or [made["Id"][:12]])[0]).lstrip("/")
        for made in client.containers(all=True)
        if made.get("Image") == reference or (last and made.get("ImageID") == row["Id"])
    ]
    if users:
        raise errors.CourseError(
            f"{reference} is in use.",
            f"containers are made from it: {', '.join(users)}",
            "Remove them first: containers.remove(NAME). A stopped container counts too.",
        )


def _base(client: Client, layers: tuple[str, ...]) -> str:
    """The name of the base image that these layers are built on: the one with the most of them."""
    best, most = "", 0
    for row in client.images():
        for tag in row.get("RepoTags") or ():
            if str(tag).startswith(f"{PREFIX}/"):
                own = diff_ids(known(client, str(tag)) or {})
                if most < len(own) <= len(layers) and layers[: len(own)] == own:
                    best, most = str(tag), len(own)
    return best
