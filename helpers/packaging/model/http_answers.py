"""What several containers answered to the same questions, byte for byte."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from helpers.engine.model.container import Container


@dataclass(frozen=True, kw_only=True)
class Body:
    """One answer. digest: SHA-256 of its body, in hex. size: bytes. status: of HTTP.

    cut: the body was longer than what is read; digest and size are of the part that was read.
    """

    status: int
    digest: str
    size: int
    cut: bool = False

    @property
    def same_as(self) -> tuple[int, str, bool]:
        """Equal for answers that are the same byte for byte."""
        return self.status, self.digest, self.cut


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One container: the learner's word for it, and an answer a path, in their order."""

    name: str
    container: Container
    bodies: tuple[Body, ...]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Paths against containers."""

    paths: tuple[str, ...]
    asked: tuple[Asked, ...]

    @property
    def same(self) -> bool:
        """True if all containers gave the same answer for every path."""
        return all(not self.odd(path) for path in self.paths)

    def row(self, path: str) -> tuple[Body, ...]:
        """The answers for one path, in the order of the containers."""
        index = self.paths.index(path)
        return tuple(one.bodies[index] for one in self.asked)

    def odd(self, path: str) -> tuple[str, ...]:
        """Who gave another answer than most did; where no answer is in front, than the first container."""
        row = self.row(path)
        if not row:
            return ()
        counted = Counter(body.same_as for body in row)
        most = max(counted.values())
        usual = next(body.same_as for body in row if counted[body.same_as] == most)
        return tuple(one.name for one, body in zip(self.asked, row, strict=True) if body.same_as != usual)
