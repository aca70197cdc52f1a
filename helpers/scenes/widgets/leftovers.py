"""What a learner made in a terminal, at the end of a scene: a box for each, and a button that takes the ticked ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import anywidget
import traitlets

from helpers.drawing.in_place import in_notebook, view_of
from helpers.drawing.text import plain
from helpers.engine.model.inventory import Claim, Removed
from helpers.scenes.views import removed as removed_views

_HERE = Path(__file__)


class Shown(Protocol):
    """What has a still picture of itself."""

    def _repr_mimebundle_(self) -> dict[str, str]: ...


class Leftovers(anywidget.AnyWidget):
    """The widget. rows: what each line says, whether its box is ticked at first, and whether it is gone.

    said: what was removed, or could not be.
    """

    _esm = _HERE.with_suffix(".js").read_text(encoding="utf-8")
    _css = _HERE.with_suffix(".css").read_text(encoding="utf-8")

    rows: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)

    def __init__(self, claims: Sequence[Claim], take: Callable[[Sequence[str]], Removed]) -> None:
        self._take = take
        # a volume holds data: who wants it gone says so
        rows = [
            {"id": c.id, "words": plain(removed_views.one(c)), "ticked": c.kind != "volume", "gone": False}
            for c in claims
        ]
        super().__init__(rows=rows)
        self.on_msg(self._message)

    def view(self) -> dict[str, Any]:
        """The output that shows it, without words of its own."""
        return view_of(self)

    def remove(self, ids: Sequence[str]) -> None:
        """What the button does."""
        removed = self._take(ids)
        gone = {owned.id for owned in removed.gone}
        self.rows = [{**row, "gone": row["gone"] or row["id"] in gone} for row in self.rows]
        self.said = plain(removed.as_text(), lines=True)

    def _message(self, _widget: object, content: Any, _buffers: object) -> None:
        asked = content.get("remove") if isinstance(content, dict) else None
        known = {row["id"] for row in self.rows if not row["gone"]}  # what a page sends is not trusted
        ids = [one for one in asked if one in known] if isinstance(asked, list) else []
        if ids:
            self.remove(ids)


def show(owner: Shown, claims: Sequence[Claim], take: Callable[[Sequence[str]], Removed]) -> Leftovers | None:
    """Displays the still list, and in a notebook the boxes after it; returns the widget."""
    from IPython.display import display

    shown: Callable[..., object] = display  # it has no types
    shown(owner._repr_mimebundle_(), raw=True)
    if not in_notebook() or not claims:
        return None
    widget = Leftovers(claims, take)
    shown({**widget.view(), "text/plain": ""}, raw=True)
    return widget
