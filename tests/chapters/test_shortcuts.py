"""What people try in place of the work: none of it passes in the chapters. The labs' are in test_labs.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpers import containers, images, layers
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.lab import attempts, catalogue
from helpers.lab.model.verdict import State
from tests.harness import notebooks as chapters
from tests.harness.trials import begun, typed

TASKS = catalogue.tasks()
BUSYBOX = "localhost/course/busybox:1"
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("learner")]


def test_another_image_under_the_name_that_was_given(client: Client) -> None:
    with begun(TASKS["01.2-supplied"]) as exercise:
        name = labels.object_name("supplied")
        held = client.inspect_image(f"{name}:1")["Id"]
        page = f"FROM {BUSYBOX}\nRUN mkdir /www && echo {exercise.given['word']} > /www/index.html\n"
        page += 'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n'
        made = images.build(chapters.NOTEBOOKS / "harbour-shop", name="supplied", dockerfile=page)
        assert client.inspect_image(made.reference)["Id"] != held
        containers.start(made, name="runs-it", publish=8080)
        assert exercise.check().state is State.NOT_YET


def test_a_container_that_only_prints_the_page() -> None:
    with begun(TASKS["01.2-supplied"]) as exercise:
        word = exercise.given["word"]
        containers.start(exercise.given["image"], "sh", "-c", f"echo {word}; sleep 60", name="runs-it", publish=8080)
        assert exercise.check().mistake == "other-command"


def test_a_container_that_was_there_before_the_attempt() -> None:
    task = TASKS["00.2-run"]
    with begun(task) as exercise:
        typed(exercise, task.solution, chapters.ROOT)
        assert exercise.check().passed
        attempts.begin(task.id, task.draw)
        assert not exercise.check().passed


def test_a_word_from_an_earlier_attempt(tmp_path: Path) -> None:
    task = TASKS["00.2-remove"]
    with begun(task) as exercise:
        word = typed(exercise, task.solution, tmp_path)
        assert exercise.check(word).passed
        attempts.begin(task.id, task.draw)
        exercise.prepare()
        containers.remove("idle")
        assert exercise.check(word).mistake == "not-the-log"


def test_a_file_without_the_journey() -> None:
    with begun(TASKS["01.3-carried"]) as exercise:
        parcel = images.save(exercise.given["image"])
        images.remove(exercise.given["image"])
        images.load(parcel)
        assert exercise.check(parcel).passed
        attempts.begin(exercise.id, exercise._draw)
        exercise.prepare()
        assert exercise.check(parcel).mistake == "other-image"


def test_a_step_that_was_tried_out_and_the_instruction_itself_are_no_evidence() -> None:
    with begun(TASKS["03.1-blame"]) as exercise:
        found = layers.analyse(exercise.given["image"])
        for step in found.layers:
            assert exercise.check(step.index).mistake == "no-evidence"
            assert not exercise.check(step.command).passed
            assert not exercise.check(step).passed
            assert not exercise.check(f"{step.index}: 1 MB").passed


def test_every_question_is_asked_and_every_explanation_points_to_a_heading_that_is_there() -> None:
    for path in chapters.CHAPTERS:
        notebook = chapters.load(path)
        code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
        heads = {text for _, text in chapters.headings(notebook)}
        for id, quiz in catalogue.quizzes().items():
            if id[:2] != path.stem[:2]:
                continue
            assert f'quiz("{id}")' in code, id
            for option in quiz.options:
                named = re.findall(r'under "([^"]+)"', option.explanation)
                named += re.findall(r'text under "([^"]+)"', option.explanation)
                assert set(named) <= heads, (id, option.letter, set(named) - heads)
        for id in catalogue.predictions():
            if id[:2] == path.stem[:2]:
                assert f'predict("{id}")' in code, id
                assert f'predict("{id}").compare()' in code, id
