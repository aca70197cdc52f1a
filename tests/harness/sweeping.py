"""What the clean-up takes of the steps of builds, as tests ask for it."""

from __future__ import annotations

from helpers.engine.client import Client
from helpers.engine.scene import image_sweep


def swept(client: Client) -> tuple[str, ...]:
    """Takes them; the ids of what went."""
    gone, _ = image_sweep.sweep(client, named=False)
    return tuple(owned.id for owned in gone)
