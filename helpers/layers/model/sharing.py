"""Which layers images have in common, and what one more of them costs.

A registry stores single layers, so a layer with the same bytes is stored once, wherever it stands. A disk stacks them:
it shares a layer only together with all that lies below it, the images' common beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One layer of an image. id: the checksum of its bytes. size: in bytes. command: the instruction that made it."""

    id: str
    size: int
    command: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """One image. pieces: its layers, the lowest first."""

    name: str
    reference: str
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        """Bytes of all layers."""
        return sum(piece.size for piece in self.pieces)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the layers, the lowest first."""
        return tuple(piece.id for piece in self.pieces)


@dataclass(frozen=True, kw_only=True)
class Base:
    """The image that another one was built on. layers, steps: how many of the other's lowest ones are its own."""

    name: str
    layers: int
    steps: int


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Another image on the engine. common: how many layers it has in common with this one, from the lowest up."""

    name: str
    common: int


@dataclass(frozen=True, kw_only=True)
class Around:
    """What is on the engine around one image. neighbours: the others that share at least its lowest layer.

    name: what a learner calls the image; "" for its reference.
    """

    name: str = ""
    base: Base | None = None
    neighbours: tuple[Neighbour, ...] = ()

    def having(self, layer: int) -> tuple[str, ...]:
        """The names of the images that share the layer of that number, from 1 for the lowest."""
        return tuple(neighbour.name for neighbour in self.neighbours if neighbour.common >= layer)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What `new` costs who has all images of `has`.

    sent: bytes of the layers that are in none of those; a push sends them. stored: bytes above the longest beginning
    that is there: what a pull adds to the disk. An engine with the classic store fetches all of these, one with
    containerd's only what is new. shared: how many layers that beginning has. twice: layers that are there, yet are
    stored once more, because what lies below them differs.
    """

    new: str
    has: tuple[str, ...]
    sent: int
    stored: int
    shared: int
    twice: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True)
class Block:
    """A layer as it is drawn: once for all columns from `first` to `last` that have it on top of the same layers.

    level: from 0 for the lowest. known: the same bytes lie in another block, too.
    """

    piece: Piece
    level: int
    first: int
    last: int
    known: bool


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """Images side by side. columns: in the order they were named."""

    columns: tuple[Column, ...]

    @property
    def apart(self) -> int:
        """Bytes if each image had a disk of its own."""
        return sum(column.size for column in self.columns)

    @property
    def on_disk(self) -> int:
        """Bytes on one disk: each beginning once."""
        return sum(
            {column.ids[: n + 1]: p.size for column in self.columns for n, p in enumerate(column.pieces)}.values()
        )

    @property
    def in_registry(self) -> int:
        """Bytes in one registry: each layer once. A registry packs them, so there are fewer in fact."""
        return sum({piece.id: piece.size for column in self.columns for piece in column.pieces}.values())

    @property
    def order(self) -> tuple[Column, ...]:
        """The columns, those with a common beginning side by side, and the first one as far left as can be."""
        named = {id: n for n, id in enumerate(dict.fromkeys(id for column in self.columns for id in column.ids))}
        return tuple(sorted(self.columns, key=lambda column: [named[id] for id in column.ids]))

    def common(self, one: Column, other: Column) -> int:
        """How many layers the two have in common, from the lowest up."""
        return beginning(one.ids, other.ids)

    def cost(self, new: Column, has: tuple[Column, ...]) -> Cost:
        """What `new` costs who has all of `has`."""
        there = {id for column in has for id in column.ids}
        shared = max((self.common(new, column) for column in has), default=0)
        above = new.pieces[shared:]
        return Cost(
            new=new.name,
            has=tuple(column.name for column in has),
            sent=sum({piece.id: piece.size for piece in new.pieces if piece.id not in there}.values()),
            stored=sum(piece.size for piece in above),
            shared=shared,
            twice=tuple(piece for piece in above if piece.id in there),
        )

    def costs(self) -> tuple[Cost, ...]:
        """Each image after the first, for who has those named before it."""
        return tuple(self.cost(column, self.columns[:n]) for n, column in enumerate(self.columns) if n)

    def blocks(self) -> tuple[Block, ...]:
        """What is drawn, column by column of `order`, the lowest first."""
        order = self.order
        found: list[tuple[Piece, int, int, int]] = []
        for first, column in enumerate(order):
            for level, piece in enumerate(column.pieces):
                if first and order[first - 1].ids[: level + 1] == column.ids[: level + 1]:
                    continue
                last = first
                while last + 1 < len(order) and order[last + 1].ids[: level + 1] == column.ids[: level + 1]:
                    last += 1
                found.append((piece, level, first, last))
        times: dict[str, int] = {}
        for piece, *_ in found:
            times[piece.id] = times.get(piece.id, 0) + 1
        return tuple(
            Block(piece=piece, level=level, first=first, last=last, known=times[piece.id] > 1)
            for piece, level, first, last in found
        )


def beginning(one: Sequence[str], other: Sequence[str]) -> int:
    """How many ids two images have in common, from the lowest layer up."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
