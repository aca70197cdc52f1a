"""Which builder is taken, and what holds for all Dockerfiles and all code of the course where BuildKit builds."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from helpers.engine.build import buildkit, buildx, choose
from helpers.engine.build.model.dockerfile import heredoc, instructions, syntax
from helpers.engine.client import Client
from tests.harness.sweeping import swept

ROOT = Path(__file__).resolve().parents[3]
BUSYBOX = "localhost/course/busybox:1"
# what gives a file another time than now: BuildKit takes it for unchanged if its size is the same, too
SETS_TIMES = re.compile(r"\butime\(|\bcopy2\(|\bcopystat\(|\btouch\b.*\s-[drt]\b|copytree\((?!.*copy_function)")
NOT_BUILT = {  # files that no build of BuildKit's sees, or that lie at a new path each time
    "notebooks/03-layers.ipynb": "a copy of the shop, in a folder with a name drawn each time",
    "tests/engine/build/test_choose.py": "the pattern",
    "tests/engine/build/test_classic.py": "the tar that the classic builder gets",
    "helpers/layers/engine/cache.py": "when a list of layers was last used",
    "tests/layers/test_cache.py": "the same",
    "tests/setup/test_before_installing.py": "apt's lists",
    "tests/harness/engines/vm.py": "the disk of a virtual machine",
    "tests/book/test_pages.py": "pages",
    "tests/scenes/test_edition.py": "a state folder",
    "tests/setup/test_skeleton.py": "a copy of the course",
    "tests/setup/test_start.py": "the same",
}


def dockerfiles() -> list[tuple[str, str]]:
    """Every Dockerfile of the course, and every text with a FROM line in its code and its notebooks."""
    files = [path for folder in ("notebooks", "labs") for path in (ROOT / folder).rglob("Dockerfile*")]
    files += (ROOT / "helpers/setup/skeleton/templates").rglob("Dockerfile*")
    found = [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in files]
    assert len(found) > 30
    return found


@pytest.mark.parametrize(("path", "text"), [pytest.param(*found, id=found[0]) for found in dockerfiles()])
def test_no_dockerfile_of_the_course_fetches_a_program_or_needs_here_documents(path: str, text: str) -> None:
    assert list(syntax(text)) == []
    assert [heredoc(one) for one in instructions(text) if heredoc(one)] == []


def test_no_dockerfile_in_the_code_or_a_notebook_fetches_a_program() -> None:
    # in a notebook's JSON, too, where a line break is the two characters \ and n
    fetches = re.compile(r"(?:^|[\"']|\\n)\s*(?:#|//)\s*syntax\s*=\s*(?!\{)[\w./]+", re.IGNORECASE | re.MULTILINE)
    assert fetches.search('"# syntax=docker/dockerfile:1\\n"')
    paths = [path for folder in ("helpers", "labs", "notebooks") for path in (ROOT / folder).rglob("*")]
    read = [path for path in paths if path.suffix in (".py", ".ipynb", ".md", ".template")]
    assert len(read) > 200
    assert [str(path) for path in read if fetches.search(path.read_text(encoding="utf-8"))] == []


def test_nobody_sets_the_times_of_files_that_buildkit_gets() -> None:
    for line in ("os.utime(path, (1, 1))", "shutil.copy2(a, b)", 'sh("touch -d @1 x")', "shutil.copytree(a, b)"):
        assert SETS_TIMES.search(line)
    assert not SETS_TIMES.search("shutil.copytree(a, b, copy_function=shutil.copy)")
    paths = [path for folder in ("helpers", "labs", "notebooks", "tests") for path in (ROOT / folder).rglob("*")]
    found = []
    for path in paths:
        if path.suffix not in (".py", ".ipynb", ".sh") or str(path.relative_to(ROOT)) in NOT_BUILT:
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        found += [f"{path.relative_to(ROOT)}: {line.strip()}" for line in lines if SETS_TIMES.search(line)]
    assert found == []


@pytest.mark.engine
def test_buildkit_builds_wherever_buildx_is_and_else_the_classic_builder(
    client: Client, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = f"FROM {BUSYBOX}\nENV T={secrets.token_hex(4)}\n"
    new_enough = buildx.usable(client)
    assert choose.best(client) == ("buildkit" if new_enough else "classic")
    assert choose.build(client, dockerfile=text).builder == choose.best(client)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert buildkit.available(client) is None
    assert choose.best(client) == "classic"
    assert choose.build(client, dockerfile=text).builder == "classic"
    assert len(swept(client)) == 2


@pytest.mark.engine
@pytest.mark.parametrize(("said", "usable"), [("0.12.1", False), ("0.13.0", True), ("1.2.3", True)])
def test_an_older_buildx_is_not_used(
    client: Client, said: str, usable: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\necho 'github.com/docker/buildx v{said} abc'\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert buildx.usable(client) is usable
