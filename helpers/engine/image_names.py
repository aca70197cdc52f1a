"""The learner's words for images."""

from __future__ import annotations

from helpers.engine.model.image import Named, reference_of
from helpers.engine.ownership import labels


def word(reference: str, scene: str) -> str:
    """The learner's word for an image: "shop:1" for "cu-SCENE-shop-1a2b:1"; the reference itself if not one of ours."""
    repository, colon, tag = reference.rpartition(":")
    if not colon or "/" in tag:
        return labels.short_name(reference, scene)
    return f"{labels.short_name(repository, scene)}:{tag}"


def called(image: str | Named, reference: str, scene: str) -> str:
    """The learner's word for an image. reference: what the engine was asked for; see images.meant."""
    name = reference_of(image)
    return word(name, scene) if reference == name else f"{word(name, scene)} (earlier)"
