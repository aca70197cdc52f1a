"""What a bundle file says about itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

FORMAT = 1
KIND = "containers-unpacked base images"


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image of a bundle.

    layers: its diff ids, bottom first, which are the same on every engine. source: for people, where it came from.
    recipe: what the course made of it, as in Origin. unlocked: as there, too.
    """

    name: str
    reference: str
    layers: tuple[str, ...]
    source: str
    recipe: str
    unlocked: bool = False


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """created: UTC, ISO 8601. platform: "linux/amd64". sha256, size (bytes): of images.tar."""

    created: str
    platform: str
    images: tuple[Image, ...]
    sha256: str
    size: int


def dump(bundle: Bundle) -> dict[str, Any]:
    """The JSON form."""
    images = [{**vars(image), "layers": list(image.layers)} for image in bundle.images]
    return {"kind": KIND, "format": FORMAT, **vars(bundle), "images": images}


def parse(data: Any) -> Bundle:
    """The bundle of its JSON form.

    Raises: ValueError if it is none, or of a format this version of the course does not know.
    """
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise ValueError("its description is not one of this course")
    if data.get("format") != FORMAT:
        raise ValueError(
            f"its format is {data.get('format')!r}, this version of the course reads {FORMAT}: "
            "it was written by another version of the course"
        )
    try:
        images = tuple(
            Image(
                name=_text(row["name"]),
                reference=_text(row["reference"]),
                layers=tuple(_text(layer) for layer in row["layers"]),
                source=_text(row["source"]),
                recipe=_text(row["recipe"]),
                unlocked=row.get("unlocked") is True,  # bundles of 2026-11 and before say nothing
            )
            for row in data["images"]
        )
        size = data["size"]
        if not images or not isinstance(size, int) or not re.fullmatch(r"[0-9a-f]{64}", _text(data["sha256"])):
            raise ValueError("its description is incomplete")
        return Bundle(
            created=_text(data["created"]),
            platform=_text(data["platform"]),
            images=images,
            sha256=data["sha256"],
            size=size,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"its description is incomplete: {error!r}") from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value
