"""The matrix: rows try, columns are tried; a cell holds a mark, a word and a colour. And the reason for one cell."""

from __future__ import annotations

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, listed
from helpers.networks.model.explanation import Explanation
from helpers.networks.model.reachability import HERE, THERE, Cell, Reach, Reachability, Way

ACROSS = 5  # columns side by side; more go below
ROWS, COLUMNS = 14, 25  # in the picture; the text version holds all
_LABEL = 112
_STATES = {
    Reach.REACHED: "good",
    Reach.REFUSED: "bad",
    Reach.FILTERED: "bad",
    Reach.NO_ROUTE: "bad",
    Reach.SOMEBODY_ELSE: "bad",
    Reach.NO_NAME: "bad",
    Reach.NO_DNS: "bad",
    Reach.UNTESTABLE: "none",
}


def matrix(found: Reachability) -> Figure:
    """Who can reach whom, as measured."""
    card = Card("Who can reach whom?", _answer(found))
    y = float(TOP) - 2
    sources, columns = found.sources[:ROWS], found.columns[:COLUMNS]
    if not columns:
        card.text(MARGIN, y + 12, "No containers to try.", style="soft")
    for at in range(0, len(columns), ACROSS):
        y = _panel(card, y, found, sources, columns[at : at + ACROSS]) + 16
    hidden = [
        count(number, word)
        for number, word in ((len(found.sources) - len(sources), "row"), (len(found.columns) - len(columns), "column"))
        if number > 0
    ]
    tried = count(len(found.attempts), "attempt")
    note = f"{tried} in {found.seconds:.1f} s, each from inside the source. A port means TCP."
    if hidden:
        note = f"And {' and '.join(hidden)} more: see the text version."
    card.note(note)
    said = sentence(found)
    return Figure(sentence=said, svg=card.svg(), alt=said, tables=_tables(found), how=_how(found))


def sentence(found: Reachability) -> str:
    """Who reaches whom by name, and what this computer reaches through a published port."""
    between = [cell for cell in found.cells if cell.source not in (HERE, THERE)]
    good = [f"{c.source} → {_column(found, c)}" for c in between if c.reach is Reach.REACHED]
    bad = [f"{c.source} → {_column(found, c)}" for c in between if c.reach is not Reach.REACHED]
    parts = []
    if between:
        parts.append(f"By name, {len(good)} of {len(between)} attempts between containers reached their target.")
        if good:
            parts.append(f"Reached: {', '.join(good)}." if len(good) <= 20 else "")
        if bad:
            parts.append(f"Not reached: {', '.join(bad)}." if len(bad) <= 20 else "")
    for source in (HERE, THERE):
        if source in found.sources:
            doors = [
                cell.target
                for cell in found.cells
                if cell.source == source and (best := cell.best(Way.PUBLISHED)) and best.reach is Reach.REACHED
            ]
            who = source[0].upper() + source[1:]
            parts.append(f"{who} reaches {listed(doors)} through a published port.")
            if any(a.source == source and a.reach is Reach.SOMEBODY_ELSE for a in found.attempts):
                parts.append(
                    f"{who} gets answers at addresses that no container has, so those at their own prove nothing: "
                    "a proxy or a VPN takes the calls."
                )
    return " ".join(filter(None, parts))


def explanation(found: Explanation) -> Figure:
    """Why one cell says what it says."""
    return Figure(
        sentence=found.text,
        tables=(
            Table(
                caption="One cell",
                columns=("from", "to", "port", "measured", "expected"),
                rows=(
                    (
                        found.source,
                        found.target,
                        str(found.port or ""),
                        found.reach.value,
                        " or ".join(sorted(r.value for r in found.expected)),
                    ),
                ),
            ),
        ),
    )


def _answer(found: Reachability) -> str:
    between = [cell for cell in found.cells if cell.source not in (HERE, THERE)]
    good = sum(cell.reach is Reach.REACHED for cell in between)
    said = f"{good} of {len(between)} pairs reached by name, tried just now from inside the source." if between else ""
    return said or "Every cell was tried just now."


def _column(found: Reachability, cell: Cell) -> str:
    return f"{cell.target}:{cell.port}" if len(found.ports(cell.target)) > 1 else cell.target


def _panel(
    card: Card, y: float, found: Reachability, sources: tuple[str, ...], columns: tuple[tuple[str, int], ...]
) -> float:
    left = MARGIN + _LABEL + 4
    across = min(146.0, (WIDTH - MARGIN - left) / max(len(columns), 4))
    card.text(MARGIN, y + 26, "from \\ to", style="soft")
    for place, (name, port) in enumerate(columns):
        x = left + place * across
        card.text(x + 4, y + 12, name, style="b", room=across - 10, size=14)
        card.text(x + 4, y + 27, f":{port}" if port else "no port", style="m soft", room=across - 10)
    y += 36
    for source in sources:
        cells = [found.cell(source, name, port) if name != source else None for name, port in columns]
        lines = [_words(found, cell) if cell else ("none", "", "") for cell in cells]
        height = 40 if any(second for _, _, second in lines) else 28
        card.text(MARGIN, y + height / 2 + 4, source, style="b", room=_LABEL, size=14)
        for place, (state, word, second) in enumerate(lines):
            x = left + place * across
            card.rect(x, y, across - 4, height, "box" if state == "none" else f"t-{state}")
            if cells[place] is None:
                card.text(x + 8, y + height / 2 + 4, "·", style="b soft")
                continue
            base = y + (16 if second else height / 2 + 4)
            card.mark(x + 6, base, state)
            card.text(x + 20, base, word, style="n")  # one of a few words, and all of them fit
            if second:
                good = second.startswith("✓")
                card.text(x + 6, base + 16, second[0] if good else "", style="b good" if good else "")
                card.text(x + 20, base + 16, second[2:] if good else second, style="n", room=across - 32, size=12)
        y += height + 5
    return y


def _words(found: Reachability, cell: Cell) -> tuple[str, str, str]:
    """State, word, and a second line: another way that works, or the port to call."""
    address, head = cell.by_address, cell.headline
    reached = address is not None and address.reach is Reach.REACHED
    if cell.source in (HERE, THERE):
        door = cell.best(Way.PUBLISHED)
        if door is None:
            member = found.map.member(cell.target)
            if member.mode == "host" and reached:
                return "good", "reached", "on the host itself"
            second = "✓ at its address" if reached else ""
            if address is not None and address.reach is Reach.SOMEBODY_ELSE:
                second = address.reach.value
            return "bad", "not published", second
        return _STATES[door.reach], door.reach.value, f"port {door.port}"
    if head is None:
        return "none", Reach.UNTESTABLE.value, ""
    if head.reach is Reach.UNTESTABLE and not found.map.member(cell.source).running:
        return "none", Reach.UNTESTABLE.value, "not running"
    second = "✓ at its address" if reached and head.reach is not Reach.REACHED else ""
    if head.others and head.reach is Reach.NO_NAME:
        second = second or "leads elsewhere"
    return _STATES[head.reach], head.reach.value, second


def _cell(found: Reachability, source: str, target: str, port: int) -> str:
    """A cell of the matrix in words."""
    if source == target:
        return "-"
    _, word, second = _words(found, found.cell(source, target, port))
    return f"{word} ({second.removeprefix('✓ ')})" if second else word


def _tables(found: Reachability) -> tuple[Table, ...]:
    rows = []
    for a in found.attempts:
        by = {Way.ADDRESS: f"address ({a.place})" if a.place else "address"}.get(a.way, a.way.value)
        rows.append(
            (
                a.source,
                a.target,
                by,
                f"{a.tried or 'none'}:{a.port}" if a.port else a.tried or "none",
                a.reach.value,
                ", ".join(a.resolved),
            )
        )
    heard = tuple(
        (
            name,
            "could not be seen" if found_ is None else ", ".join(f"{o.address}:{o.port}" for o in found_) or "nothing",
        )
        for name, found_ in found.listening.items()
    )
    return (
        Table(
            caption="From each row to each column",
            columns=("from", *(f"{name}:{port}" if port else name for name, port in found.columns)),
            rows=tuple(
                (source, *(_cell(found, source, *column) for column in found.columns)) for source in found.sources
            ),
        ),
        Table(
            caption=f"Every attempt ({len(rows)}, {found.seconds:.1f} s)",
            columns=("from", "to", "by", "tried", "outcome", "the name led to"),
            rows=tuple(rows),
        ),
        Table(caption="What listens", columns=("container", "address and port"), rows=heard),
    )


def _how(found: Reachability) -> How:
    good = next(
        (
            a
            for a in found.attempts
            if a.reach is Reach.REACHED and a.source not in (HERE, THERE) and a.way in (Way.NAME, Way.ALIAS) and a.port
        ),
        None,
    )
    if good is None:
        return How()
    full = found.map.member(good.source).full_name
    return How(
        docker=(
            f"docker run --rm --network container:{full} localhost/course/busybox:1 "
            f"sh -c 'nslookup -type=a {good.tried} && nc -w 1 {good.tried} {good.port} -e true && echo reached'",
        ),
        python=(
            "import docker",
            f"command = ['nc', '-w', '1', {good.tried!r}, '{good.port}', '-e', 'true']",
            "made = docker.from_env().containers.run('localhost/course/busybox:1', command, remove=True,",
            f"    network_mode='container:{full}')",
            "print('reached')",
        ),
    )
