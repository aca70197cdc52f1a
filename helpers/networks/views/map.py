"""Networks as lanes, containers as columns, an address at every tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.drawing import text
from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, fit, plain
from helpers.engine.model.container import MARKS, Published, State
from helpers.networks.model.networks import HOST, ICC, NONE, Change, Member, Network, NetworkMap, tap_label

LANES = 8  # networks without containers that are drawn all the same
_PLACES = {"": "*", "0.0.0.0": "*", "::": "*"}  # noqa: S104  the engine's words for any address
_CHANGED = {"+": ("good", "+ new"), "~": ("warn", "~ changed"), "−": ("bad", "− gone")}


@dataclass(frozen=True, kw_only=True)
class Room:
    """How much room lanes and columns have. All lengths are pixels.

    left: where the lanes' names begin; lanes: where the lanes do, right: where they end. across: columns side by side;
    more go below, with their own lanes. decks: rows of columns in the picture; the text version holds everything.
    many: containers from which on those that are alike are drawn as one. widest: of a column, with its gap.
    box, lane: how tall one is. host: True draws the engine's host above, with the ports that lead to it; without it
    each box has a line for its port.
    """

    left: float = MARGIN
    lanes: float = 176.0
    right: float = WIDTH - MARGIN
    across: int = 5
    decks: int = 4
    many: int = 18
    widest: float = 130.0
    box: int = 48
    lane: int = 56
    host: bool = True


CARD = Room()


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a container's box is drawn, in pixels. id: the container's."""

    id: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class Column:
    """One container, or several that are alike."""

    members: tuple[Member, ...]

    @property
    def first(self) -> Member:
        """The one that it is drawn like."""
        return self.members[0]


def network(found: Network) -> Figure:
    """One network, in words."""
    kinds = []
    kinds.append("containers on it find each other by name" if found.names else "containers have no names there")
    if found.internal:
        kinds.append("no way leads out")
    if not found.icc:
        kinds.append("they may not talk to each other")
    options = ["--internal"] * found.internal + ["--opt", f"{ICC}=false"] * (not found.icc)
    arguments = [repr(found.full_name)] + ["internal=True"] * found.internal
    arguments += [f"options={ {ICC: 'false'}!r}"] * (not found.icc)
    return Figure(
        sentence=f"Network {found.name}: {text.listed(kinds)}.",
        tables=(_networks_table((found,), None),),
        how=How(
            docker=(" ".join(["docker network create", *options, found.full_name]),),
            python=("import docker", f"print(docker.from_env().networks.create({', '.join(arguments)}).id)"),
            adds="labels, by which it finds what it made",
        ),
    )


def ordered(order: Sequence[str], call: str) -> How:
    """How an order was given. order: the words of the docker command. call: of docker-py's networks."""
    python = ("import docker", f"docker.from_env().networks.{call}")
    return How(docker=(" ".join(["docker", *order]),), python=python)


def network_map(found: NetworkMap, changes: Sequence[Change] = (), *, watched: bool = False) -> Figure:
    """The map. changes: what to mark."""
    answer = _answer(found)
    card = Card("Who is on which network?", answer)
    y = float(TOP) - 4
    if not found.members and not found.networks:
        card.text(MARGIN, y + 12, "No networks besides the engine's own, and no containers.", style="soft")
    y, _, hidden = lanes(card, y, found, {change.id: change.kind for change in changes})
    lonely = [n for n in found.networks if not found.on(n)]
    for words in _foot(found, hidden, lonely):
        y += 18
        card.text(MARGIN, y, words, style="n soft", room=WIDTH - 2 * MARGIN, size=12)
    for change in changes[:6]:
        y += 18
        colour, word = _CHANGED[change.kind]
        card.text(MARGIN, y, word, style=f"b n {colour}")
        card.text(MARGIN + 84, y, change.words, style="n", room=WIDTH - 2 * MARGIN - 84)
    if len(changes) > 6:
        y += 18
        card.text(MARGIN, y, f"and {len(changes) - 6} more changes: see the text version", style="n soft")
    if watched and not changes:
        card.text(MARGIN, y + 18, "Nothing has changed while it was watched.", style="n soft")
    said = sentence(found)
    if watched:
        said += " " + (
            f"Seen meanwhile: {text.listed(c.words for c in changes)}." if changes else "Nothing has changed."
        )
    return Figure(sentence=said, svg=card.svg(), alt=said, tables=_tables(found, changes), how=_how(found))


def lanes(
    card: Card, y: float, found: NetworkMap, marks: Mapping[str, str], room: Room = CARD
) -> tuple[float, list[Spot], int]:
    """Draws the columns over their lanes, from `y` down. marks: by id of a container or network, "+", "~" or "−".

    Returns: how far down it reaches; where each container has a box of its own; how many containers are not drawn.
    """
    columns = _columns(found, room.many)
    shown = columns[: room.across * room.decks]
    lonely = [n for n in found.networks if not found.on(n)]
    decks = [shown[at : at + room.across] for at in range(0, len(shown), room.across)] or [[]]
    spots: list[Spot] = []
    for number, deck in enumerate(decks):
        last = number == len(decks) - 1
        also = lonely if last and len(shown) == len(columns) and len(lonely) <= LANES else []
        y = _deck(card, y, found, deck, also, marks, number, room, spots)
    return y, spots, sum(len(c.members) for c in columns[len(shown) :])


def sentence(found: NetworkMap) -> str:
    """Who is on which network, without addresses."""
    parts = [f"{count(len(found.networks), 'network').capitalize()}, {count(len(found.members), 'container')}."]
    for net in found.networks[:12]:
        on = [_named(m) for m in found.on(net)]
        if len(on) > 12:
            on = [*on[:11], f"{len(on) - 11} more"]
        kind = " (internal)" if net.internal else ""
        parts.append(f"{net.name}{kind}: {text.listed(on) if on else 'nobody'}.")
    if len(found.networks) > 12:
        parts.append(f"And {len(found.networks) - 12} networks more.")
    for member in found.members:
        if member.partner:
            parts.append(f"{member.name} shares the network namespace of {found.owner(member).name}.")
        elif member.mode == HOST:
            parts.append(f"{member.name} uses the network of the engine's host.")
        elif member.mode == NONE:
            parts.append(f"{member.name} is on no network.")
    return " ".join(parts)


def _named(member: Member) -> str:
    return member.name if member.running else f"{member.name} ({member.state.value})"


def _answer(found: NetworkMap) -> str:
    published = [m.name for m in found.members if m.published]
    addresses = sorted({p.address or "0.0.0.0" for m in found.members for p in m.published})  # noqa: S104  a word
    first = f"{count(len(found.members), 'container')}, {count(len(found.networks), 'network')}.".capitalize()
    if not found.members:
        return first
    if not published:
        return f"{first} No port is published."
    if len(published) > 4:
        return f"{first} {len(published)} publish ports, on {text.listed(addresses[:3])}."
    only = "Only " if len(published) == 1 else ""
    verb = "is" if len(published) == 1 else "are"
    return f"{first} {only}{text.listed(published)} {verb} published, on {text.listed(addresses[:3])}."


def _columns(found: NetworkMap, many: int) -> list[Column]:
    """Containers in the order in which the fewest lines cross: by their networks; whoever shares comes beside."""
    place = {n.id: at for at, n in enumerate(found.networks)}

    def key(member: Member) -> tuple[object, ...]:
        owner = found.owner(member)
        taps = sorted(place.get(tap.network, 99) for tap in owner.taps)
        return (taps or [999], owner.name, owner.id, member.id != owner.id, member.name)

    members = sorted(found.members, key=key)
    if len(members) <= many:
        return [Column(members=(m,)) for m in members]
    alike: dict[object, list[Member]] = {}
    for member in members:
        nets = tuple(sorted(tap.network for tap in member.taps))
        own = member.published or member.mode or member.name == found.focus
        alike.setdefault(member.id if own else (nets, member.image, member.state), []).append(member)
    return [
        column
        for group in alike.values()
        for column in ([Column(members=tuple(group))] if len(group) > 2 else [Column(members=(m,)) for m in group])
    ]


def _deck(
    card: Card,
    y: float,
    found: NetworkMap,
    deck: Sequence[Column],
    lonely: Sequence[Network],
    marks: Mapping[str, str],
    number: int,
    room: Room,
    spots: list[Spot],
) -> float:
    """One row of columns over the lanes that they are on; returns how far down it reaches."""
    pitch = min(room.widest, (room.right - room.lanes) / max(len(deck), room.across - 1, 1))
    width = pitch - 10
    published = any(c.first.published for c in deck)
    box = room.box
    if room.host and (published or number == 0 or any(c.first.mode == HOST for c in deck)):
        card.rect(room.left, y, room.right - room.left, 28, "t-host")
        card.text(room.left + 12, y + 19, "the engine's host", style="b")
        band = y + 28
        top = band + (58 if published else 20)
    else:
        band = top = y
        box += 16 if published else 0
    used = {tap.network for c in deck for m in c.members for tap in m.taps}
    lanes = [n for n in found.networks if n.id in used] + list(lonely)
    at = {n.id: top + box + room.lane - 14 + place * room.lane for place, n in enumerate(lanes)}
    for place, column in enumerate(deck):
        x = room.lanes + place * pitch
        _column_lines(card, x, pitch, band, top, box, column, at, room)
    for net in lanes:
        _lane(card, at[net.id], net, marks, room.lanes + width / 2 - 8, room)  # as far as the first container's line
    for place, column in enumerate(deck):
        x = room.lanes + place * pitch
        _box(card, x, top, width, box, found, column, marks, room)
        if len(column.members) == 1:
            spots.append(Spot(id=column.first.id, x=x, y=top, width=width, height=box))
        for tap in column.first.taps:
            if tap.network in at:
                card.dot(x + width / 2, at[tap.network], "network")
                on = found.network(tap.network)
                many = len(column.members) > 1
                label = f"×{len(column.members)}" if many else tap_label(tap.address, on.subnets if on else ())
                card.text(
                    x + width / 2 + 9,
                    at[tap.network] - 7,
                    label or "—",
                    style="n" if many else "m",
                    room=pitch - width / 2 - 6,
                )
    bottom = max([top + box + 24, *(value + 26 for value in at.values())])
    return bottom + 14


def _column_lines(
    card: Card,
    x: float,
    pitch: float,
    band: float,
    top: float,
    box: int,
    column: Column,
    at: dict[str, float],
    room: Room,
) -> None:
    first = column.first
    middle = x + (pitch - 10) / 2
    if not room.host:
        pass
    elif first.mode == HOST:
        card.line(middle, band, middle, top, "s-host", thick=4)
    elif first.published:
        card.line(middle, band, middle, band + 10, "s-host", thick=2)
        card.line(middle, band + 46, middle, top, "s-host", thick=2)
        one = first.published[0]
        ports = len({(p.address, p.port) for m in column.members for p in m.published})
        address, port = _door(one)
        more = f" +{ports - 1}" if ports > 1 else ""
        card.text(x, band + 24, address, style="m", room=pitch)
        card.text(x, band + 40, f"{port} → {one.container_port}{more}", style="m", room=pitch)
    reached = [at[tap.network] for tap in first.taps if tap.network in at]
    if reached:
        card.line(middle, top + box, middle, max(reached), "s-container", thick=2, dashed=not first.running)


def _door(one: Published) -> tuple[str, str]:
    if one.address in ("", "0.0.0.0", "::"):  # noqa: S104  the engine's word
        return "any address", f":{one.port}"
    return one.address, f":{one.port}"


def _lane(card: Card, y: float, net: Network, marks: Mapping[str, str], right: float, room: Room) -> None:
    left, begin = room.left, room.lanes
    card.text(left, y - 9, net.name, style="b", room=begin - left - 14, size=14)
    card.text(left, y + 7, net.subnets[0] if net.subnets else net.driver, style="m soft", room=begin - left - 4)
    card.line(begin, y, room.right, y, "s-network", thick=5)
    if net.internal:  # closed at both ends
        card.line(begin, y - 8, begin, y + 8, "s-network", thick=3)
        card.line(room.right, y - 8, room.right, y + 8, "s-network", thick=3)
    words = ["names" if net.names else "no names"]
    if net.driver != "bridge":
        words.append(net.driver)
    if not net.icc:
        words.append("icc off")
    gateway = tap_label(net.gateways[0], net.subnets) if net.gateways else ""
    if net.internal:
        words.append("internal")
    elif gateway and net.icc:
        words.append(f"gateway {gateway}")
    right = begin - 8 if net.id in marks else right
    card.text(left, y + 23, " · ".join(words), style="n soft", room=right - left, size=12)
    if net.id in marks:
        colour, word = _CHANGED[marks[net.id]]
        card.text(begin + 8, y + 19, word, style=f"b n {colour}")


def _box(
    card: Card,
    x: float,
    y: float,
    width: float,
    height: int,
    found: NetworkMap,
    column: Column,
    marks: Mapping[str, str],
    room: Room,
) -> None:
    first, many = column.first, len(column.members) > 1
    if many:
        card.rect(x + 4, y - 4, width, height, "box", corner=6)
    card.box(x, y, width, height, "container", dashed=not first.running)
    if first.name == found.focus:
        card.rect(x - 3, y - 3, width + 6, height + 6, "s-container", corner=8)
    mark, colour = MARKS.get(first.state, ("–", "soft"))
    roomy = room.host or width > 110
    card.text(x + (10 if roomy else 6), y + 20, mark, style=f"b {colour}")
    name, times = _title(column)
    if roomy:
        space = width - 32 - 8 * len(times)
        card.text(x + 28, y + 20, fit(name, space, size=13.5 if room.host else 14.5) + times, style="b")
    else:
        card.text(x + 22, y + 20, fit(name, width - 23 - 8 * len(times), size=13) + times, style="b n")
    second = first.state.value if first.state is not State.RUNNING else first.image.rpartition("/")[2].partition(":")[0]
    kinds = sorted({marks[m.id] for m in column.members if m.id in marks})
    colour, second = _CHANGED[kinds[0]] if kinds else ("soft", second)
    card.text(x + 10, y + 37, second, style=f"n {'b ' if kinds else ''}{colour}", room=width - 16, size=12)
    if not room.host and first.published:
        one = first.published[0]
        ports = len({(p.address, p.port) for m in column.members for p in m.published})
        door = f"{_PLACES.get(one.address, '')}:{one.port}→{one.container_port}" + (
            f" +{ports - 1}" if ports > 1 else ""
        )
        card.text(x + 8, y + 53, door, style="m", room=width - 9)
    below = ""
    if first.partner:
        below = f"shares {found.owner(first).name}'s"
    elif first.mode == HOST:
        below = "host's network"
    elif first.mode == NONE:
        below = "no network"
    if below:
        card.text(x, y + height + 16, below, style="n soft", room=width + 8, size=12)


def _title(column: Column) -> tuple[str, str]:
    """The name, and how many there are of the kind."""
    if len(column.members) == 1:
        return column.first.name, ""
    names = [m.name for m in column.members]
    common = names[0]
    while common and not all(name.startswith(common) for name in names):
        common = common[:-1]
    return common.rstrip("-_.0123456789") or "alike", f" ×{len(names)}"


def _foot(found: NetworkMap, hidden: int, lonely: Sequence[Network]) -> list[str]:
    lines = []
    if hidden:
        lines.append(f"And {count(hidden, 'container')} more: name some, or focus on one; the text version has all.")
    if len(lonely) > LANES or (hidden and lonely):
        lines.append(f"{len(lonely)} networks have no container on them: see the text version.")
    if found.elsewhere:
        lines.append(f"{count(found.elsewhere, 'container').capitalize()} of the engine not shown.")
    return lines


def _tables(found: NetworkMap, changes: Sequence[Change]) -> tuple[Table, ...]:
    names = {n.id: n for n in found.networks}
    rows = []
    for member in found.members:
        at = [
            f"{names[tap.network].name} {tap.address}".strip() + (f" {tap.address6}" if tap.address6 else "")
            for tap in member.taps
            if tap.network in names
        ]
        kind = member.mode and ("the network of " + found.owner(member).name if member.partner else member.mode)
        rows.append(
            (
                member.name,
                member.state.value,
                ", ".join(at) or kind or "none",
                ", ".join(_published(p) for p in member.published),
                ", ".join(map(str, member.declares)),
                member.image,
                member.full_name,
            )
        )
    tables = [
        Table(
            caption="Containers",
            columns=("container", "state", "networks", "published", "declared", "image", "name on the engine"),
            rows=tuple(rows),
        ),
        _networks_table(found.networks, found),
    ]
    if changes:
        tables.append(
            Table(caption="Changes", columns=("change", "what"), rows=tuple((c.kind, c.words) for c in changes))
        )
    return tuple(tables)


def _published(one: Published) -> str:
    address = f"[{one.address}]" if ":" in one.address else one.address
    return f"{address}:{one.port} → {one.container_port}"


def _networks_table(networks: Sequence[Network], found: NetworkMap | None) -> Table:
    return Table(
        caption="Networks",
        columns=("network", "driver", "subnet", "gateway", "names", "way out", "containers", "name on the engine"),
        rows=tuple(
            (
                n.name,
                n.driver,
                ", ".join(n.subnets),
                ", ".join(n.gateways),
                "yes" if n.names else "no",
                "no (internal)" if n.internal else "yes" if n.icc else "yes; icc off",
                str(len(found.on(n))) if found is not None else "",
                n.full_name,
            )
            for n in networks
        ),
    )


def _how(found: NetworkMap) -> How:
    names = [plain(n.full_name) for n in found.networks[:6]]
    inspect = tuple(f"docker network inspect {name}" for name in names)
    return How(
        docker=("docker network ls", "docker ps --all", *inspect),
        python=(
            "import docker",
            "engine = docker.from_env()",
            f"for name in {names!r}:",
            "    for end in engine.networks.get(name).attrs['Containers'].values():",
            "        print(name, end['Name'], end['IPv4Address'])",
        )
        if names
        else ("import docker", "print(docker.from_env().networks.list())"),
    )
