"""Images as the course speaks of them."""

from __future__ import annotations

from dataclasses import dataclass

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
            f"{image!r} is no image.", "an image is named by its reference", 'For example: "localhost/course/busybox:1"'
        )
    return reference


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
class Recorded:
    """What an engine has on record of an image, without a look into it.

    id: the engine's. command, entrypoint: what its containers start. layers: diff ids, bottom first.
    """

    id: str
    command: tuple[str, ...]
    entrypoint: tuple[str, ...]
    architecture: str
    layers: tuple[str, ...]


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
