"""How much of a container's output the engine keeps on its disk."""

from __future__ import annotations

# Two files of half the size each: when one is full the older one goes, so that there are always the last 5 MB to read.
# Neither is compressed: the engines refuse that, or take the processor for it.
FILES = 2
BYTES = 10_000_000
LIMIT = {"max-size": str(BYTES // FILES), "max-file": str(FILES)}
_KNOWN: dict[str, dict[str, str]] = {"json-file": {}, "local": {"compress": "false"}}


def log_config(driver: str) -> dict[str, object] | None:
    """The limit in the words of an engine's log driver; None for a driver that has none of this kind.

    journald, syslog and those that send output elsewhere have bounds of their own, or none that a container could
    name; an engine that names no driver (Podman) is left with its own.
    """
    return None if driver not in _KNOWN else {"Type": driver, "Config": {**LIMIT, **_KNOWN[driver]}}
