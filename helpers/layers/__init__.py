"""Layers: analyse, explore, text, compare, sharing, here: what an image is made of, and what images share."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

from helpers.drawing.figure import Figure, Shows
from helpers.drawing.in_place import Live, in_notebook
from helpers.drawing.text import size
from helpers.engine import image_names
from helpers.engine import images as _images
from helpers.engine.build.model import log
from helpers.engine.client import Client, connect
from helpers.engine.model.image import Named, reference_of
from helpers.errors import WrongUse
from helpers.layers.engine import analysis as _engine
from helpers.layers.engine import sharing as _around
from helpers.layers.model import analysis as _model
from helpers.layers.model import content
from helpers.layers.model import sharing as sharing_model
from helpers.layers.model.content import Reading
from helpers.layers.model.names import named
from helpers.layers.model.sharing import Around, Column, Piece
from helpers.layers.views import analysis as _views
from helpers.layers.views import before_after, explorer, stack
from helpers.layers.views import sharing as sharing_views

NOTHING = Around()
__all__ = ["analyse", "compare", "explore", "here", "sharing", "text"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Analysis(Shows, _model.Analysis):
    """An image taken apart; shows what it is made of. around: what it was built on, and who shares its layers."""

    around: Around = NOTHING

    def figure(self) -> Figure:
        return stack.stack(self, self.around)


@dataclass(frozen=True, kw_only=True, repr=False)
class Explored(Shows):
    """An image to look around in, file by file."""

    found: Analysis

    def figure(self) -> Figure:
        return explorer.explored(self.found, self.found.around)

    def _ipython_display_(self) -> None:
        """The figure, and in a notebook the explorer, too: two outputs, so that one stays when the kernel is gone."""
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        if not in_notebook():
            return
        with contextlib.suppress(ImportError):  # an environment from before; the figure does all that is needed
            from helpers.layers.widgets.explorer import Explorer

            shown = Explorer(self.found, text=self._look, name=self.found.around.name)
            display({**shown.view(), "text/plain": ""}, raw=True)  # type: ignore[no-untyped-call]

    def _look(self, path: str, layer: int) -> content.Content:
        return _engine.text(connect(), self.found, path, layer)


@dataclass(frozen=True, kw_only=True, repr=False)
class Compared(Shows):
    """Two images, before and after a change."""

    before: Analysis
    after: Analysis

    def figure(self) -> Figure:
        names = tuple(found.around.name or found.image for found in (self.before, self.after))
        return before_after.before_after(self.before, self.after, (names[0], names[1]))


class Sharing(Shows, sharing_model.Sharing):
    """Images side by side, common beginnings once."""

    figure = sharing_views.sharing


class Content(Shows, content.Content):
    """What one file of one layer holds; shows it."""

    figure = _views.content


@dataclass(frozen=True, kw_only=True, repr=False)
class Here(Shows):
    """The engine's images and the layers of each."""

    images: tuple[content.ImageLayers, ...]

    def figure(self) -> Figure:
        return _views.here(self.images)


def analyse(image: str | Named) -> Analysis:
    """Takes an image apart: every step and layer, every file in it, and what is stored but can't be read any more.

    image: its reference, or what a helper returned for it. Where the engine itself keeps a list of what is in its
    layers, that is read, in seconds for the largest; else the whole image, as fast as the engine can send it. What was
    seen of a layer is kept, so that the next look takes a moment.

    Raises: NoSuchImage; EngineError if what the engine sends is cut off; StoreError if the disk is full.
    Equivalent: docker save IMAGE, docker history IMAGE
    """
    reference_of(image)
    client = connect()
    with client.tracing("layers.analyse"):
        return _analysis(client, image)


def explore(image: str | Named | _model.Analysis) -> Explored:
    """Shows every file of every layer: the layers on the left, on the right the files of one, or of the stack up to it.

    image: its reference, what a helper returned for it, or its analysis. Choose a file to look into it, also a deleted
    one. Without a kernel all but that works; without widgets there is a figure.

    Raises: as analyse.
    Equivalent: docker save IMAGE, and tar --list --verbose of every layer in it
    """
    client = connect()
    with client.tracing("layers.explore"):
        return Explored(found=_analysis(client, image))


def compare(before: str | Named | _model.Analysis, after: str | Named | _model.Analysis) -> Compared:
    """Two images side by side in numbers: what a change to the recipe saved.

    Raises: as analyse.
    Equivalent: docker history IMAGE, for each
    """
    client = connect()
    with client.tracing("layers.compare"):
        return Compared(before=_analysis(client, before), after=_analysis(client, after))


def sharing(*images: str | Named | _model.Analysis) -> Sharing:
    """Which layers images share, and what one more of them costs in a registry and on the disk.

    images: references, what helpers returned for them, or analyses.

    Raises: as analyse; WrongUse without any image.
    Equivalent: docker image inspect --format '{{json .RootFS.Layers}}' IMAGE, for each
    """
    if not images:
        raise WrongUse(
            "There is no image to look at.", "none was named", 'For example: layers.sharing("shop:1", "office:1")'
        )
    client = connect()
    with client.tracing("layers.sharing"):
        return Sharing(columns=tuple(_column(_analysis(client, image)) for image in images))


def text(image: str | Named | _model.Analysis, path: str, layer: int) -> Content:
    """What a file holds as one layer stores it: also one that a later layer deleted. At most 64 kB of it.

    image: its reference, what a helper returned for it, or its analysis. layer: its index in the analysis.

    Raises: WrongUse if that layer stores no such file; NoSuchImage.
    Equivalent: docker save IMAGE, and tar --extract --to-stdout of a file from a layer in it
    """
    if not isinstance(path, str) or not path:
        raise WrongUse(
            f"{path!r} is not a path.", "a file is named by its path in the image", 'For example: "/etc/passwd"'
        )
    client = connect()
    with client.tracing("layers.text"):
        found = image if isinstance(image, _model.Analysis) else _apart(client, image)[0]
        return Content.of(_engine.text(client, found, path, layer))


def here() -> Here:
    """Every image of the engine with its layers: which ones they share.

    Equivalent: docker image inspect --format '{{json .RootFS.Layers}}' IMAGE   (once for each image)
    """
    client = connect()
    with client.tracing("layers.here"):
        return Here(images=_engine.here(client))


def _analysis(client: Client, image: str | Named | _model.Analysis) -> Analysis:
    """The analysis that was given, or one of the image that was."""
    if isinstance(image, Analysis):
        return image
    found, name = _apart(client, image.image if isinstance(image, _model.Analysis) else image)
    return Analysis.of(found, around=_around.around(client, found.image, name=name))


def _apart(client: Client, image: str | Named) -> tuple[_model.Analysis, str]:
    """An image taken apart, and what to call it."""
    reference = _images.meant(client, image)
    name = image_names.called(image, reference)
    with Live() as live:
        found = _engine.analyse(client, reference, on_progress=lambda reading: _show(live, reading))
    return named(found, image.steps) if isinstance(image, log.Build) else found, name


def _column(found: Analysis) -> Column:
    """An image's layers; those of its base are named by it."""
    base = found.around.base
    pieces = [Piece(id=layer.diff_id, size=layer.size, command=layer.command) for layer in found.made]
    for number in range(base.layers if base else 0):
        of = f", layer {number + 1} of {base.layers}" if base and base.layers > 1 else ""
        pieces[number] = replace(pieces[number], command=f"FROM {base.name if base else ''}{of}")
    return Column(name=found.around.name or found.image, reference=found.image, pieces=tuple(pieces))


def _show(live: Live, reading: Reading) -> None:
    of = f" of about {size(reading.total)}" if reading.total else ""
    left = f", about {reading.seconds_left:.0f} s left" if reading.seconds_left is not None else ""
    words = f"layer {reading.layer} of {reading.layers}: read {size(reading.done)}{of}{left}"
    live.step(words, reading.done, reading.total)


def __dir__() -> list[str]:
    return list(__all__)
