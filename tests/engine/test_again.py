"""What is asked of the engine again, and what is not. The words are those of 28.5.2 with containerd's store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import docker
import pytest

from helpers import errors
from helpers.engine import again
from helpers.engine.client import Client

GONE = "a1" * 32
CHANGED = [
    (404, f"NotFound: content digest sha256:{GONE}: not found"),
    (404, f"failed to read config content: rpc error: code = NotFound desc = content digest sha256:{GONE}: not found"),
    (500, "consistency error: data changed during operation, retry"),
]
PLAIN = [(404, f"No such image: sha256:{GONE}"), (500, "database is closed")]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "PAUSES", (0.0, 0.0))


def stumbles(times: int, status: int, message: str) -> tuple[list[None], Callable[..., str]]:
    """What answers only after it has stumbled so often, and the list that gets longer with each call."""
    calls: list[None] = []

    def ask(*_: Any, **__: Any) -> str:
        calls.append(None)
        if len(calls) > times:
            return "there"
        kind = errors.NotFound if status == 404 else errors.EngineRefused
        raise kind("The engine refused.", status=status, message=message)

    return calls, ask


@pytest.mark.parametrize("call", ["images", "inspect_image"])
@pytest.mark.parametrize(("status", "message"), CHANGED)
def test_an_image_that_goes_while_it_is_read_is_asked_for_again_but_not_for_ever(
    call: str, status: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client.__new__(Client)
    calls, ask = stumbles(2, status, message)
    monkeypatch.setattr(docker.APIClient, call, ask)
    assert getattr(client, call)("busybox:1") == "there"
    assert len(calls) == 3

    calls, ask = stumbles(9, status, message)
    monkeypatch.setattr(docker.APIClient, call, ask)
    with pytest.raises(errors.EngineRefused, match=message[-20:]):
        getattr(client, call)("busybox:1")
    assert len(calls) == 3


@pytest.mark.parametrize(("status", "message"), PLAIN)
def test_any_other_answer_is_taken_as_it_is(status: int, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, ask = stumbles(1, status, message)
    monkeypatch.setattr(docker.APIClient, "inspect_image", ask)
    with pytest.raises(errors.EngineRefused):
        Client.__new__(Client).inspect_image("busybox:1")
    assert len(calls) == 1
