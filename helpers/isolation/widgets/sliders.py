"""A slider for each limit, a button that keeps the container busy, and the chart that answers.

The controls are ipywidgets' own: they move by mouse and by arrow keys, and follow JupyterLab's theme.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

import ipywidgets

from helpers.drawing.figure import Figure
from helpers.drawing.in_place import in_notebook, show_still, view_of
from helpers.drawing.text import escape, size
from helpers.isolation.model.limits import Limits

MIB = 1024 * 1024
FEWEST_CPUS, MOST_CPUS = 0.2, 1.0
LEAST, MOST = 32, 96  # MiB
_WIDE = "560px"
# The same as a still picture stands beside it, for pages without widgets. Here it would be shown twice.
_STYLE = "<style>.jp-OutputArea:has(.cu-sliders) > .jp-OutputArea-child:has(.cu-still) { display: none; }</style>"


class Owner(Protocol):
    """What the sliders act on; it knows no widgets. held: bytes that its load holds."""

    name: str
    seconds: int
    held: int

    def limits(self) -> Limits:
        """The limits now."""

    def limit(self, *, cpus: float = 0, memory: int = 0) -> str:
        """Changes one, and says what it did."""

    def watch(self, show: Callable[[Figure], None]) -> str:
        """Keeps it busy, shows the chart as it grows, and says what came of it."""

    def figure(self) -> Figure:
        """The limits now, as a picture."""

    def _repr_mimebundle_(self) -> dict[str, str]: ...


class Controls:
    """The sliders, the button, what was said last, and the chart. box: the widget that holds them."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._busy: threading.Thread | None = None
        reading = owner.limits().reading
        memory = (reading.memory_limit or MOST * MIB) // MIB
        self.cpus = ipywidgets.FloatSlider(
            value=min(max(reading.cpus or MOST_CPUS, FEWEST_CPUS), MOST_CPUS),
            min=FEWEST_CPUS,
            max=MOST_CPUS,
            step=0.1,
            readout_format=".1f",
            description="--cpus",
            continuous_update=False,  # one change when it is let go, not one for every pixel
            layout={"width": _WIDE},
        )
        self.memory = ipywidgets.IntSlider(
            value=min(max(memory, LEAST), MOST),
            min=LEAST,
            max=MOST,
            step=8,
            description="--memory, MiB",
            style={"description_width": "initial"},
            continuous_update=False,
            layout={"width": _WIDE},
        )
        self.cpus.style.description_width = "110px"
        self.memory.style.description_width = "110px"
        self.button = ipywidgets.Button(
            description=f"Keep {owner.name} busy for {owner.seconds} s",
            layout={"width": "auto", "align_self": "flex-start"},
        )
        self.said = ipywidgets.HTML()
        self.chart = ipywidgets.HTML(value=owner.figure().html())
        self.box = ipywidgets.VBox(
            [
                ipywidgets.HTML(
                    f"{_STYLE}The button makes {escape(owner.name)} count without end, which wants one CPU, and hold "
                    f"{size(owner.held)} of memory. Move the sliders while it does."
                ),
                self.button,
                self.cpus,
                self.memory,
                self.said,
                self.chart,
            ]
        )
        self.box.add_class("cu-sliders")
        self.cpus.observe(lambda change: self._limit(cpus=round(change["new"], 1)), names="value")
        self.memory.observe(lambda change: self._limit(memory=change["new"] * MIB), names="value")
        self.button.on_click(lambda _: self.start())

    def start(self) -> threading.Thread | None:
        """Begins to keep it busy, in the background, so that the sliders are heard; None while it is busy already."""
        if self._busy is not None and self._busy.is_alive():
            return None
        self.button.disabled = True
        self._say("The load is being started.")
        self._busy = threading.Thread(target=self._watch, name="sliders", daemon=True)
        self._busy.start()
        return self._busy

    def _watch(self) -> None:
        def show(figure: Figure) -> None:
            self.chart.value = figure.html()

        try:
            self._say(self._owner.watch(show))
        finally:
            self.button.disabled = False

    def _limit(self, **wanted: Any) -> None:
        self._say(self._owner.limit(**wanted))

    def _say(self, words: str) -> None:
        self.said.value = f'<p role="status" style="min-height:3em">{escape(words)}</p>'


def show(owner: Owner) -> Controls | None:
    """Displays the still picture, and in a notebook the controls in its place; returns them."""
    from IPython.display import display

    shown: Callable[..., object] = display  # it has no types
    show_still(owner._repr_mimebundle_())
    if not in_notebook():
        return None
    controls = Controls(owner)
    shown({**view_of(controls.box), "text/plain": ""}, raw=True)
    return controls
