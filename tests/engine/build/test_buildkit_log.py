"""BuildKit's log in both its forms, read piece by piece."""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import errors
from helpers.engine.build.model.buildkit_log import BuildKitLog
from helpers.engine.build.model.log import Step
from helpers.engine.build.model.rawjson import Objects

DOCKERFILE = """\
FROM localhost/course/busybox:1 AS base
ENV A=1

RUN echo $A; \\
    echo err >&2
FROM base
COPY a.txt .
RUN exit 3
"""
NAMES = {
    "f": "[base 1/2] FROM localhost/course/busybox:1",
    "r": "[base 2/2] RUN echo 1;     echo err >&2",
    "c": "[stage-1 1/2] COPY a.txt .",
    "x": "[stage-1 2/2] RUN exit 3",
}


def stamp(seconds: float) -> str:
    return f"2026-11-24T08:13:{seconds:012.9f}Z"


def vertex(digest: str, start: float | None = None, end: float | None = None, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"digest": digest, "name": NAMES.get(digest, digest), **more}
    row |= {"started": stamp(start)} if start is not None else {}
    row |= {"completed": stamp(end)} if end is not None else {}
    return {"vertexes": [row]}


def log(digest: str, data: bytes, stream: int = 1) -> dict[str, Any]:
    return {"logs": [{"vertex": digest, "stream": stream, "data": base64.b64encode(data).decode()}]}


EVENTS = [
    vertex("[internal] load remote build context", 1, 2),
    {"vertexes": [row for digest in "xcrf" for row in vertex(digest)["vertexes"]]},  # the last comes first
    vertex("f", 2, 2.5),
    vertex("f", 3, 3.25, cached=True),
    vertex("r", 4),
    log("r", b"1\nno li"),
    log("r", b"\x1b[31merr\x1b[0m\n", stream=2),
    log("r", b"ne end"),
    vertex("r", 4, 6),
    vertex("c", 6, 6, cached=True),
    vertex("x", 7),
    log("x", b"oh\r100%\r\n"),
]
GOOD = [*EVENTS, vertex("x", 7, 8), vertex("exporting to image", 8, 9)]
BAD = [*EVENTS, vertex("x", 7, 8, error='process "/bin/sh -c exit 3" did not complete successfully: exit code: 3')]
WORDS = """\
Dockerfile:8
--------------------
   6 |     FROM base
   8 | >>> RUN exit 3
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c exit 3" did not complete successfully: exit code: 3
"""


def lines(events: list[dict[str, Any]], words: str = "") -> str:
    return "".join(json.dumps(event) + "\n" for event in events) + words


def indented(events: list[dict[str, Any]], words: str = "") -> str:
    return "".join(json.dumps(event, indent=2) + "\n" for event in events) + words


FORMS = pytest.mark.parametrize("form", [lines, indented], ids=["0.29", "0.13"])


def read(text: str, *cuts: int, dockerfile: str = DOCKERFILE) -> tuple[BuildKitLog, list[Step]]:
    found = BuildKitLog(dockerfile)
    ended: list[Step] = []
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    for start, end in itertools.pairwise(places):
        ended += found.feed(text[start:end])
    return found, [*ended, *found.close()]


@FORMS
def test_steps_come_in_the_dockerfiles_order_with_what_is_known_of_each(form: Any) -> None:
    found, ended = read(form(GOOD))

    assert [(s.number, s.total, s.line, s.instruction, s.cached) for s in found.steps] == [
        (1, 4, 1, "FROM localhost/course/busybox:1 AS base", True),
        (2, 4, 4, "RUN echo $A; echo err >&2", False),
        (3, 4, 7, "COPY a.txt .", True),
        (4, 4, 8, "RUN exit 3", False),
    ]
    assert [s.seconds for s in found.steps] == pytest.approx([0.75, 2, 0, 1])
    assert [s.output for s in found.steps] == [(), ("1", "err", "no line end"), (), ("100%",)]
    assert [s.word for s in ended] == ["FROM", "RUN", "COPY", "RUN"]
    assert found.begun == found.steps
    assert not any(s.made for s in found.steps)  # a step has no image of its own


@FORMS
def test_a_failure_is_the_line_the_code_and_what_the_command_wrote(form: Any) -> None:
    failed = read(form(BAD, WORDS))[0].failure()

    assert isinstance(failed, errors.BuildFailed)
    assert (failed.line, failed.instruction, failed.exit_code, failed.log) == (8, "RUN exit 3", 3, ("100%",))
    assert failed.what == "Line 8 of the Dockerfile failed with exit code 3: RUN exit 3"
    assert failed.why == "100%"


@FORMS
def test_an_old_engine_names_no_line_and_the_step_does(form: Any) -> None:
    failed = read(form(BAD, "ERROR: failed to solve: executor failed running [/bin/sh -c exit 3]: exit code: 3\n"))[0]
    error = failed.failure()
    assert isinstance(error, errors.BuildFailed)
    assert (error.line, error.exit_code) == (8, 3)


def test_the_one_that_failed_is_blamed_and_not_those_called_off() -> None:
    events = [vertex("r", 4, 5, error="context canceled"), vertex("x", 4, 5, error="no such luck")]
    failed = read(lines(events, "ERROR: failed to solve: no such luck\n"))[0].failure()
    assert isinstance(failed, errors.BuildFailed)
    assert (failed.line, failed.why) == (8, "no such luck")


@pytest.mark.parametrize(
    ("name", "dockerfile"),
    [
        ("[internal] load metadata for localhost/none:1", "# x\nFROM localhost/none:1\nRUN true\n"),
        ("[internal] load metadata for docker.io/library/none:latest", "# x\nFROM none AS a\n"),
        ("FROM docker.io/library/none:latest", "FROM scratch\nCOPY --from=none /a /\n"),
    ],
)
def test_an_image_that_is_missing_is_looked_up_in_the_dockerfile(name: str, dockerfile: str) -> None:
    said = 'failed to do request: Head "http://localhost/v2/none": dial tcp 127.0.0.1:80: connect: connection refused'
    text = lines([vertex(name, 1, 2, error=said)], f"ERROR: failed to solve: {said}\n")
    failed = read(text, dockerfile=dockerfile)[0].failure()
    assert isinstance(failed, errors.NoSuchImage)
    assert failed.what.startswith("Line 2 of the Dockerfile names an image")


def test_a_command_of_many_lines_is_no_part_of_the_reason() -> None:
    words = (
        'ERROR: failed to solve: process "/bin/sh -c echo a\nexit 3\n" did not complete successfully: exit code: 3\n'
    )
    failed = read(lines(EVENTS, "Dockerfile:8\n" + words))[0].failure()
    assert isinstance(failed, errors.BuildFailed)
    assert (failed.line, failed.exit_code) == (8, 3)
    assert failed.why == "the command wrote nothing"


def test_a_log_without_a_word_still_gives_an_error() -> None:
    failed = read("")[0].failure()
    assert isinstance(failed, errors.BuildFailed)
    assert "without a word" in failed.why


@given(st.lists(st.integers(min_value=0), max_size=12), st.sampled_from([lines, indented]))
def test_where_the_pieces_are_cut_makes_no_difference(cuts: list[int], form: Any) -> None:
    text = form(BAD, WORDS)
    assert read(text, *cuts)[0].steps == read(text)[0].steps
    assert read(text, *cuts)[0].words == read(text)[0].words
    assert [s.number for s in read(text, *cuts)[1]] == [s.number for s in read(text)[1]]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["digest", "name", "started", "completed", "cached", "error", "vertex", "stream", "data"])
ROWS = st.lists(st.dictionaries(KEYS, JSON, max_size=6) | JSON, max_size=3)


@given(
    st.lists(st.dictionaries(st.sampled_from(["vertexes", "logs", "statuses"]), ROWS | JSON) | st.text(), max_size=5)
)
def test_no_log_breaks_the_reader(parts: list[Any]) -> None:
    text = "".join(part if isinstance(part, str) else json.dumps(part) + "\n" for part in parts)
    found, _ = read(text)
    assert isinstance(found.failure(), errors.EngineError)
    assert len(found.begun) <= len(found.steps)


@given(
    st.lists(
        st.dictionaries(st.text(max_size=5), JSON, max_size=3) | st.text(alphabet='abc {}[]"', max_size=9), max_size=6
    )
)
def test_objects_are_told_from_words(parts: list[Any]) -> None:
    parts = [part.strip(" {[") if isinstance(part, str) else part for part in parts]
    reader = Objects()
    text = "".join(part + "\n" if isinstance(part, str) else json.dumps(part, indent=1) + "\n" for part in parts)
    assert [*reader.feed(text), *reader.close()] == [part for part in parts if isinstance(part, dict)]
    assert reader.words == [part for part in parts if isinstance(part, str) and part.strip()]


def test_what_only_looks_like_an_object_is_words() -> None:
    reader = Objects()
    assert list(reader.feed('{ not json }\n{"open": \n{"a": 1}\nend\n')) == [{"a": 1}]
    assert list(reader.close()) == []
    assert reader.words == ["{ not json }", '{"open": ', "end"]
