"""Tasks, attempts, verdicts, questions and progress without an engine."""

from __future__ import annotations

import ast
import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers import errors
from helpers.engine.session import session
from helpers.lab import attempts, catalogue, exercises, labs, progress, quizzes, run_check
from helpers.lab.exercises import Exercise, filled
from helpers.lab.look import Look
from helpers.lab.model.quiz import Option, Prediction, Question, Quiz
from helpers.lab.model.verdict import State, Verdict, Verdicts
from helpers.lab.task import Task
from helpers.lab.views import quiz as quiz_views
from helpers.lab.views import verdict as views
from helpers.lab.widgets.choice import choice

HOSTILE = "<script>alert(1)</script>`\x1b[31m"


@pytest.fixture(autouse=True)
def home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    return home / "state"


def test_a_labs_files_are_in_the_folder_for_work_or_where_they_were_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = catalogue.lab("01-package-the-app")
    monkeypatch.delenv("COURSE_LABS", raising=False)
    monkeypatch.setenv("COURSE_WORK", str(tmp_path / "work"))
    monkeypatch.setattr(labs, "FOLDER", tmp_path / "labs")
    assert labs.folder(lab) == tmp_path / "work" / "01-package-the-app"

    begun = tmp_path / "labs" / "01-package-the-app" / "my-files"
    begun.mkdir(parents=True)
    assert labs.folder(lab) == begun

    monkeypatch.setenv("COURSE_LABS", str(tmp_path / "elsewhere"))
    assert labs.folder(lab) == tmp_path / "elsewhere" / "01-package-the-app"


def fine(look: Look) -> None:
    return


def task(check: Callable[[Look], None] = fine, **more: Any) -> Task:
    wrong = {"one": "1", "two": "2", "three": "3"}
    given: dict[str, Any] = {
        "id": "01.1-thing",
        "title": "A thing",
        "brief": "Do {word}.",
        "hints": ("first", "second {word}"),
        "solution": "answer = 1",
        "reason": "It is so.",
        "mistakes": {name: f"about {name}" for name in wrong},
        "wrong": wrong,
        "draw": lambda dice: {"word": f"w{dice.randrange(10**9)}"},
    }
    return Task(check=check, **{**given, **more})


def look(**more: Any) -> Look:
    nobody: Any = None
    return Look(nobody, "01.1-thing", attempts.Attempt(), scene="desk", **more)


@pytest.mark.parametrize(
    "more",
    [
        {"id": "1.1-thing"},
        {"title": " "},
        {"hints": ()},
        {"wrong": {"one": "1"}, "mistakes": {"one": "x"}},
        {"choices": 3},
        {"mistakes": {"one": "x", "two": "y", "four": "z"}},
    ],
)
def test_a_task_that_lacks_something_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(errors.WrongUse, match="can't be used"):
        task(**more)


def test_several_answers_are_one_too_many() -> None:
    with pytest.raises(errors.WrongUse, match="one pair of quotes"):
        Exercise(task()).check("client", "dockerd")


def test_values_are_drawn_once_and_anew_on_demand() -> None:
    one = task()
    first = attempts.current(one.id, one.draw).given
    assert attempts.current(one.id, one.draw).given == first
    attempts.remember(one.id, "id", "abc")
    attempts.give(one.id, "image", "x:1")
    now = attempts.current(one.id, one.draw)
    assert (now.memory, now.given["image"]) == ({"id": "abc"}, "x:1")
    assert attempts.begin(one.id, one.draw).given != first
    assert attempts.current(one.id, one.draw).memory == {}


def test_an_attempt_of_an_older_edition_begins_anew(home: Path) -> None:
    one = task()
    attempts.begin(one.id, lambda dice: {"other": "x"})
    assert "word" in attempts.current(one.id, one.draw).given


def test_a_damaged_file_is_set_aside_and_odd_entries_begin_anew(home: Path) -> None:
    attempts.current("01.1-thing", task().draw)
    (home / attempts.FILE).write_text('{"01.1-thing": {"given": 7, "hints": "x"}, "b": 3}')
    assert "word" in attempts.current("01.1-thing", task().draw).given
    (home / attempts.FILE).write_text("{")
    assert "word" in attempts.current("01.1-thing", task().draw).given
    assert list(home.glob("attempts.json.damaged-*"))


def test_two_processes_lose_nothing_of_each_other(home: Path) -> None:
    code = (
        "import sys; from helpers.lab import attempts\nfor n in range(15): attempts.remember(sys.argv[1], str(n), 'x')"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, name]) for name in ("a", "b")]
    assert [process.wait(30) for process in running] == [0, 0]
    kept = json.loads((home / attempts.FILE).read_text())
    assert {name: len(kept[name]["memory"]) for name in ("a", "b")} == {"a": 15, "b": 15}


def no(look: Look) -> None:
    look.expect(False, "a thing", "nothing", look="there", mistake="two")


def unknown(look: Look) -> None:
    look.cant_tell("the moon is in the way")


def away(look: Look) -> None:
    raise errors.EngineNotReachable((errors.Tried("unix:///x", "gone"),))


def refused(look: Look) -> None:
    raise errors.CourseError("It is so.", "because", "Do that.")


def broken(look: Look) -> None:
    raise ZeroDivisionError("ours")


@pytest.mark.parametrize(
    ("check", "state"),
    [
        (fine, State.PASSED),
        (no, State.NOT_YET),
        (lambda look: look.not_attempted(), State.NOT_ATTEMPTED),
        (unknown, State.CANT_TELL),
        (away, State.CANT_TELL),
        (refused, State.CANT_TELL),
        (broken, State.CANT_TELL),
    ],
)
def test_whatever_a_check_does_becomes_a_verdict(check: Callable[[Look], None], state: State) -> None:
    found = run_check.check(task(check), look())
    assert found.state is state
    shown = views.verdict(found)
    assert state.value.capitalize() in shown.sentence
    assert "Traceback" not in shown.html()
    if state is State.NOT_YET:
        assert (found.mistake, found.hint, found.look) == ("two", "about two", "there")


def test_a_check_that_breaks_is_raised_where_tests_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_STRICT", "1")
    with pytest.raises(ZeroDivisionError):
        run_check.check(task(broken), look())


def test_without_an_engine_a_check_can_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such.sock")
    found = Exercise(task()).check()
    assert found.state is State.CANT_TELL
    assert "engine" in found.found[0]


@pytest.mark.parametrize("answer", [..., None, ""])
def test_no_answer_is_not_attempted(answer: object) -> None:
    found = run_check.check(task(lambda look: look.expect(look.text() == "x", "x")), look(answer=answer))
    assert found.state is State.NOT_ATTEMPTED


def test_hints_go_deeper_and_the_last_one_stays() -> None:
    exercise = Exercise(task())
    said = [repr(exercise.hint()) for _ in range(3)]
    assert said[0] == "Hint 1 of 2: first"
    assert said[1] == said[2] == f"Hint 2 of 2: second {exercise.given['word']}"
    with pytest.raises(errors.WrongUse, match="older edition"):
        filled("{gone}", {})


def test_where_few_answers_are_possible_the_different_ones_are_counted_and_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def check(look: Look) -> None:
        look.expect(look.text() == "c", "c")

    monkeypatch.setattr(exercises, "connect", lambda: None)
    few = exercises.Exercise(task(check, answered=True, choices=3))
    assert few.verdict().tries == ""
    assert few.verdict("a").tries == "You have tried 1 answer; 3 are possible. Look at the engine before the next one."
    assert few.verdict(" A ").tries.startswith("You have tried 1 answer;")
    assert few.verdict("b").tries.startswith("You have tried 2 answers;")
    passed = few.verdict("c")
    assert passed.passed
    assert 'If it was luck: `exercise("01.1-thing", again=True)` asks with other values.' in passed.tries
    assert "Tries: You have tried 3 answers; 3 are possible." in repr(passed)
    attempts.begin(few.id, few._draw)
    assert few.verdict("c").tries == ""
    assert exercises.Exercise(task(check, answered=True)).verdict("a").tries == ""


def test_what_is_tried_in_a_loop_is_not_all_kept() -> None:
    for number in range(attempts.MOST_TRIED + 5):
        tried = attempts.tried("01.1-thing", str(number))
    assert tried == attempts.MOST_TRIED


def test_what_a_learner_or_the_engine_says_is_escaped() -> None:
    found = Verdict(task="t", title=HOSTILE, state=State.NOT_YET, expected=HOSTILE, found=(HOSTILE,), hint=HOSTILE)
    figures = [
        views.verdict(found),
        views.verdicts(Verdicts(lab=HOSTILE, verdicts=(found,))),
        views.lab(HOSTILE, HOSTILE, ((HOSTILE, HOSTILE, State.NOT_YET),)),
        views.brief(HOSTILE, HOSTILE, answered=True),
        views.hint(HOSTILE, number=1, total=2),
        views.solution(HOSTILE, HOSTILE, (HOSTILE,), HOSTILE),
        views.files(HOSTILE, ((HOSTILE, HOSTILE, "x"),), HOSTILE, (HOSTILE,), HOSTILE),
    ]
    for figure in figures:
        assert "<script" not in figure.html()
        assert "\x1b" not in figure.html()


def test_a_lab_shows_how_each_task_s_last_check_ended() -> None:
    shown = views.lab("A lab", "About.", (("One", "Do.", State.PASSED), ("Two", "Do.", None)))
    assert shown.terminal == "1. One (last check: passed): Do.\n2. Two (not checked yet): Do."
    assert "✓ last check: passed" in shown.html()
    assert "– not checked yet" in shown.html()


def option(letter: str, right: bool = False) -> Option:
    return Option(id=letter, text=f"text {letter}", right=right, explanation=f"why {letter}")


QUIZ = Quiz(id="01-q9", objective="01.1", question="What?", options=(option("a"), option("b", True), option("c")))
GUESS = Prediction(
    id="01-p9",
    objective="01.1",
    question="What next?",
    outcome="That.",
    options=(option("a"), option("b", True), option("c")),
)


@pytest.mark.parametrize(
    "more",
    [
        {"id": "q9"},
        {"objective": "02.1"},
        {"question": " "},
        {"options": (option("a", True), option("b"))},
        {"options": (option("a"), option("c", True), option("b"))},
        {"options": (option("a"), option("b"), option("c"))},
        {"misconception": 77},
    ],
)
def test_a_question_that_can_not_be_asked_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(errors.WrongUse, match="can't be asked"):
        replace(QUIZ, **more)


def test_every_option_answers_and_without_widgets_too() -> None:
    shown = quizzes.ShownQuiz.of(QUIZ)
    assert "Not right. why a" in repr(shown.answer("a"))
    assert "Right. why b" in repr(shown.answer(" B)"))
    with pytest.raises(errors.WrongUse, match="none of the options"):
        shown.answer("z")
    html = quiz_views.quiz(QUIZ).html()
    assert html.count("<summary") == 3
    assert html.count("data-lm-suppress-shortcuts") == 3


def test_real_output_is_read_below_the_question_in_every_form() -> None:
    asked = replace(QUIZ, output="NAMES    STATUS\nhs-<job>  Exited (0)\n")
    assert "hs-&lt;job&gt;  Exited (0)</pre>" in quiz_views.quiz(asked).html()
    assert "NAMES    STATUS\nhs-<job>  Exited (0)\na) text a" in repr(quizzes.ShownQuiz.of(asked))
    assert choice(asked, chose=lambda letter: "").output == "NAMES    STATUS\nhs-<job>  Exited (0)"
    assert "<pre" not in quiz_views.quiz(QUIZ).html()


@pytest.mark.parametrize(
    "asked",
    [one for one in (*catalogue.quizzes().values(), *catalogue.predictions().values()) if isinstance(one, Question)],
    ids=lambda q: q.id,
)
def test_the_right_option_does_not_stand_out_by_its_length(asked: Question) -> None:
    lengths = [len(one.text) for one in asked.options]
    wrong = [len(one.text) for one in asked.options if not one.right]
    assert max(lengths) <= 1.6 * min(lengths), lengths
    assert max(len(one.text) for one in asked.right) <= 1.2 * max(wrong), lengths


def test_every_chapter_has_real_output_to_be_read() -> None:
    shown = {id[:2] for id, asked in catalogue.quizzes().items() if asked.output}
    assert shown == {id[:2] for id in catalogue.quizzes()}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (SimpleNamespace(name="hs-web", text="log"), "hs-web"),
        (SimpleNamespace(text=" a word\n"), "a word"),
        (SimpleNamespace(body="page\n", status=200), "page"),
        (SimpleNamespace(address="tcp://127.0.0.1:2"), "tcp://127.0.0.1:2"),
        (["a", 7], "a 7"),
        (137, "137"),
    ],
)
def test_what_a_helper_returned_is_an_answer(answer: object, said: str) -> None:
    look = Look.__new__(Look)
    look.answer = answer
    assert look.text() == said


def test_the_right_answer_is_anywhere() -> None:
    places = Counter(QUIZ.drawn(f"learner {number}").right[0].letter for number in range(1000))
    assert set(places) == {"a", "b", "c"}
    assert min(places.values()) > 270, places  # 333 each; fewer than 270 by chance once in 100,000 times
    drawn = QUIZ.drawn("x")
    assert drawn == QUIZ.drawn("x")
    assert {(one.id, one.text) for one in drawn.options} == {(one.id, one.text) for one in QUIZ.options}
    assert [one.letter for one in drawn.options] == ["a", "b", "c"]


def test_a_choice_is_kept_by_what_was_chosen_wherever_it_stood() -> None:
    for lot in ("1", "2", "3", "4"):
        asked = QUIZ.drawn(lot)
        quizzes.ShownQuiz.of(asked).answer(asked.right[0].letter)
        assert progress.read().quizzes[QUIZ.id].last == "b"
        guess = quizzes.ShownPrediction.of(GUESS.drawn(lot))
        guess.commit(next(one.letter for one in guess.options if one.id == "c"))
        assert "text c That" not in repr(quizzes.ShownPrediction.of(GUESS).compare())
        assert "You guessed c) text c" in repr(quizzes.ShownPrediction.of(GUESS).compare())


def test_one_sitting_asks_in_one_order_and_the_next_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def order() -> list[str]:
        return [one.id for id in list(catalogue.quizzes())[:8] for one in quizzes.quiz(id).options]

    before = order()
    assert order() == before
    monkeypatch.setattr(session, "sitting", "another")
    assert order() != before


def test_a_guess_is_kept_and_compared_and_none_is_fine() -> None:
    shown = quizzes.ShownPrediction.of(GUESS)
    assert "You made no guess" in repr(shown.compare())
    shown.commit("a")
    assert "You guessed a" in repr(quizzes.ShownPrediction.of(GUESS).compare())


def test_the_page_of_a_prediction_is_not_told_what_is_right() -> None:
    sent = json.dumps(choice(GUESS, chose=lambda letter: "").get_state(), default=str)
    assert "why b" not in sent
    assert "That." not in sent
    assert "why b" in json.dumps(choice(QUIZ, chose=lambda letter: "").get_state(), default=str)


def test_progress_is_noted_read_back_and_survives_damage(home: Path) -> None:
    progress.checked("01.1-thing", objective="01.1", mark="passed", passed=True)
    progress.answered(QUIZ, option("b", True))
    progress.guessed(GUESS, "a", right=False)
    done = progress.read()
    assert done.checks["01.1-thing"].done
    assert done.quizzes["01-q9"].last == "b"
    assert not done.guesses["01-p9"].done
    (home / progress.FILE).write_text('{"version": 1, "checks": 7}')
    assert progress.read().checks == {}
    assert list(home.glob("progress.json.damaged-*"))
    assert "set aside" in repr(progress.progress())


def test_the_course_s_own_files_can_all_be_read() -> None:
    assert catalogue.tasks()
    assert catalogue.quizzes()
    assert catalogue.predictions()
    assert list(catalogue.labs()) == sorted(path.parent.name for path in catalogue.LABS.glob("*/lab.ipynb"))
    with pytest.raises(errors.WrongUse, match="There is no quiz"):
        catalogue.find(Quiz, "01-q99")


def test_every_file_is_found_by_the_number_that_its_ids_begin_with(tmp_path: Path) -> None:
    """A chapter's files bear its notebook's name; one that bears another would only be found after all others."""
    kinds: tuple[tuple[str, str, Callable[[Path], Iterable[str]]], ...] = (
        ("checks", "tasks", catalogue.tasks),
        ("quizzes", "quizzes", catalogue.quizzes),
        ("quizzes", "predictions", catalogue.predictions),
        ("engines", "differences", catalogue.differences),
    )
    for name, kind, those in kinds:
        for path in sorted(catalogue.FOLDER.glob(f"*_{name}.py")):
            (alone := tmp_path / kind / path.stem).mkdir(parents=True)
            shutil.copy(path, alone)
            assert {id[:2] for id in those(alone)} == {catalogue.chapter(path)}, path.name


@pytest.mark.parametrize(
    ("code", "topics"),
    [
        ("find(Task, '08.1-by-name')", {"networks"}),
        ("find(Quiz, '08-q1')", set()),
        ("lab('03-slim-the-image')", {"layers"}),
    ],
)
def test_what_is_asked_for_loads_its_own_chapter_s_topics_only(code: str, topics: set[str]) -> None:
    code = (
        "import sys; from helpers.lab.catalogue import *; " + code + "\n"
        "print(*{name.split('.')[1] for name in sys.modules if name.startswith('helpers.')})"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    known = {path.parent.name for path in Path(errors.__file__).parent.glob("*/checks.py")}
    assert known & set(loaded) == topics


def test_what_a_check_is_told_is_no_raw_answer_of_the_engine_s() -> None:
    helpers = Path(errors.__file__).parent
    for path in (helpers / "lab" / "look.py", helpers / "lab" / "stage.py", *helpers.glob("*/*checks.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.returns is not None:
                assert "Any" not in ast.unparse(node.returns), f"{path.parent.name}/{path.name}: {node.name}"


def test_two_of_one_id_and_other_things_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x_quizzes.py").write_text("QUIZZES = (1,)\n")
    with pytest.raises(errors.WrongUse, match="something else than a Quiz"):
        catalogue.quizzes(tmp_path)
    source = (catalogue.FOLDER / "packaging_quizzes.py").read_text(encoding="utf-8")
    (tmp_path / "x_quizzes.py").write_text(source)
    (tmp_path / "y_quizzes.py").write_text(source)
    with pytest.raises(errors.WrongUse, match="Two are called"):
        catalogue.quizzes(tmp_path)


def test_drawing_is_by_the_dice_alone() -> None:
    draws = [one.draw for one in catalogue.tasks().values()] + [one.draw for one in catalogue.labs().values()]
    for draw in draws:
        assert draw(random.Random(1)) == draw(random.Random(1))  # noqa: S311  no secret
