"""Instructions as the Dockerfile had them, for an image whose build was seen.

The classic builder writes "COPY file:eec09c84ea44 in /shop" where the Dockerfile says "COPY requirements.txt .".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from helpers.engine.build.model.log import Step
from helpers.layers.model.analysis import Analysis


def named(found: Analysis, build: Sequence[Step]) -> Analysis:
    """The analysis with the build's instructions. Unchanged if its last steps are not that build's."""
    starts = [number for number, step in enumerate(build) if step.word == "FROM"]
    own = build[starts[-1] + 1 :] if starts else ()
    first = len(found.layers) - len(own)
    if not own or first < 0:
        return found
    for step, layer in zip(own, found.layers[first:], strict=True):
        if layer.command.partition(" ")[0].upper() != step.word:
            return found
    words = {first + number: step.instruction for number, step in enumerate(own)}
    layers = tuple(replace(one, command=words.get(one.index, one.command)) for one in found.layers)
    return replace(
        found,
        layers=layers,
        hidden=tuple(replace(one, instruction=layers[one.hidden_by].command) for one in found.hidden),
        duplicates=tuple(
            replace(one, instructions=tuple(layers[index].command for index in one.layers)) for one in found.duplicates
        ),
    )
