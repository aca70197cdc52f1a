"""The lock of base images, what a bundle says about itself, and the recipes' text."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import errors
from helpers.engine import base_images
from helpers.engine.base_images import provenance
from helpers.engine.model import base_images as model
from helpers.setup.engine import apt
from helpers.setup.images import bundle_index, pull, recipes, rootfs, wheelhouse

DIGEST = "sha256:" + "0123456789abcdef" * 4
INFO = bundle_index.Bundle(
    created="2026-11-01T00:00:00Z",
    platform="linux/amd64",
    images=(bundle_index.Image(name="a", reference="b/a:1", layers=(DIGEST,), source="built", recipe="x"),),
    sha256="0" * 64,
    size=1,
)


def test_the_lock_file_is_what_its_model_writes() -> None:
    text = base_images.LOCK_FILE.read_text(encoding="utf-8")
    assert json.loads(text) == model.dump(base_images.lock())


def test_every_image_has_a_recipe_and_needs_only_images_before_it() -> None:
    images = base_images.lock().images
    assert {image.name for image in images} == set(recipes.RECIPES)
    for place, image in enumerate(images):
        assert set(image.needs) <= {before.name for before in images[:place]}
        assert image.hub_repository
        assert image.hub_tag


def test_references_can_never_be_fetched_from_a_public_registry() -> None:
    for image in base_images.lock().images:
        assert base_images.reference(image.name) == f"localhost/course/{image.name}:{image.tag}"
    with pytest.raises(KeyError, match="busybox"):
        base_images.reference("busybocks")


def test_a_digest_that_is_none_is_refused() -> None:
    data = model.dump(base_images.lock())
    data["images"]["redis"]["digests"] = {"linux/amd64": "sha256:123"}
    with pytest.raises(ValueError, match="not a digest"):
        model.parse(data)


def test_digests_survive_the_file_and_leave_the_recipe_as_it_is() -> None:
    lock = base_images.lock()
    fresh = lock.with_digests({"redis": {"linux/amd64": DIGEST}}, date="2026-11-01")

    assert model.parse(json.loads(json.dumps(model.dump(fresh)))) == fresh
    assert fresh.image("redis").digests == {"linux/amd64": DIGEST}
    assert recipes.fingerprint(fresh.image("redis"), fresh) == recipes.fingerprint(lock.image("redis"), lock)


def test_another_wheel_makes_another_python_image_and_no_other() -> None:
    lock = base_images.lock()
    changed = replace(lock, wheels=(replace(lock.wheels[0], sha256="0" * 64), *lock.wheels[1:]))
    differ = [i.name for i in lock.images if recipes.fingerprint(i, lock) != recipes.fingerprint(i, changed)]
    assert differ == ["python"]


@pytest.mark.parametrize("name", [image.name for image in base_images.lock().images])
def test_a_recipe_builds_only_on_the_courses_own_images(name: str) -> None:
    lock = base_images.lock()
    lines = recipes.built(lock.image(name), lock, prefix="p").splitlines()
    bases = {line.split()[1] for line in lines if line.startswith("FROM")}
    assert bases <= {"scratch", *(lock.image(need).reference("p") for need in lock.image(name).needs)}
    assert not [line for line in lines if line.startswith("LABEL")]


def test_a_bundles_description_survives_the_file() -> None:
    assert bundle_index.parse(json.loads(json.dumps(bundle_index.dump(INFO)))) == INFO


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("kind", "x", "not one of this course"),
        ("format", 2, "another version"),
        ("sha256", "x", "incomplete"),
        ("images", [], "incomplete"),
        ("images", [{"name": 1}], "incomplete"),
        ("size", "1", "incomplete"),
    ],
)
def test_another_description_is_refused(key: str, value: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        bundle_index.parse({**bundle_index.dump(INFO), key: value})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*bundle_index.dump(INFO)]), inner),
    max_leaves=12,
)


@given(json_values)
def test_no_json_breaks_the_readers(value: object) -> None:
    for reader in (bundle_index.parse, model.parse):
        with pytest.raises(ValueError):
            reader(value)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ('Get "https://x/v2/": dial tcp: lookup x on 192.0.2.1:53: no such host', pull.NoRegistry),
        ("manifest for busybox:9 not found: manifest unknown: manifest unknown", pull.NotThere),
        ("pull access denied for x, repository does not exist or may require 'docker login': denied", pull.NotThere),
        ("toomanyrequests: You have reached your pull rate limit.", pull.NoRegistry),
        ("no matching manifest for linux/arm64 in the manifest list entries", pull.NotThere),
        ('Get "https://x/v2/": net/http: TLS handshake timeout', pull.NoRegistry),
    ],
)
def test_no_registry_and_no_such_image_are_told_apart(message: str, kind: type[Exception]) -> None:
    assert pull.kind_of(message, 500) is kind


@pytest.fixture
def shelf(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place pip may look: a folder; and a cache of this test's own."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    (tmp_path / "shelf").mkdir()
    return tmp_path / "shelf"


def a_wheel(shelf: Path, version: str = "1.0") -> model.Wheel:
    path = shelf / f"cu_thing-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        info = f"cu_thing-{version}.dist-info"
        archive.writestr("cu_thing.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: cu-thing\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return model.Wheel(
        name="cu-thing", version=version, file=path.name, sha256=hashlib.sha256(path.read_bytes()).hexdigest()
    )


def test_wheels_are_fetched_once_and_again_if_damaged(shelf: Path) -> None:
    wheel = a_wheel(shelf)
    lines: list[str] = []

    found = wheelhouse.fetch((wheel,), say=lines.append)
    assert found[wheel.file].read_bytes() == (shelf / wheel.file).read_bytes()
    assert lines

    lines.clear()
    assert wheelhouse.fetch((wheel,), say=lines.append) == found
    assert lines == []

    found[wheel.file].write_bytes(b"cut off")
    wheelhouse.fetch((wheel,), say=lines.append)
    assert found[wheel.file].read_bytes() == (shelf / wheel.file).read_bytes()


def test_another_file_under_a_wheels_name_is_refused(shelf: Path) -> None:
    wheel = replace(a_wheel(shelf), sha256="0" * 64)
    with pytest.raises(errors.BaseImageMissing, match="cu-thing") as missing:
        wheelhouse.fetch((wheel,), say=lambda _: None)
    assert "bundle" in missing.value.next_step


def test_no_package_index_is_said_so(shelf: Path) -> None:
    wheel = a_wheel(shelf)
    (shelf / wheel.file).unlink()
    with pytest.raises(errors.BaseImageMissing, match="could not be fetched") as missing:
        wheelhouse.fetch((wheel,), say=lambda _: None)
    assert "ERROR" in missing.value.why


def test_a_root_file_system_is_only_made_for_this_machines_processor() -> None:
    said = rootfs.obstacle("s390x-none")
    assert "processor" in said if apt.system().has_apt else "neither" in said


def test_a_bundle_tells_of_another_digest_and_an_older_one_of_none() -> None:
    unlocked = replace(INFO, images=(replace(INFO.images[0], unlocked=True),))
    assert bundle_index.parse(bundle_index.dump(unlocked)) == unlocked
    older = bundle_index.dump(INFO)
    del older["images"][0]["unlocked"]
    assert bundle_index.parse(older) == INFO


def test_where_images_came_from_survives_a_damaged_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    origin = model.Origin(name="redis", source="built", detail="built from packages", date="2026-11-01", recipe="x")
    provenance.remember({"sha256:1": origin})
    file = tmp_path / "state" / provenance.FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), "sha256:2": {"odd": 1}}))
    assert provenance.origins() == {"sha256:1": origin}
    assert origin.sentence == "built from packages, 2026-11-01"
