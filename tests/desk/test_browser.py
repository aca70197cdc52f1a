"""The page with its three parts in JupyterLab: the chapter, the desk, the terminal; by keyboard, in light and dark.

The first test holds the contract with JupyterLab's loader: a script that is written by hand becomes a panel.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from helpers.engine.client import Client
from tests.desk.pages import DESK, KEYS, READY, RESTORED, TERMINAL, opened, there
from tests.harness.by_hand import by_hand
from tests.harness.jupyterlab import CELLS, SHOWN, Lab, Scheme, keep, notebook_of, open_page, wear

IN_TERMINAL = "() => document.activeElement.classList.contains('xterm-helper-textarea')"
ROWS = f"() => document.querySelector('{TERMINAL} .xterm-rows, {TERMINAL} .xterm-accessibility')?.textContent || ''"
NAME = f"hs-{uuid.uuid4().hex[:4]}"  # this run's


@pytest.fixture(scope="module")
def page(browser: Browser, lab: Lab, client: Client) -> Iterator[Page]:
    found = opened(browser, lab)
    found.context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield found
    found.context.close()
    hand = by_hand(client)
    for row in hand.containers(all=True):
        if any(name.startswith(f"/{NAME}") for name in row["Names"]):
            hand.remove_container(row["Id"], force=True, v=True)
    for row in hand.networks():
        if row["Name"].startswith(NAME):
            hand.remove_network(row["Id"])


def type_in_terminal(page: Page, line: str) -> None:
    page.locator(KEYS).first.focus()
    page.keyboard.type(f"{line}\n")


def centre(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_loader_takes_the_panel_and_its_commands(page: Page) -> None:
    assert page.evaluate("() => window.jupyterapp.hasPlugin('containers-unpacked:desk')")
    commands = page.evaluate("() => window.jupyterapp.commands.listCommands()")
    assert {"containers-unpacked:show", "containers-unpacked:next-part"} <= set(commands)


def test_the_chapter_is_left_the_desk_right_above_and_the_terminal_below_it(page: Page) -> None:
    chapter, desk, terminal = (centre(page, one) for one in (".jp-NotebookPanel", DESK, TERMINAL))
    assert chapter[0] < desk[0]
    assert abs(desk[0] - terminal[0]) < 3
    assert desk[1] < terminal[1]
    letters = page.evaluate(
        """() => { const text = document.querySelector('.jp-RenderedMarkdown p');
          const pen = document.createElement('canvas').getContext('2d'); pen.font = getComputedStyle(text).font;
          return text.clientWidth / (pen.measureText('the engine in front of you starts a program').width / 43); }"""
    )
    assert letters >= 60


def test_what_is_typed_in_the_terminal_is_drawn_said_and_read_out_and_the_focus_stays(page: Page) -> None:
    page.evaluate("() => { window.left = 0; document.addEventListener('focusout', () => { window.left += 1; }); }")
    type_in_terminal(page, f"docker network create {NAME}-front")
    page.evaluate("() => { window.left = 0; }")
    page.keyboard.type(
        f"docker run --detach --name {NAME}-web --network {NAME}-front localhost/course/busybox:1 sleep 1000\n"
    )

    box = page.locator(f"{DESK} .hs-box[data-name='{NAME}-web']")
    expect(box).to_have_attribute("data-marked", "true")
    expect(page.locator(f"{DESK} .hs-summary")).to_have_text("1 container, 1 running · 1 network")
    newest = page.locator(f"{DESK} .hs-line").first
    expect(newest).to_contain_text(f"container {NAME}-web: created, attached to {NAME}-front, started")
    expect(page.locator(f"{DESK} .hs-live")).to_have_text(re.compile(f"{NAME}-web: created"))
    expect(page.locator(f"{DESK} svg")).to_have_attribute(
        "aria-label", re.compile(f"{NAME}-web running on {NAME}-front")
    )
    assert page.evaluate(IN_TERMINAL)
    assert page.evaluate("() => window.left") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_desk_open_and_shut(page: Page, scheme: Scheme) -> None:
    wear(page, scheme)
    found = [Axe().run(page, context=DESK)]
    page.locator(f"{DESK} .hs-box").first.click()
    page.locator(f"{DESK} .hs-bar button", has_text="Inspect").click()
    page.wait_for_selector(f"{DESK} .hs-tree")
    found.append(Axe().run(page, context=DESK))
    page.keyboard.press("Escape")
    wear(page, "light")
    for one in found:
        assert len(one.response["passes"]) > 3
        assert one.violations_count == 0, one.generate_report()


def test_a_box_leads_to_name_log_and_inspect_and_back(page: Page) -> None:
    cells = page.evaluate(CELLS)
    box = page.locator(f"{DESK} .hs-box[data-name='{NAME}-web']")
    box.focus()
    page.keyboard.press("b")  # JupyterLab's own key for a new cell
    page.keyboard.press("Enter")
    detail = page.locator(f"{DESK} .hs-detail")
    expect(detail).to_contain_text(f"{NAME}-web")
    page.keyboard.press("Enter")  # the first button: copies the name
    expect(detail.locator("button", has_text="Copied")).to_be_focused()
    assert page.evaluate("() => navigator.clipboard.readText()") == f"{NAME}-web"

    detail.locator("button", has_text="Log").click()
    expect(detail.locator(".hs-log")).to_have_text("It has written nothing.")
    detail.locator("button", has_text="Inspect").click()
    detail.locator("summary", has_text="Config").first.click()
    detail.locator("summary", has_text="Cmd").click()
    expect(detail).not_to_contain_text("sleep")
    detail.get_by_label("Show the value of Config Cmd 0").click()
    expect(detail).to_contain_text("sleep")
    page.keyboard.press("x")  # JupyterLab's own key for cutting a cell
    page.keyboard.press("Escape")

    expect(detail).to_have_count(0)
    expect(box).to_be_focused()
    assert page.evaluate(CELLS) == cells


def test_what_was_executed_is_told_when_it_is_asked_for(page: Page) -> None:
    type_in_terminal(page, f"docker exec {NAME}-web true geheim-4711")
    line = page.locator(f"{DESK} .hs-line", has_text="executed a command").first
    expect(line).not_to_contain_text("geheim")
    line.locator("button").click()
    expect(page.locator(f"{DESK} .hs-lines")).to_contain_text("true geheim-4711")
    type_in_terminal(page, f"docker rename {NAME}-web {NAME}-other; docker rename {NAME}-other {NAME}-web")
    expect(page.locator(f"{DESK} .hs-line").first).to_contain_text("renamed")
    expect(page.locator(f"{DESK} .hs-lines")).to_contain_text("true geheim-4711")


def test_f6_leaves_the_terminal_and_goes_round(page: Page) -> None:
    page.locator(KEYS).first.focus()
    parts = []
    for _ in range(3):
        page.keyboard.press("F6")
        parts.append(
            page.evaluate(
                f"""() => document.activeElement.closest('{DESK}') ? 'desk'
                  : document.activeElement.closest('{TERMINAL}') ? 'terminal'
                  : document.activeElement.closest('.jp-NotebookPanel') ? 'chapter' : 'nowhere'"""
            )
        )
    assert parts == ["chapter", "desk", "terminal"]
    page.keyboard.press("Shift+F6")
    assert page.evaluate(f"() => !!document.activeElement.closest('{DESK}')")


def test_what_changed_has_an_amber_edge(page: Page, client: Client) -> None:
    box = page.locator(f"{DESK} .hs-box[data-name='{NAME}-web']")
    by_hand(client).pause(f"{NAME}-web")
    expect(box).to_have_attribute("data-marked", "true")
    assert "rgb(154, 103, 0)" in box.evaluate("one => getComputedStyle(one).boxShadow")
    by_hand(client).unpause(f"{NAME}-web")


def test_the_focus_stays_on_a_box_while_others_come_and_go(page: Page, client: Client) -> None:
    box = page.locator(f"{DESK} .hs-box[data-name='{NAME}-web']")
    box.focus()
    hand = by_hand(client)
    made = hand.create_container("localhost/course/busybox:1", ["true"], name=f"{NAME}-early")
    page.wait_for_selector(f"{DESK} .hs-box[data-name='{NAME}-early']")
    expect(box).to_be_focused()
    hand.remove_container(made)
    expect(page.locator(f"{DESK} .hs-box[data-name='{NAME}-early']")).to_have_count(0)
    expect(box).to_be_focused()


@pytest.mark.drawn("the desk goes on")
def test_it_follows_while_a_cell_runs_and_after_the_kernel_is_restarted(page: Page) -> None:
    def runs_on(turn: str) -> None:
        type_in_terminal(page, f"docker rename {NAME}-web {NAME}-{turn}")
        page.wait_for_selector(f"{DESK} .hs-box[data-name='{NAME}-{turn}']")
        type_in_terminal(page, f"docker rename {NAME}-{turn} {NAME}-web")
        page.wait_for_selector(f"{DESK} .hs-box[data-name='{NAME}-web']")

    kernel = (
        "() => [...window.jupyterapp.shell.widgets('main')].find(w => w.sessionContext).sessionContext.session.kernel"
    )
    page.evaluate(f"() => {{ ({kernel})().requestExecute({{code: 'import time; time.sleep(60)'}}); }}")
    page.wait_for_function(f"() => ({kernel})().status === 'busy'")
    runs_on("busy")
    page.evaluate(f"() => ({kernel})().restart().then(() => null)")
    runs_on("again")


def test_a_second_notebook_does_not_cover_the_terminal_or_the_desk(page: Page) -> None:
    page.locator(KEYS).first.focus()
    page.evaluate(
        "(path) => window.jupyterapp.commands.execute('docmanager:open', {path}).then(() => null)",
        "notebooks/01-packaging.ipynb",
    )
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.context?.path === 'notebooks/01-packaging.ipynb'"
    )
    page.wait_for_selector(f"{SHOWN} .jp-Cell")
    time.sleep(0.3)
    assert page.locator(TERMINAL).is_visible()
    assert page.locator(DESK).is_visible()
    assert centre(page, SHOWN)[0] < centre(page, DESK)[0]
    page.evaluate("() => window.jupyterapp.shell.currentWidget.dispose()")  # its close would ask whether to save


def test_a_panel_that_was_closed_comes_back_by_its_command(page: Page) -> None:
    page.locator(".lm-DockPanel .lm-TabBar-tab", has_text="Engine").locator(".lm-TabBar-tabCloseIcon").click()
    expect(page.locator(DESK)).to_have_count(0)
    page.evaluate("() => window.jupyterapp.commands.execute('containers-unpacked:show').then(() => null)")

    page.wait_for_selector(f"{DESK} .hs-box[data-name='{NAME}-web']")
    desk, terminal = centre(page, DESK), centre(page, TERMINAL)
    assert desk[1] < terminal[1]
    assert abs(desk[0] - terminal[0]) < 3


@pytest.mark.drawn("the desk goes on")
def test_after_a_reload_the_desk_and_the_shell_are_the_same(page: Page) -> None:
    type_in_terminal(page, f"MINE={NAME}-mine")
    time.sleep(1.5)  # JupyterLab writes its layout after a moment
    page.reload()
    there(page)
    page.wait_for_selector(f"{DESK} .hs-box[data-name='{NAME}-web']")
    type_in_terminal(page, f"docker rename {NAME}-web $MINE")
    page.wait_for_selector(f"{DESK} .hs-box[data-name='{NAME}-mine']")
    type_in_terminal(page, f"docker rename $MINE {NAME}-web")
    page.wait_for_selector(f"{DESK} .hs-box[data-name='{NAME}-web']")


@pytest.mark.drawn("the desk goes on")
def test_a_second_page_shows_the_same(page: Page, browser: Browser, lab: Lab) -> None:
    """A second tab has a layout of its own, JupyterLab's; there the desk is a command away."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    second = context.new_page()
    try:
        open_page(second, lab.url)
        second.wait_for_function(READY)
        second.evaluate(RESTORED)
        second.evaluate("() => window.jupyterapp.commands.execute('containers-unpacked:show').then(() => null)")
        box = second.locator(f"{DESK} .hs-box[data-name='{NAME}-web']")
        expect(box).to_be_visible()
        type_in_terminal(page, f"docker pause {NAME}-web")
        expect(box).to_have_attribute("data-marked", "true")
        assert box.evaluate("one => getComputedStyle(one).animationName") == "none", "its reader wants no motion"
        expect(page.locator(f"{DESK} .hs-line").first).to_contain_text("paused")
        type_in_terminal(page, f"docker unpause {NAME}-web")
    finally:
        context.close()
    expect(page.locator(f"{DESK} .hs-box[data-name='{NAME}-web']")).to_be_visible()


@pytest.mark.drawn("the desk goes on")
def test_desk_in_a_cell_is_the_same_picture_and_follows(browser: Browser, lab: Lab, page: Page) -> None:
    with notebook_of(browser, lab, "browser-desk.ipynb", "from helpers import desk\ndesk()") as cell:
        shown = cell.locator(f"{SHOWN} .jp-OutputArea .hs-desk")
        expect(shown.locator(".hs-box")).to_be_visible()
        assert cell.locator(f"{SHOWN} .cu-still").is_hidden()
        type_in_terminal(page, f"docker pause {NAME}-web")
        expect(shown.locator(".hs-line").first).to_contain_text("paused")
        type_in_terminal(page, f"docker unpause {NAME}-web")
        shown.locator(".hs-box").click()
        shown.locator("button", has_text="Log").click()
        expect(shown.locator(".hs-log")).to_be_visible()


@pytest.mark.thorough
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_pictures_of_the_page_for_a_person(
    browser: Browser, lab: Lab, page: Page, client: Client, width: int, height: int
) -> None:
    """In the folder COURSE_SHOTS: a small shop, and a full one."""
    if not os.environ.get("COURSE_SHOTS"):
        pytest.skip("COURSE_SHOTS names no folder for them")
    hand = by_hand(client)
    for name, internal in (("front", False), ("back", True)):
        if not hand.networks(names=[f"{NAME}-{name}"]):
            hand.create_network(f"{NAME}-{name}", internal=internal)
    view = page
    page.set_viewport_size({"width": width, "height": height})

    def run(word: str, network: str, image: str, *command: str, **more: Any) -> None:
        host = hand.create_host_config(network_mode=f"{NAME}-{network}", **more)
        made = hand.create_container(
            image, list(command) or None, name=f"{NAME}-{word}", host_config=host, ports=[8080]
        )
        hand.start(made["Id"])

    def shoot(word: str) -> None:
        schemes: tuple[Scheme, ...] = ("light", "dark")
        for scheme in schemes:
            wear(view, scheme)
            time.sleep(0.6)
            keep(view.screenshot, f"desk-{word}-{width}-{scheme}.png")
        wear(view, "light")

    busybox, sleep = "localhost/course/busybox:1", ("sleep", "1000")
    try:
        run(f"api{width}", "front", busybox, *sleep, port_bindings={8080: ("127.0.0.1", None)})
        run(f"store{width}", "back", "localhost/course/redis:8", binds=[f"{NAME}-orders:/data"])
        hand.connect_container_to_network(f"{NAME}-api{width}", f"{NAME}-back")
        time.sleep(1)
        shoot("small")
        for number in range(9):
            run(f"w{number}-{width}", "front", busybox, *(sleep if number % 4 else ("true",)))
        time.sleep(6)
        shoot("twelve")
        page.locator(f"{DESK} .hs-box").first.click()
        page.locator(f"{DESK} .hs-bar button", has_text="Inspect").click()
        page.locator(f"{DESK} .hs-tree summary").first.click()
        shoot("inspect")
        page.keyboard.press("Escape")
        page.locator(f"{DESK} .hs-help").click()
        shoot("help")
        page.keyboard.press("Escape")
    finally:
        for row in hand.containers(all=True):
            if any(str(width) in name and NAME in name for name in row["Names"]):
                hand.remove_container(row["Id"], force=True, v=True)
        with contextlib.suppress(Exception):
            hand.remove_volume(f"{NAME}-orders")
