"""A new topic's place in pyproject.toml, in the two import contracts that name all topics."""

from __future__ import annotations

import re
import textwrap

from helpers.errors import CourseError

_SIDE_BY_SIDE = re.compile(r'^    "(\w+(?: \| \w+)+)",$', re.MULTILINE)  # rooms side by side
_TOPICS = re.compile(r'^containers = \[\n((?:    "helpers\.\w+",?.*\n)+)\]$', re.MULTILINE)


def with_topic(text: str, name: str) -> str:
    """The text of pyproject.toml with one topic more in both.

    Raises: CourseError if they are not where they were.
    """
    rooms = _TOPICS.search(text)
    topics = re.findall(r"helpers\.(\w+)", rooms[1]) if rooms else []
    layers = [found for found in _SIDE_BY_SIDE.finditer(text) if set(found[1].split(" | ")) <= set(topics)]
    if rooms is None or not layers:
        raise CourseError(
            "pyproject.toml was not understood; nothing was written.",
            "its import contracts have no layer of topics, or no list of containers that names them all",
            "Put the two back into the form that git log -p pyproject.toml shows, and run the same command again.",
        )
    layer = max((found[0] for found in layers), key=len)  # not that of rooms made of other topics, above them
    topics, beside = (sorted([*known, name]) for known in (topics, layer.split('"')[1].split(" | ")))
    listed = " ".join(f'"helpers.{topic}",' for topic in topics)
    filled = textwrap.fill(listed, width=110, initial_indent="    ", subsequent_indent="    ")
    text = text[: rooms.start(1)] + filled + "\n" + text[rooms.end(1) :]
    return text.replace(layer, f'    "{" | ".join(beside)}",')
