"""A bundle: there and back, and every way a file can be wrong, on the real engine."""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helpers import errors
from helpers.engine import base_images
from helpers.engine.client import Client
from helpers.oci import saved_reader
from helpers.setup.images import bundle, bundle_check, prepare
from helpers.setup.images import bundle_index as model
from tests.harness.by_hand import by_hand
from tests.harness.guards import absent

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def prefix(client: Client) -> Iterator[str]:
    """The base images under names of this module's own."""
    name = f"localhost/cu-bundle-{secrets.token_hex(4)}"
    for status in base_images.status(client):
        if not status.present:
            absent(f"not prepared: {status.reference}")
        repository, _, tag = status.reference.rpartition(":")
        by_hand(client).tag(status.image_id, repository.replace("localhost/course", name), tag)
    yield name
    untag(client, name)


def untag(client: Client, prefix: str) -> None:
    for status in base_images.status(client, prefix=prefix):
        if status.present:
            by_hand(client).remove_image(status.reference, noprune=True)


@pytest.fixture(scope="module")
def written(client: Client, prefix: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    path = tmp_path_factory.mktemp("bundle") / "images.bundle"
    lines: list[str] = []
    bundle.write(client, path, say=lines.append, prefix=prefix)
    return path, lines


@pytest.fixture(scope="module")
def whole(written: tuple[Path, list[str]]) -> Path:
    return written[0]


@pytest.fixture(autouse=True)
def quick(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_check, "TELL_SECONDS", 0.0)


def tags(client: Client) -> set[tuple[str, str]]:
    return {(tag, row["Id"]) for row in client.images() for tag in row.get("RepoTags") or ()}


def layers(client: Client, reference: str) -> list[str]:
    raw: Any = client
    found: list[str] = raw.inspect_image(reference)["RootFS"]["Layers"]
    return found


def test_there_and_back(client: Client, prefix: str, whole: Path) -> None:
    before = {s.reference: layers(client, s.reference) for s in base_images.status(client, prefix=prefix)}
    untag(client, prefix)
    lines: list[str] = []

    found = bundle.load(client, whole, say=lines.append, prefix=prefix)

    assert {s.reference: layers(client, s.reference) for s in found} == before
    assert {s.source for s in found} == {"bundle"}
    assert all(whole.name in s.detail for s in found)
    assert any("checking" in line and "%" in line for line in lines)
    assert any("loading" in line and "%" in line for line in lines)
    assert "5 images loaded" in lines[-1]


def test_the_sum_that_was_printed_is_the_files_and_is_looked_at(
    client: Client, prefix: str, written: tuple[Path, list[str]]
) -> None:
    path, lines = written
    total = hashlib.sha256(path.read_bytes()).hexdigest()
    assert any(line.endswith(f"sha256 sum is {total}") for line in lines)
    assert any(f"images load {path.name} --sha256 {total}" in line for line in lines)

    assert all(s.present for s in bundle.load(client, path, say=lambda _: None, prefix=prefix, sha256=total))


def test_preparing_takes_what_is_missing_from_a_bundle(client: Client, prefix: str, whole: Path) -> None:
    untag(client, prefix)
    found = prepare.prepare(client, say=lambda _: None, bundle=whole, prefix=prefix, sources=())
    assert all(s.present and s.source == "bundle" for s in found)


def test_shared_layers_are_in_it_once(whole: Path) -> None:
    with zipfile.ZipFile(whole) as archive:
        info = archive.getinfo(bundle_check.IMAGES)
    assert info.compress_type == zipfile.ZIP_DEFLATED
    described = model.parse(json.loads(zipfile.ZipFile(whole).read(bundle_check.INDEX)))
    assert described.size == info.file_size
    assert len(described.images) == 5


def rewritten(whole: Path, path: Path, change: Callable[[model.Bundle], dict[str, Any]]) -> Path:
    """The same images with another description."""
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        described = model.parse(json.loads(old.read(bundle_check.INDEX)))
        new.writestr(bundle_check.IMAGES, old.read(bundle_check.IMAGES))
        new.writestr(bundle_check.INDEX, json.dumps(change(described)))
    return path


def half(whole: Path, path: Path) -> Path:
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return path


def last_bytes_missing(whole: Path, path: Path) -> Path:
    path.write_bytes(whole.read_bytes()[:-30])
    return path


def one_bit_flipped(whole: Path, path: Path) -> Path:
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return path


def other_platform(whole: Path, path: Path) -> Path:
    return rewritten(whole, path, lambda b: model.dump(replace(b, platform="linux/s390x")))


def other_format(whole: Path, path: Path) -> Path:
    return rewritten(whole, path, lambda b: {**model.dump(b), "format": 99})


def other_checksum(whole: Path, path: Path) -> Path:
    return rewritten(whole, path, lambda b: model.dump(replace(b, sha256="0" * 64)))


def other_names(whole: Path, path: Path) -> Path:
    return rewritten(
        whole, path, lambda b: model.dump(replace(b, images=tuple(replace(i, reference="nginx:1") for i in b.images)))
    )


def too_few_names(whole: Path, path: Path) -> Path:
    return rewritten(whole, path, lambda b: model.dump(replace(b, images=b.images[:2])))


def no_zip(whole: Path, path: Path) -> Path:
    path.write_text("hello")
    return path


def nothing(whole: Path, path: Path) -> Path:
    path.touch()
    return path


def a_folder(whole: Path, path: Path) -> Path:
    path.mkdir()
    return path


def not_there(whole: Path, path: Path) -> Path:
    return path


def other_zip(whole: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "x")
    return path


def no_images_inside(whole: Path, path: Path) -> Path:
    content = b"this is no tar" * 100
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        described = model.parse(json.loads(old.read(bundle_check.INDEX)))
        total = hashlib.sha256(content).hexdigest()
        new.writestr(bundle_check.IMAGES, content)
        new.writestr(bundle_check.INDEX, json.dumps(model.dump(replace(described, sha256=total, size=len(content)))))
    return path


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (half, "cut off"),
        (last_bytes_missing, "cut off"),
        (one_bit_flipped, "damaged"),
        (other_platform, "is for linux/s390x"),
        (other_format, "another version"),
        (other_checksum, "damaged"),
        (other_names, "not the course's"),
        (too_few_names, "would also load"),
        (no_zip, "not a bundle"),
        (nothing, "not a bundle"),
        (a_folder, "can't be read"),
        (not_there, "can't be read"),
        (other_zip, "not a bundle"),
        (no_images_inside, "holds no images"),
    ],
)
def test_a_wrong_file_is_refused_and_changes_nothing(
    client: Client, prefix: str, whole: Path, tmp_path: Path, make: Callable[[Path, Path], Path], says: str
) -> None:
    path = make(whole, tmp_path / "wrong.bundle")
    before = tags(client)

    with pytest.raises(errors.BundleError, match=says) as refused:
        bundle.load(client, path, say=lambda _: None, prefix=prefix)

    assert refused.value.why
    assert refused.value.next_step
    assert tags(client) == before


def test_an_interrupted_write_leaves_nothing(client: Client, prefix: str, tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "out" / "b.bundle"
    target.parent.mkdir()
    with pytest.raises(KeyboardInterrupt):
        bundle.write(client, target, say=interrupt, prefix=prefix)
    assert list(target.parent.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_leaves_the_older_bundle(client: Client, prefix: str, tmp_path: Path) -> None:
    import resource

    target = tmp_path / "out" / "b.bundle"
    target.parent.mkdir()
    target.write_text("older")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
    try:
        with pytest.raises(errors.StoreError, match="can't be written"):
            bundle.write(client, target, say=lambda _: None, prefix=prefix)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in target.parent.iterdir()] == ["b.bundle"]
    assert target.read_text() == "older"


def test_a_missing_image_is_named(client: Client, tmp_path: Path) -> None:
    with pytest.raises(errors.BaseImageMissing, match="localhost/cu-none/debian:trixie"):
        bundle.write(client, tmp_path / "b.bundle", say=lambda _: None, prefix="localhost/cu-none")
    assert not (tmp_path / "b.bundle").exists()


def test_references_are_found_in_whichever_file_an_engine_reads() -> None:
    import tarfile

    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, value in {
            "manifest.json": [{"RepoTags": ["a:1"]}, {"RepoTags": None}],
            "index.json": {
                "manifests": [
                    {"annotations": {"io.containerd.image.name": "b:1", "org.opencontainers.image.ref.name": "1"}},
                    {"annotations": {"org.opencontainers.image.ref.name": "d:1"}},
                    {},
                ]
            },
            "repositories": {"c": {"1": "x"}},
        }.items():
            data = json.dumps(value).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    content.seek(0)
    assert saved_reader.names(content) == {"a:1", "b:1", "c:1", "d:1"}
