"""Why a build failed, in words for somebody who has not seen it before. Alike for both builders."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from helpers import errors
from helpers.engine.build.model.dockerfile import Instruction, at_line

WORDS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
_LINE = re.compile(r"\bparse error (?:on )?line (\d+)")
_UNKNOWN = re.compile(r"unknown instruction: (\S+)", re.IGNORECASE)
_MISUSED = re.compile(
    r"unknown flag|(?:\S+ )?(?:must have|requires (?:at least|at most|either|exactly)|unexpected|syntax error)",
    re.IGNORECASE,
)
_NO_STAGE = "no build stage in current context"
_DID_YOU_MEAN = re.compile(r" \(did you mean [^)]*\)\s*$")  # often far off
_CODE = re.compile(r"(?:exit code: |exit status |returned a non-zero code: )(\d+)")
# what the engine wraps around the reason, outermost first
_WRAPPERS = re.compile(
    r"(?:ERROR: |failed to build: |failed to solve: |failed to solve with frontend \S+: |rpc error: code = \w+ desc = "
    r"|failed to create LLB definition: |failed to (?:compute|load) cache key: "
    r"|failed to calculate checksum of ref \S+ "
    r"|dockerfile parse error (?:on )?line \d+: |failed to parse Dockerfile: |failed to create task for container: "
    r"|failed to create shim task: |OCI runtime create failed: |runc (?:create|run) failed: "
    r"|process \".*\" did not complete successfully: |executor failed running \[.*\]: )",
    re.DOTALL,
)
_REPEATED = re.compile(r"The command '.*' returned a non-zero code: \d+|exit code: \d+", re.DOTALL)
_NOT_HAD = re.compile(
    r"failed to resolve|failed to do request|pull access denied|repository does not exist|no such image|no such host"
    r"|manifest unknown|manifest for|no matching manifest|not found: manifest|(?:Get|Head) \"http|dial tcp"
    r"|toomanyrequests|unauthorized",
    re.IGNORECASE,
)
_NOT_THERE = re.compile(
    r"file not found in build context|file does not exist|no source files were specified"
    r"|\"/[^\"]*\"(?:: | )not found|lstat \S*: no such file|no such file or directory",
)
_NO_PROGRAM = re.compile(r"(?:^|/)(?:ba|da|a)?sh: (?:line )?(?:\d+: )?([^\s:]+): (?:command )?not found")
_NO_EXECUTABLE = re.compile(r"exec: \"([^\"]+)\": (?:executable file not found|stat|no such file|permission denied)")


def reason(message: str) -> str:
    """The engine's words without what it wraps around them; "" if they only repeat the command."""
    text = message.strip()
    while found := _WRAPPERS.match(text):
        text = text[found.end() :].lstrip()
    return "" if _REPEATED.fullmatch(text) else _DID_YOU_MEAN.sub("", text)


def exit_code(message: str) -> int | None:
    """The status that the engine's words hold, if they hold one."""
    found = _CODE.search(message)
    return int(found[1]) if found else None


def named_line(message: str, found: Sequence[Instruction]) -> Instruction | None:
    """The instruction that an error message points at: by its line's number, or as the one unknown word."""
    if at := _LINE.search(message):
        return at_line(found, int(at[1]))
    if at := _UNKNOWN.search(message):
        return next((one for one in found if one.word == at[1].upper()), None)
    said = reason(message)
    if said == _NO_STAGE and found:
        return found[0]
    first = said.split(None, 1)[:1]  # "ENV must have two arguments"
    same = [one for one in found if [one.word] == first]
    return same[0] if len(same) == 1 else None


def _unread(message: str) -> bool:
    """True if the engine stumbled over the Dockerfile itself, so that nothing was run."""
    said = reason(message)
    return bool(_LINE.search(message) or _UNKNOWN.search(message) or _MISUSED.match(said) or said == _NO_STAGE)


def failed(
    message: str, *, at: Instruction | None, said: str = "", code: int | None = None, log: tuple[str, ...] = ()
) -> errors.EngineError:
    """The error for a build that has ended: NoSuchImage if an image can't be had, else BuildFailed.

    message: the engine's own words. at: the instruction, if it is in the Dockerfile. said: the engine's name for it.
    code: the command's exit status. log: what the command wrote.
    """
    instruction = at.text if at is not None else said
    word = instruction.split(None, 1)[0].upper() if instruction.strip() else ""
    unread = _unread(message)
    foreign = word == "FROM" or "--from=" in instruction
    if code is None and foreign and not unread and _NOT_HAD.search(message):
        return _no_image(message, instruction, at)
    log = tuple(line for line in log if not _REPEATED.fullmatch(line.strip()))
    if started := [line for line in log if _NO_EXECUTABLE.search(line)]:  # runc's word, not the command's
        message, code, log = started[-1], None, tuple(line for line in log if line not in started)
    elif code is None and word == "RUN":
        code = exit_code(message)
    what = ""
    if unread and at is not None:
        what = f"The engine can't read line {at.line} of the Dockerfile: {' '.join(instruction.split())[:100]}"
    elif not instruction and not log:
        what = "The build failed before its first step."
    return errors.BuildFailed(
        what,
        instruction=instruction,
        exit_code=code,
        log=log,
        line=at.line if at is not None else None,
        why="\n".join(log[-10:]) if code is not None and log else _why(message, instruction, log),
        next_step=_next(message, instruction, code, log),
    )


def _no_image(message: str, instruction: str, at: Instruction | None) -> errors.NoSuchImage:
    where = f"Line {at.line} of the Dockerfile" if at is not None else "The Dockerfile"
    stage = " If a stage was meant: the name after AS in a FROM line above." if "--from=" in instruction else ""
    return errors.NoSuchImage(
        f"{where} names an image that is not on the engine, and it could not be fetched: {instruction}",
        message=reason(message),  # in the log of the build, which has no status of its own
        next_step="Look at the name's spelling; docker image ls shows what is there. "
        f"The course's base images: python3 start.py images.{stage}",
    )


def _why(message: str, instruction: str, log: tuple[str, ...]) -> str:
    """What there is to say beside, or in place of, what the command wrote."""
    words = instruction.split()
    if words and words[0].upper() in ("COPY", "ADD") and _NOT_THERE.search(message):
        source = next((word.removeprefix("--from=") for word in words if word.startswith("--from=")), "")
        paths = [word for word in words[1:-1] if not word.startswith("--")]
        sought = re.search(r"\"/([^\"]+)\" ?(?:: )?not found|: stat (\S+): file does not exist", message)
        path = paths[0] if len(paths) == 1 else (sought[1] or sought[2]) if sought else ""
        thing = f"no {path}" if path else "no such file"
        if source:
            return f"there is {thing} in {source}"
        return f"there is {thing} in the build context, or .dockerignore leaves it out"
    if found := _NO_EXECUTABLE.search(message):
        return f"the image has no program {found[1]} that can be run"
    return reason(message) or "\n".join(log[-10:]) or "the command wrote nothing"


def _next(message: str, instruction: str, code: int | None, log: tuple[str, ...]) -> str:
    """Where to look; most telling signs first."""
    text = "\n".join(log[-10:])
    word = instruction.split(None, 1)[0].upper() if instruction.strip() else ""
    if found := _UNKNOWN.search(message):
        close = difflib.get_close_matches(found[1].upper(), WORDS, n=1, cutoff=0.5)
        meant = f"Did you mean {close[0]}? " if close else ""
        if "<<" in instruction:
            return "The classic builder knows no here-documents: join the commands with && and \\, or use BuildKit."
        return f"{meant}A line begins with an instruction; to go on with it in the next line, end it with \\"
    if "requires buildkit" in message.lower():
        return "The classic builder can't do this. BuildKit can."
    if "cannot be empty" in message or _NO_STAGE in message or "no instructions" in message:
        return "A Dockerfile begins with FROM and an image, such as FROM localhost/course/busybox:1"
    if _unread(message):
        return "Look at this line: its instruction wants other words than it has."
    if "target stage" in message or "build target" in message:
        return "The target is the name after AS in one of the FROM lines. Look at the spelling."
    if word in ("COPY", "ADD") and _NOT_THERE.search(message):
        if "--from=" in instruction:
            return "Look at what that stage or image holds: the path is looked for from its root."
        return (
            "Paths are looked for in the build context, the folder that is given to the build, and nowhere else. "
            "Look at the spelling, capitals included, and at .dockerignore."
        )
    if "unable to find user" in message:
        return "The image has no such user. Make it in a RUN line before USER, or use a number."
    if word == "RUN":
        return _next_after_run(f"{message}\n{text}", code)
    return f"Look at this instruction: {instruction}" if instruction else "The engine's words above say what it wants."


def _next_after_run(text: str, code: int | None) -> str:
    missing = next((found[1] for line in text.splitlines() if (found := _NO_PROGRAM.search(line))), "")
    found = _NO_EXECUTABLE.search(text)
    if found is not None and "permission denied" not in found[0]:
        missing = missing or found[1]
    if missing and "/" in missing:
        return (
            f"{missing} is not in the image at this point, or its first line (#!) names a program that is not. "
            "Look at the COPY lines above, and at the file's line ends."
        )
    if missing:
        return (
            f'The image has no program "{missing}" at this point. Look at the spelling; '
            "if it is right, install it in a line above, or begin FROM an image that has it."
        )
    if code == 126 or "permission denied" in text.lower():
        return "The file may not be run, or the user of this step may not do that: see chmod, and the USER lines above."
    if "No matching distribution found" in text or "Could not find a version" in text:
        return (
            "pip found no such package where it looked. The course's Python image has its packages in /wheels: "
            "pip install --no-index --find-links /wheels NAME"
        )
    if "No such file or directory" in text or "can't open" in text or "can't cd to" in text:
        return (
            "The command looked for a file that is not in the image at this point. "
            "Look at the COPY and WORKDIR lines above this one."
        )
    if code == 137:
        return "The command was killed from outside; most often there was not enough memory."
    return "Read what the command wrote, change this line and build again: the lines above it come from the cache."
