"""Verdicts, hints and solutions as cards of words: mark, word, colour; what was expected, found, and where to look."""

from __future__ import annotations

import difflib

from helpers.drawing.figure import Figure
from helpers.drawing.sheet import ATTENTION, BAD, GOOD, NONE, Sheet, block, code, line, paragraphs, soft, title
from helpers.drawing.text import count, escape
from helpers.lab.model.verdict import State, Verdict, Verdicts

MARKS = {State.PASSED: "✓", State.NOT_YET: "✕", State.NOT_ATTEMPTED: "–", State.CANT_TELL: "?"}
_EDGES = {
    State.PASSED: GOOD,
    State.NOT_YET: BAD,
    State.NOT_ATTEMPTED: NONE,
    State.CANT_TELL: ATTENTION,
}
_WORDS = {
    State.PASSED: "Passed.",
    State.NOT_YET: "Not yet.",
    State.NOT_ATTEMPTED: "Not attempted.",
    State.CANT_TELL: "Can't tell.",
}


def verdict(found: Verdict) -> Figure:
    """One verdict."""
    head = f"{MARKS[found.state]} {_WORDS[found.state]}"
    parts = [title(f"{head} {found.title}")]
    lines = []
    for label, words in _said(found):
        parts.append(line(words, label=label))
        lines.append(f"{label}: {words}")
    return Sheet(
        sentence=f"{_WORDS[found.state]} {ended(found.title)}",
        body="".join(parts),
        edge=_EDGES[found.state],
        terminal="\n".join(lines) or None,
    )


def _said(found: Verdict) -> list[tuple[str, str]]:
    said = []
    if found.state is State.NOT_ATTEMPTED:
        said.append(("What to do", "Do the task above, then check again. A hint costs nothing."))
    if found.expected:
        said.append(("Expected", found.expected))
    said += [("Found", line) for line in found.found]
    if found.hint:
        said.append(("Hint", found.hint))
    if found.look:
        said.append(("Where to look", found.look))
    if found.tries:
        said.append(("Tries", found.tries))
    return said


def verdicts(found: Verdicts) -> Figure:
    """Every task of a lab on one card, each as with `verdict`."""
    passed = sum(one.passed for one in found.verdicts)
    head = f"{passed} of {count(len(found.verdicts), 'task')} passed."
    rows, lines = [], []
    for number, one in enumerate(found.verdicts, start=1):
        name = f"{number}. {one.title}"
        said = [(label, text) for label, text in _said(one) if label != "What to do"]
        rows.append(
            f'<p style="margin:6px 0;padding-left:12px;border-left:3px solid {_EDGES[one.state]}">'
            f"{MARKS[one.state]} <b>{escape(name)}</b>: {one.state.value}"
            + "".join(f'<br><span style="font-size:12px">{label}: {code(text)}</span>' for label, text in said)
            + "</p>"
        )
        lines.append(f"{MARKS[one.state]} {name}: {one.state.value}")
        lines += [f"   {label}: {text}" for label, text in said]
    edge = _EDGES[State.PASSED if found.passed else State.NOT_ATTEMPTED]
    return Sheet(sentence=head, body=title(head) + "".join(rows), edge=edge, terminal="\n".join(lines))


def lab(name_of: str, text: str, tasks: tuple[tuple[str, str, State | None], ...]) -> Figure:
    """What a lab is about, each task, and how its last check ended; None if there was none."""
    body = title(name_of) + paragraphs(text)
    lines = []
    for number, (head, words, last) in enumerate(tasks, start=1):
        mark, standing = (MARKS[last], f"last check: {last.value}") if last else ("–", "not checked yet")
        body += (
            f'<p style="margin:8px 0 4px;padding-left:12px;border-left:3px solid {_EDGES[last] if last else NONE}">'
            f"<b>{number}. {escape(head)}</b> {mark} {standing}"
            f"<br>{code(' '.join(words.split()))}</p>"
        )
        lines.append(f"{number}. {head} ({standing}): {' '.join(words.split())}")
    body += soft(
        "`lab.check(1)` looks at task 1; `lab.hint(1)` helps, `lab.solution(1)` shows a solution; `lab.check()` looks "
        "at all."
    )
    return Sheet(sentence=f"{ended(name_of)} {' '.join(text.split())}", body=body, terminal="\n".join(lines))


def brief(name_of: str, text: str, *, answered: bool, task: int = 0) -> Figure:
    """What to do. answered: it wants an answer handed over. task: its number in a lab; 0 for an exercise."""
    who, number = ("lab", str(task)) if task else ("x", "")
    given = ", ".join([*([number] if number else []), *(["your_answer"] if answered else [])])
    body = title(name_of) + paragraphs(text)
    more = f"`{who}.hint({number})` helps; `{who}.solution({number})` shows a solution."
    body += soft(f"`{who}.check({given})` looks at what you did; {more}")
    return Sheet(sentence=f"{ended(name_of)} {' '.join(text.split())}", body=body)


def hint(text: str, *, number: int, total: int) -> Figure:
    """One hint, and how many there are."""
    head = f"Hint {number} of {total}"
    more = "The next hint says more." if number < total else "That was the last one; the solution shows everything."
    return Sheet(sentence=f"{head}: {text}", body=title(head) + line(text) + soft(more))


def solution(name_of: str, source: str, commands: tuple[str, ...], reason: str) -> Figure:
    """What to type in a cell, what in a terminal, and why."""
    body = title(f"A solution: {name_of}") + _typed(source, commands) + line(reason)
    return Sheet(sentence=f"A solution: {ended(name_of)} {reason}", body=body, terminal=_plainly(source, commands))


def _typed(source: str, commands: tuple[str, ...]) -> str:
    found = block(source) if source else ""
    return found + (line("The same in a terminal:") + block("\n".join(commands)) if commands else "")


def _plainly(source: str, commands: tuple[str, ...]) -> str:
    found = [source.strip()] if source else []
    return "\n".join(found + (["", "The same in a terminal:", *commands] if commands else []))


def files(
    name_of: str, changes: tuple[tuple[str, str, str], ...], source: str, commands: tuple[str, ...], reason: str
) -> Figure:
    """A solution made of files, as a diff against the learner's. changes: path, the learner's text, the solution's.

    source, commands: what to type then, in a cell or in a terminal.
    """
    body, plainly = title(f"A solution: {name_of}"), []
    for path, mine, theirs in changes:
        text_lines = list(
            difflib.unified_diff(
                mine.splitlines(), theirs.splitlines(), f"yours/{path}", f"solution/{path}", lineterm="", n=2
            )
        )
        text = "\n".join(text_lines) or f"{path}: yours is the same"
        body += block(text)
        plainly.append(text)
    body += _typed(source, commands) + line(reason)
    plainly += [_plainly(source, commands)] if source or commands else []
    return Sheet(sentence=f"A solution: {ended(name_of)} {reason}", body=body, terminal="\n".join(plainly))


def ended(words: str) -> str:
    """`words` as a sentence."""
    return words if words.endswith((".", "?", "!")) else f"{words}."
