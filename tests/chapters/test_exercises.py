"""The harness: every exercise on the real engine, untouched, solved, and wrong in each typical way."""

from __future__ import annotations

import ast
import os
from dataclasses import replace
from pathlib import Path

import pytest

from helpers import store
from helpers.lab import catalogue
from helpers.lab.look import SECONDS, Look
from helpers.lab.model.verdict import State
from helpers.lab.task import Task
from tests.harness import notebooks as chapters
from tests.harness.notebooks import number, objectives
from tests.harness.printed import Hand
from tests.harness.selection import Draw
from tests.harness.trials import begun, only_answers, trial, typed, wronged

TASKS = list(catalogue.tasks().values())
# What only answers changes nothing: such wrong answers share one begun exercise, and None stands for all of them.
WRONG = [
    pytest.param(
        task, name, id=f"{task.id}-{name or 'answers'}", marks=pytest.mark.drawn(f"a wrong answer to {task.id}")
    )
    for task in TASKS
    for name in ([None] if only_answers(task) else task.wrong)
]

every_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("learner")]


@every_task
def test_untouched_it_is_not_attempted_or_not_yet_and_an_empty_or_senseless_answer_never_passes(task: Task) -> None:
    answers: tuple[object, ...] = ("", None, [], 0, ..., "a word of no use")
    with begun(task) as exercise:
        assert exercise.check().state in (State.NOT_ATTEMPTED, State.NOT_YET)
        for answer in answers if task.answered else answers[-1:]:
            assert not exercise.check(answer).passed, answer


@every_task
def test_the_solution_passes(task: Task, tmp_path: Path, draw: Draw) -> None:
    """Checked twice, which has to give the same: in one task of each chapter, if they are drawn."""
    chapter = task.id[:2]
    twice = draw(f"checked twice in {chapter}", [one.id for one in TASKS if one.id.startswith(chapter)])
    for found in trial(task, task.solution, tmp_path, times=2 if task.id in twice else 1):
        assert found.state is State.PASSED, str(found)
        assert found.seconds < SECONDS


@pytest.mark.parametrize(
    "task",
    [
        pytest.param(task, id=task.id, marks=pytest.mark.drawn("commands in a chapter", count=2))
        for task in TASKS
        if task.commands
    ],
)
def test_the_commands_of_a_solution_solve_it(task: Task, tmp_path: Path) -> None:
    with begun(task) as exercise:
        hand = Hand(Path(os.environ["COURSE_HOME"]), store.work())
        hand.begin()
        if task.files:
            typed(exercise, 'use("solution")', tmp_path)
        for command in exercise.solution().commands:
            hand.type(command)
        assert not hand.wrong, hand.wrong
        found = exercise.check()
        assert found.state is State.PASSED, str(found)


@pytest.mark.parametrize(("task", "name"), WRONG)
def test_a_typical_mistake_gets_its_own_hint(task: Task, name: str | None, tmp_path: Path, draw: Draw) -> None:
    for mistake, found in wronged(task, [name] if name else draw(task.id, list(task.wrong)), tmp_path):
        assert (found.state, found.mistake) == (State.NOT_YET, mistake), str(found)
        assert found.hint == task.mistakes[mistake]
        assert found.seconds < SECONDS
        shown = found.figure().html()
        assert "Traceback" not in shown
        for line in task.solution.strip().splitlines():
            assert len(line.strip()) < 4 or line.strip() not in shown, "a verdict never tells the solution"


def test_the_harness_would_see_a_check_that_always_passes_or_never_does(tmp_path: Path) -> None:
    task = catalogue.tasks()["00.2-run"]

    def never(look: Look) -> None:
        look.wrong("something else")

    lenient, stubborn = replace(task, check=lambda look: None), replace(task, check=never)

    with pytest.raises(AssertionError):
        test_untouched_it_is_not_attempted_or_not_yet_and_an_empty_or_senseless_answer_never_passes(lenient)
    with pytest.raises(AssertionError):
        test_a_typical_mistake_gets_its_own_hint(lenient, "silent", tmp_path, lambda _, names: list(names))
    with pytest.raises(AssertionError):
        test_the_solution_passes(stubborn, tmp_path, lambda _, names: list(names))


@pytest.mark.parametrize("path", chapters.CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_ends_with_a_task_for_the_terminal_alone(path: Path) -> None:
    alone = [task for task in TASKS if task.id[:2] == number(path) and task.id.endswith("-alone")]
    assert len(alone) == 1
    assert alone[0].commands
    assert "by-helper" in alone[0].wrong or alone[0].prepare is not None  # what is prepared is the course's own
    heads = [text for level, text in chapters.headings(chapters.load(path)) if level == 2]
    assert "Without the helpers" in heads


def test_every_objective_has_a_task_and_no_task_is_an_orphan() -> None:
    aims = {
        f"{number(path)}.{place}"
        for path in chapters.CHAPTERS
        for place in range(1, len(objectives(chapters.load(path))) + 1)
    }
    assert {task.objective for task in TASKS} == aims
    used = {
        cell.source
        for path in chapters.CHAPTERS
        for cell in chapters.load(path).cells
        if cell.cell_type == "code" and "exercise(" in cell.source
    }
    for task in TASKS:
        assert any(f'exercise("{task.id}")' in source for source in used), f"no chapter uses {task.id}"


def test_checks_talk_to_the_engine_through_look_only() -> None:
    for path in (*sorted(catalogue.FOLDER.glob("*.py")), *catalogue.lab_files().values()):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.partition(".")[0] not in {"docker", "subprocess", "requests"}, f"{path.name}: {name}"
                rooms = name.split(".")  # an engine's model is plain data
                assert "engine" not in rooms or "model" in rooms, f"{path.name}: {name}"
