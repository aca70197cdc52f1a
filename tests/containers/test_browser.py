"""The life of a container, driven by keyboard in JupyterLab, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from helpers.engine.client import Client
from tests.harness.by_hand import by_hand
from tests.harness.jupyterlab import CELLS, SHOWN, Lab, Scheme, keep, notebook_of, run_cell, wear

CARD = ".cu-life"
SOURCE = """
from helpers import containers, scene
stage = scene("test-browser-life")
containers.buttons("localhost/course/busybox:1", "sleep", "60", name="toy", grace=1)
"""


@pytest.fixture(scope="module")
def page(browser: Browser, lab: Lab) -> Iterator[Page]:
    """A notebook of one cell, run; another one ends the scene."""
    with notebook_of(browser, lab, "browser-life.ipynb", SOURCE, "stage.end()") as page:
        page.wait_for_selector(f"{CARD} button")
        yield page
        run_cell(page, 1)
        # its container was removed by hand in the first test
        expect(page.locator(f"{SHOWN} .jp-OutputArea").nth(1)).to_contain_text("course to remove")


def button(page: Page, verb: str) -> Locator:
    """The button of that name."""
    return page.locator(f"{CARD} button").filter(has_text=verb).and_(page.get_by_role("button", name=verb, exact=True))


def press(page: Page, verb: str, said: str) -> None:
    """Presses it with Enter, and waits for what is said."""
    button(page, verb).focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"{CARD} .cu-life-newest")).to_contain_text(said)
    expect(page.locator(f"{CARD} button[aria-disabled=false]").first).to_be_visible()


def test_a_life_is_lived_by_keyboard_and_each_command_is_explained(page: Page, client: Client) -> None:
    cells = page.evaluate(CELLS)
    assert page.locator(f"{CARD} button").count() == 8
    assert page.locator(".cu-still:visible").count() == 0
    impossible = button(page, "pause")
    expect(impossible).to_have_attribute("aria-disabled", "true")
    why = impossible.get_attribute("aria-describedby")
    assert page.locator(f"#{why}").inner_text() == "there is no container: create one first"

    press(page, "create", "nothing runs yet")
    page.keyboard.press("ArrowRight")
    assert button(page, "start").evaluate("one => one === document.activeElement")
    page.keyboard.press("b")  # JupyterLab's own key for a new cell
    press(page, "start", "was started")
    press(page, "start", "not possible now: it runs")
    press(page, "pause", "frozen")
    press(page, "unpause", "carry on")
    press(page, "stop", "SIGKILL ended it: exit code 137")
    assert "exited with code 137" in (page.locator(f"{CARD} img").get_attribute("alt") or "")
    press(page, "restart", "started")
    assert page.evaluate(CELLS) == cells

    made = client.containers(filters={"label": "containers-unpacked.scene=test-browser-life"})
    by_hand(client).remove_container(made[0]["Id"], force=True)
    expect(page.locator(f"{CARD} .cu-life-newest")).to_contain_text("Meanwhile, not by a button here")
    expect(button(page, "create")).to_have_attribute("aria-disabled", "false")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_to_be_seen_in_both_themes_and_axe_finds_nothing(page: Page, scheme: Scheme) -> None:
    wear(page, scheme)
    one = page.locator(CARD)
    one.scroll_into_view_if_needed()
    keep(one.screenshot, f"life-{scheme}.png")
    found = Axe().run(page, context=CARD)
    wear(page, "light")
    assert len(found.response["passes"]) > 3
    assert found.violations_count == 0, found.generate_report()
