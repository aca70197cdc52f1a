"""Who has what a program needs, and what became of it there; and what one machine was made of."""

from __future__ import annotations

import re
import shlex

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, listed, plain, width
from helpers.packaging.model.requirements import Cell, Comparison, Fit, Machine, Need
from helpers.packaging.model.stand_ins import StandIn

ACROSS, DOWN = 6, 12  # machines and needs in the picture; the text version holds all
_ROW = 40
_MARKS = {Fit.THERE: "good", Fit.MISSING: "bad", Fit.OLD: "warn", Fit.NEW: "warn", Fit.UNCLEAR: "warn"}
_HUMPS = re.compile(r"[A-Z]?[^A-Z\s]+\s*|[A-Z]\s*|\s+")


def stand_in(found: StandIn) -> Figure:
    """What was put on somebody's machine, in words."""
    whose = f"{found.name}'" if found.name.endswith("s") else f"{found.name}'s"
    packages = [f"{name} {version}" for name, version in found.packages]
    sentence = f"A stand-in for {whose} machine: {', '.join([f'Python {found.python}', *packages])}"
    sentence += f"; in {found.folder}: {', '.join(found.files)}." if found.files else "; no files."
    return Figure(
        sentence=sentence,
        tables=(
            Table(
                caption="What it was built from",
                columns=("line", "Dockerfile"),
                rows=tuple((str(i), line) for i, line in enumerate(found.dockerfile.splitlines(), start=1)),
            ),
            Table(caption="What stands for it", columns=("image",), rows=((found.reference,),)),
        ),
        how=How(
            docker=(f"docker run --rm {found.reference} sh -c {shlex.quote(f'pip list; ls -A {found.folder}')}",)
            if found.files
            else (f"docker run --rm {found.reference} pip list",),
            python=(
                "import docker",
                f"made = docker.from_env().containers.run({found.reference!r}, ['pip', 'list'], remove=True)",
                "print(made.decode())",
            ),
        ),
    )


def comparison(found: Comparison) -> Figure:
    """Rows are needs, columns machines; a cell holds a mark and a word, never colour alone."""
    first, *more = _answer(found)
    card = Card("What does the shop need, and who has it?", first)
    for number, line in enumerate(more, start=1):
        card.text(MARGIN, 54 + 18 * number, line, style="soft", room=WIDTH - 2 * MARGIN)
    shown, asked = found.machines[:ACROSS], found.needs[:DOWN]
    label = 176 if len(shown) <= 4 else 148
    left = MARGIN + label
    across = min(180.0, (WIDTH - MARGIN - left + 6) / max(len(shown), 1))
    y = float(TOP) - 8 + 18 * len(more)
    for index, machine in enumerate(shown):
        x = left + index * across
        card.box(x, y, across - 6, 30, "image")
        card.text(x + 12, y + 20, machine.name, style="b", room=across - 21, size=14)
    y += 40
    for row, need in enumerate(asked):
        card.text(MARGIN, y + 22, str(need), style="m", room=label - 12)
        for index, machine in enumerate(shown):
            _cell(card, left + index * across, y, across - 6, machine.cells[row])
        y += _ROW
    card.line(MARGIN, y + 2, WIDTH - MARGIN, y + 2, "rule", thick=1)
    y += 10
    outcomes = [_broken(machine.happened, across - 34) for machine in shown]
    height = 18 + 15 * max(map(len, outcomes), default=1)
    card.text(MARGIN, y + height / 2 + 4, "what happened", style="b", room=label - 12, size=14)
    for index, (machine, lines) in enumerate(zip(shown, outcomes, strict=True)):
        _outcome(card, left + index * across, y, across - 6, height, lines, works=machine.works)
    hidden = [
        count(number, word)
        for number, word in (
            (len(found.machines) - len(shown), "machine"),
            (len(found.needs) - len(asked), "need"),
        )
        if number > 0
    ]
    if hidden:
        card.note(f"And {' and '.join(hidden)} more: see the text version.")
    else:
        card.note(f"On each, {plain(shlex.join(found.command))} was run in a container, which is gone again.")
    return Figure(
        sentence=sentence(found),
        svg=card.svg(),
        alt=sentence(found),
        tables=(_has(found), _happened(found)),
        how=_how(found),
    )


def sentence(found: Comparison) -> str:
    """Who has everything, who lacks what, and whose outcome does not follow from that."""
    rest = "; ".join(_rest(found))
    return f"{_met(found)} {rest}." if rest else _met(found)


def _met(found: Comparison) -> str:
    number = len(found.machines)
    met = sum(machine.met for machine in found.machines)
    if number and met == number:
        return "The shop's needs are met on " + ("the one machine." if number == 1 else f"all {number} machines.")
    return f"The shop's needs are met on {met} of {count(number, 'machine')}."


def _rest(found: Comparison) -> list[str]:
    return [said for machine in found.machines if (said := _lacks(found, machine))]


def _lacks(found: Comparison, machine: Machine) -> str:
    pairs = list(zip(found.needs, machine.cells, strict=True))
    if pairs and all(cell.fit is Fit.UNSEEN for _, cell in pairs):
        return f"{machine.name} has no shell to look with" + ("" if machine.works else f": {machine.happened}")
    parts = []
    if missing := [need.name for need, cell in pairs if cell.fit is Fit.MISSING]:
        parts.append(f"lacks {listed(missing)}")
    if other := [f"{n.name} {c.version} where {n.condition} is needed" for n, c in pairs if c.fit not in _PLAIN]:
        parts.append(f"has {listed(other)}")
    if parts:
        return f"{machine.name} {', and '.join(parts)}" + (", and yet it works there" if machine.works else "")
    return "" if machine.works else f"{machine.name} has everything, and yet: {machine.happened}"


_PLAIN = (Fit.THERE, Fit.MISSING, Fit.UNSEEN)


def _answer(found: Comparison) -> list[str]:
    """The lines under the question: the fullest that two lines have room for; the cells say the rest."""
    brief = [f"{machine.name} {_brief(found.needs, machine)}" for machine in found.machines if not machine.met]
    first = _met(found)
    for parts in (_rest(found), brief):
        lines = [""]
        for number, part in enumerate(parts):
            text = plain(part) + ("." if number == len(parts) - 1 else ";")
            if lines[-1] and width(f"{lines[-1]} {text}") > WIDTH - 2 * MARGIN:
                lines.append("")
            lines[-1] = f"{lines[-1]} {text}".strip()
        if len(lines) <= 2 and all(width(line) <= WIDTH - 2 * MARGIN for line in lines):
            return [first, *filter(None, lines)]
    numbers = [(m.name, sum(cell.fit is not Fit.THERE for cell in m.cells)) for m in found.machines if not m.met]
    counts = f"Missing, or not fitting: {', '.join(f'{plain(name)} {number}' for name, number in numbers)}."
    if not numbers:
        return [first]
    return [first, counts if width(counts) <= WIDTH - 2 * MARGIN else "The text version says who lacks what."]


def _brief(needs: tuple[Need, ...], machine: Machine) -> str:
    """`lacks goods.csv, humanize too old`."""
    pairs = [(need.name.rpartition("/")[2] or need.name, cell) for need, cell in zip(needs, machine.cells, strict=True)]
    missing = [name for name, cell in pairs if cell.fit in (Fit.MISSING, Fit.UNSEEN)]
    other = [f"{name} {cell.fit.value}" for name, cell in pairs if cell.fit not in _PLAIN]
    return ", ".join([f"lacks {listed(missing)}"] * bool(missing) + other)


def _cell(card: Card, x: float, y: float, room: float, cell: Cell) -> None:
    state = _MARKS.get(cell.fit, "none")
    card.rect(x, y, room, _ROW - 6, "box" if state == "none" else f"t-{state}")
    second = cell.fit.value if cell.version and cell.fit is not Fit.THERE else ""
    base = y + (15 if second else 22)
    card.mark(x + 8, base, state)
    # digits are wider than most letters, so a version is measured as a larger type
    card.text(x + 24, base, cell.version or cell.fit.value, style="n", room=room - 26, size=13 if cell.version else 12)
    if second:
        card.text(x + 24, base + 14, second, style="n", room=room - 26)


def _outcome(card: Card, x: float, y: float, room: float, height: float, lines: list[str], *, works: bool) -> None:
    state = "good" if works else "bad"
    card.rect(x, y, room, height, f"t-{state}")
    base = y + height / 2 + 4 - 7.5 * (len(lines) - 1)
    card.mark(x + 8, base, state)
    for number, line in enumerate(lines):
        card.text(x + 24, base + 15 * number, line, style="n", room=room - 26)


def _broken(words: str, room: float) -> list[str]:
    """`words` on up to three lines, broken at spaces and before capitals; the last is cut if that is not enough."""
    words = plain(words)
    lines = [""]
    pieces = _HUMPS.findall(words)
    for number, piece in enumerate(pieces):
        if lines[-1].strip() and width((lines[-1] + piece).rstrip(), size=12) > room:
            if len(lines) == 3:
                return [*lines[:2], lines[2] + "".join(pieces[number:])]
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def _has(found: Comparison) -> Table:
    return Table(
        caption="What each machine has",
        columns=("need", *(machine.name for machine in found.machines)),
        rows=tuple(
            (str(need), *(machine.cells[row].words for machine in found.machines))
            for row, need in enumerate(found.needs)
        ),
    )


def _happened(found: Comparison) -> Table:
    return Table(
        caption=f"What happened: {shlex.join(found.command)}",
        columns=("machine", "exit code", "outcome", "image"),
        rows=tuple(
            (m.name, "none" if m.exit_code is None else str(m.exit_code), m.error or "works", m.image)
            for m in found.machines
        ),
    )


def _how(found: Comparison) -> How:
    words = shlex.join(found.command)
    # with docker-py a container whose program is missing is made and stays behind: those are left out
    images = [machine.image for machine in found.machines if machine.exit_code not in (None, 126, 127)]
    return How(
        docker=tuple(f"docker run --rm {shlex.quote(machine.image)} {words}" for machine in found.machines),
        python=(
            "import docker",
            "engine = docker.from_env()",
            f"for image in {images!r}:",
            f"    made = engine.containers.run(image, {list(found.command)!r}, detach=True)",
            "    print(image, made.wait()['StatusCode'], made.logs().decode())",
            "    made.remove()",
        )
        if images
        else (),
    )
