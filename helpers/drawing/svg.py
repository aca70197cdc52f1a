"""A picture as a card: a question, an answer in one sentence, the drawing, a note at the foot."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.drawing.text import escape, fit, wrap
from helpers.drawing.theme import MARKS, stylesheet

WIDTH = 760
MARGIN = 24
TOP = 84  # the drawing begins below question and answer
LINE = 17  # from one line of the answer to the next


class Card:
    """Collects the shapes of one picture and knows how far down they reach. Without a question it has no head.

    All lengths are pixels; the drawing's own area is MARGIN to WIDTH - MARGIN.
    """

    def __init__(self, question: str, answer: str, *, width: int = WIDTH) -> None:
        self.width = width
        self.bottom = 56.0
        self._head: list[str] = []
        self._shapes: list[str] = []
        self._down = 0  # by which all below the head moves: a long answer has a second line
        if question:
            self.text(MARGIN, 34, question, style="h", room=width - 2 * MARGIN, size=15)
            lines = wrap(answer, width - 2 * MARGIN)
            for number, line in enumerate(lines):
                self.text(MARGIN, 54 + LINE * number, line, style="soft")
            self._down = LINE * (len(lines) - 1)
            self.bottom -= self._down
            self._head, self._shapes = self._shapes, []
        else:
            self.bottom = 0.0

    def _reach(self, y: float) -> None:
        self.bottom = max(self.bottom, y)

    def text(
        self, x: float, y: float, words: object, *, style: str = "", room: float = 0, size: float = 0, end: bool = False
    ) -> None:
        """Writes `words` with their base line at `y`; cut in the middle if wider than `room` (0: never).

        style: classes of the theme, such as "m soft". end: `x` is the right edge.
        """
        mono = "m" in style.split()
        pixels = size or (12 if mono or "n" in style.split() else 13)
        shown = fit(words, room, size=pixels, mono=mono) if room else words
        anchor = ' text-anchor="end"' if end else ""
        self._shapes.append(f'<text x="{x:g}" y="{y:g}"{anchor} class="{style}">{escape(shown)}</text>')
        self._reach(y + 4)

    def rect(
        self, x: float, y: float, width: float, height: float, style: str, *, corner: float = 4, dashed: bool = False
    ) -> None:
        """A box of the theme's `style`."""
        dash = ' stroke-dasharray="4 4"' if dashed else ""
        self._shapes.append(
            f'<rect class="{style}" x="{x:g}" y="{y:g}" width="{max(width, 0):g}" height="{height:g}" '
            f'rx="{corner:g}"{dash}/>'
        )
        self._reach(y + height)

    def line(
        self, x1: float, y1: float, x2: float, y2: float, style: str, *, thick: float = 1.5, dashed: bool = False
    ) -> None:
        """A straight line."""
        dash = ' stroke-dasharray="4 4"' if dashed else ""
        self._shapes.append(
            f'<line class="{style}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke-width="{thick:g}"{dash}/>'
        )
        self._reach(max(y1, y2))

    def hatch(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """A box of slanting lines on the card's colour: bytes that are there and are of no use."""
        self._shapes.append(
            f'<rect class="card" stroke="none" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"/>'
        )
        strokes = []
        start = -height
        while start < width:  # each line runs up to the right; its ends are cut where the box ends
            low, high = max(start, 0.0), min(start + height, width)
            if high - low > 0.2:
                strokes.append(
                    f"M{x + low:.1f} {y + height - (low - start):.1f}L{x + high:.1f} {y + height - (high - start):.1f}"
                )
            start += 6
        self._shapes.append(f'<path class="s-{kind}" stroke-width="2" d="{"".join(strokes)}"/>')
        self._shapes.append(
            f'<rect class="s-{kind}" stroke-width="1" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"/>'
        )
        self._reach(y + height)

    def arrow(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """A line with a head at its end, straight down or straight to the right."""
        self.line(x1, y1, x2, y2, f"s-{kind}")
        head = f"M{x2 - 4:g} {y2 - 6:g}h8l-4 6z" if x1 == x2 else f"M{x2 - 6:g} {y2 - 4:g}v8l6 -4z"
        self._shapes.append(f'<path class="{kind}" d="{head}"/>')

    def frame(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """An outline in the colour of its kind, around what is the answer."""
        self._shapes.append(
            f'<rect class="s-{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6" '
            'stroke-width="2"/>'
        )

    def route(
        self, points: Sequence[tuple[float, float]], kind: str, *, thick: float = 1.5, dashed: bool = False
    ) -> None:
        """Straight pieces from point to point, with a head at the end; all of them level or upright."""
        (x1, y1), (x2, y2) = points[-2:]
        size = 4 + thick
        back = {(1, 0): f"M{x2 - size - 2:g} {y2 - size:g}v{2 * size:g}l{size + 2:g} {-size:g}z",
                (-1, 0): f"M{x2 + size + 2:g} {y2 - size:g}v{2 * size:g}l{-size - 2:g} {-size:g}z",
                (0, 1): f"M{x2 - size:g} {y2 - size - 2:g}h{2 * size:g}l{-size:g} {size + 2:g}z",
                (0, -1): f"M{x2 - size:g} {y2 + size + 2:g}h{2 * size:g}l{-size:g} {-size - 2:g}z"}  # fmt: skip
        heading = ((x2 > x1) - (x2 < x1), (y2 > y1) - (y2 < y1))
        way = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
        dash = ' stroke-dasharray="4 4"' if dashed else ""
        self._shapes.append(f'<path class="s-{kind}" d="{way}" stroke-width="{thick:g}"{dash}/>')
        self._shapes.append(f'<path class="{kind}" d="{back[heading]}"/>')
        self._reach(max(y for _, y in points))

    def dot(self, x: float, y: float, kind: str, *, radius: float = 4) -> None:
        """A filled circle with a rim of the card's colour, so that it stands out on a line."""
        self._shapes.append(f'<circle class="card" cx="{x:g}" cy="{y:g}" r="{radius + 2:g}"/>')
        self._shapes.append(f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>')
        self._reach(y + radius + 2)

    def ring(self, x: float, y: float, kind: str) -> None:
        """A small dot that others may lie upon: its tint shows how many."""
        self._shapes.append(f'<circle class="t-{kind} s-{kind}" cx="{x:g}" cy="{y:g}" r="3.5" stroke-width="1"/>')
        self._reach(y + 4)

    def mark(self, x: float, y: float, state: str) -> None:
        """The mark of a state: good, warn, bad or none. A word belongs beside it."""
        self.text(x, y, MARKS[state], style=f"b {state}" if state != "none" else "b soft")

    def box(self, x: float, y: float, width: float, height: float, kind: str, *, dashed: bool = False) -> None:
        """A box with a 3 px edge in the colour of its kind."""
        self.rect(x, y, width, height, "box", corner=6, dashed=dashed)
        self._shapes.append(
            f'<rect class="{kind}" x="{x:g}" y="{y + 8:g}" width="3" height="{max(height - 16, 4):g}"/>'
        )

    def note(self, words: str) -> None:
        """The one line at the foot."""
        self.text(MARGIN, self.bottom + 26, words, style="n soft", room=self.width - 2 * MARGIN)

    def bare(self, alt: str) -> str:
        """The drawing alone, for a page that has the theme's rules (`theme.scoped`) and a ground of its own."""
        height = round(self.bottom + 4) + self._down
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" width="{self.width}" '
            f'height="{height}" role="img" aria-label="{escape(alt)}">' + self._drawn() + "</svg>"
        )

    def svg(self) -> str:
        """The whole picture, as tall as what was drawn."""
        height = round(self.bottom + 20) + self._down
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" width="{self.width}" '
            f'height="{height}" role="img"><style>{stylesheet()}</style>'
            f'<rect class="card" x=".5" y=".5" width="{self.width - 1}" height="{height - 1}" rx="8"/>'
            + self._drawn()
            + "</svg>"
        )

    def _drawn(self) -> str:
        body = "".join(self._shapes)
        return "".join(self._head) + (f'<g transform="translate(0 {self._down})">{body}</g>' if self._down else body)
