"""What a learner has done, kept in the state folder on this computer and nowhere else.

Each change reads the file, adds to it and writes it again under a lock, so that two kernels lose nothing of each other.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from helpers import store
from helpers.drawing.figure import Shows
from helpers.errors import StoreError
from helpers.lab import catalogue
from helpers.lab.model import progress as models
from helpers.lab.model.progress import Overview, Progress
from helpers.lab.model.quiz import Guess, Option, Quiz
from helpers.lab.views import progress as views

__all__ = ["progress"]

FILE = "progress.json"
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
_SECONDS = 10.0  # the other kernel holds the lock for milliseconds


class ShownOverview(Shows, Overview):
    """The overview, shown."""

    figure = views.overview


def progress() -> ShownOverview:
    """Shows chapters and objectives with how far you are. For your eyes only: every check measures anew.

    Raises: StoreError if the file can't be read.
    Equivalent: no docker command; the file is readable, and its path stands under "As text".
    """
    done = read()
    known = catalogue.quizzes()
    return ShownOverview.of(
        models.overview(
            done,
            chapters(),
            checks=tasks(),
            quizzes={id: quiz.objective for id, quiz in known.items()},
            set_aside=_set_aside(),
            file=str(store.state() / FILE),
        )
    )


def read() -> Progress:
    """What has been done so far.

    Raises: StoreError if the file can't be read.
    """
    with _mine() as found:
        return found


def checked(task: str, *, objective: str, mark: str, passed: bool) -> None:
    """Notes that a task was checked. mark: the verdict's word.

    Raises: StoreError if it can't be written.
    """
    _note("checks", task, objective=objective, last=mark, done=passed)


def answered(quiz: Quiz, option: Option) -> None:
    """Notes that a quiz was answered.

    Raises: StoreError if it can't be written.
    """
    _note("quizzes", quiz.id, objective=quiz.objective, last=option.id, done=option.right)


def guessed(asked: Guess, last: str, *, right: bool) -> None:
    """Notes that a learner committed to a guess. last: the guess, as it is found again.

    Raises: StoreError if it can't be written.
    """
    _note("guesses", asked.id, objective=asked.objective, last=last, done=right)


def chapters(folder: Path | None = None) -> tuple[models.Chapter, ...]:
    """The chapters and their objectives, from the notebooks as they are now; one that can't be read is left out."""
    found = []
    for path in sorted((folder or NOTEBOOKS).glob("[0-9][0-9]-*.ipynb")):
        with contextlib.suppress(OSError, ValueError):
            one = models.chapter(json.loads(path.read_text(encoding="utf-8")))
            if one is not None and one.objectives:
                found.append(one)
    return tuple(found)


def tasks() -> dict[str, str]:
    """Every task of the course with its objective."""
    return {task.id: task.objective for task in catalogue.tasks().values()}


def _note(kind: str, id: str, *, objective: str, last: str, done: bool) -> None:
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    with _mine() as before:
        after = before.with_one_more(kind, id, objective=objective, last=last, done=done, at=now)
        store.write(FILE, after.as_json())


@contextlib.contextmanager
def _mine() -> Iterator[Progress]:
    """What is on disk, while no other kernel changes it. What makes no sense is set aside first, whole."""
    try:
        with store.locked("progress", seconds=_SECONDS):
            value = store.read(FILE, None)
            if value is None:
                yield Progress()
                return
            found, whole = models.from_json(value)
            if not whole:
                _put_aside(store.state() / FILE)
                store.write(FILE, found.as_json())
            yield found
    except OSError as error:
        raise StoreError(
            "Your progress can't be noted down.", str(error), "Free some space, or look at the folder's permissions."
        ) from error


def _put_aside(path: Path) -> None:
    stem = f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}"
    taken = {other.name for other in path.parent.glob(f"{stem}*")}
    path.replace(path.with_name(stem if stem not in taken else f"{stem}-{len(taken) + 1}"))


def _set_aside() -> tuple[str, ...]:
    return tuple(sorted(path.name for path in store.state().glob(f"{FILE}.damaged-*")))
