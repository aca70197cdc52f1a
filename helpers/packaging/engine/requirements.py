"""Looking at what is on a machine, and running a command there: one container, removed again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from helpers import errors
from helpers.engine import containers
from helpers.engine.bounded import output
from helpers.engine.client import Client
from helpers.packaging.model import requirements
from helpers.packaging.model.requirements import Cell, Fit, Kind, Machine, Need

# Of a package only Python itself knows the version. Nothing but POSIX: busybox and dash run it alike.
_PACKAGE = "import sys, importlib.metadata as m; print(*m.version(sys.argv[1]).split())"
_PROBE = f"""
mark=$1 left=$2
shift 2
while [ "$left" -gt 0 ]; do
  case $1 in
    file) [ -e "$2" ] && echo "$mark file $left" ;;
    word) command -v "$2" >/dev/null 2>&1 && echo "$mark program $left" ;;
  esac
  case $1 in
    word|package)
      version=$(python3 -c '{_PACKAGE}' "$2" </dev/null 2>/dev/null) && echo "$mark package $left $version" ;;
  esac
  shift 2
  left=$((left - 1))
done
echo "$mark done"
exec "$@"
"""


def look(
    client: Client,
    image: str,
    wanted: Sequence[Need],
    command: Sequence[str],
    *,
    name: str,
    scene: str,
    seconds: float,
) -> Machine:
    """What `image` has of `wanted`, and what became of `command` in it.

    name: the learner's word for the machine. seconds: how long the command may run.

    An image without a shell can't be looked into; the command is run all the same.

    Raises: NoSuchImage; nothing is left on the engine either way.
    Equivalent: docker run --rm IMAGE sh -c '…'; docker run --rm IMAGE COMMAND
    """
    mark = secrets.token_hex(8)  # what the command writes must not be taken for the probe's word
    words = [part for need in wanted for part in (need.kind.value, need.name)]
    probe = ["sh", "-c", _PROBE, "sh", mark, str(len(wanted)), *words, *command]
    try:
        code, text, said = _run(client, image, probe, scene=scene, seconds=seconds)
    except errors.EngineRefused as error:
        if not _no_program(error):
            raise
        return _blind(client, image, wanted, command, name=name, scene=scene, seconds=seconds)
    head, done, wrote = text.partition(f"{mark} done\n")
    seen: dict[int, dict[str, str]] = {}
    for line in head.splitlines():
        parts = line.split()
        if len(parts) >= 3 and parts[0] == mark and parts[2].isdigit():
            seen.setdefault(len(wanted) - int(parts[2]), {})[parts[1]] = " ".join(parts[3:])
    return Machine(
        name=name,
        image=image,
        # of an output without measure the engine keeps the end alone, and the probe spoke first
        cells=tuple(_cell(need, seen.get(i, {})) if done else Cell(fit=Fit.UNSEEN) for i, need in enumerate(wanted)),
        exit_code=code,
        error=requirements.error_line(tuple(command), exit_code=code, errors=said, seconds=seconds),
        output=wrote if done else text,
    )


def _cell(need: Need, seen: dict[str, str]) -> Cell:
    if need.kind is Kind.FILE:
        return requirements.judge(need, there="file" in seen)
    return requirements.judge(need, there=bool(seen), version=seen.get("package", ""))


def _blind(
    client: Client,
    image: str,
    wanted: Sequence[Need],
    command: Sequence[str],
    *,
    name: str,
    scene: str,
    seconds: float,
) -> Machine:
    """The same without a shell: only the command's outcome can be told."""
    try:
        code, wrote, said = _run(client, image, command, scene=scene, seconds=seconds)
        error = requirements.error_line(tuple(command), exit_code=code, errors=said, seconds=seconds)
    except errors.EngineRefused as refused:
        if not _no_program(refused):
            raise
        code, wrote, error = 127, "", f"{command[0]}: not found"
    cells = tuple(Cell(fit=Fit.UNSEEN) for _ in wanted)
    return Machine(name=name, image=image, cells=cells, exit_code=code, error=error, output=wrote)


def _no_program(error: errors.EngineRefused) -> bool:
    return isinstance(error, errors.NoSuchProgram) or "no such file or directory" in error.message.lower()


def _run(
    client: Client, image: str, command: Sequence[str], *, scene: str, seconds: float
) -> tuple[int | None, str, str]:
    """Exit code (None if it did not end in time), standard output, standard error.

    Past the image's entry point, and with the two streams apart: their order in one log is not certain.
    """
    settings = replace(containers.BOUNDED, entrypoint=(command[0],))
    made = containers.create(client, image, command[1:], scene=scene, settings=settings)
    try:
        containers.start(client, made)
        code: int | None
        try:
            code = containers.wait(client, made, seconds=seconds)
        except errors.WaitedTooLong:
            code = None
        wrote, said = (output.log(client, made, stdout=out, stderr=not out).text for out in (True, False))
    finally:
        containers.remove(client, made)
    return code, wrote, said
