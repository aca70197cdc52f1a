"""Variables of a Dockerfile: filled in as the builders do it, and which ones a line sets."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.engine.build.model.dockerfile import exact, instructions
from helpers.engine.build.model.variables import fill, settings, variables

KNOWN = {"X": "one", "EMPTY": "", "FILE": "a/b/c.tar.gz", "Ü": "u"}


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("plain", "plain"),
        ("$X", "one"),
        ("${X}", "one"),
        ("a${X}b$X", "aonebone"),
        ("$Xy", ""),  # the name is Xy
        ("$NOT", ""),
        ("$", "$"),
        ("a$ b", "a$ b"),
        ("$Ü", "u"),
        ("${NOT:-d}", "d"),
        ("${X:-d}", "one"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${NOT-d}", "d"),
        ("${X:+d}", "d"),
        ("${NOT:+d}", ""),
        ("${EMPTY:+d}", ""),
        ("${EMPTY+d}", "d"),
        ("${X:?no}", "one"),
        ("${NOT:-${X}}", "one"),
        ("${NOT:-a b}", "a b"),
        ("${NOT:-}", ""),
        ("'$X'", "$X"),
        ('"$X"', "one"),
        ('"a\\"b"', 'a"b'),
        ('"a\\b"', "a\\b"),
        ('"\\$X"', "$X"),
        ("\\$X", "$X"),
        ("a\\ b", "a b"),
        ("\\\\", "\\"),
        ("'a'\"b\"c", "abc"),
        ("${FILE#*/}", "b/c.tar.gz"),
        ("${FILE##*/}", "c.tar.gz"),
        ("${FILE%.*}", "a/b/c.tar"),
        ("${FILE%%.*}", "a/b/c"),
        ("${FILE/a/x}", "x/b/c.tar.gz"),
        ("${FILE//a/x}", "x/b/c.txr.gz"),
        ("${FILE#z}", "a/b/c.tar.gz"),
        ("$1x", "x"),
        ("$$X", "X"),
    ],
)
def test_a_word_is_filled_in_as_the_reference_says(word: str, text: str) -> None:
    assert fill(word, KNOWN).text == text


@pytest.mark.parametrize(
    "word", ["${", "${}", "${:x}", "${X", "${X:", "${X:z}", "'a", '"a', "${NOT:?no}", "${NOT?no}", "${X/a}"]
)
def test_what_no_builder_takes_is_refused(word: str) -> None:
    with pytest.raises(ValueError):
        fill(word, KNOWN)


def test_each_name_that_was_asked_for_is_told_once() -> None:
    assert fill("$A${B:-$C}'$D'$A", {"A": "1"}).used == ("A", "C", "B")


def test_a_here_document_keeps_its_quotes_and_an_escape_can_be_another() -> None:
    assert fill('it\'s "$X"', KNOWN, quotes=False).text == 'it\'s "one"'
    assert fill("`$X\\$X", KNOWN, escape="`").text == "$X\\one"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("ENV A=1", (("A", "1"),)),
        (
            "ENV A=1 B='2 3' C=\"4 5\" D=6\\ 7 E=",
            (("A", "1"), ("B", "'2 3'"), ("C", '"4 5"'), ("D", "6\\ 7"), ("E", "")),
        ),
        ("ENV A some words  = here", (("A", "some words  = here"),)),
        ("ENV A=b=c", (("A", "b=c"),)),
        ("ARG A", (("A", None),)),
        ("ARG A B=1 C=", (("A", None), ("B", "1"), ("C", ""))),
        ('LABEL "a b"=c d.e=f', (('"a b"', "c"), ("d.e", "f"))),
        ("ENV", ()),
        ("ENV A='", (("A", "'"),)),
        ("ENV \\\n  A=1 \\\n  B=2", (("A", "1"), ("B", "2"))),
    ],
)
def test_what_a_line_sets(line: str, found: tuple[tuple[str, str | None], ...]) -> None:
    (one,) = instructions(line)
    assert settings(one) == found
    assert variables(one) == tuple(dict.fromkeys(name for name, _ in found))


@given(st.text(alphabet="$X{}:-+?#%/'\"\\ ab", max_size=12))
def test_no_word_breaks_it(word: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(fill(word, KNOWN).text, str)
    (one,) = instructions(f"ENV A{word.strip() or '=1'}")
    settings(one)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("RUN a  b", "RUN a  b"),
        ("  RUN  a\t", "RUN  a"),
        ("RUN a \\\n    b", "RUN a     b"),
        ("RUN a\\  \nb", "RUN ab"),
        ("RUN a \\\n# no\n\n  b", "RUN a   b"),
        ("RUN <<E\n  x\n\nE", "RUN <<E\n  x\n\nE"),
        ("# escape=`\nRUN a `\n b \\", "RUN a  b \\"),
        ("RUN a\r\n", "RUN a"),
    ],
)
def test_an_instruction_to_the_letter(text: str, letters: str) -> None:
    (one,) = instructions(text)
    assert exact(text, one) == letters
