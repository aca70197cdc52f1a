"""Whose a thing is, as far as the desk draws it: the journal's, and what appeared since the learner sat down.

This decides what is shown, and what a log or an inspect may be asked of. What may be changed or removed only the
journal says (`helpers.engine.ownership`); the desk changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from helpers.engine import location
from helpers.engine.client import Client
from helpers.engine.model.base_images import PREFIX
from helpers.engine.model.location import Where
from helpers.engine.ownership import labels
from helpers.engine.ownership.ledger import Ledger
from helpers.engine.scene import appeared
from helpers.engine.session import DESK

BUILT_IN = ("bridge", "host", "none", "podman")  # networks that every engine has


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Tells the learner's things on one engine from all others.

    before: ids by kind of what was there when the learner sat down. shared: others use the engine, so that what is
    new there may be theirs.
    """

    ledger: Ledger
    learner: str
    before: Mapping[str, frozenset[str]]
    shared: bool = False

    def mine(self, kind: str, object_id: str, name: str, found: Mapping[str, str] | None) -> bool:
        """True for a container, network or volume of the learner's. found: its labels."""
        carried = found or {}
        if labels.HELPER in carried or (kind == "network" and name in BUILT_IN):
            return False  # the engine makes its own networks anew, with another id, whenever it starts
        if self.ledger.entry(kind, object_id, carried) is not None:
            return True
        if labels.carried(carried, everyone=True) and carried.get(labels.SESSION) != self.learner:
            return False
        new = object_id not in self.before.get(kind, frozenset())
        # where others work, too: what the course's own name says, since a label can be inherited, and a name can't
        return new and (not self.shared or name.endswith(f"-{self.learner}"))

    def image(self, image_id: str, names: Iterable[str]) -> tuple[str, ...]:
        """Those of an image's names that the course gave, or that are new; none if it is not the learner's.

        A base image's own name is no learner's, but one that they gave it is.
        """
        new = image_id not in self.before.get("image", frozenset())
        known = self.before.get(appeared.NAMES)

        def mine(name: str) -> bool:
            if is_base(name):
                return False
            if self.ledger.named(image_id, name) is not None:
                return True
            named_now = known is not None and name not in known and not name.startswith("sha256:")
            return not self.shared and (new or named_now)

        return tuple(sorted(name for name in names if mine(name)))


def is_base(name: str) -> bool:
    """True for the name of one of the course's base images."""
    return name.removeprefix("docker.io/").startswith(f"{PREFIX}/")


def beginning(client: Client) -> Mapping[str, frozenset[str]]:
    """What is on this engine now, unless it was noted before; see `appeared.remember`.

    Raises: StoreError.
    """
    appeared.remember(client, DESK)
    return appeared.before(client)


def is_remote(client: Client) -> bool:
    """True if the engine is another computer's. One HTTP call."""
    return location.where(client).where is Where.REMOTE
