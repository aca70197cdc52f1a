"""Which of an archive's members are an image's layers: classic layout and OCI layout, with whatever else lies in it."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_ATTESTATION = "vnd.docker.reference.type"


class NoImage(ValueError):
    """The archive does not hold the image that was asked for."""


@dataclass(frozen=True, slots=True)
class Described:
    """An image as its archive describes it. members: the names of its layers in the archive, the lowest first."""

    diff_ids: tuple[str, ...]
    members: tuple[str, ...]
    history: tuple[Mapping[str, Any], ...]


def describe(small: Mapping[str, bytes], links: Mapping[str, str], diff_ids: Sequence[str]) -> Described:
    """The image with these layers in an archive.

    small: its small members by name. links: name → name it leads to; links may lead to links.

    Raises: NoImage if there is none.
    """
    seen = None
    for config_name, members in _candidates(small, links):
        found = configured(small.get(follow(config_name, links)))
        if found is None or len(found[0]) != len(members):
            continue
        seen, rows = found
        if seen == tuple(diff_ids):
            return Described(seen, tuple(follow(name, links) for name in members), rows)
    raise NoImage("it holds another image" if seen is not None else "it holds no image")


def configured(content: bytes | None) -> tuple[tuple[str, ...], tuple[Mapping[str, Any], ...]] | None:
    """The ids of the layers, the lowest first, and the history in an image's config; None if it is none."""
    config = _object(content)
    rootfs = config.get("rootfs")
    found = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    return (tuple(map(str, found)), tuple(_rows(config.get("history")))) if isinstance(found, list) else None


def follow(name: str, links: Mapping[str, str]) -> str:
    """The member that a name stands for."""
    name = posixpath.normpath(name)
    for _ in range(40):
        if name not in links:
            break
        name = links[name]
    return name


def _candidates(small: Mapping[str, bytes], links: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Config and layers of every image that the archive describes."""
    for row in _list(small.get(follow("manifest.json", links))):
        layers = row.get("Layers") or []
        if isinstance(layers, list):
            yield str(row.get("Config")), [str(name) for name in layers]
    waiting = [_object(small.get(follow("index.json", links)))]
    for _ in range(1000):  # an index may name others, and a hostile one itself
        if not waiting:
            return
        found = waiting.pop(0)
        for row in _rows(found.get("manifests")):
            notes = row.get("annotations")
            if not (isinstance(notes, dict) and _ATTESTATION in notes):
                waiting.append(_object(small.get(_blob(row))))
        config = found.get("config")
        if isinstance(config, dict):
            yield _blob(config), [_blob(row) for row in _rows(found.get("layers"))]


def _blob(row: Mapping[str, Any]) -> str:
    algorithm, _, digest = str(row.get("digest")).partition(":")
    return f"blobs/{algorithm}/{digest}"


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _object(content: bytes | None) -> Mapping[str, Any]:
    found = _json(content)
    return found if isinstance(found, dict) else {}


def _list(content: bytes | None) -> list[Mapping[str, Any]]:
    return _rows(_json(content))


def _json(content: bytes | None) -> object:
    try:
        return json.loads(content or b"null")
    except (ValueError, RecursionError):
        return None
