"""Containers from the engine's JSON. Two shapes: `inspect` tells everything, the list tells enough for an overview."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from helpers.engine.model.container import Container, Published, State
from helpers.engine.model.exit_code import Ending
from helpers.engine.ownership import labels


def inspected(row: Mapping[str, Any]) -> Container:
    """From GET /containers/{id}/json."""
    config, state = row.get("Config") or {}, row.get("State") or {}
    full_name = str(row.get("Name") or "").lstrip("/")
    status = State.read(str(state.get("Status") or "unknown"))
    ended = status in (State.EXITED, State.DEAD)
    return Container(
        id=str(row["Id"]),
        name=labels.short_name(full_name),
        full_name=full_name,
        image=str(config.get("Image") or ""),
        command=(*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])),
        state=status,
        exit_code=int(state.get("ExitCode") or 0) if ended else None,
        pid=int(state.get("Pid") or 0),
        published=_published((row.get("NetworkSettings") or {}).get("Ports") or {}),
        image_id=str(row.get("Image") or ""),
    )


def ended(row: Mapping[str, Any]) -> Ending:
    """How its last run ended, from the same."""
    found, state = inspected(row), row.get("State") or {}
    code = int(state.get("ExitCode") or 0)
    never_ran = found.state is State.CREATED and code  # its start was refused
    return Ending(
        name=found.name,
        full_name=found.full_name,
        state=found.state,
        exit_code=code if found.exit_code is not None or never_ran else None,
        oom_killed=bool(state.get("OOMKilled")),
        memory_limit=int((row.get("HostConfig") or {}).get("Memory") or 0),
        error=str(state.get("Error") or ""),
    )


def listed(row: Mapping[str, Any]) -> Container:
    """From one row of GET /containers/json."""
    full_name = str((row.get("Names") or [""])[0]).lstrip("/")
    status = str(row.get("Status") or "")
    code = status[status.find("(") + 1 : status.find(")")] if status.startswith("Exited (") else ""
    return Container(
        id=str(row["Id"]),
        name=labels.short_name(full_name),
        full_name=full_name,
        image=str(row.get("Image") or ""),
        command=_words(str(row.get("Command") or "")),
        state=State.read(str(row.get("State") or "unknown")),
        exit_code=int(code) if code.lstrip("-").isdigit() else None,
        published=tuple(
            Published(
                address=str(port.get("IP") or ""),
                port=int(port["PublicPort"]),
                container_port=int(port["PrivatePort"]),
                protocol=str(port.get("Type") or "tcp"),
            )
            for port in row.get("Ports") or []
            if port.get("PublicPort")
        ),
        image_id=str(row.get("ImageID") or ""),
    )


def _published(ports: Mapping[str, Any]) -> tuple[Published, ...]:
    found = []
    for inside, bindings in ports.items():
        number, _, protocol = inside.partition("/")
        for binding in bindings or []:
            found.append(
                Published(
                    address=str(binding.get("HostIp") or ""),
                    port=int(binding["HostPort"]),
                    container_port=int(number),
                    protocol=protocol or "tcp",
                )
            )
    return tuple(found)


def _words(line: str) -> tuple[str, ...]:
    """A command as the engine's list gives it, one string, taken apart again.

    The engine puts a word with a space in it between two apostrophes, and leaves those inside of it as they are (moby,
    daemon/list.go). So a word that begins with one ends at the first after which no half of a pair is left over.
    """
    found: list[str] = []
    left = line
    while left:
        ends = [end for end in re.finditer(r"'(?: |$)", left) if end.start()] if left.startswith("'") else []
        end = next((end for end in ends if left.count("'", end.end()) % 2 == 0), None)
        if end is not None:
            word, left = left[1 : end.start()], left[end.end() :]
        else:
            word, _, left = left.partition(" ")
        found.append(word)
    return tuple(found)
