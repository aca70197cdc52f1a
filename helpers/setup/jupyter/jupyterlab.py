"""The course in JupyterLab: starts it, says where it is, stays until it ends."""

from __future__ import annotations

import contextlib
import html
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from helpers import store
from helpers.engine.build import plugins
from helpers.engine.client import Client
from helpers.engine.discovery import usual_places
from helpers.setup.jupyter import terminal, work, workspace
from helpers.setup.jupyter.server import CHECKOUT, FIRST, serve


def run(
    client: Client, *, say: Callable[[str], None], port: int | None = None, browser: bool = True, plain: bool = False
) -> int:
    """Starts JupyterLab and stays until it ends or is ended (Ctrl-C, SIGTERM, a closed terminal).

    It opens on chapter 00 with the desk and a terminal beside it, or on what the reader made of that page.
    plain: chapter 00 alone.

    Returns: the exit status: 0, or JupyterLab's own if it failed.

    Raises: CourseError if it does not start.
    """
    with _ended_by_signals(), contextlib.ExitStack() as stack:
        try:
            place = work.ready(say)
            within = place is not None and place.is_relative_to(CHECKOUT)
            workspace.write(FIRST, str(place.relative_to(CHECKOUT).as_posix()) if place and within else "", say)
            variables = {**kernel_environment(client), **terminal.environment(place, say)}
            server = stack.enter_context(
                serve(say=say, port=port, environment=variables, shell=terminal.command() if place else ())
            )
            url = server.url() if plain else server.page()
            say(f"\nThe course is open at\n\n    {url}\n\nEnd it with Ctrl-C. {server.log.where}")
            if browser and has_browser():
                stack.enter_context(_opened(url))
            status = server.process.wait()
        except _Ended:
            say(
                "\nEnding JupyterLab. The engine keeps running; python3 start.py stop ends one that the course started."
            )
            return 0
        say("JupyterLab has ended.")
        return status


def kernel_environment(client: Client) -> dict[str, str]:
    """What notebooks need to reach the same engine by the docker command and docker-py."""
    found = plugins.environment()
    if client.address.origin == "usual place" and client.address.url != usual_places()[0]:
        found["DOCKER_HOST"] = client.address.url
    return found


def has_browser() -> bool:
    """True where a window can open on the reader's own screen."""
    if any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "CI")):
        return False
    if sys.platform in {"darwin", "win32"}:
        return True
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        return type(webbrowser.get()) is not webbrowser.GenericBrowser  # text browsers would take this terminal
    except webbrowser.Error:
        return False


@contextlib.contextmanager
def _opened(url: str) -> Iterator[None]:
    """Opens `url` by way of a file only the reader may read: a browser's command line is for everyone to see."""
    page = f'<!DOCTYPE html><meta http-equiv="refresh" content="0; url={html.escape(url)}"><title>Course</title>'
    name = ""
    try:
        with contextlib.suppress(OSError):  # the disk is full: the reader has the address, too
            handle, name = tempfile.mkstemp(dir=store.state(), prefix="open-", suffix=".html")  # mode 0600
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(page)
            webbrowser.open(Path(name).as_uri())
        yield
    finally:
        if name:
            Path(name).unlink(missing_ok=True)


class _Ended(Exception):
    """Not an error: the reader's wish."""


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Within the block Ctrl-C, SIGTERM and a closed terminal raise `_Ended` once; a second one is ignored."""

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        for name in numbers:
            signal.signal(name, signal.SIG_IGN)
        raise _Ended

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = [signal.signal(number, end) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
