"""Compose and buildx: really downloaded where this machine has none, and really run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from helpers import store
from helpers.engine.build import plugins
from helpers.engine.client import Client
from helpers.setup.engine import apt
from helpers.setup.engine import plugins as engine_plugins
from tests.harness.guards import absent


@pytest.fixture
def bare(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reader whose docker command has no plugins from home, and whose course folder is empty."""
    if shutil.which("docker") is None:
        absent("there is no docker command")
    config = tmp_path / "their-config"
    config.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(config))
    return config


def test_plugins_are_there_after_ensure_and_answer(bare: Path, client: Client) -> None:
    if not apt.system().has_apt and None in plugins.versions().values():
        absent("plugins are fetched on Debian and Ubuntu only")
    said: list[str] = []

    engine_plugins.ensure(said.append)

    found = plugins.versions()
    assert all(re.match(r"\d+\.\d+", version or "") for version in found.values()), said
    assert int((found["compose"] or "0").split(".")[0]) >= 2
    again: list[str] = []
    engine_plugins.ensure(again.append)
    assert again == [], "the second time there is nothing to do"
    left = [path.name for path in store.cache().iterdir() if path.name.startswith("plugins-")]
    assert left == [], "the scratch folder stayed"
    # the plugin speaks to the very engine the course uses
    listed = subprocess.run(
        ["docker", "compose", "ls", "--format", "json"],
        env={**os.environ, **plugins.environment(), "DOCKER_HOST": client.address.url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert isinstance(json.loads(listed.stdout), list)


def test_the_readers_own_configuration_still_counts(bare: Path) -> None:
    (bare / "config.json").write_text('{"psFormat": "table {{.Names}}"}')
    ours = plugins.folder() / "cli-plugins"
    ours.mkdir(parents=True)
    script = ours / "docker-compose"
    script.write_text("#!/bin/sh\n")

    found = plugins.environment()

    assert found == {"DOCKER_CONFIG": str(plugins.folder())}
    assert json.loads((plugins.folder() / "config.json").read_text()) == {"psFormat": "table {{.Names}}"}
    (bare / "config.json").unlink()
    plugins.environment()
    assert not (plugins.folder() / "config.json").is_symlink(), "a link to nothing stayed"


def test_without_plugins_of_ours_docker_is_left_as_it_is(bare: Path) -> None:
    assert plugins.environment() == {}


def test_no_docker_command_is_said_and_is_not_fatal(
    bare: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []

    engine_plugins.ensure(said.append)

    assert plugins.versions() == {"compose": None, "buildx": None}
    assert len(said) == 1
    assert "no docker command" in said[0]
