"""The labels and names of what the course makes. They help to find and to read; whose an object is they don't prove.

Proof is the journal's: see `helpers.engine.ownership.ledger`. Names begin with `hs-`, as the harbour shop, so that a
command in the text can be typed as it stands, and hits nobody's own `web`. Where several learners use one engine
(`shared`), the learner's number ends each name, so that two never ask for the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from helpers import store
from helpers.errors import WrongUse

COURSE = "containers-unpacked"
SESSION = f"{COURSE}.session"
SCENE = f"{COURSE}.scene"
HELPER = f"{COURSE}.helper"  # on what the course makes for a moment, for itself: which kind it is
NONCE = f"{COURSE}.nonce"  # on containers, networks and volumes: drawn for each, and in the journal

PREFIX = "hs-"
SHARED = "COURSE_SHARED"  # 1: several learners use this engine; 0: one does; else what `found_shared` was told
_FOUND = "shared.json"
_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_DRAWN = re.compile(r"hs-[a-z0-9][a-z0-9-]*|cu-[a-z0-9][a-z0-9-]*-[0-9a-f]{4}(?:[0-9a-f]{4})?")  # cu-: until 2026
_NUMBERED = re.compile(r"(?:hs|cu)-[a-z0-9][a-z0-9-]*-([0-9a-f]{8})")


def labels(scene: str) -> dict[str, str]:
    """The labels an object of `scene` is made with, for this learner. The client adds a nonce."""
    return {COURSE: "1", SESSION: store.learner(), SCENE: scene}


def helper_labels(scene: str, kind: str) -> dict[str, str]:
    """The same for a helper of that kind: the desk does not draw it."""
    return {**labels(scene), HELPER: kind}


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


def shared() -> bool:
    """True if several learners use this engine: COURSE_SHARED says so, or what was found as the last scene began."""
    said = said_shared()
    return store.read(_FOUND, default=False) is True if said is None else said


def said_shared() -> bool | None:
    """What COURSE_SHARED says of it; None if it says nothing."""
    return {"0": False, "1": True}.get(os.environ.get(SHARED, ""))


def found_file() -> Path:
    """Where that is noted: `true` or `false`."""
    return store.state() / _FOUND


def found_shared(found: bool) -> None:
    """Notes what was found. Raises: StoreError."""
    if store.read(_FOUND, default=False) is not found:
        store.write(_FOUND, found)


def word(name: str) -> str:
    """What the text and the pictures call it: "hs-web", for "web" and for "hs-web".

    Raises: WrongUse unless it is lower-case letters, digits and dashes.
    """
    if not isinstance(name, str) or not is_word(name):
        raise WrongUse(
            f"{name!r} is not a name here.",
            "names are lower-case letters, digits and dashes, at most 41 of them",
            'Choose one such as "hs-web" or "hs-my-shop".',
        )
    return f"{PREFIX}{name.removeprefix(PREFIX)}"


def is_word(name: str) -> bool:
    """True if `word` takes it."""
    return _WORD.fullmatch(name.removeprefix(PREFIX)) is not None


def means(which: str, name: str) -> bool:
    """True if `which` is the word `name`, with its prefix or without it."""
    return name in (which, f"{PREFIX}{which}")


def object_name(name: str) -> str:
    """The name on the engine of what the learner calls `name`: the same, and their number where others work, too.

    Raises: WrongUse, see `word`.
    """
    whole = word(name)
    return f"{whole}-{store.learner()}" if shared() and not whole.endswith(f"-{store.learner()}") else whole


def short_name(full: str) -> str:
    """The learner's word for the object called `full`; `full` itself if it is not one of ours."""
    suffix = f"-{store.learner()}"
    return full[: -len(suffix)] if full.startswith(PREFIX) and full.endswith(suffix) else full


def drawn_for(reference: str) -> str:
    """The learner that the course draws an image's reference for; "" if it is no such reference, or has no number.

    It tells whose a name would be, not who gave it.
    """
    found = _NUMBERED.fullmatch(repository(reference))
    return found[1] if found else ""


def drawn_here(reference: str) -> bool:
    """True if an image's reference is one that the course would draw for this learner."""
    return drawn(repository(reference)) and not of_another(reference)


def repository(reference: str) -> str:
    """The last part of an image's name, without its tag: what the course draws of it."""
    return reference.rpartition(":")[0].rpartition("/")[2]


def of_another(reference: str) -> bool:
    """True if an image's reference is one that the course draws for another learner than this one."""
    return drawn_for(reference) not in ("", store.learner())


def drawn(full: str) -> bool:
    """True if `full` is a name as the course draws them, this learner's or another's."""
    return _DRAWN.fullmatch(full) is not None
