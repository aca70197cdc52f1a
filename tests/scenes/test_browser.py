"""The end of a scene in JupyterLab: a box for each thing made in a terminal, by keyboard, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from helpers.engine.client import Client
from tests.harness.by_hand import by_hand
from tests.harness.jupyterlab import CELLS, SHOWN, Lab, Scheme, keep, notebook_of, wear

CARD = ".cu-left"
SOURCE = """
import docker
from helpers import scene
from helpers.engine.scene import appeared
appeared._shared = lambda client: False  # the run's foreign objects include another learner's
stage = scene("test-browser-left")
mine = docker.from_env()
for number in (1, 2):
    mine.containers.create("localhost/course/busybox:1", "sleep 60", name=f"by-hand-{number}", volumes=["by-hand-v:/v"])
stage.end()
"""


@pytest.fixture(scope="module")
def page(browser: Browser, lab: Lab, client: Client) -> Iterator[Page]:
    """A notebook of one cell, run."""
    try:
        with notebook_of(browser, lab, "browser-leftovers.ipynb", SOURCE) as page:
            page.wait_for_selector(f"{CARD} button")
            yield page
    finally:
        hand = by_hand(client)
        for row in hand.containers(all=True):
            if any(name.startswith("/by-hand-") for name in row["Names"]):
                hand.remove_container(row["Id"], force=True)
        if "by-hand-v" in {row["Name"] for row in hand.volumes()["Volumes"] or ()}:
            hand.remove_volume("by-hand-v")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_is_to_be_seen_in_both_themes_and_axe_finds_nothing(page: Page, scheme: Scheme) -> None:
    wear(page, scheme)
    card = page.locator(CARD)
    card.scroll_into_view_if_needed()
    keep(page.locator(f"{SHOWN} .jp-OutputArea").first.screenshot, f"left-{scheme}.png")
    found = Axe().run(page, context=CARD)
    wear(page, "light")
    assert len(found.response["passes"]) > 3
    assert found.violations_count == 0, found.generate_report()


def test_what_is_ticked_goes_by_keyboard_and_a_volume_is_not_ticked(page: Page, client: Client) -> None:
    cells = page.evaluate(CELLS)
    boxes = page.locator(f"{CARD} input")
    assert [boxes.nth(at).is_checked() for at in range(boxes.count())] == [True, True, False]
    expect(page.locator(CARD)).to_contain_text("volume by-hand-v")
    first = page.locator(f"{CARD} label").first.inner_text()
    boxes.first.focus()
    page.keyboard.press("b")  # JupyterLab's own key for a new cell
    page.keyboard.press("Space")  # this one stays
    page.locator(f"{CARD} button").focus()
    page.keyboard.press("Enter")

    expect(page.locator(f"{CARD} .cu-left-said")).to_contain_text("Removed 1 container")
    assert page.evaluate(CELLS) == cells
    left = {name for row in client.containers(all=True) for name in row["Names"] if name.startswith("/by-hand-")}
    assert left == {"/by-hand-1" if "by-hand-1" in first else "/by-hand-2"}
    assert boxes.nth(1).is_disabled()
