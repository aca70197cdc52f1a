"""The effect of each instruction in words: as written, and as an image of it tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.dockerfile.model import effects
from helpers.dockerfile.model.begin import Begin, Start, form, written
from helpers.dockerfile.model.matching import Fit, history, match
from helpers.dockerfile.model.steps import KINDS, Kind, Steps
from tests.dockerfile.histories import BASE, PIECES

SHOP = """\
ARG TAG=3.13
FROM localhost/course/python:3.13
ARG VERSION=1
WORKDIR /shop
COPY requirements.txt .
RUN pip install --no-index \\
    -r requirements.txt
ENV SHOP_DATA=/shop/data
USER 1000
EXPOSE 8080
STOPSIGNAL SIGINT
CMD ["python3", "shop.py"]
"""
ROWS = (
    *BASE,
    ("ARG VERSION=1", 0),
    ("WORKDIR /shop", 0),
    ("COPY requirements.txt . # buildkit", 27),
    ("RUN |1 VERSION=1 /bin/sh -c pip install --no-index     -r requirements.txt # buildkit", 7_000_000),
    ("ENV SHOP_DATA=/shop/data", 0),
    ("USER 1000", 0),
    ("EXPOSE map[8080/tcp:{}]", 0),
    ("STOPSIGNAL SIGINT", 0),
    ('CMD ["python3" "shop.py"]', 0),
)
CONFIG: dict[str, object] = {
    "Cmd": ["python3", "shop.py"],
    "Entrypoint": None,
    "User": "1000",
    "WorkingDir": "/shop",
    "Env": ["PATH=/usr/bin", "SHOP_DATA=/shop/data"],
    "ExposedPorts": {"8080/tcp": {}},
    "StopSignal": "SIGINT",
}


def built(text: str, rows: tuple[tuple[str, int], ...], config: dict[str, object]) -> Steps:
    fit = match(text, history(rows))
    assert isinstance(fit, Fit), fit
    own = {"SHOP_DATA"}
    return effects.steps(text, fit=fit, start=Start.of(config, own))


def test_an_image_tells_what_each_line_did() -> None:
    found = built(SHOP, ROWS, CONFIG)
    assert [(step.line, step.kind.value, step.bytes, step.effect) for step in found.steps] == [
        (1, "build only", None, "known to the FROM lines only"),
        (2, "base", 100, "begins with localhost/course/python:3.13: its files (100 B) and its settings"),
        (3, "build only", None, "known during this build only; its value stays in the history"),
        (4, "layer", 0, "the next lines, and a container, start in /shop"),
        (5, "layer", 27, "adds 27 B in 1 layer"),
        (6, "layer", 7_000_000, "ran during the build: adds 7.0 MB in 1 layer"),
        (8, "setting", None, "SHOP_DATA=/shop/data is in every container's environment"),
        (9, "setting", None, "the next RUN, and a container, run as user 1000"),
        (10, "setting", None, "a note: port 8080 (opens nothing)"),
        (11, "setting", None, "docker stop sends SIGINT first"),
        (12, "setting", None, "a container runs: python3 shop.py"),
    ]
    assert found.starts is not None
    assert found.starts.process == "python3 shop.py"
    assert found.starts.environment == ("SHOP_DATA=/shop/data",)
    assert not found.starts.shell_form
    assert found[7].word == "RUN"
    with pytest.raises(KeyError):
        found[13]


def test_before_it_is_built_there_are_no_sizes_and_nothing_starts() -> None:
    found = effects.steps(SHOP)
    assert found.starts is None
    assert {step.bytes for step in found.steps} == {None}
    assert [step.effect for step in found.those(Kind.LAYER)] == [
        "the next lines, and a container, start in /shop",
        "puts files at .: a layer",
        "runs during the build; what it changes in files becomes a layer",
    ]
    assert found[12].effect == "a container runs: python3 shop.py"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["CMD a", "CMD b"], ["nothing: line 3 takes its place", "a container runs: /bin/sh -c b"]),
        (["ENTRYPOINT x", 'CMD ["a"]'], ["every container runs: /bin/sh -c x",
                                         "nothing: an ENTRYPOINT in shell form takes no arguments"]),
        (['ENTRYPOINT ["x"]', 'CMD ["a b"]'], ["every container runs: x", "arguments for the entry point: 'a b'"]),
        (["USER 1", "RUN x", "USER 2"], ["the next RUN runs as user 1, until line 4", None,
                                         "the next RUN, and a container, run as user 2"]),
        (["WORKDIR /a", "WORKDIR b"], ["the next lines start in /a, until line 3", None]),
        (["ENV A=1 B=2", "ENV A=3"], ["A=1 B=2 is in every container's environment; line 3 sets A anew",
                                      "A=3 is in every container's environment"]),
        (["HEALTHCHECK CMD true"], ["again and again the engine runs: true; it restarts nothing"]),
        (["HEALTHCHECK NONE"], ["no health check, whatever the base image has"]),
        (["ARG V"], ["known during this build only, if the build is given a value"]),
        (["LABEL a=b"], ["a label to read: a=b; it changes nothing that runs"]),
        (["VOLUME /data"], ["every container gets a volume of its own at /data"]),
        (['VOLUME ["/a", "/b"]'], ["every container gets a volume of its own at /a and /b"]),
        (['SHELL ["/bin/bash", "-c"]'], ["the shell form is started by: /bin/bash -c"]),
        (["ONBUILD RUN x"], ["waits for a build FROM this image: RUN x"]),
        (["MAINTAINER Ada"], ["a note of who made it: Ada (today a LABEL)"]),
        (["EXPOSE 80 53/udp"], ["a note: ports 53/udp and 80 (opens nothing)"]),
        (["RUNN x"], ["the engine will refuse it: no instruction is called RUNN (RUN?)"]),
        (["WAIT x"], [None]),
        (["run x"], ["runs during the build; what it changes in files becomes a layer"]),
    ],
)  # fmt: skip
def test_the_later_setting_counts_and_a_slip_is_refused(lines: list[str], said: list[str | None]) -> None:
    found = effects.steps("\n".join(("FROM a", *lines)))
    for step, expected in zip(found.steps[1:], said, strict=True):
        assert expected is None or step.effect == expected


def test_what_comes_before_from_is_refused_but_arg() -> None:
    found = effects.steps("RUN x\nARG v\nFROM a")
    assert [step.kind for step in found.steps] == [Kind.UNKNOWN, Kind.BUILD_ONLY, Kind.BASE]
    assert found[1].effect == "the engine will refuse it: FROM comes first"


STAGED = """\
FROM a AS tools
RUN make
FROM b AS unused
RUN x
FROM c AS base
FROM base
COPY --from=tools /x /x
COPY --from=1 /y /y
FROM base AS lonely
FROM base
COPY --from=2 / /
COPY --from=tools /t /t
"""


def test_of_other_stages_only_what_is_copied_travels() -> None:
    found = effects.steps(STAGED)
    assert [(step.line, step.kind is Kind.OTHER_STAGE) for step in found.steps] == [
        (1, True), (2, True), (3, True), (4, True), (5, False), (6, True), (7, True), (8, True), (9, True),
        (10, False), (11, False), (12, False),
    ]  # fmt: skip
    assert found[2].effect == "in the stage tools: line 12 takes files of it, and nothing else travels"
    assert found[4].effect == "in the stage unused: no part of this image"
    assert found[10].effect == "goes on from the stage base"
    assert found[12].effect == "puts files at /t, from tools: a layer"


def test_a_stage_that_a_needed_stage_needs_is_needed() -> None:
    text = (
        "FROM a AS one\nRUN x\nFROM b AS two\nRUN --mount=type=bind,from=one,target=/m y\nFROM c\nCOPY --from=two / /"
    )
    assert effects.steps(text)[2].effect == "in the stage one: line 4 takes files of it, and nothing else travels"


def test_the_values_are_the_image_s_and_not_the_text_s() -> None:
    text = "FROM a\nARG W=x\nENV SHOP_DATA=$W\nUSER $W\nENTRYPOINT []\nCMD z"
    rows = (*BASE, ("ARG W=q", 0), ("ENV SHOP_DATA=q", 0), ("USER q", 0), ("ENTRYPOINT []", 0),
            ('CMD ["/bin/sh" "-c" "z"]', 0))  # fmt: skip
    config: dict[str, object] = {"Cmd": ["/bin/sh", "-c", "z"], "User": "q", "Env": ["SHOP_DATA=q"]}
    found = built(text, rows, config)
    assert [step.effect for step in found.steps[2:]] == [
        "SHOP_DATA=q is in every container's environment",
        "the next RUN, and a container, run as user q",
        "no entry point",
        "a container runs: /bin/sh -c z",
    ]
    assert found.starts is not None
    assert found.starts.shell_form


@pytest.mark.parametrize(
    ("words", "shell", "kind", "line"),
    [
        ((), ("/bin/sh", "-c"), "", ""),
        (("greet",), ("/bin/sh", "-c"), "exec", '["greet"]'),
        (("/bin/sh", "-c", "greet Ada"), ("/bin/sh", "-c"), "shell", "greet Ada"),
        (("/bin/bash", "-ec", "greet"), ("/bin/bash", "-ec"), "shell", "greet"),
        (("/bin/bash", "-ec", "greet"), ("/bin/sh", "-c"), "exec", '["/bin/bash", "-ec", "greet"]'),
        (("/bin/sh", "-c", "a", "b"), ("/bin/sh", "-c"), "exec", '["/bin/sh", "-c", "a", "b"]'),
    ],
)
def test_the_form_is_known_by_the_words(words: tuple[str, ...], shell: tuple[str, ...], kind: str, line: str) -> None:
    assert form(words, shell) == kind
    assert written(words, kind) == line


def test_an_image_without_settings_begins_with_nothing() -> None:
    found = Begin.read({})
    assert (found.words, found.process, found.user, found.health, found.shell_form) == ((), "", "", (), False)
    assert Begin.read({"Healthcheck": {"Test": ["NONE"]}}).health == ()
    assert Begin.read({"Healthcheck": {"Test": ["CMD", "x"], "Interval": 5_000_000_000}}).health_every == 5.0


LINES = st.sampled_from([piece[0] for piece in PIECES] + ["FROM a AS x", "FROM x", "ENV 'A", "COPY", "SHELL", "ENV"])


@given(st.lists(LINES, max_size=10))
def test_every_instruction_has_one_effect(lines: list[str]) -> None:
    found = effects.steps("\n".join(lines))
    assert all(step.effect and (step.kind is Kind.UNKNOWN or step.word in KINDS) for step in found.steps)
    assert [step.line for step in found.steps] == sorted({step.line for step in found.steps})
