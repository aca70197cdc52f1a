"""Lab 04: one image and one container solve all of it, and its usual shortcuts do not pass. The rest: test_labs.py."""

from __future__ import annotations

from typing import Any

import docker
import pytest

from helpers import images, lab
from helpers.engine.client import Client
from helpers.lab import attempts, catalogue
from tests.harness.by_hand import by_hand
from tests.harness.lab_trials import BUSYBOX, typed

DOCTOR = catalogue.labs()["04-dockerfile-doctor"]
BASE = "localhost/course/python:3.13"
pytestmark = pytest.mark.engine


@pytest.fixture
def name(learner: None) -> str:
    """The lab, opened; the name that was drawn."""
    lab.open(DOCTOR.name)
    return attempts.current(DOCTOR.name, DOCTOR.draw).given["name"]


def passed() -> list[int]:
    found: Any = lab.check()
    return [number for number, verdict in enumerate(found.verdicts, start=1) if verdict.passed]


def names(client: Client) -> set[str]:
    return {tag for row in client.images() for tag in row.get("RepoTags") or ()}


@pytest.mark.thorough
def test_one_image_and_one_container_solve_all_of_it_and_the_checks_leave_nothing(name: str, client: Client) -> None:
    typed(DOCTOR, 5, DOCTOR.tasks[4].solution)
    before = names(client), {row["Id"] for row in client.images(all=True)}
    assert passed() == [1, 2, 3, 4, 5]
    assert (names(client), {row["Id"] for row in client.images(all=True)}) == before


@pytest.mark.parametrize("image", [BASE, BUSYBOX])
def test_a_foreign_image_under_the_right_name_does_not_pass(name: str, image: str, client: Client) -> None:
    by_hand(client).tag(image, name, "1")
    assert passed() == []


def test_printing_what_the_service_says_does_not_pass(name: str) -> None:
    """It ends on SIGTERM with the right words, as the right user, and is content with itself; but it serves nothing."""
    (lab.folder() / "said.sh").write_text(
        "trap 'echo storm: log closed; exit 0' TERM\necho storm: open on port 8000\nsleep 60 & wait\n", newline="\n"
    )
    recipe = f'FROM {BASE}\nCOPY said.sh /\nUSER 1000\nHEALTHCHECK --interval=1s CMD true\nCMD ["sh", "/said.sh"]\n'
    made = images.build(lab.folder(), name=name, dockerfile=recipe)
    engine = docker.from_env()
    try:
        engine.containers.run(made.reference, name=f"{name}-duty", init=True, detach=True)
    finally:
        engine.close()
    assert passed() == []


def test_a_container_of_another_image_does_not_pass(name: str, client: Client) -> None:
    typed(DOCTOR, 2, DOCTOR.tasks[1].solution)
    made = by_hand(client).create_container(BUSYBOX, ["sleep", "60"], name=f"{name}-duty")["Id"]
    by_hand(client).start(made)
    for number in (3, 5):
        found: Any = lab.check(number)
        assert (found.passed, found.mistake) == (False, "older-image")
