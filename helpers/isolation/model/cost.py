"""What one more container costs, and what a neighbour costs: measured figures, and cited ones beside them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Cited:
    """A figure from somebody else's page. source: who says it, and of when it is."""

    what: str
    figure: str
    source: str


# Looked up, not measured here. Firecracker makes very small virtual machines; an ordinary one needs more of each.
CITED = (
    Cited(
        what="start of a very small virtual machine",
        figure="at most 125 ms",
        source="Firecracker, SPECIFICATION.md (0aad46c, read November 2026): minimal kernel, large server",
    ),
    Cited(
        what="memory of that machine, set aside for it",
        figure="128 MiB, and up to 5 on top",
        source="the same page",
    ),
    Cited(
        what="start of one stripped down to a single program",
        figure="2.3 ms",
        source="Manco and others, My VM is Lighter (and Safer) than your Container, SOSP 2017, abstract",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Extra:
    """One more container. seconds: from the order to make it until it runs. memory: bytes, of its cgroup.

    shim: bytes in memory of the program that stays with it; None if it could not be seen.
    """

    seconds: float
    memory: int
    shim: int | None


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What idle containers cost.

    kernels: image, and what `uname -r` says in it. engine_kernel: that of the engine's machine.
    """

    extras: tuple[Extra, ...]
    engine_kernel: str
    kernels: tuple[tuple[str, str], ...]
    cited: tuple[Cited, ...] = CITED

    @property
    def same_kernel(self) -> bool:
        """True if every container reports the kernel of the engine's machine."""
        return all(kernel == self.engine_kernel for _, kernel in self.kernels)

    @property
    def seconds(self) -> float:
        """The median of the times."""
        return statistics.median(one.seconds for one in self.extras)

    @property
    def memory(self) -> float:
        """The median, in bytes, shim included where it was seen."""
        return statistics.median(one.memory + (one.shim or 0) for one in self.extras)


@dataclass(frozen=True, kw_only=True)
class Phase:
    """Response times in one situation, in seconds, in the order they were measured."""

    title: str
    times: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one; 0 if there is none."""
        return statistics.median(self.times) if self.times else 0.0


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """How an app answers alone, beside a busy neighbour, and beside one that is limited.

    untimed: why there are no phases: the app's port does not come to this computer.
    """

    app: str
    noisy: str
    noisy_full_name: str
    path: str
    url: str
    cpus: float
    phases: tuple[Phase, ...]
    untimed: str = ""

    @property
    def hurt(self) -> float:
        """How many times slower it was beside the busy neighbour."""
        return self.phases[1].median / self.phases[0].median if self.phases and self.phases[0].median else 0.0

    @property
    def helped(self) -> bool:
        """True if the limit made it faster again."""
        return bool(self.phases) and self.phases[2].median < self.phases[1].median
