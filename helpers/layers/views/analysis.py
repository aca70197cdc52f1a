"""An image taken apart, in words and tables; its picture: helpers.layers.views.stack."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.drawing.figure import Figure, Table
from helpers.drawing.text import count, size
from helpers.layers.model.analysis import Analysis
from helpers.layers.model.content import Content, ImageLayers


def content(found: Content) -> Figure:
    """A file's text, as the layer stores it."""
    seen = "" if found.hidden_by is None else f" No container can read it: step {found.hidden_by} hides it."
    if not found.is_text:
        return Figure(sentence=f"{found.path} in layer {found.layer} is not text.{seen}")
    part = "" if found.complete else " This is its beginning."
    return Figure(sentence=f"{found.path} as layer {found.layer} stores it.{part}{seen}", terminal=found.text)


def here(images: Sequence[ImageLayers]) -> Figure:
    """The images and how many layers each begins with that another has, too."""
    rows = []
    for image in images:
        others = [(image.common(other), other.name) for other in images if other is not image]
        most, name = max(others, default=(0, ""))
        shared = f"the lowest {most} with {name}" if most else "none"
        rows.append((image.name, str(len(image.diff_ids)), shared))
    table = Table(caption="Images and their layers", columns=("image", "layers", "shared on disk"), rows=tuple(rows))
    return Figure(sentence=f"{count(len(images), 'image')} on this engine.", tables=(table,))


def lines(found: Analysis) -> tuple[str, ...]:
    """The same for a terminal."""
    told = [f"{found.image}: {size(found.image_size)} in files"]
    told += [
        f"{layer.index:>3}  {'no layer' if layer.empty else size(layer.size):>9}  "
        + ("" if layer.empty else f"+{layer.added} ~{layer.modified + layer.metadata} -{layer.removed}").ljust(20)
        + f"  {' '.join(layer.command.split())[:100]}"
        for layer in found.layers
    ]
    told.append(f"hidden from every container: {size(found.hidden_bytes)} in {count(len(found.hidden), 'file')}")
    told += [
        f"  {size(one.bytes):>9}  {one.path}  (step {one.layer}; hidden by step {one.hidden_by})"
        for one in found.hidden[:10]
    ]
    told.append(f"copies of what is stored already: {size(found.duplicate_bytes)}")
    told.append(f"as dive counts: efficiency {found.efficiency:.4f}, wasted {size(found.wasted_bytes)}")
    return tuple(told)
