"""Containers, Unpacked: the helper library of the course.

`from helpers import containers, images, scene` connects to nothing and starts nothing; the first call does.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.daemon import doctor as doctor
    from helpers.daemon import trace as trace
    from helpers.lab.exercises import exercise as exercise
    from helpers.lab.here import here as here
    from helpers.lab.progress import progress as progress
    from helpers.lab.quizzes import predict as predict
    from helpers.lab.quizzes import quiz as quiz
    from helpers.lab.review import review as review
    from helpers.scenes import cleanup as cleanup
    from helpers.scenes import scene as scene
    from helpers.scenes.mistakes import mistake as mistake

# Verbs that are at hand without their topic's name. Loaded when first used: docker-py alone takes a tenth of a second.
_VERBS = {
    "cleanup": "scenes",
    "doctor": "daemon",
    "exercise": "lab.exercises",
    "here": "lab.here",
    "mistake": "scenes.mistakes",
    "predict": "lab.quizzes",
    "progress": "lab.progress",
    "quiz": "lab.quizzes",
    "review": "lab.review",
    "scene": "scenes",
    "trace": "daemon",
}
# What learners don't type; every other package beside this file is a topic.
_GROUND = {"book", "drawing", "engine", "oci", "scenes", "setup"}
_TOPICS = {room.parent.name for room in Path(__file__).parent.glob("*/__init__.py")} - _GROUND

__all__ = sorted({*_VERBS, *_TOPICS})


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        return getattr(import_module(f"helpers.{_VERBS[name]}"), name)
    if name in _TOPICS:
        return import_module(f"helpers.{name}")
    raise AttributeError(f"module 'helpers' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
