"""Images made by hand, as files that `docker load` takes: layers of any tar, in every layout that engines save."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

LAYOUTS = ("classic", "oci", "oci-gzip", "oci-zstd", "attested")
LAYER = "application/vnd.oci.image.layer.v1.tar"


def digest(data: bytes) -> str:
    """The sha256 as engines write it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def config(layers: Sequence[bytes], labels: Mapping[str, str] = {}, architecture: str = "amd64") -> bytes:
    """An image's config, with a step for each layer and one without."""
    return config_of([digest(layer) for layer in layers], labels, architecture)


def config_of(diff_ids: Sequence[str], labels: Mapping[str, str] = {}, architecture: str = "amd64") -> bytes:
    """The same for layers known by id."""
    history: list[dict[str, Any]] = [
        {"created": "2026-01-01T00:00:00Z", "created_by": f"/bin/sh -c make {number}"}
        for number in range(len(diff_ids))
    ]
    history.insert(1, {"created": "2026-01-01T00:00:00Z", "created_by": "ENV A=1 # buildkit", "empty_layer": True})
    return json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "created": "2026-01-01T00:00:00Z",
            "config": {"Labels": dict(labels), "Cmd": ["/none"]},
            "rootfs": {"type": "layers", "diff_ids": list(diff_ids)},
            "history": history,
        }
    ).encode()


def manifest_of(settings: str, tag: str, layers: int) -> bytes:
    """The manifest of a classic archive whose layers lie in numbered folders."""
    names = [f"{number:064x}/layer.tar" for number in range(layers)]
    return json.dumps([{"Config": settings, "RepoTags": [tag], "Layers": names}]).encode()


def archive(
    layers: Sequence[bytes],
    tag: str,
    layout: str = "classic",
    *,
    labels: Mapping[str, str] = {},
    architecture: str = "amd64",
) -> bytes:
    """The whole file."""
    settings = config(layers, labels, architecture)
    members = _classic(layers, settings, tag) if layout == "classic" else _oci(layers, settings, tag, layout)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
                tar.addfile(entry)
            else:
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _classic(layers: Sequence[bytes], settings: bytes, tag: str) -> list[tuple[str, bytes | str]]:
    """As 20.10 saves: a folder for each layer; of equal ones all but one are links, some before their target."""
    last = {digest(layer): number for number, layer in enumerate(layers)}
    names = [f"{number:064x}" for number in range(len(layers))]
    members: list[tuple[str, bytes | str]] = []
    for number, layer in enumerate(layers):
        target = last[digest(layer)]
        members.append((f"{names[number]}/VERSION", b"1.0"))
        members.append((f"{names[number]}/layer.tar", layer if target == number else f"../{names[target]}/layer.tar"))
    name = f"{digest(settings)[7:]}.json"
    return [*members, (name, settings), ("manifest.json", manifest_of(name, tag, len(layers)))]


def _oci(layers: Sequence[bytes], settings: bytes, tag: str, layout: str) -> list[tuple[str, bytes | str]]:
    """As newer engines save, with or without compression, an attestation, and the classic manifest."""
    kind = LAYER + {"oci-gzip": "+gzip", "oci-zstd": "+zstd"}.get(layout, "")
    blobs = {digest(settings): settings}
    rows: list[dict[str, Any]] = []
    for layer in layers:
        packed = gzip.compress(layer, 1) if layout == "oci-gzip" else zstd_of(layer) if layout == "oci-zstd" else layer
        blobs[digest(packed)] = packed
        rows.append({"mediaType": kind, "digest": digest(packed), "size": len(packed)})

    def manifest(described: bytes, layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        content = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {
                    "mediaType": "application/vnd.oci.image.config.v1+json",
                    "digest": digest(described),
                    "size": len(described),
                },
                "layers": list(layers),
            }
        ).encode()
        blobs[digest(content)] = content
        return {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": digest(content),
            "size": len(content),
        }

    listed = [manifest(settings, rows)]
    listed[0]["annotations"] = {
        "io.containerd.image.name": tag if "/" in tag else f"docker.io/library/{tag}",  # else no engine finds it
        "org.opencontainers.image.ref.name": tag.rpartition(":")[2],
    }
    if layout == "attested":
        statement, other = (
            json.dumps({"_type": "statement"}).encode(),
            b'{"architecture":"unknown"}',
        )
        blobs[digest(statement)], blobs[digest(other)] = statement, other
        row = {"mediaType": "application/vnd.in-toto+json", "digest": digest(statement), "size": len(statement)}
        listed.append(manifest(other, [row]))
        listed[1]["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": listed}
    members: list[tuple[str, bytes | str]] = [(f"blobs/sha256/{name[7:]}", blobs[name]) for name in sorted(blobs)]
    members += [("index.json", json.dumps(index).encode()), ("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')]
    if layout == "oci":
        names = [f"blobs/sha256/{row['digest'][7:]}" for row in rows]
        found = [{"Config": f"blobs/sha256/{digest(settings)[7:]}", "RepoTags": [tag], "Layers": names}]
        members.append(("manifest.json", json.dumps(found).encode()))
    return members


def zstd_of(data: bytes) -> bytes:
    """The same, packed."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.compress(data)
