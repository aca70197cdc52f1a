"""One subscription to the engine's events, open from a scene's first container on.

Engines keep only the last few hundred events: what is to be told later has to be heard when it happens. The engine
itself ends the subscription after an hour; the end of the scene, or its next beginning, ends it sooner.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from helpers.engine.client import Client, open_client
from helpers.engine.model.events import Event
from helpers.engine.ownership import labels

SECONDS = 3600
MOST = 5000  # events kept
Listener = Callable[[Event], None]


class Watch:
    """Hears what the engine announces of this learner's containers."""

    def __init__(self, client: Client) -> None:
        self.url = client.address.url
        self._client: Any = open_client(client.address)  # a connection of its own: this one stays busy
        self._heard: deque[Event] = deque(maxlen=MOST)
        self._listeners: list[Listener] = []
        now = int(float(self._client.now())) or int(time.time())  # its clock: by ours it may be over before it began
        self._stream = self._client.events(
            filters={"type": ["container"], **labels.filters()}, until=now + SECONDS, decode=True
        )
        self._thread = threading.Thread(target=self._listen, name="containers-watch", daemon=True)
        self._thread.start()

    @property
    def open(self) -> bool:
        """True while it hears."""
        return self._thread.is_alive()

    def heard(self) -> tuple[Event, ...]:
        """What was heard until now."""
        return tuple(self._heard)

    def tell(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` with each event from now on, in the watch's thread; returns what ends that."""
        self._listeners.append(listener)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return end

    def close(self) -> None:
        """Ends the subscription and its thread."""
        self._listeners.clear()
        self._stream.close()
        self._client.close()
        if self._thread is not threading.current_thread():
            self._thread.join(2)

    def _listen(self) -> None:
        with contextlib.suppress(Exception):  # closed under us, or the engine is gone: what was heard stays
            for row in self._stream:
                event = Event.read(row)
                self._heard.append(event)
                for listener in tuple(self._listeners):
                    with contextlib.suppress(Exception):  # a picture that is gone must not end the hearing
                        listener(event)
