"""A container's life until now: from what was heard of it, from what the engine repeats, else from its State."""

from __future__ import annotations

import time
from typing import Any

from helpers import errors
from helpers.containers.model import lifecycle
from helpers.containers.model.lifecycle import Life
from helpers.engine import container_names, waiting
from helpers.engine.client import Client
from helpers.engine.events import of_container
from helpers.engine.events.of_container import known_events
from helpers.engine.model.container import Container, State
from helpers.engine.model.events import stamp
from helpers.engine.ownership import labels


def life(
    client: Client, which: str | Container, *, scene: str, until: State | None = None, seconds: float = 10
) -> Life:
    """The life of one container, there or removed.

    until: wait for that state first, at most `seconds`.

    Raises: NotFound if nothing was heard of it either; WaitedTooLong.
    """
    found, container_id = _resolve(client, which, scene)
    if until is not None:
        waiting.until(
            lambda: True if _state(client, container_id) is until else None,
            f"the state {until.value}",
            seconds=seconds,
            status=lambda: _state(client, container_id).value,
        )
    name = found.name if found else _heard_name(client, container_id)
    for pause in (0.02, 0.05, 0.1, 0.0):  # between the two questions more may have happened
        row = _inspected(client, container_id)
        events, complete = known_events(client, container_id)
        policy = _policy(row)
        now = State.REMOVED if row is None else State.read(str(row["State"]["Status"]))
        told = lifecycle.read(events, name=name, policy=policy)
        if not complete or told.state is now or now is State.REMOVING:
            break
        time.sleep(pause)
    if complete:
        return told if told.state is now or now is State.REMOVING else lifecycle.corrected(told, now)
    if row is None:
        return Life(name=name, state=State.REMOVED, complete=False)
    state = row["State"]
    return lifecycle.remembered(
        name=name,
        state=State.read(str(state["Status"])),
        created=float(stamp(str(row.get("Created") or ""))),
        started=float(stamp(str(state.get("StartedAt") or ""))),
        finished=float(stamp(str(state.get("FinishedAt") or ""))),
        exit_code=int(state.get("ExitCode") or 0),
        oom=bool(state.get("OOMKilled")),
        policy=policy,
    )


def _resolve(client: Client, which: str | Container, scene: str) -> tuple[Container | None, str]:
    if isinstance(which, Container):
        return which, which.id
    heard = next(
        (
            event.actor
            for event in reversed(of_container.heard_so_far(client))
            if labels.means(which, labels.short_name(event.name)) or (len(which) > 11 and event.actor.startswith(which))
        ),
        "",
    )
    try:
        found = container_names.find(client, which, scene=scene)
    except errors.NotFound:
        if not heard:
            raise
        return None, heard
    if heard and found.id != heard and found.full_name == which:  # somebody else's of that very name: not the one meant
        return None, heard
    return found, found.id


def _heard_name(client: Client, container_id: str) -> str:
    full = next(
        (
            event.name
            for event in reversed(of_container.heard_so_far(client))
            if event.actor == container_id and event.name
        ),
        "",
    )
    return labels.short_name(full) or container_id[:12]


def _state(client: Client, container_id: str) -> State:
    row = _inspected(client, container_id)
    return State.REMOVED if row is None else State.read(str(row["State"]["Status"]))


def _inspected(client: Client, container_id: str) -> dict[str, Any] | None:
    try:
        return dict(client.inspect_container(container_id))
    except errors.NotFound:
        return None


def _policy(row: dict[str, Any] | None) -> str:
    found = ((row or {}).get("HostConfig") or {}).get("RestartPolicy") or {}
    name, most = str(found.get("Name") or ""), int(found.get("MaximumRetryCount") or 0)
    return "" if name == "no" else f"{name}:{most}" if most else name
