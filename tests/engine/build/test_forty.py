"""The one reader of Dockerfiles beside BuildKit's own, on forty that read in odd ways.

BuildKit tells two things of its reading: at which line an unknown instruction stands, before it does anything; and, in
the history of the image, what it took each instruction for.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from helpers.dockerfile.model.matching import Fit, history, match
from helpers.engine import scene
from helpers.engine.build import buildkit, buildx
from helpers.engine.build.model.dockerfile import chain, heredoc, instructions
from helpers.engine.client import Client
from tests.engine.build.forty import FORTY
from tests.harness.guards import absent
from tests.harness.selection import Draw

pytestmark = pytest.mark.engine
STRANGE = "NONSENSE here"
HEREDOCS = (1, 42)  # the API of Docker 23: the BuildKit of older engines knows no here-documents


@pytest.fixture(autouse=True)
def buildx_is_here(client: Client, home: Path) -> None:
    if not buildx.usable(client):
        absent("BuildKit needs the docker command's buildx, which is not here")


@pytest.fixture
def some(client: Client, draw: Draw) -> list[str]:
    """All of them that the engine's BuildKit can read; in a run that draws, a fifth."""
    groups = draw("eight of forty", [str(start) for start in range(5)])
    drawn = [text for start in groups for text in FORTY[int(start) :: 5]]
    knows = tuple(int(part) for part in client.version()["ApiVersion"].split(".")) >= HEREDOCS
    return [text for text in drawn if knows or not any(map(heredoc, instructions(text)))]


def line_told(client: Client, text: str) -> int:
    """The line at which BuildKit finds what is no instruction."""
    done = subprocess.run(
        ["docker", "buildx", "build", f"--builder={buildx.builder(client)}", "-"],
        input=text.encode(),
        env=buildx.environment(client),
        capture_output=True,
        timeout=60,
        check=False,
    )
    said = done.stderr.decode("utf-8", "replace")
    found = re.search(r"parse error (?:on )?line (\d+): unknown instruction: NONSENSE", said)
    assert found, said
    return int(found[1])


def test_there_are_forty_and_none_asks_for_another_reader() -> None:
    assert len(set(FORTY)) == 40
    assert not any(re.search(r"syntax\s*=", text) for text in FORTY)


def test_each_instruction_stands_at_the_line_that_buildkit_says(client: Client, some: list[str]) -> None:
    """The strange one comes last: all before it has to be read as BuildKit reads it."""
    for text in some:
        whole = f"{text.rstrip()}\n{STRANGE}\n"
        (at,) = (one.line for one in instructions(whole) if one.word == "NONSENSE")
        assert at == line_told(client, whole), text


def test_each_instruction_is_what_buildkit_took_it_for(client: Client, some: list[str]) -> None:
    try:
        for text in some:
            made = buildkit.build(client, dockerfile=text, context={}, scene="test-forty")
            rows = [(str(row["CreatedBy"]), int(row["Size"])) for row in client.history(made.image_id)][::-1]
            found = match(text, history(rows))
            assert isinstance(found, Fit), (text, found, rows)
            assert found.base == (), text
            kept = [one.line for one in chain(instructions(text)) if one.word not in ("FROM", "ONBUILD")]
            assert sorted(found.made) == kept, text
    finally:
        scene.clear(client)
