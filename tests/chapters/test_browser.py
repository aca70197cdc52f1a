"""Chapter 00 as a reader sees it: run in JupyterLab, in light and dark, by keyboard, by axe-core."""

from __future__ import annotations

from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.harness.jupyterlab import CELLS, Lab, Scheme, keep, wear
from tests.harness.pixels import light

OUTPUT = ".jp-OutputArea-output"
PICTURES = f"{OUTPUT} img"
SUMMARIES = f"{OUTPUT} summary"


def test_the_start_command_says_the_address_once_and_the_log_holds_no_token(lab: Lab) -> None:
    assert lab.said.count("token=") == 1
    assert lab.url.startswith("http://127.0.0.1:")
    log = lab.log.read_text(encoding="utf-8")
    assert log.strip()
    assert lab.url.partition("token=")[2] not in log


def test_every_cell_ran_without_an_error(chapter: Page) -> None:
    errors = chapter.locator(
        '.jp-OutputArea-output[data-mime-type*="error"], .jp-RenderedText[data-mime-type*="stderr"]'
    )
    prompts = chapter.locator(".jp-CodeCell .jp-InputPrompt").all_text_contents()

    assert errors.all_text_contents() == []
    assert len([prompt for prompt in prompts if any(digit.isdigit() for digit in prompt)]) >= 10, prompts


def test_every_picture_is_there_and_has_alternative_text(chapter: Page) -> None:
    pictures = chapter.eval_on_selector_all(
        PICTURES,
        "all => all.map(i => ({alt: i.alt, width: i.naturalWidth, height: i.naturalHeight, done: i.complete}))",
    )

    assert len(pictures) >= 3
    for picture in pictures:
        assert picture["done"], picture
        assert picture["width"] > 0, picture
        assert picture["height"] > 0, picture
        assert picture["alt"].strip(), picture


def test_pictures_are_to_be_seen_in_light_and_in_dark_and_follow_the_theme(chapter: Page) -> None:
    seen: dict[str, list[float]] = {}
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for scheme in schemes:
        wear(chapter, scheme)
        pictures = chapter.locator(PICTURES)
        for place in range(pictures.count()):
            png = pictures.nth(place).screenshot()
            keep(partial(bytes, png), f"figure-{place:02d}-{scheme}.png")
            found = light(chapter, png)
            assert found.spread > 4, f"figure {place} is blank in {scheme}: {found}"
            seen.setdefault(scheme, []).append(found.mean)
        chapter.locator(PICTURES).first.scroll_into_view_if_needed()
        keep(chapter.screenshot, f"chapter-{scheme}.png")
    wear(chapter, "light")

    for place, (bright, dark) in enumerate(zip(seen["light"], seen["dark"], strict=True)):
        assert bright > dark + 60, (
            f"figure {place} does not follow the theme: {bright:.0f} in light, {dark:.0f} in dark"
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_our_outputs(chapter: Page, scheme: Scheme) -> None:
    wear(chapter, scheme)
    chapter.eval_on_selector_all(f"{OUTPUT} details", "all => all.forEach(one => { one.open = true })")

    found = Axe().run(chapter, context=OUTPUT)

    chapter.eval_on_selector_all(f"{OUTPUT} details", "all => all.forEach(one => { one.open = false })")
    wear(chapter, "light")
    assert len(found.response["passes"]) > 5  # it looked at something
    assert found.violations_count == 0, found.generate_report()


def test_as_text_opens_by_keyboard_and_the_keys_stay_in_it(chapter: Page) -> None:
    summaries = chapter.locator(SUMMARIES)
    assert summaries.count() >= 2
    assert chapter.eval_on_selector_all(SUMMARIES, "all => all.every(s => s.dataset.lmSuppressShortcuts === 'true')")
    first = summaries.filter(has_text="As text").first
    cells = chapter.evaluate(CELLS)
    first.focus()

    chapter.keyboard.press("Enter")
    assert first.evaluate("summary => summary.parentElement.open")
    chapter.keyboard.press("b")
    assert chapter.evaluate(CELLS) == cells
    chapter.keyboard.press("Enter")
    assert not first.evaluate("summary => summary.parentElement.open")

    chapter.keyboard.press("Tab")  # to the next one, and not out of the outputs
    assert chapter.evaluate("() => document.activeElement.tagName") == "SUMMARY"
    assert not first.evaluate("summary => summary === document.activeElement")


def test_the_keyboard_test_would_see_a_key_that_escapes(chapter: Page) -> None:
    """Without the attribute, JupyterLab takes the key for a command and inserts a cell."""
    first = chapter.locator(SUMMARIES).first
    cells = chapter.evaluate(CELLS)
    first.evaluate("summary => { delete summary.dataset.lmSuppressShortcuts; summary.focus() }")

    chapter.keyboard.press("b")
    chapter.wait_for_function(f"(before) => ({CELLS})() === before + 1", arg=cells)

    chapter.evaluate("() => window.jupyterapp.commands.execute('notebook:undo-cell-action').then(() => null)")
    first.evaluate("summary => { summary.dataset.lmSuppressShortcuts = 'true' }")
