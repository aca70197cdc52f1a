"""Sliders in JupyterLab: a container's limits are moved by keyboard while it is busy, and the chart answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from helpers.engine.client import Client
from tests.harness.jupyterlab import CELLS, SHOWN, Lab, Scheme, keep, notebook_of, run_cell, wear

BOX = ".cu-sliders"
SOURCE = """
from helpers import containers, isolation, scene
stage = scene("test-browser-sliders")
idle = ("sh", "-c", "while sleep 1; do :; done")
containers.start("localhost/course/busybox:1", *idle, name="toy", cpus=0.8, memory="96m")
isolation.sliders("toy", seconds=10)
"""


@pytest.fixture(scope="module")
def page(browser: Browser, lab: Lab) -> Iterator[Page]:
    """A notebook of one cell, run; another one ends the scene."""
    with notebook_of(browser, lab, "browser-sliders.ipynb", SOURCE, "stage.end()") as page:
        page.wait_for_selector(f"{BOX} button")
        yield page
        run_cell(page, 1)
        expect(page.locator(f"{SHOWN} .jp-OutputArea").nth(1)).to_contain_text("Removed 1 container")


def test_the_chart_answers_while_the_sliders_are_moved_by_keyboard(page: Page, client: Client) -> None:
    cells = page.evaluate(CELLS)
    box = page.locator(BOX)
    assert page.locator(".cu-still:visible").count() == 0
    expect(box.locator("img")).to_have_attribute("alt", re.compile("has a limit of memory and CPU"))
    box.locator("button").click()
    expect(box.locator("button")).to_be_disabled()
    expect(box).to_contain_text("reading by reading", timeout=15_000)
    cpus = box.get_by_role("slider").first
    assert cpus.get_attribute("aria-valuenow") == "0.8"
    cpus.focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    expect(box.locator("[role=status]")).to_contain_text("to 0.2")
    expect(box).to_contain_text("of 0.2")  # in the chart's table, while it still runs
    expect(box.locator("button")).to_be_disabled()
    expect(box.locator("button")).to_be_enabled(timeout=20_000)
    expect(box.locator("[role=status]")).to_contain_text("had to wait for CPU time")
    made = client.containers(filters={"label": "containers-unpacked.scene=test-browser-sliders"})
    assert client.inspect_container(made[0]["Id"])["HostConfig"]["NanoCpus"] == 200_000_000
    assert page.evaluate(CELLS) == cells


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_to_be_seen_in_both_themes_and_axe_finds_nothing(page: Page, scheme: Scheme) -> None:
    wear(page, scheme)
    one = page.locator(BOX)
    one.scroll_into_view_if_needed()
    keep(one.screenshot, f"sliders-{scheme}.png")
    # the handle of ipywidgets' own slider has no name for screen readers; the word beside it and its number are text
    found = Axe().run(page, context=BOX, options={"rules": {"aria-input-field-name": {"enabled": False}}})
    wear(page, "light")
    assert len(found.response["passes"]) > 3
    assert found.violations_count == 0, found.generate_report()
