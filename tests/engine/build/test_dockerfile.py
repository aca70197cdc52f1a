"""The lines of a Dockerfile, and which of them an engine's words mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.engine.build.model.dockerfile import Instruction, at_line, base, chain, instructions, locate, stamped

TEXT = """\
# syntax=docker/dockerfile:1

ARG VERSION=1
FROM localhost/course/busybox:1 AS Base
  # a comment may be indented
ENV A=1 \\
    # and stand in between

    B=2
RUN echo $A; \\
    echo err >&2
run true
RUN true

FROM base
WORKDIR /x
COPY a.txt .
RUN <<EOF
FROM nowhere
EOF
CMD ["sh"]
"""


def seen(text: str) -> list[tuple[int, int, str]]:
    return [(one.line, one.end, one.text) for one in instructions(text)]


def test_each_instruction_knows_its_lines() -> None:
    assert seen(TEXT) == [
        (3, 3, "ARG VERSION=1"),
        (4, 4, "FROM localhost/course/busybox:1 AS Base"),
        (6, 9, "ENV A=1 B=2"),
        (10, 11, "RUN echo $A; echo err >&2"),
        (12, 12, "run true"),
        (13, 13, "RUN true"),
        (15, 15, "FROM base"),
        (16, 16, "WORKDIR /x"),
        (17, 17, "COPY a.txt ."),
        (18, 20, "RUN <<EOF"),
        (21, 21, 'CMD ["sh"]'),
    ]
    assert [one.word for one in instructions(TEXT)][4] == "RUN"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n \n# only\n", []),
        ("\\\nFROM a", [(1, 2, "FROM a")]),
        ("RUN a\\\nb", [(1, 2, "RUN ab")]),
        ("RUN a \\  \n\n\n b\nRUN c", [(1, 4, "RUN a b"), (5, 5, "RUN c")]),
        ("RUN a \\", [(1, 1, "RUN a")]),
        ("RUN a\\\\\nRUN b", [(1, 1, "RUN a\\\\"), (2, 2, "RUN b")]),
        ("\ufeffFROM a\r\nRUN b \\\r\n c\r\n", [(1, 1, "FROM a"), (2, 3, "RUN b c")]),
        ("# escape=`\nRUN a `\n b\nRUN c:\\\nRUN d", [(2, 3, "RUN a b"), (4, 4, "RUN c:\\"), (5, 5, "RUN d")]),
        ("# hello=1\n# escape=`\nRUN a `\nRUN b", [(3, 3, "RUN a `"), (4, 4, "RUN b")]),
        ("# syntax=x\n# escape=`\nRUN a `\nRUN b", [(3, 4, "RUN a RUN b")]),
        ("#\n# escape=`\nRUN a `\nRUN b", [(3, 3, "RUN a `"), (4, 4, "RUN b")]),
        ("RUN a\x0b\x0c\u2028b\nRUN c", [(1, 1, "RUN a\x0b\x0c\u2028b"), (2, 2, "RUN c")]),
        ("COPY <<a <<-'b' /x\na\n\tx\n\tb\nRUN c", [(1, 4, "COPY <<a <<-'b' /x"), (5, 5, "RUN c")]),
        ("RUN cat <<EOF\nRUN no\n", [(1, 3, "RUN cat <<EOF")]),
        ('RUN echo "<<EOF"\nRUN b', [(1, 1, 'RUN echo "<<EOF"'), (2, 2, "RUN b")]),
        ("RUN cat <<<EOF\nRUN b", [(1, 1, "RUN cat <<<EOF"), (2, 2, "RUN b")]),
        ("ENV A=<<EOF\nRUN b", [(1, 1, "ENV A=<<EOF"), (2, 2, "RUN b")]),
    ],
)
def test_the_engines_rules_of_lines_are_kept(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert seen(text) == expected


@pytest.mark.parametrize(
    ("said", "number", "line"),
    [
        ("RUN echo $A;     echo err >&2", 4, 10),  # the classic builder keeps the blanks of a continued line
        ("RUN true", 5, 12),
        ("RUN true", 6, 13),
        ("RUN true", None, None),  # which of the two?
        ("LABEL containers-unpacked=1", 12, None),  # the engine adds it for labels=
        ("LABEL containers-unpacked=1", 3, None),
        ("[base 1/4] FROM localhost/course/busybox:1@sha256:abc", None, 4),
        ("[base 2/4] RUN echo 1;    echo err >&2", None, 10),  # BuildKit fills variables in
        ("[base 3/4] RUN true", None, 12),
        ("[linux/arm64 base  4/4] RUN true", None, 13),
        ("[stage-1 1/3] WORKDIR /x", None, 16),
        ("[stage-1 3/3] RUN <<EOF (FROM nowhere)", None, 18),
        ("[stage-1 9/9] RUN nothing", None, None),
        ("[elsewhere 2/4] RUN true", None, None),
        ("[internal] load build definition", None, None),
        ("", 1, None),
    ],
)
def test_the_engines_words_lead_to_their_line(said: str, number: int | None, line: int | None) -> None:
    found = locate(instructions(TEXT), said, number)
    assert (found.line if found else None) == line


def test_a_single_stage_has_no_name() -> None:
    found = instructions("FROM scratch\nADD rootfs.tar /\nENV A=1\nRUN $A\n")
    assert locate(found, "[1/2] ADD rootfs.tar /") == found[1]
    assert locate(found, "[2/2] RUN 1") == found[3]


def test_a_line_belongs_to_the_instruction_around_it() -> None:
    found = instructions(TEXT)
    assert at_line(found, 19) == found[9]
    assert at_line(found, 14) is None


@pytest.mark.parametrize(
    ("text", "flags", "rest", "listed"),
    [
        ("COPY --from=build --chown=1:1  /a  /b c", ("--from=build", "--chown=1:1"), "/a  /b c", None),
        ('CMD ["greet", "Ada B"]', (), '["greet", "Ada B"]', ("greet", "Ada B")),
        ('CMD ["greet", 1]', (), '["greet", 1]', None),
        ("CMD ['greet']", (), "['greet']", None),
        ("CMD []", (), "[]", ()),
        ("CMD [ -f x ] && y", (), "[ -f x ] && y", None),
        ("RUN --mount=type=cache,target=/x pip install --no-index y", ("--mount=type=cache,target=/x",), None, None),
        ("HEALTHCHECK --interval=5s CMD true", ("--interval=5s",), "CMD true", None),
        ("RUN", (), "", None),
    ],
)
def test_an_instruction_is_options_and_the_rest(
    text: str, flags: tuple[str, ...], rest: str | None, listed: tuple[str, ...] | None
) -> None:
    (one,) = instructions(text)
    assert one.flags == flags
    assert one.rest == ("pip install --no-index y" if rest is None else rest)
    assert one.listed == listed
    assert one.flag("from") == ("build" if "--from=build" in flags else "")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("FROM a\nRUN b", [1, 2]),
        ("ARG v\nFROM a AS x\nRUN b\nFROM c\nCOPY --from=x . .", [4, 5]),
        ("FROM a AS x\nRUN b\nFROM c AS y\nRUN d\nFROM X\nRUN e", [1, 2, 5, 6]),
        ("FROM a AS x\nFROM x AS x\nRUN b\nFROM x\nRUN c", [1, 2, 3, 4, 5]),  # the later one of a name
        ("FROM x AS x\nRUN b", [1, 2]),  # an image of that name
        ("FROM --platform=linux/arm64 a as x\nFROM x", [1, 2]),
        ("RUN b", []),
        ("", []),
    ],
)
def test_an_image_consists_of_its_last_stage_and_those_it_goes_on_from(text: str, lines: list[int]) -> None:
    found = chain(instructions(text))
    assert [one.line for one in found] == lines
    assert all(base(one) for one in found if one.word == "FROM")


PIECES = st.lists(
    st.sampled_from(
        ["FROM a", "RUN b", " \\\n", "\n", "# c", "<<E", "E", "\\", "\r", " ", "`", "# escape=`\n", "[1/2] "]
    )
    | st.text(max_size=4),
    max_size=20,
).map("".join)


@given(PIECES, PIECES, st.none() | st.integers())
def test_no_text_breaks_the_reader(text: str, said: str, number: int | None) -> None:
    found = instructions(text)
    assert all(one in found and one.rest in one.text for one in chain(found))
    covered = [line for one in found for line in range(one.line, one.end + 1)]
    assert covered == sorted(set(covered))  # no line twice
    assert all(1 <= one.line <= one.end <= text.count("\n") + 1 and one.word and one.text for one in found)
    assert locate(found, said, number) in (None, *found)


CONTINUED = " \\\n  "
WORDS = st.text(alphabet="abc-/.$\"'", min_size=1, max_size=8)


@given(
    st.lists(st.tuples(st.sampled_from(["RUN", "COPY", "ENV"]), st.lists(WORDS, min_size=1, max_size=5)), max_size=8)
)
def test_every_instruction_is_found_again_by_its_number(parts: list[tuple[str, list[str]]]) -> None:
    text = "FROM x\n" + "".join(word + " " + CONTINUED.join(words) + "\n# so\n" for word, words in parts)
    found = instructions(text)
    assert [one.text for one in found] == ["FROM x", *(f"{word} {' '.join(words)}" for word, words in parts)]
    assert [locate(found, one.text, number) for number, one in enumerate(found, start=1)] == list(found)
    assert all(isinstance(one, Instruction) and at_line(found, one.end) == one for one in found)


@given(
    st.lists(
        st.sampled_from(["FROM a", "FROM b AS c", "RUN x \\\n y", "# c", "", "COPY . .", "ARG v=1", "FROM a \\\n AS d"])
    )
)
def test_labels_come_after_each_from_and_change_no_line(parts: list[str]) -> None:
    text = "\n".join(parts)
    sent_text, sent, shown = stamped(text, {"k": "v", "l": "w"})
    own = [one for one in shown if one.line]
    assert own == list(instructions(text))
    assert instructions(sent_text) == sent
    assert len(sent) == len(shown) == len(own) + sum(one.word == "FROM" for one in own)
    for before, one in zip(sent, shown[1:], strict=False):
        assert (before.word == "FROM") == (one.line == 0)
