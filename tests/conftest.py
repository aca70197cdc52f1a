"""The fixtures and guards that every room of tests shares. What runs around the whole run is in guards.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from helpers import book as book_room
from helpers.engine.client import Client, connect
from tests.guards import Guards

settings.register_profile("course", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("course")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the guards before any test module is imported, so that these see the private home."""
    config.pluginmanager.register(Guards(config), "course-guards")


@pytest.fixture(scope="session")
def client() -> Client:
    """The engine in use. Whoever asks for it is marked `engine`, and skipped where none answers."""
    return connect()


@pytest.fixture(scope="session")
def book(client: Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book of one real run of all chapters, made once for all tests that read it."""
    folder = tmp_path_factory.mktemp("shelf") / "book"
    book_room.make(client, folder, say=lambda line: None)
    return folder
