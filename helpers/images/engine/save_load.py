"""Saving one image to a file and loading it back; a file is checked to its end before the engine hears of it."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from helpers import errors
from helpers.engine import image_names, images
from helpers.engine.build import classic
from helpers.engine.client import Client
from helpers.engine.model.base_images import PREFIX
from helpers.engine.model.base_images import platform as platform_of
from helpers.engine.ownership import labels
from helpers.engine.ownership.ledger import is_new
from helpers.images.engine import saved_files
from helpers.images.model.saved_files import Loaded, Parcel
from helpers.oci import saved_reader
from helpers.oci.saved import Contents
from helpers.oci.saved_reader import Progress
from helpers.oci.saved_tar import CHUNK


def save(client: Client, reference: str, path: Path, *, on_progress: Progress | None = None) -> Parcel:
    """Writes one image to `path` as a stream. An older image file there is replaced, once the new one is whole.

    on_progress: gets the bytes written so far, and about how many there will be.

    Raises: NoSuchImage; ArchiveError if the file can't be written, and nothing is left then.
    Equivalent: docker save --output FILE IMAGE
    """
    row = images.inspect(client, reference)
    name = images.full_name(reference, row)
    saved_files.may_write(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        try:
            with partial.open("xb") as out:
                _write(out, images.saved(client, name), on_progress, int(row.get("Size") or 0))
            with partial.open("rb") as file:
                contents = saved_reader.read(file, path)
            with partial.open("rb") as file:
                source = images.held_as(row, iter(lambda: file.read(CHUNK), b""), expected=contents.config)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        size = path.stat().st_size
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise errors.ArchiveError(
            f"The file {path} can't be written.",
            "the disk is full" if full else (error.strerror or str(error)),
            "Free some space, or name another place: images.save(IMAGE, to=PATH)",
        ) from error
    return replace(parcel(contents, path, size), source=source)


def _write(out: IO[bytes], pieces: Iterator[bytes], on_progress: Progress | None, expected: int) -> None:
    done = 0
    with contextlib.closing(pieces):  # type: ignore[type-var]  # a generator
        for piece in pieces:
            out.write(piece)
            done += len(piece)
            if on_progress is not None:
                on_progress(done, max(expected, done) if expected else None)
    out.flush()
    os.fsync(out.fileno())


def look(path: Path, *, on_progress: Progress | None = None) -> Parcel:
    """What is in a file, read from the file alone. No engine is asked.

    Raises: ArchiveError.
    Equivalent: tar --extract --to-stdout --file FILE manifest.json
    """
    with _opened(path) as file:
        return _look(file, path, on_progress=on_progress)


def load(client: Client, found: Parcel | Path, *, scene: str, on_progress: Progress | None = None) -> Loaded:
    """Loads a file into the engine and asks it what it holds now. A file that fails a check changes nothing.

    on_progress: gets the bytes sent so far, and how many there are.

    Raises: ArchiveError if the file is damaged, foreign, or would take a name from an image that is not the course's.
    Equivalent: docker load --input FILE
    """
    path = found.path if isinstance(found, Parcel) else found
    with _opened(path) as file:
        checked = _look(file, path)
        if isinstance(found, Parcel):
            if (found.config, found.layers) != (checked.config, checked.layers):
                raise errors.ArchiveError(
                    f"The file {path} holds another image now.", "it was replaced since", "Save the image again."
                )
            checked = replace(checked, source=found.source)
        same = check_names(client, checked)
        before = checked.source
        if before is None and same:
            before = images.held(client, next(iter(same)), expected=checked.config)
        there_before = client.names_by_id()
        file.seek(0)
        reference = _send(client, file, checked, on_progress)
    if checked.ours:
        ledger = client.ledger()
        for name in checked.names or (reference,):
            if name in same and ledger.named(same[name], name) is None:
                continue  # it had that name before, from somebody's own hands
            image_id = str(images.inspect(client, name)["Id"])
            new = is_new(there_before, image_id) or ledger.is_new(image_id)
            client.note_image(scene, image_id, new=new)
            if name in checked.names:
                client.note_image(scene, image_id, reference=name, new=new)
    version = client.version()
    return Loaded(
        reference=reference,
        parcel=checked,
        before=before,
        after=images.held(client, reference, expected=checked.config),
        had=reference in same,
        engine_platform=platform_of(version),
    )


def there(client: Client, parcel: Parcel) -> dict[str, str]:
    """The file's names that stand for the very same image on the engine, each with the engine's id of it."""
    found: dict[str, str] = {}
    for name in parcel.names:
        row = images.known(client, name)
        if row is not None and images.held(client, name, expected=parcel.config).config == parcel.config:
            found[name] = str(row["Id"])
    return found


def check_names(client: Client, parcel: Parcel) -> dict[str, str]:
    """The same, once no name of the file would be taken from an image that is not this learner's.

    Raises: ArchiveError for a name of a base image, or of somebody's other image.
    """
    same = there(client, parcel)
    for name in parcel.names:
        if name in same:
            continue
        if name.lower().startswith(f"{PREFIX}/"):
            raise errors.ArchiveError(
                f"Loading {parcel.path} would set the name {name}.",
                "that is a name of the course's base images, and the file holds another image",
                "Give the image another name where the file comes from: docker tag IMAGE NAME, then docker save.",
            )
        row = images.known(client, name)
        if row is not None and client.ledger().named(str(row["Id"]), name) is None:
            raise errors.ArchiveError(
                f"Loading {parcel.path} would take the name {name} from another image.",
                "the course did not give it that name, and the helpers change nothing else",
                f"If you want that: docker load --input {parcel.path}",
            )
    return same


def parcel(contents: Contents, path: Path, size: int) -> Parcel:
    """A file and its contents, with the learner's word for the image."""
    reference = contents.names[0] if contents.names else contents.config
    return Parcel(
        path=path,
        size=size,
        name=image_names.word(reference) if contents.names else "without a name",
        reference=reference,
        config=contents.config,
        platform=contents.platform,
        layers=contents.layers,
        names=contents.names,
        ours=(bool(contents.names) and all(map(labels.drawn_here, contents.names))) or labels.carried(contents.labels),
    )


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        if path.exists() and not path.is_file():
            raise errors.ArchiveError(f"{path} is not a file.", "it is a folder or a device", "Name the file itself.")
        file = path.open("rb")
    except OSError as error:
        raise errors.ArchiveError(
            f"The file {path} can't be read.", error.strerror or str(error), "Look at the path and its spelling."
        ) from error
    with file:
        yield file


def _look(file: IO[bytes], path: Path, *, on_progress: Progress | None = None) -> Parcel:
    size = os.fstat(file.fileno()).st_size
    contents = saved_reader.read(file, path, on_progress=on_progress)
    return parcel(contents, path, size)


def _send(client: Client, file: IO[bytes], parcel: Parcel, on_progress: Progress | None) -> str:
    """Sends the file; returns the name of what the engine loaded, or its id if the file gives it none."""

    def content() -> Iterator[bytes]:
        done = 0
        while piece := file.read(CHUNK):
            yield piece
            done += len(piece)
            if on_progress is not None:
                on_progress(done, max(parcel.size, done))

    reference = parcel.names[0] if parcel.names else ""
    refused = f"The engine could not load {parcel.path}."
    room = "See whether the engine's disk has room: docker system df"
    try:
        with contextlib.closing(client.load(content(), timeout=images.SECONDS)) as stream:
            for item in classic.said(stream):
                if "error" in item:
                    raise errors.ArchiveError(refused, str(item["error"]).strip(), room)
                told = re.search(r"Loaded image ID: (\S+)", str(item.get("stream") or ""))
                if told and not reference:
                    reference = told.group(1)
    except errors.EngineRefused as error:
        raise errors.ArchiveError(refused, error.why, error.next_step or room) from error
    return reference or parcel.config
