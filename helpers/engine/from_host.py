"""Asking from the engine's host, by a helper container in its network: where published ports are open in any case."""

from __future__ import annotations

import urllib.parse

from helpers import errors
from helpers.engine import helper_container, scene
from helpers.engine.client import Client
from helpers.engine.model.container import Answer

# Version 1.0: the server hangs up at the end, and sends the page in one piece.
_GET = r"""
ask='GET %s HTTP/1.0\r\nHost: %s:%s\r\n\r\n'
printf "$ask" "$3" "$1" "$2" | timeout 10 nc -w 3 "$1" "$2" 2>/dev/null | head -c 65536
"""


def get(client: Client, url: str) -> Answer | None:
    """One GET request from there. None if nothing answers, or the engine lets no helper into its host's network.

    Equivalent: docker run --rm --network host IMAGE wget -O- URL
    """
    parts = urllib.parse.urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with helper_container.helper(
            client, helper_container.HOST, scene=scene.current(), kind=helper_container.Helper, may="pages"
        ) as helper:
            text = helper.run(_GET, str(parts.hostname), str(parts.port or 80), path)
    except errors.EngineRefused:
        return None
    return read(text, url)


def read(text: str, url: str) -> Answer | None:
    """The answer in the words of HTTP; None if they are none."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    words = head.split(maxsplit=2)
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        return None
    return Answer(url=url, status=int(words[1]), body=body)
