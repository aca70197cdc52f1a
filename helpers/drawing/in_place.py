"""One line of output that changes in place while something takes long. Outside of a notebook it shows nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from helpers.drawing import progress_line as views
from helpers.drawing.figure import Figure

PAUSE = 0.1  # seconds between two changes: more often is not seen, and costs


class Live:
    """Shows how far a thing is, in the cell that started it.

    Use as a context manager: at the end the line goes, and after an error or an interrupt it says where it stopped.
    """

    def __init__(self) -> None:
        self._handle: Any = None
        self._shown = 0.0
        self._last = ""

    def step(self, words: str, done: int, total: int | None) -> None:
        """Shows `words` and a bar at `done` of `total`; None: the end is not known."""
        self._last = words
        now = time.monotonic()
        if now - self._shown >= PAUSE:
            self._shown = now
            self._show(views.progress(words, done, total), words)

    def __enter__(self) -> Live:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        if self._handle is not None:
            words = f"Stopped at: {self._last}" if error is not None else ""
            self._show(views.finished(words), words)

    def _show(self, html: str, words: str) -> None:
        bundle = {"text/html": html, "text/plain": views.words(words)}
        if self._handle is None:
            if not in_notebook():
                return
            from IPython.display import display  # 69 ms, and only a notebook needs it

            show: Callable[..., Any] = display  # it has no types
            self._handle = show(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)


def in_notebook() -> bool:
    """True in a kernel whose outputs can change; a terminal's IPython has none."""
    import sys

    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")


def show_still(still: Mapping[str, str]) -> None:
    """Displays the picture beside a widget, for pages without widgets; where the widget is seen, its style hides it."""
    from IPython.display import display  # 69 ms, and only a notebook needs it

    show: Callable[..., Any] = display  # it has no types
    show({**still, "text/html": f'<div class="cu-still">{still["text/html"]}</div>'}, raw=True)


def view_of(widget: Any) -> dict[str, Any]:
    """The output that shows a widget, without words of its own. ipywidgets gives data, anywidget data and metadata."""
    found = widget._repr_mimebundle_() or {}
    data = found[0] if isinstance(found, tuple) else found
    return {kind: value for kind, value in data.items() if "widget-view" in kind}


class Chart:
    """A picture that changes in place while it is measured. At the end it goes: what the call returns takes its place.

    After an error or an interrupt the last picture stays, to be read.
    """

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, figure: Figure) -> None:
        """Shows `figure` in place of the one before; nothing outside of a notebook."""
        self._put({"text/html": figure.html(), "text/plain": ""})

    def __enter__(self) -> Chart:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        if self._handle is not None and error is None:
            self._put({"text/html": views.finished(""), "text/plain": ""})

    def _put(self, bundle: dict[str, str]) -> None:
        if self._handle is not None:
            self._handle.update(bundle, raw=True)
        elif in_notebook():
            from IPython.display import display

            show: Callable[..., Any] = display  # it has no types
            self._handle = show(bundle, raw=True, display_id=True)
