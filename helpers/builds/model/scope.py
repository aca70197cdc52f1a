"""What a stage has set so far: its variables, and what else counts for the RUNs below.

A variable knows where its value comes from: `ENV A=$V` hangs on V, and if V is what changed, then V is the cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from helpers.engine.build.model import variables
from helpers.engine.build.model.dockerfile import Instruction

ARG, ENV = "arg", "env"
PROXIES = frozenset(
    name
    for upper in ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
    for name in (upper, upper.lower())
)
EPOCH = "SOURCE_DATE_EPOCH"
PLATFORMS = tuple(
    f"{side}{what}" for side in ("TARGET", "BUILD") for what in ("PLATFORM", "OS", "ARCH", "VARIANT", "OSVERSION")
)  # BuildKit knows their values; where nobody says them, they stand for themselves


@dataclass(frozen=True, kw_only=True)
class Origin:
    """One place that a value comes from. written: as it stands there. value: what came of it."""

    kind: str
    name: str
    written: str = field(repr=False)
    value: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Variable:
    """An ARG or ENV with its value. origins: what it hangs on, itself last."""

    kind: str
    name: str
    value: str = field(repr=False)
    origins: tuple[Origin, ...] = field(repr=False, default=())


@dataclass(frozen=True, kw_only=True)
class Set:
    """What an instruction set for those below. value: as it counts. text: the instruction; "" if there was none."""

    value: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What holds at one place in a stage.

    args: declared and with a value. folder: where WORKDIR left it; "" is the base image's, which is not known.
    """

    builder: str
    escape: str = "\\"
    args: Mapping[str, Variable] = field(default_factory=dict)
    env: Mapping[str, Variable] = field(default_factory=dict)
    user: Set = Set()
    shell: Set = Set()
    folder: Set = Set()

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Those that a RUN here would see, ENV first, each kind by name."""
        return tuple(
            sorted((*self.env.values(), *(one for name, one in self.args.items() if name not in self.env)), key=_place)
        )

    def fill(self, word: str, *, quotes: bool = True) -> tuple[str, tuple[Variable, ...]]:
        """A word with its variables filled in, and which ones it took.

        Raises: ValueError for what no builder takes.
        """
        there = {one.name: one for one in self.variables}
        found = variables.fill(
            word, {name: one.value for name, one in there.items()}, escape=self.escape, quotes=quotes
        )
        return found.text, tuple(there[name] for name in found.used if name in there)

    def assigned(self, one: Instruction) -> tuple[Variable, ...]:
        """What an ENV sets; all of its values are filled in with what held before it."""
        return tuple(self._new(ENV, name, written or "") for name, written in variables.settings(one, self.escape))

    def declared(
        self, one: Instruction, given: Mapping[str, str], outer: Mapping[str, Variable]
    ) -> tuple[Variable, ...]:
        """What an ARG declares and gives a value. given: by --build-arg. outer: declared before the first FROM."""
        found = []
        for name, written in variables.settings(one, self.escape):
            if name in given:
                found.append(leaf(name, given[name]))
            elif written is not None:
                found.append(self._new(ARG, name, written))
            elif name in outer:
                found.append(outer[name])
            elif self.builder == "buildkit" and name in PLATFORMS:
                found.append(leaf(name, f"${name}"))
        return tuple(found)

    def having(self, found: Iterable[Variable]) -> Scope:
        """The same with these set. With BuildKit the later of an ARG and an ENV counts, with the classic one ENV."""
        env, args = dict(self.env), dict(self.args)
        for one in found:
            mine, other = (env, args) if one.kind == ENV else (args, env)
            mine[one.name] = one
            if self.builder == "buildkit":
                other.pop(one.name, None)
        return replace(self, env=env, args=args)

    def _new(self, kind: str, name: str, written: str) -> Variable:
        value, used = self.fill(written)
        own = Origin(kind=kind, name=name, written=written, value=value)
        return Variable(kind=kind, name=name, value=value, origins=(*origins(used), own))


def origins(found: Iterable[Variable]) -> tuple[Origin, ...]:
    """All that these variables hang on."""
    return tuple(dict.fromkeys(origin for one in found for origin in one.origins))


def leaf(name: str, value: str) -> Variable:
    """An ARG whose value comes from outside of the Dockerfile."""
    return Variable(
        kind=ARG, name=name, value=value, origins=(Origin(kind=ARG, name=name, written=value, value=value),)
    )


def _place(one: Variable) -> tuple[bool, str]:
    return one.kind != ENV, one.name
