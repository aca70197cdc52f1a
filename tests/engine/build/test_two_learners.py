"""Two learners who build the same on one engine at once: neither's clean-up takes anything from under the other."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.engine.client import Client
from tests.harness import foreign

BUSYBOX = "localhost/course/busybox:1"
# What one of them does, as a process of its own: builds, builds anew under the same name, runs it, and cleans up.
LEARNER = """
import sys
from pathlib import Path
from helpers import cleanup, containers, images
from helpers.engine.client import connect
from helpers.engine.ownership import journal

folder, builder = Path(sys.argv[1]), sys.argv[2]
for word in ("one", "two", "one"):
    text = f"FROM {sys.argv[3]}\\nCOPY page /page\\nRUN echo {word} > /word\\nRUN cat /word /page\\n"
    made = images.build(folder, name="shop", dockerfile=text, builder=builder)
    assert connect().inspect_image(made.reference)["Id"] == made.image_id
    assert containers.run(made, "cat", "/word").output == f"{word}\\n"
removed = cleanup()
assert removed.kept == (), removed.kept
assert journal.entries() == (), journal.entries()
"""


@pytest.mark.engine
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.thorough)])
def test_two_learners_build_and_clean_up_at_once(client: Client, tmp_path: Path, rounds: int) -> None:
    before = foreign.snapshot(client, closely=False)
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(rounds):
        (folder / "page").write_text(secrets.token_hex(8))
        running = [
            subprocess.Popen(
                [sys.executable, "-c", LEARNER, str(folder), "", BUSYBOX],
                env={**os.environ, "COURSE_HOME": str(tmp_path / learner), "COURSE_SHARED": "1"},
                stderr=subprocess.PIPE,
                text=True,
            )
            for learner in ("one", "two")
        ]
        for learner in running:
            _, said = learner.communicate(timeout=120)
            assert learner.returncode == 0, f"round {number + 1}: {said}"
        assert foreign.leftovers(before, foreign.snapshot(client, closely=False)) == []
