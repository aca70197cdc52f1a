"""Namespaces: which part of the machine each container sees on its own, and which part it shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

# In the order of the picture: what one shares or has to oneself.
KINDS: Mapping[str, str] = {
    "pid": "the numbers of processes",
    "mnt": "the tree of files",
    "net": "interfaces, addresses, ports",
    "uts": "the host name",
    "ipc": "shared memory, queues",
    "user": "who is user 0",
    "cgroup": "the view of the cgroup tree",
    "time": "clocks since the start",
}
# Whether a container has these to itself depends on the engine, its version and its settings; on time: Docker since
# 29.5 gives each container its own (moby#52326), unless its feature time-namespaces is off.
BY_ENGINE = ("user", "cgroup", "time")


@dataclass(frozen=True, kw_only=True)
class Column:
    """The engine's host, or one container. numbers: kind -> the kernel's number of the namespace it is in.

    why_not: kind -> why there is no number; for a kind that is in neither, the reason is not known.
    """

    name: str
    numbers: Mapping[str, int]
    host: bool = False
    why_not: Mapping[str, str] = field(default_factory=dict)
    full_name: str = ""
    pid: int = 0


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Rows are kinds of namespace, columns the engine's host and containers."""

    columns: tuple[Column, ...]

    def letters(self, kind: str) -> tuple[str, ...]:
        """A mark for each column: the same letter where the namespace is the same one; "" where it is its own.

        "?" where it could not be told. Letters run from A in each row.
        """
        numbers = [column.numbers.get(kind) for column in self.columns]
        often = Counter(numbers)
        shared = [n for n in often if n is not None and often[n] > 1]
        mark = {number: _letter(index) for index, number in enumerate(shared)}
        return tuple("?" if n is None else mark.get(n, "") for n in numbers)

    def with_host(self, kind: str) -> tuple[str, ...]:
        """The containers that are in the host's namespace of that kind."""
        host = self.host
        number = host.numbers.get(kind) if host else None
        return tuple(c.name for c in self.containers if number is not None and c.numbers.get(kind) == number)

    def same(self, kind: str, *names: str) -> bool | None:
        """True if the columns of these names are in one namespace of that kind; None if it can't be told.

        Raises: KeyError for a name that is no column.
        """
        by_name = {column.name: column for column in self.columns}
        numbers = {by_name[name].numbers.get(kind) for name in names}
        return None if None in numbers else len(numbers) == 1

    @property
    def host(self) -> Column | None:
        """The column of the engine's host; None if it could not be read at all."""
        return next((column for column in self.columns if column.host), None)

    @property
    def containers(self) -> tuple[Column, ...]:
        """The other columns."""
        return tuple(column for column in self.columns if not column.host)


def _letter(index: int) -> str:
    return chr(65 + index) if index < 26 else f"{chr(64 + index // 26)}{chr(65 + index % 26)}"
