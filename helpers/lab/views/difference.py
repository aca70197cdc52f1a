"""What holds on this engine in a sentence; what holds on others to open, and in the book side by side."""

from __future__ import annotations

from helpers.drawing.figure import KEEP_KEYS, Figure
from helpers.drawing.sheet import Sheet, code, line, title
from helpers.drawing.text import escape
from helpers.lab.model.difference import Here, Variant

NOBODY = "No engine answered, so here is what holds on each."
YOURS = "Your engine:"


def here(found: Here) -> Figure:
    """The sentence that fits the engine and why it does, then the others."""
    asked, variant = found.difference, found.variant
    others = "\n".join(f"On {one.on}: {one.text}" for one in found.others)
    if variant is None or found.facts is None:
        body = title(asked.question) + line(NOBODY) + _table(asked.variants, None, opened=True)
        return Sheet(sentence=f"{asked.question} {NOBODY}", terminal=others, body=body)
    words = f"{found.facts.words(*asked.by)}."
    # the book has another word for whose engine it is, and opens what is closed here: helpers/book/pages.py
    why = f'<p style="margin:4px 0;font-size:12px"><span data-engine>{YOURS}</span> {escape(words)}</p>'
    return Sheet(
        sentence=f"{asked.question} {variant.text} {YOURS} {words}",
        terminal=others,
        body=title(asked.question) + line(variant.text) + why + _table(asked.variants, variant),
    )


def _table(variants: tuple[Variant, ...], this: Variant | None, *, opened: bool = False) -> str:
    cell = 'style="text-align:left;vertical-align:top"'
    rows = "".join(
        f'<tr><th scope="row" {cell}>{escape(one.on)}{" (this one)" if one is this else ""}</th>'
        f"<td {cell}>{code(one.text)}</td></tr>"
        for one in variants
    )
    return (
        f'<details data-engines {"open " * opened}style="margin:4px 0">'
        f'<summary {KEEP_KEYS} style="cursor:pointer;min-height:24px">Engine by engine</summary>'
        f'<table style="margin:8px 0"><thead><tr><th scope="col" {cell}>engine</th>'
        f'<th scope="col" {cell}>what holds there</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></details>"
    )
