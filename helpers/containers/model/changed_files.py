"""What a container has changed in its file system, and what its writable layer weighs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from helpers.engine.model.container import Container, State
from helpers.engine.model.image import Named

READ = 256 * 1024  # bytes of a file that are read


class Kind(Enum):
    """How a path differs from the image; the docker command's letters are A, C and D."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"

    @property
    def letter(self) -> str:
        """As `docker diff` prints it."""
        return {"added": "A", "changed": "C", "removed": "D"}[self.value]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One path that differs from the image."""

    kind: Kind
    path: str


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Everything that one container has added, changed and removed, by path."""

    container: Container
    changes: tuple[Change, ...]

    @property
    def own(self) -> tuple[Change, ...]:
        """Without folders that count as changed only because something in them did."""
        paths = [change.path for change in self.changes]
        return tuple(
            change
            for change in self.changes
            if change.kind is not Kind.CHANGED
            or not any(path.startswith(f"{change.path.rstrip('/')}/") for path in paths)
        )


@dataclass(frozen=True, kw_only=True)
class Copied:
    """One file of a container: its text as far as it is shown. written: it was put there just now."""

    container: Container
    path: str
    text: str
    size: int
    written: bool = False

    @property
    def cut(self) -> bool:
        """True if the file is longer than what is shown."""
        return not self.written and self.size > READ


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One read-only layer of an image. made_by: the instruction. size: in bytes, as the engine counts."""

    made_by: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One container and the weight of its writable layer, in bytes. changes: how many paths; None if not asked."""

    name: str
    full_name: str
    state: State
    size: int
    changes: tuple[Change, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Family(Named):
    """One image, and the containers of the course that were made from it, oldest first."""

    image: str
    layers: tuple[Sheet, ...]
    copies: tuple[Copy, ...]

    @property
    def image_size(self) -> int:
        """Of the read-only layers, which all share."""
        return sum(layer.size for layer in self.layers)

    @property
    def own_size(self) -> int:
        """Of all writable layers together."""
        return sum(copy.size for copy in self.copies)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a number of containers takes on the disk: the image once, and each one's own."""

    number: int
    own_size: int


@dataclass(frozen=True, kw_only=True)
class Costs(Named):
    """The same for several numbers of containers. written: bytes that each of them wrote."""

    image: str
    image_size: int
    written: int
    costs: tuple[Cost, ...]
