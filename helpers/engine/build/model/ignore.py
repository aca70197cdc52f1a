r"""Which files stay out of a build, and which of them a COPY takes. It works on names alone.

The rules of `.dockerignore` are those of github.com/moby/patternmatcher (read at 1d6a3f4, its New, match and compile),
and of the reader of that file in BuildKit: a line that starts with `#` is a comment; blanks around a line go; `a/../b/`
is `b`; a `/` in front goes; `*` and `?` do not pass a `/`, `**` does; what stands below an ignored folder is ignored,
too; `!` takes a file in again; the last line that fits counts.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from helpers.errors import WrongUse

WILD = re.compile(r"[*?\[]")


class Ignore:
    """The lines of a `.dockerignore`.

    Raises: WrongUse for a line that no builder takes.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._patterns = tuple(_patterns(lines))
        self._again = any(one.keeps for one in self._patterns)

    def names(self, path: str) -> bool:
        """True if a line fits this very path. Where none does, a path shares the fate of the folder that it is in."""
        return self._any.fullmatch(path) is not None

    @cached_property
    def _any(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{one.expression})" for one in self._patterns), re.DOTALL)

    def leaves_out(self, path: str) -> bool:
        """True if this file, or folder, is not sent. path: POSIX, relative to the context's root."""
        parts = path.split("/")
        paths = [path, *("/".join(parts[:end]) for end in range(1, len(parts)))]
        out = False
        for one in self._patterns:
            if one.keeps == out and any(one.fits(name) for name in paths):
                out = not one.keeps
        return out

    def may_skip(self, folder: str) -> bool:
        """True if nothing below this folder can be sent, so that it need not be looked into."""
        if not self.leaves_out(folder):
            return False
        if not self._again:
            return True
        parts = folder.split("/")
        return not any(one.keeps and one.may_fit_below(parts) for one in self._patterns)


@dataclass(frozen=True)
class _Pattern:
    """text: cleaned. keeps: written with a `!`."""

    text: str
    keeps: bool

    def fits(self, path: str) -> bool:
        return self._compiled.fullmatch(path) is not None

    def may_fit_below(self, folder: Iterable[str]) -> bool:
        """True if something inside the folder may fit, by the first parts of the two."""
        for mine, theirs in zip(self.text.split("/"), folder, strict=False):
            if "**" in mine or "[" in mine:  # a class may hold a "/"
                return True
            if not re.fullmatch(_expression(mine), theirs, re.DOTALL):
                return False
        return True

    @property
    def expression(self) -> str:
        """As a regular expression for the whole of a path."""
        if self.text.startswith("**") and not WILD.search(self.text[2:]) and "\\" not in self.text:
            end = self.text[2:]  # moby takes this for an ending: `**file` fits "xfile", too
            return f".*{re.escape(end)}" + (f"|{re.escape(end[1:])}" if end[:1] == "/" else "")
        return _expression(self.text)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.expression, re.DOTALL)


def _patterns(lines: Iterable[str]) -> Iterable[_Pattern]:
    for number, written in enumerate(lines, start=1):
        line = written.removeprefix("\ufeff") if number == 1 else written
        if line.startswith("#") or not line.strip():
            continue
        line = line.strip()
        keeps = line.startswith("!")
        text = line[1:].strip() if keeps else line
        if keeps and not text:
            raise _bad(number, line, "nothing stands behind the !")
        text = clean(text)
        if len(text) > 1:
            text = text.removeprefix("/")
        if not sound(text):
            raise _bad(number, line, "a bracket or a backslash in it does not end, or a range goes backwards")
        yield _Pattern(text, keeps)


def _bad(number: int, line: str, why: str) -> WrongUse:
    return WrongUse(f"Line {number} of .dockerignore is no pattern: {line}", why, "Correct that line.")


def clean(path: str) -> str:
    """As Go's filepath.Clean does it: no `.`, no `..` that could go, no `/` at the end."""
    found = posixpath.normpath(path) if path else "."
    return "/" + found.lstrip("/") if found.startswith("/") else found


def sound(pattern: str) -> bool:
    """True if neither Go's filepath.Match nor its regular expressions would call the pattern malformed."""
    at = 0
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 2
            if at > len(pattern):
                return False
        elif pattern[at] == "[":
            end = _class_end(pattern, at)
            if end < 0 or any(low > high for low, high in _ranges(pattern[at + 1 : end - 1])):
                return False
            at = end
        else:
            at += 1
    return True


def _class_end(pattern: str, at: int) -> int:
    """The index behind a character class that starts at `at`; -1 if it is malformed."""
    at += 2 if pattern[at + 1 : at + 2] == "^" else 1
    count = 0
    while at < len(pattern):
        if pattern[at] == "]" and count:
            return at + 1
        for again in (False, True):  # one sign, or two with a `-` in between
            if pattern[at : at + 1] == "\\":
                at += 1
            if at >= len(pattern) or (pattern[at] in "-]" and pattern[at - 1] != "\\"):
                return -1
            at += 1
            if again or pattern[at : at + 1] != "-":
                break
            at += 1
        count += 1
    return -1


def _expression(pattern: str) -> str:
    """The pattern as a regular expression."""
    found = []
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == "*" and pattern[at : at + 1] == "*":
            at += 1
            at += pattern[at : at + 1] == "/"
            found.append(".*" if at >= len(pattern) else "(?:.*/)?")
        elif sign == "*":
            found.append("[^/]*")
        elif sign == "?":
            found.append("[^/]")
        elif sign == "\\":
            found.append(re.escape(pattern[at : at + 1]))
            at += 1
        elif sign == "[" and (end := _class_end(pattern, at - 1)) > 0:
            found.append(_class(pattern[at : end - 1]))
            at = end
        else:
            found.append(re.escape(sign))
    return "".join(found)


def _class(inside: str) -> str:
    """A character class. Go takes one whose range goes backwards, which fits nothing; Python would not."""
    not_these, ranges = inside.startswith("^"), _ranges(inside)
    body = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in ranges if low <= high)
    if not body:
        return "[^/]" if not_these else "(?!)"
    return f"[{'^' if not_these else ''}{body}]"


def _ranges(inside: str) -> list[tuple[str, str]]:
    """The ranges of a class that is well formed; of one sign both ends are that sign."""
    signs = re.findall(r"\\?(.)(?:-\\?(.))?", inside.removeprefix("^"), re.DOTALL)
    return [(low, high or low) for low, high in signs]


def matches(pattern: str, path: str) -> bool:
    """Go's filepath.Match, which finds the sources of a COPY: `*` and `?` do not pass a `/`, and there is no `**`."""
    return _of_a_copy(pattern).fullmatch(path) is not None


@lru_cache(maxsize=64)
def _of_a_copy(pattern: str) -> re.Pattern[str]:
    parts = (_expression(re.sub(r"\*\*+", "*", part)).replace("[^", "(?!/)[^") for part in pattern.split("/"))
    return re.compile("/".join(parts), re.DOTALL)
