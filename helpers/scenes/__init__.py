"""Scenes: a chapter's own corner of the engine. A scene starts clean and ends clean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType

from helpers.drawing.figure import Figure, Shows
from helpers.engine import scene as _engine
from helpers.engine.client import connect
from helpers.engine.model import inventory
from helpers.engine.ownership import labels
from helpers.engine.scene import appeared
from helpers.engine.session import session
from helpers.errors import WrongUse
from helpers.scenes.views import removed as removed_views

__all__ = ["Scene", "cleanup", "scene"]


class Removed(Shows, inventory.Removed):
    """What a clean-up took away."""

    figure = removed_views.removed


@dataclass(frozen=True, kw_only=True, repr=False)
class Offered(Removed):
    """The same, and what you made yourself meanwhile, which stays unless you say otherwise.

    In a notebook a line with a box for each. `take` is what the button under them does.
    """

    appeared: tuple[inventory.Claim, ...]
    take: Callable[[Sequence[str]], inventory.Removed]

    def figure(self) -> Figure:
        return removed_views.offered(self, self.appeared)

    def _ipython_display_(self) -> None:
        from helpers.scenes.widgets import leftovers as widget

        widget.show(self, self.appeared, self.take)


class Scene(Shows):
    """What is made from now on belongs to this scene, until `end()` or the end of the `with` block."""

    def __init__(self, name: str, leftovers: inventory.Removed) -> None:
        self.name = name
        self.leftovers = leftovers
        self.ended = False
        self._appeared: tuple[inventory.Claim, ...] = ()

    def figure(self) -> Figure:
        """The picture of this object."""
        if self.ended:
            return Figure(sentence=f"Scene {self.name} has ended.")
        return Figure(sentence=f"Scene {self.name} is open: what the helpers make from here on belongs to it.")

    def end(self, *, remove: str | Iterable[str] = ()) -> Removed:
        """Removes everything that the course made in this scene, and says what went. Again: nothing happens.

        What you made yourself meanwhile, in a terminal, from the course's images, on this scene's networks, or under a
        name that an exercise gave, is listed and stays. remove: names from that list, which shall go, too.

        Raises: WrongUse for a name that is not on the list.
        """
        client = connect()
        wanted = [remove] if isinstance(remove, str) else list(remove)
        if not self.ended:
            self._appeared = appeared.find(client, self.name)
        known = {claim.name: claim for claim in self._appeared}
        for word in wanted:
            if word not in known:
                raise WrongUse(
                    f"{word!r} is not on the list.",
                    "only what you made in this chapter and is listed at its end can be removed here",
                    f"It has: {', '.join(known) or 'nothing'}.",
                )
        mine = self._take([known[word].id for word in wanted])
        removed = _engine.clear(client, scene=self.name)
        session.leave(self.name)
        appeared.forget(self.name)
        self.ended = True
        both = inventory.Removed(gone=(*mine.gone, *removed.gone), kept=(*mine.kept, *removed.kept))
        if not self._appeared:
            return Removed.of(both)
        return Offered.of(both, appeared=self._appeared, take=self._take)

    def _take(self, ids: Sequence[str]) -> inventory.Removed:
        """Removes what is listed under these ids, and what of the scene's was in use by it."""
        client = connect()
        wanted = [claim for claim in self._appeared if claim.id in ids]
        removed = appeared.remove(client, wanted)
        gone = {owned.id for owned in removed.gone}
        self._appeared = tuple(claim for claim in self._appeared if claim.id not in gone)
        rest = _engine.clear(client, scene=self.name) if self.ended and wanted else inventory.Removed(gone=())
        return inventory.Removed(gone=(*removed.gone, *rest.gone), kept=(*removed.kept, *rest.kept))

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
    client = connect()
    leftovers = _engine.clear(client, scene=name)
    session.enter(name)
    appeared.remember(client, name)
    return Scene(name, leftovers)


def cleanup() -> Removed:
    """Removes everything of yours that the course made on this engine. Base images stay.

    Equivalent: python3 start.py clean
    """
    return Removed.of(_engine.cleanup())
