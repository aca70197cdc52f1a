"""Scenes: a chapter's own corner of the engine. A scene starts clean and ends clean."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from helpers.engine import labels
from helpers.engine import scene as _engine
from helpers.engine.client import connect
from helpers.model import inventory
from helpers.views import inventory as views
from helpers.views.figure import Figure, Shows

__all__ = ["Scene", "cleanup", "scene"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Removed(Shows, inventory.Removed):
    """What a clean-up took away."""

    def figure(self) -> Figure:
        return views.removed(self)


class Scene(Shows):
    """What is made from now on belongs to this scene, until `end()` or the end of the `with` block."""

    def __init__(self, name: str, leftovers: inventory.Removed) -> None:
        self.name = name
        self.leftovers = leftovers
        self.ended = False

    def figure(self) -> Figure:
        if self.ended:
            return Figure(sentence=f"Scene {self.name} has ended.")
        return Figure(sentence=f"Scene {self.name} is open: what the helpers make from here on belongs to it.")

    def end(self) -> Removed:
        """Removes everything made in this scene, and says what went. Again: nothing happens."""
        removed = Removed.of(_engine.clear(connect(), scene=self.name))
        _engine.leave(self.name)
        self.ended = True
        return removed

    def __enter__(self) -> Scene:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> None:
        self.end()


def scene(name: str) -> Scene:
    """Opens the scene `name`, removing what an earlier, interrupted run of it left.

    name: lower-case letters, digits and dashes.

    Raises: EngineNotReachable, WrongUse for a name of another form.
    """
    labels.object_name(name, "x")
    leftovers = _engine.clear(connect(), scene=name)
    _engine.enter(name)
    return Scene(name, leftovers)


def cleanup() -> Removed:
    """Removes everything of yours that the course made on this engine. Base images stay.

    Equivalent: python3 start.py clean
    """
    return Removed.of(_engine.cleanup(everyone=False))
