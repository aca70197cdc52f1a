"""What an image says of itself: how its containers start, what it is for, where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpers.engine.model.image import Named
from helpers.oci.history import Origin
from helpers.oci.reference import Reference


@dataclass(frozen=True, kw_only=True)
class Anatomy(Named):
    """One image. id: as the engine knows it. names: every tag that leads to it. size: of its layers together.

    parts: the reference taken apart; None for an id. layers: how many.
    """

    id: str
    names: tuple[str, ...]
    parts: Reference | None
    platform: str
    created: str
    size: int
    layers: int
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    user: str = ""
    folder: str = ""
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    history: tuple[Origin, ...] = ()

    @property
    def starts(self) -> tuple[str, ...]:
        """What a container of it runs if it is given no command."""
        return (*self.entrypoint, *self.command)


@dataclass(frozen=True, kw_only=True)
class Tagged(Named):
    """A name that leads to an image, and what it led to before.

    reference: the name. id: of the image now. before: the id that the name led to until now; "" if to none.
    others: names that lead to the same image. left: containers of the course that keep the image it led to before.
    """

    id: str
    before: str = ""
    others: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    name: str = ""

    @property
    def moved(self) -> bool:
        """True if the name led to another image before."""
        return bool(self.before) and self.before != self.id
