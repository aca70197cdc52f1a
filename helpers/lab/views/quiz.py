"""Quick questions and predictions as words to open: they work by mouse and keyboard, with no kernel and no widgets."""

from __future__ import annotations

from helpers.drawing.figure import KEEP_KEYS, Figure
from helpers.drawing.sheet import BAD, GOOD, Sheet, block, code, edged, soft, title
from helpers.drawing.text import escape, plain
from helpers.lab.model.quiz import Answer, Commitment, Comparison, Option, Prediction, Question, Quiz

RIGHT, WRONG = "Right.", "Not right."
# The widget that shows the same question hides the elements of this class beside it.
STILL = "cu-still"


def quiz(asked: Quiz) -> Figure:
    """The question; each option opens and says why it is right or not."""
    folds = "".join(_fold(_option(option), _verdict(option)) for option in asked.options)
    return Sheet(
        sentence=asked.question,
        terminal=_lines(asked, f'Answer with the letter, such as: quiz("{asked.id}").answer("a")'),
        body=_head(asked) + soft("Open the answer that you think is right.") + folds,
        style_class=STILL,
    )


def prediction(asked: Prediction) -> Figure:
    """The question and what may happen; nothing about what will."""
    how = f'predict("{asked.id}").commit("a")'
    items = "".join(f'<p style="margin:4px 0">{_option(option)}</p>' for option in asked.options)
    return Sheet(
        sentence=asked.question,
        terminal=_lines(asked, f"Commit to a guess, such as: {how}"),
        body=_head(asked) + soft("Predict: which one? Then run the next cells.") + items,
        style_class=STILL,
    )


def answered(answer: Answer) -> Figure:
    """The option that was chosen, and why it is right or not."""
    option = answer.option
    said = f"{option.letter}) {option.text} {RIGHT if option.right else WRONG} {option.explanation}"
    body = _head(answer.quiz) + f'<p style="margin:4px 0">{_option(option)}</p>' + _verdict(option)
    return Sheet(sentence=_joined(said, answer.problem), body=body + soft(answer.problem))


def committed(made: Commitment) -> Figure:
    """That the guess is noted, and no more."""
    said = after_guess(made.prediction, made.option)
    body = title(made.prediction.question) + f'<p style="margin:4px 0">{code(said)}</p>'
    return Sheet(sentence=_joined(said, made.problem), body=body + soft(made.problem))


def after_guess(asked: Prediction, option: Option) -> str:
    """What a learner reads after committing: what to do next."""
    return f'You guess {option.letter}) {option.text} Run the next cells, then: predict("{asked.id}").compare()'


def compared(both: Comparison) -> Figure:
    """Guess and outcome side by side, then every option's explanation."""
    asked, guess = both.prediction, both.guess
    several = len(asked.right) > 1
    if guess is None:
        said = "You made no guess; that's fine."
        mark = ""
    elif not guess.right:
        said, mark = f"You guessed {guess.letter}) {guess.text} It went differently.", "✕ "
    elif several:
        said, mark = f"You guessed {guess.letter}) {guess.text} On some engines that is what happens.", "✓ "
    else:
        said, mark = f"You guessed {guess.letter}) {guess.text} That is what happened.", "✓ "
    body = title(asked.question)
    body += f'<p style="margin:4px 0">{mark}{code(said)}</p><p style="margin:4px 0">{code(asked.outcome)}</p>'
    body += "".join(_fold(_option(option), _reason(option), opened=option == guess) for option in asked.options)
    return Sheet(
        sentence=f"{asked.question} {said} {asked.outcome}",
        terminal="\n".join(f"{option.letter}) {option.text} {option.explanation}" for option in asked.options),
        body=body,
    )


def line(question: Question) -> str:
    """The question on one line, for lists."""
    return plain(f"{question.id}: {question.question}")


def _option(option: Option) -> str:
    return f"{escape(option.letter)}) {code(option.text)}"


def _verdict(option: Option) -> str:
    mark, word = ("✓", RIGHT) if option.right else ("✕", WRONG)
    return edged(f"{mark} <b>{word}</b> {code(option.explanation)}", GOOD if option.right else BAD)


def _reason(option: Option) -> str:
    return edged(code(option.explanation), GOOD if option.right else BAD)


def _fold(summary: str, body: str, *, opened: bool = False) -> str:
    return (
        f"<details{' open' if opened else ''}>"
        f'<summary {KEEP_KEYS} style="cursor:pointer;min-height:24px;padding:4px 0">{summary}</summary>{body}</details>'
    )


def _head(asked: Question) -> str:
    return title(asked.question) + (block(asked.output) if asked.output else "")


def _lines(asked: Question, last: str) -> str:
    output = asked.output.strip().splitlines()
    return "\n".join([*output, *(f"{option.letter}) {option.text}" for option in asked.options), last])


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
