"""A bundle that somebody wrote to do harm is refused in a sentence, in bounded time and memory. No engine is asked."""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from helpers.engine.model.base_images import PREFIX
from helpers.setup.images import bundle_check, bundle_index
from tests.harness.ceilings import within

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the ceilings are set by Linux")
Work = Callable[[], object]


def _read(path: Path) -> None:
    """As `images load` does before the engine hears of it."""
    with path.open("rb") as file, bundle_check.opened(file, path) as archive:
        found = bundle_check.index(archive, path)
        bundle_check.verify(archive, found, path, PREFIX, lambda line: None)


def _written(index: list[bytes], *, images: Sequence[bytes] = (b"x",), packing: int = zipfile.ZIP_DEFLATED) -> Work:
    """A bundle of pieces, in a file that goes with the process."""
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "images.bundle"
    with zipfile.ZipFile(path, "w", packing, compresslevel=9) as archive:
        for name, pieces in ((bundle_check.IMAGES, images), (bundle_check.INDEX, index)):
            with archive.open(name, "w") as member:
                for piece in pieces:
                    member.write(piece)

    def work() -> None:
        with folder:
            _read(path)

    return work


def endless_index(packing: int) -> Work:
    """One that unpacks to 1.2 GB."""
    million = b"a" * 1_000_000
    return _written([b'{"a":"', *[million] * 1200, b'"}'], packing=packing)


def nested_index() -> Work:
    return _written([b"[" * 100_000])


def endless_images() -> Work:
    """600 MB where the index speaks of 100 bytes."""
    image = bundle_index.Image(name="a", reference=f"{PREFIX}/a:1", layers=(), source="", recipe="")
    said = bundle_index.Bundle(created="", platform="linux/amd64", images=(image,), sha256="0" * 64, size=100)
    return _written([json.dumps(bundle_index.dump(said)).encode()], images=[bytes(1_000_000)] * 600)


def encrypted() -> Work:
    path = Path(tempfile.mkdtemp()) / "images.bundle"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(bundle_check.IMAGES, b"x")
        archive.writestr(bundle_check.INDEX, b"{}")
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + place] |= 1
    path.write_bytes(bytes(data))

    def work() -> None:
        try:
            _read(path)
        finally:
            path.unlink()
            path.parent.rmdir()

    return work


@pytest.mark.parametrize(
    ("made", "args", "reason"),
    [
        (endless_index, (zipfile.ZIP_DEFLATED,), "unpacks to more than 1 MB"),
        pytest.param(endless_index, (zipfile.ZIP_BZIP2,), "compressed in a way", marks=pytest.mark.thorough),
        (nested_index, (), "nested too deeply"),
        (endless_images, (), "longer than bundle.json says"),
        (encrypted, (), "encrypted"),
    ],
)
def test_it_is_refused(made: Callable[..., Work], args: tuple[int, ...], reason: str) -> None:
    ended = within(made, *args, seconds=2, megabytes=60)

    assert ended.error == "BundleError", ended
    assert reason in ended.said
