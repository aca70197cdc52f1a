"""Files that show one name and would move another: the same trick in each way that an engine can be led.

All hold one image. What looks at them as tarfile and json do finds `shown`; the engine of `stores` moves `victim`.
"""

from __future__ import annotations

import io
import json
import secrets
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.oci.saved_images import config, digest

GRAPH, CONTAINERD = "graph driver", "containerd"
Entry = tuple[tarfile.TarInfo, bytes]


@dataclass(frozen=True)
class Trick:
    """name: for people. stores: the kinds of image store on which it moves the victim's name, where unguarded."""

    name: str
    stores: frozenset[str]
    make: Callable[[Image, str, str], bytes]


class Image:
    """One image of a single small layer, new each time."""

    def __init__(self, labels: Mapping[str, str] = {}) -> None:
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w") as tar:
            entry, content = member("evil", secrets.token_bytes(16))
            tar.addfile(entry, io.BytesIO(content))
        self.layer = made.getvalue()
        self.config = config([self.layer], labels)

    @property
    def blobs(self) -> list[Entry]:
        """Config and layer by digest, as newer engines save them."""
        return [blob(self.config), blob(self.layer)]

    def manifest(self, *names: str, field: str = "RepoTags") -> bytes:
        """manifest.json, giving these names."""
        row = {"Config": path_of(self.config), "RepoTags": [], "Layers": [path_of(self.layer)]}
        return json.dumps([{**row, field: list(names)}]).encode()

    def index(self, annotations: Mapping[str, str]) -> list[Entry]:
        """index.json, what it needs, and the mark of an OCI layout."""
        kind = "application/vnd.oci.image."
        described = {"mediaType": f"{kind}config.v1+json", "digest": digest(self.config), "size": len(self.config)}
        layer = {"mediaType": f"{kind}layer.v1.tar", "digest": digest(self.layer), "size": len(self.layer)}
        media = f"{kind}manifest.v1+json"
        manifest: dict[str, Any] = {"schemaVersion": 2, "mediaType": media, "config": described, "layers": [layer]}
        content = json.dumps(manifest).encode()
        row = {"mediaType": media, "digest": digest(content), "size": len(content), "annotations": dict(annotations)}
        listed = {"schemaVersion": 2, "mediaType": f"{kind}index.v1+json", "manifests": [row]}
        return [
            blob(content),
            member("index.json", json.dumps(listed).encode()),
            member("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'),
        ]


def path_of(content: bytes) -> str:
    return f"blobs/sha256/{digest(content)[7:]}"


def blob(content: bytes) -> Entry:
    return member(path_of(content), content)


def member(name: str, content: bytes) -> Entry:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    return entry, content


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> Entry:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, target
    return entry, b""


def tar(*entries: Entry | bytes) -> bytes:
    """A tar of these; bytes stand as they are between its members."""
    parts = []
    for part in entries:
        if isinstance(part, bytes):
            parts.append(part)
            continue
        entry, content = part
        parts += [entry.tobuf(tarfile.USTAR_FORMAT), content, bytes(-len(content) % 512)]
    return b"".join(parts) + bytes(1024)


def summed(header: bytes) -> bytes:
    """A header of 512 bytes with the check sum that it should have."""
    total = sum(header) - sum(header[148:156]) + 8 * 32
    return header[:148] + b"%06o\0 " % total + header[156:]


def raw(name: str, content: bytes, change: Callable[[bytearray], None]) -> bytes:
    """A member whose header was changed by hand."""
    header = bytearray(member(name, content)[0].tobuf(tarfile.USTAR_FORMAT))
    change(header)
    return summed(bytes(header)) + content + bytes(-len(content) % 512)


def extended(kind: bytes, records: Mapping[str, str]) -> bytes:
    """An extended header of pax: "g" for all members that follow, "x" for the next."""
    body = b""
    for key, value in records.items():
        line = f" {key}={value}\n"
        length = len(line) + len(str(len(line) + 2))
        body += f"{length}{line}".encode()
    return raw("pax", body, lambda header: header.__setitem__(slice(156, 157), kind))


def long_name(name: str) -> bytes:
    """GNU's header for a long name."""
    return raw("././@LongLink", name.encode() + b"\0", lambda header: header.__setitem__(slice(156, 157), b"L"))


def as_v7(header: bytearray) -> None:
    """A name's first half, in a form of tar that has no such thing."""
    header[257:265] = bytes(8)
    header[345:350] = b"notes"


def odd_number(header: bytearray) -> None:
    """A user's number that Go reads, and Python takes for the end of the tar."""
    header[108:116] = b"\x81" + bytes(7)


def _roundabout(path: str) -> Callable[[Image, str, str], bytes]:
    def make(image: Image, shown: str, victim: str) -> bytes:
        return tar(*image.blobs, member("manifest.json", image.manifest(shown)), member(path, image.manifest(victim)))

    return make


def _alone(path: str) -> Callable[[Image, str, str], bytes]:
    def make(image: Image, shown: str, victim: str) -> bytes:
        return tar(*image.blobs, member(path, image.manifest(victim)))

    return make


def _linked(kind: bytes) -> Callable[[Image, str, str], bytes]:
    def make(image: Image, shown: str, victim: str) -> bytes:
        return tar(
            *image.blobs, member("names.json", image.manifest(victim)), link("manifest.json", "names.json", kind)
        )

    return make


def _through_a_folder(image: Image, shown: str, victim: str) -> bytes:
    return tar(
        *image.blobs,
        member("manifest.json", image.manifest(shown)),
        link("here", "."),
        member("here/manifest.json", image.manifest(victim)),
    )


def _doubled(image: Image, shown: str, victim: str) -> bytes:
    first, second = image.manifest(shown), image.manifest(victim)
    return tar(*image.blobs, member("manifest.json", first), member("manifest.json", second))


def _only_ref_name(image: Image, shown: str, victim: str) -> bytes:
    index = image.index({"org.opencontainers.image.ref.name": victim})
    return tar(*image.blobs, member("manifest.json", image.manifest(shown)), *index)


def _empty_image_name(image: Image, shown: str, victim: str) -> bytes:
    index = image.index({"io.containerd.image.name": "", "org.opencontainers.image.ref.name": victim})
    return tar(*image.blobs, member("manifest.json", image.manifest(shown)), *index)


def _index_names_another(image: Image, shown: str, victim: str) -> bytes:
    index = image.index({"io.containerd.image.name": victim})
    return tar(*image.blobs, member("manifest.json", image.manifest(shown)), *index)


def _other_spelling(image: Image, shown: str, victim: str) -> bytes:
    row = json.loads(image.manifest(shown))[0]
    return tar(*image.blobs, member("manifest.json", json.dumps([{**row, "repotags": [victim]}]).encode()))


def _behind_a_number(image: Image, shown: str, victim: str) -> bytes:
    manifest = image.manifest(victim)
    return tar(*image.blobs, member("manifest.json", image.manifest(shown)), raw("manifest.json", manifest, odd_number))


def _old_header(image: Image, shown: str, victim: str) -> bytes:
    manifest = image.manifest(victim)
    return tar(*image.blobs, member("manifest.json", image.manifest(shown)), raw("manifest.json", manifest, as_v7))


def _global_name(image: Image, shown: str, victim: str) -> bytes:
    names = member("manifest.json", image.manifest(victim))
    shows = member("manifest.json", image.manifest(shown))
    return tar(*image.blobs, shows, extended(b"g", {"path": "notes.txt"}), names)


def _two_long_names(image: Image, shown: str, victim: str) -> bytes:
    names = member("short", image.manifest(victim))
    shows = member("manifest.json", image.manifest(shown))
    return tar(*image.blobs, shows, extended(b"x", {"path": "notes.txt"}), long_name("manifest.json"), names)


_BOTH, _ONLY_GRAPH, _ONLY_CONTAINERD = frozenset({GRAPH, CONTAINERD}), frozenset({GRAPH}), frozenset({CONTAINERD})
TRICKS = (
    Trick("./manifest.json alone", _BOTH, _alone("./manifest.json")),
    Trick("a/../manifest.json alone", _BOTH, _alone("a/../manifest.json")),
    Trick("./manifest.json", _BOTH, _roundabout("./manifest.json")),
    Trick("a/../manifest.json", _BOTH, _roundabout("a/../manifest.json")),
    Trick("/manifest.json", _ONLY_GRAPH, _roundabout("/manifest.json")),
    Trick("a symbolic link", _ONLY_GRAPH, _linked(tarfile.SYMTYPE)),
    Trick("a hard link", _ONLY_GRAPH, _linked(tarfile.LNKTYPE)),
    Trick("a link to a folder", _ONLY_GRAPH, _through_a_folder),
    Trick("two of them", _BOTH, _doubled),
    Trick("only ref.name", _ONLY_CONTAINERD, _only_ref_name),
    Trick("an empty image name", _ONLY_CONTAINERD, _empty_image_name),
    Trick("an index of another name", _ONLY_CONTAINERD, _index_names_another),
    Trick("another spelling", _BOTH, _other_spelling),
    Trick("a number that ends the tar", _BOTH, _behind_a_number),
    Trick("a header of old form", _BOTH, _old_header),
    Trick("a name for all", _BOTH, _global_name),
    Trick("a long name over another", _BOTH, _two_long_names),
)
