"""The log of a build, read piece by piece."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.engine.build.model.log import BuildLog, Step, plain

OLD = """\
Step 1/4 : FROM localhost/course/busybox:1
 ---> b4f5262b1e11
Step 2/4 : WORKDIR /app
 ---> Using cache
 ---> 1111aaaa2222
Step 3/4 : RUN echo hello
 ---> Running in 4fac3286f504
hello
Removing intermediate container 4fac3286f504
 ---> 3333bbbb4444
Step 4/4 : COPY a b
 ---> 5555cccc6666
Successfully built 5555cccc6666
Successfully tagged x:1
"""
NEW = OLD.replace("Removing intermediate container", " ---> Removed intermediate container")
PODMAN = """\
STEP 1/3: FROM localhost/course/busybox:1
STEP 2/3: RUN echo hello
hello
--> 3333bbbb4444
STEP 3/3: COPY a b
--> Using cache 5555cccc66667777
--> 5555cccc6666
"""


def read(text: str, *cuts: int) -> tuple[BuildLog, list[Step]]:
    log = BuildLog()
    named: list[Step] = []
    places = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    for start, end in itertools.pairwise(places):
        named += log.feed(text[start:end])
    return log, [*named, *log.close()]


@pytest.mark.parametrize("text", [OLD, NEW], ids=["20.10", "newer"])
def test_each_step_knows_its_image_and_whether_this_build_made_it(text: str) -> None:
    log, named = read(text)

    assert [(s.word, s.image_id, s.cached, s.made) for s in log.steps] == [
        ("FROM", "b4f5262b1e11", False, False),
        ("WORKDIR", "1111aaaa2222", True, False),
        ("RUN", "3333bbbb4444", False, True),
        ("COPY", "5555cccc6666", False, True),
    ]
    assert [s.image_id for s in named] == ["b4f5262b1e11", "1111aaaa2222", "3333bbbb4444", "5555cccc6666"]
    assert log.steps[2].output == ("hello",)
    assert log.built == "5555cccc6666"


def test_the_paint_on_error_output_is_taken_off() -> None:
    log, named = read(
        "Step 1/1 : RUN b\n ---> Running in cccccccccccc\n\x1b[91mno luck\n\x1b[0m"
        "Removing intermediate container cccccccccccc\n ---> bbbbbbbbbbbb\n"
    )
    assert log.steps[0].output == ("no luck",)
    assert [s.image_id for s in named] == ["bbbbbbbbbbbb"]


def test_podmans_log_is_read_too() -> None:
    log, _ = read(PODMAN)

    assert [(s.word, s.image_id, s.made) for s in log.steps] == [
        ("FROM", "", False),
        ("RUN", "3333bbbb4444", True),
        ("COPY", "5555cccc6666", False),
    ]


@given(st.lists(st.integers(min_value=0), max_size=12), st.sampled_from([OLD, NEW, PODMAN]))
def test_where_the_pieces_are_cut_makes_no_difference(cuts: list[int], text: str) -> None:
    assert read(text, *cuts)[0].steps == read(text)[0].steps
    assert read(text, *cuts)[1] == read(text)[1]


FORGED = st.sampled_from(
    [
        " ---> deadbeefdead",
        " ---> Using cache",
        "Step 3/3 : RUN evil",
        "Successfully built deadbeefdead",
        "Removing intermediate container deadbeefdead",
        " ---> Running in deadbeefdead",
        "\x1b]0;never closed",
        "\x1b[",
        "\x1b",
    ]
)


@given(st.lists(FORGED | st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])), max_size=8), st.booleans())
def test_what_a_program_prints_names_no_image(lines: list[str], new: bool) -> None:
    end = " ---> Removed intermediate" if new else "Removing intermediate"
    text = (
        "Step 1/2 : FROM a\n ---> aaaaaaaaaaaa\nStep 2/2 : RUN b\n ---> Running in cccccccccccc\n"
        + "\n".join(lines)  # the last one without a line break, as printf leaves it
        + f"{end} container cccccccccccc\n ---> bbbbbbbbbbbb\nSuccessfully built bbbbbbbbbbbb\n"
    )
    log, named = read(text)

    assert [s.image_id for s in named] == ["aaaaaaaaaaaa", "bbbbbbbbbbbb"]
    assert len(log.steps) == 2
    assert log.built == "bbbbbbbbbbbb"


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    log, named = read(text)
    assert all(step.image_id for step in named)
    assert len(log.steps) <= text.count("tep ") + text.count("TEP ")


def test_each_step_knows_its_line_of_the_dockerfile() -> None:
    log = BuildLog("# so\nFROM localhost/course/busybox:1\n\nWORKDIR /app\nRUN echo \\\n  hello\nCOPY a b\n")
    log.feed(NEW.replace("1/4", "1/5") + "Step 5/5 : LABEL a=b\n ---> 7777aaaa8888\n")
    assert [step.line for step in log.steps] == [2, 4, 5, 7, 0]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("10%\r50%\r100%\r", "100%"),
        ("\x1b]0;title\x07a\tb\x00", "a\tb"),
        ("\x1b[2K", ""),
        ("<b>", "<b>"),
    ],
)
def test_a_line_is_kept_as_a_screen_shows_it(written: str, shown: str) -> None:
    assert plain(written) == shown


def test_the_engines_last_word_is_no_output_of_the_last_step() -> None:
    log = BuildLog()
    log.feed("Step 1/2 : FROM a\n ---> 111111111111\nStep 2/2 : RUN x\n ---> Running in 333333333333\nhello\n")
    log.feed(" ---> Removed intermediate container 333333333333\n ---> 222222222222\nSuccessfully built 222222222222\n")
    log.feed("Successfully tagged shop:1\n")
    assert log.steps[-1].output == ("hello",)
    assert log.built == "222222222222"
