"""An image taken apart, in words and tables."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.model.layer_content import Content, ImageLayers
from helpers.model.layers import Analysis
from helpers.views.figure import Figure, How, Table
from helpers.views.text import count, size

_MOST = 50  # rows of a table


def analysis(found: Analysis) -> Figure:
    """The steps with their layers, and what is hidden."""
    real = [layer for layer in found.layers if not layer.empty]
    hidden = count(len(found.hidden), "file") if found.hidden else "no file"
    return Figure(
        sentence=f"{count(len(found.layers), 'step')}, {count(len(real), 'layer')}; "
        f"{hidden} in them that no container can read.",
        tables=(_layers(found), _totals(found), _hidden(found)),
        how=How(docker=(f"docker history {found.image}",)),
    )


def _layers(found: Analysis) -> Table:
    return Table(
        caption="Steps, the lowest first",
        columns=("index", "instruction", "size", "added", "modified", "metadata only", "removed"),
        rows=tuple(
            (str(layer.index), layer.command, "no layer", "", "", "", "")
            if layer.empty
            else (
                str(layer.index),
                layer.command,
                size(layer.size),
                str(layer.added),
                str(layer.modified),
                str(layer.metadata),
                str(layer.removed),
            )
            for layer in found.layers
        ),
    )


def _totals(found: Analysis) -> Table:
    return Table(
        caption="In all",
        columns=("what", "how much"),
        rows=(
            ("files of all layers", size(found.image_size)),
            ("stored, but hidden from every container", size(found.hidden_bytes)),
            ("copies of what is stored already", size(found.duplicate_bytes)),
            ("efficiency, as dive counts", f"{found.efficiency:.4f}"),
            ("wasted, as dive counts", size(found.wasted_bytes)),
        ),
    )


def _hidden(found: Analysis) -> Table:
    rows = [(one.path, size(one.bytes), str(one.layer), one.instruction) for one in found.hidden[:_MOST]]
    more = len(found.hidden) - len(rows)
    if more:
        rows.append((f"and {more} more", "", "", ""))
    return Table(
        caption="Hidden files, the largest first", columns=("path", "size", "stored in", "hidden by"), rows=tuple(rows)
    )


def content(found: Content) -> Figure:
    """A file's text, as the layer stores it."""
    seen = "" if found.hidden_by is None else f" No container can read it: step {found.hidden_by} hides it."
    if not found.is_text:
        return Figure(sentence=f"{found.path} in layer {found.layer} is no text.{seen}")
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
