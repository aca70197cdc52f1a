"""What is open in this process, a notebook's kernel or a command, in one place."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from helpers.engine.client import Client
from helpers.engine.session.watch import Watch

if TYPE_CHECKING:
    from filelock import FileLock

DESK = "desk"  # what is made outside of any scene belongs to this one


class Session:
    """scene: the name of the scene that new objects belong to. lab: the name of the open lab; "" if none is.

    refused: the scene that was to begin last, and did not. held: the locks of the scenes that are open here; see
    `helpers.engine.scene.sittings`. sitting: a random word that no other process has.
    """

    def __init__(self) -> None:
        self.scene = DESK
        self.lab = ""
        self.refused = ""
        self.sitting = secrets.token_hex(4)
        self.held: dict[str, FileLock] = {}
        self._watch: Watch | None = None

    def enter(self, scene: str) -> None:
        """Makes `scene` the current one."""
        self.scene = scene
        self.refused = ""
        self.stop_watching()  # of an earlier run, or another scene

    def refuse(self, scene: str) -> None:
        """Notes that `scene` did not begin: nothing can be made for it then. What is open stays so."""
        if self.scene != scene:
            self.refused = scene

    def leave(self, scene: str) -> None:
        """Goes back to the desk if `scene` is the current one; ends its subscription to events."""
        if self.scene == scene:
            self.enter(DESK)

    def watching(self, client: Client) -> Watch | None:
        """The subscription to this engine's events, if one is open."""
        found = self._watch
        return found if found is not None and found.open and found.url == client.address.url else None

    def watch(self, client: Client) -> Watch:
        """The subscription to this engine's events; opened unless it is. To be called before a container is made."""
        found = self.watching(client)
        if found is None:
            self.stop_watching()
            found = self._watch = Watch(client)
        return found

    def stop_watching(self) -> None:
        """Ends the subscription, if one is open."""
        ended, self._watch = self._watch, None
        if ended is not None:
            ended.close()


session = Session()
