"""What a `docker save` file says: the layouts that engines write, and files that must not reach an engine."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import errors, images
from helpers.engine import scene
from helpers.engine.model.image import Gone, Held
from helpers.engine.scene import files as engine_files
from helpers.images.engine import save_load, saved_files
from helpers.images.model.saved_files import Journey, Loaded, Parcel, Ran
from helpers.images.views import saved_files as views
from helpers.images.views import transfer as transfer_views
from helpers.oci import compression, layer_archive, saved_reader
from helpers.oci.layer_tar import Source
from helpers.oci.saved import Contents, Foreign, Layer
from tests.images.moved_names import member
from tests.images.moved_names import tar as layer_tar_of
from tests.oci.saved_images import zstd_of

LAYERS = (b"the first layer" * 100, b"the second layer" * 50)
NAME = "hs-shop-00000000:1"
Pack = Callable[[bytes], bytes]


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def config_of(layers: tuple[bytes, ...], **more: object) -> bytes:
    found = {
        "os": "linux",
        "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha(layer)}" for layer in layers]},
        "config": {"Labels": {"containers-unpacked.scene": "x"}},
    }
    return json.dumps({**found, **more}).encode()


def tar(files: Mapping[str, bytes | str]) -> bytes:
    """A tar of these files; text stands for a symbolic link to that place."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
                made.addfile(entry)
            else:
                entry.size = len(content)
                made.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def old_layout(layers: tuple[bytes, ...] = LAYERS, *, names: tuple[str, ...] = (NAME,)) -> dict[str, bytes | str]:
    """As 20.10 writes it: a folder for each layer; a layer that is there already is a link."""
    config, files, paths, seen = config_of(layers), {}, [], dict[bytes, str]()
    for number, layer in enumerate(layers):
        path = f"{number:064d}/layer.tar"
        files[path] = f"../{seen[layer]}" if layer in seen else layer
        seen.setdefault(layer, path)
        paths.append(path)
    files[f"{sha(config)}.json"] = config
    manifest = [{"Config": f"{sha(config)}.json", "RepoTags": list(names), "Layers": paths}]
    files["manifest.json"] = json.dumps(manifest).encode()
    files["repositories"] = json.dumps({name.rpartition(":")[0]: {"1": "x"} for name in names}).encode()
    return files


def oci_layout(
    layers: tuple[bytes, ...] = LAYERS, *, zipped: bool = False, name: str = NAME, listed: bool = False
) -> dict[str, bytes | str]:
    """As 26 and 28 write it, the containerd store with `zipped` layers; `listed`: with a list of platforms on top."""
    config = config_of(layers)
    blobs = [gzip.compress(layer, mtime=0) if zipped else layer for layer in layers]
    manifest = json.dumps({"config": {"digest": f"sha256:{sha(config)}"}, "layers": []}).encode()
    everything = [*blobs, config, manifest]
    top = manifest
    if listed:
        platform = {"os": "linux", "architecture": "amd64"}
        top = json.dumps({"manifests": [{"digest": f"sha256:{sha(manifest)}", "platform": platform}]}).encode()
        everything.append(top)
    files: dict[str, bytes | str] = {f"blobs/sha256/{sha(blob)}": blob for blob in everything}
    row = {
        "Config": f"blobs/sha256/{sha(config)}",
        "RepoTags": [NAME],
        "Layers": [f"blobs/sha256/{sha(b)}" for b in blobs],
    }
    note = {"io.containerd.image.name": f"docker.io/library/{name}"}
    files["index.json"] = json.dumps({"manifests": [{"digest": f"sha256:{sha(top)}", "annotations": note}]}).encode()
    files["manifest.json"] = json.dumps([row]).encode()
    files["oci-layout"] = b"{}"
    return files


def read(content: bytes) -> Contents:
    return saved_reader.read(io.BytesIO(content), Path("shop.tar"))


def changed(files: dict[str, Any], row: Mapping[str, object]) -> dict[str, Any]:
    """The same files, with these fields of manifest.json."""
    first = json.loads(files["manifest.json"])[0]
    return {**files, "manifest.json": json.dumps([{**first, **row}]).encode()}


@pytest.mark.parametrize(
    "files",
    [old_layout(), oci_layout(), oci_layout(zipped=True), oci_layout(listed=True)],
    ids=["old", "oci", "gz", "list"],
)
def test_every_layout_gives_the_same_image(files: dict[str, bytes | str]) -> None:
    found = read(tar(files))

    assert found.config == f"sha256:{sha(config_of(LAYERS))}"
    assert [layer.id for layer in found.layers] == [f"sha256:{sha(layer)}" for layer in LAYERS]
    assert found.platform == "linux/amd64"
    assert found.names == (NAME,)
    assert found.labels == {"containers-unpacked.scene": "x"}


def test_sizes_are_those_in_the_file() -> None:
    plain, packed = read(tar(oci_layout())), read(tar(oci_layout(zipped=True)))
    assert [(layer.size, layer.compression) for layer in plain.layers] == [(1500, ""), (800, "")]
    assert [layer.compression for layer in packed.layers] == ["gzip", "gzip"]
    assert all(layer.size < 100 for layer in packed.layers)


def test_a_layer_that_is_there_twice_is_a_link() -> None:
    found = read(tar(old_layout((*LAYERS, LAYERS[0]))))
    assert found.layers[2] == found.layers[0]


def test_a_layer_may_be_several_gzip_files_in_a_row() -> None:
    whole = b"one" * 500 + b"two" * 500
    files = oci_layout((whole,), zipped=True)
    old = next(name for name in files if name.startswith("blobs/") and files[name] == gzip.compress(whole, mtime=0))
    blob = gzip.compress(b"one" * 500, mtime=0) + gzip.compress(b"two" * 500, mtime=0)
    new = f"blobs/sha256/{sha(blob)}"
    files = changed({**files, new: blob}, {"Layers": [new]})
    del files[old]
    assert read(tar(files)).layers[0].id == f"sha256:{sha(whole)}"


def packed_layout(blob: bytes, whole: bytes) -> dict[str, bytes | str]:
    """An image of one layer, which unpacks to `whole` or should."""
    files = oci_layout((whole,))
    del files[f"blobs/sha256/{sha(whole)}"]
    return changed({**files, f"blobs/sha256/{sha(blob)}": blob}, {"Layers": [f"blobs/sha256/{sha(blob)}"]})


PACKINGS = pytest.mark.parametrize("pack", [gzip.compress, zstd_of], ids=["gzip", "zstd"])


@PACKINGS
def test_a_packed_layer_has_the_id_of_what_it_unpacks_to_whichever_way_it_is_packed(pack: Pack) -> None:
    layer = b"a layer" * 1000
    found = read(tar(packed_layout(pack(layer), layer))).layers
    assert [(one.id, one.compression != "") for one in found] == [(f"sha256:{sha(layer)}", True)]
    with pytest.raises(errors.ArchiveError, match="does not have the id"):
        read(tar(packed_layout(pack(b"another"), layer)))
    for damaged in (pack(layer)[:-3], pack(layer) + b"rest", pack(layer)[:9]):
        with pytest.raises(errors.ArchiveError, match="layer 1 can't be decompressed"):
            read(tar(packed_layout(damaged, layer)))


@PACKINGS
def test_zeros_that_unpack_to_a_thousand_times_their_size_take_a_second_and_a_few_megabytes(pack: Pack) -> None:
    zeros = bytes(64 << 20)
    for layer in (zeros, layer_tar_of(member("hole", zeros))):
        data = tar(packed_layout(pack(layer), layer))
        readings: tuple[Callable[[bytes], object], ...] = (
            lambda data: read(data).layers,
            lambda data: layer_archive.read(Source(iter([data])), lambda _: None, lambda: None).layers,
            lambda data: layer_archive.holding(Source(iter([data])), b"word")[0],
            lambda data: layer_archive.find(Source(iter([data])), "/hole", 9, "")[1].small,
        )
        for reading in readings:
            tracemalloc.start()
            before = time.process_time()
            assert reading(data)
            assert time.process_time() - before < 10
            assert tracemalloc.get_traced_memory()[1] < 24 << 20
            tracemalloc.stop()


@PACKINGS
def test_very_many_tiny_streams_in_a_row_take_no_more_time_than_their_bytes(pack: Pack) -> None:
    one = pack(b"a")
    before = time.process_time()
    found = b"".join(compression.unpacked(compression.packing(one), [one * ((4 << 20) // len(one))]))
    assert found == b"a" * ((4 << 20) // len(one))
    assert time.process_time() - before < 15


def test_what_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "MOST", 1 << 20)
    layer = bytes(2 << 20)
    with pytest.raises(errors.ArchiveError, match="can't be decompressed"):
        read(tar(packed_layout(gzip.compress(layer), layer)))


def test_no_more_is_kept_than_an_image_can_have_beside_its_layers() -> None:
    notes = {f"note{number}": bytes([number + 1]) * (4 << 20) for number in range(17)}
    with pytest.raises(errors.ArchiveError, match="far more than an image has"):
        read(tar({**oci_layout(), **notes}))
    with pytest.raises(errors.ArchiveError, match="far more than an image has"):
        read(tar({**{f"n{number}": b"" for number in range(1 << 16)}, **oci_layout()}))


@pytest.mark.parametrize("name", ["manifest.json", "index.json", "repositories"])
@pytest.mark.parametrize("front", [b" ", gzip.compress(b"{}")], ids=["large", "packed"])
def test_a_member_that_names_images_is_read_or_the_file_refused(name: str, front: bytes) -> None:
    files = {**oci_layout(), name: front + b" " * (4 << 20) + b"{}"}
    with pytest.raises(errors.ArchiveError, match=re.escape(name)):
        read(tar(files))
    with pytest.raises(Foreign, match=re.escape(name)):
        saved_reader.names([tar(files)])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"hello\n" * 400, "it is not a tar file"),
        (gzip.compress(tar(oci_layout())), "it is not a tar file"),
        (tar({"readme.txt": b"x"}), "it has no manifest.json"),
        (tar({**oci_layout(), "manifest.json": b"[]"}), "it holds 0 images"),
        (tar({**oci_layout(), "manifest.json": b"[{},{}]"}), "it holds 2 images"),
        (tar({**oci_layout(), "manifest.json": b"{}"}), "of another form"),
        (tar({**oci_layout(), "manifest.json": b"[" * 200_000}), "can't be read"),
        (tar(changed(oci_layout(), {"Config": None})), "Config in manifest.json"),
        (tar(changed(oci_layout(), {"Layers": []})), "the config speaks of 2 layers, manifest.json of 0"),
        (tar(changed(oci_layout(), {"Layers": "x"})), "the list of layers"),
        (tar(changed(oci_layout(), {"RepoTags": ["--help"]})), "it would set a name that is none"),
        (tar(changed(oci_layout(), {"RepoTags": ["<script>"]})), "it would set a name that is none"),
        (tar({**oci_layout(), "index.json": b'{"manifests":[{"digest":"a"},{"digest":"b"}]}'}), "holds 2 images"),
        (tar({**oci_layout(), "../../escape": b"x"}), "a path that leads out of it"),
        (tar({**oci_layout(), "/etc/passwd": b"x"}), "a path that leads out of it"),
        (tar({**oci_layout(), "blobs2": "blobs"}), "a link where docker save writes none"),
        (tar({**old_layout(), "a/layer.tar": "../manifest.json"}), "a link where docker save writes none"),
        (tar({**oci_layout(), "./index.json": b"{}"}), "it holds a file twice"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_one_image_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(errors.ArchiveError, match=re.escape(why)) as caught:
        read(content)
    assert caught.value.next_step


def test_two_parts_that_speak_of_different_images_are_refused() -> None:
    """manifest.json shows one image, index.json would load another on the containerd store."""
    mine, other = oci_layout(), oci_layout((b"another",))
    with pytest.raises(errors.ArchiveError, match="speak of different images"):
        read(tar({**other, **mine, "index.json": other["index.json"]}))


@pytest.mark.parametrize(
    ("files", "where"),
    [
        (oci_layout(name="evil:1"), "index.json"),
        ({**oci_layout(), "repositories": b'{"localhost/course/python":{"3.13":"x"}}'}, "repositories"),
    ],
)
def test_a_name_that_the_manifest_does_not_show_is_refused(files: dict[str, bytes | str], where: str) -> None:
    with pytest.raises(errors.ArchiveError, match=f"{where} would set a name that manifest.json does not show"):
        read(tar(files))


@pytest.mark.parametrize("files", [old_layout(), oci_layout(), oci_layout(zipped=True)], ids=["old", "oci", "gz"])
def test_a_changed_byte_is_found(files: dict[str, bytes]) -> None:
    for name in list(files):
        if name.endswith("layer.tar") or name.startswith("blobs/"):
            content = bytearray(files[name])
            content[len(content) // 2] ^= 1
            with pytest.raises(errors.ArchiveError):
                read(tar({**files, name: bytes(content)}))


@pytest.mark.parametrize("files", [old_layout(), oci_layout()], ids=["old", "oci"])
def test_a_file_that_was_cut_off_is_never_taken_for_a_whole_one(files: dict[str, bytes | str]) -> None:
    whole = tar(files)
    body = whole.rstrip(b"\0")
    for end in range(0, len(body) - 1, 509):
        with pytest.raises(errors.ArchiveError) as caught:
            read(whole[:end])
        assert caught.value.next_step


@given(st.integers(min_value=0, max_value=10_000), st.binary(min_size=1, max_size=600))
def test_no_damage_gives_another_error(at: int, junk: bytes) -> None:
    whole = tar(oci_layout())
    at %= len(whole)
    try:
        found = read(whole[:at] + junk + whole[at + len(junk) :])
    except errors.ArchiveError:
        return
    assert [layer.id for layer in found.layers] == [f"sha256:{sha(layer)}" for layer in LAYERS]


@given(st.binary(max_size=3000))
def test_nonsense_is_refused(content: bytes) -> None:
    with pytest.raises(errors.ArchiveError):
        read(content)


@pytest.mark.parametrize("listed", [False, True])
def test_the_config_of_a_manifests_id_is_found_before_the_end(listed: bool) -> None:
    files = oci_layout(listed=listed)
    top = json.loads(files["index.json"])["manifests"][0]["digest"]
    whole = tar({**files, "last": bytes(5 << 20)})
    taken = 0

    def pieces() -> Any:
        nonlocal taken
        for start in range(0, len(whole), 512):
            taken = start
            yield whole[start : start + 512]

    found = saved_reader.config_digest(pieces(), top, "linux/amd64")

    assert found == f"sha256:{sha(config_of(LAYERS))}"
    assert taken < 2 << 20
    assert saved_reader.config_digest([tar(files)], "sha256:unknown", "linux/amd64") == found  # by manifest.json


def test_what_lies_below_a_parcels_folder_goes_with_its_scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    first, second = (saved_files.place(name, "localhost/course/busybox:1") for name in ("one", "two"))
    assert first.name == "localhost-course-busybox-1.tar"
    for path in (first, second):
        path.write_bytes(b"x")
    engine_files.discard("one")
    engine_files.discard("one")
    assert (first.exists(), second.exists()) == (False, True)
    engine_files.discard(None)
    assert not second.exists()
    assert scene.current()
    assert saved_files.place("one", "../../" + "x" * 300).parent == first.parent


@pytest.mark.parametrize("content", [b"my thesis", tar({"thesis.txt": b"x"})])
def test_only_an_older_image_file_is_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "shop.tar"
    saved_files.may_write(path)
    path.write_bytes(tar(old_layout()))
    saved_files.may_write(path)
    path.write_bytes(content)
    for wrong in (path, tmp_path, Path("/dev/full")):
        with pytest.raises(errors.ArchiveError, match="is not an image file"):
            saved_files.may_write(wrong)


def test_a_file_is_looked_at_without_an_engine(tmp_path: Path) -> None:
    path = tmp_path / "shop.tar"
    path.write_bytes(tar(oci_layout()))
    seen: list[int] = []
    found = save_load.look(path, on_progress=lambda done, total: seen.append(done))
    assert (found.reference, found.size, found.ours) == (NAME, path.stat().st_size, False)
    assert seen == sorted(seen)
    for wrong, why in ((tmp_path, "a folder"), (tmp_path / "no.tar", "No such file"), (Path("/dev/null"), "a device")):
        with pytest.raises(errors.ArchiveError, match=why):
            save_load.look(wrong)


def parcel(number: int, *, name: str = "shop:1") -> Parcel:
    layers = tuple(Layer(id=f"sha256:{sha(bytes([n]))}", size=10**n % 999_983) for n in range(number))
    return Parcel(
        path=Path("shop.tar"), size=131_634_688, name=name, reference=name, config="sha256:c", platform="linux/amd64",
        layers=layers, names=(name,), ours=True,
    )  # fmt: skip


def held(found: Parcel) -> Held:
    layers = tuple(layer.id for layer in found.layers)
    return Held(image_id="sha256:m", config=found.config, layers=layers, platform=found.platform)


def loaded(found: Parcel, after: Held) -> Loaded:
    return Loaded(reference=found.name, parcel=found, before=None, after=after, engine_platform="linux/amd64")


@pytest.mark.parametrize("number", [0, 1, 7, 14, 15, 40])
def test_the_text_holds_every_layer_and_the_picture_as_many_as_fit(number: int) -> None:
    found = parcel(number)
    both = views.parcel(found), transfer_views.loaded(loaded(found, held(found)))
    for figure in both:
        assert len(figure.tables[0].rows) == number + 1
        assert figure.svg.count(">layer ") == (number if number <= 14 else 12)
        assert (f"and {number - 12} more" in figure.svg) is (number > 14)
    assert "The config and " in both[1].alt


def test_the_sentences_are_the_same_for_the_same_state() -> None:
    found = parcel(7)
    after = held(found)
    assert transfer_views.loaded(loaded(found, after)).sentence == (
        "Loaded: the config digest and all layer ids are the same as in the file."
    )
    assert "The config and all 7 layers arrived unchanged: 132 MB." in transfer_views.loaded(loaded(found, after)).svg
    other = replace(after, config="sha256:d", layers=("sha256:e", *after.layers[1:-1]))
    assert transfer_views.loaded(loaded(found, other)).sentence == (
        "Loaded, but not as it is in the file: the config and 2 layers differ."
    )
    foreign = replace(found, ours=False, platform="linux/arm64")
    said = transfer_views.loaded(loaded(foreign, after)).sentence
    assert "The image is for linux/arm64 and this engine runs linux/amd64" in said
    assert "the clean-up leaves it" in said


def test_a_difference_among_the_layers_left_out_is_said() -> None:
    found = parcel(40)
    after = held(found)
    middle = replace(after, layers=(*after.layers[:20], "sha256:e", *after.layers[21:]))
    figure = transfer_views.loaded(loaded(found, middle))
    assert "Not everything arrived as it was: 1 layer differs." in figure.svg
    assert "and 28 more (1 different): see the text version" in figure.svg
    assert [row[5] for row in figure.tables[0].rows].count("differs") == 1


def test_the_outputs_are_compared_only_where_there_are_two() -> None:
    found = parcel(1)
    run, other = Ran(exit_code=0, sha256="a"), Ran(exit_code=0, sha256="b")
    said = []
    for here, there in ((run, run), (run, other), (None, run), (None, None)):
        made = Journey(parcel=found, before=None, after=held(found), command=("x",), here=here, there=there)
        said.append((made.same_output, transfer_views.journey(made).sentence))
    assert [same for same, _ in said] == [True, False, None, None]
    assert "gave the same output" in said[0][1]
    assert "did not give the same output" in said[1][1]
    assert "none to compare it with" in said[2][1]
    assert "command" not in said[3][1]


def test_gone_says_what_stays() -> None:
    plain = Gone(name="shop:1", reference=NAME)
    assert views.gone(plain).sentence == "Gone: the engine no longer has an image of that name."
    more = replace(plain, base="localhost/course/python:3.13", others=("mine:1",))
    assert views.gone(more).sentence.endswith("The image itself stays: it has 1 other name. Its base image stays.")


def test_every_verb_says_how_else_it_is_done() -> None:
    for name in images.__all__:
        assert "Equivalent:" in (getattr(images, name).__doc__ or ""), name


def test_a_slip_of_the_pen_is_answered_before_any_engine_is_asked() -> None:
    for act in (
        lambda: images.save(""),
        lambda: images.save(5),  # type: ignore[arg-type]
        lambda: images.save("x", to=5),  # type: ignore[arg-type]
        lambda: images.load(None),  # type: ignore[arg-type]
        lambda: images.carry("x.tar", to=5),  # type: ignore[arg-type]
        lambda: images.carry("x.tar", command=["ls", 1]),  # type: ignore[list-item]
        lambda: images.carry("x.tar", command=5),  # type: ignore[arg-type]
    ):
        with pytest.raises(errors.WrongUse):
            act()
