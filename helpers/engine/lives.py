"""A container's life until now: from what was heard of it, from what the engine repeats, else from its State."""

from __future__ import annotations

import time
from typing import Any

from helpers import errors
from helpers.engine import clock, containers, labels, waiting, watch
from helpers.engine.client import Client
from helpers.model import exit_code as exit_code_model
from helpers.model import lifecycle
from helpers.model.container import Container, State
from helpers.model.events import Event
from helpers.model.exit_code import Ending
from helpers.model.lifecycle import Life


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
    name = found.name if found else _heard_name(client, container_id, scene)
    for pause in (0.02, 0.05, 0.1, 0.0):  # between the two questions more may have happened
        row = _inspected(client, container_id)
        events, complete = _events(client, container_id)
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
        created=float(clock.stamp(str(row.get("Created") or ""))),
        started=float(clock.stamp(str(state.get("StartedAt") or ""))),
        finished=float(clock.stamp(str(state.get("FinishedAt") or ""))),
        exit_code=int(state.get("ExitCode") or 0),
        oom=bool(state.get("OOMKilled")),
        policy=policy,
    )


def ending(client: Client, found: Container) -> Ending:
    """How its last run ended.

    Raises: NotFound.
    Equivalent: docker inspect --format '{{json .State}}' CONTAINER
    """
    raw: Any = client
    state = raw.inspect_container(found.id)["State"]
    status = State.read(str(state["Status"]))
    error = str(state.get("Error") or "")
    never = status is State.CREATED and not state.get("ExitCode")
    code, oom_killed = int(state.get("ExitCode") or 0), bool(state.get("OOMKilled"))
    return Ending(
        name=found.name,
        full_name=found.full_name,
        exit_code=None if never else code,
        oom_killed=oom_killed,
        ordered=ordered(client, found.id, code) if oom_killed and status in (State.EXITED, State.DEAD) else None,
        error=error if status is State.CREATED else "",
        running=status in (State.RUNNING, State.PAUSED, State.RESTARTING),
    )


def ordered(client: Client, container_id: str, exit_code: int) -> bool | None:
    """Whether its end was ordered through the engine, by its events; None if they do not reach back so far."""
    try:
        events, _ = _events(client, container_id)
    except errors.EngineRefused:
        return None
    return exit_code_model.ordered(events, exit_code)


def _resolve(client: Client, which: str | Container, scene: str) -> tuple[Container | None, str]:
    if isinstance(which, Container):
        return which, which.id
    heard = next(
        (
            event.actor
            for event in reversed(_heard(client))
            if labels.short_name(event.name, scene) == which or (len(which) > 11 and event.actor.startswith(which))
        ),
        "",
    )
    try:
        found = containers.find(client, which, scene=scene)
    except errors.NotFound:
        if not heard:
            raise
        return None, heard
    if heard and found.id != heard and found.full_name == which:  # somebody else's of that very name: not the one meant
        return None, heard
    return found, found.id


def _heard(client: Client) -> tuple[Event, ...]:
    watching = watch.current(client)
    return watching.heard() if watching else ()


def _heard_name(client: Client, container_id: str, scene: str) -> str:
    full = next((event.name for event in reversed(_heard(client)) if event.actor == container_id and event.name), "")
    return labels.short_name(full, scene) or container_id[:12]


def _events(client: Client, container_id: str) -> tuple[list[Event], bool]:
    """What was heard of it and what the engine repeats, and whether that is all since its creation.

    The engine repeats an unbroken piece of the past up to now, so that a creation in it means that nothing is missing.
    """
    raw: Any = client
    repeated = raw._stream_helper(
        raw._get(
            raw._url("/events"),
            params={
                "since": "1",
                "until": clock.now(client),
                "filters": f'{{"container":["{container_id}"],"type":["container"]}}',
            },
            stream=True,
        ),
        decode=True,
    )
    fresh = [Event.read(row) for row in repeated]
    heard = [event for event in _heard(client) if event.actor == container_id]
    known = {(event.at, event.action) for event in heard}
    everything = heard + [event for event in fresh if (event.at, event.action) not in known]
    return everything, any(event.action == "create" for event in everything)


def _state(client: Client, container_id: str) -> State:
    row = _inspected(client, container_id)
    return State.REMOVED if row is None else State.read(str(row["State"]["Status"]))


def _inspected(client: Client, container_id: str) -> dict[str, Any] | None:
    raw: Any = client
    try:
        return dict(raw.inspect_container(container_id))
    except errors.NotFound:
        return None


def _policy(row: dict[str, Any] | None) -> str:
    found = ((row or {}).get("HostConfig") or {}).get("RestartPolicy") or {}
    name, most = str(found.get("Name") or ""), int(found.get("MaximumRetryCount") or 0)
    return "" if name == "no" else f"{name}:{most}" if most else name
