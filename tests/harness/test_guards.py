"""The guards around the run see what they are there for: shown by runs that do the wrong thing on purpose."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.engine.client import Client
from helpers.engine.ownership import labels
from tests.harness import foreign
from tests.harness.by_hand import by_hand

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = """from tests.harness import foreign
from tests.conftest import client, pytest_configure, pytest_plugins

foreign.HOW_MANY, foreign.NETWORKS = 7, 1  # quicker; all of the ways to be foreign are planted by the outer run
__all__ = ["client", "pytest_configure", "pytest_plugins"]
"""

IMPORTS = """import time
from helpers.engine.ownership import labels
from tests.harness import by_hand, foreign


"""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def inner_run(tmp_path: Path) -> Run:
    """A whole pytest run of its own, guards included, of one test with the given body."""

    def run(body: str, **env: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "conftest.py").write_text(CONFTEST)
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        (tmp_path / "test_inner.py").write_text(f"{IMPORTS}def test_inner(client):\n{lines}")
        command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), f"--rootdir={ROOT}"]
        return subprocess.run(
            [*command, "-p", "no:cacheprovider", str(tmp_path / "test_inner.py")],
            env={**os.environ, **env}, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def left_alone(client: Client) -> Iterator[foreign.Snapshot]:
    """What was there before; what an inner run leaves is removed by id, so that the outer guards see nothing."""
    before = foreign.snapshot(client)
    yield before
    for kind, object_id in foreign.snapshot(client).objects.keys() - before.objects.keys():
        assert kind in ("container", "volume")
        hand = by_hand(client)
        hand.remove_container(object_id, force=True) if kind == "container" else hand.remove_volume(object_id)


@pytest.mark.drawn("what the guards see")
def test_a_run_that_behaves_ends_well_and_leaves_nothing(
    inner_run: Run, left_alone: foreign.Snapshot, client: Client
) -> None:
    done = inner_run("assert client.ping()")

    assert done.returncode == 0, done.stdout
    assert foreign.snapshot(client) == left_alone


@pytest.mark.drawn("what the guards see")
def test_a_run_fails_if_a_foreign_object_is_removed_or_stopped_or_something_of_the_course_is_left(
    inner_run: Run, left_alone: foreign.Snapshot
) -> None:
    done = inner_run(
        """mine = [row for row in client.containers(all=True) if f'foreign{foreign.RUN}-' in row['Names'][0]]
hand = by_hand.by_hand(client)
hand.remove_container(next(row['Id'] for row in mine if row['State'] == 'created'))
hand.kill(next(row['Id'] for row in mine if row['State'] == 'running'))
dangling = [row['Id'] for row in client.images() if 'hs-lookalike00:' + foreign.RUN in str(row['RepoTags'])]
hand.tag(dangling[0], 'hs-lookalike-moved', foreign.RUN)
hand.remove_image('hs-lookalike00:' + foreign.RUN)
client.create_container(foreign.IMAGE, ['true'], labels=labels.labels('start-here'))
client.create_volume(labels=labels.labels('start-here'))"""
    )

    assert done.returncode == 1, done.stdout
    assert "1 passed" in done.stdout  # the test itself saw nothing wrong
    told = done.stdout.split("on the engine after the run")[1]
    assert "not the course's, and changed: container hs" in told
    assert "is gone" in told
    assert "state was running, is exited" in told
    assert "tags was" in told
    assert told.count("is left (start-here, learner") == 2  # the container and the volume


@pytest.mark.drawn("what the guards see")
def test_the_watchdog_ends_a_run_that_hangs_and_still_cleans_up(
    inner_run: Run, left_alone: foreign.Snapshot, client: Client
) -> None:
    done = inner_run(
        """made = client.create_container(foreign.IMAGE, ['sleep', '1000'], labels=labels.labels('start-here'))
client.start(made['Id'])
time.sleep(90)""",
        COURSE_TEST_MINUTES="0.25",
    )

    assert done.returncode == 2, done.stdout  # pytest's status of an interrupted run
    assert "Running now:" in done.stdout
    assert "test_inner" in done.stdout
    assert foreign.snapshot(client) == left_alone


def test_nearly_is_never_quite(client: Client) -> None:
    for number in range(foreign.HOW_MANY):
        assert not labels.carried(foreign.nearly(number), everyone=True)
