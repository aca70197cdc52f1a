"""An image's layers and files out of its export, `docker save`: what every engine can give."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from helpers import errors
from helpers.engine import images
from helpers.engine.client import Client
from helpers.layers.engine.export_progress import Meter
from helpers.oci import layer_archive
from helpers.oci.layer_files import Files
from helpers.oci.layer_tar import Source
from helpers.oci.saved_layout import Described, NoImage, describe
from helpers.oci.tar_header import DamagedTar

_AGAIN = "Run it again. If it stays like this, see whether the engine's disk has room: docker system df"


def read(
    client: Client, reference: str, row: dict[str, Any], known: Mapping[str, Files | None], meter: Meter
) -> tuple[Described, list[Files]]:
    """An image as its archive describes it, and the files of its layers, the lowest first.

    row: what the engine says of the image. known: the layers by diff id, with what was read of them before.

    Raises: EngineError if what the engine sends is cut off or another image.
    """
    diff_ids = images.diff_ids(row)
    with _speaking(reference), contextlib.closing(images.saved(client, images.full_name(reference, row))) as pieces:
        archive = layer_archive.read(Source(meter.watched(pieces)), known.get, meter.began)
        for _ in pieces:  # to its end, so that the engine does not take it for broken off
            continue
    described = _described(archive, diff_ids, reference)
    for name in described.members:
        if name not in archive.layers:
            reason = archive.odd.get(name, "it was not sent")
            raise errors.EngineError(f"A layer of {reference} can't be read.", reason, _AGAIN)
    return described, [archive.layers[name] for name in described.members]


def text(
    client: Client, reference: str, row: dict[str, Any], number: int, path: str, most: int, member: str = ""
) -> bytes:
    """The first `most` bytes of a file, as the layer `number` stores it.

    member: what the archive calls that layer, if it is known: then no more is read than up to there.

    Raises: EngineError if what the engine sends is cut off, another image, or has no such file.
    """
    with _speaking(reference), contextlib.closing(images.saved(client, images.full_name(reference, row))) as pieces:
        found, archive = layer_archive.find(Source(pieces), path, most, member)
    if member not in found:  # not known, or the archive calls it otherwise now
        member = _described(archive, images.diff_ids(row), reference).members[number]
    if member not in found:
        raise other(reference, f"it has no {path} in that layer any more")
    return found[member]


def other(reference: str, reason: str) -> errors.EngineError:
    """The error for an image that is not what it was."""
    return errors.EngineError(
        f"What the engine sent is not {reference} as it was a moment ago.",
        f"{reason}: it was built again, or removed, meanwhile",
        "Run it again.",
    )


def _described(archive: layer_archive.Archive, diff_ids: Sequence[str], reference: str) -> Described:
    try:
        return describe(archive.small, archive.links, diff_ids)
    except NoImage as error:
        raise other(reference, str(error)) from error


@contextlib.contextmanager
def _speaking(reference: str) -> Iterator[None]:
    """A damaged stream in the course's words."""
    try:
        yield
    except DamagedTar as error:
        raise errors.EngineError(
            f"What the engine sent of {reference} can't be read.", _said(error.found) or str(error), _AGAIN
        ) from error


def _said(found: bytes) -> str:
    """The engine's own words, where an error came in the middle of what it sent; "" if none did."""
    at = found.find(b'{"errorDetail"')
    with contextlib.suppress(ValueError, AttributeError):
        return (
            str(json.JSONDecoder().raw_decode(found[at:].decode(errors="replace"))[0].get("error") or "")
            if at >= 0
            else ""
        )
    return ""
