"""Scenes: a chapter's own corner of the engine. A scene starts clean and ends clean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType

from helpers.drawing.figure import Figure, Shows
from helpers.drawing.text import listed
from helpers.engine import scene as _engine
from helpers.engine.client import connect
from helpers.engine.model import inventory
from helpers.engine.ownership import labels
from helpers.engine.scene import appeared, sittings, taken
from helpers.engine.session import session
from helpers.errors import CourseError, NotOurs, WrongUse
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

    def __init__(self, name: str, leftovers: inventory.Removed, *, elsewhere: Sequence[str] = ()) -> None:
        self.name = name
        self.elsewhere = tuple(elsewhere)
        self.leftovers = leftovers
        self.ended = False
        self._appeared: tuple[inventory.Claim, ...] = ()

    def figure(self) -> Figure:
        """The picture of this object."""
        if self.ended:
            return Figure(sentence=f"Scene {self.name} has ended.")
        said = f"Scene {self.name} is open: what the helpers make from here on belongs to it."
        if self.elsewhere:
            said += f" Still open in another notebook, until chapter.end() there: {listed(self.elsewhere)}."
        return Figure(sentence=said)

    def end(self, *, remove: str | Iterable[str] = ()) -> Removed:
        """Removes everything that the course made in this scene, and says what went. Again: looks at the list anew.

        What you made yourself meanwhile, in a terminal, from the course's images, on this scene's networks, or under a
        name that an exercise gave, is listed and stays. remove: names from that list, which shall go, too.

        Raises: WrongUse for a name that is not on the list.
        """
        client = connect()
        wanted = [remove] if isinstance(remove, str) else list(remove)
        self._appeared = appeared.still(client, self._appeared) if self.ended else appeared.find(client, self.name)
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
        sittings.leave(self.name)
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


def scene(name: str, *, instead: bool = False) -> Scene:
    """Opens the scene `name`, removing what interrupted runs left, of it and of other scenes.

    name: lower-case letters, digits and dashes. instead: yes, end this scene where it is open in another notebook.

    Raises: EngineNotReachable; WrongUse for a name of another form; CourseError if it is open in another notebook;
        NotOurs if a name that its chapter gives is taken by something that is not the course's.
    """
    labels.word(name)
    client = connect()
    if not sittings.take(name) and not instead:
        session.refuse(name)
        raise CourseError(
            f"The scene {name} is open in another notebook.",
            "if it began here, everything that the other notebook made would be removed",
            "End it there, with chapter.end(); if only its tab is closed, shut down its kernel (Running, at the left). "
            f'Or end it from here: scene("{name}", instead=True)',
        )
    taken.look_for_others(client)
    for other in sittings.ended():
        _engine.clear(client, scene=other)
    leftovers = _engine.clear(client, scene=name)
    if found := taken.find(client, name):
        session.refuse(name)
        raise _taken(found)
    session.enter(name)
    appeared.remember(client, name)
    return Scene(name, leftovers, elsewhere=[other for other in sittings.elsewhere() if other != name])


def _taken(found: Sequence[inventory.Claim]) -> NotOurs:
    """The error for names that the chapter needs, with what is there, and what can be typed."""
    called = listed(dict.fromkeys(claim.name for claim in found))
    said = "; ".join(
        f"{claim.kind} {claim.name}{f', {claim.state}' if claim.state else ''}: {claim.whose}" for claim in found
    )
    away = "; ".join(f"docker {inventory.REMOVES[claim.kind]} {claim.name}" for claim in found)
    keep = "; ".join(f"docker rename {one.name} my-{one.name}" for one in found if one.kind == "container")
    kept = f" To keep it: {keep}." if keep else ""
    return NotOurs(
        f"This chapter needs the name {called}, and something else has it. It has not begun, and nothing was changed.",
        said,
        f"If it is yours and not needed: {away}.{kept} Then run this cell again.",
    )


def cleanup() -> Removed:
    """Removes everything of yours that the course made on this engine. Base images stay.

    Equivalent: python3 start.py clean
    """
    return Removed.of(_engine.cleanup())
