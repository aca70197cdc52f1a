"""JSON objects in a stream of text: one to a line (buildx 0.29) or over many lines (0.13), plain words between them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from helpers.engine.build.model.log import plain

WORDS_KEPT = 200


class Objects:
    """Takes the text apart; the pieces may be cut anywhere.

    words: the lines between the objects, the latest WORDS_KEPT.
    """

    def __init__(self) -> None:
        self.words: list[str] = []
        self._rest = ""
        self._open: list[str] = []  # lines of an object that has not ended

    def feed(self, text: str) -> Iterator[dict[str, Any]]:
        """The objects that end in this piece."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            yield from self._line(line.rstrip("\r"))

    def close(self) -> Iterator[dict[str, Any]]:
        """What the last line held; an object that never ended counts as words."""
        yield from self.feed("\n")
        self._give_up()

    def _line(self, line: str) -> Iterator[dict[str, Any]]:
        if line.startswith("{"):
            self._give_up()
            self._open = [line]
        elif self._open:
            self._open.append(line)
        elif line.strip():
            self._word(line)
        if self._open and line.endswith("}") and (line.startswith("{") or line == "}"):
            try:
                found = json.loads("\n".join(self._open))
            except (ValueError, RecursionError):
                self._give_up()
                return
            self._open = []
            if isinstance(found, dict):
                yield found

    def _give_up(self) -> None:
        for line in self._open:
            self._word(line)
        self._open = []

    def _word(self, line: str) -> None:
        self.words = [*self.words[1 - WORDS_KEPT :], plain(line)]
