"""A Dockerfile as its builder sees it: steps, what they stand on, what counts for them, and which files they take."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.builds.model.causes import Told, explain, forecast
from helpers.builds.model.context_files import taken
from helpers.builds.model.graph import Graph, Node, graph
from helpers.builds.model.record import Record
from helpers.builds.model.snapshot import Entry
from helpers.errors import WrongUse


def last(text: str, *, builder: str = "buildkit", **args: str) -> Node:
    return graph(text, args=args, builder=builder).nodes[-1]


def same(one: str, other: str, builder: str = "buildkit") -> bool:
    """True if the last lines of two Dockerfiles mean the same to the builder."""
    return last(f"FROM a\n{one}", builder=builder).said == last(f"FROM a\n{other}", builder=builder).said


STAGED = """\
ARG TAG=1
FROM x:$TAG AS One
RUN a
FROM y AS two
COPY --from=ONE /a /a
FROM one
RUN --mount=type=bind,from=two,target=/m b
COPY --from=busybox:1 /bin /bin
FROM scratch AS four
COPY f f
"""


def test_steps_know_what_they_stand_on() -> None:
    found = graph(STAGED, target="2")
    assert found.target == "2"
    assert [(node.stage, node.before, node.others, node.needed, node.setting) for node in found.nodes] == [
        ("", None, (), True, True),
        ("one", None, (), True, False),
        ("one", 1, (), True, False),
        ("two", None, (), True, False),
        ("two", 3, (2,), True, False),
        ("2", None, (), True, True),
        ("2", 2, (4,), True, False),
        ("2", 6, (), True, False),
        ("four", None, (), False, True),
        ("four", None, (), False, False),
    ]
    assert found.bases == ("x:1", "y", "busybox:1")
    assert not found.uses_context
    assert graph(STAGED).uses_context
    assert graph(STAGED).bases == ()
    assert graph(STAGED, target="two", args={"TAG": "3"}).bases == ("x:3", "y")


def test_the_classic_builder_needs_all_stages_up_to_the_target() -> None:
    found = graph(STAGED, target="two", builder="classic")
    assert [node.needed for node in found.nodes] == [True] * 5 + [False] * 5
    assert [node.before for node in graph(STAGED, builder="classic").nodes][5] == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("RUN x", 1),
        ("FROM a\nRUNN x", 2),
        ("FROM", 1),
        ("FROM a b", 1),
        ("FROM $NOT", 1),
        ("FROM a\nCOPY x", 2),
        ("FROM a\n\nCOPY --from=3 a b", 3),
        ("FROM a\nCOPY --from=0 a b", 2),
        ("FROM a\nENV A=${}", 2),
        ("FROM a\nWORKDIR ${X", 2),
        ("FROM a\nENV", 2),
    ],
)
def test_what_no_builder_takes_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(WrongUse, match=f"Line {line} of the Dockerfile"):
        graph(text)


def test_a_file_without_from_and_a_stage_that_is_not_there_are_refused() -> None:
    with pytest.raises(WrongUse, match="no FROM"):
        graph("ARG A")
    with pytest.raises(WrongUse, match="No stage is called x"):
        graph("FROM a", target="x")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("RUN a b", "RUN   a b", True),
        ("RUN a b", "run a b ", True),
        ("RUN a b", "RUN a  b", False),
        ("RUN a b", "RUN a \\\nb", True),
        ("RUN a b", "RUN a \\\n b", False),
        ("RUN a b", "RUN a \\\n# c\nb", True),
        ('RUN ["a", "b"]', 'RUN ["a","b"]', True),
        ("RUN <<E\na\nE", "RUN <<E\nb\nE", False),
        ("RUN --network=none a", "RUN  --network=none  a", True),
        ("RUN --network=none a", "RUN a", False),
        ("COPY a b /c/", "COPY  a  b  /c/", True),
        ("COPY a /c/", "COPY ./a /c/", True),
        ("COPY a /c/", "COPY /a /c/", True),
        ("COPY a /c/", "COPY ../a /c/", True),
        ("COPY a /c", "COPY a /c/", False),
        ("COPY a /c", 'COPY ["a", "/c"]', True),
        ("COPY a /c", "COPY --chmod=755 a /c", False),
        ("COPY --chown=1 --chmod=755 a /c", "COPY --chmod=755 --chown=1 a /c", True),
        ("COPY <<E /c\na\nE", "COPY <<E /c\nb\nE", False),
        ("WORKDIR /a", "WORKDIR /a/", True),
        ("WORKDIR /a", "WORKDIR /b/../a", True),
        ("ENV A=x\nCOPY $A /c/", "COPY x /c/", True),
        ("ENV A=x\nCOPY ${A:+y} /c/", "COPY y /c/", True),
        ("ARG A=x\nWORKDIR /$A", "WORKDIR /x", True),
        ("ARG A=x\nCOPY --chown=$A a /c", "COPY --chown=x a /c", True),
    ],
)
def test_words_that_mean_the_same_to_buildkit(one: str, other: str, alike: bool) -> None:
    assert same(one, other) is alike


def test_a_relative_target_goes_below_the_folder() -> None:
    assert same("WORKDIR /app\nCOPY . .", "WORKDIR /app\nCOPY . /app/")
    assert same("WORKDIR /app\nCOPY . x/", "WORKDIR /app\nCOPY . /app/x/")
    assert not same("WORKDIR /app\nCOPY . .", "WORKDIR /app\nCOPY . /app")
    assert not same("WORKDIR /app\nCOPY . .", "WORKDIR /app\nCOPY . /app/", "classic")


def test_a_run_sees_env_and_every_arg_with_a_value() -> None:
    text = "ARG G=1\nFROM a AS x\nARG G\nARG D=2\nARG B\nENV E=$D-$G\nFROM x\nRUN y"
    found = last(text, UNDECLARED="9", HTTP_PROXY="p")
    assert [(one.kind, one.name, one.value) for one in found.variables] == [
        ("env", "E", "2-1"), ("arg", "D", "2"), ("arg", "G", "1"),
    ]  # fmt: skip
    classic = last(text, builder="classic", UNDECLARED="9", HTTP_PROXY="p")
    assert [(one.kind, one.name, one.value) for one in classic.variables] == [("arg", "HTTP_PROXY", "")]
    assert [one.name for one in last("FROM a\nARG HTTP_PROXY\nRUN y", HTTP_PROXY="p").variables] == ["HTTP_PROXY"]


def test_of_an_arg_and_an_env_the_later_counts_or_env_with_the_classic_builder() -> None:
    text = "FROM a\nENV A=env\nARG A=arg\nWORKDIR /$A"
    assert last(text).said == "/arg"
    assert last(text, builder="classic").said == "/env"


def test_settings_of_a_stage_hold_in_those_that_go_on_from_it() -> None:
    found = last('FROM a AS x\nUSER u\nSHELL ["sh"]\nWORKDIR /w\nFROM x\nRUN y')
    assert {name: one.text for name, one in found.sets.items()} == {
        "USER": "USER u", "SHELL": 'SHELL ["sh"]', "WORKDIR": "WORKDIR /w",
    }  # fmt: skip


def test_secrets_are_known_by_id_or_by_the_file_they_become() -> None:
    found = last(
        "FROM a\nRUN --mount=type=secret,id=tok,env=T --mount=type=secret,target=/x/y --mount=type=cache,target=/c z"
    )
    assert found.secrets == ("tok", "y")
    assert not found.sources


def test_platforms_are_known_to_from_and_where_they_are_declared() -> None:
    text = "FROM --platform=$BUILDPLATFORM a AS x\nARG TARGETARCH\nRUN y\nFROM x\nFROM --platform=$TARGETPLATFORM b"
    found = graph(text)
    assert [node.platform for node in found.nodes] == [False, False, True, False, True]


def entry(kind: str = "file", total: str = "") -> Entry:
    return Entry(kind=kind, mode=0o644, size=1, mtime=0, sum=total)


FILES = {
    "a.txt": entry(), "b.py": entry(), "src": entry("dir"), "src/a.py": entry(), "src/sub": entry("dir"),
    "src/sub/b.py": entry(), "src2": entry("dir"), "src2/x": entry(), "link": entry("link", "src/sub"),
    "up": entry("link", "src"), "src/back": entry("link", "../a.txt"), "[x]": entry(),
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("COPY . /", sorted(FILES)),
        ("COPY / /", sorted(FILES)),
        ("COPY a.txt b.py /", ["a.txt", "b.py"]),
        ("COPY src /", ["src", "src/a.py", "src/back", "src/sub", "src/sub/b.py"]),
        ("COPY src/ /", ["src", "src/a.py", "src/back", "src/sub", "src/sub/b.py"]),
        ("COPY src/*.py /", ["src/a.py"]),
        ("COPY *.py /", ["b.py"]),
        ("COPY s*/sub /", ["src/sub", "src/sub/b.py"]),
        ("COPY nothing* /", []),
        ("COPY link /", ["src/sub", "src/sub/b.py"]),  # a source that is a link is followed
        ("COPY up/sub/b.py /", ["src/sub/b.py"]),
        ("COPY src/back /", ["a.txt"]),
        ("COPY [[]x] /", ["[x]"]),
        ("COPY --exclude=*.py src /", ["src", "src/back", "src/sub", "src/sub/b.py"]),
        ("COPY --exclude=**/*.py src /", ["src", "src/back", "src/sub"]),
        ("COPY --parents src/./*/b.py /", ["src/sub/b.py"]),
        ("COPY --parents src/**/*.py /", ["src/a.py", "src/sub/b.py"]),
        ("ADD a.txt https://localhost/x git@host:r.git /", ["a.txt"]),
        ("COPY --from=img . /", []),
        ("RUN --mount=type=bind,source=src/sub,target=/m x", ["src/sub", "src/sub/b.py"]),
        ("RUN --mount=target=/m x", sorted(FILES)),
        ("RUN --mount=type=cache,target=/m x", []),
        ("RUN --mount=type=tmpfs,target=/m x", []),
        ("RUN x", []),
    ],
)
def test_a_step_takes_these_files(line: str, found: list[str]) -> None:
    assert taken(last(f"FROM a\n{line}").sources, FILES) == found


def test_what_a_graph_holds_of_values_is_not_shown() -> None:
    shown: Graph = graph("FROM a\nARG T=hush\nENV E=$T\nCOPY x /$T\nRUN y")
    assert "hush" not in repr(shown.nodes[3:])


LINES = st.sampled_from(
    [
        "FROM a",
        "FROM a AS x",
        "FROM x",
        "FROM scratch",
        "FROM $A AS y",
        "ARG A",
        "ARG A=1",
        "ENV A=$A:1",
        "ENV A b c",
        "RUN x",
        "RUN --mount=type=secret,id=s --mount=from=x x",
        "RUN --mount",
        "RUN <<E\nx\nE",
        "RUN",
        "COPY a b",
        "COPY --from=x / /",
        "COPY --from=0 / /",
        "COPY --from=z / /",
        "COPY <<E /f\n$A ${A\nE",
        'COPY ["a", "b"]',
        "COPY [",
        "ADD http://localhost/b /c",
        "WORKDIR /",
        "WORKDIR x",
        "WORKDIR $A",
        "USER $A",
        "SHELL []",
        "LABEL",
        "LABEL a=b",
        "CMD x",
        "ONBUILD ENV A=1",
        "EXPOSE $A",
        "HEALTHCHECK NONE",
        "VOLUME [",
        "MAINTAINER m",
        "STOPSIGNAL",
        "COPY --exclude=*.py . .",
        "COPY --parents a /b",
    ]
)


@given(st.lists(LINES, max_size=8), st.sampled_from(["buildkit", "classic"]))
def test_no_dockerfile_breaks_it(lines: list[str], builder: str) -> None:
    try:
        found = graph("\n".join(lines), builder=builder)
    except WrongUse:
        return
    told = [Told(line=node.line, cached=False, seconds=1) for node in found.steps]
    bases = dict.fromkeys(found.bases, "1")
    finding, record = explain(found, FILES, bases, told, record=None, key=b"k")
    assert len(finding.steps) == len(found.nodes)
    assert Record.read(json.loads(json.dumps(record.as_json()))) == record
    assert not forecast(found, FILES, bases, record=record, key=b"k").misses
