"""Mistakes made on purpose: a cell that shows what goes wrong, and is right only if it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpers.drawing.figure import Figure, Shows
from helpers.errors import CourseError, WrongUse
from helpers.scenes.views import mistakes as views

__all__ = ["mistake"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Mistake(Shows):
    """An error that was meant to happen. error: as it was raised."""

    error: CourseError

    def figure(self) -> Figure:
        return views.mistake(type(self.error).__name__, self.error.what, self.error.why, self.error.next_step)


def mistake(do: Callable[[], object]) -> Mistake:
    """Calls `do()`, which is meant to fail, and shows the error in place of a traceback.

    do: without arguments, such as `lambda: containers.run("no-such-image", "true")`.

    Raises: CourseError if nothing fails; whatever fails in another way than the course's own is passed on.
    """
    if not callable(do):
        raise WrongUse(
            "mistake needs something to call.",
            f"it was given {type(do).__name__}, which was there before the watching began",
            'Put lambda: in front: mistake(lambda: containers.run(IMAGE, "true"))',
        )
    try:
        do()
    except CourseError as error:
        return Mistake(error=error)
    raise CourseError(
        "This was meant to fail, and it did not.",
        "the engine differs from what the course expects, or the cell was changed",
        "Run the cells before this one again.",
    )


def __dir__() -> list[str]:
    return list(__all__)
