"""The options of `docker run` as a learner gives them."""

from __future__ import annotations

from typing import Any

import pytest

from helpers import errors
from helpers.engine.model.settings import Settings


@pytest.mark.parametrize(
    ("given", "expected"),
    [("64m", 64 * 1024**2), ("2 GB", 2 * 1024**3), ("512", 512), (100, 100), (0, 0), ("8k", 8192)],
)
def test_a_size_counts_as_docker_counts_it(given: Any, expected: int) -> None:
    assert Settings.read({"memory": given}).memory_bytes == expected


def test_one_word_stands_for_a_list_of_one() -> None:
    found = Settings.read({"cap_drop": "ALL", "user": 1000, "environment": {"PORT": 80}, "cpus": 1})

    assert found == Settings(cap_drop=("ALL",), user="1000", environment={"PORT": "80"}, cpus=1)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("memory", "much"),
        ("memory", -1),
        ("memory", True),
        ("cpus", "two"),
        ("pids_limit", 1.5),
        ("read_only", "yes"),
        ("cap_drop", 7),
        ("cap_drop", [7]),
        ("environment", "A=1"),
        ("user", None),
        ("memmory", "64m"),
    ],
)
def test_a_slip_of_the_pen_is_answered_with_the_form_it_should_have(option: str, value: Any) -> None:
    with pytest.raises(errors.WrongUse) as found:
        Settings.read({option: value})

    assert option in str(found.value) or "size" in str(found.value)


def test_an_option_that_there_is_not_is_answered_with_those_there_are() -> None:
    with pytest.raises(errors.WrongUse, match="pids_limit, read_only"):
        Settings.read({"privileged": True})
