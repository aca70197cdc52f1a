"""The namespace grid, and one process from both sides."""

from __future__ import annotations

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, width
from helpers.isolation.model.host_processes import BothSides, Seen
from helpers.isolation.model.namespaces import BY_ENGINE, KINDS, Column, Grid

ACROSS = 6  # columns in the picture; the text version holds all
# A letter's colour: what is shared with the host is grey, each further group has one of its own; the letter tells.
_GROUPS = ("container", "network", "volume", "image")
_LABEL, _ROW = 196.0, 40.0


def grid(found: Grid) -> Figure:
    """Rows are kinds, columns host and containers. The same letter and colour: the same namespace."""
    answer = _answer(found)
    card = Card("Which part of the machine does each one have to itself?", answer)
    shown = found.columns[:ACROSS]
    left = MARGIN + _LABEL
    across = min(176.0, (WIDTH - MARGIN - left + 6) / max(len(shown), 1))
    y = float(TOP) - 8
    for index, column in enumerate(shown):
        x = left + index * across
        card.box(x, y, across - 6, 30, "host" if column.host else "container")
        name = "host" if column.host and across < 130 else column.name
        card.text(x + 12, y + 20, name, style="b", room=across - 21, size=14)
    y += 38
    for kind, meaning in KINDS.items():
        card.text(MARGIN, y + 16, kind, style="m")
        card.text(MARGIN, y + 31, meaning, style="n soft", room=_LABEL - 8)
        letters = found.letters(kind)
        host = next((mark for c, mark in zip(found.columns, letters, strict=True) if c.host), "")
        marks = [mark for mark in dict.fromkeys(letters) if mark not in ("", "?", host)]
        for index, (column, mark) in enumerate(zip(shown, letters, strict=False)):
            colour = "host" if mark == host else _GROUPS[marks.index(mark) % len(_GROUPS)] if mark in marks else ""
            _cell(card, left + index * across, y, across - 6, column, kind, mark, colour)
        y += _ROW
    more = len(found.columns) - len(shown)
    card.note(
        "The same letter in a row: the same namespace, shared. No letter: its own. Under it, the kernel's number."
        if not more
        else f"The same letter in a row: shared. No letter: its own. {count(more, 'column')} more in the text version."
    )
    return Figure(
        sentence=_sentence(found),
        svg=card.svg(),
        alt=answer,
        tables=(_table(found),),
        how=_how(found),
    )


def _cell(card: Card, x: float, y: float, wide: float, column: Column, kind: str, mark: str, colour: str) -> None:
    number = column.numbers.get(kind)
    if number is None:
        card.rect(x, y, wide, _ROW - 6, "box", dashed=True)
        card.text(x + 10, y + 21, "? can't tell", style="n soft", room=wide - 14)
        return
    if not mark:
        card.rect(x, y, wide, _ROW - 6, "box")
        card.text(x + 10, y + 14, "its own", style="n", room=wide - 14)
    else:
        card.rect(x, y, wide, _ROW - 6, f"t-{colour}")
        card.rect(x, y, wide, _ROW - 6, f"s-{colour}")
        card.text(x + 10, y + 14, f"{mark} shared", style="n b", room=wide - 14)
    edge = 10 if wide > 90 else 5
    card.text(x + edge, y + 29, str(number), style="m soft", room=wide - edge)


def _answer(found: Grid) -> str:
    """One line: what is shared with whom."""
    if not found.containers:
        return "There are no containers to compare."
    if found.host is None:
        return "This engine does not let a container look at its host."
    pairs = [f"{kind} ({_names(found, kind)})" for kind in KINDS if _groups(found, kind)]
    if not pairs:
        return "Nothing is shared: each has every namespace to itself."
    line = f"Shared: {', '.join(pairs)}."
    if width(line) <= WIDTH - 2 * MARGIN:
        return line
    everyone = [kind for kind in KINDS if _names(found, kind) == "all"]
    some = [kind for kind in KINDS if _groups(found, kind) and kind not in everyone]
    return f"Shared by all: {', '.join(everyone) or 'nothing'}; by some: {', '.join(some) or 'nothing'}."


def _names(found: Grid, kind: str) -> str:
    return ", ".join("all" if len(g) == len(found.columns) else " + ".join(g) for g in _groups(found, kind))


def _groups(found: Grid, kind: str) -> list[list[str]]:
    letters = found.letters(kind)
    return [
        ["host" if c.host else c.name for c, one in zip(found.columns, letters, strict=True) if one == mark]
        for mark in dict.fromkeys(letters)
        if mark not in ("", "?")
    ]


def _sentence(found: Grid) -> str:
    """For text/plain: what containers share with each other in those rows that do not depend on the engine."""
    names = [column.name for column in found.containers]
    if not names:
        return "There are no containers to compare."
    hosts = [column.host for column in found.columns]
    alone = {kind: all(h or not mark for h, mark in zip(hosts, found.letters(kind), strict=True)) for kind in KINDS}
    own = [kind for kind in KINDS if alone[kind] and kind not in BY_ENGINE]
    sentence = f"Namespaces of {', '.join(names)}. "
    sentence += f"Each one has to itself: {', '.join(own)}." if own else "There is no kind that each one has to itself."
    for kind in KINDS:
        if kind in own or kind in BY_ENGINE:  # the picture says
            continue
        groups = [" and ".join(group) for group in _groups(found, kind)]
        sentence += f" {kind}: shared by {'; by '.join(groups)}." if groups else f" {kind}: can't tell."
    return sentence


def _table(found: Grid) -> Table:
    rows = []
    for kind, meaning in KINDS.items():
        cells = []
        for column, mark in zip(found.columns, found.letters(kind), strict=True):
            number = column.numbers.get(kind)
            if number is None:
                cells.append(f"can't tell: {column.why_not.get(kind, 'not found')}")
            else:
                cells.append(f"{number} ({f'{mark}, shared' if mark else 'its own'})")
        rows.append((kind, meaning, *cells))
    return Table(
        caption="The number of each namespace",
        columns=("kind", "what it cuts off", *(column.name for column in found.columns)),
        rows=tuple(rows),
    )


def _how(found: Grid) -> How:
    first = next((column for column in found.containers if column.pid), None)
    if first is None:
        return How()
    look = f"ls -l /proc/{first.pid}/ns"
    image = "localhost/course/busybox:1"
    return How(
        docker=(
            f"docker inspect --format '{{{{.State.Pid}}}}' {first.full_name}",
            f"docker run --rm --pid host --cap-add SYS_PTRACE {image} {look}",
        ),
        python=(
            "import docker",
            f"pid = docker.from_env().containers.get({first.full_name!r}).attrs['State']['Pid']",
            f"docker.from_env().containers.run({image!r}, ['ls', '-l', f'/proc/{{pid}}/ns'],",
            "    pid_mode='host', cap_add=['SYS_PTRACE'], remove=True).decode()",
        ),
    )


def both_sides(found: BothSides) -> Figure:
    """Two boxes: what the process sees, and what the engine's host sees of the same process."""
    inside = _number(found.pid_inside)
    answer = (
        f"One process, two numbers: {inside} inside, {found.pid} on the engine's host, among {found.host_number}."
        if found.process
        else f"Can't tell: {found.why_not}."
    )
    if found.process and found.pid_inside == found.pid:
        answer = f"The same number, {found.pid}, on both sides: it shares the host's process namespace."
    card = Card("Who is this process, from inside and from outside?", answer)
    rows = _rows(found)
    left, half = float(MARGIN), (WIDTH - 2 * MARGIN - 116) / 2
    card.box(left + 104, TOP - 8, half, 30, "container")
    card.text(left + 118, TOP + 12, f"inside {found.name}", style="b", room=half - 24)
    card.box(left + 116 + half, TOP - 8, half, 30, "host")
    card.text(left + 130 + half, TOP + 12, "on the engine's host", style="b", room=half - 24)
    y = float(TOP) + 44
    for label, within, without in rows:
        card.text(left, y, label, style="soft", room=98)
        card.text(left + 118, y, within, style="m", room=half - 20)
        card.text(left + 130 + half, y, without, style="m", room=half - 20)
        card.line(left, y + 8, WIDTH - MARGIN, y + 8, "rule", thick=1)
        y += 26
    y += 8
    card.text(left, y, "processes", style="soft")
    tree = [(p, f"{p.inside}  {p.name}") for p in found.tree[:8]]
    for index, (_, words) in enumerate(tree):
        card.text(left + 118, y + index * 18, words, style="m", room=half - 20)
    for index, (p, depth) in enumerate(_outside(found)[:10]):
        mark = "└ " if depth else ""
        card.text(
            left + 130 + half + 12 * depth,
            y + index * 18,
            f"{mark}{p.pid}  {p.name}",
            style="m",
            room=half - 20 - 12 * depth,
        )
    card.note("The program did not move: its view was cut. The same name on both sides is the same process.")
    if not found.process:
        sentence = f"The first process of {found.name} could not be seen: {found.why_not}."
    elif found.pid_inside == found.pid:
        sentence = f"The first process of {found.name} has the same number inside and on the engine's host: "
        sentence += "it shares the host's process namespace."
    else:
        sentence = f"The first process of {found.name} has number {inside} inside. On the engine's host it is an "
        sentence += "ordinary process with another number."
    return Figure(
        sentence=sentence,
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(
                caption="The same process",
                columns=("what", "inside", "on the engine's host"),
                rows=_rows(found, whole=True),
            ),
            Table(
                caption="Processes of the container",
                columns=("name", "number inside", "number on the engine's host"),
                rows=tuple((p.name, str(p.inside), str(p.pid)) for p in found.tree),
            ),
            Table(
                caption="Its parents on the engine's host",
                columns=("name", "number"),
                rows=tuple((p.name, str(p.pid)) for p in found.parents),
            ),
        ),
        how=How(
            docker=(f"docker top {found.full_name} -o pid,ppid,user,comm", f"docker exec {found.full_name} ps"),
            python=(
                "import docker",
                f"one = docker.from_env().containers.get({found.full_name!r})",
                "one.attrs['State']['Pid'], one.exec_run('ps').output.decode()",
            ),
        ),
    )


def _outside(found: BothSides) -> list[tuple[Seen, int]]:
    """Its parents from the top, then the container's processes below them, each with its depth."""
    rows = [(p, depth) for depth, p in enumerate(found.parents[-4:])]
    deep = {p.pid: depth for p, depth in rows}
    left = list(found.tree)
    for _ in range(len(left)):
        ready = [p for p in left if p.parent in deep] or left[:1]
        for p in ready:
            deep[p.pid] = deep.get(p.parent, -1) + 1
            rows.append((p, deep[p.pid]))
            left.remove(p)
        if not left:
            break
    return rows


def _rows(found: BothSides, *, whole: bool = False) -> tuple[tuple[str, str, str], ...]:
    def faces(names: tuple[str, ...]) -> str:
        if not names:
            return "can't tell"
        return ", ".join(names) if whole or len(names) <= 3 else f"{', '.join(names[:3])} and {len(names) - 3} more"

    return (
        ("number", _number(found.pid_inside), str(found.pid)),
        ("user", _user(found.user_inside), _user(found.user_outside)),
        ("host name", found.host_name_inside or "can't tell", found.host_name_outside or "can't tell"),
        ("interfaces", faces(found.interfaces_inside), faces(found.interfaces_outside)),
        ("mounts", _number(found.mounts_inside), _number(found.mounts_outside)),
        (
            "can see",
            count(len(found.tree), "process", "processes") if "pid" not in found.shared else "all of them",
            count(found.host_number, "process", "processes"),
        ),
    )


def _number(value: int | None) -> str:
    return "can't tell" if value is None else str(value)


def _user(value: int | None) -> str:
    return "can't tell" if value is None else f"{value} (root)" if value == 0 else str(value)
