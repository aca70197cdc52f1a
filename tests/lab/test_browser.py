"""Quick questions, predictions and verdicts as a reader sees and uses them in JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.harness.jupyterlab import CELLS, Lab, Scheme, keep, notebook_of, wear

CARD = ".cu-choice"
MOVING = ".cu-moving"


def card(page: Page, words: str) -> str:
    """A selector of the one card that asks that."""
    assert page.locator(CARD, has_text=words).count() == 1
    return f"{CARD}:has-text({words!r})"


def test_each_question_is_shown_once_with_a_button_for_every_option(chapter: Page) -> None:
    cards = chapter.locator(CARD)
    assert cards.count() >= 6
    for place in range(cards.count()):
        assert 3 <= cards.nth(place).locator("button").count() <= 5
    # the same question as plain words stands beside it for pages without widgets, and is not seen here
    assert chapter.locator(".cu-still").count() >= cards.count()
    assert chapter.locator(".cu-still:visible").count() == 0


def test_a_question_is_answered_by_keyboard_and_every_option_says_why(chapter: Page) -> None:
    cells = chapter.evaluate(CELLS)
    one = chapter.locator(card(chapter, "You ask for docker version"))
    assert "Client:\n Version:" in one.locator("pre").inner_text()  # real output, to be read first
    buttons = one.locator("button")
    texts = buttons.all_inner_texts()
    right = texts.index(next(said for said in texts if "The client works" in said))
    first = 1 if right == 0 else 0  # where the right one stands is drawn
    buttons.nth(first).focus()
    chapter.keyboard.press("Enter")
    expect(one.locator("[role=status]")).to_contain_text("Not right.")
    chapter.keyboard.press("ArrowDown")
    assert buttons.nth(first + 1).evaluate("button => button === document.activeElement")
    chapter.keyboard.press("abcd"[right])  # its letter; b is JupyterLab's own key for a new cell, too
    expect(one.locator("[role=status]")).to_contain_text("Right.")
    assert buttons.nth(right).get_attribute("aria-pressed") == "true"
    assert chapter.evaluate(CELLS) == cells


def test_a_guess_is_taken_and_nothing_is_given_away(chapter: Page) -> None:
    one = chapter.locator(card(chapter, "Who is its parent there?"))
    one.locator("button").first.click()
    said = one.locator("[role=status]")
    expect(said).to_contain_text("You guess a)")
    assert "Right" not in said.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_cards_and_verdicts_are_to_be_seen_in_both_themes(chapter: Page, scheme: Scheme) -> None:
    wear(chapter, scheme)
    one = chapter.locator(CARD).first
    one.scroll_into_view_if_needed()
    keep(one.screenshot, f"question-{scheme}.png")
    verdict = chapter.locator("figure", has_text="Not attempted.").first
    verdict.scroll_into_view_if_needed()
    keep(verdict.screenshot, f"verdict-{scheme}.png")
    keep(chapter.screenshot, f"exercise-{scheme}.png")
    for element in (one, verdict):
        ink, paper = element.evaluate(
            """element => [getComputedStyle(element).color,
                           getComputedStyle(element.closest('.jp-OutputArea-output') || element).backgroundColor]"""
        )
        assert ink != paper
    wear(chapter, "light")


@pytest.fixture(scope="module")
def page(browser: Browser, lab: Lab) -> Iterator[Page]:
    """A pile and two lanes."""
    source = 'from helpers import predict\ndisplay(predict("03-p1"), predict("08-p2"))'
    with notebook_of(browser, lab, "browser-moving.ipynb", source) as page:
        expect(page.locator(MOVING)).to_have_count(2)
        yield page


def part(card: Locator, name: str, place: int) -> Locator:
    """The part of that name in a place; 0: where all stand before they are moved."""
    return card.locator(f".cu-moving-place[data-place='{place}'] button", has_text=name)


def test_layers_are_dragged_to_the_pile_and_the_guess_is_taken_when_all_lie(page: Page) -> None:
    card = page.locator(MOVING).first
    card.scroll_into_view_if_needed()
    said = card.locator("[role=status]")
    part(card, "RUN head", 0).drag_to(card.locator("[data-place='1']"))
    expect(part(card, "RUN head", 1)).to_be_visible()
    card.locator(".cu-moving-done").click()
    expect(said).to_contain_text("Not placed yet: `COPY . .`".replace("`", ""))
    part(card, "RUN head", 1).drag_to(card.locator("[data-place='2']"))  # another thought
    part(card, "RUN chown", 0).click()  # picked up
    card.locator("[data-place='1'] .cu-moving-holds").click()  # and put down
    expect(part(card, "RUN chown", 1)).to_be_focused()
    for name in ("COPY", "RUN rm", "CMD"):
        part(card, name, 0).focus()
        page.keyboard.press("3")
        expect(part(card, name, 3)).to_be_focused()
    card.locator(".cu-moving-done").click()
    expect(said).to_contain_text("Your guess is noted.")
    assert "Right" not in said.inner_text()


def test_a_container_goes_onto_a_second_lane_and_off_again_by_keyboard(page: Page) -> None:
    cells = page.evaluate(CELLS)
    card = page.locator(MOVING).nth(1)
    card.scroll_into_view_if_needed()
    expect(part(card, "hs-web", 1)).to_be_visible()  # it stands there at first
    part(card, "hs-api", 0).drag_to(card.locator("[data-place='2']"))
    expect(part(card, "hs-api", 2)).to_be_visible()
    expect(part(card, "hs-api", 1)).to_be_visible()
    part(card, "hs-api", 2).focus()
    page.keyboard.press("2")
    expect(part(card, "hs-api", 2)).to_have_count(0)
    page.keyboard.press("2")
    expect(part(card, "hs-api", 2)).to_be_focused()
    part(card, "hs-store", 0).focus()
    page.keyboard.press("1")
    part(card, "hs-store", 1).drag_to(card.locator("[data-place='2']"))  # moved, not doubled
    expect(part(card, "hs-store", 1)).to_have_count(0)
    card.locator(".cu-moving-done").focus()
    page.keyboard.press("Enter")
    expect(card.locator("[role=status]")).to_contain_text("Your guess is noted.")
    assert page.evaluate(CELLS) == cells
    assert page.locator(".cu-still:visible").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_moving_parts_are_to_be_seen_in_both_themes_and_axe_finds_nothing(page: Page, scheme: Scheme) -> None:
    wear(page, scheme)
    for place, name in enumerate(("pile", "lanes")):
        one = page.locator(MOVING).nth(place)
        one.scroll_into_view_if_needed()
        keep(one.screenshot, f"moving-{name}-{scheme}.png")
    found = Axe().run(page, context=MOVING)
    assert found.violations_count == 0, found.generate_report()
    wear(page, "light")
