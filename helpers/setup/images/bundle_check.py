"""Is this file a bundle, whole, and nothing but base images of the course? Answered before the engine hears of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from helpers import errors
from helpers.oci import saved_reader
from helpers.oci.saved import Damaged, Foreign
from helpers.setup.images.bundle_index import Bundle, parse

Say = Callable[[str], None]

IMAGES, INDEX = "images.tar", "bundle.json"
CHUNK = 1 << 20
LONGEST = 1 << 20  # bytes of INDEX: the course's own takes some kilobytes
TELL_SECONDS = 3.0
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the other ways come out whole, however large, with each piece
_SHORT = re.compile(r"[a-z0-9][a-z0-9._-]*:[A-Za-z0-9_][A-Za-z0-9_.-]*")  # what comes behind the prefix
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
        raise _foreign(path, f"it holds {', '.join(names[:4])[:200] or 'nothing'}, not {IMAGES} and {INDEX}")
    if any(one.flag_bits & 1 or one.compress_type not in _PACKED for one in archive.infolist()):
        raise _foreign(path, "it is encrypted, or compressed in a way that bundles are not")
    try:
        with archive.open(INDEX) as member:
            content = member.read(LONGEST + 1)  # whatever size the file says it has
        if len(content) > LONGEST:
            raise _foreign(path, f"its {INDEX} unpacks to more than {LONGEST >> 20} MB")
        return parse(json.loads(content))
    except RecursionError as error:
        raise _foreign(path, f"{INDEX} is nested too deeply") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _damaged(path, f"{INDEX}: {error}") from error
    except ValueError as error:
        raise _foreign(path, str(error)) from error


def has_sum(file: IO[bytes], path: Path, sha256: str) -> None:
    """Compares the sum of the file, which came by another way than the file itself.

    Raises: BundleError if it is another; nothing of the file was looked at then.
    """
    wanted = sha256.strip().lower().removeprefix("sha256:")
    if not re.fullmatch(r"[0-9a-f]{64}", wanted):
        raise errors.BundleError(
            f"{sha256!r} is not a sha256 sum.",
            "such a sum is 64 hexadecimal digits",
            "Take the one that this printed: python3 start.py images bundle FILE",
        )
    found = sum_of(file)
    if found != wanted:
        raise errors.BundleError(
            f"{path} is not the file that you were told of.",
            f"its sha256 sum is {found}, not {wanted}",
            "Copy the file again from whoever gave you the sum. If it stays different, don't load the file.",
        )


def sum_of(file: IO[bytes]) -> str:
    """The sha256 sum of a file, hex, as sha256sum prints it."""
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(CHUNK):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def verify(archive: zipfile.ZipFile, bundle: Bundle, path: Path, prefix: str, say: Say) -> None:
    """Reads images.tar once to its end: the checksum, and that it names the course's images and no others.

    Raises: BundleError.
    """
    wrong = [image.reference for image in bundle.images if not _is_ours(image.reference, prefix)]
    if wrong:
        raise _foreign(path, f"it names images that are not the course's: {', '.join(wrong[:3])}")
    progress = Progress("bundle: checking", bundle.size, say)
    digest, size = hashlib.sha256(), 0
    unreadable: ValueError | None = None
    tags: set[str] = set()

    def counted(file: IO[bytes]) -> Iterator[bytes]:
        nonlocal size
        while piece := file.read(CHUNK):
            digest.update(piece)
            size += len(piece)
            progress.at(size)
            if size > bundle.size:
                raise _damaged(path, f"{IMAGES} is longer than {INDEX} says")
            yield piece

    try:
        with archive.open(IMAGES) as member:
            pieces = counted(member)
            try:
                tags = saved_reader.names(pieces)
            except (Damaged, Foreign) as error:
                unreadable = error  # the sum tells whether it was written so
            for _ in pieces:
                pass
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _damaged(path, str(error)) from error
    if digest.hexdigest() != bundle.sha256 or size != bundle.size:
        raise _damaged(path, f"the checksum of {IMAGES} is not the one that {INDEX} gives")
    if unreadable is not None:
        raise _foreign(path, f"{IMAGES} holds no images that can be loaded: {unreadable}") from unreadable
    strangers = tags - {image.reference for image in bundle.images}
    if strangers:
        raise _foreign(path, f"it would also load {', '.join(sorted(strangers)[:3])}")


def _is_ours(reference: str, prefix: str) -> bool:
    return reference.startswith(f"{prefix}/") and _SHORT.fullmatch(reference[len(prefix) + 1 :]) is not None


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
