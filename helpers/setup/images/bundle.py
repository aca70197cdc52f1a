"""A bundle: all base images in one compressed file, for a classroom without internet.

A zip with two members, `images.tar` (what `docker save` gives, shared layers once) and, last, `bundle.json`, which says
what the first must be. Written and read as a stream; a file that is not finished never has the bundle's name.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from helpers import errors, store
from helpers.engine import base_images
from helpers.engine.base_images import provenance
from helpers.engine.build import classic
from helpers.engine.client import Client
from helpers.engine.images import SECONDS, saved
from helpers.engine.model.base_images import BUNDLE, PREFIX, Origin, Status
from helpers.engine.model.base_images import platform as platform_of
from helpers.setup.images import sources
from helpers.setup.images.bundle_check import CHUNK, IMAGES, INDEX, Progress, has_sum, index, opened, sum_of, verify
from helpers.setup.images.bundle_index import Bundle, Image, dump

Say = Callable[[str], None]


def write(client: Client, path: Path, *, say: Say, prefix: str = PREFIX) -> Bundle:
    """Writes every base image to `path`; about 110 MB, half a minute. An older file there is replaced at the end.

    Raises: BaseImageMissing if one is not on the engine; StoreError if the file can't be written. Nothing is left then.
    Equivalent: docker save IMAGE... | gzip > FILE
    """
    found = base_images.status(client, prefix=prefix)
    missing = [status.reference for status in found if not status.present]
    if missing:
        raise errors.BaseImageMissing(
            f"{len(missing)} base images are not on the engine: {', '.join(missing)}.",
            "a bundle holds all of them",
            "Prepare them first: python3 start.py images",
        )
    started = time.monotonic()
    partial = path.with_name(f".{path.name}.partial")
    try:
        try:
            with store.locked("bundle"):
                bundle = _write(client, partial, found, say)
                partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        size = path.stat().st_size
        with path.open("rb") as file:
            total = sum_of(file)
    except OSError as error:
        raise errors.StoreError(
            f"The bundle {path} can't be written.", str(error), "Free some space, or choose another folder."
        ) from error
    say(f"bundle: {path} written, {size / 1e6:.0f} MB, {time.monotonic() - started:.0f} s")
    say(f"bundle: its sha256 sum is {total}")
    say(f"bundle: to load it: python3 start.py images load {path.name} --sha256 {total}")
    return bundle


def _write(client: Client, path: Path, found: tuple[Status, ...], say: Say) -> Bundle:
    images, guess = _images(client, found)
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            progress = Progress("bundle: packing", guess, say)
            with archive.open(IMAGES, "w", force_zip64=True) as member:
                for piece in saved(client, *(image.reference for image in images)):
                    digest.update(piece)
                    size += len(piece)
                    member.write(piece)
                    progress.at(size)
            version = client.version()
            bundle = Bundle(
                created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                platform=platform_of(version),
                images=images,
                sha256=digest.hexdigest(),
                size=size,
            )
            archive.writestr(INDEX, json.dumps(dump(bundle), indent=1))
        file.flush()
        os.fsync(file.fileno())
    return bundle


def _images(client: Client, found: tuple[Status, ...]) -> tuple[tuple[Image, ...], int]:
    """What goes in, and about how many bytes: an image that begins with another one's layers adds only the rest."""
    layers: dict[str, tuple[str, ...]] = {}
    for status in found:
        layers[status.name] = tuple(_inspect(client, status.reference)["RootFS"]["Layers"])
    sizes = {status.name: status.size for status in found}
    known = provenance.origins()
    total = 0
    for name, own in layers.items():
        below = (sizes[o] for o, less in layers.items() if len(less) < len(own) and own[: len(less)] == less)
        total += sizes[name] - max(below, default=0)
    images = []
    for status in found:
        origin = known.get(status.image_id)
        images.append(
            Image(
                name=status.name,
                reference=status.reference,
                layers=layers[status.name],
                source=status.detail,
                recipe=origin.recipe if origin else "",
                unlocked=status.unlocked,
            )
        )
    return tuple(images), total


def load(client: Client, path: Path, *, say: Say, prefix: str = PREFIX, sha256: str = "") -> tuple[Status, ...]:
    """Loads a bundle into the engine. All of the file is checked first; a wrong one changes nothing.

    sha256: the sum that the file must have, hex, from whom the file is; "" for any.

    Raises: BundleError if it is truncated, damaged, no bundle, not the one of that sum, or for another platform.
    Equivalent: docker load --input FILE
    """
    started = time.monotonic()
    try:
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(path.open("rb"))
            if sha256:
                has_sum(file, path, sha256)
            archive = stack.enter_context(opened(file, path))
            bundle = index(archive, path)
            version = client.version()
            here = platform_of(version)
            if bundle.platform != here:
                raise errors.BundleError(
                    f"{path} is for {bundle.platform}; this engine is {here}.",
                    "a program is made for one kind of processor and system",
                    f"Write a bundle on a computer whose engine is {here}.",
                )
            verify(archive, bundle, path, prefix, say)
            with store.locked("base-images", seconds=sources.LOCK_SECONDS):
                _send(client, archive, bundle, path, say)
                _check(client, bundle, path)
    except OSError as error:
        raise errors.BundleError(f"{path} can't be read.", str(error), "Look at the path and at the disk.") from error
    say(f"bundle: {len(bundle.images)} images loaded, {time.monotonic() - started:.0f} s")
    return base_images.status(client, prefix=prefix)


def _send(client: Client, archive: zipfile.ZipFile, bundle: Bundle, path: Path, say: Say) -> None:
    progress = Progress("bundle: loading", bundle.size, say)

    def content() -> Iterator[bytes]:
        done = 0
        with archive.open(IMAGES) as member:
            while piece := member.read(CHUNK):
                done += len(piece)
                progress.at(done)
                yield piece

    try:
        with contextlib.closing(client.load(content(), timeout=SECONDS)) as stream:
            for item in classic.said(stream):
                if "error" in item:
                    raise errors.BundleError(
                        f"The engine could not load {path}.",
                        str(item["error"]).strip(),
                        "See whether the engine's disk has room: docker system df",
                    )
    except errors.EngineRefused as error:
        raise errors.BundleError(f"The engine could not load {path}.", error.why, error.next_step) from error


def _check(client: Client, bundle: Bundle, path: Path) -> None:
    """Asks the engine whether each image is what the bundle says, and writes down where it came from."""
    new: dict[str, Origin] = {}
    wrong: list[str] = []
    for image in bundle.images:
        try:
            found = _inspect(client, image.reference)
        except errors.NotFound:
            wrong.append(f"{image.reference} is not there")
            continue
        if tuple(found["RootFS"]["Layers"]) != image.layers:
            wrong.append(f"{image.reference} has other layers")
            continue
        detail = f"{image.source} (by the bundle {path.name} of {bundle.created[:10]})"
        today = time.strftime("%Y-%m-%d")
        new[str(found["Id"])] = Origin(
            name=image.name,
            source=BUNDLE,
            detail=detail,
            date=today,
            recipe=image.recipe,
            unlocked=image.unlocked,
        )
    provenance.remember(new)
    if wrong:
        raise errors.BundleError(
            f"The engine loaded {path}, but not as the bundle says.", "; ".join(wrong), "Load it again."
        )


def _inspect(client: Client, reference: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = client.inspect_image(reference)
    return found
