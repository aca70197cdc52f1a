"""What a container has changed; one image and its containers; what a number of containers costs."""

from __future__ import annotations

import shlex

from helpers.containers.model.changed_files import READ, Change, Changes, Copied, Copy, Costs, Family, Kind
from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, plain, size
from helpers.engine.model.container import MARKS
from helpers.engine.model.exit_code import Ending
from helpers.oci.history import Origin

SIGNS = {Kind.ADDED: ("+", "good"), Kind.CHANGED: ("~", "warn"), Kind.REMOVED: ("−", "bad")}
ROOM = WIDTH - 2 * MARGIN
MOST = 12  # rows or containers that a picture shows


def changes(found: Changes) -> Figure:
    """A row for each path. Folders that only hold a changed path are in the text version alone."""
    name = plain(found.container.name)
    own = found.own
    parts = [
        f"{len([c for c in own if c.kind is kind])} {kind.value}" for kind in Kind if any(c.kind is kind for c in own)
    ]
    said = f"{name}: {', '.join(parts)}." if own else f"{name} has changed nothing."
    card = Card(f"What has {name} changed in its own layer?", said)
    y = float(TOP)
    for change in own[:MOST]:
        sign, colour = SIGNS[change.kind]
        card.text(MARGIN, y + 8, sign, style=f"b {colour}")
        card.text(MARGIN + 18, y + 8, change.kind.value, style="n")
        card.text(MARGIN + 90, y + 8, change.path, style="m", room=ROOM - 90)
        y += 22
    if len(own) > MOST:
        card.text(MARGIN, y + 8, f"and {len(own) - MOST} more: see the text version", style="soft")
    listed = ", ".join(f"{SIGNS[c.kind][0]} {plain(c.path)}" for c in own[:MOST])
    return Figure(
        sentence=said[:-1] + (f": {listed}." if own else "."),
        svg=card.svg(),
        alt=f"{said} {listed}",
        tables=(
            Table(
                caption="Against the image: A added, C changed, D removed; a folder counts when something in it does",
                columns=("letter", "change", "path"),
                rows=tuple((c.kind.letter, c.kind.value, c.path) for c in found.changes),
            ),
        ),
        how=How(
            docker=(f"docker diff {found.container.full_name}",),
            python=(
                "import docker",
                f"print(docker.from_env().containers.get({found.container.full_name!r}).diff())",
            ),
        ),
    )


def copied(found: Copied) -> Figure:
    """The file's text."""
    name = plain(found.container.name)
    if found.written:
        return Figure(
            sentence=f"{name} has the file {plain(found.path)} now.",
            terminal=found.text,
            how=How(docker=(f"docker cp FILE {found.container.full_name}:{shlex.quote(plain(found.path))}",)),
        )
    cut = ""
    if found.cut:
        cut = f" These are its first {size(READ)} of {size(found.size)}; the command under How brings all of it."
    return Figure(
        sentence=f"{name} holds {plain(found.path)}:{cut}",
        terminal=found.text,
        how=How(
            docker=(f"docker cp {found.container.full_name}:{shlex.quote(plain(found.path))} -",),
            python=(
                "import docker",
                f"pieces, facts = docker.from_env().containers.get({found.container.full_name!r})"
                f".get_archive({found.path!r})",
                "print(facts)",
            ),
        ),
    )


def family(found: Family) -> Figure:
    """The image's layers once, below; each container's writable layer above."""
    number, image = len(found.copies), plain(found.image)
    own = size(found.own_size)
    said = (
        f"{count(number, 'container')}, one image: {size(found.image_size)} once, and {own} of their own."
        if number
        else f"No container of the course is made from {image}."
    )
    card = Card("What do the containers of one image share?", said)
    y = _copies(card, found, float(TOP))
    y += 10
    layers = found.layers[-6:]
    card.text(MARGIN, y + 8, "read-only, drawn once because it is there once:", style="n soft")
    y += 16
    for layer in reversed(layers):
        card.rect(MARGIN, y, ROOM, 24, "t-image")
        card.rect(MARGIN, y, 4, 24, "image", corner=0)
        card.text(MARGIN + 14, y + 16, _instruction(layer.made_by), style="m", room=ROOM - 120)
        card.text(WIDTH - MARGIN - 10, y + 16, size(layer.size), style="n", end=True)
        y += 28
    if len(found.layers) > 6:
        card.text(MARGIN, y + 12, f"and {len(found.layers) - 6} more layers below", style="n soft")
    card.note("Each container reads the image's files through its own thin layer, and writes only there.")
    names = ", ".join(f"{plain(c.name)} {_own(c)}" for c in found.copies[:MOST])
    return Figure(
        sentence=f"{count(number, 'container').capitalize()} made from one image share its read-only layers."
        if number
        else said,
        svg=card.svg(),
        alt=f"{said} {names}",
        tables=(
            Table(
                caption="Writable layers",
                columns=("container", "state", "own layer, bytes", "changed paths"),
                rows=tuple(
                    (
                        c.name,
                        c.state.value,
                        str(c.size),
                        ", ".join(f"{x.kind.letter} {x.path}" for x in c.changes or ()),
                    )
                    for c in found.copies
                ),
            ),
            Table(
                caption=f"Layers of {found.image}, top first",
                columns=("made by", "size, bytes"),
                rows=tuple((layer.made_by, str(layer.size)) for layer in reversed(found.layers)),
            ),
        ),
        how=How(
            docker=(
                f"docker ps --all --size --filter ancestor={shlex.quote(image)}",
                f"docker history {shlex.quote(image)}",
            ),
            python=(
                "import docker",
                "engine = docker.from_env()",
                f"for row in engine.api.containers(all=True, size=True, filters={{'ancestor': {found.image!r}}}):",
                "    print(row['Names'], row.get('SizeRw', 0))",
            ),
        ),
    )


def _copies(card: Card, found: Family, y: float) -> float:
    """The containers, four to a row; returns where they end."""
    if not found.copies:
        card.text(MARGIN, y + 12, "No containers.", style="soft")
        return y + 24
    shown = found.copies[:MOST]
    columns = min(4, max(2, len(shown)))
    wide = (ROOM - 12 * (columns - 1)) / columns
    for place, one in enumerate(shown):
        x = MARGIN + (place % columns) * (wide + 12)
        top = y + (place // columns) * 92
        mark, colour = MARKS.get(one.state, ("–", "soft"))
        card.rect(x, top, wide, 84, "box", corner=6)
        card.text(x + 12, top + 20, mark, style=f"b {colour}")
        card.text(x + 30, top + 20, one.name, style="b", room=wide - 40)
        card.text(x + 12, top + 38, _changed(one.changes), style="m soft", room=wide - 22)
        card.rect(x, top + 52, wide, 32, "t-container", corner=0)
        card.rect(x, top + 52, 4, 32, "container", corner=0)
        card.text(x + 14, top + 72, "own layer", style="n", room=wide - 90)
        card.text(x + wide - 10, top + 72, size(one.size), style="b n", end=True)
    y += -(-len(shown) // columns) * 92
    if len(found.copies) > MOST:
        rest = found.copies[MOST:]
        card.text(MARGIN, y + 12, f"and {len(rest)} more, {size(sum(c.size for c in rest))} of their own", style="soft")
        y += 20
    return y


def _changed(found: tuple[Change, ...] | None) -> str:
    if found is None:
        return ""
    leaves = [c for c in found if not any(o.path.startswith(f"{c.path.rstrip('/')}/") for o in found)]
    if not leaves:
        return "nothing written"
    more = f" and {len(leaves) - 1} more" if len(leaves) > 1 else ""
    return f"{SIGNS[leaves[0].kind][0]} {leaves[0].path}{more}"


def _own(one: Copy) -> str:
    return f"{size(one.size)} ({_changed(one.changes) or 'changes not asked'})"


def _instruction(made_by: str) -> str:
    return Origin(made_by=made_by, size=0).instruction or "(no record of what made it)"


def costs(found: Costs) -> Figure:
    """For each number of containers two bars: what is on the disk, and what as many copies of the image would be."""
    last = found.costs[-1]
    image = size(found.image_size)
    said = f"{last.number} containers: {image} of image, {size(last.own_size)} of their own. No copy of the image."
    card = Card("What do many containers of one image take on the disk?", said)
    before = ", ".join(str(one.number) for one in found.costs[:-1])
    numbers = f"{before} and {last.number}" if before else str(last.number)
    most = max(found.image_size * last.number, 1)
    left, room = 200.0, 400.0
    y = float(TOP)
    for one in found.costs:
        there, copies = found.image_size + one.own_size, found.image_size * one.number
        card.text(MARGIN, y + 14, count(one.number, "container"), style="b")
        card.text(MARGIN, y + 32, f"own: {size(one.own_size)}", style="n soft")
        card.rect(left, y, max(found.image_size / most * room, 1), 14, "image", corner=2)
        card.rect(
            left + found.image_size / most * room, y, max(one.own_size / most * room, 2), 14, "container", corner=0
        )
        card.text(left + there / most * room + 10, y + 12, f"{size(there)} measured", style="n")
        card.rect(left, y + 20, max(copies / most * room, 1), 14, "box", corner=2, dashed=True)
        card.text(left + copies / most * room + 10, y + 32, f"{size(copies)} if copied", style="n soft")
        y += 50
    card.note(
        f"Each container wrote a file of {size(found.written)}. "
        "Dashed: not measured, the image's size times the number."
    )
    return Figure(
        sentence=f"{numbers} containers need the image once, and a writable layer each.",
        svg=card.svg(),
        alt=said,
        tables=(
            Table(
                caption="On the disk",
                columns=(
                    "containers",
                    "image, bytes",
                    "writable layers, bytes",
                    "together",
                    "if each copied the image",
                ),
                rows=tuple(
                    (
                        str(c.number),
                        str(found.image_size),
                        str(c.own_size),
                        str(found.image_size + c.own_size),
                        str(found.image_size * c.number),
                    )
                    for c in found.costs
                ),
            ),
        ),
        how=How(
            docker=("docker ps --all --size", "docker system df"),
            python=("import docker", "print(docker.from_env().df()['LayersSize'])"),
        ),
    )


def endings(found: tuple[Ending, ...]) -> Figure:
    """A row for each container: its exit code and what that says."""
    ended = [one for one in found if one.exit_code is not None]
    said = f"{len(ended)} of {count(len(found), 'container')} ended; the exit code says how."
    if len(found) == 1:
        said = _sentence(found[0])
    card = Card("How did it end, and why?" if len(found) == 1 else "How did they end, and why?", said)
    y = float(TOP)
    for one in found[:MOST]:
        state = "none" if one not in ended else "good" if one.exit_code == 0 else "bad"
        card.rect(MARGIN, y, ROOM, 44, "box", corner=6)
        card.mark(MARGIN + 12, y + 20, state)
        card.text(MARGIN + 32, y + 20, one.name, style="b", room=150)
        card.text(MARGIN + 206, y + 20, "–" if one not in ended else str(one.exit_code), style="b", end=True)
        card.text(MARGIN + 226, y + 20, one.meaning, room=ROOM - 236)
        if one.error:
            card.text(MARGIN + 226, y + 37, one.error, style="m soft", room=ROOM - 236)
        else:
            memory = "OOMKilled: true" if one.oom_killed else "OOMKilled: false"
            card.text(MARGIN + 226, y + 37, memory if one in ended else "", style="m soft")
        y += 52
    if len(found) > MOST:
        card.text(MARGIN, y + 12, f"and {len(found) - MOST} more: see the text version", style="soft")
    first = found[0].full_name if found else "CONTAINER"
    return Figure(
        sentence=" ".join(_sentence(one) for one in found),
        svg=card.svg(),
        alt=" ".join(_sentence(one) for one in found),
        tables=(
            Table(
                caption="Ends",
                columns=("container", "exit code", "meaning", "OOMKilled", "the engine's words"),
                rows=tuple(
                    (
                        one.name,
                        "–" if one not in ended else str(one.exit_code),
                        one.meaning,
                        "true" if one.oom_killed else "false",
                        one.error,
                    )
                    for one in found
                ),
            ),
        ),
        how=How(
            docker=(f"docker inspect --format '{{{{json .State}}}}' {first}",),
            python=("import docker", f"print(docker.from_env().containers.get({first!r}).attrs['State'])"),
        ),
    )


def _sentence(one: Ending) -> str:
    if one.exit_code is None:
        return f"{plain(one.name)} has not ended."
    return f"{plain(one.name)}: exit code {one.exit_code}, {one.meaning}."
