"""Predictions that are made by moving parts: layers in a pile, containers onto networks."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from helpers.errors import WrongUse
from helpers.lab.model.quiz import Guess

Look = Literal["pile", "lanes"]
Places = Mapping[str, frozenset[str]]  # the letter of a part -> the numbers of its places


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is moved. right: the numbers of its places, such as "12". at: where it stands at first; "": nowhere yet.

    explanation: why it belongs there, and where the chapter shows it.
    """

    text: str
    right: str
    explanation: str
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Arrangement(Guess):
    """A guess that is made by moving parts to places.

    Parts are lettered a, b, c and places numbered 1, 2, 3, in their order. look: a pile has its first place on top, and
    each part is in one place; on lanes a part may be in several.
    """

    look: Look
    places: tuple[str, ...]
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        self._demand(2 <= len(self.places) <= 9, f"it has {len(self.places)} places, not 2 to 9")
        self._demand(2 <= len(self.parts) <= 9, f"it has {len(self.parts)} parts, not 2 to 9")
        numbers = string.digits[1 : len(self.places) + 1]
        for letter, part in self.lettered.items():
            self._demand(bool(part.text.strip() and part.explanation.strip()), f"part {letter} says nothing")
            self._demand(bool(part.right) and set(part.right) <= set(numbers), f"part {letter} belongs nowhere")
            self._demand(set(part.at) <= set(numbers), f"part {letter} stands where no place is")
            self._demand(self.several or len(part.right) == 1, f"part {letter} belongs in several places")
        self._demand(any(part.at != part.right for part in self.parts), "all stand where they belong")

    @property
    def several(self) -> bool:
        """True if a part may be in more than one place."""
        return self.look == "lanes"

    @property
    def lettered(self) -> dict[str, Part]:
        """The parts by their letters."""
        return dict(zip(string.ascii_lowercase, self.parts, strict=False))

    @property
    def right(self) -> Places:
        """Where all belong."""
        return {letter: frozenset(part.right) for letter, part in self.lettered.items()}

    @property
    def at_first(self) -> Places:
        """Where all stand before anything is moved."""
        return {letter: frozenset(part.at) for letter, part in self.lettered.items()}

    def written(self, places: Places) -> str:
        """As a learner types it, and as it is kept: "a1 b12 c2"."""
        return " ".join(letter + "".join(sorted(places[letter])) for letter in self.lettered)

    def read(self, words: object) -> Places:
        """The places that `words` give to each part; the other way round than `written`.

        Raises: WrongUse unless each part is named once, with a place that there is.
        """
        found = {word[0]: frozenset(word[1:]) for word in words.lower().split()} if isinstance(words, str) else {}
        numbers = set(string.digits[1 : len(self.places) + 1])
        for letter, part in self.lettered.items():
            places = found.get(letter, frozenset())
            if not places or not places <= numbers or (len(places) > 1 and not self.several):
                amount = "at least one number" if self.several else "one number"
                raise WrongUse(
                    f"{words!r} does not say where {part.text} belongs.",
                    f"each letter from a to {max(self.lettered)} needs {amount}, from 1 to {len(self.places)}",
                    f'In quotes, such as "{self.written(dict.fromkeys(self.lettered, frozenset("1")))}".',
                )
        if len(found) > len(self.lettered) or len(str(words).split()) != len(found):
            raise WrongUse(
                f"{words!r} names something else, or something twice.",
                f"the letters are a to {max(self.lettered)}",
                "Name each once.",
            )
        return {letter: found[letter] for letter in self.lettered}

    def known(self, words: str) -> Places | None:
        """What was kept of a guess; None if it is of an earlier form of this question."""
        try:
            return self.read(words)
        except WrongUse:
            return None

    def missed(self, places: Places) -> tuple[str, ...]:
        """The letters of the parts that are elsewhere than they belong."""
        return tuple(letter for letter, right in self.right.items() if places[letter] != right)


@dataclass(frozen=True, kw_only=True)
class Arranged:
    """A guess that a learner committed to. problem: why it could not be noted down; "" if it was."""

    arrangement: Arrangement
    places: Places
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class ArrangedBeside:
    """A guess beside what happened. places: None if there was no guess."""

    arrangement: Arrangement
    places: Places | None
