"""The harness for labs: the starter untouched, the solution, every wrong answer, and the usual shortcuts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import images, lab
from helpers.engine.client import Client
from helpers.engine.session import session
from helpers.errors import CourseError, WrongUse
from helpers.lab import attempts, catalogue, labs, progress
from helpers.lab.look import SECONDS
from helpers.lab.model.verdict import State
from helpers.lab.task import Lab
from helpers.setup.jupyter import numbered
from tests.harness import foreign
from tests.harness import notebooks as chapters
from tests.harness.by_hand import by_hand
from tests.harness.lab_trials import BUSYBOX, tidy, typed
from tests.harness.printed import Hand
from tests.harness.selection import Draw

ALL = list(catalogue.labs().values())
TASKS = [(one, number) for one in ALL for number in range(1, len(one.tasks) + 1)]
# What only answers changes nothing: its wrong answers share one opened lab. None stands for all of them.
WRONG = [
    pytest.param(
        one,
        number,
        name,
        id=f"{one.name}-{number}-{name or 'answers'}",
        marks=pytest.mark.drawn(f"a wrong answer in {one.name}, task {number}"),
    )
    for one, number in TASKS
    for name in ([None] if one.tasks[number - 1].answered else one.tasks[number - 1].wrong)
]

every_lab = pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
every_task = pytest.mark.parametrize(("one", "number"), TASKS, ids=[f"{one.name}-{number}" for one, number in TASKS])
pytestmark = pytest.mark.engine

Homes = Callable[[Lab], Path]


def at_home(patch: pytest.MonkeyPatch, place: Path) -> None:
    patch.setenv("COURSE_HOME", str(place / "home"))
    patch.setenv("COURSE_LABS", str(place / "labs"))


@pytest.fixture(scope="module")
def homes(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    """A home for each lab that sets something up: what it set up stands from test to test, as from cell to cell."""
    made: dict[str, Path] = {}
    before = foreign.snapshot(client, closely=False)

    def home(one: Lab) -> Path:
        if one.name not in made:
            made[one.name] = tmp_path_factory.mktemp("lab")
        return made[one.name]

    yield home
    with pytest.MonkeyPatch.context() as patch:
        for name, place in made.items():
            at_home(patch, place)
            lab.open(name)
            lab.close(yes=True)
    assert foreign.leftovers(before, foreign.snapshot(client, closely=False)) == []


@pytest.fixture(autouse=True)
def at_work(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, client: Client, homes: Homes
) -> Iterator[None]:
    """At home where the lab is set up already, if it sets something up: that stays, what was made or changed goes."""
    found = request.node.callspec.params.get("one") if hasattr(request.node, "callspec") else None
    if not isinstance(found, Lab) or found.prepare is None:
        request.getfixturevalue("learner")
        yield
        return
    at_home(monkeypatch, homes(found))
    yield
    tidy(client, found)
    shutil.rmtree(labs.folder(found), ignore_errors=True)
    session.lab = ""


@every_lab
def test_untouched_no_task_is_passed(one: Lab) -> None:
    lab.open(one.name)
    found: Any = lab.check()
    assert {verdict.state for verdict in found.verdicts} <= {State.NOT_ATTEMPTED, State.NOT_YET}
    assert len(found.verdicts) == len(one.tasks) >= 3
    for place in (labs.FOLDER / one.name / "starter").rglob("*"):
        mine = lab.folder() / place.relative_to(labs.FOLDER / one.name / "starter")
        assert mine.exists()
        assert mine.is_dir() or not re.search(r"@\w+@", mine.read_text())


def test_a_task_is_told_with_the_values_that_were_drawn() -> None:
    one = ALL[0]
    given = lab.open(one.name).given
    said = repr(lab.brief(2))
    assert said.startswith("Task 2: ")
    assert f"{given['name']}:1" in said
    assert "lab.check(1, your_answer)" in lab.brief(1).figure().html()
    assert "lab.solution(2)" in lab.brief(2).figure().html()
    for number in (0, len(one.tasks) + 1, True, "1"):
        with pytest.raises(WrongUse, match="There is no task"):
            lab.brief(number)


def test_opening_checks_and_counts_nothing_and_shows_how_the_last_checks_ended() -> None:
    one = ALL[0]

    def shown() -> list[State | None]:
        return [state for _, _, state in lab.open(one.name).tasks]

    assert shown() == [None] * len(one.tasks)
    assert progress.read().checks == {}
    lab.check(1, "humanize")
    assert shown()[:2] == [State.PASSED, None]
    found: Any = lab.check()  # without the answer, which takes nothing away
    assert found.verdicts[0].passed
    assert "passed before" in found.verdicts[0].found[0]
    assert shown()[:2] == [State.PASSED, State.NOT_ATTEMPTED]
    lab.check(1, "bottle")
    assert shown()[0] is State.NOT_YET
    assert progress.read().checks[one.tasks[0].id].attempts == 3
    lab.reset(yes=True)
    assert shown() == [None] * len(one.tasks)


@every_task
def test_the_solution_passes_and_stays_passed(one: Lab, number: int, draw: Draw) -> None:
    """Checked twice, which has to give the same: in one task of each lab, if they are drawn."""
    lab.open(one.name)
    answer = typed(one, number, one.tasks[number - 1].solution)
    twice = draw(f"checked twice in {one.name}", [str(place) for place in range(1, len(one.tasks) + 1)])
    for _ in range(2 if str(number) in twice else 1):
        found: Any = lab.check(number, answer)
        assert found.state is State.PASSED, str(found)
        assert found.seconds < SECONDS


def by_hand_solved(one: Lab, number: int) -> None:
    """Types what the solution prints for a terminal; the check then passes, with what was printed as the answer."""
    task, found = one.tasks[number - 1], lab.solution(number)
    commands = found.commands
    hand = Hand(Path(os.environ["COURSE_HOME"]), lab.folder())
    if task.files or "use(" in task.solution:
        typed(one, number, 'use("solution")')
    hand.folder.mkdir(parents=True, exist_ok=True)
    answer = typed(one, number, task.solution) if task.answered else ...
    said = [line.strip() for command in commands for line in hand.type(command).splitlines() if line.strip()]
    assert not hand.wrong, hand.wrong
    if task.answered:
        words = str(answer).partition(" ")[2] or str(answer)  # RUN is written in two ways
        if words.strip().splitlines()[0] not in "\n".join(said):
            answer = said[-1].split()[-1]  # a number that grows, a word that is drawn when it is asked for
    verdict: Any = lab.check(number, answer)
    assert verdict.state is State.PASSED, f"{verdict}\n{said}"


@pytest.mark.parametrize(
    ("one", "number"),
    [
        pytest.param(one, number, id=f"{one.name}-{number}", marks=pytest.mark.drawn("commands in a lab", count=2))
        for one, number in TASKS
        if one.tasks[number - 1].commands or not one.tasks[number - 1].answered  # what is read need not be typed
    ],
)
def test_the_commands_of_a_solution_solve_it(one: Lab, number: int) -> None:
    lab.open(one.name)
    by_hand_solved(one, number)


@pytest.mark.parametrize(
    ("lab_name", "number"),
    [
        pytest.param(one.name, number, id=f"{one.name}-{number}", marks=pytest.mark.drawn("commands beside others"))
        for one, number in TASKS
        if one.tasks[number - 1].commands
    ],
)
def test_the_same_commands_solve_it_beside_other_learners(
    lab_name: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_SHARED", "1")
    folder = numbered.put(lambda said: pytest.fail(said))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    lab.open(lab_name)
    by_hand_solved(catalogue.lab(lab_name), number)


@pytest.mark.parametrize(("one", "number", "name"), WRONG)
def test_a_typical_mistake_gets_its_own_hint(one: Lab, number: int, name: str | None, draw: Draw) -> None:
    lab.open(one.name)
    task = one.tasks[number - 1]
    for mistake in [name] if name else draw(f"{one.name} {number}", list(task.wrong)):
        found: Any = lab.check(number, typed(one, number, task.wrong[mistake]))
        assert (found.state, found.mistake) == (State.NOT_YET, mistake), str(found)
        assert found.hint == task.mistakes[mistake]
        assert found.seconds < SECONDS
        assert "Traceback (most" not in found.figure().html()


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(one, id=one.name, marks=pytest.mark.drawn("a senseless answer in a lab"))
        for one in ALL
        if any(task.answered for task in one.tasks)
    ],
)
def test_an_empty_or_senseless_answer_never_passes(one: Lab) -> None:
    lab.open(one.name)
    answers: tuple[object, ...] = ("", None, [], 0, ..., "a word of no use", True)
    for number, task in enumerate(one.tasks, start=1):
        for answer in answers if task.answered else ():
            assert not getattr(lab.check(number, answer), "passed", False), (number, answer)


@every_lab
def test_the_minutes_that_a_lab_states_are_counted(one: Lab) -> None:
    text = "\n".join(cell.source for cell in chapters.load(labs.FOLDER / one.name / "lab.ipynb").cells)
    stated = re.search(r"Time: (\d+) minutes", text)
    assert stated is not None
    counted = chapters.counted_lab(chapters.load(labs.FOLDER / one.name / "lab.ipynb"), one)
    assert abs(int(stated[1]) - counted) <= 3, f"stated: {stated[1]}, counted: {counted}"


@every_lab
def test_every_wrong_folder_is_used_and_every_lab_has_a_notebook_with_all_its_tasks(one: Lab) -> None:
    root = labs.FOLDER / one.name
    code = "\n".join(task.solution + "\n".join(task.wrong.values()) for task in one.tasks)
    for folder in (root / "wrong").glob("*"):
        assert f"wrong/{folder.name}" in code, folder.name
    notebook = chapters.load(root / "lab.ipynb")
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for number in range(1, len(one.tasks) + 1):
        at = sources.index(f"lab.brief({number})")
        assert f"lab.check({number}" in sources[at + 1], number
    assert sources[-1] == "lab.close()"
    assert all(not cell.get("outputs") for cell in notebook.cells)
    assert [level for level, _ in chapters.headings(notebook)].count(1) == 1


def the_lab() -> tuple[Lab, str, dict[str, str]]:
    one = ALL[0]
    lab.open(one.name)
    given = dict(attempts.current(one.name, one.draw).given)
    return one, given["name"], given


def passed() -> list[int]:
    found: Any = lab.check()
    return [number for number, verdict in enumerate(found.verdicts, start=1) if verdict.passed]


@pytest.mark.drawn("a shortcut in lab 01")
def test_a_foreign_image_under_the_right_name_does_not_pass(client: Client) -> None:
    _, name, _ = the_lab()
    by_hand(client).tag(BUSYBOX, name, "1")
    assert passed() == []
    images.save(f"{name}:1", to=lab.folder() / f"{name}.tar")
    assert passed() == []


@pytest.mark.drawn("a shortcut in lab 01")
def test_printing_the_page_does_not_pass() -> None:
    one, name, given = the_lab()
    images.build(
        lab.folder(),
        name=name,
        dockerfile=f'FROM {BUSYBOX}\nCMD ["sh", "-c", "echo Tide table ' + given["mark"] + '; sleep 60"]\n',
    )
    assert passed() == []
    assert one.tasks


@pytest.mark.drawn("a shortcut in lab 01")
def test_a_server_outside_of_the_image_does_not_pass(client: Client) -> None:
    _, name, given = the_lab()
    (lab.folder() / "index.html").write_text(f"Tide table {given['mark']}\n")
    by_hand(client).tag(BUSYBOX, name, "1")
    with subprocess.Popen(
        [sys.executable, "-m", "http.server", "8000", "--bind", "127.0.0.1"],
        cwd=lab.folder(),
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            assert passed() == []
        finally:
            server.terminate()


@pytest.mark.drawn("a shortcut in lab 01")
def test_an_image_from_an_earlier_attempt_does_not_pass() -> None:
    one, name, given = the_lab()
    typed(one, 2, one.tasks[1].solution)
    assert 2 in passed()
    attempts.begin(one.name, lambda dice: {**one.draw(dice), "name": name})
    assert attempts.current(one.name, one.draw).given["mark"] != given["mark"]
    assert 2 not in passed()


def test_the_learners_files_are_never_replaced_and_reset_keeps_a_copy() -> None:
    one = ALL[0]
    lab.open(one.name)
    (lab.folder() / "tides.py").write_text("mine")
    lab.open(one.name)
    assert (lab.folder() / "tides.py").read_text() == "mine"
    assert "would move your files" in repr(lab.reset())
    assert (lab.folder() / "tides.py").read_text() == "mine"
    lab.reset(yes=True)
    assert (lab.folder() / "tides.py").read_text() != "mine"
    kept = [path for path in lab.folder().parent.iterdir() if ".kept-" in path.name]
    assert [(path / "tides.py").read_text() for path in kept] == ["mine"]


def test_a_solution_is_a_diff_against_the_learners_files_and_hints_go_deeper() -> None:
    one = ALL[0]
    lab.open(one.name)
    (lab.folder() / "Dockerfile").write_text("FROM mine\n")
    shown = repr(lab.solution(2))
    assert "-FROM mine" in shown
    assert "+FROM localhost/course/python:3.13" in shown
    hints = [repr(lab.hint(2)) for _ in range(3)]
    assert len(set(hints)) == 3
    assert "Hint 1 of" in hints[0]
    assert "humanize" in repr(lab.solution(1))


def test_closing_removes_what_bears_the_drawn_name_after_a_yes_only(client: Client) -> None:
    _, name, _ = the_lab()
    by_hand(client).tag(BUSYBOX, name, "1")
    made = by_hand(client).create_container(f"{name}:1", command=["true"])["Id"]
    other = by_hand(client).create_container(BUSYBOX, command=["true"])["Id"]  # of the same image, by its own name
    assert f"{name}:1" in repr(lab.close())
    assert client.inspect_container(made)
    assert "Removed" in repr(lab.close(yes=True))
    with pytest.raises(CourseError):
        client.inspect_container(made)
    assert client.inspect_container(other)
    by_hand(client).remove_container(other)
    assert client.inspect_image(BUSYBOX)
    assert "No lab is open" in repr(lab.close())  # the cell is run once more
    with pytest.raises(WrongUse, match="No lab is open"):
        lab.check()


@pytest.mark.parametrize("number", [0, 6, "1", True])
def test_a_task_that_is_not_there(number: Any) -> None:
    lab.open(ALL[0].name)
    with pytest.raises(WrongUse, match="There is no task"):
        lab.check(number)
    with pytest.raises(WrongUse, match="There is no lab"):
        lab.open("99-nothing")


def test_the_command_line_says_the_same_and_checks_each_task_once(tmp_path: Path) -> None:
    def check(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "helpers", "check", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=90, env=dict(os.environ), check=False)

    name = ALL[0].name
    first = check(name)
    assert first.returncode == 1, first.stderr
    assert "0 of 5 tasks passed." in first.stdout
    assert check(name, "1", "humanize").returncode == 0
    assert check(name, "1", "bottle").returncode == 1
    assert check("99-nothing").returncode == 1
    counted = json.loads((tmp_path / "home" / "state" / "progress.json").read_text())["checks"]
    assert [counted[task.id]["attempts"] for task in ALL[0].tasks] == [3, 1, 1, 1, 1]
