"""What the engine does, as pictures: who does the work, what happened when, what it was asked."""

from __future__ import annotations

from helpers.daemon.model.processes import Chain, Process
from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count
from helpers.engine.model.calls import Trace
from helpers.engine.model.events import Timeline


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
    card.note(f"An arrow means: asks or starts. runc, which started the program, has left again: {now}")
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
    whole = f"{found.seconds * 1000:.0f} ms" if found.seconds < 2 else f"{found.seconds:.1f} s"
    answer = f"{count(number, 'event')} in {whole}, in this order." if number else "No events."
    card = Card(found.title, answer)
    left, right = 252.0, 452.0
    scale = (right - left) / (found.seconds or 1.0)
    y = float(TOP) + 8
    card.text(left, y, "0", style="n soft")
    card.text(right, y, whole, style="n soft", end=True)
    y += 14
    for moment in found.moments:
        kind = moment.kind if moment.kind in ("container", "network", "volume", "image") else "host"
        x = left + moment.after * scale
        words = moment.action if ": " in moment.action else f"{moment.kind} {moment.action}"
        card.text(MARGIN, y + 12, words, style="m", room=left - MARGIN - 16)
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
            docker=("docker events --since 1m --until 0s",),
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
    card.note("The docker command uses the same interface. 2xx: done. 304: it was so already. 4xx and 5xx: refused.")
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
