"""What one file of one layer holds, and how far reading an image is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Content:
    """The beginning of one file as one layer stores it, whether or not a container can see it.

    layer: its index in Analysis.layers. instruction: what made that layer. size: bytes of the whole file. content: its
    first bytes. hidden_by: the index of the step that hides it from containers; None if they see it.
    """

    image: str
    path: str
    layer: int
    instruction: str
    size: int
    content: bytes
    hidden_by: int | None = None

    @property
    def complete(self) -> bool:
        """True if `content` is the whole file."""
        return len(self.content) == self.size

    @property
    def is_text(self) -> bool:
        """True if it reads as text: UTF-8, and no zero bytes."""
        if b"\0" in self.content:
            return False
        cut = 0 if self.complete else 3  # a character may be cut in the middle
        for length in range(len(self.content), len(self.content) - cut - 1, -1):
            try:
                self.content[: max(length, 0)].decode()
            except UnicodeDecodeError:
                continue
            return True
        return False

    @property
    def text(self) -> str:
        """The content as text; what is none is marked."""
        return self.content.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the reading of an image is.

    done, total: bytes; total is about, None if not known. layer: the number of layers begun; layers: of how many.
    seconds_left: None until it can be told.
    """

    done: int
    total: int | None
    layer: int
    layers: int
    seconds_left: float | None


@dataclass(frozen=True, kw_only=True)
class ImageLayers:
    """One image of the engine and its layers' ids, the lowest first. sizes: bytes, as far as analysed; else None."""

    names: tuple[str, ...]
    id: str
    diff_ids: tuple[str, ...]
    sizes: tuple[int | None, ...]

    @property
    def name(self) -> str:
        """A name to call it by."""
        return self.names[0] if self.names else self.id.removeprefix("sha256:")[:12]

    def common(self, other: ImageLayers) -> int:
        """How many layers both begin with: these a graph-driver store keeps once."""
        return common(self.diff_ids, other.diff_ids)

    def also(self, other: ImageLayers) -> tuple[int, ...]:
        """Places of the layers that `other` has, too, wherever: these a registry keeps, and sends, once."""
        theirs = set(other.diff_ids)
        return tuple(place for place, diff_id in enumerate(self.diff_ids) if diff_id in theirs)


def common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many layers two images both begin with. first, second: their diff ids, the lowest first."""
    count = 0
    for mine, theirs in zip(first, second, strict=False):
        if mine != theirs:
            break
        count += 1
    return count
