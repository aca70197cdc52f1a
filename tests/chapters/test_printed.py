"""The commands that chapters print, where several learners use one engine: the same words, other names there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from helpers.book import run_notebook, running_home
from helpers.engine.client import Client
from helpers.setup.jupyter import numbered
from tests.harness import foreign
from tests.harness.notebooks import CHAPTERS, load
from tests.harness.printed import Hand, blocks

PRINTING = [path for path in CHAPTERS if any(c.cell_type == "markdown" and blocks(c.source) for c in load(path).cells)]


@pytest.mark.engine
@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.name == "nt", reason="there is no such program on Windows")
@pytest.mark.parametrize("path", PRINTING, ids=lambda path: path.stem)
def test_every_printed_command_works_beside_other_learners(
    path: Path, client: Client, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = foreign.snapshot(client, closely=False)
    folder = numbered.put(lambda said: pytest.fail(said))
    monkeypatch.setenv("COURSE_SHARED", "1")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    with running_home() as own:
        hand = Hand(own)
        run_notebook.run(path, home=own, at_cell=hand.at)
        assert hand.typed
        assert not hand.wrong, hand.wrong
    assert foreign.leftovers(before, foreign.snapshot(client, closely=False)) == []
