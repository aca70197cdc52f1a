"""A mistake on purpose is shown; one that does not happen is an error."""

from __future__ import annotations

import pytest

from helpers import errors, mistake


def fail() -> None:
    raise errors.CourseError("No <such> page.", "a reason", "Do this.")


def test_the_errors_own_words_are_shown_and_escaped() -> None:
    found = mistake(fail)

    assert found.error.what == "No <such> page."
    assert repr(found).splitlines() == [
        "It failed, as it should. This is what the error says:",
        "CourseError: No <such> page.",
        "Why: a reason",
        "Next: Do this.",
    ]
    assert "&lt;such&gt;" in found.figure().html()


def test_what_does_not_fail_is_an_error() -> None:
    with pytest.raises(errors.CourseError, match="meant to fail"):
        mistake(lambda: None)


def test_what_fails_in_another_way_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        mistake(lambda: 1 // 0)


def test_a_missing_lambda_is_explained() -> None:
    with pytest.raises(errors.WrongUse, match="lambda"):
        mistake("done already")  # type: ignore[arg-type]
