"""Instructions and the steps of a history that they made, in both builders' words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.dockerfile.model.matching import Fit, Made, Misfit, fits, history, match
from helpers.engine.build.model.dockerfile import instructions
from tests.dockerfile.histories import BASE, OURS, PIECES

CLASSIC, BUILDKIT = 1, 2
SIMPLE = [piece for piece in PIECES if "SHELL" not in piece[0]]


def steps(rows: list[str]) -> tuple[Made, ...]:
    return history([*BASE, *((row, number) for number, row in enumerate(rows, start=1))])


@pytest.mark.parametrize("builder", [CLASSIC, BUILDKIT])
@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: str(piece[0])[:30])
def test_each_instruction_fits_the_step_it_made_and_none_of_the_others(
    piece: tuple[str, str, str], builder: int
) -> None:
    (one,) = instructions(piece[0])
    if piece[builder]:
        (made,) = history([(piece[builder], 1)])
        assert fits(one, made)
    for other in PIECES:
        if other[0].split()[0] != one.word and other[builder]:
            assert not fits(one, history([(other[builder], 1)])[0])


@given(st.lists(st.sampled_from(SIMPLE), max_size=12), st.sampled_from([CLASSIC, BUILDKIT]), st.booleans())
def test_a_whole_dockerfile_is_laid_beside_its_history(
    pieces: list[tuple[str, str, str]], builder: int, labelled: bool
) -> None:
    text = "\n".join(("FROM base", *(piece[0] for piece in pieces)))
    rows = [OURS] * labelled + [piece[builder] for piece in pieces if piece[builder]]
    found = match(text, steps(rows))
    assert isinstance(found, Fit)
    assert [step.bytes for step in found.base] == [100, 0]
    lines = [one.line for one in instructions(text)[1:]]
    kept = [line for line, piece in zip(lines, pieces, strict=True) if piece[builder]]
    assert sorted(found.made) == kept
    assert [found.made[line].bytes for line in kept] == list(range(1 + labelled, len(kept) + 1 + labelled))


@given(st.lists(st.sampled_from(SIMPLE), min_size=1, max_size=8), st.data())
def test_an_edited_dockerfile_is_known(pieces: list[tuple[str, str, str]], data: st.DataObject) -> None:
    rows = [piece[CLASSIC] for piece in pieces]
    at = data.draw(st.integers(0, len(pieces) - 1))
    lines = [piece[0] for piece in pieces]
    edited = [*lines[:at], "RUN something else", *lines[at:]]
    assert isinstance(match("\n".join(("FROM base", *edited)), steps(rows)), Misfit)


@pytest.mark.parametrize(
    ("text", "rows", "line", "said"),
    [
        ("FROM a\nRUN one", ["/bin/sh -c two"], 2, "RUN two"),
        ("FROM a\nRUN one\nRUN two", ["/bin/sh -c two"], 2, 'CMD ["bash"]'),
        ("FROM a\nRUNN one", ["/bin/sh -c one"], 2, "RUN one"),
        ("FROM a\nEXPOSE 80", ["EXPOSE map[8080/tcp:{}]"], 2, "EXPOSE 8080/tcp"),
        ("FROM a\nENV A=1", ["ENV A=2"], 2, "ENV A=2"),
        ("FROM a\nCMD x", ['CMD ["/bin/sh" "-c" "y"]'], 2, "CMD y"),
    ],
)
def test_where_they_part_is_told(text: str, rows: list[str], line: int, said: str) -> None:
    found = match(text, steps(rows))
    assert isinstance(found, Misfit)
    assert (found.line, found.said) == (line, said)


def test_a_history_that_is_too_short_has_no_step_there() -> None:
    found = match("FROM scratch\nCOPY a /\nCMD a", history([('CMD ["/bin/sh" "-c" "a"]', 0)]))
    assert isinstance(found, Misfit)
    assert (found.line, found.said) == (2, "")


def test_a_shell_of_one_s_own_and_a_here_document_are_no_reason_to_doubt() -> None:
    text = 'FROM a\nSHELL ["/bin/bash", "-ec"]\nRUN one\nRUN <<E\ntwo\nE\nCMD three'
    rows = [
        "SHELL [/bin/bash -ec]",
        "RUN /bin/bash -ec one # buildkit",
        "RUN /bin/bash -ec two\n # buildkit",
        'CMD ["/bin/bash" "-ec" "three"]',
    ]
    assert isinstance(match(text, steps(rows)), Fit)


def test_a_label_of_the_command_s_belongs_to_no_line() -> None:
    found = match("FROM a\nRUN one", steps(["/bin/sh -c one", "/bin/sh -c #(nop)  LABEL by=me"]))
    assert isinstance(found, Fit)
    assert found.made[2].bytes == 1


TEXTS = st.text(max_size=12) | st.sampled_from(
    ["FROM a", "RUN", "CMD [", "ARG", "EXPOSE", "COPY", "HEALTHCHECK", "ENV"]
)


@given(st.lists(TEXTS, max_size=6), st.lists(TEXTS, max_size=6))
def test_no_text_and_no_history_breaks_it(lines: list[str], rows: list[str]) -> None:
    assert isinstance(match("\n".join(lines), steps(rows)), Fit | Misfit)
