"""The page with its three parts, as `python3 start.py` opens it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page

from tests.harness.jupyterlab import Lab, open_page

DESK = ".lm-DockPanel .hs-desk"
TERMINAL = ".jp-Terminal"
KEYS = f"{TERMINAL} .xterm-helper-textarea"
READY = "() => window.jupyterapp !== undefined"
RESTORED = "() => window.jupyterapp.restored.then(() => null)"


def opened(browser: Browser, lab: Lab, *, width: int = 1366, height: int = 768, **more: Any) -> Page:
    """That page, all of it there."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light", **more)
    page = context.new_page()
    page.set_default_timeout(30_000)
    open_page(page, lab.desk)
    there(page)
    return page


def there(page: Page) -> None:
    """Waits until all of it is."""
    page.wait_for_function(READY)
    page.evaluate(RESTORED)
    page.wait_for_selector(f"{DESK}[data-ok=true] svg")
    page.wait_for_selector(KEYS, state="attached")
    page.wait_for_function(f"() => !document.querySelector('{DESK} .hs-summary').textContent.includes('Looking')")
