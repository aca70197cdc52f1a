"""Looking into images: every place of a word, the hidden ones, too; on an image of nothing; on what can't be read."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from helpers import errors, scene
from helpers.engine.build import classic
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.lab.engine import image_search
from helpers.oci import layer_archive
from helpers.oci.layer_tar import Source
from helpers.oci.saved_layout import describe
from tests.images.moved_names import member, tar
from tests.oci import saved_images

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
SCENE = "test-files"


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    with scene(SCENE):
        yield


def made(client: Client, dockerfile: str, **files: bytes) -> str:
    tag = f"{labels.object_name('x')}:1"
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


def test_layers_of_every_packing_are_searched() -> None:
    plain = tar(member("deep/file", b"a word"), member("other", b"x" * (1 << 20) + b"word"), member("none", b"wor d"))
    half = len(plain) // 2
    packed = {
        "plain": plain,
        "gzip": gzip.compress(plain),
        "in a row": gzip.compress(plain[:half]) + gzip.compress(plain[half:]),
        "zstd": saved_images.zstd_of(plain),
    }

    found, _ = layer_archive.holding(Source(iter([tar(*(member(*one) for one in packed.items()))])), b"word")

    assert list(found) == list(packed)
    assert all(paths == ["/deep/file", "/other"] for paths in found.values())


@pytest.mark.parametrize("layout", saved_images.LAYOUTS)
def test_every_layout_is_searched(layout: str) -> None:
    layers = [tar(member("a", b"word")), tar(member("b", b"nothing"))]
    data = saved_images.archive(layers, "x:1", layout)
    found, archive = layer_archive.holding(Source(iter([data])), b"word")
    described = describe(archive.small, archive.links, [saved_images.digest(layer) for layer in layers])
    assert [found[name] for name in described.members] == [["/a"], []]
