"""Tells how far the reading of an image is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from helpers.layers.model.content import Reading

Progress = Callable[[Reading], None]


class Meter:
    """Counts what comes by. say: is told. total: bytes, if known, else 0. layers: how many different ones."""

    def __init__(self, say: Progress | None, total: int, layers: int) -> None:
        self._say, self._total, self._layers = say, total, layers
        self._done = self._layer = 0
        self._started = 0.0

    def began(self) -> None:
        """A layer begins."""
        self._layer += 1

    def add(self, size: int) -> None:
        """So many bytes more came by, or what stands for them."""
        if self._say is None:
            return
        now = time.monotonic()
        self._started = self._started or now
        self._done += size
        total = max(self._total, self._done) if self._total else None
        spent = now - self._started
        left = spent / self._done * (total - self._done) if total and self._done and spent > 0.5 else None
        self._say(Reading(self._done, total, min(self._layer, self._layers), self._layers, left))

    def watched(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, told of."""
        for piece in pieces:
            self.add(len(piece))
            yield piece
