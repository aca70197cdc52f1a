"""What happened to one container: what was heard of it, and what the engine repeats."""

from __future__ import annotations

from helpers import errors
from helpers.engine.client import Client
from helpers.engine.model import exit_code as exit_code_model
from helpers.engine.model.events import Event, joined
from helpers.engine.session import session


def told_of_its_end(client: Client, container_id: str, exit_code: int) -> tuple[bool | None, bool]:
    """By its events: whether its end was ordered through the engine, and whether memory was said to have run out.

    None and False if they do not reach back so far.
    """
    try:
        events, _ = known_events(client, container_id)
    except errors.EngineRefused:
        return None, False
    return exit_code_model.ordered(events, exit_code), exit_code_model.out_of_memory(events)


def heard_so_far(client: Client) -> tuple[Event, ...]:
    """What the current scene's subscription has heard, of every container; nothing if there is none."""
    watching = session.watching(client)
    return watching.heard() if watching else ()


def known_events(client: Client, container_id: str) -> tuple[list[Event], bool]:
    """What was heard of it and what the engine repeats, in its order, and whether that is all since its creation.

    The engine repeats an unbroken piece of the past up to now, so that a creation in it means that nothing is missing.
    """
    only = {"container": [container_id], "type": ["container"]}
    fresh = client.past_events(since="1", until=client.now(), filters=only)
    heard = [event for event in heard_so_far(client) if event.actor == container_id]
    everything = joined(heard, fresh)
    return everything, any(event.action == "create" for event in everything)
