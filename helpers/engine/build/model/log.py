"""The log of the classic build endpoint, read line by line as it arrives.

A step says what it runs, then (unless the cache had it) which container ran it, then which image came of it:

    Step 2/3 : RUN make                           STEP 2/3: RUN make       (Podman)
     ---> Running in 4fac3286f504
    ... what make wrote ...
    Removing intermediate container 4fac3286f504   (" ---> Removed intermediate container" on newer engines)
     ---> b4f5262b1e11                             --> b4f5262b1e11

What a program writes inside RUN is its own affair: between "Running in" and "Removing" nothing is taken for the
engine's word, so a program that prints such lines names no image.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpers.engine.build.model.dockerfile import Instruction, instructions, locate

_STEP = re.compile(r"(?:Step|STEP) (\d+)/(\d+) ?: (.*)", re.DOTALL)
_RUNNING = re.compile(r" ---> Running in ([0-9a-f]{12,64})")
_IMAGE = re.compile(r"(?: ---> |--> )(Using cache ([0-9a-f]{10,64})|([0-9a-f]{10,64}))")
_BUILT = re.compile(r"Successfully built ([0-9a-f]{12,64})")
# the engine paints what a program writes to its error output; programs paint, too, and set titles
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")

LINES_KEPT = 200  # of one step's output; the end is what explains a failure


@dataclass(frozen=True, kw_only=True)
class Step:
    """One instruction of the Dockerfile.

    number, total: counted from 1 over all stages that are built. instruction: as the engine says it back.
    image_id: what came of it, short form; "" if nothing did. cached: it was there already, so this build made nothing.
    output: the last lines that the instruction's program wrote. seconds: from its start to the next step's.
    line: where it starts in the Dockerfile, from 1; 0 if it is not in it, as the labels that a build is given.
    """

    number: int
    total: int
    instruction: str
    image_id: str = ""
    cached: bool = False
    output: tuple[str, ...] = ()
    seconds: float = 0.0
    line: int = 0

    @property
    def word(self) -> str:
        """The instruction's first word, in capitals: "RUN"."""
        return self.instruction.split(None, 1)[0].upper() if self.instruction.strip() else ""

    @property
    def made(self) -> bool:
        """True if this build made the image of this step: not the cache, not the image that FROM names."""
        return bool(self.image_id) and not self.cached and self.word != "FROM"


@dataclass(frozen=True, kw_only=True)
class Build:
    """A finished build. image_id: full. tag: the reference it was given; "" if none. seconds: the whole of it.

    builder: "classic" or "buildkit".
    """

    image_id: str
    tag: str
    steps: tuple[Step, ...]
    seconds: float = 0.0
    builder: str = "classic"


class BuildLog:
    """Reads a log piece by piece; the pieces may be cut anywhere.

    dockerfile: its text, or its instructions, so that each step knows its line.
    steps: those seen so far. built: the short id that the engine ends with; "" before.
    """

    def __init__(self, dockerfile: str | Sequence[Instruction] = "") -> None:
        self.instructions = instructions(dockerfile) if isinstance(dockerfile, str) else tuple(dockerfile)
        self.steps: list[Step] = []
        self.built = ""
        self._rest = ""
        self._container = ""  # the one that runs now: until it is removed, lines are a program's

    def feed(self, text: str) -> tuple[Step, ...]:
        """Takes the next piece; returns the steps that gained an image by it, in order."""
        *lines, self._rest = (self._rest + text).split("\n")
        return tuple(step for line in lines if (step := self._line(line.rstrip("\r"))) is not None)

    def close(self) -> tuple[Step, ...]:
        """Ends the log: what came after the last line break counts as a line."""
        return self.feed("\n") if self._rest else ()

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines that the last step's program wrote."""
        return self.steps[-1].output[-20:] if self.steps else ()

    def _line(self, line: str) -> Step | None:
        if self._container:
            self._running(line)
            return None
        line = _ESCAPES.sub(
            "", line
        )  # not before: an escape that a program leaves open would swallow the engine's word
        if found := _STEP.fullmatch(line):
            number, at = int(found[1]), locate(self.instructions, found[3], int(found[1]))
            line_number = at.line if at is not None else 0
            self.steps.append(Step(number=number, total=int(found[2]), instruction=found[3], line=line_number))
        elif (found := _RUNNING.fullmatch(line)) and self.steps:
            self._container = found[1]
        elif line == " ---> Using cache" and self.steps:
            self._change(cached=True)
        elif (found := _IMAGE.fullmatch(line)) and self.steps:
            return self._change(image_id=found[2] or found[3], cached=self.steps[-1].cached or found[2] is not None)
        elif found := _BUILT.fullmatch(line):
            self.built = found[1]
        elif line and self.steps and not (self.built and line.startswith("Successfully tagged ")):
            self._output(line)
        return None

    def _running(self, line: str) -> None:
        for ending in (
            f" ---> Removed intermediate container {self._container}",
            f"Removing intermediate container {self._container}",
        ):
            if line.endswith(ending):  # a program's last line may lack its line break
                self._container = ""
                line = line[: -len(ending)]
                break
        if line:
            self._output(line)

    def _output(self, line: str) -> None:
        step = self.steps[-1]
        if written := plain(line):
            self.steps[-1] = replace(step, output=(*step.output, written)[-LINES_KEPT:])

    def _change(self, *, image_id: str = "", cached: bool = False) -> Step:
        step = self.steps[-1]
        self.steps[-1] = replace(step, image_id=image_id or step.image_id, cached=cached)
        return self.steps[-1]


def plain(line: str) -> str:
    """A line that a program wrote, as a screen shows it in the end: no paint, a progress bar's last state."""
    return _CONTROLS.sub("", _ESCAPES.sub("", line).rstrip("\r").rpartition("\r")[2])
