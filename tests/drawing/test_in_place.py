"""The line that changes in place: in a kernel only, escaped, gone at the end, with a last word after an error."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.drawing import progress_line as views
from helpers.drawing.in_place import Live


class Screen:
    """What a kernel shows: every state of the one output."""

    def __init__(self) -> None:
        self.states: list[dict[str, str]] = []

    def display(self, bundle: dict[str, str], *, raw: bool, display_id: bool) -> Screen:
        assert raw
        assert display_id
        self.states.append(bundle)
        return self

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.states.append(bundle)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Stands for IPython's machinery; the real one is used by the tests in the browser and the book."""
    found = Screen()
    module: Any = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=found.display))
    return found


def test_it_shows_where_it_is_and_then_goes(screen: Screen) -> None:
    with Live() as live:
        live.step("step 1 of 4: FROM <b>", 1, 4)

    assert [state["text/plain"] for state in screen.states] == ["step 1 of 4: FROM <b>", ""]
    assert '<progress aria-label="step 1 of 4: FROM &lt;b&gt;" max="4" value="1"' in screen.states[0]["text/html"]
    assert screen.states[-1]["text/html"] == ""


def test_changes_that_nobody_could_see_are_left_out(screen: Screen) -> None:
    with Live() as live:
        for number in range(1000):
            live.step(f"{number}", number, 1000)

    assert 2 <= len(screen.states) < 100
    assert screen.states[-1]["text/plain"] == ""


def test_after_an_interrupt_it_says_where_it_stopped(screen: Screen) -> None:
    def interrupted() -> None:
        with Live() as live:
            live.step("saving", 5, None)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert screen.states[-1]["text/plain"] == "Stopped at: saving"


def test_outside_of_a_notebook_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with Live() as live:
        live.step("x", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_bar_never_leaves_its_bounds() -> None:
    assert 'value="10"' in views.progress("x", 99, 10)
    assert "<progress" not in views.progress("x", 99, None)
