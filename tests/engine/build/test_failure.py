"""What a learner reads when a build fails: the engines' own words, made plain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import errors
from helpers.engine.build.model.dockerfile import Instruction, instructions
from helpers.engine.build.model.failure import exit_code, failed, named_line, reason


def at(text: str, line: int = 4) -> Instruction:
    return Instruction(line=line, end=line, word=text.split()[0], text=text)


def test_it_reads_well() -> None:
    error = failed(
        "The command '/bin/sh -c pip install flaks' returned a non-zero code: 1",
        at=at("RUN pip install flaks"),
        code=1,
        log=("ERROR: No matching distribution found for flaks",),
    )
    assert str(error) == (
        "Line 4 of the Dockerfile failed with exit code 1: RUN pip install flaks\n"
        "Why: ERROR: No matching distribution found for flaks\n"
        "Next: pip found no such package where it looked. The course's Python image has its packages in /wheels: "
        "pip install --no-index --find-links /wheels NAME"
    )


def test_ten_lines_are_shown_and_all_are_kept() -> None:
    error = failed("exit code: 2", at=at("RUN make"), code=2, log=tuple(str(n) for n in range(20)))
    assert error.why.splitlines() == [str(n) for n in range(10, 20)]
    assert isinstance(error, errors.BuildFailed)
    assert len(error.log) == 20


def test_a_long_instruction_is_cut_and_a_step_without_line_is_named() -> None:
    error = failed("x", at=None, said="LABEL " + "a" * 200)
    assert error.what.startswith("The build failed: LABEL aaa")
    assert error.what.endswith("…")
    assert len(error.what) < 130


@pytest.mark.parametrize(
    ("wrote", "code", "advice"),
    [
        ("/bin/sh: nosuch: not found", 127, '"nosuch"'),  # busybox
        ("/bin/sh: 1: nosuch: not found", 127, '"nosuch"'),  # dash
        ("bash: line 1: nosuch: command not found", 127, '"nosuch"'),
        ("/bin/sh: /app/run.sh: not found", 127, "#!"),
        ("/bin/sh: ./run.sh: Permission denied", 126, "chmod"),
        ("python: can't open file '/app/x.py': [Errno 2] No such file or directory", 2, "COPY and WORKDIR"),
        ("Killed", 137, "memory"),
        ("assertion failed", 1, "change this line"),
    ],
)
def test_the_signs_of_a_command_that_failed(wrote: str, code: int, advice: str) -> None:
    error = failed("exit code", at=at("RUN something"), code=code, log=("before", wrote))
    assert advice in error.next_step
    assert error.why == f"before\n{wrote}"


@pytest.mark.parametrize(
    ("message", "line", "advice"),
    [
        ("dockerfile parse error line 3: unknown instruction: COPPY", 3, "Did you mean COPY?"),
        ("dockerfile parse error on line 3: unknown instruction: COPPY (did you mean ENV?)", 3, "Did you mean COPY?"),
        ("unknown instruction: COPPY", 3, "Did you mean COPY?"),
        ("failed to parse Dockerfile: ENV must have two arguments", 2, "this line"),
        ("no build stage in current context", 1, "begins with FROM"),
        ("the Dockerfile (Dockerfile) cannot be empty", None, "begins with FROM"),
        ("failed to reach build target nope in Dockerfile", None, "after AS"),
        ("dockerfile parse error line 99: odd", None, "this line"),
        ("no idea", None, "The engine's words"),
    ],
)
def test_a_dockerfile_that_can_not_be_read(message: str, line: int | None, advice: str) -> None:
    found = instructions("FROM a\nENV B\nCOPPY x \\\n y\nRUN z\n")
    error = failed(message, at=named_line(message, found))
    assert isinstance(error, errors.BuildFailed)
    assert error.line == line
    assert error.what == (
        f"The engine can't read line {line} of the Dockerfile: {found[line - 1].text}"
        if line
        else "The build failed before its first step."
    )
    assert advice in error.next_step
    assert "did you mean" not in error.why


@pytest.mark.parametrize(
    ("message", "instruction", "why"),
    [
        (
            "COPY failed: file not found in build context or excluded by .dockerignore: stat a: file does not exist",
            "COPY a /",
            "no a in the build context",
        ),
        (
            'failed to solve: failed to compute cache key: failed to calculate checksum of ref a::b: "/b": not found',
            "COPY a b /x/",
            "no b in the build context",
        ),
        ('failed to compute cache key: "/a" not found: not found', "ADD a /", "no a in the build context"),
        ("failed to solve: lstat /var/lib/x/merged/nope: no such file or directory", "COPY --from=b /nope /", "in b"),
        ("COPY failed: no source files were specified", "COPY *.txt *.md /", "no such file in the build context"),
    ],
)
def test_a_file_that_is_not_there(message: str, instruction: str, why: str) -> None:
    error = failed(message, at=at(instruction))
    assert why in error.why
    assert "/var/lib" not in str(error)


@pytest.mark.parametrize("instruction", ["FROM nope:1", "COPY --from=nope /a /"])
def test_an_image_that_can_not_be_had(instruction: str) -> None:
    error = failed('Get "http://localhost/v2/": dial tcp: connection refused', at=at(instruction))
    assert isinstance(error, errors.NoSuchImage)
    assert error.status is None  # the words are from the build's log: no answer had a status
    assert "(404)" not in str(error)
    assert (
        f"Line 4 of the Dockerfile names an image that is not on the engine, and it could not be fetched: {instruction}"
        == error.what
    )


def test_a_command_that_never_ran_has_no_exit_code() -> None:
    said = 'runc run failed: unable to start container process: exec: "make": executable file not found in $PATH'
    error = failed("executor failed running [make]: exit code: 1", at=at('RUN ["make"]'), log=(said,))
    assert isinstance(error, errors.BuildFailed)
    assert (error.exit_code, error.log) == (None, ())
    assert error.why == "the image has no program make that can be run"


def test_reason_and_exit_code() -> None:
    assert reason("ERROR: failed to build: failed to solve: rpc error: code = Unknown desc = oh") == "oh"
    assert reason('ERROR: failed to solve: process "/bin/sh -c a\nb" did not complete successfully: exit code: 4') == ""
    assert exit_code("did not complete successfully: exit code: 4") == 4
    assert exit_code("no such thing") is None


@given(st.text(), st.text(), st.none() | st.integers(), st.lists(st.text()))
def test_no_words_break_it(message: str, said: str, code: int | None, log: list[str]) -> None:
    error = failed(message, at=None, said=said, code=code, log=tuple(log))
    assert error.what
    assert error.next_step
