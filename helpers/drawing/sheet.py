"""Cards of words, for what a picture would not say better: questions, verdicts, hints, solutions."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.drawing.figure import KEEP_KEYS, Figure
from helpers.drawing.text import escape, plain

# At least 3:1 on white and on black, so that one of each serves both themes; a mark and a word always say the same.
GOOD, BAD, ATTENTION, NONE = "#21867a", "#c74b7a", "#b8651b", "#8a929c"


@dataclass(frozen=True, kw_only=True)
class Sheet(Figure):
    """A card of words. body: its HTML, escaped by who made it. style_class: for the page. edge: colour on the left.

    sentence and terminal: the plain text.
    """

    body: str
    style_class: str = ""
    edge: str = ""

    def html(self) -> str:
        """The `<figure>` element."""
        style = "margin:8px 0;max-width:712px;padding:12px 24px;border:1px solid var(--jp-border-color1,#8a929c)"
        style += (f";border-left:4px solid {self.edge}" if self.edge else "") + ";border-radius:8px"
        named = f' class="{self.style_class}"' if self.style_class else ""
        return f'<figure{named} style="{style}">{self.body}</figure>'


def title(words: str) -> str:
    """The card's first line."""
    return f'<figcaption style="font-weight:600;font-size:15px;margin-bottom:4px">{code(words)}</figcaption>'


def line(words: str, *, label: str = "") -> str:
    """One paragraph; a label comes before it in bold."""
    head = f"<b>{escape(label)}:</b> " if label else ""
    return f'<p style="margin:4px 0">{head}{code(words)}</p>'


def soft(words: str) -> str:
    """A paragraph in small letters; nothing if there are no words."""
    return f'<p style="margin:4px 0;font-size:12px">{code(words)}</p>' if words else ""


def edged(html: str, colour: str) -> str:
    """A paragraph with a coloured edge; `html` is escaped already."""
    return f'<p style="margin:4px 0 8px 16px;padding-left:12px;border-left:3px solid {colour}">{html}</p>'


def block(text: str) -> str:
    """Lines to read or copy."""
    return (
        f'<pre tabindex="0" {KEEP_KEYS} style="margin:4px 0;padding:8px 12px;border:1px solid '
        'var(--jp-border-color1,#8a929c);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere">'
        f"{escape(text.strip(), lines=True)}</pre>"
    )


def paragraphs(text: str) -> str:
    """Paragraphs parted by empty lines."""
    return "".join(line(" ".join(part.split())) for part in text.split("\n\n") if part.strip())


def code(words: str) -> str:
    """`words` escaped; what stands between backticks is code."""
    parts = plain(words).split("`")
    if len(parts) % 2 == 0:  # one backtick has no partner: show them all as they are
        return escape(words)
    return "".join(f"<code>{escape(part)}</code>" if at % 2 else escape(part) for at, part in enumerate(parts))
