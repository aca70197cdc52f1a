"""What a Dockerfile may not ask for here, said before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping

from helpers import errors
from helpers.engine.build.model.dockerfile import heredoc, instructions, syntax

_SYNTAX = "BUILDKIT_SYNTAX"


def refuse(dockerfile: str, buildargs: Mapping[str, str] | None = None, *, classic: bool = False) -> None:
    """Passes if the builder would do all that the Dockerfile says, with what is on the engine.

    `# syntax=` fetches an image that reads the Dockerfile in BuildKit's place; the course fetches nothing. (BuildKit
    reads all of today's instructions without.) classic: its endpoint takes here-documents, on some engines, and then
    runs nothing of them.

    Raises: WrongUse with the line.
    """
    asked = [(f"Line {line} of the Dockerfile", f"# syntax={value}") for line, value in syntax(dockerfile)]
    asked += [("A build argument", f"{name}={value}") for name, value in (buildargs or {}).items() if name == _SYNTAX]
    for where, said in asked:
        raise errors.WrongUse(
            f"{where} would fetch an image: {said}",
            "it has the Dockerfile read by another program than BuildKit's own, which comes from a registry; "
            "the course fetches nothing",
            "Leave it out: the engine's own BuildKit knows every instruction of this course.",
        )
    for one in instructions(dockerfile) if classic else ():
        if found := heredoc(one):
            raise errors.WrongUse(
                f"Line {one.line} of the Dockerfile opens a here-document: {found}",
                "the classic builder knows none; some engines accept the line and then run nothing of it",
                "Join the commands with && and \\, copy a file, or build with BuildKit.",
            )
