"""The page as the course opens it: the chapter on the left, the desk on the right above, a terminal below it.

It is a workspace of JupyterLab's. The file is written only if there is none: from then on the layout is the reader's.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers import store
from helpers.errors import StoreError

NAME = "course"
DESK = "containers-unpacked-desk"  # the panel's id, in remoteEntry.js
TERMINAL = "course"  # its name; JupyterLab takes letters, digits and _ only
FOLDER = "JUPYTERLAB_WORKSPACES_DIR"
LEFT, TOP = 0.56, 0.62  # of the page's width for the chapter, of its height for the desk


def folder() -> Path:
    """Where JupyterLab keeps workspaces for the course: the reader's choice, or the state folder."""
    named = os.environ.get(FOLDER)
    return Path(named) if named else store.state() / "workspaces"


def write(notebook: str, terminal_folder: str, say: Callable[[str], None]) -> None:
    """Writes it, unless there is one. notebook, terminal_folder: from the server's root; "": the shell goes there."""
    path = folder() / file_name(NAME)
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(workspace(notebook, terminal_folder)), encoding="utf-8")
        fresh.replace(path)
    except (OSError, StoreError) as error:
        say(f"The desk and the terminal do not open by themselves: their layout could not be written ({error}).")


def file_name(name: str) -> str:
    """The file that JupyterLab looks for; a test compares this with jupyterlab_server, which takes long to import."""
    return f"{name}-{hashlib.sha256(name.encode()).hexdigest()[:4]}.jupyterlab-workspace"


def workspace(notebook: str, terminal_folder: str) -> dict[str, Any]:
    """What is in it."""
    shown, terminal = f"notebook:{notebook}", f"terminal:{TERMINAL}"
    right = {
        "type": "split-area",
        "orientation": "vertical",
        "sizes": [TOP, 1 - TOP],
        "children": [_tab(DESK), _tab(terminal)],
    }
    dock = {
        "type": "split-area",
        "orientation": "horizontal",
        "sizes": [LEFT, 1 - LEFT],
        "children": [_tab(shown), right],
    }
    # "left" names no current one: the file browser would open in spite of "collapsed"
    left = ["filebrowser", "running-sessions", "@jupyterlab/toc:plugin", "extensionmanager.main-view"]
    layout = {
        "main": {"dock": dock, "current": shown},
        "down": {"size": 0, "widgets": []},
        "left": {"collapsed": True, "visible": True, "widgets": left},
        "right": {"collapsed": True, "visible": True, "widgets": ["jp-property-inspector", "debugger-sidebar"]},
        "relativeSizes": [0, 1, 0],
        "top": {"simpleVisibility": True},
    }
    started = {"name": TERMINAL, **({"cwd": terminal_folder} if terminal_folder else {})}
    return {
        "data": {
            "layout-restorer:data": layout,
            shown: {"data": {"path": notebook, "factory": "Notebook"}},
            terminal: {"data": started},
        },
        "metadata": {"id": NAME},
    }


def _tab(widget: str) -> dict[str, Any]:
    return {"type": "tab-area", "currentIndex": 0, "widgets": [widget]}
