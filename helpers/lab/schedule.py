"""When a question is due again: kept in the state folder, decided by FSRS, the scheduler that Anki uses.

Answered right, days later, and each time later; answered wrong, sooner.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from helpers import store
from helpers.errors import StoreError

FILE = "reviews.json"
VERSION = 1
_SECONDS = 10.0  # another kernel holds the lock for milliseconds


def answered(id: str, *, right: bool) -> None:
    """Notes that a question was answered, which says when it is due again.

    Raises: StoreError if it can't be written.
    """
    from fsrs import Card, Rating, Scheduler  # not needed by who asks nothing

    days = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)  # nothing is due the same day
    with _mine() as cards:
        before = Card.from_dict(cards[id]) if id in cards else Card()
        after, _ = days.review_card(before, Rating.Good if right else Rating.Again, datetime.now(timezone.utc))
        store.write(FILE, {"version": VERSION, "cards": {**cards, id: after.to_dict()}})


def times() -> Mapping[str, datetime]:
    """When each question that was answered is due, by its id.

    Raises: StoreError if the file can't be read.
    """
    with _mine() as cards:
        return {id: datetime.fromisoformat(str(card["due"])) for id, card in cards.items()}


@contextlib.contextmanager
def _mine() -> Iterator[dict[str, Any]]:
    """The cards on disk, while no other kernel changes them. What makes no sense is left out."""
    try:
        with store.locked("reviews", seconds=_SECONDS):
            value = store.read(FILE, None)
            cards = value.get("cards") if isinstance(value, dict) and value.get("version") == VERSION else None
            yield {id: card for id, card in (cards if isinstance(cards, dict) else {}).items() if _is_card(card)}
    except OSError as error:
        raise StoreError(
            "What you have reviewed can't be noted down.",
            str(error),
            "Free some space, or look at the folder's rights.",
        ) from error


def _is_card(card: object) -> bool:
    from fsrs import Card

    if not isinstance(card, dict):
        return False
    try:
        return Card.from_dict(card).due.tzinfo is not None  # type: ignore[arg-type]  # what is on the disk
    except (KeyError, TypeError, ValueError):
        return False
