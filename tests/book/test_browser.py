"""The book as a reader without an engine sees it: from the disk, in light and dark, offline, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.harness.jupyterlab import Scheme, keep
from tests.harness.selection import Draw

pytestmark = [pytest.mark.engine, pytest.mark.timeout(400)]  # the first to ask makes the book


@pytest.fixture(params=["light", "dark"])
def reader(request: pytest.FixtureRequest, browser: Browser, book: Path) -> Iterator[tuple[Page, Path, Scheme]]:
    context = browser.new_context(color_scheme=request.param, offline=True, viewport={"width": 1100, "height": 900})
    yield context.new_page(), book, request.param
    context.close()


def test_every_page_is_whole_and_fetches_nothing_and_axe_finds_nothing(
    reader: tuple[Page, Path, Scheme], draw: Draw
) -> None:
    page, book, scheme = reader
    looked_at = draw(f"axe over the book, {scheme}", sorted(path.name for path in book.glob("*.html")))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in sorted(book.glob("*.html")):
        page.goto(path.as_uri())
        page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
        keep(partial(page.screenshot, full_page=True), f"book-{path.stem}-{scheme}.png")
        if path.name in looked_at:
            # light and dark differ in colours only, and the other rules take as long again
            found = Axe().run(page, options={"runOnly": ["color-contrast"]} if scheme == "dark" else None)
            assert found.violations_count == 0, f"{path.name}: {found.generate_report()}"
        pictures = page.eval_on_selector_all("img", "all => all.map(i => i.complete && i.naturalWidth > 100)")
        assert all(pictures), path.name
        page.set_viewport_size({"width": 400, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, f"{path.name} is wider than a phone"
        page.set_viewport_size({"width": 1100, "height": 900})
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_from_page_to_page_and_into_the_text_by_keyboard(reader: tuple[Page, Path, Scheme]) -> None:
    page, book, _ = reader
    page.goto((book / "index.html").as_uri())
    page.get_by_role("link", name="01 · Packaging").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/01-packaging.html")
    assert page.get_by_role("heading", level=1).inner_text().startswith("01")
    first = page.locator("summary", has_text="As text").first
    first.focus()
    page.keyboard.press("Enter")
    assert first.evaluate("summary => summary.parentElement.open")
    assert first.locator("..").locator("table").first.is_visible()
