"""A container's life with a button for each command, by mouse or by arrow keys and Enter."""

from __future__ import annotations

import base64
import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import anywidget
import traitlets

from helpers.containers.model.lifecycle import Life, permits
from helpers.containers.views import lifecycle as views
from helpers.drawing.in_place import in_notebook, show_still, view_of
from helpers.drawing.text import plain

_HERE = Path(__file__)
KEPT = 6  # sentences that stay to be read


class Owner(Protocol):
    """What the widget acts on: it looks, presses, and hears of changes, and knows no engine."""

    name: str

    def life(self) -> Life:
        """The life now."""

    def press(self, verb: str) -> str:
        """Does it, and says what it did."""

    def changes(self) -> Callable[[Callable[[], None]], Callable[[], None]] | None:
        """Calls what it is given at each change; returns what ends that. None: nothing can be heard."""

    def _repr_mimebundle_(self) -> dict[str, str]: ...


class LifeButtons(anywidget.AnyWidget):
    """The widget. picture: of the state diagram, as a data URI, and what it says. said: newest first.

    buttons: what each is called, whether it is possible now, and why not. busy: the command that is at work.
    """

    _esm = _HERE.with_suffix(".js").read_text(encoding="utf-8")
    _css = _HERE.with_suffix(".css").read_text(encoding="utf-8")

    name = traitlets.Unicode().tag(sync=True)
    picture = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    buttons: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    said: traitlets.List[str] = traitlets.List().tag(sync=True)
    busy = traitlets.Unicode("").tag(sync=True)

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._lock = threading.RLock()
        self._shown = owner.life()
        super().__init__(name=plain(owner.name))
        self._draw(self._shown)
        self.on_msg(self._message)

    def view(self) -> dict[str, Any]:
        """The output that shows it, without words of its own."""
        return view_of(self)

    def press(self, verb: str) -> None:
        """What a button does: acts, says what it did, draws what is."""
        with self._lock:
            self.busy = verb
            try:
                said = self._owner.press(verb)
                self._draw(self._owner.life())
                self._say(said)
            finally:
                self.busy = ""

    def refresh(self) -> None:
        """Draws what is, and says what happened without a button here."""
        with self._lock:
            now = self._owner.life()
            said = views.meanwhile(self._shown, now)
            if now != self._shown:
                self._draw(now)
            if said:
                self._say(said)

    def _message(self, _widget: object, content: Any, _buffers: object) -> None:
        verb = content.get("verb") if isinstance(content, dict) else None
        if verb in {permit.verb.value for permit in permits(self._shown.state) if permit.possible}:
            self.press(str(verb))  # what a page sends is not trusted

    def _draw(self, life: Life) -> None:
        self._shown = life
        figure = views.life(life)
        data = base64.b64encode(figure.svg.encode("utf-8", "replace")).decode("ascii")
        with self.hold_sync():
            self.picture = f"data:image/svg+xml;base64,{data}"
            self.alt = figure.alt
            self.buttons = [
                {"verb": one.verb.value, "possible": one.possible, "why": one.why} for one in permits(life.state)
            ]

    def _say(self, words: str) -> None:
        self.said = [plain(words), *self.said][:KEPT]


_ends: dict[str, Callable[[], None]] = {}


def show(owner: Owner) -> LifeButtons | None:
    """Displays the still picture, and in a notebook the buttons in its place; returns the widget."""
    from IPython.display import display

    shown: Callable[..., object] = display  # it has no types
    show_still(owner._repr_mimebundle_())
    if not in_notebook():
        return None
    widget = LifeButtons(owner)
    listen(owner, widget)
    shown({**widget.view(), "text/plain": ""}, raw=True)
    return widget


def listen(owner: Owner, widget: LifeButtons) -> None:
    """Redraws at every change; a cell that is run again ends the listening of its last run."""
    with contextlib.suppress(KeyError):
        _ends.pop(owner.name)()
    tell = owner.changes()
    if tell is not None:
        _ends[owner.name] = tell(widget.refresh)
