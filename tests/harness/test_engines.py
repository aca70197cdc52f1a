"""Other engines: what a command that is pointed at one finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.engines import engines


def test_a_command_finds_the_courses_own_buildx_however_the_sweep_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    plugin = home / "cache" / "docker-config" / "cli-plugins" / "docker-buildx"
    plugin.parent.mkdir(parents=True)
    plugin.touch()
    monkeypatch.setenv("COURSE_HOME", str(home))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.setenv("DOCKER_CONTEXT", "somewhere")

    found = engines.pointed_at("unix:///no/such.sock", {"COURSE_HOME": "/elsewhere", "DOCKER_CONTEXT": "somewhere"})

    assert found["DOCKER_CONFIG"] == str(plugin.parents[1])
    assert found["DOCKER_HOST"] == "unix:///no/such.sock"
    assert found["COURSE_HOME"] == "/elsewhere"
    assert "DOCKER_CONTEXT" not in found
