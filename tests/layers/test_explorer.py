"""The explorer of an image in Chromium: what it shows, by mouse and by keyboard, in light and dark, with 60,000 files.

Its page is its own host here, with the kernel's part played by Python; in JupyterLab: test_explorer_lab.py.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from helpers.layers.model.analysis import Analysis, analysis
from helpers.oci.history import Step
from helpers.oci.layer_files import DIR, FILE, Files
from tests.harness.jupyterlab import keep
from tests.layers.analyses import BIG, NOTHING
from tests.layers.explorer_page import show, thousands


@pytest.fixture(params=["light", "dark"])
def both(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, str]]:
    context = browser.new_context(color_scheme=request.param, viewport={"width": 900, "height": 900})
    yield context.new_page(), request.param
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 900, "height": 900})
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert problems == []


def rows(page: Page) -> list[str]:
    return [" ".join(text.split()) for text in page.locator("[role=treeitem]").all_inner_texts()]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.querySelector('.cu-x-name')?.textContent ?? ''"))


def said(page: Page) -> Locator:
    return page.locator("[role=status]")


def test_it_is_accessible_and_to_be_seen_in_both_themes(both: tuple[Page, str]) -> None:
    page, scheme = both
    show(page, BIG)
    page.locator("[role=option]").nth(1).click()
    page.locator("[role=treeitem]").first.click()
    keep(page.screenshot, f"explorer-{scheme}.png")
    found = Axe().run(page, context=".cu-x")
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Hidden and wasted").click()
    keep(page.screenshot, f"explorer-list-{scheme}.png")
    found = Axe().run(page, context=".cu-x")
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 420, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_layers_and_files_by_keyboard_alone(page: Page) -> None:
    show(page, BIG)
    assert page.eval_on_selector_all(
        ".cu-x [tabindex='0'], .cu-x button, .cu-x input, .cu-x select",
        "all => all.length > 8 && all.every(one => one.dataset.lmSuppressShortcuts === 'true')",
    )
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_contain_text("COPY . .")
    expect(said(page)).to_have_text("layer 4: 3 files, 29.8 MB")
    page.locator("[role=treeitem]").first.focus()
    page.keyboard.press("ArrowRight")
    assert rows(page) == ["▾ shop/ 29.8 MB", "▸ .git/ 20.0 MB", "+ raw.csv , added hidden later 9.8 MB",
                          "+ shop.py , added 1.4 kB"]  # fmt: skip
    page.keyboard.press("ArrowRight")
    assert focused(page) == ".git/"
    page.keyboard.press("End")
    assert focused(page) == "shop.py"
    page.keyboard.press("r")  # by its first letter
    assert focused(page) == "raw.csv"
    item = page.locator("[role=treeitem]:focus")
    levels = [item.get_attribute(f"aria-{name}") for name in ("level", "posinset", "setsize", "selected")]
    assert levels == ["2", "2", "3", "true"]
    assert page.locator("[role=treeitem][tabindex='0']").count() == 1
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "shop/"
    page.keyboard.press("ArrowLeft")
    assert rows(page) == ["▸ shop/ 29.8 MB"]
    page.keyboard.press("/")
    page.keyboard.type("pac")
    assert [row.split()[1] for row in rows(page)] == ["shop/", ".git/", "pack"]
    expect(said(page)).to_have_text("1 match in layer 4: 3 files, 29.8 MB")
    page.keyboard.press("Escape")
    assert rows(page) == ["▸ shop/ 29.8 MB"]


def test_a_deleted_file_is_found_in_its_layer_and_looked_into(page: Page) -> None:
    show(page, BIG)
    page.get_by_role("button", name="Hidden and wasted").click()
    page.locator(".cu-x-found").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert focused(page) == "raw.csv"
    expect(page.locator(".cu-x-detail")).to_contain_text("layer 5 hid it, RUN rm -rf .git raw.csv")
    page.keyboard.press("Enter")
    (asked,) = page.evaluate("window.asked")
    layer = [one for one in BIG.layers if not one.empty][asked["layer"]]
    assert layer.entries[asked["row"]].path == "/shop/raw.csv"
    page.evaluate("id => window.tell({answer: id - 1, text: 'of another file', note: ''})", asked["ask"])
    page.evaluate("id => window.tell({answer: id, text: '<b>price</b>\\n12', note: 'What is in it:'})", asked["ask"])
    assert page.locator("pre").inner_text() == "<b>price</b>\n12"
    page.get_by_role("button", name="layer 5: removed").click()
    expect(page.locator("[role=treeitem]:focus")).to_contain_text("removed")


def test_filters_and_order(page: Page) -> None:
    show(page, BIG)
    page.locator("[role=option]").nth(2).click()
    page.get_by_label("Show").select_option("− removed")
    assert [row.split()[1] for row in rows(page)] == ["shop/", "−", "pack", "raw.csv"]
    page.get_by_role("button", name="The stack up to it").click()
    page.get_by_label("Show").select_option("everything")
    expect(said(page)).to_have_text("the stack up to layer 5: 2 files, 78.0 MB")
    page.locator("[role=option]").nth(1).click()
    page.get_by_label("Sort").select_option("by size")
    assert [row.split()[1] for row in rows(page)] == ["bin/", "shop/"]
    page.get_by_label("Sort").select_option("by name")
    page.get_by_label("Show").select_option("hidden bytes")
    assert [row.split()[1] for row in rows(page)] == ["shop/", ".git/", "pack", "raw.csv"]


def test_an_image_without_layers(page: Page) -> None:
    show(page, NOTHING)
    expect(page.locator(".cu-x-empty")).to_have_text("This image has no layers, so it has no files.")


def test_sixty_thousand_files_are_few_rows_on_the_page(page: Page) -> None:
    took = show(page, thousands(60_000))
    page.get_by_role("button", name="The stack up to it").click()
    page.locator("[role=option]").nth(4).click()
    expect(said(page)).to_contain_text("59,950 files")
    search = page.get_by_role("searchbox")
    begun = page.evaluate("performance.now()")
    search.fill("module_4")
    expect(said(page)).to_contain_text("13,200 matches in the stack up to layer 4")
    print(f"opened in {took:.0f} ms, filtered in {page.evaluate('performance.now()') - begun:.0f} ms")
    assert page.locator("[role=treeitem]").count() < 80
    search.press("ArrowDown")
    page.keyboard.press("End")
    assert focused(page).startswith("module_4")
    assert page.locator("[role=treeitem]").count() < 80
    focused_row = page.locator("[role=treeitem]:focus")
    page.locator("[role=tree]").evaluate("tree => { tree.scrollTop = 0 }")
    page.wait_for_timeout(100)
    assert focused_row.count() == 1  # the row with the focus stays on the page when it is scrolled away


SEEN = """([layer, stacked]) => {
  const tree = new window.Tree(window.data);
  tree.look(layer, stacked);
  const found = [];
  for (let node = 1; node < tree.count; node++) {
    if (tree.shown[node] !== 1) continue;
    const change = tree.change(node);
    if (stacked && change === 'r') continue;
    found.push([tree.path(node), tree.kind(node), change]);
  }
  return found.sort();
}"""
LETTERS = {"added": "a", "modified": "m", "metadata": "k", "removed": "r", "": ""}


@pytest.mark.parametrize("seed", range(12))
def test_the_page_stacks_layers_as_the_model_does(page: Page, seed: int) -> None:
    found = any_image(random.Random(seed))  # noqa: S311  a picture of chance
    show(page, found)
    layers = [layer for layer in found.layers if not layer.empty]
    for number, layer in enumerate(layers):
        own = sorted([e.path, e.kind[0], LETTERS[e.change]] for e in layer.entries)
        assert page.evaluate(SEEN, [number, False]) == own
        stacked: Any = {e.path: e.kind[0] for e in found.stack(layer.index).entries}
        seen = {path: kind for path, kind, _ in page.evaluate(SEEN, [number, True])}
        assert stacked == seen


def any_image(dice: random.Random) -> Analysis:
    """Layers of a few paths that come, change their kind, and go; each tar names the directories above its files."""
    layers = []
    for number in range(dice.randrange(2, 6)):
        files, kinds = Files(), {"": "d"}
        for path in ("/a", "/a/b", "/a/b/c", "/d", "/d/e", "/f"):
            folder, _, name = path.rpartition("/")
            if kinds.get(folder) != "d":
                continue
            kind = dice.choice("dddff-w")
            if kind == "d":
                files.add(path, DIR)
            elif kind == "f":
                size = dice.randrange(1, 9)
                files.add(path, FILE, size=size, digest=bytes([size]) * 32)
            elif kind == "w" and number:
                files.add(f"{folder}/.wh.{name}", FILE)
            kinds[path] = kind
        layers.append(files)
    steps = [Step(command=f"RUN {n}") for n in range(len(layers))]
    return analysis("any:1", steps, [f"sha256:{n:064x}" for n in range(len(layers))], layers)


def test_the_pictures_of_chance_hold_what_is_hard() -> None:
    made = [any_image(random.Random(seed)) for seed in range(12)]  # noqa: S311
    changes = {entry.change for one in made for layer in one.layers for entry in layer.entries}
    assert changes == {"added", "modified", "metadata", "removed"}
