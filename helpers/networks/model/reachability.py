"""What reaches what, as measured: every attempt, and what a whole cell of the matrix says."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from helpers.errors import NotFound
from helpers.networks.model.networks import HOST, Member, NetworkMap

HERE, THERE = "this computer", "the engine's host"
LOOPBACK = "127.0.0.1"


class Reach(Enum):
    """Outcome of one attempt, as the source saw it."""

    REACHED = "reached"
    REFUSED = "refused"  # the address answered: nothing listens there
    FILTERED = "filtered"  # no answer in time
    NO_ROUTE = "no route"  # the source knows no way to that address
    SOMEBODY_ELSE = "a proxy answers"  # the call was taken, and so is one to an address that nobody has
    NO_NAME = "name unknown"  # the DNS server answered: no such name; or it leads to somebody else
    NO_DNS = "no DNS answer"
    UNTESTABLE = "can't test"  # the source does not run, or the target has no address


_BEST = tuple(Reach)  # the order above: a cell shows the best of its attempts


class Way(Enum):
    """By what the target was tried."""

    NAME = "name"
    ALIAS = "alias"
    ADDRESS = "address"
    PUBLISHED = "published port"


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Something that takes TCP calls inside a namespace. address: 0.0.0.0 or :: for all of them."""

    address: str
    port: int

    @property
    def loopback(self) -> bool:
        """True if only the namespace itself can call it."""
        return self.address.startswith("127.") or self.address == "::1"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt. tried: the name or address. port: at that address; 0: only the name was tried.

    place: for an address, what it is: a network's name, "host", "itself" (one namespace), or "" if there is none to
    try. column: the port inside that it is about. resolved: what the name led to. others: who else is called that.
    """

    source: str
    target: str
    way: Way
    tried: str
    port: int
    column: int
    reach: Reach
    place: str = ""
    resolved: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Everything tried from one source to one target on one port.

    reach: the headline: by name from a container, through the published port from a computer.
    by_address: the best of the addresses; None if it was not tried.
    """

    source: str
    target: str
    port: int
    attempts: tuple[Attempt, ...]

    def best(self, *ways: Way) -> Attempt | None:
        """The attempt of these ways that went best; None if there is none."""
        found = [a for a in self.attempts if a.way in ways]
        return min(found, key=lambda a: _BEST.index(a.reach), default=None)

    @property
    def headline(self) -> Attempt | None:
        """The attempt that the picture shows first."""
        if self.source in (HERE, THERE):
            return self.best(Way.PUBLISHED) or self.by_address
        return self.best(Way.NAME, Way.ALIAS) or self.by_address

    @property
    def by_address(self) -> Attempt | None:
        """The address that went best."""
        return self.best(Way.ADDRESS)

    @property
    def reach(self) -> Reach:
        """The headline's outcome."""
        return self.headline.reach if self.headline else Reach.UNTESTABLE

    @property
    def reached(self) -> bool:
        """True if any attempt reached the target."""
        return any(a.reach is Reach.REACHED for a in self.attempts)


@dataclass(frozen=True, kw_only=True)
class Reachability:
    """The measured matrix. map: the networks and containers as they were then.

    sources: containers, this computer, and the engine's host where that is another place. columns: (container, port);
    port 0 where nothing listens or is declared. listening: by container, what its own processes take calls on; None
    where that could not be seen. same_place: this computer is the engine's host. seconds: for all of it.
    """

    map: NetworkMap
    sources: tuple[str, ...]
    columns: tuple[tuple[str, int], ...]
    attempts: tuple[Attempt, ...]
    listening: Mapping[str, tuple[Listener, ...] | None] = field(default_factory=dict)
    same_place: bool = True
    seconds: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """The same for machines: what `python3 start.py reach --json FILE` writes. seconds: for all of it."""
        return {
            "attempts": [
                {
                    "from": a.source,
                    "to": a.target,
                    "by": a.way.value,
                    "tried": a.tried,
                    "port": a.port,
                    "outcome": a.reach.value,
                    "resolved": list(a.resolved),
                }
                for a in self.attempts
            ],
            "seconds": round(self.seconds, 3),
        }

    @property
    def targets(self) -> tuple[str, ...]:
        """The containers, each once."""
        return tuple(dict.fromkeys(name for name, _ in self.columns))

    def ports(self, target: str) -> tuple[int, ...]:
        """The ports on which the target was tried."""
        return tuple(port for name, port in self.columns if name == target)

    def cell(self, source: str, target: str, port: int | None = None) -> Cell:
        """Everything tried from source to target. port: one of the target's; None: all of them.

        Raises: NotFound if there was no such attempt.
        """
        found = tuple(
            a
            for a in self.attempts
            if (a.source, a.target) == (source, target) and (port is None or a.column in (port, 0))
        )
        if not found:
            pairs = f"from {', '.join(self.sources)} to {', '.join(self.targets)}"
            raise NotFound(
                f"Nothing was tried from {source!r} to {target!r}" + (f" on port {port}." if port else "."),
                next_step=f"It was tried {pairs}.",
            )
        return Cell(source=source, target=target, port=port or found[0].column, attempts=found)

    def __getitem__(self, pair: tuple[str, str]) -> Attempt:
        """The attempt from a source to a target, or to a name or an address that was tried: `found["web", "store"]`.

        For a target it is the one that counts first: by name from a container, by the published port from a computer.
        """
        source, target = pair
        if target in self.targets:
            headline = self.cell(source, target).headline
            if headline is not None:
                return headline
        for attempt in self.attempts:
            if attempt.source == source and attempt.tried == target:
                return attempt
        self.cell(source, target)
        raise KeyError(pair)

    def address(self, target: str, network: str = "") -> str:
        """An address of the target, on a network if one is named; "" if it has none."""
        member = self.map.member(target)
        for tap in self.map.taps(member):
            found = self.map.network(tap.network)
            if tap.address and (not network or (found is not None and found.name == network)):
                return tap.address
        return ""

    def listens(self, target: str, port: int) -> Listener | None:
        """What takes calls on that port in the target; the widest, if there are several."""
        found = [listener for listener in self.listening.get(target) or () if listener.port == port]
        return min(found, key=lambda listener: listener.loopback, default=None)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell, row by row."""
        return tuple(
            self.cell(source, target, port)
            for source in self.sources
            for target, port in self.columns
            if source != target
        )


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is to be tried about one container, seen from one source. places: (address, what it is)."""

    member: Member
    names: tuple[str, ...]
    ports: tuple[int, ...]
    places: tuple[tuple[str, str], ...]


def names_of(member: Member) -> tuple[tuple[str, Way], ...]:
    """What one may call a container: its name on the engine, the learner's word, its aliases."""
    words = [(member.full_name, Way.NAME)]
    for word in (member.name, *member.aliases):
        if word not in [known for known, _ in words]:
            words.append((word, Way.ALIAS))
    return tuple(words)


def places_of(found: NetworkMap, source: Member | None, target: Member, *, here: bool) -> tuple[tuple[str, str], ...]:
    """The addresses at which `source` can try the target, and what each is; ("", "") if there is none.

    source: None for a computer. here: that computer is the engine's host.
    """
    if target.mode == HOST:
        if source is None:
            return ((LOOPBACK, "host"),) if here else (("", ""),)
        if source.mode == HOST:
            return ((LOOPBACK, "itself"),)
        ways = [(gateway, "host") for n in found.networks_of(source) for gateway in n.gateways if ":" not in gateway]
        return tuple(ways[:1]) or (("", ""),)
    ways = []
    for tap in found.taps(target) if target.running else ():
        network = found.network(tap.network)
        for address in (tap.address, tap.address6):
            if address and network is not None:
                ways.append((address, network.name if ":" not in address else f"{network.name}, IPv6"))
    if source is not None and source.running and found.owner(source) is found.owner(target):
        ways.append((LOOPBACK, "itself"))
    return tuple(ways) or (("", ""),)


def listeners(table: Iterable[str], own: frozenset[str] | None) -> tuple[Listener, ...]:
    """What listens, from lines of /proc/net/tcp and tcp6 (proc_pid_net(5)).

    own: the inode numbers of the sockets that count; None: all of them. The engine's own DNS server, on 127.0.0.11 in
    the namespace of every container with names, does not count.
    """
    found = set()
    for line in table:
        words = line.split()
        if len(words) < 10 or words[3] != "0A":
            continue
        address, _, port = words[1].rpartition(":")
        try:
            listener = Listener(address=address_of(address), port=int(port, 16))
        except ValueError:
            continue
        if listener.address != "127.0.0.11" and (own is None or words[9] in own):
            found.add(listener)
    return tuple(sorted(found, key=lambda one: (one.port, one.address)))


def address_of(digits: str) -> str:
    """An address as /proc/net/tcp writes it: each group of eight digits is a number, the low byte first.

    Raises: ValueError.
    """
    raw = bytes.fromhex(digits)
    if len(raw) not in (4, 16):
        raise ValueError(digits)
    turned = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    address = ipaddress.ip_address(turned)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def looked_up(text: str, code: int) -> tuple[Reach | None, tuple[str, ...]]:
    """What busybox's nslookup found: (None, addresses), or why there are none."""
    if code == 0:
        answer = text.partition("Name:")[2]
        found = [word.partition(" ")[2].split()[0] for word in _lines(answer) if word.startswith("Address")]
        return (None, tuple(dict.fromkeys(found))) if found else (Reach.NO_NAME, ())
    low = text.lower()
    return (Reach.NO_NAME if "nxdomain" in low or "no answer" in low else Reach.NO_DNS), ()


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace("|", "\n").splitlines() if line.strip()]


def called(text: str, code: int) -> Reach:
    """What became of a call, from nc's words and exit code."""
    low = text.lower()
    if code == 0:
        return Reach.REACHED
    if "refused" in low or "reset" in low or "hung up" in low:
        return Reach.REFUSED
    if "unreachable" in low or "no route" in low or "can't assign" in low or "cannot assign" in low:
        return Reach.NO_ROUTE
    return Reach.FILTERED
