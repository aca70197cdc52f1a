"""Tries a piece of Python as a learner would type it, then asks the exercise's check what it thinks of it."""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import docker

import helpers
from helpers import scene
from helpers.engine.client import Client, connect
from helpers.engine.ownership import labels
from helpers.lab import attempts, catalogue
from helpers.lab.exercises import Exercise, Verdict, of_chapter
from helpers.lab.task import Task
from tests.harness.by_hand import by_hand

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
SCENE = "exercises"
ACTS = {"containers", "images", "networks", "packaging", "engine"}  # what has verbs that change something


@contextlib.contextmanager
def begun(task: Task) -> Iterator[Exercise]:
    """The exercise, begun anew in a scene of its own, in the folder that a chapter's kernel runs in."""
    before, there = Path.cwd(), {id for _, id, _ in _named_like_ours(connect())}
    os.chdir(NOTEBOOKS)
    if task.folder:  # a private one: what an earlier try left there is in nobody's way
        shutil.rmtree(Path(os.environ["COURSE_WORK"]) / task.folder, ignore_errors=True)
    try:
        with scene(SCENE):
            attempts.begin(task.id, task.draw)
            exercise = of_chapter(task)
            exercise.prepare()
            try:
                yield exercise
            finally:
                _take_what_was_made_by_hand(there)
    finally:
        os.chdir(before)


def _take_what_was_made_by_hand(there: set[str]) -> None:
    """What an answer made by hand under a name like the helpers': the course would leave it, unasked.

    there: the ids of what was there before.
    """
    client = connect()
    ledger, hand = client.ledger(), by_hand(client)
    for kind, id, row in _named_like_ours(client):
        if kind == "image":
            for name in row["RepoTags"]:
                if name.startswith(labels.PREFIX) and id not in there and ledger.named(id, name) is None:
                    hand.remove_image(name, force=True)
        elif id in there or ledger.entry(kind, id, row.get("Labels")) is not None:
            continue
        elif kind == "container":
            hand.remove_container(id, force=True)
        else:
            hand.remove_network(id)


def _named_like_ours(client: Client) -> list[tuple[str, str, dict[str, Any]]]:
    """Containers, networks and images of such names: kind, id, row of the engine's list."""
    found = [("container", row, row.get("Names") or ()) for row in client.containers(all=True)]
    found += [("network", row, (row["Name"],)) for row in client.networks()]
    found += [("image", row, row.get("RepoTags") or ()) for row in client.images()]
    return [
        (kind, str(row["Id"]), row)
        for kind, row, names in found
        if any(name.lstrip("/").startswith(labels.PREFIX) for name in names)
    ]


def public() -> dict[str, Any]:
    """All that a learner may import from helpers, by name."""
    return {name: getattr(helpers, name) for name in helpers.__all__}


def page(text: str, *, address: str = "0.0.0.0", port: int = 8080) -> tuple[str, ...]:
    """The command of a small server, as chapter 08 defines it."""
    return ("sh", "-c", f"echo {text} > /tmp/index.html; exec httpd -f -p {address}:{port} -h /tmp")


def put(source: Path, mine: Path, recipe: str | None) -> None:
    """An author's files into the learner's folder. recipe: a text that takes the place of the Dockerfile there."""
    shutil.copytree(source, mine, dirs_exist_ok=True, copy_function=shutil.copy)
    if recipe is not None:
        (mine / "Dockerfile").write_text(recipe, encoding="utf-8")


def typed(exercise: Exercise, code: str, folder: Path, *, recipe: str | None = None) -> Any:
    """Runs `code`; returns what it calls `answer`, or ... if it names none. folder: an empty one.

    recipe: a text that takes the place of the Dockerfile that is put into the learner's folder.
    """

    def use(name: str) -> None:
        put(catalogue.FOLDER / exercise.folder.name / name, exercise.folder, recipe)

    engine = docker.from_env()
    words: dict[str, Any] = {
        "x": exercise,
        "engine": engine,
        **public(),
        "BUSYBOX": "localhost/course/busybox:1",
        "PAGE": ("python3", "/shop/shop.py", "--page"),
        "empty_folder": folder,
        "use": use,
        "page": page,
    }
    try:
        exec(compile(code, f"<{exercise.id}>", "exec"), words)  # noqa: S102  our own solutions and wrong answers
    finally:
        engine.close()
    return words.get("answer", ...)


def trial(task: Task, code: str, folder: Path, *, times: int = 1) -> list[Verdict]:
    """What the check says after `code`, so many times."""
    with begun(task) as exercise:
        answer = typed(exercise, code, folder)
        return [exercise.check(answer) for _ in range(times)]


def only_answers(task: Task) -> bool:
    """True if none of its wrong answers does anything to the engine: they hand over what they know or looked at."""
    calls = (node for code in task.wrong.values() for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))
    return not any(
        isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value).split(".")[0] in ACTS for call in calls
    )


def wronged(task: Task, names: Sequence[str], folder: Path) -> Iterator[tuple[str, Verdict]]:
    """What the check says to these wrong answers, in one begun exercise: several only of a task that `only_answers`."""
    with begun(task) as exercise:
        for name in names:
            yield name, exercise.check(typed(exercise, task.wrong[name], folder))
