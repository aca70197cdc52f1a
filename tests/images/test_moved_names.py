"""No file moves a name that it does not show; and an engine that is handed these files unlooked at does move it."""

from __future__ import annotations

import hashlib
import json
import secrets
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helpers import errors, images
from helpers.engine import base_images
from helpers.engine.client import Client
from helpers.engine.model.base_images import platform as platform_of
from helpers.setup.images import bundle, bundle_check
from helpers.setup.images import bundle_index as model
from tests.harness.by_hand import by_hand
from tests.images.moved_names import CONTAINERD, GRAPH, TRICKS, Image, Trick

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("home")]
KINDS = pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.name.replace("/", "-"))


@dataclass(frozen=True)
class Target:
    """Two names: what a file shows, and somebody's image that it is after."""

    client: Client
    prefix: str
    shown: str
    victim: str

    def id(self, name: str) -> str:
        raw: Any = self.client
        try:
            return str(raw.inspect_image(name)["Id"])
        except errors.NotFound:
            return ""


@pytest.fixture
def target(client: Client) -> Iterator[Target]:
    mark = secrets.token_hex(4)
    found = Target(client, f"localhost/cu-{mark}", f"localhost/cu-{mark}/shown:1", f"localhost/victim-{mark}/own:1")
    by_hand(client).tag(base_images.reference("busybox"), found.victim.rpartition(":")[0], "1")
    dangling = {row["Id"] for row in client.images(filters={"dangling": True})}
    yield found
    for name in (found.shown, found.victim):
        if found.id(name):
            by_hand(client).remove_image(name, noprune=True)
    for row in client.images(filters={"dangling": True}):
        if row["Id"] not in dangling:  # containerd's store keeps what lost its name
            by_hand(client).remove_image(row["Id"], noprune=True)


def bundled(client: Client, content: bytes, shown: str, path: Path) -> Path:
    """A bundle around this file, which describes itself as it should."""
    image = model.Image(name="shown", reference=shown, layers=(), source="built", recipe="x")
    described = model.Bundle(
        created="2026-11-01T00:00:00Z",
        platform=platform_of(client.version()),
        images=(image,),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(bundle_check.IMAGES, content)
        archive.writestr(bundle_check.INDEX, json.dumps(model.dump(described)))
    return path


def loads(client: Client) -> list[str]:
    """The calls of the last act that hand an engine images."""
    return [call.path for call in client.last_trace.calls if "/images/load" in call.path]


@KINDS
def test_a_bundle_that_would_move_another_name_never_reaches_the_engine(
    target: Target, trick: Trick, tmp_path: Path
) -> None:
    client = target.client
    path = bundled(client, trick.make(Image(), target.shown, target.victim), target.shown, tmp_path / "b.zip")
    before = target.id(target.victim)

    with client.tracing("bundle"), pytest.raises(errors.BundleError) as refused:
        bundle.load(client, path, say=lambda _: None, prefix=target.prefix)

    assert refused.value.why
    assert refused.value.next_step
    assert loads(client) == []
    assert target.id(target.shown) == ""
    assert target.id(target.victim) == before


@KINDS
def test_an_image_file_that_would_move_another_name_never_reaches_the_engine(
    target: Target, trick: Trick, tmp_path: Path
) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(trick.make(Image(), target.shown, target.victim))
    before = target.id(target.victim)

    for act in (images.load, images.carry):
        with pytest.raises(errors.ArchiveError) as refused:
            act(path)
        assert refused.value.why
        assert refused.value.next_step
        assert loads(target.client) == []

    assert target.id(target.shown) == ""
    assert target.id(target.victim) == before


@KINDS
def test_unlooked_at_the_same_file_does_move_it(target: Target, trick: Trick) -> None:
    """Else the two tests above would show nothing."""
    status = str(target.client.info().get("DriverStatus"))
    before = target.id(target.victim)

    stream = target.client.load_image(trick.make(Image(), target.shown, target.victim), quiet=True)
    said = list(stream)

    moved = target.id(target.victim) != before
    assert moved is ((CONTAINERD if "io.containerd" in status else GRAPH) in trick.stores), said


def test_a_file_of_another_sum_is_refused_before_it_is_looked_at(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(b"no bundle at all")
    for wrong, what in (("0" * 64, "is not the file that you were told of"), ("12", "is not a sha256 sum")):
        with pytest.raises(errors.BundleError, match=what) as refused:
            bundle.load(client, path, say=lambda _: None, sha256=wrong)
        assert refused.value.next_step
    right = hashlib.sha256(path.read_bytes()).hexdigest()
    for same in (right, f"sha256:{right.upper()}"):
        with pytest.raises(errors.BundleError, match="is not a bundle of this course"):
            bundle.load(client, path, say=lambda _: None, sha256=same)
