"""`import helpers` is light and has no side effects: the first call of a helper does the work, not the import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("docker", "requests", "urllib3", "ipywidgets", "IPython", "graphviz", "jupyterlab", "anywidget", "pandas")

# Runs in a fresh interpreter; an audit hook sees what no look at sys.modules would.
PROBE = """
import json, sys, threading
seen = []
def hook(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.mkdir", "os.remove")):
        seen.append(event)
    elif event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        seen.append(f"open {arguments[0]} {arguments[1]}")
before = threading.active_count()
environment = dict(__import__("os").environ)
sys.addaudithook(hook)
exec(sys.argv[1])
print(json.dumps({
    "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    "threads": threading.active_count() - before,
    "events": seen,
    "environment changed": dict(__import__("os").environ) != environment,
}), file=sys.__stdout__)
"""


def probe(code: str, home: Path) -> dict[str, Any]:
    """What running `code` in a fresh interpreter loads and does."""
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT), "COURSE_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, code], env=env, cwd=home, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    found["printed"] = done.stdout.splitlines()[:-1]
    return found


def test_import_helpers_loads_nothing_heavy_and_does_nothing(tmp_path: Path) -> None:
    found = probe("import helpers", tmp_path)

    assert "helpers" in found["modules"]
    assert [name for name in HEAVY if name in found["modules"]] == []
    assert found["threads"] == 0
    assert found["events"] == []
    assert not found["environment changed"]
    assert found["printed"] == []
    assert list(tmp_path.iterdir()) == []


def test_the_public_names_are_all_there(tmp_path: Path) -> None:
    code = "import helpers\nfor name in helpers.__all__: getattr(helpers, name)\nprint(*helpers.__all__)"
    found = probe(code, tmp_path)

    assert len(found["printed"][0].split()) >= 3
    assert [event for event in found["events"] if event.startswith(("socket.connect", "subprocess."))] == []


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("import socket; socket.socket().close()", "events"),
        ("open('there', 'w').close()", "events"),
        ("import subprocess, sys; subprocess.run([sys.executable, '-c', ''])", "events"),
        ("import threading, time; threading.Thread(target=time.sleep, args=(1,), daemon=True).start()", "threads"),
        ("import os; os.environ['ANOTHER'] = '1'", "environment changed"),
    ],
)
def test_the_probe_sees_what_it_is_there_to_see(code: str, key: str, tmp_path: Path) -> None:
    assert probe(code, tmp_path)[key]
