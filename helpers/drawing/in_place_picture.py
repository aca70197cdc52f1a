"""One picture that is drawn anew in its place while something is watched. Outside of a notebook it shows nothing."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from helpers.drawing.figure import Figure
from helpers.drawing.in_place import in_notebook
from helpers.drawing.text import escape, plain


class Watch:
    """Use as a context manager: at the end the picture goes, for what the cell returns is shown in its place."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._last = ""

    def show(self, figure: Figure, words: str) -> None:
        """Shows the picture, if it has changed, and how much longer it is watched."""
        html = f'<div role="status">{escape(words)}</div>{figure.html()}'
        if html != self._last:
            self._last = html
            self._show(html, words)

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        if self._handle is not None:
            self._show("", "")

    def _show(self, html: str, words: str) -> None:
        bundle = {"text/html": html, "text/plain": plain(words)}
        if self._handle is None:
            if not in_notebook():
                return
            from IPython.display import display

            show: Callable[..., Any] = display  # it has no types
            self._handle = show(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)
