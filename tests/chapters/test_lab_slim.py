"""Lab 03: what it sets up is a real history, and its usual shortcuts do not pass. The rest: test_labs.py."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

import pytest

from helpers import images, lab
from helpers.engine.client import Client
from helpers.lab import attempts, catalogue
from tests.harness.by_hand import by_hand

NAME = "03-slim-the-image"
BASE = "localhost/course/python:3.13"
pytestmark = pytest.mark.engine


@pytest.fixture
def name(learner: None) -> str:
    """The lab, opened; the name that was drawn."""
    lab.open(NAME)
    return attempts.current(NAME, catalogue.lab(NAME).draw).given["name"]


def states() -> list[tuple[bool, str]]:
    found: Any = lab.check()
    return [(verdict.passed, verdict.mistake) for verdict in found.verdicts]


def test_the_folder_has_a_history_that_git_could_read_and_it_comes_back(name: str) -> None:
    root = lab.folder() / ".git"
    objects = {path.parent.name + path.name: zlib.decompress(path.read_bytes()) for path in root.glob("objects/*/*")}
    assert len(objects) == 7  # a photo, the README, two trees, three commits
    for id, content in objects.items():
        assert hashlib.sha1(content, usedforsecurity=False).hexdigest() == id
    last = objects[(root / "refs/heads/main").read_text().strip()].decode()
    assert "far too big" in last
    assert b"photo.raw" not in objects[last.partition("tree ")[2][:40]]
    before = objects[last.partition("parent ")[2][:40]].decode()
    assert b"photo.raw" in objects[before.partition("tree ")[2][:40]]
    (root / "HEAD").unlink()
    lab.open(NAME)
    assert (root / "HEAD").exists()


def test_a_foreign_image_under_the_right_name_does_not_pass(name: str, client: Client) -> None:
    by_hand(client).tag("localhost/course/busybox:1", name, "1")
    assert states()[1:] == [(False, ""), (False, ""), (False, ""), (False, "other-base")]
    by_hand(client).tag(BASE, name, "1")
    assert not any(passed for passed, _ in states())


@pytest.mark.parametrize(
    "last",
    [
        'ENTRYPOINT ["sh", "-c", "echo charts 0; echo Ran 5 tests; echo OK"]',
        # a program that says what the tests would say, in the place of python3
        "RUN printf '#!/bin/sh\\necho OK\\n' > /usr/local/bin/python3 && chmod +x /usr/local/bin/python3",
    ],
)
def test_printing_what_the_tests_print_does_not_pass(name: str, last: str) -> None:
    images.build(lab.folder(), name=name, dockerfile=f"FROM {BASE}\n{last}\nUSER 1000\n")
    assert not any(passed for passed, _ in states())
