"""The desk in a cell's output: the same drawing and the same page, fed by a thread of the kernel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import anywidget
import traitlets

from helpers.drawing.in_place import in_notebook, show_still, view_of

PAGE = Path(__file__).resolve().parents[1] / "labextensions" / "containers-unpacked" / "static"


class Followed(Protocol):
    """What the widget is fed by: `helpers.desk.pages.Desk`."""

    def open(self, tell: Callable[[dict[str, Any]], None]) -> Any:
        """Begins to tell."""

    def heard(self, page: Any, message: object) -> None:
        """What the page sends."""

    def close(self, page: Any) -> None:
        """Ends it."""


class Shown(Protocol):
    """What has a still picture of itself."""

    def _repr_mimebundle_(self) -> dict[str, str]: ...


class DeskWidget(anywidget.AnyWidget):
    """The widget. told: the last state, ready for the page."""

    _esm = (PAGE / "desk.js").read_text(encoding="utf-8")
    _css = (PAGE / "desk.css").read_text(encoding="utf-8")

    told: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)

    def __init__(self, desk: Followed) -> None:
        super().__init__()
        self._desk = desk
        self._style = ""
        self._page = desk.open(self._tell)
        self.on_msg(lambda _widget, content, _buffers: self._desk.heard(self._page, content))

    def view(self) -> dict[str, Any]:
        """The output that shows it, without words of its own."""
        return view_of(self)

    def end(self) -> None:
        """Follows no more; the last picture stays."""
        self._desk.close(self._page)

    def _tell(self, message: dict[str, Any]) -> None:
        if "answer" in message:
            self.send(message)
            return
        self._style = message.get("style", self._style)
        self.told = {**message, "style": self._style}


_follows: dict[str, DeskWidget] = {}  # the one that does


def show(still: Shown, desk: Followed) -> DeskWidget | None:
    """Displays the still picture, and in a notebook the live one in its place; returns the widget."""
    from IPython.display import display

    shown: Callable[..., object] = display  # it has no types
    show_still(still._repr_mimebundle_())
    if not in_notebook():
        return None
    if "desk" in _follows:
        _follows.pop("desk").end()
    widget = _follows["desk"] = DeskWidget(desk)
    shown({**widget.view(), "text/plain": ""}, raw=True)
    return widget
