"""The JupyterLab server: on 127.0.0.1 only, with a token that is on no command line and in no log.

The token travels in the environment (JUPYTER_TOKEN). The reader's own configuration is never written to: the course's
settings are inside the environment. But it is read by the server, and can switch the token or the XSRF protection off.
So nobody hears of a server before it has turned away who comes without the token, and another page's request.
"""

from __future__ import annotations

import contextlib
import http.cookiejar
import json
import os
import secrets
import shlex
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from helpers import store
from helpers.errors import CourseError, StoreError
from helpers.setup.jupyter import launch, numbered, workspace

CHECKOUT = Path(__file__).resolve().parents[3]
FIRST = "notebooks/00-start-here.ipynb"
EXTENSIONS = CHECKOUT / "helpers/desk/labextensions"
LOG = "jupyterlab.log"
MORE_OPTIONS = "COURSE_LAB_ARGS"  # the browser tests make JupyterLab's commands callable from the page
START_SECONDS = 60.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.05
CALL_SECONDS = 5.0
_PRIVATE = ("/api/kernels", "/api/contents")  # what runs programs, and what reads files
_TURNED_AWAY = {302, 401, 403}  # 302: to the page for logging in
_SETTINGS_OF_THEIRS = "your own Jupyter settings (jupyter_server_config.py or .json; `jupyter --paths` says where)"
_WITHOUT_THEM = (
    "Look there for token, password, identity_provider_class, xsrf and tornado_settings, and take them out; or start "
    "the course without these settings: name an empty folder in JUPYTER_CONFIG_DIR, and run the same command again."
)
# No news pop-up and no update check (both ask the internet); "none" keeps outputs that are out of sight printable.
SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


class Log:
    """What the server says: its last lines, and a file of all of them where the disk has room for one.

    where: in words, for who looks for it.
    """

    def __init__(self, path: Path) -> None:
        self.tail: deque[str] = deque(maxlen=6)
        self._file: IO[str] | None = None
        self.where = f"The log is {path}"
        try:
            self._file = path.open("w", encoding="utf-8")
        except OSError as error:
            self.where = f"There is no log: {path} could not be written ({error.strerror or error})"

    def copy(self, process: subprocess.Popen[str], token: str) -> None:
        """Takes the server's output without the token (Jupyter itself hides it, this makes it certain) to its end."""
        assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
        with contextlib.suppress(ValueError):
            for line in process.stdout:
                said = line.replace(token, "[token]")
                self.tail.append(said.rstrip("\n"))
                with contextlib.suppress(OSError):  # the disk is full: read on, or the server would wait for its reader
                    if self._file is not None:
                        self._file.write(said)
                        self._file.flush()
        with contextlib.suppress(OSError):
            if self._file is not None:
                self._file.close()


@dataclass(frozen=True)
class Server:
    """A JupyterLab that answers. address: without the token. process: its process. log: what it says."""

    port: int
    process: subprocess.Popen[str]
    log: Log
    token: str = field(repr=False)

    @property
    def address(self) -> str:
        """http://127.0.0.1:PORT."""
        return f"http://127.0.0.1:{self.port}"

    def url(self, notebook: str = FIRST) -> str:
        """The address of `notebook` in JupyterLab, with the token: for the person in front of it, never for a log."""
        return f"{self.address}/lab/tree/{notebook}?token={self.token}"

    def page(self) -> str:
        """The same of the page with its three parts, as the reader left it (`workspace`)."""
        return f"{self.address}/lab/workspaces/{workspace.NAME}?token={self.token}"

    def answers(self) -> bool:
        """True if the server is up and takes the token."""
        with contextlib.suppress(urllib.error.URLError, OSError, ValueError):
            return _call(f"{self.address}/api/status", self.token) == 200
        return False


@contextlib.contextmanager
def serve(
    *,
    say: Callable[[str], None],
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
    root: Path = CHECKOUT,
    shell: Sequence[str] = (),
) -> Iterator[Server]:
    """A JupyterLab that answers; ended, with its kernels, at the end of the block.

    port: on 127.0.0.1; None takes a free one. environment: added to the server's, its kernels' and its terminals'.
    shell: the command of a terminal; none: the one that Jupyter takes.

    Raises: CourseError if the port is taken, the server does not answer in time, or it lets in who has no token.
    """
    token = secrets.token_hex(24)
    write_settings(say)
    if port is not None and not _is_free(port):
        raise CourseError(
            f"Port {port} is taken.", "another program listens on it", "Leave out --port: a free one is found."
        )
    port = port or _free_port()
    command = [
        sys.executable,
        "-m",
        launch.__name__,
        *options(port, root, shell),
        *os.environ.get(MORE_OPTIONS, "").split(),
    ]
    if sys.platform != "win32" and os.geteuid() == 0:
        say("You are root, so notebooks run as root, too: fine in a classroom or CI, not on your own computer.")
        command.append("--allow-root")
    process = subprocess.Popen(
        command,
        cwd=root,
        env=_server_environment(environment or {}, token, numbered.put(say)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C is ours: Jupyter would ask a question in its place
    )
    log = Log(store.state() / LOG)
    writer = threading.Thread(target=log.copy, args=(process, token), daemon=True)
    writer.start()
    server = Server(port, process, log, token)
    try:
        _wait(server)
        _refuse_if_open(server)
        yield server
    finally:
        _end(server)
        writer.join(timeout=5)
        if process.stdout is not None:
            process.stdout.close()


def options(port: int, root: Path, shell: Sequence[str] = ()) -> list[str]:
    """The command line; what it says stands above the reader's own configuration.

    The two extensions, of the server and of the page, are the desk's.
    """
    return [
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.allow_remote_access=False",
        "--ServerApp.allow_origin=",
        "--ServerApp.disable_check_xsrf=False",
        "--PasswordIdentityProvider.hashed_password=",
        "--ServerApp.jpserver_extensions=helpers.desk.server=True",
        f"--LabApp.extra_labextensions_path={EXTENSIONS}",  # a list as JSON would be passed over without a word
        *([f"--ServerApp.terminado_settings=shell_command={shlex.join(shell)}"] if shell else []),
    ]


def write_settings(say: Callable[[str], None]) -> None:
    """Puts the course's settings into the environment's own folder; other settings in that file are kept."""
    path = Path(sys.prefix) / "share/jupyter/lab/settings/overrides.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    wanted = {**found, **{key: {**found.get(key, {}), **value} for key, value in SETTINGS.items()}}
    if wanted == found:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(wanted, file, indent=1)
        Path(fresh).chmod(0o644)
        Path(fresh).replace(path)
    except OSError as error:
        say(f"JupyterLab will ask about news: its settings could not be written ({error}).")


def _server_environment(added: Mapping[str, str], token: str, first: Path | None) -> dict[str, str]:
    """first: the folder to look for programs in before all others."""
    added_first = [] if first is None else [str(first)]
    programs = str(Path(sys.executable).parent)
    try:
        store.home()
        home = {}
    except StoreError:  # Jupyter does not start without one
        home = {"HOME": str(store.state())}
    return {
        **os.environ,
        **home,
        **({} if first is None else {numbered.NAMED: str(first)}),
        **added,
        workspace.FOLDER: str(workspace.folder()),
        "JUPYTER_TOKEN": token,
        "JUPYTER_PREFER_ENV_PATH": "1",  # the environment's kernel, not one of the same name in the home folder
        "PATH": os.pathsep.join([*added_first, programs, os.environ.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if sys.platform != "win32":  # there it would mean: even if another program listens
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _wait(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.answers():
        status = server.process.poll()
        if status is not None or time.monotonic() > deadline:
            time.sleep(POLL_SECONDS)  # the log's last lines are on their way
            ended = f"it ended with status {status}" if status is not None else "no answer in time"
            raise CourseError(
                "JupyterLab did not start.",
                "\n".join([ended, *server.log.tail]),
                f"{server.log.where}. Run the same command again.",
            )
        time.sleep(POLL_SECONDS)


def _refuse_if_open(server: Server) -> None:
    """Asks the server as a stranger would, and as a page of another origin in the reader's browser would.

    Raises: CourseError if one of them is let in.
    """
    for who, headers in (("no token", {}), ("a wrong token", {"Authorization": f"token {secrets.token_hex(24)}"})):
        for path in _PRIVATE:
            status = _status(server, path, headers=headers)
            if status not in _TURNED_AWAY:
                raise CourseError(
                    "JupyterLab would let in anybody on this computer, so it was ended.",
                    f"a request with {who} for {path} was not turned away (status {status}): {_SETTINGS_OF_THEIRS} "
                    "switch the token off, or name another way to log in",
                    _WITHOUT_THEM,
                )
    # a browser that has the cookie, and a page that does not know the secret beside it
    status = _status(server, f"{_PRIVATE[0]}/none-of-this-id", method="DELETE", cookies_of=server.token)
    if status not in _TURNED_AWAY:
        raise CourseError(
            "JupyterLab would obey any page that is open in your browser, so it was ended.",
            f"a request without XSRF cookie was not turned away (status {status}): {_SETTINGS_OF_THEIRS} "
            "switch that protection off",
            _WITHOUT_THEM,
        )


def _status(
    server: Server, path: str, *, method: str = "GET", headers: Mapping[str, str] = {}, cookies_of: str = ""
) -> int:
    """The status of the answer, no redirection followed; 0 if there is none.

    cookies_of: a token to log in with first, as a browser does.
    """
    jar = http.cookiejar.CookieJar()
    parts = (urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar), _Stay())
    opener = urllib.request.build_opener(*parts)
    try:
        if cookies_of:
            opener.open(f"{server.address}/api/status?token={cookies_of}", timeout=CALL_SECONDS).close()
        request = urllib.request.Request(f"{server.address}{path}", method=method, headers=dict(headers))  # noqa: S310
        with opener.open(request, timeout=CALL_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, OSError, ValueError):
        return 0


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: being sent to the page for logging in is an answer."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """No request."""


def _call(url: str, token: str, *, method: str = "GET") -> int:
    request = urllib.request.Request(url, method=method, headers={"Authorization": f"token {token}"})  # noqa: S310
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # 127.0.0.1 is never behind a proxy
    with opener.open(request, timeout=CALL_SECONDS) as answer:
        return int(answer.status)


def _end(server: Server) -> None:
    """Asks the server to shut down, which ends its kernels, too; only if it does not, ends it."""
    if server.process.poll() is not None:
        return
    if sys.platform == "win32":
        with contextlib.suppress(urllib.error.URLError, OSError):
            _call(f"{server.address}/api/shutdown", server.token, method="POST")
    else:
        server.process.terminate()
    try:
        server.process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()
