"""Times as dot strips: a dot for each run, a stroke for the median, one scale for all strips of a panel."""

from __future__ import annotations

from helpers.containers.model.timing import Strip, Timing
from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card

LEFT, RIGHT = 272.0, 560.0
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


def timing(found: Timing) -> Figure:
    """Two panels, start and stop, each with a scale of its own that starts at zero."""
    process, container = found.start
    answer = (
        f"Median of {found.rounds} starts: container {milliseconds(container.median)}, plain process "
        f"{milliseconds(process.median)}."
    )
    card = Card("How long does it take to start and to stop?", answer)
    y = _panel(card, float(TOP), "start", found.start, "host", "container")
    _panel(card, y + 12, "stop", found.stop, "host", "container")
    card.note(
        f"A dot is one run, the stroke their median. Each panel's scale starts at zero. Grace period: {found.grace} s."
    )
    return Figure(
        sentence=(
            "A container starts and stops more slowly than a plain process, and no machine boots. "
            f"One whose first process does not handle SIGTERM is waited for: the whole grace period of {found.grace} s."
        ),
        svg=card.svg(),
        alt=answer + " " + " ".join(_said("stop", strip) for strip in found.stop),
        tables=(_table("Start", found.start), _table("Stop", found.stop)),
        how=How(
            docker=(
                f"docker run --detach --name timed --network none {found.image} sleep 60",
                f"docker stop --time {found.grace} timed",
                "docker rm timed",
            ),
            python=(
                "import docker, time",
                "engine = docker.from_env()",
                f"made = engine.containers.create({found.image!r}, ['sleep', '60'], network_mode='none')",
                "begun = time.perf_counter()",
                "made.start()",
                "print(round(time.perf_counter() - begun, 3), 's to start')",
                "begun = time.perf_counter()",
                f"made.stop(timeout={found.grace})",
                "print(round(time.perf_counter() - begun, 3), 's to stop')",
                "made.remove()",
            ),
        ),
    )


def milliseconds(seconds: float) -> str:
    """`171 ms`, `1.8 ms`, `1.05 s`."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"


def _between(low: float, high: float, median: float) -> str:
    """Both ends in the unit of the median, which stands before them."""
    if median >= 1:
        return f"{low:.2f}–{high:.2f}"
    digits = 0 if median >= 0.01 else 1
    return f"{low * 1000:.{digits}f}–{high * 1000:.{digits}f}"


def _panel(card: Card, y: float, title: str, strips: tuple[Strip, ...], first: str, other: str) -> float:
    """One panel; returns where it ends."""
    most = max(max(strip.seconds) for strip in strips)
    step = next((step for step in STEPS if most <= 4 * step), most / 4)
    top = -(-most // step) * step or step
    scale = (RIGHT - LEFT) / top
    card.text(MARGIN, y + 8, title, style="b")
    card.text(RIGHT + 24, y + 8, "median (half lie between)", style="n soft")
    bottom = y + 20 + 34 * len(strips)
    for number in range(round(top / step) + 1):
        x = LEFT + number * step * scale
        card.line(x, y + 18, x, bottom, "rule", thick=1)
        if number % 2 == 0 or round(top / step) <= 3:
            card.text(x - 10, bottom + 16, milliseconds(number * step) if number else "0", style="n soft")
    for place, strip in enumerate(strips):
        middle = y + 36 + 34 * place
        kind = first if place == 0 else other
        card.text(MARGIN, middle + 4, strip.what, room=LEFT - MARGIN - 12)
        for number, seconds in enumerate(strip.seconds):
            card.ring(LEFT + seconds * scale, middle + (-6, 0, 6)[number % 3], kind)
        card.line(
            LEFT + strip.median * scale, middle - 13, LEFT + strip.median * scale, middle + 13, f"s-{kind}", thick=2.5
        )
        low, high = strip.quartiles
        card.text(
            RIGHT + 24,
            middle + 4,
            f"{milliseconds(strip.median)} ({_between(low, high, strip.median)})",
            style="n",
            room=WIDTH - MARGIN - RIGHT - 24,
        )
    return bottom + 24


def _said(what: str, strip: Strip) -> str:
    return f"To {what} {strip.what}: {milliseconds(strip.median)}."


def _table(caption: str, strips: tuple[Strip, ...]) -> Table:
    return Table(
        caption=f"{caption}, times in ms",
        columns=("what", "median", "quarter below", "quarter above", "each run"),
        rows=tuple(
            (
                strip.what,
                f"{strip.median * 1000:.1f}",
                f"{strip.quartiles[0] * 1000:.1f}",
                f"{strip.quartiles[1] * 1000:.1f}",
                ", ".join(f"{seconds * 1000:.1f}" for seconds in strip.seconds),
            )
            for strip in strips
        ),
    )
