"""What each instruction of a Dockerfile changes, in words: as an image of it tells, or, before it is built, as written.

Of a value the image's own record is told, with variables filled in; which of two settings counts is known from the
text: the later one.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from helpers.dockerfile.model.begin import SHELL, SHELL_FORM, Begin, Start, form
from helpers.dockerfile.model.matching import Fit
from helpers.dockerfile.model.steps import KINDS, Kind, Step, Steps
from helpers.drawing.text import listed, size
from helpers.engine.build.model.dockerfile import Instruction, base, chain, instructions, stages
from helpers.engine.build.model.variables import variables

_SOURCE = re.compile(r"\bfrom=([^,\s]+)")


def steps(dockerfile: str, *, fit: Fit | None = None, start: Start | None = None) -> Steps:
    """Each instruction with its effect.

    fit, start: which steps of an image the instructions made, and what a container of it would do; None before it is
    built.
    """
    found = instructions(dockerfile)
    taken = chain(found)
    told = _Told(found=found, taken=taken, fit=fit, start=start or _as_written(taken))
    return Steps(steps=tuple(_step(one, told) for one in found), starts=start)


@dataclass(frozen=True, kw_only=True)
class _Told:
    """All that an effect may depend on. taken: the instructions that the image consists of."""

    found: tuple[Instruction, ...]
    taken: tuple[Instruction, ...]
    fit: Fit | None
    start: Begin

    def rest(self, one: Instruction) -> str:
        """What stands behind the word: as the image says it, else as it is written."""
        made = self.fit.made.get(one.line) if self.fit else None
        return made.rest if made is not None and made.word == one.word else one.rest

    def bytes(self, one: Instruction) -> int | None:
        """That the instruction stored; of the first FROM, what the base image has."""
        if self.fit is None or one not in self.taken:
            return None
        if one.word == "FROM":
            return sum(step.bytes for step in self.fit.base) if one == self.taken[0] else 0
        made = self.fit.made.get(one.line)
        return made.bytes if made is not None else 0

    def later(self, one: Instruction, counts: Callable[[Instruction], bool]) -> int:
        """The line of the first instruction behind it that counts in its place; 0 if none does."""
        behind = self.taken[self.taken.index(one) + 1 :]
        return next((other.line for other in behind if other.word == one.word and counts(other)), 0)


def _as_written(taken: Sequence[Instruction]) -> Begin:
    """What would start, by the text alone; what the base image says is not known."""
    last = {one.word: one for one in taken}

    def words(name: str) -> tuple[str, ...]:
        one = last.get(name)
        return () if one is None or not one.rest else one.listed if one.listed is not None else (*SHELL, one.rest)

    entrypoint, command = words("ENTRYPOINT"), words("CMD")
    return Begin(entrypoint=entrypoint, command=command, entrypoint_form=form(entrypoint), command_form=form(command))


def _step(one: Instruction, told: _Told) -> Step:
    kind, effect = _effect(one, told)
    return Step(
        line=one.line,
        end=one.end,
        word=one.word,
        text=one.text,
        kind=kind,
        bytes=told.bytes(one) if kind in (Kind.BASE, Kind.LAYER) else None,
        effect=effect,
    )


def _effect(one: Instruction, told: _Told) -> tuple[Kind, str]:
    kind = KINDS.get(one.word, Kind.UNKNOWN)
    first = next((other.line for other in told.found if other.word == "FROM"), 0)
    if kind is Kind.UNKNOWN:
        near = difflib.get_close_matches(one.word, KINDS, n=1)
        return kind, f"the engine will refuse it: no instruction is called {one.word}" + (
            f" ({near[0]}?)" if near else ""
        )
    if not first or one.line < first:
        if one.word == "ARG":
            return kind, "known to the FROM lines only"
        return Kind.UNKNOWN, "the engine will refuse it: FROM comes first"
    if one not in told.taken:
        return Kind.OTHER_STAGE, _elsewhere(one, told)
    return kind, _EFFECTS[one.word](one, told)


def _elsewhere(one: Instruction, told: _Told) -> str:
    """Of a stage that is no part of the image: who takes files of it."""
    parts = list(stages(told.found))
    place = next(at for at, (_, part) in enumerate(parts) if one in part)
    name = parts[place][0]
    lines = _users(parts, place, {other.line for other in told.taken})
    if not lines:
        return f"in the stage {name}: no part of this image"
    return f"in the stage {name}: line {lines[0]} takes files of it, and nothing else travels"


def _users(
    parts: Sequence[tuple[str, tuple[Instruction, ...]]],
    place: int,
    taken: set[int],
    known: frozenset[int] = frozenset(),
) -> list[int]:
    """The lines that need what a stage made, if the image needs them: of the image, or of a stage that it needs."""
    name, found = parts[place][0], []
    for at, (_, part) in enumerate(parts):
        if at <= place or at in known:
            continue
        lines = [one.line for one in part if _asks(one, name, place)]
        if lines and (part[0].line in taken or _users(parts, at, taken, known | {place})):
            found += lines
    return found


def _asks(one: Instruction, name: str, place: int) -> bool:
    if one.word == "FROM":
        return base(one).lower() == name
    return any(found.lower() in (name, str(place)) for flag in one.flags for found in _SOURCE.findall(flag))


def _from(one: Instruction, told: _Told) -> str:
    named = base(one)
    if one != told.taken[0]:
        return f"goes on from the stage {named}"
    if named == "scratch":
        return "begins with nothing: no file, no setting"
    held = told.bytes(one)
    return f"begins with {named}: its files{f' ({size(held)})' if held is not None else ''} and its settings"


def _run(one: Instruction, told: _Told) -> str:
    held = told.bytes(one)
    if held is None:
        return "runs during the build; what it changes in files becomes a layer"
    return f"ran during the build: {_added(held)}"


def _copy(one: Instruction, told: _Told) -> str:
    source, held = one.flag("from"), told.bytes(one)
    where = f", from {source}" if source else ""
    if held is None:
        words = one.listed or one.rest.split() or ("",)
        return f"puts files at {words[-1]}{where}: a layer"
    return f"{_added(held)}{where}"


def _added(held: int) -> str:
    return f"adds {size(held)} in 1 layer" if held else "adds no bytes"


def _workdir(one: Instruction, told: _Told) -> str:
    if line := told.later(one, lambda _: True):
        return f"the next lines start in {told.rest(one)}, until line {line}"
    return f"the next lines, and a container, start in {told.start.folder or told.rest(one)}"


def _env(one: Instruction, told: _Told) -> str:
    values = {pair.partition("=")[0]: pair for pair in getattr(told.start, "environment", ())}
    stay, gone = [], {}
    for name in variables(one):
        if line := told.later(one, partial(_sets, name)):
            gone[name] = line
        else:
            stay.append(values.get(name, ""))
    words = [pair for pair in stay if pair] or ([told.rest(one)] if stay or not gone else [])
    said = [f"{listed(words)} {'is' if len(words) == 1 else 'are'} in every container's environment"] if words else []
    return "; ".join((*said, *(f"line {line} sets {name} anew" for name, line in gone.items())))


def _sets(name: str, one: Instruction) -> bool:
    return name in variables(one)


def _cmd(one: Instruction, told: _Told) -> str:
    if line := told.later(one, lambda _: True):
        return f"nothing: line {line} takes its place"
    begin = told.start
    if not begin.command:
        return "nothing: ENTRYPOINT came after it, in another stage" if one.rest and one.listed != () else "no command"
    if not begin.entrypoint:
        return f"a container runs: {begin.process}"
    if begin.entrypoint_form == SHELL_FORM:
        return "nothing: an ENTRYPOINT in shell form takes no arguments"
    return f"arguments for the entry point: {shlex.join(begin.command)}"


def _entrypoint(one: Instruction, told: _Told) -> str:
    if line := told.later(one, lambda _: True):
        return f"nothing: line {line} takes its place"
    return f"every container runs: {shlex.join(told.start.entrypoint)}" if told.start.entrypoint else "no entry point"


def _user(one: Instruction, told: _Told) -> str:
    if line := told.later(one, lambda _: True):
        return f"the next RUN runs as user {told.rest(one)}, until line {line}"
    return f"the next RUN, and a container, run as user {told.start.user or told.rest(one)}"


def _expose(one: Instruction, told: _Told) -> str:
    ports = sorted((word.removesuffix("/tcp") for word in told.rest(one).split()), key=_number)
    return f"a note: port{'s' if len(ports) > 1 else ''} {listed(ports)} (opens nothing)"


def _number(port: str) -> tuple[int, str]:
    """By which ports are sorted: one of the builders sorts them as words, the other keeps them as they are written."""
    return int(re.match(r"\d*", port)[0] or 0), port  # type: ignore[index]  # it matches anything


def _healthcheck(one: Instruction, told: _Told) -> str:
    if line := told.later(one, lambda _: True):
        return f"nothing: line {line} takes its place"
    words = told.rest(one)
    if words.upper() == "NONE":
        return "no health check, whatever the base image has"
    asked = told.start.check or words.partition(" ")[2]
    every = f"every {told.start.health_every:g} s" if told.start.health else "again and again"
    return f"{every} the engine runs: {asked}; it restarts nothing"


def _stopsignal(one: Instruction, told: _Told) -> str:
    if line := told.later(one, lambda _: True):
        return f"nothing: line {line} takes its place"
    return f"docker stop sends {told.start.stop_signal or told.rest(one)} first"


def _arg(one: Instruction, told: _Told) -> str:
    if "=" in told.rest(one):
        return "known during this build only; its value stays in the history"
    return "known during this build only, if the build is given a value"


_EFFECTS: Mapping[str, Callable[[Instruction, _Told], str]] = {
    "FROM": _from,
    "RUN": _run,
    "COPY": _copy,
    "ADD": _copy,
    "WORKDIR": _workdir,
    "ENV": _env,
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "USER": _user,
    "EXPOSE": _expose,
    "HEALTHCHECK": _healthcheck,
    "STOPSIGNAL": _stopsignal,
    "ARG": _arg,
    "LABEL": lambda one, told: f"a label to read: {told.rest(one)}; it changes nothing that runs",
    "VOLUME": lambda one, told: f"every container gets a volume of its own at {_plain_list(one, told)}",
    "SHELL": lambda one, _: f"the shell form is started by: {shlex.join(one.listed or (one.rest,))}",
    "ONBUILD": lambda one, _: f"waits for a build FROM this image: {one.rest}",
    "MAINTAINER": lambda one, told: f"a note of who made it: {told.rest(one)} (today a LABEL)",
}


def _plain_list(one: Instruction, told: _Told) -> str:
    return listed(one.listed) if one.listed else told.rest(one).strip("[]")
