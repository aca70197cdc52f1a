"""The desk as an extension of the Jupyter server: one follower, and a websocket for each open page.

The websocket is for a page of this server that is logged in: its cookie, and an Origin that is this server's. A token
lets nobody in here (with one, jupyter_server would not look at the Origin), nor does a missing Origin. It tells; what
may be asked is what `helpers.desk.pages` says: a log or an inspect of the learner's own containers.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any
from urllib.parse import urlsplit

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import url_path_join
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from helpers.desk.pages import Desk, Page

PATH = "containers-unpacked/desk"
LONGEST = 4096  # bytes of what a page may send


class Live(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """The websocket."""

    auth_resource = "containers-unpacked"

    def initialize(self, desk: Desk) -> None:
        """Keeps the desk that all pages share."""
        self.desk = desk
        self.page: Page | None = None

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """The handshake. Raises: HTTPError 403 for everybody but a logged-in page of this server."""
        if self.current_user is None or self.token_authenticated or self.get_query_argument("token", ""):
            raise HTTPError(403, "only for a page that is logged in")
        if not self.check_origin():
            raise HTTPError(403, "only for a page of this server")
        await super().get(*args, **kwargs)

    def check_origin(self, origin: str | None = None) -> bool:
        """True if the page is this server's own, whatever the settings allow elsewhere; no Origin is none of ours."""
        host = self.request.headers.get("Host", "")
        named = urlsplit(origin or self.request.headers.get("Origin", ""))
        return bool(host) and named.scheme in ("http", "https") and named.netloc.lower() == host.lower()

    @property
    def max_message_size(self) -> int:
        """In bytes."""
        return LONGEST

    def get_compression_options(self) -> dict[str, Any] | None:
        """None: it stays on this computer."""
        return None

    def open(self, *args: Any, **kwargs: Any) -> None:
        """A page more."""
        super().open(*args, **kwargs)
        self.set_nodelay(True)
        loop = IOLoop.current()
        self.page = self.desk.open(lambda message: loop.add_callback(self._write, json.dumps(message)))

    def _write(self, text: str) -> None:
        with contextlib.suppress(WebSocketClosedError):  # it has just gone
            self.write_message(text)

    def on_message(self, message: str | bytes) -> None:
        """What the page sends."""
        try:
            found = json.loads(message)
        except ValueError:
            return
        if self.page is not None:
            self.desk.heard(self.page, found)

    def on_close(self) -> None:
        """A page less."""
        if self.page is not None:
            self.desk.close(self.page)
            self.page = None
        super().on_close()


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(app: Any) -> None:
    web = app.web_app
    route = url_path_join(web.settings["base_url"], PATH)
    web.add_handlers(".*$", [(route, Live, {"desk": Desk()})])
