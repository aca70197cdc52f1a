"""Text from the engine made safe and short. Names, labels, logs and environment values are hostile input."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable

from helpers.plain_text import plain as plain  # views take all about text from here


def escape(text: object, *, lines: bool = False) -> str:
    """`text` for HTML and SVG, inside an element or an attribute's quotes."""
    return html.escape(plain(text, lines=lines), quote=True)


def width(text: str, *, size: float = 13, mono: bool = False) -> float:
    """About how many pixels wide `text` is drawn. Rather too wide than too narrow: fonts differ by system."""
    if mono:
        return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.61 for c in text) * size
    total = 0.0
    for character in text:
        if character in "iljtf.,:;'|!()[] ":
            total += 0.36
        elif unicodedata.east_asian_width(character) in "WF":
            total += 1.0
        elif character in "mwMW@%":
            total += 0.92
        elif character.isupper():
            total += 0.70
        else:
            total += 0.60
    return total * size


def fit(text: object, pixels: float, *, size: float = 13, mono: bool = False) -> str:
    """`text`, cut in the middle if it would be wider than `pixels`. The text version holds the whole."""
    whole = plain(text)
    if width(whole, size=size, mono=mono) <= pixels:
        return whole
    low, high = 0, len(whole)
    while low < high:  # the most characters that fit, the beginning one longer than the end
        keep = (low + high + 1) // 2
        if width(_cut(whole, keep), size=size, mono=mono) <= pixels:
            low = keep
        else:
            high = keep - 1
    return _cut(whole, low)


def wrap(text: object, pixels: float, *, lines: int = 2, size: float = 13, mono: bool = False) -> list[str]:
    """`text` in at most so many lines, broken at blanks; the last one is cut in the middle if there is more."""
    words, found = plain(text).split(), [""]
    while words:
        longer = f"{found[-1]} {words[0]}".strip()
        if width(longer, size=size, mono=mono) > pixels and found[-1]:
            if len(found) == lines:
                found[-1] = fit(" ".join((found[-1], *words)), pixels, size=size, mono=mono)
                break
            found.append("")
            longer = words[0]
        found[-1] = longer
        del words[0]
    return [fit(line, pixels, size=size, mono=mono) for line in found]


def _cut(text: str, keep: int) -> str:
    head = (keep + 1) // 2
    tail = keep - head
    return text[:head] + "…" + (text[-tail:] if tail else "")


def size(byte_count: float) -> str:
    """Bytes in decimal units, as the docker command prints them: 78.6 MB."""
    value = float(byte_count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 99.95 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("unreachable")


def count(number: int, one: str, many: str = "") -> str:
    """`1 container`, `3 containers`, `no containers`."""
    word = one if number == 1 else (many or one + "s")
    return f"{number if number else 'no'} {word}"


def listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    *most, last = list(words) or ["nothing"]
    return f"{', '.join(most)} and {last}" if most else last
