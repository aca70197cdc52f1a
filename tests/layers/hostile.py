"""Images that somebody wrote to do harm: each function makes one, and returns the reading of it."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
from collections.abc import Callable, Sequence

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helpers.layers.model.analysis import analysis
from helpers.layers.widgets.explorer import pack
from helpers.oci import compression, layer_archive, layer_tar, saved_reader
from helpers.oci.history import steps
from helpers.oci.layer_files import FILE, HARDLINK, Files
from helpers.oci.layer_tar import Source
from helpers.oci.saved import Damaged, Foreign
from helpers.oci.saved_layout import NoImage, describe
from helpers.oci.tar_header import DamagedTar
from tests.oci import layer_tars, saved_images

Work = Callable[[], object]


def header(name: bytes, size: int, kind: bytes = b"0") -> bytes:
    """One header with its check sum."""
    block = bytearray(512)
    block[: len(name)] = name
    block[100:124] = b"0000644\x000000000\x000000000\x00"
    block[124:148] = b"%011o\x0000000000000\x00" % size
    block[156:157], block[257:265] = kind, b"ustar\x0000"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\x00 " % sum(block)
    return bytes(block)


def padded(data: bytes) -> bytes:
    """As long as blocks are."""
    return data + bytes(-len(data) % 512)


def entry(*records: tuple[bytes, bytes], content: bytes = b"") -> bytes:
    """One file with these extended headers."""
    body = b""
    for key, value in records:
        text = b" %s=%s\n" % (key, value)
        length = len(text) + 1
        while len(str(length)) + len(text) != length:
            length = len(str(length)) + len(text)
        body += b"%d%s" % (length, text)
    return header(b"pax", len(body), b"x") + padded(body) + header(b"file", len(content)) + padded(content)


def _read(data: bytes) -> Files:
    return layer_tar.read(Source(iter([data + bytes(1024)])))


def _taken_apart(*layers: Files) -> int:
    """All that a learner's call does with an image's layers: the analysis, the stack, the explorer."""
    found = analysis("x", [], [f"sha256:{n:064x}" for n in range(len(layers))], layers)
    return len(found.stack(len(layers) - 1)) + len(pack(found))


def deep(folders: int) -> Work:
    """A path so many directories deep."""
    data = entry((b"path", b"a/" * folders + b"f"))
    return lambda: _taken_apart(_read(data))


def deep_ones(paths: int) -> Work:
    """Paths 2,000 directories deep that have none of them in common."""
    data = b"".join(entry((b"path", b"%d" % n + b"a/" * 2000 + b"f")) for n in range(paths))
    return lambda: _taken_apart(_read(data))


def names() -> Work:
    """143 MB of names, made from 150 kB."""
    data = gzip.compress(b"".join(entry((b"path", b"%03d" % n + b"n" * 1_000_000)) for n in range(143)))
    assert len(data) < 160_000
    return lambda: layer_tar.read(Source(compression.unpacked(compression.GZIP, iter([data]))))


def names_of_many_layers() -> Work:
    """The same in an archive of an image, ten million letters in each layer."""
    layers = [
        gzip.compress(b"".join(entry((b"path", b"%03d%03d" % (k, n) + b"n" * 1_000_000)) for n in range(10)))
        for k in range(15)
    ]
    data = layer_tars.write(
        layer_tars.Item(f"blobs/sha256/{number:064x}", content=layer) for number, layer in enumerate(layers)
    )

    def work() -> dict[str, str]:
        return layer_archive.read(Source(iter([data])), lambda _: None, lambda: None).odd

    return work


def entries() -> Work:
    """Two million files without much of a name."""
    block = b"".join(header(b"%d" % n, 0) for n in range(1000))
    data = gzip.compress(block, 1)
    return lambda: layer_tar.read(Source(compression.unpacked(compression.GZIP, iter([data] * 2000))))


def digits(where: int) -> Work:
    """A number of 5,000 digits, at each place that has numbers."""
    many = b"9" * 5000
    sparse = [(b"GNU.sparse.major", b"1"), (b"GNU.sparse.name", b"y"), (b"GNU.sparse.realsize", b"9")]
    data = (
        entry((b"size", many)),
        entry((b"mtime", many)),
        entry((b"uid", many)),
        entry((b"GNU.sparse.map", many + b",1")),
        entry(*sparse, content=many + b"\n" + bytes(500)),
        entry(*sparse, content=b"1\n" + many + b"\n1\n" + bytes(500)),
    )[where]
    return lambda: _read(data)


def holes() -> Work:
    """Forty files of 5 GB, each of them a hole."""
    data = entry((b"GNU.sparse.size", b"%d" % (5 << 30)), (b"GNU.sparse.map", b"")) * 40
    return lambda: _read(data).size


def folder_and_file() -> Work:
    """A path that is a directory with something in it, and then a file, and so on, beside many others."""
    many = [layer_tars.Item(f"d{n}/x") for n in range(20_000)]
    turns = [layer_tars.Item("t/x"), layer_tars.Item("t")] * 10_000
    data = layer_tars.write(many + turns)
    return lambda: _taken_apart(_read(data))


def hard_links(circle: int) -> Work:
    """Hard links that lead to the next one, all the way; in a circle, or to a file at last."""
    files = Files()
    for n in range(30_000):
        files.add(f"/{n}", HARDLINK, link=f"{n + 1 if n < 29_999 or not circle else 0}")
    files.add("/30000", FILE, size=1)
    return lambda: _taken_apart(files)


def whiteouts() -> Work:
    """Ten thousand whiteouts of one directory of ten thousand files."""
    lower, upper = Files(), Files()
    lower.add("/d", ord("d"))
    for n in range(10_000):
        lower.add(f"/d/{n}", FILE, size=1)
        upper.add("/.wh.d", FILE)
    return lambda: _taken_apart(lower, upper)


def history(which: int) -> Work:
    """Instructions that take as long as the square of their length to be read, with patterns written carelessly."""
    said = (
        "|" + "9" * 5000 + " x",
        " " * 400_000 + "x",
        'CMD ["' + '\\"' * 200_000,
        'CMD ["' + '\\"' * 200_000 + "\\",
    )[which]
    return lambda: len(steps([{"created_by": said}]))


def one_config_for_all() -> Work:
    """A list of 50,000 images that all have one large config."""
    large = json.dumps({"rootfs": {"diff_ids": []}, "history": [{}] * 300_000}).encode()
    rows = json.dumps([{"Config": "c.json", "Layers": ["x"]}] * 50_000).encode()
    return lambda: describe({"c.json": large, "manifest.json": rows}, {}, ["sha256:x"])


def zeros(packing: int) -> Work:
    """Zeros without end: 200 MB that gzip made of 200 GB, or 6 MB that zstd made of them."""
    part = gzip.compress(bytes(100 << 20), 9) if packing else saved_images.zstd_of(bytes(1 << 30))
    kind = compression.GZIP if packing else compression.ZSTD
    return lambda: sum(map(len, compression.unpacked(kind, iter([part] * (20 if packing else 200)))))


def fuzz(examples: int) -> Work:
    """Sound images in which bytes are changed, cut out or said again: read, or refused in the course's words."""
    dice = random.Random(17)  # noqa: S311
    layers = [layer_tars.write(items) for items in layer_tars.draw(dice, layers=2).layers]
    sparse = entry((b"GNU.sparse.map", b"0,5,600,5"), (b"GNU.sparse.size", b"700"), content=b"0123456789")
    layers.append(sparse + bytes(1024))
    whole = [saved_images.archive(layers, "x:1", layout) for layout in saved_images.LAYOUTS]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        base=st.sampled_from([*layers, *whole]),
        changes=st.lists(
            st.tuples(st.floats(0, 1), st.binary(max_size=12), st.integers(0, 40)), min_size=1, max_size=4
        ),
        sealed=st.booleans(),
    )
    def turned(base: bytes, changes: Sequence[tuple[float, bytes, int]], sealed: bool) -> None:
        data = bytearray(base)
        for where, put, instead in changes:
            at = int(where * len(data))
            if sealed:  # a field of a header, or what an extended one says
                at = at // 512 * 512 + instead * 12
            data[at : at + (len(put) if sealed else instead)] = put
        if sealed:  # the headers' check sums are right again, so that what they say is believed
            for at in range(0, len(data) - 511, 512):
                if data[at + 257 : at + 262] == b"ustar":
                    data[at + 148 : at + 156] = b" " * 8
                    data[at + 148 : at + 156] = b"%06o\x00 " % sum(data[at : at + 512])
        for read in (_as_layer, _as_image, _as_file):
            read(bytes(data))

    def work() -> int:
        turned()
        return examples

    return work


def _as_layer(data: bytes) -> None:
    with contextlib.suppress(DamagedTar):
        _taken_apart(layer_tar.read(Source(iter([data]))))


def _as_image(data: bytes) -> None:
    with contextlib.suppress(DamagedTar, NoImage):
        found = layer_archive.read(Source(iter([data])), lambda _: None, lambda: None)
        describe(found.small, found.links, [saved_images.digest(data)])


def _as_file(data: bytes) -> None:
    with contextlib.suppress(Damaged, Foreign):
        saved_reader.names(iter([data]))
