"""Chapters forgive: run twice, killed in the middle, run by two learners at once. Nothing is ever left."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers import store
from helpers.engine import scene
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from tests.harness import foreign
from tests.harness.kernels import ChapterRun, execute_together, kill_together
from tests.harness.notebooks import CHAPTERS
from tests.harness.selection import Draw

CLEANED, AGAIN = (
    pytest.mark.drawn("killed and mended by clean"),
    pytest.mark.drawn("killed and mended by running again"),
)

CLEAN = [sys.executable, "-m", "helpers", "clean"]
Left = Callable[[], list[str]]


@pytest.fixture
def left(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Left]:
    """What of the course's is on the engine now and was not when the test began."""
    before = foreign.snapshot(client, closely=False)
    yield lambda: foreign.leftovers(before, foreign.snapshot(client, closely=False))
    for learner in tmp_path.rglob("learner.json"):  # a test that failed is not to make the next ones fail
        monkeypatch.setenv("COURSE_HOME", str(learner.parents[1]))
        scene.cleanup()


def known(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of the learner whose COURSE_HOME is `home`."""
    with monkeypatch.context() as patch:
        patch.setenv("COURSE_HOME", str(home))
        return store.learner()


def a_container_runs(client: Client, path: Path, learner: str, *, own: bool = True) -> Callable[[], bool]:
    """True as soon as the engine runs this learner's first container of the chapter's scene, or of whichever scene."""
    of_scene = [f"{labels.SCENE}={path.stem[3:]}"] if own else []
    wanted = {"label": [f"{labels.SESSION}={learner}", *of_scene]}
    before = {row["Id"] for row in client.containers(filters=wanted)}
    return lambda: bool({row["Id"] for row in client.containers(filters=wanted)} - before)


class TwoLearners:
    """Two who run one chapter on one engine at once, each with a COURSE_HOME of their own."""

    def __init__(self, path: Path, client: Client, folder: Path, patch: pytest.MonkeyPatch) -> None:
        patch.setenv(labels.SHARED, "1")
        self.path, self.client = path, client
        self.homes = [folder / "one", folder / "two"]
        self.learners = [known(home, patch) for home in self.homes]

    def kill(self, *, own: bool) -> None:
        """Both begin, and are killed as soon as each has a container; own: one of the chapter's scene."""
        kill_together(
            *(
                (ChapterRun(self.path, home=home), a_container_runs(self.client, self.path, learner, own=own))
                for home, learner in zip(self.homes, self.learners, strict=True)
            )
        )


@pytest.mark.timeout(300)  # two kernels at a time
@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem, marks=CLEANED) for path in CHAPTERS])
def test_two_learners_at_once_are_killed_and_mended_by_clean(
    path: Path, client: Client, tmp_path: Path, left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = TwoLearners(path, client, tmp_path, monkeypatch)
    two.kill(own=False)
    assert left() != []  # the kernels had no time to clean up
    for home in two.homes:  # each cleans up for themselves
        env = {**os.environ, "COURSE_HOME": str(home)}
        done = subprocess.run(CLEAN, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    assert left() == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem, marks=AGAIN) for path in CHAPTERS])
def test_two_learners_at_once_are_killed_and_mended_by_running_it_again(
    path: Path, client: Client, tmp_path: Path, left: Left, monkeypatch: pytest.MonkeyPatch, draw: Draw
) -> None:
    two = TwoLearners(path, client, tmp_path, monkeypatch)
    two.kill(own=True)
    assert left() != []
    # what one does, twice in one kernel perhaps, the other does once meanwhile
    times = 2 if "twice" in draw(f"{path.stem} in one kernel", ["once", "twice"]) else 1
    execute_together(ChapterRun(path, home=two.homes[0], times=times), ChapterRun(path, home=two.homes[1]))
    assert left() == []
