"""Containers, Unpacked: the helper library of the course.

`from helpers import containers, images, scene` connects to nothing and starts nothing; the first call does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers import containers, daemon, images, isolation, lab, layers, networks, packaging
    from helpers.daemon import doctor, trace
    from helpers.lab.exercises import exercise
    from helpers.lab.progress import progress
    from helpers.lab.quizzes import predict, quiz
    from helpers.scenes import cleanup, scene
    from helpers.scenes.mistakes import mistake

__all__ = [
    "cleanup",
    "containers",
    "daemon",
    "doctor",
    "exercise",
    "images",
    "isolation",
    "lab",
    "layers",
    "mistake",
    "networks",
    "packaging",
    "predict",
    "progress",
    "quiz",
    "scene",
    "trace",
]

# Where each public name lives. Loaded when first used: docker-py alone takes a tenth of a second.
_HOME = {
    "cleanup": "scenes",
    "scene": "scenes",
    "doctor": "daemon",
    "trace": "daemon",
    "mistake": "scenes.mistakes",
    "exercise": "lab.exercises",
    "predict": "lab.quizzes",
    "progress": "lab.progress",
    "quiz": "lab.quizzes",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'helpers' has no attribute {name!r}")
    if name in _HOME:
        return getattr(import_module(f"helpers.{_HOME[name]}"), name)
    return import_module(f"helpers.{name}")


def __dir__() -> list[str]:
    return list(__all__)
