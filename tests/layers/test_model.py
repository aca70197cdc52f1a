"""Layers stacked, scored and read: against a plain reading of the rules, tarfile, and dive itself."""

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

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.layers.model.analysis import Analysis, analysis
from helpers.layers.model.content import Content, ImageLayers
from helpers.oci import layer_archive, layer_tar
from helpers.oci.history import command, fitting, steps
from helpers.oci.layer_files import DIR, FILE, Files, NotColumns
from helpers.oci.layer_tar import Source
from helpers.oci.saved_layout import NoImage, describe
from helpers.oci.tar_header import DamagedTar
from tests.images.moved_names import extended, member, tar
from tests.oci import layer_tars, saved_images
from tests.oci.layer_tars import Item

KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.DIRTYPE: "dir",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hardlink",
    tarfile.CHRTYPE: "device",
    tarfile.FIFOTYPE: "fifo",
}
DIVE = Path(sys.executable).with_name("dive")


def pieces(data: bytes, size: int = 1 << 20) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same each time, which is the point


def files(data: bytes, size: int = 1 << 20) -> Files:
    return layer_tar.read(Source(pieces(data, size)))


def of(*layers: list[Item]) -> Analysis:
    tars = [layer_tars.write(layer) for layer in layers]
    rows = [{"created_by": f"/bin/sh -c step {number}"} for number in range(len(tars))]
    return analysis("image", steps(rows), [saved_images.digest(one) for one in tars], [files(one) for one in tars])


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 1 << 30), again=st.booleans())
def test_stacked_as_the_rules_say(seed: int, again: bool) -> None:
    drawn = layer_tars.draw(dice(seed), again=again)
    found = of(*drawn.layers)

    seen = found.stack(-1).by_path
    assert {path[1:] for path in seen} == set(drawn.state)
    for path, item in drawn.state.items():
        entry = seen[f"/{path}"]
        if item.kind != tarfile.LNKTYPE:
            assert entry.kind == KINDS[item.kind], path
        else:
            assert entry.kind in ("hardlink", "file")
        if path not in drawn.implied:
            assert (entry.mode, entry.uid) == (item.mode, item.uid), path
    visible = {layer_tars.content_of(drawn, item) for item in drawn.state.values() if item.kind in (b"0", b"1")}
    hidden = [content for content in drawn.stored if content not in visible]
    assert found.hidden_bytes == sum(map(len, hidden))
    assert sorted(one.bytes for one in found.hidden) == sorted(map(len, hidden))
    assert found.image_size == sum(map(len, drawn.stored))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1 << 30))
def test_changes_lead_from_each_file_system_to_the_next(seed: int) -> None:
    found = of(*layer_tars.draw(dice(seed)).layers)

    before: set[str] = set()
    for layer in found.layers:
        after = set(found.stack(layer.index).by_path)
        removed = {entry.path for entry in layer.entries if entry.change == "removed"}
        added = {entry.path for entry in layer.entries if entry.change == "added"}
        changed = {entry.path for entry in layer.entries if entry.change in ("modified", "metadata")}
        assert removed == before - after
        assert added <= after - before
        assert {p for p in after - before if p not in added} <= {
            e.path for e in found.stack(layer.index).entries if e.kind == "dir"
        }
        assert changed <= before & after
        assert (layer.added, layer.removed) == (len(added), len(removed))
        assert layer.modified + layer.metadata == len(changed)
        before = after


NAME = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=120).filter(
    lambda name: name not in (".", "..")
)
PATH = st.lists(NAME | st.just("\udcff\udc80raw"), min_size=1, max_size=4).map("/".join)


@settings(max_examples=150, deadline=None)
@given(
    paths=st.lists(PATH, min_size=1, max_size=6),
    form=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    numbers=st.tuples(
        st.integers(0, 1 << 40), st.integers(0, 1 << 40), st.integers(0, 1 << 40), st.integers(0, 0o7777)
    ),
    kind=st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE]),
    size=st.integers(0, 3000),
    chop=st.integers(1, 5000),
)
def test_every_form_of_header(
    paths: list[str], form: int, numbers: tuple[int, int, int, int], kind: bytes, size: int, chop: int
) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, encoding="utf-8", errors="surrogateescape") as tar:
        for path in paths:
            entry = tarfile.TarInfo(path)
            entry.uid, entry.gid, entry.mtime, entry.mode = numbers
            entry.type = kind
            entry.linkname = path[::-1].strip("/") if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            entry.size = size if kind == tarfile.REGTYPE else 0
            tar.addfile(entry, io.BytesIO(b"z" * size))

    found = files(out.getvalue(), chop)

    assert found.paths == [f"/{path}" for path in paths]
    for i, path in enumerate(paths):
        assert (found.uids[i], found.gids[i], found.mtimes[i], found.modes[i]) == numbers
        assert found.links.get(i, "") == (path[::-1].strip("/") if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else "")
        if kind == tarfile.REGTYPE:
            assert found.sizes[i] == size
            assert found.digest(i) == layer_tars.sha256(b"z" * size)
    again = Files.from_bytes(found.to_bytes())
    assert all(getattr(again, name) == getattr(found, name) for name in Files.__slots__)


def header(name: bytes, size: int, kind: bytes = b"0", *, sparse: bytes = b"", magic: bytes = b"ustar\x0000") -> bytes:
    block = bytearray(512)
    block[: len(name)] = name
    block[100:124] = b"0000644\x000000000\x000000000\x00"
    block[124:136] = b"%011o\x00" % size
    block[136:148] = b"00000000000\x00"
    block[156:157] = kind
    block[257:265] = magic
    block[386 : 386 + len(sparse)] = sparse
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\x00 " % sum(block)
    return bytes(block)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def pax(**records: str) -> bytes:
    body = b""
    for key, value in records.items():
        text = f" {key.replace('__', '.')}={value}\n".encode()
        length = len(text) + 1
        while len(str(length)) + len(text) != length:
            length = len(str(length)) + len(text)
        body += str(length).encode() + text
    return header(b"pax", len(body), b"x") + padded(body)


WHOLE = b"A" * 512 + bytes(1024) + b"B" * 100 + bytes(400)  # 2036 bytes, two parts
PARTS = "0,512,1536,100"
STORED = WHOLE[:512] + WHOLE[1536:1636]
OLD = (
    b"".join(b"%011o\x00%011o\x00" % part for part in ((0, 512), (1536, 100))) + bytes(48) + b"\0%011o\x00" % len(WHOLE)
)
LIST = padded(b"2\n0\n512\n1536\n100\n")


def pax00() -> bytes:
    """Keys of pax 0.0 come more than once."""
    lines = [("GNU.sparse.size", len(WHOLE)), ("GNU.sparse.numblocks", 2)]
    for offset, length in ((0, 512), (1536, 100)):
        lines += [("GNU.sparse.offset", offset), ("GNU.sparse.numbytes", length)]
    body = b"".join(pax(**{key.replace(".", "__"): str(value)})[512:].rstrip(b"\0") for key, value in lines)
    return header(b"pax", len(body), b"x") + padded(body)


@pytest.mark.parametrize(
    "entry",
    [
        header(b"hole", 612, b"S", sparse=OLD, magic=b"ustar  \x00") + padded(STORED),
        pax00() + header(b"hole", 612) + padded(STORED),
        pax(
            GNU__sparse__size=str(len(WHOLE)),
            GNU__sparse__numblocks="2",
            GNU__sparse__map=PARTS,
            GNU__sparse__name="hole",
        )
        + header(b"other", 612)
        + padded(STORED),
        pax(
            GNU__sparse__major="1",
            GNU__sparse__minor="0",
            GNU__sparse__name="hole",
            GNU__sparse__realsize=str(len(WHOLE)),
        )
        + header(b"other", 512 + 612)
        + LIST
        + padded(STORED),
    ],
    ids=["gnu", "0.0", "0.1", "1.0"],
)
def test_files_with_holes_are_what_a_program_reads(entry: bytes) -> None:
    data = entry + header(b"after", 3) + padded(b"end") + bytes(1024)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:  # the hand-made header is one that others read, too
        inner = tar.extractfile(tar.getmembers()[0])
        assert inner is not None
        assert inner.read() == WHOLE

    found = files(data, 700)

    assert found.paths == ["/hole", "/after"]
    assert list(found.sizes) == [len(WHOLE), 3]
    assert found.digest(0) == layer_tars.sha256(WHOLE)
    assert found.digest(1) == layer_tars.sha256(b"end")
    read = layer_tar.find(Source(pieces(data)), "/hole", 600)
    assert read == WHOLE[:600]


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("./a/b", "/a/b"),
        ("/a", "/a"),
        ("a//b/", "/a/b"),
        ("a/./b", "/a/b"),
        ("a/../b", "/b"),
        ("../../a", "/a"),
        ("a.", "/a."),
    ],
)
def test_names_become_paths(written: str, path: str) -> None:
    kind = b"5" if written.endswith("/") else b"0"
    assert files(header(written.encode(), 0, kind) + bytes(1024)).paths == [path]


def test_forms_that_no_builder_writes_today() -> None:
    v7 = header(b"old/", 0, b"\0", magic=bytes(8))
    signed = bytearray(header("ü".encode("latin-1"), 0))
    signed[148:156] = b" " * 8
    signed[148:156] = b"%06o\x00 " % sum(b - 256 if b > 127 else b for b in signed)
    data = v7 + header(b"g", 9, b"g") + padded(b"9 a=12345"[:9]) + bytes(signed) + bytes(1024)
    found = files(data)
    assert found.paths == ["/old", "/\udcfc"]
    assert list(found.kinds) == [DIR, FILE]


@pytest.mark.parametrize(
    "data",
    [
        b"x" * 512,
        header(b"a", 600) + bytes(512),
        pax(path="a")[:700],
        header(b"p", 20, b"x") + padded(b"99 path=short\n"),
        header(b"p", 1 << 30, b"x"),
        pax(GNU__sparse__map="0,9,5,9", GNU__sparse__size="20") + header(b"a", 18) + padded(b"x" * 18),
        pax(GNU__sparse__major="1", GNU__sparse__realsize="9") + header(b"a", 512) + padded(b"99999\n1\n"),
        header(b"a", 0)[:124] + b"nonsense!!!!" + header(b"a", 0)[136:],
    ],
)
def test_what_is_damaged_is_said(data: bytes) -> None:
    with pytest.raises(DamagedTar):
        files(data)


@given(data=st.binary(max_size=2000), at=st.integers(0, 3000))
@settings(max_examples=150, deadline=None)
def test_nonsense_is_refused_or_read_but_never_breaks(data: bytes, at: int) -> None:
    whole = bytearray(layer_tars.write([Item("a", content=b"1" * 700), Item("b" * 150, content=b"2")]))
    whole[at : at + len(data)] = data
    with contextlib.suppress(DamagedTar):
        files(bytes(whole))


def sparse(records: dict[str, str]) -> bytes:
    """A file that is one hole, of a size that its extended header gives."""
    return tar(extended(b"x", records), member("hole", b""))


def test_numbers_that_no_system_makes_are_damage() -> None:
    for records in (
        {"GNU.sparse.realsize": "9" * 20, "GNU.sparse.map": ""},
        {"uid": "9" * 20},
        {"size": "9" * 20},
    ):
        with pytest.raises(DamagedTar):
            files(sparse(records))


def test_a_hole_without_end_is_read_as_far_as_it_is_wanted() -> None:
    endless = sparse({"GNU.sparse.realsize": str(1 << 60), "GNU.sparse.map": ""})
    assert layer_tar.find(Source(pieces(endless)), "/hole", 100_000) == bytes(100_000)
    assert layer_tar.holding(Source(pieces(endless)), b"word") == []


def test_damaged_columns_are_no_columns() -> None:
    whole = files(layer_tars.write([Item("a", content=b"1"), Item("b", tarfile.SYMTYPE, link="a")])).to_bytes()
    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 0x41
        with pytest.raises(NotColumns):
            Files.from_bytes(bytes(broken))
        with pytest.raises(NotColumns):
            Files.from_bytes(whole[:at])


def read_archive(data: bytes, diff_ids: list[str]) -> list[Files]:
    archive = layer_archive.read(Source(pieces(data, 3000)), lambda _: None, lambda: None)
    described = describe(archive.small, archive.links, diff_ids)
    assert [step.empty for step in fitting(steps(described.history), len(diff_ids))].count(False) == len(diff_ids)
    return [archive.layers[name] for name in described.members]


@pytest.mark.parametrize("layout", saved_images.LAYOUTS)
def test_every_layout_holds_the_same_image(layout: str) -> None:
    drawn = layer_tars.draw(dice(5), layers=3)
    tars = [layer_tars.write(layer) for layer in drawn.layers]
    tars += [tars[0], bytes(1024)]  # a layer twice, and one of nothing
    ids = [saved_images.digest(one) for one in tars]
    data = saved_images.archive(tars, "x:1", layout)

    found = read_archive(data, ids)

    assert [one.paths for one in found] == [files(one).paths for one in tars]
    with pytest.raises(NoImage):
        read_archive(data, ids[::-1])
    for cut in range(0, len(data) - 10240, 997):
        with pytest.raises((DamagedTar, NoImage, KeyError)):
            read_archive(data[:cut], ids)


def dive(layers: list[list[Item]], folder: Path, layout: str = "oci") -> dict[str, object]:
    file, out = folder / "image.tar", folder / "dive.json"
    file.write_bytes(saved_images.archive([layer_tars.write(layer) for layer in layers], "x:1", layout))
    out.unlink(missing_ok=True)  # dive writes over the beginning of a longer one
    subprocess.run(
        [DIVE, "--source", "docker-archive", file, "--json", out], check=True, capture_output=True, cwd=folder
    )
    found: dict[str, object] = json.loads(out.read_text())["image"]
    return found


def compare(layers: list[list[Item]], folder: Path) -> Analysis:
    """Holds the compatible figures to dive's own."""
    told, found = dive(layers, folder), of(*layers)
    assert found.image_size == told["sizeBytes"]
    assert found.wasted_bytes == told["inefficientBytes"]
    assert found.efficiency == told["efficiencyScore"]
    listed = {(str(row["file"]), row["sizeBytes"], row["count"]) for row in told["fileReference"]}  # type: ignore[attr-defined]
    assert {(one.path, one.bytes, one.count) for one in found.wasted} == listed
    return found


needs_dive = pytest.mark.skipif(not DIVE.exists(), reason="dive has no build for this system")


@needs_dive
@pytest.mark.parametrize("seed", range(24))
def test_compatible_figures_are_dives(seed: int, tmp_path: Path) -> None:
    compare(layer_tars.draw(dice(seed), layers=5, most=20, again=seed % 2 == 1).layers, tmp_path)


@needs_dive
def test_a_layer_that_is_there_twice_counts_twice_as_in_dive_unless_it_was_saved_as_a_link(tmp_path: Path) -> None:
    layer, other = [Item("a", content=BIG), Item("b", content=OTHER)], [Item("a", content=OTHER)]
    for stack in ([layer, layer], [layer, other, layer], [layer, [Item(".wh.a")], layer]):
        compare(stack, tmp_path)
    assert of(layer, layer).wasted_bytes == 24_000
    assert dive([layer, layer], tmp_path, "classic")["inefficientBytes"] == 0


BIG, OTHER = b"B" * 5000, b"b" * 7000
FOLDER = [Item("d", tarfile.DIRTYPE, mode=0o755), Item("d/f", content=BIG), Item("d/g", content=OTHER)]


@needs_dive
@pytest.mark.parametrize(
    ("later", "counted", "hidden"),
    [
        ([[Item(".wh.d")]], 0, 12_000),  # rm -rf of a directory
        ([[FOLDER[0], Item("d/.wh..wh..opq")]], 0, 12_000),  # all in it, and the directory made again
        ([[Item("d", content=b"now a file")]], 0, 12_000),  # a file in its place
        (
            [[FOLDER[0], Item("d/f", content=BIG, mode=0o755)], [FOLDER[0], Item("d/f", content=BIG, mode=0o700)]],
            15_000,
            10_000,
        ),  # chmod twice: two copies too many, not three
        ([[FOLDER[0], Item("d/.wh.f")]], 5_000, 5_000),  # one file: both agree
    ],
    ids=["rm -rf", "opaque", "replaced", "chmod twice", "rm"],
)
def test_where_dive_errs_both_are_told(later: list[list[Item]], counted: int, hidden: int, tmp_path: Path) -> None:
    found = compare([FOLDER, *later], tmp_path)

    assert found.wasted_bytes == counted
    assert found.hidden_bytes == hidden


def test_a_name_that_is_left_keeps_the_bytes() -> None:
    first = [
        Item("a", content=BIG),
        Item("b", tarfile.LNKTYPE, link="a"),
        Item("early", tarfile.LNKTYPE, link="late"),
        Item("late", content=OTHER),
    ]
    one, both = of(first, [Item(".wh.a")]), of(first, [Item(".wh.a")], [Item(".wh.b"), Item(".wh.late")])

    assert one.hidden_bytes == 0
    assert next((e.path, e.kind, e.size) for e in one.stack(-1).entries) == ("/b", "file", 5000)
    assert [(h.path, h.bytes, h.layer, h.hidden_by, h.instruction) for h in both.hidden] == [
        ("/a", 5000, 0, 2, "RUN step 2")
    ]


def test_copies_are_found_wherever_they_lie() -> None:
    found = of([Item("a", content=BIG)], [Item("b", content=BIG), Item("c", content=OTHER)], [Item(".wh.b")])

    (one,) = found.duplicates
    assert (one.paths, one.layers, one.size, one.bytes) == (("/a", "/b"), (0, 1), 5000, 5000)
    assert found.duplicate_bytes == 5000


def test_only_metadata_is_told_from_content() -> None:
    first = [Item("a", content=BIG), Item("d", tarfile.DIRTYPE, mode=0o755)]
    second = [Item("a", content=BIG, mode=0o600), Item("d", tarfile.DIRTYPE, mode=0o700)]
    third = [Item("a", content=OTHER), Item("d", tarfile.DIRTYPE, mode=0o700)]
    layers = of(first, second, third).layers

    assert [(e.path, e.change) for e in layers[1].entries] == [("/a", "metadata"), ("/d", "metadata")]
    assert [(e.path, e.change) for e in layers[2].entries] == [("/a", "modified")]  # a directory only listed again


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('/bin/sh -c #(nop)  CMD ["python3" "-m"]', 'CMD ["python3", "-m"]'),
        ('CMD ["/bin/sh" "-c" "python app.py"]', "CMD python app.py"),
        (f"/bin/sh -c #(nop) COPY dir:{'a' * 64} in /app ", "COPY dir:aaaaaaaaaaaa in /app"),
        ("/bin/sh -c apt-get update", "RUN apt-get update"),
        ("|2 A=1 B=two words /bin/sh -c make", "RUN make"),
        ("RUN |1 A=b /bin/sh -c make x # buildkit", "RUN make x"),
        ("RUN /bin/sh -c rm -rf /x # buildkit", "RUN rm -rf /x"),
        ("COPY app.py /app/ # buildkit", "COPY app.py /app/"),
        ("EXPOSE map[80/tcp:{} 443/tcp:{}]", "EXPOSE 80/tcp 443/tcp"),
        ("EXPOSE [53/udp 8080/tcp]", "EXPOSE 53/udp 8080/tcp"),
        ('HEALTHCHECK &{["CMD-SHELL" "curl x"] "5s" "3s" "0s" \'\\x00\'}', "HEALTHCHECK CMD curl x"),
        ("WORKDIR /app", "WORKDIR /app"),
        ("bazel build ...", "bazel build ..."),
        ("", ""),
    ],
)
def test_steps_read_as_in_the_dockerfile(written: str, said: str) -> None:
    assert command(written) == said


def test_another_shell_is_taken_off_too() -> None:
    rows: list[dict[str, object]] = [
        {"created_by": "SHELL [/bin/bash -o pipefail -c]", "empty_layer": True},
        {"created_by": "RUN /bin/bash -o pipefail -c a | b # buildkit"},
    ]
    assert [step.command for step in steps(rows)] == ['SHELL ["/bin/bash", "-o", "pipefail", "-c"]', "RUN a | b"]


def test_the_classic_builder_puts_the_shell_before_each_step_whatever_it_is() -> None:
    rows: list[dict[str, object]] = [
        {"created_by": "/bin/bash -o pipefail -c #(nop)  SHELL [/bin/bash -o pipefail -c]", "empty_layer": True},
        {"created_by": "/bin/bash -o pipefail -c a | b"},
        {"created_by": '/bin/bash -o pipefail -c #(nop)  CMD ["c"]', "empty_layer": True},
        {"created_by": "/bin/bash -o pipefail -c echo #(nop) CMD"},
    ]
    assert [step.command for step in steps(rows)] == [
        'SHELL ["/bin/bash", "-o", "pipefail", "-c"]', "RUN a | b", 'CMD ["c"]', "RUN echo #(nop) CMD",
    ]  # fmt: skip


@given(rows=st.lists(st.booleans(), max_size=8), layers=st.integers(0, 8))
def test_a_history_that_does_not_fit_is_made_to(rows: list[bool], layers: int) -> None:
    written: list[dict[str, object]] = [{"created_by": "x", "empty_layer": empty} for empty in rows]
    fitted = fitting(steps(written), layers)
    assert sum(not step.empty for step in fitted) == layers


def test_images_share_a_beginning_on_disk_and_any_layer_in_a_registry() -> None:
    one = ImageLayers(names=("one",), id="sha256:1", diff_ids=("a", "b", "c"), sizes=(1, 2, 3))
    two = ImageLayers(names=("two",), id="sha256:2", diff_ids=("a", "c"), sizes=(1, 3))
    assert one.common(two) == 1
    assert one.also(two) == (0, 2)


def test_what_is_text() -> None:
    def content(data: bytes, size: int) -> Content:
        return Content(image="i", path="/p", layer=0, instruction="", size=size, content=data)

    assert content(b"hello\n", 6).is_text
    assert content("ü".encode()[:1], 5).is_text  # cut in the middle of a character
    assert not content("ü".encode()[:1], 1).is_text
    assert not content(b"\0\1", 2).is_text
