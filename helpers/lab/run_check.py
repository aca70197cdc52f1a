"""One check, from the question to the verdict: bounded in time, without a traceback, without leftovers."""

from __future__ import annotations

import os
import time

from helpers.errors import CourseError, EngineNotReachable, WaitedTooLong
from helpers.lab.look import Look
from helpers.lab.model.verdict import State, Verdict
from helpers.lab.outcome import CantTell, NotAttempted, NotYet
from helpers.lab.task import Task


def check(task: Task, look: Look) -> Verdict:
    """Runs the task's check.

    Whatever goes wrong in it becomes a verdict. With COURSE_STRICT=1, as in the tests, an error of the check itself,
    which would be ours, is raised.
    """
    started = time.monotonic()

    def verdict(state: State, **more: object) -> Verdict:
        found: dict[str, object] = {"task": task.id, "title": task.title, "state": state, **more}
        return Verdict(seconds=time.monotonic() - started, **found)  # type: ignore[arg-type]

    try:
        task.check(look)
    except NotAttempted:
        return verdict(State.NOT_ATTEMPTED)
    except NotYet as found:
        return verdict(
            State.NOT_YET,
            expected=found.expected,
            found=found.found,
            look=found.look,
            mistake=found.mistake,
            hint=task.mistakes[found.mistake] if found.mistake else "",
        )
    except CantTell as reason:
        return verdict(State.CANT_TELL, found=(str(reason),), look="Check again later.")
    except EngineNotReachable as error:
        return verdict(State.CANT_TELL, found=(error.what,), look=error.next_step)
    except WaitedTooLong as error:
        return verdict(State.CANT_TELL, found=(f"{error.what} {error.why}".strip(),), look="Check again.")
    except CourseError as error:
        return verdict(State.CANT_TELL, found=(f"{error.what} {error.why}".strip(),), look=error.next_step)
    except Exception as error:
        if os.environ.get("COURSE_STRICT") == "1":
            raise
        return verdict(
            State.CANT_TELL,
            found=(f"the check itself failed ({type(error).__name__}: {error})",),
            look="This is a mistake of the course's, not yours. Go on with the next task.",
        )
    return verdict(State.PASSED, found=look.noted)
