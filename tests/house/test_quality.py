"""The tools that judge the code itself: lint, types, the one direction of flow, and what may not be in any file."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from helpers import errors

ROOT = Path(__file__).resolve().parents[2]
TOOLS = (
    pytest.param(["ruff", "check", "--no-cache", "."], id="ruff"),
    pytest.param(["mypy", f"--cache-dir={os.devnull}"], id="mypy"),  # a stale cache misses modules that are new
    pytest.param(["lint-imports", "--no-cache"], id="import-linter"),
)
# Addresses that readers may be sent to, or that only name a format. Anything else is looked at by a person first.
WELCOME = {
    "127.0.0.1", "localhost", "www.w3.org", "docs.docker.com", "docs.python.org", "creativecommons.org", "jupyter.org",
    "github.com", "mybinder.org", "opensource.org", "spdx.org", "www.apache.org", "podman.io",
    "host.docker.internal",  # the engine's host, as containers may know it; no host of the internet
}  # fmt: skip
# Hosts that packages and images come from: they are the machine's setting, never ours. Host, or host with a path.
REGISTRIES = (
    r"\b(?:pypi|pythonhosted|npmjs|debian|ubuntu|anaconda|ghcr|quay|gcr|crates)\.(?:org|com|io)/(?:simple|packages|debian|ubuntu|pkgs)",
    r"\b(?:registry-1|index|auth|registry)\.(?:docker|hub|npmjs|gitlab)\.\w{2,3}\b",
    r"\b(?:deb|ftp|security|snapshot|archive|ports)\.(?:debian|ubuntu)\.\w{2,3}\b",
    r"\b(?:ghcr|quay|gcr)\.io/",
    r"\bmcr\.microsoft\.com\b",
    r"--(?:extra-)?index-url",
)
GENERIC = {Path("/" + place) for place in ("", "home", "opt", "root", "src", "srv", "tmp", "usr", "usr/local", "var")}


def committed() -> list[Path]:
    """Every file that is, or would be, in the repository; all files where this is not a git checkout."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not set(path.parts) & {".venv", "__pycache__"}]


def lines() -> Iterator[tuple[Path, int, str]]:
    """Every line of every text file."""
    for path in committed():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        for number, line in enumerate(text.splitlines(), start=1):
            yield path.relative_to(ROOT), number, line


@pytest.mark.parametrize("command", TOOLS)
def test_the_tool_finds_nothing(command: list[str]) -> None:
    program = Path(sys.executable).parent / command[0]
    found = shutil.which(str(program)) or shutil.which(command[0])
    assert found, f"{command[0]} is not in this environment"

    done = subprocess.run([found, *command[1:]], cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def calls(path: Path) -> Iterator[ast.Call]:
    """Every call in a file of Python."""
    return (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def test_an_error_has_the_status_of_an_answer_or_none() -> None:
    kinds = {
        name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.EngineRefused)
    }
    made_up = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (ROOT / "helpers").rglob("*.py")
        for call in calls(path)
        if ast.unparse(call.func).rpartition(".")[2] in kinds
        for given in call.keywords
        if given.arg == "status" and isinstance(given.value, ast.Constant)
    ]

    assert made_up == []


def test_only_the_client_knows_the_inside_of_docker_py() -> None:
    inside = {name for name in dir(docker.APIClient) if name.startswith("_") and not name.startswith("__")}
    reached = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path in (ROOT / "helpers").rglob("*.py")
        if path != ROOT / "helpers/engine/client.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in inside and ast.unparse(node.value) not in ("self", "cls")
    ]

    assert reached == []


def test_no_file_names_a_registry_or_a_mirror() -> None:
    named = re.compile("|".join(REGISTRIES))
    own = Path(__file__).relative_to(ROOT)

    found = [f"{path}:{n}: {line.strip()[:100]}" for path, n, line in lines() if path != own and named.search(line)]

    assert found == []


def test_no_file_sends_a_reader_or_a_program_to_an_unknown_host() -> None:
    unknown = []
    for path, n, line in lines():
        for host in re.findall(r"\bhttps?://([A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,}|\d+(?:\.\d+){3})", line):
            if host.lower() not in WELCOME and not host.endswith((".example", ".invalid", ".test")):
                unknown.append(f"{path}:{n}: {host}")

    assert unknown == []


def test_no_file_holds_a_path_of_this_machine() -> None:
    places = {ROOT, ROOT.parent, Path.home(), Path(sys.prefix)} - GENERIC
    wanted = re.compile("|".join(rf"(?<![\w.]){re.escape(str(place))}(?=[/\\])" for place in sorted(places)))

    assert [f"{path}:{n}: {line.strip()[:100]}" for path, n, line in lines() if wanted.search(line)] == []


def test_what_is_open_in_a_process_is_held_by_its_session_alone() -> None:
    """A module's own variable that a function replaces is state that nobody sees, and tests would have to poke at."""
    hidden = [f"{path}:{n}" for path, n, line in lines() if path.suffix == ".py" and re.match(r"\s+global\s", line)]

    assert hidden == []


def test_no_test_imports_another() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(
            r"\s*(from tests[.\w]*\.test_\w+ import|from tests[.\w]* import .*\btest_|import tests[.\w]*\.test_)", line
        )
    ]
    assert found == []
