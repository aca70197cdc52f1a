"""The desk: what you have on the engine, drawn while it changes. `desk()` shows it in a cell.

In JupyterLab it has a panel of its own (`helpers.desk.server`, `labextensions`); `python3 start.py desk` says the same
in words, in any terminal.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType

from helpers import store
from helpers.desk.engine import look, whose
from helpers.desk.model import scenery as model
from helpers.desk.pages import Desk
from helpers.desk.views import picture
from helpers.drawing.figure import Figure, Shows
from helpers.engine.client import connect

__all__ = ["show"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Scenery(Shows, model.Scenery):
    """What you have on the engine at one moment; shows itself, and in a notebook follows the engine."""

    def figure(self) -> Figure:
        return picture.figure(self)

    def _ipython_display_(self) -> None:
        """The still picture, and in a notebook the live one in its place."""
        from helpers.desk.widgets import desk as widget

        widget.show(self, Desk())


def show() -> Scenery:
    """What you have on the engine, as the last line of a cell; the picture follows the engine. `desk()` is short.

    Only the last one that was shown in a kernel follows; earlier ones keep their last picture.

    Raises: EngineNotReachable.
    Equivalent: docker ps --all; docker network ls; docker volume ls; docker image ls
    """
    client = connect()
    with client.tracing("desk.show"):
        before = whose.beginning(client)
        rows = look.look(client)
        known = look.whose(client, rows, before, store.learner(), remote=whose.is_remote(client))
        return Scenery.of(look.scenery(client, rows, known))


class _Callable(ModuleType):
    """This module can be called: `desk()` is `desk.show()`."""

    def __call__(self) -> Scenery:
        return show()


sys.modules[__name__].__class__ = _Callable


def __dir__() -> list[str]:
    return list(__all__)
