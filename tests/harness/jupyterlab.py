"""JupyterLab as the start command opens it, in the distribution's Chromium, with homes and settings of their own."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from helpers.engine.client import Client
from tests.harness.guards import absent

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = ROOT / "notebooks" / "00-start-here.ipynb"
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden)"  # JupyterLab opens the notebooks of its last use again, behind this one
START_SECONDS = 90.0
CHROMIUM_FLAGS = (
    "--no-sandbox",  # root, in CI
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
CELLS = "() => document.querySelectorAll('.jp-Notebook .jp-Cell').length"
Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that runs.

    url: with its token, at chapter 00 alone. desk: the same with the desk and a terminal beside it. said: what the
    start command printed until then. log: the server's.
    """

    url: str
    said: str
    log: Path

    @property
    def desk(self) -> str:
        return re.sub(r"/lab/tree/[^?]*", "/lab/workspaces/course", self.url)


def chromium() -> str | None:
    """Chromium, or Chrome, where the system has it; nothing is downloaded."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for a page is a browser test."""
    for item in items:
        if {"chapter", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def lab(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab, started by the course's own command; ended, with its kernels, at the end of the run."""
    home = tmp_path_factory.mktemp("reader")
    before = CHAPTER.read_bytes()
    settings = home / "settings" / "@jupyterlab" / "docmanager-extension" / "plugin.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"autosave": False}))  # the chapters are the repository's own files
    env = {
        **os.environ,
        "HOME": str(home),
        "COURSE_HOME": str(home / "course"),
        "COURSE_WORK": str(home / "work"),
        "COURSE_LAB_ARGS": "--LabApp.expose_app_in_browser=True",
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "DOCKER_CONFIG": os.environ.get("DOCKER_CONFIG") or str(Path.home() / ".docker"),
    }
    for own in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        env[own] = str(home / own.lower())
    process = subprocess.Popen(
        [sys.executable, "-m", "helpers", "start", "--plain", "--no-browser", "--no-install"],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield _address(process, home / "course" / "state" / "jupyterlab.log")
    finally:
        process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
        try:
            process.wait(timeout=25)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            assert process.stdout is not None
            process.stdout.close()
    assert CHAPTER.read_bytes() == before, "the chapter's file was changed: a run in the browser must not be saved"


def _address(process: subprocess.Popen[str], log: Path) -> Lab:
    """Reads what the command says until it prints the address."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    said: list[str] = []
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            line = None
        assert line is not None, "no address was printed; the command said:\n" + "".join(said)
        said.append(line)
        found = re.search(r"http://127\.0\.0\.1:\d+/\S*token=\w+", line)
        if found:
            return Lab(url=found[0], said="".join(said), log=log)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Not for the whole run: while it is there, Playwright's loop stands in the way of others."""
    program = chromium()
    if program is None:
        absent("no Chromium on this computer (Debian, Ubuntu: apt-get install chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="module")
def chapter(browser: Browser, lab: Lab) -> Iterator[Page]:
    """Chapter 00 in JupyterLab, every cell run, the kernel idle."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(30_000)
    open_page(page, lab.url)
    page.wait_for_function("() => window.jupyterapp !== undefined")
    page.evaluate("() => window.jupyterapp.restored.then(() => null)")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    # The kernel is there as soon as the status says so; a run before that would ask for one
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
    )
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => null)")
    page.wait_for_function(
        """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'
           && ![...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].some(p => p.textContent.includes('*'))""",
        timeout=100_000,
    )
    yield page
    context.close()


def open_page(page: Page, url: str) -> None:
    """Opens `url`; once more if the engine's networks changed under the browser meanwhile."""
    try:
        page.goto(url)
    except PlaywrightError as error:
        if "ERR_NETWORK_CHANGED" not in str(error):
            raise
        page.goto(url)


@contextlib.contextmanager
def notebook_of(browser: Browser, lab: Lab, name: str, *sources: str) -> Iterator[Page]:
    """A notebook of these cells in JupyterLab, its first cell run; the file is gone afterwards."""
    path = ROOT / "notebooks" / name
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "id": f"c{place}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": source,
        }
        for place, source in enumerate(sources)
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(30_000)
    try:
        open_page(page, lab.url.replace("00-start-here.ipynb", name))
        page.wait_for_function("() => window.jupyterapp !== undefined")
        page.evaluate("() => window.jupyterapp.restored.then(() => null)")
        # JupyterLab first opens again what it was last used for, and that has a kernel, too
        page.wait_for_function(f"() => window.jupyterapp.shell.currentWidget?.context?.path?.endsWith({name!r})")
        page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
        )
        run_cell(page, 0)
        yield page
    finally:
        path.unlink(missing_ok=True)
        context.close()


def run_cell(page: Page, place: int) -> None:
    """Runs one cell of the notebook that is seen."""
    page.locator(f"{SHOWN} .jp-CodeCell").nth(place).click()
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell').then(() => null)")


def wear(page: Page, scheme: Scheme) -> None:
    """Switches JupyterLab's theme, and what the system asks pages to look like."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(
        "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => null)",
        THEMES[scheme],
    )
    page.wait_for_function(
        "(light) => document.body.dataset.jpThemeLight === light", arg="true" if scheme == "light" else "false"
    )


def keep(shoot: Callable[[], bytes], name: str) -> None:
    """Takes a screenshot and saves it into the folder COURSE_SHOTS, if that is set."""
    folder = os.environ.get("COURSE_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / name).write_bytes(shoot())
