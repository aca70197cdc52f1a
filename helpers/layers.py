"""Layers: analyse, text, here: what an image is made of, what is hidden in it, and what images share."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.engine import layers as _engine
from helpers.engine.client import connect
from helpers.errors import WrongUse
from helpers.model import layer_content
from helpers.model import layers as model
from helpers.model.image import Named, reference_of
from helpers.model.layer_content import Reading
from helpers.views import layers as views
from helpers.views.figure import Figure, Shows
from helpers.views.text import size
from helpers.widgets.live import Live

__all__ = ["analyse", "here", "text"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Analysis(Shows, model.Analysis):
    """An image taken apart; shows what it is made of."""

    def figure(self) -> Figure:
        return views.analysis(self)


@dataclass(frozen=True, kw_only=True, repr=False)
class Content(Shows, layer_content.Content):
    """What one file of one layer holds; shows it."""

    def figure(self) -> Figure:
        return views.content(self)


@dataclass(frozen=True, kw_only=True, repr=False)
class Here(Shows):
    """The engine's images and the layers of each."""

    images: tuple[layer_content.ImageLayers, ...]

    def figure(self) -> Figure:
        return views.here(self.images)


def analyse(image: str | Named) -> Analysis:
    """Takes an image apart: every step and layer, every file in it, and what is stored but can't be read any more.

    image: its reference, or what a helper returned for it. The first look at a layer reads it to its end, about as fast
    as the engine can send it; what was seen of it is kept, so that the next look takes a moment.

    Raises: NoSuchImage; EngineError if what the engine sends is cut off; StoreError if the disk is full.
    Equivalent: docker save IMAGE, docker history IMAGE
    """
    reference = reference_of(image)
    client = connect()
    with client.tracing("layers.analyse"), Live() as live:
        return Analysis.of(_engine.analyse(client, reference, on_progress=lambda reading: _show(live, reading)))


def text(image: str | Named | model.Analysis, path: str, layer: int) -> Content:
    """What a file holds as one layer stores it: also one that a later layer deleted. At most 64 kB of it.

    image: its reference, what a helper returned for it, or its analysis. layer: its index in the analysis.

    Raises: WrongUse if that layer stores no such file; NoSuchImage.
    Equivalent: docker save IMAGE, and tar --extract --to-stdout of a file from a layer in it
    """
    if not isinstance(path, str) or not path:
        raise WrongUse(
            f"{path!r} is no path.", "a file is named by its path in the image", 'For example: "/etc/passwd"'
        )
    client = connect()
    with client.tracing("layers.text"), Live() as live:
        found = image if isinstance(image, model.Analysis) else None
        if found is None:
            reference = reference_of(image)
            found = _engine.analyse(client, reference, on_progress=lambda reading: _show(live, reading))
        return Content.of(_engine.text(client, found, path, layer))


def here() -> Here:
    """Every image of the engine with its layers: which ones they share.

    Equivalent: docker image inspect --format '{{json .RootFS.Layers}}' IMAGE   (once for each image)
    """
    client = connect()
    with client.tracing("layers.here"):
        return Here(images=_engine.here(client))


def _show(live: Live, reading: Reading) -> None:
    of = f" of about {size(reading.total)}" if reading.total else ""
    left = f", about {reading.seconds_left:.0f} s left" if reading.seconds_left is not None else ""
    words = f"layer {reading.layer} of {reading.layers}: read {size(reading.done)}{of}{left}"
    live.step(words, reading.done, reading.total)


def __dir__() -> list[str]:
    return list(__all__)
