"""Images as the course speaks of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Named:
    """Whatever stands for one image on the engine: containers can be made from it.

    reference: the name the engine knows it by, such as "localhost/course/busybox:1".
    """

    reference: str
