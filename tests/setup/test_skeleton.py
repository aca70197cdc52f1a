"""`start.py new`: what it writes into a copy of the checkout is green as it stands; what is refused leaves nothing."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from helpers.engine.client import Client
from helpers.errors import CourseError, WrongUse
from helpers.setup import skeleton
from helpers.setup.skeleton.contracts import with_topic

ROOT = Path(__file__).resolve().parents[2]
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache", "*.egg-info", "my-files*", "work")
# two topics, so that one stands before and one behind the rooms that they import from
NEW = (("chapter", "98-light-ships"), ("lab", "98-light-it"), ("topic", "lighthouses"), ("topic", "beacons"))
LAB = "labs/98-light-it"
WRITTEN = {
    "notebooks/98-light-ships.ipynb",
    "notebooks/exercises/light_ships_checks.py",
    "notebooks/exercises/light_ships_quizzes.py",
    *(f"{LAB}/{name}" for name in ("lab.ipynb", "light_it_checks.py", "starter/README.md", "starter/greet.sh")),
    *(f"{LAB}/{name}/Dockerfile" for name in ("solution", "wrong/no-command", "wrong/no-program", "wrong/not-set")),
    *(
        f"{place}/{topic}/{name}.py"
        for topic in ("lighthouses", "beacons")
        for place, names in (
            ("helpers", ("__init__", "checks", "engine", "model", "views")),
            ("tests", ("test_engine", "test_model", "test_views")),
        )
        for name in names
    ),
}


class Copy(NamedTuple):
    """A checkout in which all of NEW was written. said: what each command printed."""

    root: Path
    before: Mapping[str, bytes]
    said: tuple[str, ...]


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def run(root: Path, *words: str, seconds: int = 110) -> str:
    """What a module prints in the copy; it has to end well."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env["PYTHONPATH"] = str(root)  # for kernels, too: they start in the folder of their notebook
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", "")])
    done = subprocess.run(list(words), cwd=root, env=env, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    root = tmp_path_factory.mktemp("skeleton") / "checkout"
    shutil.copytree(ROOT, root, ignore=NOT_COPIED)
    before = files(root)
    said = tuple(run(root, sys.executable, "-m", "helpers", "new", *words) for words in NEW)
    return Copy(root, before, said)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """What a checkout is known by, and nothing else."""
    for name in ("helpers", "labs", "notebooks/exercises", "tests"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


def test_only_new_files_and_a_topic_s_place_in_the_contracts(copy: Copy) -> None:
    now = files(copy.root)
    assert set(now) - set(copy.before) == WRITTEN
    assert {name for name, content in copy.before.items() if now[name] != content} == {"pyproject.toml"}
    filled = b"".join(now[name] for name in WRITTEN if "/starter/" not in name)  # there a lab fills in, too
    assert re.findall(rb"@\w+@", filled) == []


def test_each_file_is_named_and_then_what_to_do(copy: Copy) -> None:
    named = {line for text in copy.said for line in text.splitlines()[:-2]}
    assert named == WRITTEN | {"pyproject.toml"}
    assert ' test tests/chapters -k "98-light-ships or 98."\n' in copy.said[0]
    assert " test tests/chapters -k 98-light-it\n" in copy.said[1]
    assert " test tests/lighthouses\n" in copy.said[2]
    assert "[98, light ships](../../notebooks/98-light-ships.ipynb)" in (copy.root / LAB / "lab.ipynb").read_text()


@pytest.mark.parametrize(
    ("place", "chosen"),
    [
        (0, ("notebooks/98-light-ships.ipynb::runs", "test_the_solution_passes[98.1-which]", "[98-light-ships]")),
        (1, (f"{LAB}/lab.ipynb::runs", "test_the_solution_passes_and_stays_passed[98-light-it-3]")),
    ],
)
def test_the_command_that_is_named_runs_all_of_it_and_nothing_else(
    copy: Copy, place: int, chosen: tuple[str, ...]
) -> None:
    words = shlex.split(copy.said[place].partition(" start.py test ")[2].splitlines()[0])
    named = run(copy.root, sys.executable, "-m", "pytest", "-q", "--collect-only", *words)
    found = [line for line in named.splitlines() if "::" in line]
    assert all(any(one in line for line in found) for one in chosen), named
    assert all("98" in line for line in found), named


def test_ruff_and_import_linter_find_nothing(copy: Copy) -> None:
    run(copy.root, "ruff", "check", "--no-cache", ".")
    run(copy.root, "ruff", "format", "--no-cache", "--check", "helpers", "tests")
    kept = run(copy.root, "lint-imports", "--no-cache")
    assert "0 broken" in kept


@pytest.mark.timeout(300)  # a run of its own
def test_the_new_chapter_has_the_form_and_the_new_topic_is_green(copy: Copy) -> None:
    places = ("tests/chapters/test_form.py", "tests/lighthouses", "tests/beacons", "tests/house/test_public.py")
    words = ("-m", "not engine", "-k", "98-light-ships or lighthouses or beacons or public")
    said = run(copy.root, sys.executable, "-m", "pytest", "-q", *words, *places, seconds=280)
    assert re.search(r"\b\d\d passed", said), said


@pytest.mark.thorough
@pytest.mark.timeout(900)  # mypy without a cache, then a run of its own on the engine
def test_mypy_and_the_harness_find_nothing(copy: Copy, client: Client) -> None:
    run(copy.root, sys.executable, "-m", "mypy", f"--cache-dir={os.devnull}", seconds=300)
    words = ("-k", "98 or lighthouses or beacons or test_every", "--timeout=300")
    places = [f"tests/chapters/test_{name}.py" for name in ("again", "exercises", "form", "labs", "shortcuts")]
    run(
        copy.root,
        sys.executable,
        "-m",
        "pytest",
        "-q",
        *words,
        *places,
        "tests/lighthouses",
        "tests/beacons",
        "tests/lab/test_lab.py",
        seconds=600,
    )


@pytest.mark.parametrize(
    ("kind", "name", "why"),
    [
        ("chapter", "light-ships", "two digits"),
        ("chapter", "99-Light", "two digits"),
        ("chapter", "99-light_ships", "two digits"),
        ("chapter", "../99-light", "two digits"),
        ("lab", "9-light", "two digits"),
        ("topic", "light-ships", "word in small letters"),
        ("topic", "../light", "word in small letters"),
        ("topic", "class", "none of Python's"),
        ("topic", "quiz", "helpers.quiz is a verb"),
        ("topic", "lighthouses", "helpers/lighthouses and tests/lighthouses are there"),
        ("topic", "store", "helpers/store.py is there"),
        ("topic", "chapters", "tests/chapters is there"),
        ("chapter", "98-other", "notebooks/98-light-ships.ipynb is there"),
        ("chapter", "99-light-ships", "light_ships_checks.py and notebooks/exercises/light_ships_quizzes.py are there"),
        ("lab", "98-other", "labs/98-light-it is there"),
        ("lab", "99-light-it", "labs/98-light-it/light_it_checks.py is there"),
    ],
)
def test_a_bad_name_and_one_that_is_taken_are_refused(copy: Copy, kind: str, name: str, why: str) -> None:
    before = files(copy.root)
    with pytest.raises(WrongUse) as caught:
        skeleton.write(kind, name, root=copy.root)
    assert why in caught.value.why
    assert caught.value.next_step
    assert files(copy.root) == before


@pytest.mark.parametrize(
    ("kind", "name", "blocked"),
    [
        ("chapter", "98-light-ships", "notebooks/exercises"),
        ("lab", "98-light-it", "labs"),
        ("topic", "lighthouses", "tests"),  # its files in helpers/ can be written
        ("topic", "lighthouses", "pyproject.toml.new"),  # all its files can be
    ],
)
def test_nothing_is_half_written(bare: Path, kind: str, name: str, blocked: str) -> None:
    if (bare / blocked).is_dir():
        (bare / blocked).rmdir()
    (bare / blocked).write_text("in the way")
    before = {path.relative_to(bare) for path in bare.rglob("*")}
    with pytest.raises(CourseError, match="none of them was") as caught:
        skeleton.write(kind, name, root=bare)
    assert blocked in caught.value.why
    assert {path.relative_to(bare) for path in bare.rglob("*")} == before
    assert (bare / "pyproject.toml").read_text(encoding="utf-8") == PROJECT
    (bare / blocked).unlink()
    if not blocked.endswith(".new"):
        (bare / blocked).mkdir()
    assert len(skeleton.write(kind, name, root=bare)) >= 3


def test_without_a_checkout_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="not a checkout"):
        skeleton.write("topic", "lighthouses", root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_contracts_that_are_not_understood_are_left_alone(bare: Path) -> None:
    (bare / "pyproject.toml").write_text(PROJECT.replace('"helpers.networks",', '"helpers.others",'))
    before = files(bare)
    with pytest.raises(CourseError, match="not understood"):
        skeleton.write("topic", "lighthouses", root=bare)
    assert files(bare) == before


def test_rooms_above_the_topics_stay_where_they_are() -> None:
    above = PROJECT.replace('    "book | setup",\n', '    "book | setup",\n    "desk | networks",\n')
    assert '    "desk | networks",\n' in with_topic(above, "lighthouses")
