"""The text of a Dockerfile, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A Dockerfile. text: the whole of it. place: its path; "" if only the text was given."""

    text: str
    place: str = ""
