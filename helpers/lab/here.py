"""The sentence that fits the engine in front of the learner, where engines differ."""

from __future__ import annotations

from helpers.drawing.figure import Shows
from helpers.engine import facts as engine_facts
from helpers.engine.client import connect
from helpers.errors import EngineNotReachable
from helpers.lab import catalogue
from helpers.lab.model.difference import Difference, Here
from helpers.lab.views import difference as views

__all__ = ["here"]


class ShownHere(Shows, Here):
    """What holds on this engine, shown."""

    figure = views.here


def here(id: str) -> ShownHere:
    """Says what holds on your engine, and what on others, by its id, such as "08-dns". Changes nothing.

    Which sentence fits is decided by what the engine says of itself: version, image store, cgroup version, builder,
    rootless or not, and where it is. Without an engine all of them are shown.

    Raises: WrongUse if the course has no such difference.
    Equivalent: docker version, docker info
    """
    difference = catalogue.find(Difference, id)
    try:
        facts = engine_facts.facts(connect())
    except EngineNotReachable:
        facts = None
    return ShownHere(difference=difference, facts=facts)
