"""What is taken for a plain tar, and that what is taken reads the same whichever way it is cut into pieces."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.oci import naming_json
from helpers.oci.plain_tar import PlainTar
from tests.images.moved_names import TRICKS, Image, Trick, extended, link, long_name, member, tar


def problem(content: bytes, size: int = 1 << 20) -> str:
    plain = PlainTar()
    for start in range(0, len(content), size):
        plain.feed(content[start : start + size])
    return plain.end()


def written(files: Mapping[str, bytes], form: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as made:
        for name, content in files.items():
            entry, _ = member(name, content)
            entry.mtime = 1_700_000_000.5 if form == tarfile.PAX_FORMAT else 1_700_000_000
            made.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@given(names=st.sets(st.from_regex(r"[a-z0-9.]{1,9}\.json", fullmatch=True), max_size=5), size=st.integers(1, 3000))
def test_what_programs_write_is_plain_in_pieces_of_any_size(form: int, names: set[str], size: int) -> None:
    content = written({f"blobs/{name}": name.encode() * size for name in names}, form)
    assert problem(content, size) == ""


def test_links_from_layer_to_layer_and_folders_are_as_docker_save_writes_them() -> None:
    folder = tarfile.TarInfo("a/")
    folder.type = tarfile.DIRTYPE
    assert problem(tar((folder, b""), member("a/layer.tar", b"x"), link("b/layer.tar", "../a/layer.tar"))) == ""


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.name.replace("/", "-"))
def test_what_has_two_readings_is_told_from_it(trick: Trick) -> None:
    in_json = {"only ref.name", "an empty image name", "an index of another name", "another spelling"}
    alone = {"a symbolic link", "a hard link"}
    said = problem(trick.make(Image(), "localhost/a:1", "localhost/b:1"))
    assert bool(said) is (trick.name not in in_json), said
    assert ("link" in said) is (trick.name in alone or trick.name == "a link to a folder")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (tar(member("a/b", b"x"), member("a", b"x")), "twice"),
        (tar(member("a", b"x"), member("a/b", b"x")), "below another file"),
        (tar(link("x/layer.tar", "../y.tar"), member("x/layer.tar/z", b"")), "below another file or a link"),
        (tar(link("layer.tar", "/etc/layer.tar")), "a link where"),
        (tar(link("layer.tar", "../layer.tar")), "a link where"),
        (tar(member("../a", b"")), "leads out"),
        (tar(member("", b"")), "roundabout"),
        (tar(member("a//b", b"")), "roundabout"),
        (tar(member("a", b""))[:-512], "no end"),
        (tar(member("a", b""))[:-1024] + bytes(512) + tar(member("b", b"")), "behind its end"),
        (tar(member("a", b"")) + b"more", "behind its end"),
        (tar(extended(b"x", {"mtime": "1.5"})), "no end"),
        (tar(extended(b"x", {"mtime": "1.5"}), extended(b"x", {"mtime": "1.5"}), member("a", b"")), "another form"),
        (tar(extended(b"x", {"path": "b"}), member("a", b"")), "another form"),
        (tar(extended(b"x", {"size": "1_0"}), member("a", b"")), "another form"),
        (tar(extended(b"x", {"size": "512"}), member("a", b"")), "no end"),
        (tar(long_name("b"), member("a", b"")), "another form"),
        (b"x" * 1024, "another form"),
        (b"", "no end"),
    ],
)  # fmt: skip
def test_all_else_is_refused(content: bytes, why: str) -> None:
    assert why in problem(content)
    assert why in problem(content, 100)


def test_a_size_may_be_given_by_an_extended_header() -> None:
    assert problem(tar(extended(b"x", {"size": "512", "mtime": "1.5"}), member("a", b""), b"x" * 512)) == ""


def test_a_field_in_another_spelling_or_twice_is_no_value() -> None:
    for text in ('[{"repotags": []}]', '[{"RepoTagſ": []}]', '[{"a": 1, "a": 1}]', "[" * 100_000, "\ufeff[]", "[] []"):
        with pytest.raises(ValueError, match=r".+"):
            naming_json.read(text.encode(), naming_json.MANIFEST_FIELDS)
    assert naming_json.read(b'[{"RepoTags": ["a"], "other": 1}]', naming_json.MANIFEST_FIELDS)[0]["RepoTags"] == ["a"]
    wrong: object
    for wrong in ([], "x", {"a": 1}):
        with pytest.raises(ValueError, match="annotations"):
            naming_json.names_of(wrong)
