"""Is this file a bundle, whole, and nothing but base images of the course? Answered before the engine hears of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from helpers import errors
from helpers.model.bundle import Bundle, parse

Say = Callable[[str], None]

IMAGES, INDEX = "images.tar", "bundle.json"
CHUNK = 1 << 20
TELL_SECONDS = 3.0
_NAMING = 16 << 20  # bytes; the members of images.tar that name images are far smaller
_AGAIN = "Copy the file again, or write it again on the computer it came from: python3 start.py images bundle FILE"


@contextlib.contextmanager
def opened(file: IO[bytes], path: Path) -> Iterator[zipfile.ZipFile]:
    """The file as a zip.

    Raises: BundleError if it is none, or has lost its end.
    """
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        file.seek(0)
        if file.read(4) == b"PK\x03\x04":
            raise errors.BundleError(f"{path} is cut off.", "it begins as a bundle, but has no end", _AGAIN) from error
        raise _foreign(path, "it is not a zip file") from error
    with archive:
        yield archive


def _foreign(path: Path, why: str) -> errors.BundleError:
    return errors.BundleError(
        f"{path} is not a bundle of this course.", why, "Take a file that python3 start.py images bundle FILE wrote."
    )


def _damaged(path: Path, why: str) -> errors.BundleError:
    return errors.BundleError(f"{path} is damaged.", why, _AGAIN)


def index(archive: zipfile.ZipFile, path: Path) -> Bundle:
    """What the bundle says about itself.

    Raises: BundleError.
    """
    names = sorted(archive.namelist())
    if names != [INDEX, IMAGES]:
        raise _foreign(path, f"it holds {', '.join(names[:4]) or 'nothing'}, not {IMAGES} and {INDEX}")
    try:
        return parse(json.loads(archive.read(INDEX)))
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _damaged(path, f"{INDEX}: {error}") from error
    except ValueError as error:
        raise _foreign(path, str(error)) from error


def verify(archive: zipfile.ZipFile, bundle: Bundle, path: Path, prefix: str, say: Say) -> None:
    """Reads images.tar once to its end: the checksum, and that it names the course's images and no others.

    Raises: BundleError.
    """
    wrong = [image.reference for image in bundle.images if not image.reference.startswith(f"{prefix}/")]
    if wrong:
        raise _foreign(path, f"it names images that are not the course's: {', '.join(wrong[:3])}")
    progress = Progress("bundle: checking", bundle.size, say)
    try:
        with archive.open(IMAGES) as member:
            reader = _Hashing(member, progress)
            tags = references(reader)
            while reader.read(CHUNK):
                pass
    except tarfile.TarError as error:
        raise _foreign(path, f"{IMAGES} holds no images: {error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _damaged(path, str(error)) from error
    if reader.digest.hexdigest() != bundle.sha256 or reader.size != bundle.size:
        raise _damaged(path, f"the checksum of {IMAGES} is not the one that {INDEX} gives")
    strangers = tags - {image.reference for image in bundle.images}
    if strangers:
        raise _foreign(path, f"it would also load {', '.join(sorted(strangers)[:3])}")


class _Hashing:
    """Passes on what is read, and adds it up."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self.digest = hashlib.sha256()
        self.size = 0
        self._file = file
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        self.size += len(piece)
        self._progress.at(self.size)
        return piece


def references(reader: Any) -> set[str]:
    """Every reference that loading the tar would set: each engine reads another of these three files."""
    tags: set[str] = set()
    with tarfile.open(fileobj=reader, mode="r|", bufsize=CHUNK) as tar:
        for member in tar:
            if member.name not in {"manifest.json", "index.json", "repositories"} or not member.isfile():
                continue
            file = tar.extractfile(member)
            try:
                content: Any = json.loads(file.read(_NAMING)) if file else None
                if member.name == "manifest.json":
                    tags |= {tag for row in content for tag in row.get("RepoTags") or ()}
                elif member.name == "index.json":
                    notes = [row.get("annotations") or {} for row in content.get("manifests") or ()]
                    tags |= {n["io.containerd.image.name"] for n in notes if "io.containerd.image.name" in n}
                else:
                    tags |= {f"{name}:{tag}" for name, row in content.items() for tag in row}
            except (ValueError, AttributeError, TypeError) as error:
                raise tarfile.TarError(f"{member.name} can't be read") from error
    return tags


class Progress:
    """Says every few seconds how far it is."""

    def __init__(self, what: str, total: int, say: Say) -> None:
        self.what = what
        self.total = total
        self.say = say
        self.told = time.monotonic()

    def at(self, done: int) -> None:
        """Takes the bytes done so far."""
        if time.monotonic() - self.told < TELL_SECONDS:
            return
        self.told = time.monotonic()
        share = min(99, 100 * done // self.total) if self.total else 0
        self.say(f"{self.what}, {done / 1e6:.0f} of about {self.total / 1e6:.0f} MB ({share} %)")
