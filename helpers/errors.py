"""Every error the course raises. One root; the tree is the documentation.

CourseError                     what happened, why, and the next step
├── WrongUse                    a helper was called with a value it can't use
├── NotOurs                     it would have changed something that the course did not make
├── EngineError                 something between us and the engine
│   ├── EngineNotReachable      no engine answered at any address tried
│   │   └── NoPermission        an engine is there, but this user may not talk to it
│   ├── EngineRefused           the engine answered with an error (status, message), or would: no status then
│   │   ├── NotFound            no such image, container, network or volume
│   │   │   └── NoSuchImage
│   │   ├── NoSuchProgram       the image has no program of that name
│   │   ├── NotRunning          the container does not run
│   │   ├── NameTaken           another object has that name
│   │   └── PortTaken           the port to publish is in use
│   ├── EngineInstallFailed     the engine could not be installed or started
│   ├── BuildFailed             an instruction of a Dockerfile failed
│   │   └── BuildStopped        it took more time or room than it may
│   └── WaitedTooLong           a condition was not met in time
├── BaseImageMissing            a base image of the course could not be prepared
├── BundleError                 a bundle file is damaged, foreign, or for another platform
├── ArchiveError                an image file is damaged, foreign, or can't be written
├── BookFailed                  a chapter failed while the book was made, or a page has a fault
└── StoreError                  the state folder can't be read or written
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers.plain_text import plain


class CourseError(Exception):
    """The root: catches every error the course raises on purpose.

    what: one sentence, what happened.
    why: the reason, as far as it is known; may be empty.
    next_step: what the reader can do now; may be empty.
    """

    def __init__(self, what: str, why: str = "", next_step: str = "") -> None:
        self.what = what
        self.why = why
        self.next_step = next_step
        super().__init__(what, why, next_step)

    def __str__(self) -> str:
        lines = [self.what]
        if self.why:
            lines.append(f"Why: {self.why}")
        if self.next_step:
            lines.append(f"Next: {self.next_step}")
        return plain("\n".join(lines), lines=True)  # an engine's words, an image's names

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a stack of frames that would not help a learner."""
        return [f"{type(self).__name__}: {self}"]


class WrongUse(CourseError, ValueError):
    """Raised if a helper is called with a value that it can't use, before the engine is asked."""


class NotOurs(CourseError):
    """Raised before anything is removed, replaced or changed that the course did not make."""


class EngineError(CourseError):
    """Something went wrong between the course and the engine."""


@dataclass(frozen=True)
class Tried:
    """One address that was tried, and what it said."""

    address: str
    reason: str


class EngineNotReachable(EngineError):
    """Raised if no Docker engine answers.

    tried: the addresses tried, in order, with what each said.
    """

    def __init__(self, tried: tuple[Tried, ...], *, next_step: str = "") -> None:
        self.tried = tried
        super().__init__(
            what="No Docker engine answered.",
            why="; ".join(f"{t.address}: {t.reason}" for t in tried),
            next_step=next_step or "Start Docker Desktop, or run in a terminal: python3 start.py doctor",
        )


class NoPermission(EngineNotReachable):
    """Raised if an engine's socket is there and this user may not open it."""


class EngineRefused(EngineError):
    """Raised if the engine answers a request with an error, or if the course saw from its answers that it would.

    status: the HTTP status of the answer, such as 409; None if no answer had one. message: the engine's own words; ""
    if it said nothing: then `why` is the course's own reason.
    """

    def __init__(
        self, what: str, why: str = "", next_step: str = "", *, status: int | None = None, message: str = ""
    ) -> None:
        self.status = status
        self.message = message
        if message:
            why = f"the engine said: {message}" if status is None else f"the engine said ({status}): {message}"
        super().__init__(what, why, next_step)


class NotFound(EngineRefused):
    """Raised if there is no object of that name or id: the engine says so, or what it listed shows it."""


class NoSuchImage(NotFound):
    """Raised if the engine has no image of that reference. Nothing is pulled in its place."""


class NoSuchProgram(EngineRefused):
    """Raised if the command's first word is no program in the image. The container was made, but never ran."""


class NotRunning(EngineRefused):
    """Raised if what was asked needs a running container."""


class NameTaken(EngineRefused):
    """Raised if another object already has that name."""


class PortTaken(EngineRefused):
    """Raised if the port to publish is in use on the engine's host."""


class EngineInstallFailed(EngineError):
    """Raised if an engine could not be installed, started or stopped."""


class BuildFailed(EngineError):
    """Raised if a build ends without an image.

    line: of the Dockerfile, from 1; None if it can't be told. instruction: the one that failed, "" if not known.
    exit_code: its command's status, if it ran. log: the last lines that the command wrote.
    """

    def __init__(
        self,
        what: str = "",
        *,
        instruction: str,
        exit_code: int | None,
        log: tuple[str, ...],
        line: int | None = None,
        why: str = "",
        next_step: str = "",
    ) -> None:
        self.line = line
        self.instruction = instruction
        self.exit_code = exit_code
        self.log = log
        if not what:
            where = f"Line {line} of the Dockerfile" if line is not None else "The build"
            ended = f" with exit code {exit_code}" if exit_code is not None else ""
            what = f"{where} failed{ended}" + (f": {_short(instruction)}" if instruction else ".")
        super().__init__(what, why or "\n".join(log[-10:]), next_step)


class BuildStopped(BuildFailed):
    """Raised if a build reached one of its bounds. The engine may still be at its last step."""


def _short(text: str, most: int = 100) -> str:
    """`text` on one line, its end cut off if it is long."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


class WaitedTooLong(EngineError):
    """Raised if a condition was not met before its deadline.

    seconds: the time waited. status: the last state seen. log: the last lines of output. place: where the engine is
    and what that means for what was waited for; "" if it means nothing.
    """

    def __init__(
        self, condition: str, *, seconds: float, status: str, log: tuple[str, ...] = (), place: str = ""
    ) -> None:
        self.seconds = seconds
        self.status = status
        self.log = log
        self.place = place
        tail = "\n".join(log[-5:])
        super().__init__(
            what=f"Waited {seconds:g} s, but {condition} did not come.",
            why=(f"{place}; " if place else "")
            + f"the last state seen was: {status}"
            + (f"; its last output:\n{tail}" if tail else ""),
            next_step="Run the cell again. If it stays like this, the state above says where to look."
            if not place
            else "Run the cell again. To call a port from here, have it forwarded, for example by an SSH tunnel.",
        )


class BaseImageMissing(CourseError):
    """Raised if a base image of the course could not be prepared from any source."""


class BundleError(CourseError):
    """Raised if a bundle file is damaged, not a bundle, or made for another platform."""


class ArchiveError(CourseError):
    """Raised if an image file is damaged, holds something else than one image, or can't be read or written."""


class BookFailed(CourseError):
    """Raised if the book can't be made: a cell failed, or a page has a fault."""


class StoreError(CourseError):
    """Raised if the state or cache folder can't be read or written."""
