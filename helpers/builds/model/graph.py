"""A Dockerfile as the graph that its builder makes of it: which step stands on which, and what else counts for it.

BuildKit makes steps of FROM an image, RUN, COPY, ADD and WORKDIR, and builds the stages that the target needs. The
classic builder makes one of each instruction and builds every stage up to the target. (Read in moby/buildkit's
frontend/dockerfile/dockerfile2llb at 0070379 and moby's builder/dockerfile; measured in tests/builds.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from helpers.builds.model.scope import (
    ARG,
    EPOCH,
    PLATFORMS,
    PROXIES,
    Scope,
    Set,
    Variable,
    leaf,
)
from helpers.builds.model.step_words import Source, Words, mounts, words
from helpers.engine.build.model import dockerfile
from helpers.engine.build.model.dockerfile import COUNTED, Instruction
from helpers.engine.build.model.failure import WORDS
from helpers.errors import WrongUse

BUILDKIT, CLASSIC = "buildkit", "classic"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One instruction. index: over all of the file, from 0. stage: its name, or its number. line, end: from 1.

    text: on one line. exact: to the letter, as the builder has it. written: its words without blanks that do not
    count. said: what they come to, with variables filled in. used: the variables that were.

    setting: True if the builder makes no step of it. needed: True if the target needs it.
    before: index of the step that it stands on; None for a FROM, unless the classic builder goes on from a stage.
    others: last steps of the stages that it takes files of. images: references that it takes files of.
    sources: what it takes of the context. variables: those that count for it by being there: a RUN's.
    sets: user, shell and folder as they count for it, by word. platform: True if the platform does.
    given: arguments of the build that some engines count. secrets: names of the secrets that any RUN of
    the file mounts.
    """

    index: int
    stage: str
    line: int
    end: int
    word: str
    text: str
    exact: str
    written: str = ""
    said: str = field(default="", repr=False)
    used: tuple[Variable, ...] = ()
    setting: bool = False
    needed: bool = True
    before: int | None = None
    others: tuple[int, ...] = ()
    images: tuple[str, ...] = field(default=(), repr=False)
    sources: tuple[Source, ...] = ()
    variables: tuple[Variable, ...] = ()
    sets: Mapping[str, Set] = field(default_factory=dict, repr=False)
    platform: bool = False
    given: tuple[Variable, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def parents(self) -> tuple[int, ...]:
        """The steps that it stands on, the one before it first."""
        return (*(() if self.before is None else (self.before,)), *self.others)

    @property
    def step(self) -> bool:
        """True if the builder has a step for it and the target needs it."""
        return self.needed and not self.setting


@dataclass(frozen=True, kw_only=True)
class Graph:
    """All instructions in order. target: the stage that is built."""

    nodes: tuple[Node, ...]
    builder: str
    target: str

    @property
    def steps(self) -> tuple[Node, ...]:
        """Those that the builder has a step for and the target needs."""
        return tuple(node for node in self.nodes if node.step)

    @property
    def bases(self) -> tuple[str, ...]:
        """References of images that the engine must be asked for, each once, in the order of the file."""
        return tuple(dict.fromkeys(image for node in self.steps for image in node.images))

    @property
    def uses_context(self) -> bool:
        """True if a step takes files of the context."""
        return any(node.sources for node in self.steps)


@dataclass
class _Stage:
    """A stage while it is read. last: its last step so far; None on top of nothing. takes: the stages it hangs on."""

    number: int
    name: str
    scope: Scope
    last: int | None = None
    takes: set[int] = field(default_factory=set)

    @property
    def called(self) -> str:
        return self.name or str(self.number)


def graph(text: str, *, args: Mapping[str, str] | None = None, target: str = "", builder: str = BUILDKIT) -> Graph:
    """Reads a Dockerfile. args: `--build-arg`. target: name or number of a stage; "" is the last one.

    Raises: WrongUse, with the line, for what no builder takes.
    """
    reader = _Reader(text, dict(args or {}), builder)
    for index, one in enumerate(dockerfile.instructions(text)):
        try:
            reader.read(index, one)
        except ValueError as error:
            raise _refused(one, str(error)) from None
    return reader.graph(target)


class _Reader:
    """Goes through the instructions; what it has so far."""

    def __init__(self, text: str, args: Mapping[str, str], builder: str) -> None:
        self.text, self.args, self.builder = text, args, builder
        self.outer = Scope(builder=builder, escape=dockerfile.escape(text))
        self.stages: list[_Stage] = []
        self.nodes: list[Node] = []

    def read(self, index: int, one: Instruction) -> None:
        if one.word not in WORDS:
            raise ValueError(f"no instruction is called {one.word}")
        node = Node(
            index=index, stage=self.stages[-1].called if self.stages else "", line=one.line, end=one.end,
            word=one.word, text=one.text, exact=dockerfile.exact(self.text, one),
        )  # fmt: skip
        if one.word == "FROM":
            self.nodes.append(self._from(node, one))
        elif self.stages:
            self.nodes.append(self._step(node, one, self.stages[-1]))
        elif one.word == "ARG":
            self.outer = self.outer.having(self.outer.declared(one, self.args, {}))
            self.nodes.append(replace(node, setting=True))
        else:
            raise ValueError("FROM comes first")

    def _from(self, node: Node, one: Instruction) -> Node:
        scope = self.outer
        if self.builder == BUILDKIT:
            scope = scope.having(leaf(n, self.args.get(n, f"${n}")) for n in PLATFORMS if n not in scope.args)
        found = one.rest.split()
        if len(found) != 1 and not (len(found) == 3 and found[1].upper() == "AS"):
            raise ValueError("FROM takes an image, and AS with a name")
        reference, used = scope.fill(found[0])
        wanted, more = scope.fill(one.flag("platform"))
        if not reference:
            raise ValueError("FROM names no image: a variable in it is empty")
        stage = _Stage(len(self.stages), found[2].lower() if len(found) == 3 else "", self._fresh())
        base = self._stage_of(reference)
        self.stages.append(stage)
        node = replace(node, stage=stage.called, written=f"{one.flag('platform')} {found[0]}", used=(*used, *more))
        if base is not None:
            stage.takes.add(base.number)
            stage.last = base.last
            if self.builder == BUILDKIT:  # all that holds in a stage holds in those that go on from it, ARG too
                stage.scope = base.scope
                return replace(node, setting=True)
            stage.scope = replace(base.scope, args={})
            node = replace(node, before=base.last)
        elif reference == "scratch":
            stage.scope = replace(stage.scope, folder=Set(value="/"))
            if self.builder == BUILDKIT:
                return replace(node, setting=True)
        else:
            node = replace(
                node, images=(reference,), said=wanted, platform=not wanted or any("TARGET" in v.name for v in more)
            )
        stage.last = node.index
        return node

    def _fresh(self) -> Scope:
        return Scope(builder=self.builder, escape=self.outer.escape)

    def _stage_of(self, name: str) -> _Stage | None:
        """An earlier stage by its name; of two the later."""
        return next((stage for stage in reversed(self.stages) if stage.name and stage.name == name.lower()), None)

    def _step(self, node: Node, one: Instruction, stage: _Stage) -> Node:
        scope = stage.scope
        said = words(one, node.exact, scope)
        node = replace(
            node, written=said.written, said=said.said, used=said.used, sources=said.sources, before=stage.last
        )
        node = self._taking(node, said, stage)
        stage.scope = self._after(node, one, scope)
        if self.builder == BUILDKIT:
            node = self._for_buildkit(node, scope, stage.scope)
        else:
            node = self._for_classic(node, one, scope, stage.scope)
        if not node.setting:
            stage.last = node.index
        return node

    def _taking(self, node: Node, said: Words, stage: _Stage) -> Node:
        """With the last steps of the stages, and the images, that it takes files of."""
        others, images = [], []
        for place in said.places:
            by_number = place.isdigit() and int(place) < stage.number
            other = self.stages[int(place)] if by_number else self._stage_of(place)
            if (place.isdigit() and not by_number) or other is stage:
                raise ValueError(f"{place} is no stage that comes before this one")
            if other is None:
                images += [place] if place != "scratch" else []
            else:
                stage.takes.add(other.number)
                others += [other.last] if other.last is not None else []
        return replace(node, others=tuple(others), images=tuple(images))

    def _after(self, node: Node, one: Instruction, scope: Scope) -> Scope:
        """What holds below."""
        new = Set(value=node.said, text=node.text)
        if one.word == "ENV":
            return scope.having(scope.assigned(one))
        if one.word == "ARG":
            return scope.having(scope.declared(one, self.args, self.outer.args))
        if one.word == "USER":
            return replace(scope, user=new)
        if one.word == "SHELL":
            return replace(scope, shell=new)
        if one.word == "WORKDIR":
            return replace(scope, folder=new)
        return scope

    def _for_buildkit(self, node: Node, scope: Scope, after: Scope) -> Node:
        if node.word not in COUNTED or (node.word == "WORKDIR" and after.folder.value == "/"):
            return replace(node, setting=True)
        sets, found = {"USER": scope.user}, scope.variables
        if node.word == "RUN":
            sets |= {"SHELL": scope.shell, "WORKDIR": scope.folder}
        if node.word in ("COPY", "ADD"):
            sets = {"WORKDIR": scope.folder}  # its own words hold where it leads; this tells who said so
        return replace(
            node,
            sets=sets,
            variables=tuple(one for one in found if one.name != EPOCH) if node.word == "RUN" else (),
            platform=node.word == "RUN" and any(one.name in PLATFORMS for one in found),
            given=self._given((EPOCH,)),
        )

    def _for_classic(self, node: Node, one: Instruction, scope: Scope, after: Scope) -> Node:
        if node.word == "ENV":
            own = {name for name in after.env if after.env[name] is not scope.env.get(name)}
            return replace(node, variables=tuple(after.env[name] for name in sorted(own)))
        if node.word == "ARG":  # its step holds the default; what the build gives counts for the RUNs below
            return replace(node, variables=scope.declared(one, {}, {}))
        if node.word != "RUN":
            return node
        found = tuple(each for each in scope.variables if each.kind == ARG)
        proxies = self._given(sorted(PROXIES)) if not found else ()
        # it marks a RUN with the number of its arguments, even with 0 if a proxy is there: which, it does not say
        return replace(node, variables=(*found, *(leaf(each.name, "") for each in proxies[:1])))

    def _given(self, names: Sequence[str]) -> tuple[Variable, ...]:
        return tuple(leaf(name, self.args[name]) for name in names if name in self.args)

    def graph(self, target: str) -> Graph:
        if not self.stages:
            raise WrongUse("The Dockerfile has no FROM.", "every image begins with one", "Begin with a FROM.")
        wanted = self._target(target)
        needed = set(range(wanted.number + 1)) if self.builder == CLASSIC else self._needed(wanted)
        number, nodes = -1, []
        secrets = tuple(dict.fromkeys(name for node in self.nodes for name in _secrets(node)))
        for node in self.nodes:
            number += node.word == "FROM"
            nodes.append(replace(node, needed=number in needed or number < 0, secrets=secrets))
        return Graph(nodes=tuple(nodes), builder=self.builder, target=wanted.called)

    def _target(self, target: str) -> _Stage:
        if not target:
            return self.stages[-1]
        found = self._stage_of(target)
        if found is None and target.isdigit() and int(target) < len(self.stages):
            found = self.stages[int(target)]
        if found is None:
            named = ", ".join(stage.called for stage in self.stages)
            raise WrongUse(f"No stage is called {target}.", f"the stages are: {named}", "Name one of these.")
        return found

    def _needed(self, stage: _Stage) -> set[int]:
        found = {stage.number}
        for number in stage.takes:
            found |= self._needed(self.stages[number])
        return found


def _secrets(node: Node) -> tuple[str, ...]:
    if node.word != "RUN":
        return ()
    found = []
    for mount in mounts(node.exact):
        if mount.get("type") == "secret":
            found.append(mount.get("id") or re.split("/", mount.get("target", ""))[-1])
    return tuple(dict.fromkeys(name for name in found if name))


def _refused(one: Instruction, why: str) -> WrongUse:
    return WrongUse(f"Line {one.line} of the Dockerfile is no line that a builder takes: {one.text}", why)
