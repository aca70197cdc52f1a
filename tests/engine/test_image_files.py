"""Looking into images: every place of a word, the hidden ones, too; on an image of nothing; on what can't be read."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator

import pytest

from helpers import errors, scene
from helpers.engine.build import classic
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.lab.engine import image_search

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
SCENE = "test-files"


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    with scene(SCENE):
        yield


def made(client: Client, dockerfile: str, **files: bytes) -> str:
    tag = f"{labels.object_name(SCENE, 'x')}:1"
    classic.build(client, dockerfile=dockerfile, context=files, tag=tag, scene=SCENE)
    return tag


def test_a_word_is_found_in_files_in_hidden_files_and_in_settings(client: Client) -> None:
    lines = ["COPY a b /in/", "RUN rm /in/a", "RUN mv /in/b /in/c", "ENV NOTE=treasure-1"]
    image = made(
        client, f"FROM {BUSYBOX}\n" + "\n".join(lines) + "\n", a=b"x treasure-1 x", b=b"y" * 300_000 + b"treasure-1"
    )

    found = image_search.holding(client, image, "treasure-1")

    assert [path for _, path in found] == ["the settings", "in/a", "in/b", "in/c"]
    assert found[0][0] == image_search.SETTINGS
    assert 0 < found[1][0] == found[2][0] < found[3][0]
    assert image_search.holding(client, image, "no such treasure") == ()
    seen = image_search.paths(client, image, scene=SCENE)
    assert "in/c" in seen
    assert "in/a" not in seen


def test_an_image_without_files(client: Client) -> None:
    image = made(client, "FROM scratch\nENV NOTE=treasure-1\n")
    try:
        found = image_search.holding(client, image, "treasure-1")
    except errors.EngineRefused as error:  # graph drivers save no image without layers
        if "empty export" not in error.message:
            raise
        return
    assert found == ((0, "the settings"),)


def test_layers_of_every_packing_or_a_clear_refusal() -> None:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        entry = tarfile.TarInfo("deep/file")
        entry.size = 4
        tar.addfile(entry, io.BytesIO(b"word"))
    half = len(plain.getvalue()) // 2
    members = gzip.compress(plain.getvalue()[:half]) + gzip.compress(plain.getvalue()[half:])
    for packed in (plain.getvalue(), gzip.compress(plain.getvalue()), members):
        layer, _ = image_search._layer(io.BytesIO(packed))
        assert layer is not None
        assert list(image_search._with(layer, b"word")) == ["deep/file"]
    with pytest.raises(errors.ArchiveError, match="zstd"):
        image_search._layer(io.BytesIO(image_search.ZSTD + b"x" * 600))
