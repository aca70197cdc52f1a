"""How a check ends early."""

from __future__ import annotations


class Outcome(Exception):
    """How a check ends early. Raised through the methods of Look, and never seen by a learner."""


class NotAttempted(Outcome):
    """Nothing was done yet."""


class CantTell(Outcome):
    """What would have to be measured can't be."""


class NotYet(Outcome):
    """Something was done, and something is missing. mistake: the name of a typical one; "" if it is none."""

    def __init__(self, expected: str, found: tuple[str, ...], look: str, mistake: str) -> None:
        super().__init__(expected)
        self.expected, self.found, self.look, self.mistake = expected, found, look, mistake
