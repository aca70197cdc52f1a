"""What time it is on the engine's machine, which need not be this one's."""

from __future__ import annotations

import datetime
import re

from helpers.engine.client import Client

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\d*(Z|[+-]\d\d:\d\d)?")


def now(client: Client) -> str:
    """Seconds since 1970 in the engine's clock, to the nanosecond, as its events' `until` takes them."""
    return stamp(str(client.info().get("SystemTime") or ""))


def stamp(text: str) -> str:
    """The same of a time as the engine writes it; "0" for one it never set (the year 1), or no time at all."""
    found = _TIME.match(text)
    if not found or text.startswith("0001-"):
        return "0"
    zone = (found[3] or "Z").replace("Z", "+00:00")
    seconds = int(datetime.datetime.fromisoformat(found[1] + zone).timestamp())
    return f"{seconds}.{(found[2] or '').ljust(9, '0')}"
