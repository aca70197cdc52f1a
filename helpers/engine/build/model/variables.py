r"""Variables in a Dockerfile: which ones a line sets, and how a builder fills them in.

The rules are those of the Dockerfile reference: `$name`, `${name}`, `${name:-word}`, `${name:+word}` and their kin,
quotes and `\`. What a shell does with a RUN is no affair of the builder's: nothing is filled in there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from helpers.engine.build.model.dockerfile import Instruction

_NAME = re.compile(r"[0-9]+|[@*#?$!-]|[^\W\d]\w*|_\w*")
_BLANK = re.compile(r"[\t\v\f\r ]+")


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A word with its variables filled in. used: the names that it asked for, each once, set or not."""

    text: str
    used: tuple[str, ...]


def fill(word: str, known: Mapping[str, str], *, escape: str = "\\", quotes: bool = True) -> Filled:
    """Fills in the variables of a word, and takes its quotes away.

    quotes: False for the text of a here-document, where a quote is a sign like any other.

    Raises: ValueError for what no builder takes: a quote without its partner, `${}`, `${name:?}` of one that
            is not set.
    """
    reader = _Reader(word, known, escape, quotes)
    text = reader.read("")
    return Filled(text=text, used=tuple(reader.used))


def settings(one: Instruction, escape: str = "\\") -> tuple[tuple[str, str | None], ...]:
    """What an ENV, ARG or LABEL sets: name and value as it is written; None for an ARG without one."""
    split = _words(one.rest, escape)
    if not split:
        return ()
    if one.word != "ARG" and "=" not in split[0]:  # the older form: ENV NAME and all the rest
        name, _, value = _BLANK.sub(" ", one.rest, count=1).partition(" ")
        return ((name, value),)
    found: list[tuple[str, str | None]] = []
    for word in split:
        name, equals, value = word.partition("=")
        if equals or one.word == "ARG":
            found.append((name, value if equals else None))
    return tuple(found)


def variables(one: Instruction, escape: str = "\\") -> tuple[str, ...]:
    """The names that an ENV, ARG or LABEL sets, each once."""
    return tuple(dict.fromkeys(name for name, _ in settings(one, escape)))


def _words(rest: str, escape: str) -> list[str]:
    """Split at blanks that no quote covers; the quotes stay."""
    found: list[str] = []
    word, quote, inside = "", "", False
    signs = iter(rest)
    for sign in signs:
        if not quote and sign.isspace():
            if inside:
                found.append(word)
            word, inside = "", False
            continue
        inside = True
        if sign == escape and quote != "'":
            word += sign + next(signs, "")
            continue
        if quote and sign == quote:
            quote = ""
        elif not quote and sign in "'\"":
            quote = sign
        word += sign
    return [*found, word] if inside else found


@dataclass
class _Reader:
    """Reads one word from left to right. at: the index of the next sign."""

    word: str
    known: Mapping[str, str]
    escape: str
    quotes: bool
    at: int = 0
    used: dict[str, None] = field(default_factory=dict)

    def read(self, stop: str, *, raw: bool = False) -> str:
        """All up to the sign `stop`, which is passed over; "" for the end. raw: escapes stay, as in a pattern."""
        found: list[str] = []
        while self.at < len(self.word):
            sign = self.word[self.at]
            if stop and sign == stop:
                self.at += 1
                return "".join(found)
            if sign == "$":
                found.append(self._dollar())
            elif sign in "'\"" and self.quotes:
                found.append(self._quoted(sign))
            elif sign == self.escape:
                found.append((sign if raw else "") + self.word[self.at + 1 : self.at + 2])
                self.at += 2
            else:
                found.append(sign)
                self.at += 1
        if stop:
            raise ValueError(f"{stop!r} is missing in {self.word!r}")
        return "".join(found)

    def _quoted(self, quote: str) -> str:
        self.at += 1
        found: list[str] = []
        while self.at < len(self.word):
            sign = self.word[self.at]
            if sign == quote:
                self.at += 1
                return "".join(found)
            if quote == '"' and sign == "$":
                found.append(self._dollar())
                continue
            if quote == '"' and sign == self.escape and self.word[self.at + 1 : self.at + 2] in ('"', "$", self.escape):
                self.at += 1
            found.append(self.word[self.at])
            self.at += 1
        raise ValueError(f"a {quote} has no partner in {self.word!r}")

    def _dollar(self) -> str:
        self.at += 1
        if self.word[self.at : self.at + 1] != "{":
            name = self._name()
            return self._value(name) or "" if name else "$"
        self.at += 1
        name = self._name()
        sign = self.word[self.at : self.at + 1]
        self.at += 1
        if not name or not sign:
            raise ValueError(f"no variable is named in {self.word!r}")
        if sign == "}":
            return self._value(name) or ""
        if sign == "/":
            return self._replaced(name)
        empty = sign == ":"  # with a colon an empty value counts as none
        if empty:
            sign = self.word[self.at : self.at + 1]
            self.at += 1
        if not sign or sign not in "-+?#%":
            raise ValueError(f"${{{name}{sign} means nothing in {self.word!r}")
        word = self.read("}", raw=sign in "#%")
        value = self._value(name)
        missing = value is None or (empty and not value)
        if sign == "-":
            return word if missing else value or ""
        if sign == "+":
            return "" if missing else word
        if sign == "?":
            if missing:
                raise ValueError(f"{name} has to be set")
            return value or ""
        return _trimmed(value or "", sign, word)

    def _name(self) -> str:
        found = _NAME.match(self.word, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def _value(self, name: str) -> str | None:
        self.used[name] = None
        return self.known.get(name)

    def _replaced(self, name: str) -> str:
        every = self.word[self.at : self.at + 1] == "/"
        self.at += every
        pattern = _pattern(self.read("/", raw=True), ".*")
        by = self.read("}", raw=True)
        return re.sub(pattern, lambda _: by, self._value(name) or "", count=0 if every else 1)


def _trimmed(value: str, sign: str, word: str) -> str:
    """`${name#word}` and its kin: cut off is the shortest beginning or end that fits; the longest with two signs."""
    longest = word.startswith(sign)
    pattern = re.compile(_pattern(word.removeprefix(sign), ".*"), re.DOTALL)
    ends = range(len(value) + 1)
    if sign == "#":
        fits = [end for end in ends if pattern.fullmatch(value, 0, end)]
        return value[(max if longest else min)(fits) :] if fits else value
    fits = [start for start in ends if pattern.fullmatch(value, start)]
    return value[: (min if longest else max)(fits)] if fits else value


def _pattern(word: str, star: str) -> str:
    r"""A shell's pattern as a regular expression: `*` and `?`; `\` takes their meaning away."""
    found = []
    signs = iter(word)
    for sign in signs:
        if sign == "\\":
            found.append(re.escape(next(signs, "")))
        else:
            found.append(star if sign == "*" else "." if sign == "?" else re.escape(sign))
    return "".join(found)
