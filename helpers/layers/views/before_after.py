"""Two images side by side in numbers: what a change to the recipe saved."""

from __future__ import annotations

import shlex

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, Card
from helpers.drawing.text import size
from helpers.layers.model.analysis import Analysis


def before_after(before: Analysis, after: Analysis, names: tuple[str, str] | None = None) -> Figure:
    """Two images side by side in numbers: what became of it."""
    card = Card("What did the change save?", _saved(before, after))
    top = 84.0
    called = names or (before.image, after.image)
    for number, (found, name) in enumerate(zip((before, after), called, strict=True)):
        y = top + number * 44
        card.text(MARGIN, y + 16, name, style="b", room=190)
        longest = max(before.image_size, after.image_size) or 1
        seen = 400 * (found.image_size - found.hidden_bytes) / longest
        hidden = 400 * found.hidden_bytes / longest
        card.rect(224, y + 3, max(seen, 2), 18, "image", corner=2)
        if found.hidden_bytes:
            card.hatch(224 + max(seen, 2), y + 3, max(hidden, 4), 18, "bad")
        words = size(found.image_size)
        if found.hidden_bytes:
            card.text(MARGIN, y + 34, f"{size(found.hidden_bytes)} hidden", style="n bad")
        card.text(224 + max(seen, 2) + (max(hidden, 4) if found.hidden_bytes else 0) + 8, y + 17, words, style="n")
    card.note(
        "Blue: what a container can see. Hatched: what is stored but nobody can see." if before.hidden_bytes else ""
    )
    rows = tuple(
        (
            name,
            size(found.image_size),
            size(found.hidden_bytes),
            size(found.wasted_bytes),
            f"{found.efficiency:.1%}",
            str(len(found.made)),
        )
        for found, name in zip((before, after), called, strict=True)
    )
    return Figure(
        sentence=_saved(before, after, steady=True),
        svg=card.svg(),
        alt=_saved(before, after),
        tables=(
            Table(
                caption="Before and after",
                columns=("image", "size", "hidden", "wasted (as dive counts)", "efficiency", "layers"),
                rows=rows,
            ),
        ),
        how=_how(before.image, after.image),
    )


def _how(before: str, after: str) -> How:
    return How(
        docker=tuple(f"docker image inspect --format '{{{{.Size}}}}' {shlex.quote(name)}" for name in (before, after)),
        python=(
            "import docker",
            f"for name in ({before!r}, {after!r}):",
            "    print(name, docker.from_env().images.get(name).attrs['Size'])",
        ),
    )


def _saved(before: Analysis, after: Analysis, *, steady: bool = False) -> str:
    if before.diff_ids == after.diff_ids:
        return "Nothing: both have the same layers."
    if steady:
        words = "smaller than" if after.image_size < before.image_size else "larger than"
        words = "as large as" if after.image_size == before.image_size else words
        less = after.hidden_bytes < before.hidden_bytes
        hides = "hides less" if less else "hides as much" if after.hidden_bytes == before.hidden_bytes else "hides more"
        return f"The second image is {words} the first, and {hides}."
    change = after.image_size - before.image_size
    words = f"{size(abs(change))} {'less' if change < 0 else 'more'}" if change else "No byte"
    return f"{words}: {size(before.image_size)} before, {size(after.image_size)} after."
