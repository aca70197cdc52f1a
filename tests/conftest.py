"""The fixtures that every room of tests shares. What runs around the whole run is in harness/guards.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from helpers import book as book_room
from helpers.engine.client import Client, connect
from tests.harness.executed import executed
from tests.harness.guards import Guards

pytest_plugins = ["tests.harness.selection", "tests.harness.jupyterlab"]

# a busy machine is no fault of the code
settings.register_profile("course", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=1000)


def pytest_configure(config: pytest.Config) -> None:
    """Registers the guards before any test module is imported, so that these see the private home."""
    config.pluginmanager.register(Guards(config), "course-guards")
    settings.load_profile("thorough" if config.getoption("course_all", False) else "course")


@pytest.fixture(scope="session")
def client() -> Client:
    """The engine in use. Whoever asks for it is marked `engine`, and skipped where none answers."""
    return connect()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner of their own: COURSE_HOME, an empty folder. chapters/ has `learner`, who works in a chapter or lab."""
    found = tmp_path / "home"
    found.mkdir()
    monkeypatch.setenv("COURSE_HOME", str(found))
    return found


@pytest.fixture(scope="session")
def book(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book of this test run's one run of all chapters, made once for all tests that read it."""
    folder = tmp_path_factory.mktemp("shelf") / "book"
    book_room.make(client, folder, say=lambda line: None, run=executed)
    return folder
