"""Asking the engine again where it stumbled over an image that somebody else removed at that very moment.

It reads a list of images first and each of them then; one that went in between breaks what has nothing to do with it.
Seen with containerd's store, where the time between is longest: the list of images is answered with 404; looking at
one image, with 500; a build ends with `unable to find image "sha256:…"`: for each step it looks in its cache at all
images made from the step before, and those of everybody who builds on the same base image are among them.
"""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from helpers import errors

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds; somebody's whole clean-up goes on for a few
_CHANGED = re.compile(r"data changed during operation|content digest sha256:[0-9a-f]{64}: not found")
_LOST = re.compile(r'unable to find image "?sha256:[0-9a-f]{64}"?')

P = ParamSpec("P")
T = TypeVar("T")


def persist(ask: Callable[[], T], stumbled: Callable[[errors.EngineError], bool]) -> T:
    """What `ask` gives; it is asked again, a bounded number of times, after an error that `stumbled` is true for.

    Raises: the error of the last time, and at once any other.
    """
    for pause in PAUSES:
        try:
            return ask()
        except errors.EngineError as error:
            if not stumbled(error):
                raise
        time.sleep(pause)
    return ask()


def changed(error: errors.EngineError) -> bool:
    """True if what the engine was reading went meanwhile; of what it doesn't know from the start it says otherwise."""
    return isinstance(error, errors.EngineRefused) and bool(_CHANGED.search(error.message))


def building(build: Callable[P, T]) -> Callable[P, T]:
    """`build`, begun again if a step broke because an image that was looked at for the cache had just gone.

    What the broken try made is in the journal already, and comes from the cache the next time.
    """

    @functools.wraps(build)
    def persistently(*args: P.args, **kwargs: P.kwargs) -> T:
        return persist(lambda: build(*args, **kwargs), _lost)

    return persistently


def _lost(error: errors.EngineError) -> bool:
    """True if the engine's whole word is that it lost an image; of one that FROM names it says something else."""
    return isinstance(error, errors.BuildFailed) and error.exit_code is None and bool(_LOST.fullmatch(error.why))
