"""The desk in a terminal: what is there, and a line for each thing that happens."""

from __future__ import annotations

import queue
from collections.abc import Callable

from helpers.desk.engine.follower import Follower, Told
from helpers.desk.model.scenery import Link
from helpers.desk.views import words


def follow(say: Callable[[str], None]) -> None:
    """Says what there is, then what happens, until it is interrupted. `say` makes what it prints harmless.

    Raises: KeyboardInterrupt, when it is.
    """
    told: queue.Queue[Told] = queue.Queue()
    follower = Follower(told.put)
    teller = Teller(say)
    try:
        while True:
            teller.take(told.get())
    finally:
        follower.close()


class Teller:
    """Says each thing once, however often it is told."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._link = Link.LOOKING
        self._said: dict[int, int] = {}  # how much of each line

    def take(self, told: Told) -> None:
        """Says what is new in it."""
        if told.scenery.link is not self._link:
            self._link = told.scenery.link
            for line in words.lines(told.scenery):
                self._say(line)
        for event in told.story:
            did = [*event.did, *(["executed a command"] * len(event.executed))]
            new = did[self._said.get(event.number, 0) :]
            self._said[event.number] = len(did)
            if new:
                self._say(f"{words.clock(event.at)} {event.kind} {event.name}: {', '.join(new)}")
