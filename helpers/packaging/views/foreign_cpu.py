"""What an engine does with a program for another kind of CPU."""

from __future__ import annotations

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, WIDTH, Card
from helpers.packaging.model.elf import Foreign, Tried


def foreign(found: Foreign) -> Figure:
    """Two rows: the control, which runs, and the program for the other kind of CPU."""
    answer = sentence(found)
    short = (
        f"Not by itself: the program for {found.foreign.cpu} ran here only because it was emulated."
        if found.emulated
        else f"No. The program for {found.foreign.cpu} was refused here: {found.foreign.said}."
    )
    card = Card("Does an image run on any kind of CPU?", short)
    y = float(TOP)
    card.box(MARGIN, y, WIDTH - 2 * MARGIN, 34, "host")
    card.text(MARGIN + 14, y + 22, f"this engine's kernel, on a CPU of the kind {found.cpu}", style="b", room=600)
    y += 46
    for title, tried in (("its own kind", found.control), ("another kind", found.foreign)):
        state = _state(found, tried)
        card.box(MARGIN, y, 300, 48, "image")
        card.text(MARGIN + 14, y + 21, title, style="b")
        card.text(MARGIN + 14, y + 38, f"a program for {tried.cpu}", style="n soft", room=270)
        card.rect(MARGIN + 312, y, WIDTH - 2 * MARGIN - 312, 48, f"t-{state}")
        card.mark(MARGIN + 324, y + 21, state)
        card.text(MARGIN + 344, y + 21, _outcome(found, tried), style="b", room=360)
        card.text(MARGIN + 344, y + 38, tried.said or "no output", style="m", room=360)
        y += 56
    card.note("Both were made here from their bytes, packed as images from scratch, run, and removed again.")
    return Figure(
        sentence=answer,
        svg=card.svg(),
        alt=answer,
        tables=(
            Table(
                caption=f"Two programs on an engine of the kind {found.cpu}",
                columns=("program", "made for", "bytes", "outcome", "what was said", "exit code"),
                rows=tuple(
                    (
                        title,
                        tried.cpu,
                        str(tried.size),
                        _outcome(found, tried),
                        tried.said,
                        "none" if tried.exit_code is None else str(tried.exit_code),
                    )
                    for title, tried in (("its own kind", found.control), ("another kind", found.foreign))
                ),
            ),
        ),
        how=How(
            docker=("docker info --format '{{.Architecture}}'",),
            python=("import docker", "print(docker.from_env().info()['Architecture'])"),
        ),
    )


def sentence(found: Foreign) -> str:
    """What both did on this engine."""
    control = f"A program for {found.control.cpu}, this engine's own kind of CPU, "
    control += f"said “{found.control.said}”." if found.control.ran else f"did not run: {found.control.said}."
    if found.emulated:
        return (
            f"{control} The same for {found.foreign.cpu} was emulated here (binfmt_misc, mostly QEMU): "
            f"it said “{found.foreign.said}”."
        )
    return f"{control} The same for {found.foreign.cpu} was refused: {found.foreign.said}."


def _state(found: Foreign, tried: Tried) -> str:
    if not tried.ran:
        return "bad"
    return "good" if tried.cpu == found.cpu else "warn"


def _outcome(found: Foreign, tried: Tried) -> str:
    if not tried.ran:
        return "refused"
    return "ran" if tried.cpu == found.cpu else "emulated"
