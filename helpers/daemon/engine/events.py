"""Listening to the engine while something is done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from helpers import errors
from helpers.engine import scene
from helpers.engine.bounded import rights
from helpers.engine.client import Client, open_client
from helpers.engine.model.events import Event
from helpers.engine.ownership import labels


def during(client: Client, do: Callable[[], Any]) -> tuple[Event, ...]:
    """The events of this learner's containers, and of the networks and volumes they use, while `do()` runs.

    The subscription is open before `do` is called: engines keep only the last few hundred events, so asking
    afterwards may come too late. A marker of our own, a container that is created and removed, ends the listening:
    when its removal is heard, everything before it was heard too.

    Raises: whatever `do` raises; WaitedTooLong if the marker is not heard.
    """
    listener = open_client(client.address)  # a connection of its own: this one stays busy
    stream = listener.events(decode=True)
    heard: list[Event] = []
    marker: list[str] = []
    done, last = threading.Event(), threading.Event()  # it hears no more; it has heard the marker

    def listen() -> None:
        try:
            for row in stream:
                event = Event.read(row)
                heard.append(event)
                if marker and event.actor == marker[0] and event.action == "destroy":
                    last.set()
                    break
        except Exception:  # noqa: S110  the stream was closed under us: what was heard is what there is
            pass
        finally:
            done.set()

    thread = threading.Thread(target=listen, name="engine-events", daemon=True)
    thread.start()
    try:
        do()
        image = _any_image(client)
        if image:
            marker.append(rights.make(client, "marker", ["true"], scene=scene.current(), image=image))
            client.remove_container(marker[0], v=True, force=True)
        done.wait(5 if image else 1)
        if image and not last.is_set():
            raise errors.WaitedTooLong("the end of the events", seconds=5, status=f"{len(heard)} events heard")
    finally:
        stream.close()
        listener.close()
        thread.join(2)
    # by labels: the journal has forgotten by now what was removed meanwhile, and this only looks
    mine = {e.actor for e in heard if e.kind == "container" and labels.carried(dict(e.labels))} - set(marker)
    return tuple(e for e in heard if e.actor in mine or e.container in mine)


def _any_image(client: Client) -> str | None:
    rows = client.images(filters={"reference": "localhost/course/*"})
    return str(rows[0]["Id"]) if rows else None
