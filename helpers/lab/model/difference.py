"""Where engines differ: what holds on which of them, and which sentence fits a given one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from helpers.engine.model.facts import Facts
from helpers.errors import WrongUse


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What holds on some engines.

    on: which engines, in words. fits: whether an engine is one of them. text: what holds there, in whole sentences.
    """

    on: str
    text: str
    fits: Callable[[Facts], bool]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Something that is not so on every engine.

    id: the chapter, a dash and a word, such as "08-dns". question: which one is answered. by: the fields of Facts that
    decide, apart from name and version; they are told as the reason. variants: exactly one fits any engine.

    Raises: WrongUse when made of parts that could not be told.
    """

    id: str
    question: str
    by: tuple[str, ...]
    variants: tuple[Variant, ...]

    def __post_init__(self) -> None:
        faults = {
            "its id is not like 08-dns": not re.fullmatch(r"\d\d-[a-z]+(-[a-z]+)*", self.id),
            "it asks nothing": not self.question.rstrip().endswith("?"),
            "it has fewer than two variants": len(self.variants) < 2,
            "a variant is empty": not all(one.on.strip() and one.text.strip() for one in self.variants),
            "two variants are on the same engines": len({one.on for one in self.variants}) < len(self.variants),
        }
        for why, wrong in faults.items():
            if wrong:
                raise WrongUse(f"The difference {self.id!r} can't be told.", why, "Correct it where it is written.")

    def on(self, facts: Facts) -> Variant:
        """The variant that fits an engine.

        Raises: WrongUse if none does, or several do.
        """
        fitting = [one for one in self.variants if one.fits(facts)]
        if len(fitting) != 1:
            raise WrongUse(
                f"{len(fitting)} variants of {self.id!r} fit this engine, not one.",
                facts.words(*self.by),
                "Correct it where it is written.",
            )
        return fitting[0]


@dataclass(frozen=True, kw_only=True)
class Here:
    """A difference as it is on one engine. facts: None if no engine answered."""

    difference: Difference
    facts: Facts | None

    @property
    def variant(self) -> Variant | None:
        """What holds on this engine; None if there is none."""
        return self.difference.on(self.facts) if self.facts else None

    @property
    def others(self) -> tuple[Variant, ...]:
        """What holds on other engines."""
        return tuple(one for one in self.difference.variants if one is not self.variant)
