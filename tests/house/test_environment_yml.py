"""One source of versions: environment.yml and the lock files say what pyproject.toml says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
ON_CONDA = {
    "backports-zstd": "backports.zstd",
    "docker": "docker-py",
    "graphviz": "python-graphviz",
}  # conda-forge's names where they differ
BY_PIP = {"fsrs"}  # which the checkout brings as it is installed: whether conda-forge has it is not known
URL = re.compile(r"\w+://")


def listed(key: str) -> list[str]:
    """The strings of one list in pyproject.toml. tomllib came with Python 3.11, so it is read by hand."""
    body = re.search(rf"^{key} = \[(.*?)\]$", PROJECT, re.MULTILINE | re.DOTALL)
    assert body, key
    return re.findall(r'"([^"]+)"', re.sub(r"#.*", "", body.group(1)))


def split(requirement: str) -> tuple[str, str]:
    requirement = requirement.partition(";")[0]  # conda knows no markers; what is in Python already does no harm there
    found = re.match(r"[\w.-]+", requirement)
    assert found
    return found.group(), requirement[found.end() :]


def pins(name: str) -> set[str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9][\w.-]*==.*?) \\$", text, re.MULTILINE))


def conda() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    return found


def test_reading_by_hand_gives_what_a_toml_reader_gives() -> None:
    tomllib = pytest.importorskip("tomllib", reason="tomllib came with Python 3.11")

    project = tomllib.loads(PROJECT)
    assert listed("dependencies") == project["project"]["dependencies"]
    assert listed("test") == project["project"]["optional-dependencies"]["test"]


def test_conda_gets_the_same_ranges_and_nothing_else() -> None:
    python = re.search(r'^requires-python = "(.*)"', PROJECT, re.MULTILINE)
    assert python
    wanted = {ON_CONDA.get(name, name): limits for name, limits in map(split, listed("dependencies"))}
    wanted = {name: limits for name, limits in wanted.items() if name not in BY_PIP}
    wanted |= {"python": python.group(1), "graphviz": "", "pip": ""}
    wanted |= dict(split(word) for word in listed("requires"))  # builds the checkout

    plain = [word for word in conda()["dependencies"] if isinstance(word, str)]

    assert dict(map(split, plain)) == wanted


def test_conda_installs_the_checkout_itself_from_one_public_channel() -> None:
    found = conda()

    assert found["name"] == "containers-unpacked"
    assert found["channels"] == ["conda-forge"]
    assert found["dependencies"][-1] == {"pip": ["-e ."]}


@pytest.mark.parametrize("lock", ["course", "test"])
def test_every_dependency_is_pinned_in_the_lock_within_its_range(lock: str) -> None:
    from packaging.requirements import Requirement

    wanted = [Requirement(word) for word in listed("dependencies") + listed("requires")]
    if lock == "test":
        wanted += [Requirement(word) for word in listed("test")]
    locked: dict[str, list[str]] = {}
    for pin in pins(lock):
        name, _, version = pin.partition(";")[0].strip().partition("==")
        locked.setdefault(name, []).append(version)

    for requirement in wanted:
        versions = locked.get(requirement.name, [])
        assert versions, f"{requirement.name} is not in {lock}.txt: remake it as its first lines say"
        assert all(requirement.specifier.contains(version) for version in versions), (requirement, versions)


def test_the_tests_run_with_the_very_versions_of_the_course() -> None:
    assert pins("course") < pins("test")


@pytest.mark.parametrize("name", ["requirements/course.txt", "requirements/test.txt", "environment.yml"])
def test_no_index_or_mirror_is_named(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert not URL.search(text)
    assert "--index" not in text.replace("--no-emit-index-url", "")


@pytest.mark.parametrize("lock", ["course", "test"])
def test_every_pin_has_checksums(lock: str) -> None:
    blocks = re.split(r"^(?=[a-z0-9][\w.-]*==)", (ROOT / f"requirements/{lock}.txt").read_text(), flags=re.MULTILINE)

    assert [block.split()[0] for block in blocks[1:] if "--hash=sha256:" not in block] == []
