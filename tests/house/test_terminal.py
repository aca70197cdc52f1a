"""What others wrote does nothing to the terminal that it is printed in. ruff (T201) holds that only cli.say prints."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import cli
from helpers.daemon.model.doctor import Check, Report, Status
from helpers.errors import CourseError, EngineNotReachable, EngineRefused, Tried, WaitedTooLong
from helpers.plain_text import plain
from tests.drawing.hostile import HOSTILE

ACTS = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\x00\ud800"


def harmless(text: str) -> bool:
    return all(letter in "\n\t" or not unicodedata.category(letter).startswith("C") for letter in text)


@pytest.mark.parametrize(
    "error",
    [
        CourseError(ACTS, ACTS, ACTS),
        EngineRefused("The engine refused.", status=500, message=f"no such {ACTS}"),
        EngineNotReachable((Tried(ACTS, ACTS),)),
        WaitedTooLong("it", seconds=1, status=ACTS, log=(ACTS, HOSTILE)),
    ],
)
def test_an_error_says_what_it_says_and_nothing_else(error: CourseError) -> None:
    assert not harmless(ACTS)
    assert harmless(str(error))
    assert all(map(harmless, error._render_traceback_()))  # what a notebook shows, colours and all


def test_an_error_keeps_its_lines_and_its_letters() -> None:
    error = CourseError("Größe 3 – ✓", "first\nsecond\tthird", "docker ps")

    assert str(error) == "Größe 3 – ✓\nWhy: first\nsecond\tthird\nNext: docker ps"


@given(words=st.text(max_size=60) | st.text("\x1b[]0;m\x07\\ab", max_size=30))
def test_no_text_gets_through(words: str) -> None:
    assert harmless(plain(words, lines=True))


def test_what_the_commands_print_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    check = Check(name="base images", status=Status.BROKEN, what=ACTS, why=HOSTILE, next=ACTS)

    cli.say(Report(checks=(check,), seconds=1).as_text())
    cli.complain(ACTS)

    said = capsys.readouterr()
    assert "base images" in said.out
    assert harmless(said.out)
    assert harmless(said.err)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.skipif(os.name != "posix", reason="names with any byte")
def test_a_name_of_any_bytes_is_said(encoding: str, tmp_path: Path) -> None:
    """Also where the terminal has no letter for it."""
    folder = tmp_path / os.fsdecode(b"\x1b[2J caf\xc3\xa9 \xff")
    folder.mkdir()
    (folder / "mine.txt").touch()

    done = subprocess.run(
        [sys.executable, "-m", "helpers", "book", folder],
        env={**os.environ, "PYTHONIOENCODING": encoding, "COURSE_HOME": str(tmp_path)},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert b"caf" in done.stderr
    assert b"\x1b" not in done.stderr
    assert b"Traceback" not in done.stderr
