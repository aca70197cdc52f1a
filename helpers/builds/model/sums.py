"""Sums that tell nothing to whoever lacks the learner's key: a short value could be guessed from a bare one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_BYTES = 16


@dataclass(frozen=True)
class Sums:
    """Makes sums with one key. Any length of key will do."""

    key: bytes

    def __call__(self, *words: str) -> str:
        """The sum of some words: as hex; another one if they are split otherwise."""
        found = hashlib.blake2b(key=hashlib.sha256(self.key).digest(), digest_size=_BYTES)
        for word in words:
            data = word.encode("utf-8", "surrogateescape")
            found.update(b"%d:" % len(data))
            found.update(data)
        return found.hexdigest()
