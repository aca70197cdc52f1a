r"""A Dockerfile read line by line, so that what an engine says can be shown at its line.

The engine's own rules, as far as lines go: `# escape=` on top, comments, `\` at a line's end, here-documents.
What an instruction means is the engine's affair: a misspelt one is an instruction here too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.+?)\s*$")
_HEREDOC = re.compile(r"\d*<<(-?)([^<]+)")
_QUOTED = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|["'\\])+""")  # a word as a shell sees it
_STAGED = re.compile(r"\[(?:(?P<stage>[^\]]*?)\s+)?(?P<k>\d+)/\d+\]\s+(?P<text>.*)", re.DOTALL)

DIRECTIVES = ("check", "escape", "syntax")  # engines before 27 do not know `check`
HEREDOCS = ("ADD", "COPY", "RUN")
COUNTED = ("ADD", "COPY", "RUN", "WORKDIR")  # what BuildKit makes a step of, beside FROM


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction. line, end: its first and last line, from 1. word: in capitals.

    text: the whole of it on one line, blanks as they were but at the joints; of a here-document the first line.
    """

    line: int
    end: int
    word: str
    text: str

    @property
    def flags(self) -> tuple[str, ...]:
        """The options behind the word: "--from=build" of a COPY."""
        found = []
        for word in self.text.split()[1:]:
            if not word.startswith("--"):
                break
            found.append(word)
        return tuple(found)

    @property
    def rest(self) -> str:
        """What stands behind the word and its options."""
        left = (self.text.split(None, 1)[1:] or [""])[0]
        for flag in self.flags:
            left = left.removeprefix(flag).lstrip()
        return left

    @property
    def listed(self) -> tuple[str, ...] | None:
        """The words of the exec form, `["python3", "shop.py"]`; None if it is written otherwise."""
        if not self.rest.startswith("["):
            return None
        try:
            found = json.loads(self.rest)
        except ValueError:
            return None
        return tuple(found) if isinstance(found, list) and all(isinstance(word, str) for word in found) else None

    def flag(self, name: str) -> str:
        """The value of one option, "build" for "from"; "" without it."""
        before = f"--{name}="
        return next((word.removeprefix(before) for word in self.flags if word.startswith(before)), "")


def instructions(text: str) -> tuple[Instruction, ...]:
    """Every instruction of a Dockerfile, in order. Reads anything; what is no Dockerfile gives odd words."""
    lines = _lines(text)
    escape = _escape(lines)
    found = []
    number = 0
    while number < len(lines):
        start = number
        if _is_comment(lines[start]) or not lines[start].strip():
            number += 1
            continue
        joined, number = _join(lines, start, escape)
        if not joined:
            continue
        word = joined.split(None, 1)[0].upper()
        if word in HEREDOCS:
            number = _after_heredocs(lines, number, joined)
        found.append(Instruction(line=start + 1, end=number, word=word, text=joined))
    return tuple(found)


def escape(text: str) -> str:
    r"""The character that continues a line and takes a sign's meaning away: "\\", or what `# escape=` on top says."""
    return _escape(_lines(text))


def exact(text: str, one: Instruction) -> str:
    r"""One instruction of a Dockerfile to the letter, as the builder has it: of RUN every blank counts.

    A `\` at a line's end goes, and the next line follows with its blanks; comments and empty lines in between go. A
    here-document stands below, line by line.
    """
    lines = _lines(text)
    pieces, number = _pieces(lines, one.line - 1, _escape(lines))
    return "\n".join(("".join(pieces).strip(), *lines[number : one.end]))


def stamped(text: str, labels: Mapping[str, str]) -> tuple[str, tuple[Instruction, ...], tuple[Instruction, ...]]:
    """The same Dockerfile with the labels set right after each FROM.

    Every image of the build carries them then, the ones between the steps, too. And no step is taken from the cache of
    somebody else's build, whose steps came without them: two people's images never hang together.

    Returns: the text; its instructions; and the same instructions with the lines of the text that was given, where the
    added ones have line 0.
    """
    pairs = " ".join(f'{key}="{value}"' for key, value in labels.items())
    lines = text.split("\n")
    for one in reversed(instructions(text)):
        if one.word == "FROM":
            lines.insert(one.end, f"LABEL {pairs}")
    sent = instructions("\n".join(lines))
    added, shown = 0, []
    for before, one in zip((None, *sent), sent, strict=False):
        if before is not None and before.word == "FROM":
            added += 1
            shown.append(replace(one, line=0, end=0))
        else:
            shown.append(replace(one, line=one.line - added, end=one.end - added))
    return "\n".join(lines), sent, tuple(shown)


def heredoc(one: Instruction) -> str:
    """The word that opens a here-document in this instruction, such as "<<EOF"; "" if none does."""
    if one.word not in HEREDOCS:
        return ""
    return next((word for word in _QUOTED.findall(one.text) if _HEREDOC.fullmatch(word)), "")


def syntax(text: str) -> Iterator[tuple[int, str]]:
    """The lines at the very top that name the image which is to read the Dockerfile: line, image.

    It is written `# syntax=IMAGE`; BuildKit takes `//` for `#`, too, and passes over a line `#!` before it.
    """
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        found = _DIRECTIVE.match(re.sub(r"^\s*//", "#", line.removesuffix("\r")).lstrip())
        if found is not None and found[1].lower() == "syntax":
            yield number, found[2]
        elif found is None and not (number == 1 and line.startswith("#!")):
            return


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]


def _escape(lines: Iterable[str]) -> str:
    r"""The character that continues a line: "\", unless a comment at the very top says otherwise."""
    for line in lines:
        found = _DIRECTIVE.match(line)
        if found is None or found[1].lower() not in DIRECTIVES:  # one that nobody knows is a comment, and ends them
            break
        if found[1].lower() == "escape" and found[2] in ("\\", "`"):
            return found[2]
    return "\\"


def _is_comment(line: str) -> bool:
    return line.lstrip(" \t").startswith("#")


def _join(lines: Sequence[str], start: int, escape: str) -> tuple[str, int]:
    """The instruction that starts at index `start`, on one line, and the index after it."""
    pieces, number = _pieces(lines, start, escape)
    joined = ""
    for piece in pieces:  # the blanks at a joint are for the eye
        blank = joined[-1:].isspace() or piece[:1].isspace()
        joined = f"{joined.rstrip()} {piece.lstrip()}" if blank else joined + piece
    return joined.strip(), number


def _pieces(lines: Sequence[str], start: int, escape: str) -> tuple[list[str], int]:
    """What each line adds to the instruction that starts at index `start`, and the index after it."""
    more = re.compile(rf"(?:^|(?<=[^{re.escape(escape)}])){re.escape(escape)}[ \t]*$")
    pieces: list[str] = []
    number = start
    while number < len(lines):
        line = lines[number]
        number += 1
        if number > start + 1 and (_is_comment(line) or not line.strip()):
            continue  # inside an instruction these count for nothing
        piece = more.sub("", line)
        pieces.append(piece)
        if piece == line:
            break
    return pieces, number


def _after_heredocs(lines: Sequence[str], number: int, joined: str) -> int:
    """The index after the here-documents that an instruction opens; after the last line if one is never closed."""
    for word in _QUOTED.findall(joined):
        found = _HEREDOC.fullmatch(word)
        name = re.sub(r"[\"'\\]", "", found[2]) if found else ""
        if found is None or not name:
            continue
        while number < len(lines):
            line = lines[number].lstrip("\t") if found[1] else lines[number]
            number += 1
            if line == name:
                break
    return number


def locate(found: Sequence[Instruction], said: str, number: int | None = None) -> Instruction | None:
    """The instruction that the engine's words mean; None if there is none, or more than one could be meant.

    said: as the engine repeats it, "RUN make" or, BuildKit, "[build 2/4] RUN make"; variables may be filled in.
    number: the step's, from 1 over all instructions, as the classic builder counts.
    """
    staged = _STAGED.fullmatch(said.strip())
    if staged is not None:
        words = (staged["stage"] or "").split()
        stage = _stage(found, words[-1].lower() if words else "")
        return _in_stage(stage, staged["text"], int(staged["k"]) - _first(found, stage))
    same = [one for one in found if _same(one.text, said)]
    if number is not None and 1 <= number <= len(found):
        one = found[number - 1]
        if one in same or (not same and one.word == _word(said)):
            return one
    return same[0] if len(same) == 1 else None


def at_line(found: Iterable[Instruction], line: int) -> Instruction | None:
    """The instruction that covers a line."""
    return next((one for one in found if one.line <= line <= one.end), None)


def stages(found: Iterable[Instruction]) -> Iterator[tuple[str, tuple[Instruction, ...]]]:
    """Each stage by name, "stage-0" if it has none, with its instructions from FROM on."""
    parts: list[list[Instruction]] = []
    for one in found:
        if one.word == "FROM":
            parts.append([one])
        elif parts:
            parts[-1].append(one)
    for index, part in enumerate(parts):
        named = re.search(r"\sAS\s+(\S+)\s*$", part[0].text, re.IGNORECASE)
        yield (named[1].lower() if named else f"stage-{index}"), tuple(part)


def base(one: Instruction) -> str:
    """What a FROM names: an image, or an earlier stage."""
    return (one.rest.split() or [""])[0]


def chain(found: Iterable[Instruction]) -> tuple[Instruction, ...]:
    """The instructions that the image of the last stage consists of, in order.

    Where the stage goes on from an earlier one, that one's come before it; each begins with its FROM.
    """
    parts = list(stages(found))
    taken: list[Instruction] = []
    at = len(parts) - 1
    while at >= 0:
        part = parts[at][1]
        taken[:0] = part
        wanted = base(part[0]).lower()
        at = max((place for place, (name, _) in enumerate(parts[:at]) if name == wanted), default=-1)
    return tuple(taken)


def _stage(found: Sequence[Instruction], name: str) -> tuple[Instruction, ...]:
    """The stage of that name; without a name the one there is."""
    parts = list(stages(found))
    if not name and len(parts) == 1:
        return parts[0][1]
    return next((part for stage, part in parts if stage == name), ())


def _first(found: Sequence[Instruction], stage: Sequence[Instruction]) -> int:
    """What BuildKit's count of a stage starts at: 1 if FROM is a step of its own, else 0 and the first is the next."""
    if not stage:
        return 1
    named = base(stage[0]).lower()
    before = {name for name, part in stages(found) if part[0].line < stage[0].line}
    return 0 if named == "scratch" or named in before else 1


def _in_stage(stage: Sequence[Instruction], text: str, place: int) -> Instruction | None:
    """The instruction of a stage by its words, or, where variables are filled in, by its place after FROM."""
    word = _word(text)
    if word == "FROM":
        return stage[0] if stage else None
    same = [one for one in stage if _same(one.text, text)]
    if len(same) == 1:
        return same[0]
    counted = [one for one in stage if one.word in COUNTED]
    one = counted[place - 1] if 1 <= place <= len(counted) else None
    return one if one is not None and one.word == word else None


def _word(text: str) -> str:
    return text.split(None, 1)[0].upper() if text.strip() else ""


def _same(one: str, other: str) -> bool:
    return _word(one) == _word(other) and one.split()[1:] == other.split()[1:]
