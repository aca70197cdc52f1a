"""Charts of what containers used: memory, CPU and processes over a few seconds, each with its limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, size
from helpers.isolation.model.usage import Point, Track, Watched
from helpers.isolation.views.limits import count_cpus

ACROSS = 4  # containers drawn; the text version holds all
_KINDS = ("container", "volume", "network", "image")
_DASHES = (False, True, False, True)
_HIGH = 84.0
_LEFT, _RIGHT = MARGIN + 60.0, WIDTH - MARGIN - 128.0
_QUESTIONS = {
    "cpu": "How much CPU does it get?",
    "memory": "How much memory does it take?",
    "both": "How much does it get?",
    "processes": "How many processes does it start?",
}


def watched(found: Watched) -> Figure:
    """One chart for each measure that matters; a line for each container, a dashed line for each limit."""
    answer = _answer(found)
    card = Card(_QUESTIONS.get(found.load, "What does it use?"), answer)
    y = float(TOP) + 14
    for number, (title, value, limit, words) in enumerate(_measures(found)):
        y = _chart(card, y, title, found, value, limit, words, first=number == 0)
    card.text(_LEFT, y - 4, "0", style="n soft")
    card.text(_RIGHT, y - 4, f"{found.seconds:g} s", style="n soft", end=True)
    legend = "; ".join(f"{t.name}: {_style(i)}" for i, t in enumerate(found.tracks[:ACROSS]))
    limited = any(p.memory_limit or p.cpu_limit or p.pids_limit for t in found.tracks for p in t.points)
    note = "Red dashes: the limit. " if limited else ""
    note += f"{legend}." if len(found.tracks) > 1 else "Read from the cgroup, five times a second."
    card.note(note)
    return Figure(
        sentence=_sentence(found),
        svg=card.svg(),
        alt=answer,
        tables=(_summary(found), *(_table(track) for track in found.tracks)),
        how=How(
            docker=("docker stats --no-stream",),
            python=(
                "import docker",
                "[one.stats(stream=False)['pids_stats'] for one in docker.from_env().containers.list()]",
            ),
        ),
    )


Value = Callable[[Point], float]
Most = Callable[[Point], float | None]


def _measures(found: Watched) -> list[tuple[str, Value, Most, Callable[[float], str]]]:
    memory = ("memory", lambda p: float(p.memory), lambda p: p.memory_limit, size)
    cpu = ("CPUs", lambda p: p.cpu, lambda p: p.cpu_limit, lambda v: f"{v:.2g}")
    waits = ("had to wait", lambda p: p.throttled * 100, lambda _: None, lambda v: f"{v:.0f} %")
    pids = ("processes", lambda p: float(p.pids), lambda p: p.pids_limit, lambda v: f"{v:.0f}")
    limited = any(p.cpu_limit for t in found.tracks for p in t.points)
    chosen = {"cpu": [cpu, waits] if limited else [cpu], "memory": [memory], "both": [cpu, memory], "processes": [pids]}
    return list(chosen.get(found.load, [memory, cpu, pids]))


def _chart(
    card: Card,
    y: float,
    title: str,
    found: Watched,
    value: Value,
    limit: Most,
    words: Callable[[float], str],
    *,
    first: bool,
) -> float:
    tracks = [t for t in found.tracks[:ACROSS] if t.points]
    highest = max((value(p) for t in tracks for p in t.points), default=0.0)
    caps = [cap for t in tracks for p in t.points if (cap := limit(p)) is not None]
    top = (
        100.0
        if title == "had to wait"
        else max([highest, *[c for c in caps if c <= 20 * max(highest, 1e-9)]], default=1.0)
    )
    top = top if title == "had to wait" else top * 1.12 or 1.0
    card.text(MARGIN, y + 2, title, style="b")
    y += 12
    card.text(_LEFT - 6, y + 10, words(top), style="n soft", end=True)
    card.line(_LEFT, y + _HIGH, _RIGHT, y + _HIGH, "rule")
    card.line(_LEFT, y, _LEFT, y + _HIGH, "rule")
    card.text(_LEFT - 6, y + _HIGH, "0", style="n soft", end=True)

    def at(p: Point, v: float) -> tuple[float, float]:
        x = _LEFT + (_RIGHT - _LEFT) * min(p.after / (found.seconds or 1), 1.0)
        return x, y + _HIGH - _HIGH * min(v / top, 1.0)

    if found.change is not None:
        x = _LEFT + (_RIGHT - _LEFT) * min(found.change / (found.seconds or 1), 1.0)
        card.line(x, y, x, y + _HIGH, "s-soft", thick=1, dashed=True)
        if first:
            card.text(x + 4, y + 4, "changed here", style="n soft")
    labels: list[tuple[float, str, str]] = []
    for index, track in enumerate(tracks):
        kind = _KINDS[index % len(_KINDS)]
        _line(card, [at(p, value(p)) for p in track.points], kind, dashed=_DASHES[index % len(_DASHES)])
        last = track.points[-1]
        named = f"{track.name} " if len(found.tracks) > 1 else "now "
        labels.append((at(last, value(last))[1] + 4, f"{named}{words(value(last))}", f"b {kind}"))
        _limit(card, track, limit, at, top, words, labels if index == 0 or len(tracks) == 1 else [])
    for place, text, style in _apart(labels, y + _HIGH):
        card.text(_RIGHT + 8, place, text, style=f"n {style}", room=WIDTH - MARGIN - _RIGHT - 8, size=12)
    return y + _HIGH + 26


def _limit(
    card: Card,
    track: Track,
    limit: Most,
    at: Callable[[Point, float], tuple[float, float]],
    top: float,
    words: Callable[[float], str],
    labels: list[tuple[float, str, str]],
) -> None:
    """The limit as a dashed line that steps where it was changed."""
    before: tuple[float, float] | None = None
    for p in track.points:
        cap = limit(p)
        if cap is None or cap > top:
            before = None
            continue
        now = at(p, cap)
        if before is not None:
            card.line(*before, now[0], before[1], "s-bad", dashed=True)
            if now[1] != before[1]:
                card.line(now[0], before[1], *now, "s-bad", dashed=True)
        before = now
    last = limit(track.points[-1])
    if last is not None:
        labels.append((at(track.points[-1], min(last, top))[1] + 4, f"limit {words(last)}", "bad"))


def _line(card: Card, places: Sequence[tuple[float, float]], kind: str, *, dashed: bool) -> None:
    for one, two in pairwise(places):
        card.line(*one, *two, f"s-{kind}", thick=2, dashed=dashed)
    if places:
        card.dot(*places[-1], kind, radius=3)


def _apart(labels: list[tuple[float, str, str]], bottom: float) -> list[tuple[float, str, str]]:
    """Labels moved so that none lies on another, and none below the chart."""
    found: list[tuple[float, str, str]] = []
    for place, text, style in sorted(labels):
        at = max(place, found[-1][0] + 14 if found else 0.0)
        found.append((at, text, style))
    over = max((found[-1][0] - bottom if found else 0.0), 0.0)
    return [(place - over, text, style) for place, text, style in found]


def _style(index: int) -> str:
    return "dashed line" if _DASHES[index % len(_DASHES)] else "full line"


def _answer(found: Watched) -> str:
    tracks = found.tracks
    if not any(t.points for t in tracks):
        return "Nothing could be read yet."
    if found.load == "cpu":
        parts = [f"{t.name} {count_cpus(round(t.cpu, 2))} on average" for t in tracks]
        return f"{'; '.join(parts)}.{_reckoned(found)}"
    killed = sum(t.oom_kills for t in tracks)
    end = f" The kernel killed {count(killed, 'process', 'processes')} because memory ran out." if killed else ""
    if found.load == "memory":
        return "; ".join(f"{t.name} took {size(t.most_memory)} at most" for t in tracks) + f".{end}"
    if found.load == "both":
        parts = [
            f"{t.name}: {count_cpus(round(t.cpu, 2))} on average, {size(t.most_memory)} of memory at most"
            for t in tracks
        ]
        return "; ".join(parts) + f".{end}"
    if found.load == "processes":
        return (
            "; ".join(
                f"{t.name} had {t.most_pids} at most" + (", and more were refused" if t.pids_refused else "")
                for t in tracks
            )
            + "."
        )
    return (
        "; ".join(f"{t.name}: {size(t.most_memory)}, {t.cpu:.2f} CPU, {t.most_pids} processes at most" for t in tracks)
        + "."
    )


def _reckoned(found: Watched) -> str:
    """What the lightest one should get by the weights that the kernel has, beside what it got."""
    total = sum(t.cpu for t in found.tracks)
    if not found.by_weight or not total or any(t.few for t in found.tracks):
        return ""
    part, least = min(zip(found.by_weight, found.tracks, strict=True), key=lambda pair: pair[0])
    weights = " and ".join(str(t.shares) for t in found.tracks)
    return f" Weights {weights} give {least.name} {part:.0%}; it got {least.cpu / total:.0%}."


def _sentence(found: Watched) -> str:
    """For text/plain: what held, without figures that vary."""
    said = []
    for track in found.tracks:
        if track.few:
            said.append(_too_few(found, track))
            continue
        words = [f"{track.name} was watched for {found.seconds:g} s,"]
        last = track.points[-1] if track.points else None
        if last and last.memory_limit and found.load in ("memory", "both"):
            words.append(_memory(found, track, last.memory_limit))
        if last and last.pids_limit and found.load == "processes":
            words.append(
                "and was refused more processes" if track.pids_refused else "and stayed below its limit of processes"
            )
        if found.load in ("cpu", "both") and last and last.cpu_limit:
            words.append("and had to wait for CPU time" if track.throttled_seconds else "and never had to wait")
        said.append(" ".join(words).rstrip(",") + ("; it ended meanwhile." if track.ended else "."))
    if found.load == "cpu" and len(found.tracks) == 2 and not any(t.few for t in found.tracks):
        more, less = sorted(found.tracks, key=lambda t: t.cpu, reverse=True)
        if more.cpu > 1.5 * less.cpu:
            said.append(f"{more.name} got more CPU time than {less.name}.")
    return " ".join(said)


def _memory(found: Watched, track: Track, limit: int) -> str:
    """Whether memory ran out. A load that was to go beyond the limit may not have come so far in this time."""
    if track.oom_kills:
        return "and a process was killed because memory ran out"
    if found.wanted > limit:
        return "and had not yet come to its memory limit when the time was over"
    return "and stayed below its memory limit"


def _too_few(found: Watched, track: Track) -> str:
    """Says that there is nothing to conclude from; what was counted holds all the same."""
    read = ("was not read once", "was read only once", "was read only twice")[len(track.points)]
    counted = ""
    if found.load in ("memory", "both") and track.oom_kills:
        counted = "; a process was killed because memory ran out"
    elif found.load == "processes" and track.pids_refused:
        counted = "; it was refused more processes"
    end = "; it ended meanwhile" if track.ended else ""
    return f"{track.name} {read} in {found.seconds:g} s, too seldom to tell more{counted}{end}."


def _summary(found: Watched) -> Table:
    parts = [f"{part:.0%}" for part in found.by_weight] or [""] * len(found.tracks)
    total = sum(t.cpu for t in found.tracks)
    return Table(
        caption="In all",
        columns=(
            "container",
            "CPUs on average",
            "weight",
            "part by weight",
            "part it got",
            "waited, s",
            "most memory",
            "most processes",
            "refused",
            "killed",
        ),
        rows=tuple(
            (
                t.name,
                f"{t.cpu:.2f}",
                str(t.shares or "not set"),
                part,
                f"{t.cpu / total:.0%}" if part and total else "",
                f"{t.throttled_seconds:.2f}",
                size(t.most_memory),
                str(t.most_pids),
                str(t.pids_refused),
                str(t.oom_kills),
            )
            for t, part in zip(found.tracks, parts, strict=True)
        ),
    )


def _table(track: Track) -> Table:
    def most(value: float | None, words: Callable[[float], str]) -> str:
        return "" if value is None else f" of {words(value)}"

    return Table(
        caption=f"{track.name}, reading by reading",
        columns=("after, s", "memory", "CPUs", "periods waited", "processes"),
        rows=tuple(
            (
                f"{p.after:.1f}",
                size(p.memory) + most(p.memory_limit, size),
                f"{p.cpu:.2f}" + most(p.cpu_limit, lambda v: f"{v:g}"),
                f"{p.throttled * 100:.0f} %",
                f"{p.pids}" + most(p.pids_limit, lambda v: f"{v:.0f}"),
            )
            for p in track.points
        ),
    )
