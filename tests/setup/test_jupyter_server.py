"""JupyterLab really started: who may talk to it, what its log holds, and that it leaves with its kernels."""

from __future__ import annotations

import http.cookiejar
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import store
from helpers.errors import CourseError
from helpers.setup.jupyter import server as jupyter_server
from helpers.setup.jupyter.server import Server

ALONE = urllib.request.ProxyHandler({})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("root")
    (root / "notebooks").mkdir()
    with jupyter_server.serve(say=lambda _: None, root=root) as running:
        yield running


def status(server: Server, path: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> int:
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(ALONE, jar)
    if headers is None:  # as a browser that was logged in by the printed address: a cookie, no token
        opener.open(f"{server.address}/lab?token={server.token}", timeout=20).close()
    request = urllib.request.Request(f"{server.address}{path}", method=method, headers=headers or {})
    try:
        with opener.open(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_without_the_token_nobody_gets_in(server: Server) -> None:
    assert status(server, "/api/kernels", headers={"Authorization": "token wrong"}) == 403
    assert status(server, "/api/kernels", headers={"Authorization": f"token {server.token}"}) == 200


def test_another_page_cannot_use_the_browsers_cookie(server: Server) -> None:
    assert status(server, "/api/kernels") == 200
    assert status(server, "/api/kernels", method="POST") == 403


def test_the_token_is_in_no_log_and_on_no_command_line(server: Server) -> None:
    assert status(server, f"/nowhere?token={server.token}", headers={}) == 404
    log = store.state() / jupyter_server.LOG
    deadline = time.monotonic() + 10
    while "/nowhere" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert "/nowhere" in log.read_text(), "the request is in the log, so the token could be"
    assert server.token not in log.read_text()
    assert server.token not in " ".join(map(str, server.process.args))  # type: ignore[arg-type]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked at in /proc")
def test_its_kernels_end_with_it(tmp_path: Path) -> None:
    with jupyter_server.serve(say=lambda _: None, root=tmp_path) as server:
        token = {"Authorization": f"token {server.token}"}
        request = urllib.request.Request(f"{server.address}/api/kernels", method="POST", headers=token, data=b"{}")
        with urllib.request.build_opener(ALONE).open(request, timeout=20) as answer:
            kernel = json.loads(answer.read())["id"]
        pids = [path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline") if kernel in read(path)]
        assert pids

    assert server.process.poll() is not None
    assert not [pid for pid in pids if kernel in read(Path(f"/proc/{pid}/cmdline"))]


def read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""


OPEN = {
    "no token": "c.IdentityProvider.token = ''",
    "no token, in the old way": "c.ServerApp.token = ''\nc.ServerApp.password = ''",
    "open handlers": "c.IdentityProvider.token = ''\nc.ServerApp.allow_unauthenticated_access = True",
    "everybody is somebody": (
        "from jupyter_server.auth import IdentityProvider, User\n"
        "class Everybody(IdentityProvider):\n"
        "    async def get_user(self, handler):\n"
        "        return User('everybody')\n"
        "c.ServerApp.identity_provider_class = Everybody"
    ),
    "any token": (
        "from jupyter_server.auth import IdentityProvider, User\n"
        "class AnyToken(IdentityProvider):\n"
        "    async def get_user(self, handler):\n"
        "        return User('somebody') if self.get_token(handler) else None\n"
        "c.ServerApp.identity_provider_class = AnyToken"
    ),
    "no XSRF protection": "c.ServerApp.tornado_settings = {'disable_check_xsrf': True}",
}


@pytest.mark.parametrize("settings", OPEN)
def test_a_server_that_the_readers_settings_open_is_ended_before_anybody_hears_of_it(
    settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jupyter_server_config.py").write_text(f"c = get_config()\n{OPEN[settings]}\n")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    port = jupyter_server._free_port()
    heard = False

    with (
        pytest.raises(CourseError, match="so it was ended") as caught,
        jupyter_server.serve(say=lambda _: None, root=tmp_path, port=port),
    ):
        heard = True

    assert not heard
    assert "your own Jupyter settings" in caught.value.why
    assert "JUPYTER_CONFIG_DIR" in caught.value.next_step
    assert ("XSRF" in caught.value.why) is (settings == "no XSRF protection")
    assert jupyter_server._is_free(port), "something still listens"
    assert not [path for path in Path("/proc").glob("[0-9]*/cmdline") if f"--ServerApp.port={port}" in read(path)]


def test_the_readers_other_settings_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jupyter_server_config.py").write_text("c = get_config()\nc.ContentsManager.allow_hidden = True\n")
    (tmp_path / ".hidden").mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    with jupyter_server.serve(say=lambda _: None, root=tmp_path) as server:
        token = {"Authorization": f"token {server.token}"}
        assert status(server, "/api/contents/.hidden", headers=token) == 200


def test_a_port_that_is_taken_is_refused_at_once(server: Server) -> None:
    with pytest.raises(CourseError) as caught, jupyter_server.serve(say=lambda _: None, port=server.port):
        pass

    assert str(server.port) in caught.value.what
    assert os.environ.get("JUPYTER_TOKEN") != server.token
