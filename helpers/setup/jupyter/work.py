"""The learner's folder: where the terminal starts. The course puts copies there once, and never writes over one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from helpers import store

CHECKOUT = Path(__file__).resolve().parents[3]
COPIED = ("notebooks/harbour-shop",)  # a lab's files come when it is opened: helpers.lab.labs


def ready(say: Callable[[str], None]) -> Path | None:
    """Makes it and puts the copies there that were never put; None, said, if it can't be written.

    What was copied once is not copied again, even if the learner deleted it.
    """
    place = store.work()
    noted = place / ".copied"
    try:
        place.mkdir(parents=True, exist_ok=True)
        done = set(noted.read_text(encoding="utf-8").split("\n")) if noted.exists() else set()
        for source in map(Path, COPIED):
            if source.name in done:
                continue
            if not (place / source.name).exists():
                _copy(CHECKOUT / source, place / source.name)
            done.add(source.name)
            noted.write_text("\n".join(sorted(done - {""})) + "\n", encoding="utf-8")
    except OSError as error:
        say(f"The terminal starts elsewhere: {place} can't be written ({error}). COURSE_WORK names another folder.")
        return None
    return place


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all."""
    fresh = target.with_name(f".{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    unwanted = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    shutil.copytree(source, fresh, ignore=unwanted, copy_function=shutil.copy)  # with times of their own, for BuildKit
    fresh.replace(target)
