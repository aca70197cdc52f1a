"""The labels and names of what the course makes. They help to find and to read; whose an object is they don't prove.

Proof is the journal's: see `helpers.engine.ownership.ledger`. Names are `cu-<scene>-<name>-<learner>`, so that two
learners on one engine never ask for the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpers import store
from helpers.errors import WrongUse

COURSE = "containers-unpacked"
SESSION = f"{COURSE}.session"
SCENE = f"{COURSE}.scene"
NONCE = f"{COURSE}.nonce"  # on containers, networks and volumes: drawn for each, and in the journal

_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_DRAWN = re.compile(r"cu-[a-z0-9][a-z0-9-]*-[0-9a-f]{4}(?:[0-9a-f]{4})?")  # four digits: until November 2026


def labels(scene: str) -> dict[str, str]:
    """The labels an object of `scene` is made with, for this learner. The client adds a nonce."""
    return {COURSE: "1", SESSION: store.learner(), SCENE: scene}


def filters(*, scene: str | None = None, everyone: bool = False) -> dict[str, list[str]]:
    """The engine's filter for what carries the labels: this learner's, or everyone's on this engine."""
    wanted = [f"{COURSE}=1"]
    if not everyone:
        wanted.append(f"{SESSION}={store.learner()}")
    if scene is not None:
        wanted.append(f"{SCENE}={scene}")
    return {"label": wanted}


def carried(found: Mapping[str, str] | None, *, everyone: bool = False) -> bool:
    """True if `found`, the labels of an object, are this learner's, or anyone's. An object can have inherited them."""
    if not found or found.get(COURSE) != "1":
        return False
    return everyone or found.get(SESSION) == store.learner()


def object_name(scene: str, name: str) -> str:
    """The name on the engine of what the learner calls `name`.

    Raises: WrongUse unless both are lower-case letters, digits and dashes.
    """
    for word in (scene, name):
        if not isinstance(word, str) or not _WORD.fullmatch(word):
            raise WrongUse(
                f"{word!r} is not a name here.",
                "names are lower-case letters, digits and dashes, at most 41 of them",
                'Choose one such as "web" or "my-shop".',
            )
    return f"cu-{scene}-{name}-{store.learner()}"


def short_name(full: str, scene: str | None) -> str:
    """The learner's word for the object called `full`; `full` itself if it is not one of ours."""
    prefix = f"cu-{scene}-" if scene else ""
    suffix = f"-{store.learner()}"
    if prefix and full.startswith(prefix) and full.endswith(suffix) and len(full) > len(prefix) + len(suffix):
        return full[len(prefix) : -len(suffix)]
    return full


def drawn_for(reference: str) -> str:
    """The learner that the course draws an image's reference for; "" if it is no such reference.

    It tells whose a name would be, not who gave it.
    """
    repository = reference.rpartition(":")[0].rpartition("/")[2]
    whose = repository.rpartition("-")[2]
    return whose if drawn(repository) and len(whose) == len(store.learner()) else ""


def of_another(reference: str) -> bool:
    """True if an image's reference is one that the course draws for another learner than this one."""
    return drawn_for(reference) not in ("", store.learner())


def drawn(full: str) -> bool:
    """True if `full` is a name as the course draws them, this learner's or another's."""
    return _DRAWN.fullmatch(full) is not None
