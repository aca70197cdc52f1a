"""Pictures of the engine itself: doctor, processes, time line, HTTP calls, where it lives, what is on it."""

from __future__ import annotations

from helpers.model.calls import Trace
from helpers.model.doctor import Report, Status
from helpers.model.events import Timeline
from helpers.model.inventory import KINDS, Inventory, Removed
from helpers.model.place import Machine, Place, Where
from helpers.model.process import Chain, Process
from helpers.views.figure import Figure, How, Table
from helpers.views.svg import MARGIN, TOP, WIDTH, Card
from helpers.views.text import count

_STATE = {Status.OK: "good", Status.ATTENTION: "warn", Status.BROKEN: "bad"}


def doctor(report: Report) -> Figure:
    """A line a check: mark, word, name, finding; below it the next step where one is needed."""
    card = Card("Is my engine ready?", report.summary)
    y = float(TOP)
    for check in report.checks:
        card.mark(MARGIN, y + 12, _STATE[check.status])
        card.text(MARGIN + 20, y + 12, check.status.value, style="soft", room=70)
        card.text(MARGIN + 96, y + 12, check.name, style="b", room=140)
        card.text(MARGIN + 244, y + 12, check.what, room=WIDTH - 2 * MARGIN - 244)
        y += 26
        if check.status is not Status.OK and check.next:
            card.text(MARGIN + 244, y + 6, f"Next: {check.next}", style="n soft", room=WIDTH - 2 * MARGIN - 244)
            y += 20
    card.note(f"Tried just now on the engine, in {report.seconds:.1f} s. Nothing was left there.")
    facts = tuple((k, str(v)) for k, v in (*report.engine.items(), *report.features.items()))
    tables = [
        Table(
            caption="Checks",
            columns=("check", "status", "what", "why", "next step"),
            rows=tuple((c.name, c.status.value, c.what, c.why, c.next) for c in report.checks),
        )
    ]
    if facts:
        tables.append(Table(caption="What the engine says of itself", columns=("fact", "value"), rows=facts))
    if report.images:
        tables.append(
            Table(
                caption="Base images",
                columns=("reference", "there", "from"),
                rows=tuple(
                    (str(i["reference"]), "yes" if i["present"] else "no", str(i["source"] or "unknown"))
                    for i in report.images
                ),
            )
        )
    broken = "".join(f" {c.name}: {c.what}. Next: {c.next}" for c in report.with_status(Status.BROKEN))
    return Figure(
        sentence=report.summary + broken,
        svg=card.svg(),
        alt=report.summary + " " + "; ".join(f"{c.name}: {c.status.value}, {c.what}" for c in report.checks),
        tables=tuple(tables),
        how=How(docker=("docker version", "docker info"), python=("import docker", "docker.from_env().version()")),
    )


def _pid(process: Process | None) -> str:
    return f"process {process.pid}" if process else "not seen"


def chain(found: Chain) -> Figure:
    """Five boxes from the client to the container's process, and whose child the process is."""
    steps = (
        ("client", "asks", "", "host"),
        ("dockerd", "takes orders, keeps the books", _pid(found.dockerd), "image"),
        ("containerd", "looks after containers", _pid(found.containerd), "image"),
        ("shim", "one a container; holds its output", _pid(found.shim), "image"),
        (found.process.name if found.process else "the program", "your program", _pid(found.process), "container"),
    )
    if found.parent_is_shim and found.process and found.shim:
        answer = f"The program's parent is the shim, process {found.shim.pid}: neither the command nor dockerd."
    else:
        answer = f"The engine does not show all of it: {found.why_not or 'its parts have other names here'}."
    card = Card("Who does the work for one container?", answer)
    wide, gap = 124.0, 23.0
    roles = (
        ("asks over", "HTTP"),
        ("the engine's", "daemon"),
        ("looks after", "containers"),
        ("one for each", "container"),
        ("your", "program"),
    )
    for index, (name, _, pid, kind) in enumerate(steps):
        x = MARGIN + index * (wide + gap)
        card.box(x, TOP + 8, wide, 92, kind, dashed=pid == "not seen")
        card.text(x + 14, TOP + 32, name, style="b", room=wide - 22)
        card.text(x + 14, TOP + 50, pid or "this notebook", style="m", room=wide - 20)
        card.text(x + 14, TOP + 70, roles[index][0], style="n soft", room=wide - 20)
        card.text(x + 14, TOP + 86, roles[index][1], style="n soft", room=wide - 20)
        if index:
            card.arrow(x - gap + 2, TOP + 54, x - 2, TOP + 54, "host")
    now = "one is at work just now, for another container." if found.runc_running else "none is running."
    card.note(f"runc, the program that started it, has left again: {now}")
    ordered = "The order is: client, dockerd, containerd, shim, the container's process."
    sentence = (
        f"{ordered} The process's parent is the shim." if found.parent_is_shim else f"{ordered} Not all could be seen."
    )
    return Figure(
        sentence=sentence,
        svg=card.svg(),
        alt=f"{ordered} {answer}",
        tables=(
            Table(
                caption="On the engine's host",
                columns=("who", "number", "parent", "does"),
                rows=tuple(
                    (name, str(p.pid) if p else "not seen", str(p.parent) if p else "", does)
                    for (name, does, _, _), p in zip(
                        steps[1:], (found.dockerd, found.containerd, found.shim, found.process), strict=True
                    )
                ),
            ),
        ),
        how=How(
            docker=(f"docker top {found.full_name} -o pid,ppid,comm",),
            python=(
                "import docker",
                f"docker.from_env().containers.get({found.full_name!r}).top(ps_args='-o pid,ppid,comm')",
            ),
        ),
    )


def timeline(found: Timeline) -> Figure:
    """Each event a row: its time as a dot on a line that starts at zero, its name, its meaning."""
    number = len(found.moments)
    answer = f"{count(number, 'event')} in {found.seconds * 1000:.0f} ms, in this order." if number else "No events."
    card = Card(found.title, answer)
    left, right = 252.0, 452.0
    scale = (right - left) / (found.seconds or 1.0)
    y = float(TOP) + 8
    card.text(left, y, "0", style="n soft")
    card.text(right, y, f"{found.seconds * 1000:.0f} ms", style="n soft", end=True)
    y += 14
    for moment in found.moments:
        kind = moment.kind if moment.kind in ("container", "network", "volume", "image") else "host"
        x = left + moment.after * scale
        card.text(MARGIN, y + 12, f"{moment.kind} {moment.action}", style="m", room=left - MARGIN - 16)
        card.line(left, y + 8, right, y + 8, "rule", thick=1)
        card.line(left, y + 8, x, y + 8, f"s-{kind}", thick=2)
        card.dot(x, y + 8, kind)
        card.text(right + 20, y + 12, moment.meaning, style="n soft", room=WIDTH - MARGIN - right - 20)
        y += 28
    card.note("Times are the engine's own. Two events that belong together may come in either order.")
    names = ", ".join(sorted(set(found.actions)))
    return Figure(
        sentence=f"{count(number, 'event').capitalize()}. Kinds of events: {names or 'none'}.",
        svg=card.svg(),
        alt=f"{answer} " + ", then ".join(found.actions),
        tables=(
            Table(
                caption="Events in the order of their times",
                columns=("event", "after, ms", "meaning"),
                rows=tuple((f"{m.kind} {m.action}", f"{m.after * 1000:.1f}", m.meaning) for m in found.moments),
            ),
        ),
        how=How(
            docker=("docker events --since 1m --until 0s --filter label=containers-unpacked=1",),
            python=(
                "import docker, time",
                "now = int(time.time())",
                "for event in docker.from_env().events(since=now - 60, until=now, decode=True):",
                "    print(event['Type'], event['Action'])",
            ),
        ),
    )


def trace(found: Trace) -> Figure:
    """Each HTTP call a row: method, path, status, and its time as a bar from zero."""
    number = len(found.calls)
    answer = f"{found.verb}: {count(number, 'HTTP call')}, {found.seconds * 1000:.0f} ms of waiting for answers."
    card = Card("What did the helper say to the engine?", answer)
    longest = max((c.seconds for c in found.calls), default=1.0) or 1.0
    y = float(TOP)
    for call in found.calls[:30]:
        good = 0 < call.status < 400
        card.text(MARGIN, y + 12, call.method, style="m b")
        card.text(MARGIN + 60, y + 12, call.path, style="m", room=350)
        card.mark(450, y + 12, "good" if good else "bad")
        card.text(468, y + 12, str(call.status or "none"), style="m")
        card.rect(512, y + 2, max(2.0, 130 * call.seconds / longest), 12, "host", corner=2)
        card.text(WIDTH - MARGIN, y + 12, f"{call.seconds * 1000:.1f} ms", end=True)
        y += 26
    if number > 30:
        card.text(MARGIN, y + 12, f"and {number - 30} more: see the text version", style="soft")
    card.note("The docker command sends the same calls. 2xx: done. 304: it was so already. 4xx and 5xx: refused.")
    return Figure(
        sentence=f"{found.verb} made {count(number, 'HTTP call')}: "
        + ", ".join(f"{c.method} {_general(c.path)}" for c in found.calls)
        + ".",
        svg=card.svg(),
        alt=answer + " " + "; ".join(f"{c.method} {_general(c.path)}, status {c.status}" for c in found.calls[:30]),
        tables=(
            Table(
                caption="HTTP calls in order",
                columns=("method", "path", "status", "ms"),
                rows=tuple((c.method, c.path, str(c.status), f"{c.seconds * 1000:.1f}") for c in found.calls),
            ),
        ),
    )


def _general(path: str) -> str:
    """The path with ids put as {id}, without its query: the same at every run."""
    parts = path.split("?", 1)[0].split("/")
    return "/".join("{id}" if len(p) >= 32 and all(c in "0123456789abcdef" for c in p) else p for p in parts)


def where(place: Place) -> Figure:
    """The notebook's machine and the engine's; one frame around both where they are one."""
    same = place.where in (Where.THIS_COMPUTER, Where.BESIDE_A_CONTAINER)
    card = Card("Where does the engine live?", f"The engine is {place.where.value}: {place.evidence}.")
    y = float(TOP)
    half = 316.0
    if place.where is not Where.REMOTE:
        card.rect(MARGIN, y, WIDTH - 2 * MARGIN, 170, "t-host", corner=8)
        card.text(MARGIN + 16, y + 24, "this computer", style="b")
    left, right = MARGIN + 16, WIDTH - MARGIN - 16 - half
    _machine(card, left, y + 40, half, "this notebook", place.notebook, "host", "")
    outer = "the engine" if same else ("the engine, in its own machine")
    _machine(card, right, y + 40, half, outer, place.engine, "container", "rootless" if place.rootless else "")
    card.arrow(left + half + 6, y + 97, right - 4, y + 97, "host")
    card.text(MARGIN + 16, y + 190, f"The way between them: {place.address}", style="m", room=WIDTH - 2 * MARGIN - 16)
    if place.inferred:
        card.note("A conclusion from what both sides report, not something an engine says of itself.")
    return Figure(
        sentence=f"The engine is {place.where.value}.",
        svg=card.svg(),
        alt=f"The engine is {place.where.value}: {place.evidence}. The notebook reaches it at {place.address}.",
        tables=(
            Table(
                caption="Both sides",
                columns=("fact", "this notebook", "the engine's host"),
                rows=tuple(
                    (field, getattr(place.notebook, field), getattr(place.engine, field))
                    for field in ("name", "system", "kernel", "architecture")
                ),
            ),
        ),
        how=How(docker=("docker info", "docker context ls"), python=("import docker", "docker.from_env().info()")),
    )


def _machine(card: Card, x: float, y: float, wide: float, title: str, machine: Machine, kind: str, more: str) -> None:
    card.box(x, y, wide, 114, kind)
    card.text(x + 14, y + 24, title + (f" ({more})" if more else ""), style="b", room=wide - 24)
    card.text(x + 14, y + 48, machine.system, room=wide - 24)
    card.text(x + 14, y + 70, f"kernel {machine.kernel}", style="m", room=wide - 24)
    card.text(x + 14, y + 92, f"{machine.name} · {machine.architecture}", style="n soft", room=wide - 24)


_PLURAL = {"container": "containers", "image": "images", "network": "networks", "volume": "volumes"}


def inventory(found: Inventory) -> Figure:
    """A row a kind: what is the course's, by name, and how many are not and stay untouched."""
    others = sum(found.others.values())
    answer = f"{count(len(found.mine), 'object')} of the course, {count(others, 'other')} that it never touches."
    card = Card("What on this engine may the course touch?", answer)
    card.text(180, TOP + 8, "the course's: removed by clean-up", style="n soft")
    card.text(WIDTH - MARGIN, TOP + 8, "not the course's", style="n soft", end=True)
    y = float(TOP) + 20
    for kind in KINDS:
        mine = [o for o in found.mine if o.kind == kind]
        card.box(MARGIN, y, 132, 34, kind)
        card.text(MARGIN + 14, y + 22, _PLURAL[kind], style="b")
        names = f"{len(mine)}: {', '.join(o.name for o in mine)}" if mine else "none"
        card.text(180, y + 22, names, style="" if mine else "soft", room=400)
        card.text(WIDTH - MARGIN, y + 22, str(found.others.get(kind, 0)), end=True)
        y += 44
    kept = count(len(found.base_images), "base image")
    card.note(f"And {kept} that the course keeps. Ownership is a label: containers-unpacked=1.")
    return Figure(
        sentence=f"The course has {count(len(found.mine), 'object')} on this engine"
        + (": " + ", ".join(f"{o.kind} {o.name}" for o in found.mine) if found.mine else "")
        + ".",
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(
                caption="Objects of the course",
                columns=("kind", "name", "scene", "id"),
                rows=tuple((o.kind, o.name, o.scene, o.id[:19]) for o in found.mine),
            ),
            Table(
                caption="Everything else, counted only",
                columns=("kind", "how many"),
                rows=tuple((kind, str(found.others.get(kind, 0))) for kind in KINDS),
            ),
            Table(caption="Base images", columns=("reference",), rows=tuple((r,) for r in found.base_images)),
        ),
        how=How(
            docker=("docker ps --all --filter label=containers-unpacked=1",),
            python=(
                "import docker",
                'docker.from_env().containers.list(all=True, filters={"label": "containers-unpacked=1"})',
            ),
        ),
    )


def removed(found: Removed) -> Figure:
    """What a clean-up took away, in words: a picture would say no more."""
    return Figure(sentence=found.as_text())
