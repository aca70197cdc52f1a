"""Images as the course speaks of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.errors import WrongUse


@dataclass(frozen=True, kw_only=True)
class Named:
    """Whatever stands for one image on the engine: containers can be made from it.

    reference: the name the engine knows it by, such as "localhost/course/busybox:1".
    """

    reference: str


def reference_of(image: object) -> str:
    """The reference of what a learner gave for an image: a text, or what a helper returned.

    Raises: WrongUse for anything else.
    """
    reference = image.reference if isinstance(image, Named) else image
    if not isinstance(reference, str) or not reference:
        raise WrongUse(
            f"{image!r} is not an image.",
            "an image is named by its reference",
            'For example: "localhost/course/busybox:1"',
        )
    return reference


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image as an engine describes it.

    id: depends on the kind of image store. layers: diff ids, bottom first. entrypoint, arguments: what a container of
    it runs, unless it is told otherwise.
    """

    id: str
    architecture: str
    layers: tuple[str, ...]
    entrypoint: tuple[str, ...]
    arguments: tuple[str, ...]

    @property
    def command(self) -> tuple[str, ...]:
        """The whole command, as `Container.command`."""
        return (*self.entrypoint, *self.arguments)

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Image:
        """From the engine's JSON. Source: Docker Engine API, GET /images/{name}/json."""
        config = row.get("Config") or {}
        return cls(
            id=str(row["Id"]),
            architecture=str(row.get("Architecture") or ""),
            layers=tuple(map(str, (row.get("RootFS") or {}).get("Layers") or ())),
            entrypoint=tuple(config.get("Entrypoint") or ()),
            arguments=tuple(config.get("Cmd") or ()),
        )


@dataclass(frozen=True, kw_only=True)
class Held:
    """One image as an engine holds it.

    image_id: the engine's id for it, which depends on the kind of image store. config: digest of its config, which does
    not. layers: diff ids, bottom first. platform: "os/architecture".
    """

    image_id: str
    config: str
    layers: tuple[str, ...]
    platform: str


@dataclass(frozen=True, kw_only=True)
class Gone:
    """A name that was taken off an image, and the engine's answer when asked for it again.

    others: names that the image still has. base: the course's base image below it, seen to be there afterwards; empty
    if there is none.
    """

    name: str
    reference: str
    others: tuple[str, ...] = ()
    base: str = ""
