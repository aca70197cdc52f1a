"""Every chapter has the form that FORM.md describes."""

from __future__ import annotations

import itertools
import json
import math
import re
from dataclasses import asdict
from pathlib import Path

import nbformat
import pytest

from tests.harness import notebooks as chapters
from tests.harness.notebooks import CHAPTERS, Notebook, bullets, number, objectives, section, tagged, tags
from tests.harness.printed import blocks

SLACK = 2  # minutes that a chapter may state more or less than are counted
TAGS = {"questions", "objectives", "needs", "exercise", "misconception", "optional", "key-points", "left", "next"}
NBVAL_TAGS = {"nbval-check-output", "nbval-skip"}
ENDING = ["What is left on the engine", "Where to go next"]
DANGEROUS = (
    r"\bprune\b",
    r"\bchmod\b",
    r"--privileged",
    r"privileged\s*=\s*True",
    r"\bdocker\s+(?:\w+\s+)?(?:rm|rmi|kill|stop)\b.*(?:\$\(|`|xargs)",
    r"\bxargs\b.*\bdocker\b",
)

every_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)


def questions(notebook: Notebook) -> list[str]:
    """The questions, as written."""
    return [point for cell in tagged(notebook, "questions") for point in bullets(section(cell.source, "Questions"))]


def needs(notebook: Notebook) -> str:
    """Where time and needs are said: a cell of its own, or below the objectives."""
    return "\n".join(cell.source for cell in tagged(notebook, "needs") or tagged(notebook, "objectives"))


def minutes(notebook: Notebook, what: str) -> int:
    """The minutes that the chapter says it takes."""
    text = re.sub(r"[*_|]", "", needs(notebook))
    found = re.search(rf"{what}:?\s+(?:about\s+)?(\d+)\s+minutes", text, flags=re.IGNORECASE)
    assert found, f"no '{what}: NN minutes' under the objectives"
    return int(found[1])


def test_there_are_chapters() -> None:
    assert [path.stem for path in CHAPTERS][:1] == ["00-start-here"]


@every_chapter
def test_one_title_and_headings_that_go_down_one_level_at_a_time(path: Path) -> None:
    found = chapters.headings(chapters.load(path))

    assert [text for level, text in found if level == 1] == [found[0][1]]
    assert re.match(rf"{number(path)} · \S", found[0][1]), f"the title is not '{number(path)} · …': {found[0][1]}"
    for (level, _), (below, text) in itertools.pairwise(found):
        assert below <= level + 1, f"the heading '{text}' skips a level"
    assert [text for level, text in found if level == 2][-2:] == ENDING


@every_chapter
def test_questions_objectives_time_and_needs(path: Path) -> None:
    notebook = chapters.load(path)
    asked, aims = questions(notebook), objectives(notebook)

    assert 1 <= len(asked) <= 3, asked
    assert all(question.rstrip("*_ ").endswith("?") for question in asked), asked
    assert 2 <= len(aims) <= 4, aims
    for place, aim in enumerate(aims, start=1):
        start = f"**{number(path)}.{place}** "
        assert re.match(rf"{re.escape(start)}\w+", aim), f"not '- {start}verb …': {aim}"
    counted = chapters.counted(notebook)
    stated = chapters.Minutes(*(minutes(notebook, what) for what in ("reading", "exercises", "optional parts")))
    for what, said in asdict(stated).items():
        assert abs(said - getattr(counted, what)) <= SLACK, f"{what}: {said} minutes; by counting it takes {counted}"
    total = counted.reading + counted.exercises
    assert total <= 40, f"a chapter takes 40 minutes at most besides what is optional, this one {total}"
    assert re.search(r"^\W*Needs\W*:\W*\S", needs(notebook), flags=re.IGNORECASE | re.MULTILINE)


@every_chapter
def test_every_objective_has_an_exercise_and_there_is_one_every_15_minutes(path: Path) -> None:
    notebook = chapters.load(path)
    aims = {f"objective-{number(path)}.{place}" for place in range(1, len(objectives(notebook)) + 1)}
    exercises = tagged(notebook, "exercise")
    met = {tag for cell in exercises for tag in tags(cell) if tag.startswith("objective-")}

    assert met == aims
    for cell in exercises:
        assert len([tag for tag in tags(cell) if tag.startswith("objective-")]) == 1, f"{cell.id}: one objective each"
    total = minutes(notebook, "reading") + minutes(notebook, "exercises")
    assert len(exercises) >= math.ceil(total / 15)


@every_chapter
def test_the_key_points_answer_the_questions_one_for_one(path: Path) -> None:
    notebook = chapters.load(path)
    points = [p for cell in tagged(notebook, "key-points") for p in bullets(section(cell.source, "Key points"))]

    assert len(points) == len(questions(notebook)), points


@every_chapter
def test_one_reason_is_asked_for_in_the_learner_s_own_words(path: Path) -> None:
    """Beside no other question: what closes a section is not looked up in the next one's answer."""
    cells = chapters.load(path).cells
    places = [place for place, cell in enumerate(cells) if cell.source.startswith("**In your own words.** ")]

    assert len(places) == 1
    (place,) = places
    opened = r"[?.]\n\n<details><summary [^>]*>Compare your answer</summary>\n\n.+\n\n</details>"
    assert re.search(opened, cells[place].source)
    for beside in (cells[place - 1], cells[place + 1]):
        assert not re.search(r"\b(quiz|predict)\(", beside.source), f"{beside.id} asks, too"


@every_chapter
def test_no_tag_is_mistyped(path: Path) -> None:
    for cell in chapters.load(path).cells:
        for tag in tags(cell):
            misconception = re.fullmatch(r"misconception-(\d+)", tag)
            known = tag in TAGS | NBVAL_TAGS or re.fullmatch(r"objective-\d\d\.\d", tag)
            assert known or (misconception and 1 <= int(misconception[1]) <= 39), f"{cell.id}: what is the tag '{tag}'?"


@every_chapter
def test_no_stray_outputs(path: Path) -> None:
    for cell in chapters.load(path).cells:
        if cell.cell_type != "code":
            continue
        if "nbval-check-output" in tags(cell):
            assert not re.search(r"\bhere\(", cell.source), f"{cell.id}: what it says depends on the engine"
            assert cell.outputs, f"{cell.id}: to be compared, but there is nothing to compare with"
            assert cell.execution_count is not None, f"{cell.id}: nbval compares nothing without an execution count"
            kinds = {kind for output in cell.outputs for kind in output.get("data", {"text/plain": ""})}
            assert "text/plain" in kinds, f"{cell.id}: nothing in it is compared"
        else:
            assert not cell.outputs, f"{cell.id}: has outputs"
            assert cell.execution_count is None, f"{cell.id}: has an execution count"


@every_chapter
def test_a_diff_shows_only_what_was_changed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    notebook = chapters.load(path)

    written = nbformat.writes(notebook) + "\n"  # type: ignore[no-untyped-call]
    assert text == written, "not written as Jupyter writes it: open and save it, then strip it"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    assert dict(notebook.metadata.language_info) == {"name": "python"}
    ids = [cell.get("id") for cell in json.loads(text)["cells"]]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"tags", "jupyter"}, f"{cell.id}: {sorted(cell.metadata)}"


@every_chapter
def test_no_cell_endangers_what_is_not_the_courses(path: Path) -> None:
    for cell in chapters.load(path).cells:
        if cell.cell_type == "code":
            for danger in DANGEROUS:
                assert not re.search(danger, cell.source), f"{cell.id}: {danger}"


@every_chapter
def test_whole_commands_are_in_blocks_that_every_shell_takes(path: Path) -> None:
    for cell in chapters.load(path).cells:
        if cell.cell_type != "markdown":
            continue
        for command in (command for block in blocks(cell.source) for command in block.commands):
            assert not re.search(r"""['|$\\<>;&`]""", command), f"not every shell takes it: {command}"
        text = re.sub(r"^```console\n.*?^```$", "", cell.source, flags=re.MULTILINE | re.DOTALL)
        assert not re.search(r"`docker [^`]*\bhs-[^`]*`", text), f"a whole command in a line of text: {text}"


@every_chapter
def test_pictures_in_markdown_have_alternative_text(path: Path) -> None:
    for cell in chapters.load(path).cells:
        if cell.cell_type == "markdown":
            text = chapters.without_code(cell.source)
            assert not re.search(r"!\[\s*\]", text), f"{cell.id}: a picture without text"
            for image in re.findall(r"<img\b[^>]*>", text):
                assert re.search(r"\balt=\"[^\"]+\"", image), f"{cell.id}: {image}"


@every_chapter
def test_only_words_of_the_glossary(path: Path) -> None:
    forbidden = chapters.forbidden_words(chapters.GLOSSARY.read_text(encoding="utf-8"))
    for cell in chapters.load(path).cells:
        if cell.cell_type == "markdown":
            used = chapters.words_used(chapters.prose(cell.source), forbidden)
            assert not used, f"{cell.id}: {[f'{word}: the course says {forbidden[word]}' for word in used]}"


def test_the_glossary_forbids_something_and_contradicts_itself_nowhere() -> None:
    glossary = chapters.GLOSSARY.read_text(encoding="utf-8")
    forbidden = chapters.forbidden_words(glossary)

    assert forbidden
    words = {word.lower() for word in forbidden.values()}
    assert not words & set(forbidden)


def test_the_search_for_forbidden_words_finds_them_and_leaves_code_and_quotes_alone() -> None:
    row = "| **engine** | it | daemon host, `box` |"
    forbidden = chapters.forbidden_words(f"| word | meaning | not |\n|---|---|---|\n{row}\n")

    assert forbidden == {"daemon host": "engine", "box": "engine"}
    assert chapters.words_used(chapters.prose("Two boxes and a Box."), forbidden) == ["box"]
    free = 'A "box", a `box`, a [link](box.html), an inbox, a box-cutter\n\n```\nbox\n```\n'
    assert chapters.words_used(chapters.prose(free), forbidden) == []
