"""Which step of an image's history an instruction of its Dockerfile made.

An image says of each step what made it, in its builder's words, and nothing of files or lines. So the instructions of
the last stage are laid beside the steps from the end on: each word has to be the same, and what can be compared of the
rest. What a builder fills in, such as variables, can't be. What is left over at the beginning is the base image's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.dockerfile.model.steps import KINDS
from helpers.engine.build.model.dockerfile import Instruction, chain, heredoc, instructions
from helpers.oci import history as _oci

OURS = "LABEL containers-unpacked"  # the course sets it after each FROM in what the classic builder makes for it
_FILLED = frozenset({"ADD", "ARG", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"})
_BLANK = re.compile(r"\\[abfnrtv]")  # as builders write a tab in the words of a CMD
_ODD = re.compile(r"[^A-Za-z0-9]+")
_FROM_FILES = re.compile(r"\b(?:file|dir|multi):[0-9a-f]{12,64} in (?P<target>.*)")  # the classic builder's COPY


@dataclass(frozen=True, kw_only=True)
class Made:
    """One step of a history. said: as in a Dockerfile, variables filled in. bytes: that it stored."""

    said: str
    bytes: int

    @property
    def word(self) -> str:
        """Its first word: "RUN"."""
        return self.said.partition(" ")[0]

    @property
    def rest(self) -> str:
        """What stands behind that."""
        return self.said.partition(" ")[2].lstrip()


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Steps by the line of the instruction that made them. base: the steps below them, the first one first."""

    made: Mapping[int, Made]
    base: tuple[Made, ...]


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """Where the two part. line, text: of the instruction; said: the image's step there, "" if there is none left."""

    line: int
    text: str
    said: str


def history(rows: Sequence[tuple[str, int]]) -> tuple[Made, ...]:
    """The steps of a history, the first one first. rows: what made each, in the builder's words, and its bytes."""
    steps = _oci.steps({"created_by": written} for written, _ in rows)
    return tuple(Made(said=step.command, bytes=size) for step, (_, size) in zip(steps, rows, strict=True))


def match(dockerfile: str, steps: Sequence[Made]) -> Fit | Misfit:
    """Lays a Dockerfile beside the history of an image. steps: the first one first."""
    left = [step for step in steps if not step.said.startswith(OURS)]
    made: dict[int, Made] = {}
    for one in reversed(chain(instructions(dockerfile))):
        if one.word == "FROM":
            continue
        while left and not made and left[-1].word == "LABEL" and not fits(one, left[-1]):
            left.pop()  # `docker build --label`: a step of the classic builder's, and of no Dockerfile
        if left and fits(one, left[-1]):
            made[one.line] = left.pop()
        elif one.word != "ONBUILD":  # of which BuildKit keeps no step
            return Misfit(line=one.line, text=one.text, said=left[-1].said if left else "")
    return Fit(made=made, base=tuple(left))


def fits(one: Instruction, step: Made) -> bool:
    """True unless the instruction can't have made the step."""
    if one.word == "RUN" and one.listed and step.word not in KINDS:  # the classic builder keeps its words alone
        return _bare(step.said) == _bare("".join(one.listed))
    if one.word != step.word:
        return False
    if heredoc(one) or (one.word in _FILLED and ("$" in one.text or ".." in one.text)):
        return True
    words = " ".join(one.rest.split())
    if one.word == "RUN" and one.listed is None:
        return " ".join(step.rest.split()).endswith(words)
    if one.word == "ARG":  # its value may have been given to the build
        return [_bare(word.partition("=")[0]) for word in words.split()[:1]] == [_bare(step.rest.partition("=")[0])]
    if one.word == "EXPOSE":
        return "-" in words or {p.split("/")[0] for p in words.split()} == set(re.findall(r"\b\d+\b", step.rest))
    if one.word == "HEALTHCHECK":
        asked, told = (_bare(side.removeprefix("CMD")) for side in (words, step.rest))
        return asked in told or told in asked  # what is read of the history ends at a bracket
    if copied := _FROM_FILES.search(step.rest):
        words = one.listed[-1] if one.listed else words.split()[-1] if words else ""
        return _bare(words) == _bare(copied["target"])
    # by letters and digits alone: builders quote in ways of their own, and may put a shell in front
    said = (_bare(step.rest), _bare(_BLANK.sub("", step.rest)))
    forms = (words, " ".join(one.listed or (words,)))
    return any(told.endswith(_bare(form)) for form in forms for told in said)


def _bare(text: str) -> str:
    return _ODD.sub("", text)
