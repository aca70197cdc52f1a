"""A build, step by step: while it runs, and afterwards."""

from __future__ import annotations

import shlex

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, Card
from helpers.drawing.text import count
from helpers.engine.build.model.log import Build, Step

BUILDERS = {"buildkit": "BuildKit", "classic": "The classic builder"}
_NOTES = {
    "buildkit": "ENV, CMD and the like are not steps. What was built stays in the build cache: docker buildx du",
    "classic": "This is the older builder, for when docker has no buildx. After FROM, it sets the course's labels.",
}
ROOM = 430  # pixels for an instruction, and for the longest bar
SHORTEST = 0.1  # seconds that the whole width stands for, at least: hundredths are no bars
SHOWN = 16  # rows of the picture; the text version holds all


def outcome(step: Step) -> str:
    """What a step gave, in words."""
    if step.word == "FROM":
        return "base image"
    return "from the cache" if step.cached else "made now"


def build(found: Build, *, name: str, folder: str, own: bool) -> Figure:
    """Each instruction a row: its line, its words, its time as a bar from zero, and what came of it.

    own: the Dockerfile was the folder's, so that the same can be done in a terminal.
    """
    shown = [step for step in found.steps if step.line or step.word == "FROM"]
    results = [outcome(step) for step in shown]
    told = [f"{results.count(one)} {one}" for one in ("made now", "from the cache") if one in results]
    told[:1] = [f"{first}, on the base image" for first in told[:1]] or ["the base image"]
    what = "step" if found.builder == "buildkit" else "instruction"
    answer = f"{BUILDERS[found.builder]}: {count(len(shown), what)} in {found.seconds:.1f} s: {', '.join(told)}."
    card = Card(f"What did the build of {name} do?", answer)
    longest = max([SHORTEST, *(step.seconds for step in shown)])
    y = float(TOP) + 8
    card.text(MARGIN + 28, y, "line", style="n soft", end=True)
    card.text(MARGIN + 44, y, "instruction", style="n soft")
    card.text(560, y, "time", style="n soft", end=True)
    y += 10
    for step in shown[:SHOWN]:
        card.text(MARGIN + 28, y + 16, step.line or "", style="m soft", end=True)
        card.text(MARGIN + 44, y + 16, step.instruction, style="m", room=ROOM)
        card.text(560, y + 16, f"{step.seconds:.2f} s", style="n", end=True)
        card.rect(MARGIN + 44, y + 22, ROOM * step.seconds / longest, 3, "image", corner=1)
        card.mark(590, y + 16, "good")
        card.text(608, y + 16, outcome(step))
        y += 32
    if len(shown) > SHOWN:
        card.text(MARGIN + 44, y + 14, f"and {len(shown) - SHOWN} more: see the text version", style="soft")
    card.note(_NOTES[found.builder])
    return Figure(
        sentence=f"The image {name} is built from the Dockerfile in {folder}.",
        svg=card.svg(),
        alt=answer + " " + "; ".join(f"{step.instruction}: {outcome(step)}" for step in shown) + ".",
        tables=(
            Table(
                caption="Steps of the build",
                columns=("line", "instruction", "seconds", "outcome", "last line it wrote"),
                rows=tuple(
                    (
                        str(step.line or "–"),
                        step.instruction,
                        f"{step.seconds:.2f}",
                        outcome(step),
                        step.output[-1] if step.output else "",
                    )
                    for step in found.steps
                ),
            ),
            Table(
                caption="The image",
                columns=("name on the engine", "id", "builder"),
                rows=((found.tag, found.image_id, BUILDERS[found.builder]),),
            ),
        ),
        how=_how(name, folder, found.builder) if own else How(),
    )


def _how(name: str, folder: str, builder: str) -> How:
    tag = f"{name}:1"
    build = "docker build" if builder == "buildkit" else "DOCKER_BUILDKIT=0 docker build"
    return How(
        docker=(f"{build} --tag {shlex.quote(tag)} {shlex.quote(folder)}",),
        python=(
            "import docker",
            "# by the classic builder: docker-py knows no way to BuildKit; the files are the same",
            f"image, log = docker.from_env().images.build(path={folder!r}, tag={tag!r}, forcerm=True)",
            "print(image.tags)",
        ),
        adds="" if builder == "buildkit" else "a line with its labels after each FROM",
    )
