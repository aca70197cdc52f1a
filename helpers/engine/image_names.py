"""The learner's words for images."""

from __future__ import annotations

from helpers.engine.model.image import Named, reference_of
from helpers.engine.ownership import labels


def word(reference: str) -> str:
    """The learner's word for an image: without their number, where names have one."""
    repository, colon, tag = reference.rpartition(":")
    if not colon or "/" in tag:
        return labels.short_name(reference)
    return f"{labels.short_name(repository)}:{tag}"


def called(image: str | Named, reference: str) -> str:
    """The learner's word for an image. reference: what the engine was asked for; see images.meant."""
    name = reference_of(image)
    return word(name) if reference == name else f"{word(name)} (earlier)"
