"""Layers read from an engine's list of them: headers and check sums, no contents."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import random
import tarfile
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.layers.engine.engine_lists import Listed
from helpers.oci import layer_tar
from helpers.oci.layer_files import CRC64, Files
from helpers.oci.layer_tar import Source
from helpers.oci.tar_header import DamagedTar
from tests.oci import layer_tars
from tests.oci.layer_tars import Item


def listed(data: bytes) -> bytes:
    """A tar's list, as an engine writes one."""
    rows: list[dict[str, object]] = []
    at = 0
    with tarfile.open(fileobj=io.BytesIO(data), encoding="utf-8", errors="surrogateescape") as tar:
        for entry in tar:
            segment = data[at : entry.offset_data]
            size = entry.size if entry.isreg() else 0
            content = data[entry.offset_data : entry.offset_data + size]
            rows.append({"type": 2, "payload": base64.b64encode(segment).decode()})
            row: dict[str, object] = {"type": 1, "name": "not looked at", "payload": None}
            if size:
                row |= {"size": size, "payload": base64.b64encode(layer_tars.crc64(content)).decode()}
            rows.append(row)
            at = entry.offset_data + size
    rows.append({"type": 2, "payload": base64.b64encode(data[at:]).decode()})
    return b"".join(json.dumps(row | {"position": number}).encode() + b"\n" for number, row in enumerate(rows))


def read(data: bytes, size: int = 1 << 20) -> Files:
    pieces: Iterator[bytes] = (data[at : at + size] for at in range(0, len(data), size))
    return layer_tar.read(Listed(pieces))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1 << 30), form=st.sampled_from(layer_tars.FORMATS[1:]), size=st.integers(1, 5000))
def test_a_list_says_of_a_layer_what_its_tar_does(seed: int, form: int, size: int) -> None:
    drawn = layer_tars.draw(random.Random(seed), layers=1)  # noqa: S311
    data = layer_tars.write(drawn.layers[0], form)

    whole, found = layer_tar.read(Source(iter([data]))), read(listed(data), size)

    columns = ("paths", "kinds", "sizes", "modes", "uids", "gids", "mtimes", "links")
    assert [getattr(found, name) for name in columns] == [getattr(whole, name) for name in columns]
    assert found.sums == CRC64
    contents = {"/" + item.path: item.content for item in drawn.layers[0] if item.content}
    for i, path in enumerate(found.paths):
        if found.sizes[i] and path in contents and found.paths.count(path) == 1:
            assert found.digest(i) == layer_tars.crc64(contents[path])


def test_the_check_sum_is_the_one_that_others_give() -> None:
    assert layer_tars.crc64(b"123456789").hex() == "b90956c775a41001"  # CRC-64/GO-ISO in the catalogue of CRCs


WHOLE = listed(layer_tars.write([Item("a", content=b"1" * 700), Item("b" * 150, content=b"2"), Item("c")]))
LINES = WHOLE.splitlines(keepends=True)


@pytest.mark.parametrize(
    "data",
    [
        WHOLE[:-1],
        WHOLE[: len(LINES[0]) + 9],
        b"".join(LINES[:1] + LINES[2:]),  # a content is missing
        b"".join(LINES[:2] + LINES[1:]),  # one is there twice
        WHOLE.replace(b'"size": 700', b'"size": 701'),
        WHOLE.replace(b'"size": 700', b'"size": "7"'),
        WHOLE.replace(b'"type": 1', b'"type": 3'),
        WHOLE.replace(b'"payload"', b'"other"'),
        b"[]\n",
        b"nonsense\n",
        b"[" * 100_000 + b"\n",
        b'{"type":1,"size":3,"payload":"AAAA"}\n',
    ],
)
def test_what_does_not_fit_is_said(data: bytes) -> None:
    with pytest.raises(DamagedTar):
        read(data)


def test_a_file_with_holes_is_left_to_the_export() -> None:
    entry = tarfile.TarInfo("hole")
    entry.size, entry.pax_headers = 10, {"GNU.sparse.size": "20", "GNU.sparse.map": "0,4,10,6"}
    head = entry.tobuf(tarfile.PAX_FORMAT)
    data = head + b"0123456789" + bytes(502 + 1024)
    assert layer_tar.read(Source(iter([data]))).sizes[0] == 20
    rows = [
        {"type": 2, "payload": base64.b64encode(head).decode()},
        {"type": 1, "size": 20, "payload": base64.b64encode(bytes(8)).decode()},
        {"type": 2, "payload": base64.b64encode(bytes(502 + 1024)).decode()},
    ]
    with pytest.raises(DamagedTar):
        read(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


@given(data=st.binary(max_size=300), at=st.integers(0, 4000))
@settings(max_examples=100, deadline=None)
def test_nonsense_is_refused_or_read_but_never_breaks(data: bytes, at: int) -> None:
    broken = bytearray(WHOLE)
    broken[at : at + len(data)] = data
    with contextlib.suppress(DamagedTar):
        read(bytes(broken))
