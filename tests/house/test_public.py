"""The public surface: what a learner can type is what `__all__` says."""

from __future__ import annotations

import inspect
import os
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

import helpers
from helpers import errors, lab
from helpers.drawing.figure import Shows
from helpers.engine import discovery
from helpers.engine.client import connect, open_client

TOPICS = [topic for topic in map(helpers.__getattr__, helpers.__all__) if inspect.ismodule(topic) and topic is not lab]


def test_all_names_are_there_and_nothing_else_is() -> None:
    assert all(getattr(helpers, name) for name in helpers.__all__)
    with pytest.raises(AttributeError, match="no attribute 'run'"):
        helpers.run  # noqa: B018


@pytest.mark.parametrize("topic", TOPICS)
def test_every_verb_says_how_else_it_is_done(topic: object) -> None:
    for name in topic.__all__:  # type: ignore[attr-defined]
        text = inspect.getdoc(getattr(topic, name)) or ""
        assert name == "trace" or "Equivalent:" in text, name


def shown(above: type[Shows] = Shows) -> Iterator[type[Shows]]:
    for kind in above.__subclasses__():
        yield kind
        yield from shown(kind)


def test_what_shows_itself_is_drawn_by_a_view_of_its_own_model() -> None:
    assert all(getattr(helpers, name) for name in helpers.__all__)  # loads them
    kinds = [kind for kind in shown() if kind.__module__.startswith("helpers.")]
    assert len(kinds) > 50
    for kind in kinds:
        view = kind.figure
        assert view is not Shows.figure, kind
        first, *_ = inspect.signature(view).parameters
        assert first == "self" or typing.get_type_hints(view)[first] in kind.__mro__, kind


def test_every_error_is_in_the_tree_of_the_docstring() -> None:
    tree = errors.__doc__ or ""
    for name, kind in vars(errors).items():
        if inspect.isclass(kind) and issubclass(kind, Exception) and kind.__module__ == errors.__name__:
            assert name in tree, name


def test_an_error_says_what_why_and_next_without_a_stack_of_frames() -> None:
    error = errors.CourseError("It broke.", "a reason", "Do this.")
    assert str(error) == "It broke.\nWhy: a reason\nNext: Do this."
    assert error._render_traceback_() == ["CourseError: It broke.\nWhy: a reason\nNext: Do this."]


def test_only_what_an_engine_said_is_told_as_its_words() -> None:
    refused = errors.EngineRefused("No.", status=409, message="Conflict.")
    assert refused.why == "the engine said (409): Conflict."
    seen = errors.NotRunning("web is not running.", "it has exited", "Start it.")
    assert (seen.status, seen.message, str(seen)) == (
        None,
        "",
        "web is not running.\nWhy: it has exited\nNext: Start it.",
    )


@pytest.fixture
def no_engine_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("unix:///no/such.sock", "no such socket"),
        ("tcp://127.0.0.1:9", "refused"),
        ("tcp://no-such-host.invalid:2375", "no such host"),
        ("nonsense://x", ""),
    ],
)
def test_each_way_to_fail_has_a_reason(url: str, reason: str) -> None:
    with pytest.raises(errors.EngineNotReachable) as caught:
        open_client(discovery.Address(url=url, origin="test"))
    assert reason in caught.value.tried[0].reason
    assert caught.value.next_step


def test_a_chosen_engine_that_is_away_is_never_replaced_by_another(
    monkeypatch: pytest.MonkeyPatch, no_engine_chosen: None
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such.sock")
    with pytest.raises(errors.EngineNotReachable) as caught:
        connect()
    assert [t.address for t in caught.value.tried] == ["unix:///no/such.sock"]


def test_a_context_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch, no_engine_chosen: None) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "no-such-context")
    with pytest.raises(errors.EngineNotReachable, match="context no-such-context"):
        connect()


@pytest.mark.skipif(os.name == "nt", reason="sockets as files")
def test_a_damaged_configuration_is_passed_over(no_engine_chosen: None, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    assert discovery.candidates()[0].url == "unix:///var/run/docker.sock"
