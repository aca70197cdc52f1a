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
