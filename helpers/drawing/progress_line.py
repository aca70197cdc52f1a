"""A line that says how far something is."""

from __future__ import annotations

from helpers.drawing.text import escape, plain


def progress(words: str, done: int, total: int | None) -> str:
    """`words` as HTML, with a bar where the end is known."""
    label = escape(words)
    bar = ""
    if total:
        value = min(max(done, 0), total)
        bar = f'<progress aria-label="{label}" max="{total}" value="{value}" style="width:200px"></progress> '
    return f'<p style="margin:4px 0">{bar}{label}</p>'


def finished(words: str) -> str:
    """What stays once all is done; nothing if there is nothing to say."""
    return "" if not words else f'<p style="margin:4px 0">{escape(words)}</p>'


def words(text: str) -> str:
    """The same for text/plain."""
    return plain(text)
