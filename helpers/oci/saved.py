"""What is in an image file, as `docker save` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer in a file.

    id: its diff id, "sha256:…" of the layer's uncompressed tar. size: bytes in the file. compression: "", "gzip" or
    "zstd".
    """

    id: str
    size: int
    compression: str = ""


class Foreign(ValueError):
    """The file is something else than one image written by `docker save`."""


class Damaged(ValueError):
    """The file was such a one, and is no longer whole."""


@dataclass(frozen=True, kw_only=True)
class Sums:
    """One file of the tar, counted and hashed.

    size: bytes in the tar. sha256: of these bytes, hex. unpacked: of the bytes once decompressed, hex; empty where
    they could not be. compression: "", "gzip" or "zstd".
    """

    size: int
    sha256: str
    unpacked: str
    compression: str


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The one image in a file.

    config: digest of the config, "sha256:…". platform: "os/architecture" as the config gives it. layers: bottom first.
    names: every name that loading would set, whichever engine loads. labels: those of the config.
    """

    config: str
    platform: str
    layers: tuple[Layer, ...]
    names: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
