"""Predictions by moving parts, as words: they can be read and answered with no widgets."""

from __future__ import annotations

from helpers.drawing.figure import Figure
from helpers.drawing.sheet import BAD, GOOD, Sheet, block, code, edged, line, soft, title
from helpers.drawing.text import escape, listed
from helpers.lab.model.arrangement import Arranged, ArrangedBeside, Arrangement, Part
from helpers.lab.views.quiz import STILL

PROMPT = "Predict: where does each part belong? Then run the next cells."


def arrangement(asked: Arrangement) -> Figure:
    """The question, its parts and its places; nothing about where they belong."""
    parts = [f"{letter}) {_part(part, asked)}" for letter, part in asked.lettered.items()]
    places = [f"{number}) {text}" for number, text in enumerate(asked.places, start=1)]
    example = asked.written(dict.fromkeys(asked.lettered, frozenset("1")))
    both = "; two places are two digits, such as a12" if asked.several else ""
    how = f'Commit to a guess, each letter with its place{both}: predict("{asked.id}").commit("{example}")'
    return Sheet(
        sentence=asked.question,
        terminal="\n".join([*asked.output.strip().splitlines(), *parts, *places, how]),
        body=title(asked.question)
        + (block(asked.output) if asked.output else "")
        + soft(PROMPT)
        + "".join(map(line, [*parts, *places])),
        style_class=STILL,
    )


def committed(made: Arranged) -> Figure:
    """That the guess is noted, and no more."""
    said = after_guess(made.arrangement)
    return Sheet(
        sentence=f"{said} {made.problem}".strip(),
        body=title(made.arrangement.question) + line(said) + soft(made.problem),
    )


def after_guess(asked: Arrangement) -> str:
    """What a learner reads after committing: what to do next."""
    return f'Your guess is noted. Run the next cells, then: predict("{asked.id}").compare()'


def compared(both: ArrangedBeside) -> Figure:
    """Guess and outcome side by side, part by part, with the reason for each."""
    asked, places = both.arrangement, both.places
    missed = asked.missed(places) if places is not None else ()
    if places is None:
        said = "You made no guess; nothing is lost."
    elif missed:
        names = listed(asked.lettered[letter].text for letter in missed)
        said = f"{len(asked.parts) - len(missed)} of {len(asked.parts)} are right. It went differently for {names}."
    else:
        said = f"All {len(asked.parts)} are right."
    body = title(asked.question) + line(said) + line(asked.outcome)
    lines = []
    for letter, part in asked.lettered.items():
        there = _places(asked, asked.right[letter])
        if places is None or letter not in missed:
            mark, colour, words = "" if places is None else "✓ ", GOOD, there
        else:
            mark, colour, words = "✕ ", BAD, f"{there}; you guessed: {_places(asked, places[letter])}"
        body += edged(f"{escape(mark)}{code(part.text)}: {code(words)}. {code(part.explanation)}", colour)
        lines.append(f"{mark}{part.text}: {words}. {part.explanation}")
    return Sheet(sentence=f"{asked.question} {said} {asked.outcome}", terminal="\n".join(lines), body=body)


def _part(part: Part, asked: Arrangement) -> str:
    return f"{part.text} (now: {_places(asked, frozenset(part.at))})" if part.at else part.text


def _places(asked: Arrangement, numbers: frozenset[str]) -> str:
    return listed([asked.places[int(number) - 1] for number in sorted(numbers)])
