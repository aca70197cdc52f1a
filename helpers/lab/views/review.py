"""What is asked again, in words; the questions come below, each as a quiz."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.drawing.figure import Figure
from helpers.drawing.sheet import Sheet, soft, title
from helpers.drawing.text import count, listed
from helpers.lab.model.quiz import Question
from helpers.lab.model.review import Due
from helpers.lab.views.quiz import line


def review(found: Due, questions: Sequence[Question]) -> Figure:
    """How many questions, why these, and when the next ones come."""
    head, said = _head(found), _later(found)
    return Sheet(
        sentence=f"{head} {said}".strip(),
        terminal="\n".join([*map(line, questions), *_answer(questions)]) if questions else None,
        body=title(head) + soft(said),
    )


def _head(found: Due) -> str:
    if not found.now:
        return (
            "Nothing is due." if found.later else "There is nothing to ask yet: answer a question in a chapter first."
        )
    parts = [
        f"{number} {words}"
        for number, words in (
            (found.missed, "missed last time"),
            (found.again, "due again"),
            (found.new, "not asked yet"),
        )
        if number
    ]
    return f"{count(len(found.now), 'question').capitalize()}: {listed(parts)}."


def _later(found: Due) -> str:
    said = []
    if found.more:
        said.append(f"{found.more} more wait: run this again when you are done.")
    if found.later:
        when = "tomorrow" if found.next == 1 else f"in {found.next} days"
        said.append(f"{count(found.later, 'question').capitalize()} come later, the first {when}.")
    return " ".join(said)


def _answer(questions: Sequence[Question]) -> tuple[str, ...]:
    return (f'Ask and answer one such as: quiz("{questions[0].id}"), quiz("{questions[0].id}").answer("a")',)
