"""What is run by lot, and what always: shown by runs of a small suite of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.selection import lot

ROOT = Path(__file__).resolve().parents[2]
SUITE = """
import pytest

@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.drawn("names")) for n in "abcdefgh"])
def test_one_of(name):
    pass

@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.drawn("two", count=2)) for n in "abc"])
def test_two_of(name):
    pass

@pytest.mark.thorough
def test_thorough():
    pass

def test_inside(draw):
    print("drawn:", *draw("inside", ["x", "y", "z"]))
"""
LEFT_OUT = ("cacheprovider", "nbval", "hypothesispytest", "anyio", "timeout")
SMALL = [word for name in LEFT_OUT for word in ("-p", f"no:{name}")]  # quicker
Ran = Callable[..., str]


@pytest.fixture
def ran(tmp_path: Path) -> Ran:
    """What a run of the small suite with these words says."""
    folder = tmp_path / "suite"
    folder.mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = suite\n")
    (folder / "conftest.py").write_text('pytest_plugins = ["tests.harness.selection"]\n')
    (folder / "test_suite.py").write_text(SUITE)

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-v", "-s", *SMALL, *words],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def names(said: str, test: str) -> list[str]:
    """The parameters with which a test was run."""
    return re.findall(rf"::{test}\[(\w)\]", said)


def test_a_whole_run_draws_says_how_and_draws_the_same_again(ran: Ran) -> None:
    first = ran()
    seed = re.search(r"--seed (\d+)", first)
    assert seed
    assert len(names(first, "test_one_of")) == 1
    assert len(names(first, "test_two_of")) == 2
    assert "test_thorough" not in first
    assert len(re.findall(r"drawn: (\w)$", first, flags=re.MULTILINE)) == 1

    again = ran(f"--seed={seed[1]}")
    for test in ("test_one_of", "test_two_of"):
        assert names(again, test) == names(first, test)
    assert re.findall(r"drawn: .*", again) == re.findall(r"drawn: .*", first)


def test_a_lot_is_the_same_for_its_seed_and_key_and_another_for_others() -> None:
    assert lot(1, "x", "abcdefgh") == lot(1, "x", "abcdefgh")
    assert {*"abcdefgh"} == {one for seed in range(60) for one in lot(seed, "x", "abcdefgh")}
    assert len({tuple(lot(1, key, "abcdefgh", count=3)) for key in "stuvwxyz"}) > 3
    assert lot(1, "x", "ab", count=5) == ["a", "b"]


@pytest.mark.parametrize("words", [["--all"], ["suite"]])
def test_all_of_it_and_what_is_named_runs_whole(ran: Ran, words: list[str]) -> None:
    said = ran(*words)
    assert names(said, "test_one_of") == list("abcdefgh")
    assert names(said, "test_two_of") == list("abc")
    assert "drawn: x y z" in said
    assert "test_thorough" in said


@pytest.mark.thorough
def test_two_workers_draw_the_same(ran: Ran) -> None:
    said = ran("-n", "2")
    assert "5 passed" not in said
    assert "4 passed" in said  # one of eight, two of three, and the test that draws itself
