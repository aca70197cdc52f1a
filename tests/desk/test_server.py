"""The desk's websocket on a real JupyterLab: a logged-in page of this server gets in, and nobody else."""

from __future__ import annotations

import asyncio
import base64
import http.client
import http.cookiejar
import json
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyterlab_server.workspaces_handler import WorkspacesManager
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from helpers.desk.server import LONGEST, PATH
from helpers.engine.client import Client
from helpers.setup.jupyter import server as jupyter_server
from helpers.setup.jupyter import workspace
from helpers.setup.jupyter.server import Server
from tests.harness.by_hand import by_hand


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whose reader allows every origin elsewhere."""
    home, settings = tmp_path_factory.mktemp("learner"), tmp_path_factory.mktemp("settings")
    (settings / "jupyter_server_config.py").write_text("c = get_config()\nc.ServerApp.allow_origin_pat = '.*'\n")
    variables = {"COURSE_HOME": str(home), "JUPYTER_CONFIG_DIR": str(settings)}
    with jupyter_server.serve(
        say=lambda _: None, root=tmp_path_factory.mktemp("root"), environment=variables
    ) as running:
        yield running


@pytest.fixture(scope="module")
def cookie(server: Server) -> str:
    """What a browser has after the printed address was opened."""
    jar = http.cookiejar.CookieJar()
    parts = (urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
    urllib.request.build_opener(*parts).open(f"{server.address}/lab?token={server.token}", timeout=20).close()
    return "; ".join(f"{one.name}={one.value}" for one in jar)


def shake_hands(server: Server, path: str = f"/{PATH}", *, query: str = "", **headers: str) -> int:
    """The status of the handshake: 101 if it was let in."""
    wire = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(b"0" * 16).decode(),
        "Sec-WebSocket-Version": "13",
    }
    try:
        wire.request("GET", path + query, headers={**upgrade, **headers})
        with wire.getresponse() as answer:
            return answer.status
    finally:
        wire.close()


def test_a_logged_in_page_of_this_server_gets_in(server: Server, cookie: str) -> None:
    assert shake_hands(server, Cookie=cookie, Origin=server.address) == 101


@pytest.mark.parametrize("token", ["", "in the address", "in a header"])
@pytest.mark.parametrize("origin", ["none", "foreign", "of another port", "null", "own"])
@pytest.mark.parametrize("logged_in", [True, False])
def test_everybody_else_is_turned_away_even_with_the_token(
    server: Server, cookie: str, token: str, origin: str, logged_in: bool
) -> None:
    if origin == "own" and logged_in and not token:
        return  # that is the test above
    origins = {
        "foreign": "http://evil.example",
        "of another port": "http://127.0.0.1:1",
        "null": "null",
        "own": server.address,
    }
    headers = {"Cookie": cookie} if logged_in else {}
    if origin in origins:
        headers["Origin"] = origins[origin]
    if token == "in a header":
        headers["Authorization"] = f"token {server.token}"
    query = f"?token={server.token}" if token == "in the address" else ""

    assert shake_hands(server, query=query, **headers) == 403


def test_the_server_of_these_tests_would_let_a_foreign_page_in_elsewhere(server: Server, cookie: str) -> None:
    path = "/api/events/subscribe"
    assert shake_hands(server, path, Cookie=cookie, Origin="http://evil.example") == 101


async def hang_up(wire: WebSocketClientConnection, *, ended: bool = False) -> None:
    """Closes it and waits for the other end, or its socket would be left open. ended: the other end has closed it."""
    wire.close()
    while not ended:
        ended = await asyncio.wait_for(wire.read_message(), 10) is None


def converse(server: Server, cookie: str, *messages: str, seconds: float = 5.0) -> list[dict[str, Any]]:
    """What the websocket tells while these are sent, until it answers or is closed from the other end."""

    async def talk() -> list[dict[str, Any]]:
        url = f"{server.address.replace('http', 'ws')}/{PATH}"
        wire = await websocket_connect(HTTPRequest(url, headers={"Cookie": cookie, "Origin": server.address}))
        told: list[dict[str, Any]] = []
        text: str | bytes | None = ""
        for message in messages:
            await wire.write_message(message)
        while not (told and "answer" in told[-1]):
            text = await asyncio.wait_for(wire.read_message(), seconds)
            if text is None:
                break
            told.append(json.loads(text))
        await hang_up(wire, ended=text is None)
        return told

    return asyncio.run(talk())


def test_it_tells_and_answers_no_other_question(server: Server, cookie: str, client: Client) -> None:
    foreign = next(row["Id"] for row in by_hand(client).containers(all=True))
    told = converse(
        server,
        cookie,
        "nonsense",
        "[]",
        '{"ask": "remove"}',
        '{"wide": 500}',
        json.dumps({"ask": "log", "id": foreign}),
    )

    assert told[0]["style"]
    assert any('width="500"' in message.get("svg", "") for message in told)
    answers = [message["answer"] for message in told if "answer" in message]
    assert len(answers) == 1
    assert "not yours" in answers[0]["error"]


def test_a_message_that_is_too_long_ends_the_connection(server: Server, cookie: str) -> None:
    told = converse(server, cookie, '{"ask": "' + "x" * LONGEST + '"}')
    assert not any("answer" in message for message in told)


def test_events_reach_a_page_that_is_open(server: Server, cookie: str, client: Client) -> None:
    name = f"hs-{uuid.uuid4().hex[:8]}"
    hand = by_hand(client)

    async def watch() -> str:
        url = f"{server.address.replace('http', 'ws')}/{PATH}"
        wire = await websocket_connect(HTTPRequest(url, headers={"Cookie": cookie, "Origin": server.address}))
        made = False
        while True:
            text = await asyncio.wait_for(wire.read_message(), 10)
            assert isinstance(text, str)
            if not made and "yours" in json.loads(text).get("summary", ""):
                made = True
                hand.create_volume(name)
            if name in text:
                await hang_up(wire)
                return text

    try:
        assert f"volume {name}: created" in json.loads(asyncio.run(watch()))["say"]
    finally:
        hand.remove_volume(name)


# -- what is served beside it


def test_the_page_gets_the_extension_from_the_checkout(server: Server, cookie: str) -> None:
    def get(path: str) -> str:
        request = urllib.request.Request(f"{server.address}{path}", headers={"Cookie": cookie})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
            return str(answer.read().decode())

    assert '"name": "containers-unpacked"' in get("/lab")
    for name in ("remoteEntry.js", "desk.js", "desk.css"):
        assert get(f"/lab/extensions/containers-unpacked/static/{name}") == (
            jupyter_server.EXTENSIONS / "containers-unpacked" / "static" / name
        ).read_text(encoding="utf-8")


def test_the_layout_is_found_by_jupyterlab_and_is_never_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(workspace.FOLDER, str(tmp_path / "workspaces"))
    said: list[str] = []
    workspace.write("notebooks/00-start-here.ipynb", "work", said.append)
    manager = WorkspacesManager(str(tmp_path / "workspaces"))

    found = manager.load(workspace.NAME)
    assert found["data"]["terminal:course"]["data"] == {"name": "course", "cwd": "work"}

    manager.save(workspace.NAME, json.dumps({"data": {}, "metadata": {"id": workspace.NAME}}))
    workspace.write("notebooks/00-start-here.ipynb", "work", said.append)
    assert manager.load(workspace.NAME)["data"] == {}, "the reader's own"
    assert said == []


def test_a_layout_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(workspace.FOLDER, str(tmp_path / "file" / "workspaces"))
    said: list[str] = []
    workspace.write("x.ipynb", "", said.append)
    assert "could not be written" in said[0]
