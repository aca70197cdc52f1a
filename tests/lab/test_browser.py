"""Quick questions, predictions and verdicts as a reader sees and uses them in JupyterLab."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.harness.jupyterlab import CELLS, Scheme, keep, wear

CARD = ".cu-choice"


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
