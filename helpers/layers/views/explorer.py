"""The explorer in words, for pages without widgets: the stack, and the largest files of each layer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import nlargest

from helpers.drawing.figure import Figure, Table
from helpers.drawing.text import size
from helpers.layers.model.analysis import Analysis
from helpers.layers.model.sharing import Around
from helpers.layers.views.stack import stack

LARGEST = 12  # files of each layer


@dataclass(frozen=True, kw_only=True)
class Still(Figure):
    """A figure that stands beside a widget, and is not shown where the widget is."""

    def html(self) -> str:
        """The `<figure>` element, marked for the widget's style sheet."""
        return super().html().replace("<figure ", '<figure class="cu-still" ', 1)


def explored(found: Analysis, around: Around) -> Still:
    """The same figure as the stack, with tables of files in place of those of steps."""
    same = stack(found, around)
    tables = tuple(
        Table(
            caption=f"Step {layer.index}, {layer.command}: what it changed, the largest files first",
            columns=("path", "change", "size", "kind"),
            rows=tuple(
                (entry.path, entry.change, size(entry.size), entry.kind)
                for entry in nlargest(LARGEST, layer.entries, key=lambda entry: entry.size)
            ),
        )
        for layer in found.made
    )
    parts = replace(same, tables=(*same.tables, *tables))
    return Still(sentence=same.sentence, svg=parts.svg, alt=parts.alt, tables=parts.tables, how=parts.how)
