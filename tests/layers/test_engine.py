"""Images taken apart on the engine: what a container of them holds is asked of the engine, never of our own reading."""

from __future__ import annotations

import contextlib
import io
import json
import random
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import cli, errors, images, layers, scene
from helpers.engine import base_images
from helpers.engine.build import classic
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.layers.engine import analysis as engine
from helpers.layers.engine import cache, sharing
from helpers.layers.engine.engine_lists import SNAPSHOTTER
from helpers.layers.model.analysis import Analysis
from helpers.layers.model.content import Reading
from helpers.oci.layer_files import CRC64, SHA256
from tests.harness.by_hand import by_hand
from tests.harness.terminal import both
from tests.oci import layer_tars, saved_images
from tests.oci.layer_tars import Item

pytestmark = pytest.mark.engine
DIVE = Path(sys.executable).with_name("dive")
BUSYBOX = "localhost/course/busybox:1"
SCENE = "test-layers"
ENGINES_OWN = {"dev", "etc", "proc", "sys", ".dockerenv", "run"}  # what an engine puts into every container
SUMS = {SHA256: layer_tars.sha256, CRC64: layer_tars.crc64}
KINDS = {b"0": "file", b"5": "dir", b"2": "symlink", b"1": "hardlink", b"3": "device", b"4": "device", b"6": "fifo"}


@pytest.fixture(autouse=True)
def stage(client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with scene(SCENE):
        real = cache._folder().parent.parent
        (tmp_path / "state").symlink_to(real / "state")  # the learner stays the same, the cache is empty
        monkeypatch.setenv("COURSE_HOME", str(tmp_path))
        yield


@contextlib.contextmanager
def loaded(client: Client, tars: list[bytes], layout: str) -> Iterator[str]:
    tag = f"{labels.object_name('made')}:1"
    raw: Any = client
    version: Any = client.version()
    data = saved_images.archive(tars, tag, layout, labels=labels.labels(SCENE), architecture=version["Arch"])
    answer = raw._post(raw._url("/images/load"), data=data, params={"quiet": True}, timeout=60)
    assert answer.ok, answer.text
    client.inspect_image(tag)
    try:
        yield tag
    finally:
        by_hand(client).remove_image(tag, force=True)


def exported(client: Client, image: str) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
    """What a container of the image holds, as the engine exports it and Python's tarfile reads it."""
    made = client.create_container(image, ["/none"], labels=labels.labels(SCENE))["Id"]
    try:
        data = io.BytesIO(b"".join(client.export(made)))
    finally:
        client.remove_container(made, v=True)
    found = {}
    with tarfile.open(fileobj=data, encoding="utf-8", errors="surrogateescape") as tar:
        for entry in tar:
            path = entry.name.strip("/").removeprefix("./")
            if path and path.split("/")[0] not in ENGINES_OWN:
                file = tar.extractfile(entry) if entry.type in (b"0", b"1") else None
                found["/" + path] = entry, file.read() if file else b""
    return found


def lists(client: Client) -> bool:
    """True for an engine that has lists of what is in its layers: with a graph driver, each has."""
    info: Any = client.info()
    return ["driver-type", SNAPSHOTTER] not in info["DriverStatus"]


def analysed(client: Client, image: str) -> tuple[Analysis, Analysis]:
    """The image as the engine's lists say, if it has them, and as its export does."""
    listed, read = (engine.analyse(client, image, sums=sums) for sums in (CRC64, SHA256))
    assert (listed.sums, read.sums) == (CRC64 if lists(client) and listed.files else SHA256, SHA256)
    assert listed.as_dict() == read.as_dict()
    assert [one.paths for one in listed.duplicates] == [one.paths for one in read.duplicates]
    return listed, read


def hold(found: Analysis, truth: dict[str, tuple[tarfile.TarInfo, bytes]], implied: set[str] = set()) -> None:  # noqa: B006
    """Holds the last file system to what the engine exported."""
    seen = found.stack(-1).by_path
    assert set(seen) == set(truth)
    content = {path: entry.digest for path, entry in seen.items()}
    for path, (entry, data) in truth.items():
        ours = seen[path]
        files = {"file", "hardlink"}
        assert ours.kind == KINDS[entry.type] or {ours.kind, KINDS[entry.type]} == files, path
        if path[1:] not in implied:
            assert (ours.mode, ours.uid, ours.gid) == (entry.mode & 0o7777, entry.uid, entry.gid), path
        if ours.kind == "file":
            assert (ours.size, content[path]) == (len(data), SUMS[found.sums](data)), path
        if ours.kind == "symlink":
            assert ours.link == entry.linkname


@pytest.mark.parametrize("seed", range(8))
def test_random_images_are_what_their_containers_hold(client: Client, seed: int) -> None:
    drawn = layer_tars.draw(random.Random(seed), layers=4, most=16, sound=True)  # noqa: S311
    tars = [layer_tars.write(layer, layer_tars.FORMATS[1 + seed % 2]) for layer in drawn.layers]

    with loaded(client, tars, ("classic", "oci")[seed // 2 % 2]) as image:
        both = analysed(client, image)
        truth = exported(client, image)

    contents = {data for _, data in truth.values()}
    for found in both:
        hold(found, truth, drawn.implied)
        assert found.hidden_bytes == sum(len(one) for one in drawn.stored if one not in contents)
        assert [one.diff_id for one in found.layers if not one.empty] == [saved_images.digest(one) for one in tars]


def test_odd_names_owners_and_modes(client: Client) -> None:
    items = [
        Item("s", tarfile.DIRTYPE, mode=0o1777),
        Item("s/" + "long/" * 40 + "x" * 200, content=b"deep"),
        Item("s/\udcff\udcfe", content=b"undecodable"),
        Item("s/new\nline \u202e", content=b"odd"),
        Item("s/su", content=b"set", mode=0o6755),
        Item("s/owner", content=b"far", uid=3_000_000_000, gid=2_500_000),
        Item("s/" + "l" * 90, tarfile.SYMTYPE, mode=0o777, link="t/" * 120),
        Item("s/null", tarfile.CHRTYPE, mode=0o666),
        Item("s/real", tarfile.DIRTYPE, mode=0o755),
        Item("s/alias", tarfile.SYMTYPE, mode=0o777, link="real"),
        Item("s/alias/through", content=b"a path through a link"),
    ]
    implied = {"/".join(["s"] + ["long"] * n) for n in range(1, 41)}
    second = [Item("s/.wh.su"), Item("s/alias/again", content=b"the link becomes a directory")]
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with loaded(client, [layer_tars.write(items, form), layer_tars.write(second, form)], "classic") as image:
            for found in analysed(client, image):
                hold(found, exported(client, image), implied | {"s", "s/alias"})


def exports(client: Client) -> int:
    return sum("/images/get" in call.path for call in client.last_trace.calls)


def built(client: Client, dockerfile: str, name: str = "x", **files: bytes) -> str:
    tag = f"{labels.object_name(name)}:1"
    classic.build(client, dockerfile=dockerfile, context=files, tag=tag, scene=SCENE)
    return tag


SECRET = ["COPY key /app/key", "ENV A=1", "RUN cat /app/key >/dev/null", "RUN rm /app/key; echo done >/app/log"]


def test_a_deleted_secret_is_hidden_and_can_be_read(client: Client) -> None:
    image = built(client, f"FROM {BUSYBOX}\n" + "\n".join(SECRET) + "\n", key=b"hunter2\n")

    found = layers.analyse(image)

    (hidden,) = found.hidden
    assert (hidden.path, hidden.bytes) == ("/app/key", 8)
    assert hidden.instruction.startswith("RUN rm /app/key")
    assert found.layers[hidden.hidden_by].removed == 1
    told = layers.text(image, "app/key", hidden.layer)
    assert (told.text, told.complete, told.hidden_by) == ("hunter2\n", True, hidden.hidden_by)
    assert told.instruction.startswith("COPY")
    assert "hides it" in repr(told)
    assert layers.text(found, "/app/log", hidden.hidden_by).text == "done\n"
    for path, layer, says in (
        ("/app/key", hidden.hidden_by, f"layer {hidden.layer}"),
        ("/app", hidden.layer, "a directory"),
        ("/no", hidden.layer, "spelling"),
        ("/app/key", 99, "Its layers"),
    ):
        with pytest.raises(errors.WrongUse, match=says):
            layers.text(image, path, layer)
    steps = [layer.command for layer in found.layers if not layer.command.startswith("LABEL")]
    assert "ENV A=1" in steps
    assert found.layers[[layer.command for layer in found.layers].index("ENV A=1")].empty


def test_a_second_look_exports_nothing_and_a_rebuilt_image_reads_only_what_is_new(client: Client) -> None:
    image = built(client, f"FROM {BUSYBOX}\nCOPY a /a\n", a=b"1")
    first = layers.analyse(image)
    assert exports(client) == 1
    assert layers.analyse(image) == first
    assert exports(client) == 0

    other = built(client, f"FROM {image}\nENV B=1\n", "other")  # other image, the same layers
    again = layers.analyse(other)
    assert exports(client) == 0
    assert [one.diff_id for one in again.layers if not one.empty] == [o.diff_id for o in first.layers if not o.empty]
    assert again.image_size == first.image_size

    here = {one.name: one for one in layers.here().images}
    assert here[other].common(here[image]) == len(here[image].diff_ids)


@pytest.mark.thorough
def test_a_large_image_is_not_exported_where_the_engine_has_lists(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["COPY key /app/key", "RUN echo tea >> /app/key && head -c 100000000 /dev/zero > /app/data"]
    image = built(client, f"FROM {BUSYBOX}\n" + "\n".join([*lines, "RUN rm /app/key"]), key=b"hunter2\n")
    layer = {one.command.partition(" ")[0]: one.index for one in engine.analyse(client, image).layers}["COPY"]
    before = {row["Id"] for row in client.containers(all=True)}

    with client.tracing("look"):
        found = engine.analyse(client, image)
    assert found.sums == (CRC64 if lists(client) else SHA256)
    told: list[Reading] = []
    found = layers.analyse(image)
    assert exports(client) == 0  # all of it is kept
    said = {}
    for path, number in (("/app/key", layer), ("/app/key", layer + 1), ("/bin/busybox", 0), ("/app/data", layer + 1)):
        said[path, number] = layers.text(found, path, number).content
        assert exports(client) == (0 if lists(client) else 1)
    assert said["/app/key", layer] == b"hunter2\n"
    assert said["/app/key", layer + 1] == b"hunter2\ntea\n"
    assert len(said["/app/data", layer + 1]) == engine.MOST_TEXT
    assert {row["Id"] for row in client.containers(all=True)} == before

    for file in cache._folder().iterdir():
        file.unlink()

    def stop(_: Reading) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.analyse(client, image, on_progress=stop)
    assert not list(cache._folder().iterdir())
    assert {row["Id"] for row in client.containers(all=True)} == before
    assert engine.analyse(client, image, on_progress=told.append).as_dict() == found.as_dict()
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert told[-1].done >= (100_000_000 if lists(client) else 2_000_000)  # an export may be compressed

    for file in cache._folder().iterdir():
        file.unlink()
    monkeypatch.setattr(base_images, "reference", lambda _: "localhost/course/none:1")  # nothing to look from
    assert engine.analyse(client, image).sums == SHA256
    for (path, number), content in said.items():
        assert layers.text(found, path, number).content == content
        assert exports(client) == 1
    (cache._folder() / f"{client.inspect_image(image)['Id'].removeprefix('sha256:')}.image").unlink()
    for (path, number), content in said.items():  # what the archive calls its layers is not known
        assert layers.text(found, path, number).content == content


def test_a_build_is_the_image_that_it_made_also_when_its_name_went_to_another(client: Client, tmp_path: Path) -> None:
    before = images.build(tmp_path, name="hs-pilot", dockerfile=f"FROM {BUSYBOX}\nRUN echo tea > /tea\n")
    after = images.build(
        tmp_path, name="hs-pilot", dockerfile=f"FROM {BUSYBOX}\nRUN echo rum > /rum && echo 1 > /one\n"
    )

    assert layers.analyse(after).stack(-1).by_path.keys() >= {"/rum", "/one"}
    found = layers.compare(before, after)
    for run in both(found.figure().how):
        assert run().strip()
    if before.image_id in {row["Id"] for row in client.images(all=True)}:
        assert "/tea" in found.before.stack(-1).by_path
        assert (found.before.around.name, found.after.around.name) == ("hs-pilot:1 (earlier)", "hs-pilot:1")
        assert layers.analyse(before).image_size == found.before.image_size
        step = found.before.made[-1].index
        assert layers.text(before, "/tea", step).text == "tea\n"
        assert {row.path for row in images.compare(before, after).files} == {"/tea", "/rum", "/one"}
        assert images.compare(before, after).names == ("hs-pilot:1 (earlier)", "hs-pilot:1")
    else:  # containerd's store keeps no image without a name
        assert "the same layers" in repr(found)


def test_the_base_image_is_found_also_when_the_engine_takes_its_time(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images.build(tmp_path, name="hs-newer", dockerfile=f"FROM {BUSYBOX}\nRUN echo 1 > /a\n")
    found = images.build(tmp_path, name="hs-pilot", dockerfile=f"FROM {BUSYBOX}\nRUN echo tea > /tea\n")
    monkeypatch.setattr(sharing, "SECONDS", 0.0)
    base = layers.analyse(found).around.base
    assert base is not None
    assert base.name == BUSYBOX


def test_images_that_are_compared_have_check_sums_of_one_kind(client: Client) -> None:
    large = built(client, f"FROM {BUSYBOX}\nRUN echo 1 > /a && head -c 90000000 /dev/zero > /b\n", "large")
    little = built(client, f"FROM {BUSYBOX}\nRUN echo 2 > /a\n", "little")

    assert engine.analyse(client, little).sums == SHA256
    assert engine.analyse(client, large).sums == (CRC64 if lists(client) else SHA256)
    one, other = engine.comparable(client, little, large)

    assert (one.sums, other.sums) == (SHA256, SHA256)
    assert {row.path for row in images.compare(little, large).files} == {"/a", "/b"}


def test_an_interrupt_or_an_image_that_went_leaves_the_cache_as_it_was(client: Client) -> None:
    image = built(client, f"FROM {BUSYBOX}\nCOPY a /a\n", a=b"1" * 3_000_000)

    def stop(_: Reading) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.analyse(client, image, on_progress=stop)
    assert not list(cache._folder().iterdir())

    told: list[Reading] = []
    assert engine.analyse(client, image, on_progress=told.append).image_size > 3_000_000
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert told[-1].layer <= told[-1].layers
    kept = {path.name for path in cache._folder().iterdir()}
    by_hand(client).remove_image(image, noprune=True)
    with pytest.raises(errors.NoSuchImage):
        layers.analyse(image)
    assert {path.name for path in cache._folder().iterdir()} == kept


@pytest.mark.skipif(not DIVE.exists(), reason="dive has no build for this system")
def test_the_same_layer_twice_counts_at_each_place_as_dive_does_where_it_sees_both(
    client: Client, tmp_path: Path
) -> None:
    first = layer_tars.write([Item("a", content=b"a" * 5000), Item("b", content=b"b" * 300)])
    second = layer_tars.write([Item("a", content=b"c" * 7000)])

    with loaded(client, [first, second, first], "classic") as image:
        both = analysed(client, image)
        out = tmp_path / "dive.json"
        subprocess.run([DIVE, image, "--json", out], check=True, capture_output=True, cwd=tmp_path)
    told = json.loads(out.read_text())

    for found in both:
        assert (found.image_size, found.wasted_bytes, found.efficiency) == (17_600, 17_600, 5300 / 17_600)
    version: Any = client.version()
    if int(version["Version"].partition(".")[0]) >= 25:  # older ones save a link, in which dive sees nothing
        ours = {"sizeBytes": 17_600, "inefficientBytes": 17_600, "efficiencyScore": 5300 / 17_600}
        assert {name: told["image"][name] for name in ours} == ours


def test_an_image_without_layers(client: Client) -> None:
    image = built(client, "FROM scratch\nENV A=1\n")
    found = layers.analyse(image)
    assert all(layer.empty for layer in found.layers)
    assert found.stack(-1).entries == ()
    assert found.efficiency == 1.0


def test_the_command_writes_its_figures(client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = built(client, f"FROM {BUSYBOX}\n" + "\n".join(SECRET) + "\n", key=b"hunter2\n")
    file = tmp_path / "figures.json"

    assert cli.main(["layers", image, "--json", str(file)]) == 0

    found = json.loads(file.read_text())
    assert set(found) == {
        "image", "image_size", "efficiency", "wasted_bytes", "hidden_bytes", "layers", "wasted"
    }  # fmt: skip
    assert found["hidden_bytes"] == 8
    assert {"index", "command", "size", "diff_id", "added", "modified", "removed"} == set(found["layers"][0])
    row: Any = client.inspect_image(image)
    assert [layer["diff_id"] for layer in found["layers"]] == row["RootFS"]["Layers"]
    printed = capsys.readouterr().out
    assert "/app/key" in printed
    assert cli.main(["layers", "no/such/image"]) == 1


def test_the_lines_under_how_run_and_show_the_same(client: Client) -> None:
    one = built(client, f"FROM {BUSYBOX}\nRUN echo tea > /tea\n")
    other = built(client, f"FROM {one}\nRUN rm /tea\n", "other")
    for shown in (layers.analyse(one), layers.explore(one), layers.sharing(one, other)):
        how = shown.figure().how
        assert how.docker
        for line in how.docker:  # a pipe needs a shell
            done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60, check=False)  # noqa: S602
            assert done.returncode == 0, done.stderr
            assert done.stdout.strip()
        command = [sys.executable, "-c", "\n".join(how.python)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert "manifest.json" in done.stdout or "sha256:" in done.stdout
