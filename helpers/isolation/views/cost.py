"""What one more container costs, beside cited figures; and an app's answers beside its neighbour."""

from __future__ import annotations

import statistics

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.drawing.text import count, size
from helpers.isolation.model.cost import Cost, Neighbour


def cost(found: Cost) -> Figure:
    """Measured figures first, cited ones below, each marked as what it is."""
    answer = f"One more container: {_ms(found.seconds)} and {size(found.memory)} here (medians of {len(found.extras)})."
    card = Card("What does one more container cost?", answer)
    y = float(TOP) + 4
    kernels = ", ".join(dict.fromkeys(kernel for _, kernel in found.kernels))
    times = [one.seconds for one in found.extras]
    card.text(MARGIN, y, "measured here", style="b container")
    rows = (
        ("from the order until it runs", f"{_ms(found.seconds)}  ({_ms(min(times))} to {_ms(max(times))})"),
        ("memory of its cgroup", size(statistics.median(one.memory for one in found.extras))),
        ("memory of its shim (not shared)", _shim(found)),
        ("kernel of the engine's machine", found.engine_kernel),
        (f"kernel in containers of {count(len(found.kernels), 'image')}", kernels),
    )
    for what, value in rows:
        y += 24
        card.text(MARGIN, y, what, room=270)
        card.text(MARGIN + 290, y, value, style="m", room=WIDTH - 2 * MARGIN - 290)
    y += 38
    card.text(MARGIN, y, "cited, not measured here", style="b host")
    for one in found.cited:
        y += 24
        card.text(MARGIN, y, one.what, room=390)
        card.text(MARGIN + 400, y, one.figure, style="m", room=WIDTH - 2 * MARGIN - 400)
        y += 17
        card.text(MARGIN, y, one.source, style="n soft", room=WIDTH - 2 * MARGIN)
    card.note(
        "A container starts a process on a kernel that runs already. A virtual machine starts a kernel of its own."
    )
    same = "report the kernel of the engine's machine" if found.same_kernel else "report another kernel than the engine"
    return Figure(
        sentence=f"Containers of {count(len(found.kernels), 'image')} {same}.",
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(caption="Measured here", columns=("what", "value"), rows=rows),
            Table(
                caption="Each of them",
                columns=("container", "until it ran, ms", "memory of its cgroup", "memory of its shim"),
                rows=tuple(
                    (
                        str(i),
                        f"{e.seconds * 1000:.0f}",
                        size(e.memory),
                        "can't tell" if e.shim is None else size(e.shim),
                    )
                    for i, e in enumerate(found.extras, start=1)
                ),
            ),
            Table(caption="Kernels", columns=("image", "uname -r"), rows=found.kernels),
            Table(
                caption="Cited, not measured here",
                columns=("what", "figure", "source"),
                rows=tuple((one.what, one.figure, one.source) for one in found.cited),
            ),
        ),
        how=How(
            docker=(
                "docker info --format '{{.KernelVersion}}'",
                "docker run --rm localhost/course/busybox:1 uname -r",
            ),
            python=(
                "import docker",
                "engine = docker.from_env()",
                "inside = engine.containers.run('localhost/course/busybox:1', ['uname', '-r'], remove=True)",
                "engine.info()['KernelVersion'], inside.decode().strip()",
            ),
        ),
    )


def _shim(found: Cost) -> str:
    seen = [one.shim for one in found.extras if one.shim is not None]
    return size(statistics.median(seen)) if seen else "can't tell"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def neighbour(found: Neighbour) -> Figure:
    """A row for each situation: every answer a dot, the median a bar; a sentence where nothing could be timed."""
    if not found.phases:
        return Figure(
            sentence=f"The answers of {found.app} were not timed, and {found.noisy} was not limited: {found.untimed}.",
            how=How(docker=(f"docker update --cpus {found.cpus:g} {found.noisy_full_name}",)),
        )
    alone, busy, limited = (phase.median for phase in found.phases)
    answer = f"{found.app} answers in {_ms(alone)} alone, {_ms(busy)} beside a busy one, {_ms(limited)} once limited."
    card = Card("What does a busy neighbour do to the app?", answer)
    left, right = MARGIN + 190.0, WIDTH - MARGIN - 96.0
    most = max((t for phase in found.phases for t in phase.times), default=1.0) or 1.0
    y = float(TOP) + 8
    kinds = ("good", "bad", "good")
    for phase, kind in zip(found.phases, kinds, strict=True):
        card.text(MARGIN, y + 20, phase.title, style="b", room=184)
        card.rect(left, y + 4, max((right - left) * phase.median / most, 2), 24, f"t-{kind}")
        card.line(
            left + (right - left) * phase.median / most,
            y + 2,
            left + (right - left) * phase.median / most,
            y + 30,
            f"s-{kind}",
            thick=3,
        )
        for time in phase.times:
            card.dot(left + (right - left) * time / most, y + 16, "host", radius=3)
        card.text(WIDTH - MARGIN, y + 20, _ms(phase.median), style="m b", end=True)
        y += 44
    card.line(left, y, right, y, "rule", thick=1)
    card.text(left, y + 16, "0", style="n soft")
    card.text(right, y + 16, _ms(most), style="n soft", end=True)
    card.note(
        f"A dot is one answer, the thick line their median. The limit: at most {found.cpus:g} CPU for {found.noisy}."
    )
    hurt = "slower beside its busy neighbour" if busy > alone else "no slower beside its busy neighbour"
    helped = "faster again" if found.helped else "no faster"
    return Figure(
        sentence=f"{found.app} was {hurt}, and {helped} once {found.noisy} was limited.",
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(
                caption="Response times, in ms",
                columns=("situation", "median", "least", "most", "all of them"),
                rows=tuple(
                    (
                        phase.title,
                        f"{phase.median * 1000:.1f}",
                        f"{min(phase.times, default=0) * 1000:.1f}",
                        f"{max(phase.times, default=0) * 1000:.1f}",
                        ", ".join(f"{t * 1000:.1f}" for t in phase.times),
                    )
                    for phase in found.phases
                ),
            ),
        ),
        how=How(
            docker=(f"docker update --cpus {found.cpus:g} {found.noisy_full_name}",),
        ),
    )
