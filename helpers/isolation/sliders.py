"""Limits with a slider for each while a load runs; learners reach it as `isolation.sliders`."""

from __future__ import annotations

from collections.abc import Callable

from helpers.drawing.figure import Figure, Shows
from helpers.engine import scene
from helpers.engine.client import connect
from helpers.engine.model.container import Container
from helpers.errors import CourseError, EngineRefused, NotFound
from helpers.isolation.engine import limits, usage
from helpers.isolation.model.limits import Limits
from helpers.isolation.views import limits as views
from helpers.isolation.views import usage as usage_views

MIB = 1024 * 1024
HELD = 48 * MIB  # bytes that the load holds; the slider for memory goes below it


class Sliders(Shows):
    """A running container's limits of CPU and memory, to be moved while it is kept busy."""

    def __init__(self, found: Container, *, seconds: int) -> None:
        self._found, self._scene, self.seconds, self.held = found, scene.current(), seconds, HELD
        self.name = found.name

    def limits(self) -> Limits:
        """The limits now. Raises: NotFound, NotRunning; CourseError where its cgroup can't be read."""
        return limits.limits(connect(), self._found, scene=self._scene)

    def limit(self, *, cpus: float = 0, memory: int = 0) -> str:
        """Does what a slider does, and returns what is said about it. What is refused is said, not raised.

        cpus: how many at most. memory: bytes; swap is limited with it.
        """
        client = connect()
        try:
            with client.tracing("isolation.limit"):
                changed = limits.update(client, self._found, scene=self._scene, cpus=cpus, memory=memory)
        except NotFound:
            return self._gone()
        except EngineRefused as error:
            return f"{error.what} The engine said: {error.message}"
        except CourseError as error:
            return f"{error.what} {error.why}".strip()
        figure = views.changed(changed)
        command = figure.how.docker[0] if figure.how else ""
        return f"{figure.sentence} In a terminal: {command}"

    def watch(self, show: Callable[[Figure], None]) -> str:
        """Keeps the container busy for `seconds`, shows the chart as it grows, and returns what it says at the end.

        The load wants one CPU, and holds HELD bytes. What can't be started is said, not raised.
        """
        client = connect()
        try:
            with client.tracing("isolation.watch"):
                watched = usage.watch(
                    client,
                    [self._found],
                    lambda spare: usage.load("both", self.seconds, memory=HELD, spare=spare),
                    word="both",
                    seconds=self.seconds,
                    scene=self._scene,
                    show=lambda so_far: show(usage_views.watched(so_far)),
                )
        except NotFound:
            return self._gone()
        except CourseError as error:
            return f"{error.what} {error.why}".strip()
        figure = usage_views.watched(watched)
        show(figure)
        return figure.sentence

    def _gone(self) -> str:
        return f"{self.name} is gone: it was removed. Start it again, and then run this cell again."

    def figure(self) -> Figure:
        """The picture of this object."""
        return views.limits(self.limits())

    def _ipython_display_(self) -> None:
        """The limits now, and in a notebook the sliders with them: two outputs, as for a question."""
        from helpers.isolation.widgets import sliders as widget

        widget.show(self)
