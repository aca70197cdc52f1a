"""Why a cell of the matrix says what it says: what was measured, and the reason that the map gives for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from helpers.networks.model.networks import HOST, NONE, Member, Network
from helpers.networks.model.reachability import HERE, THERE, Cell, Reach, Reachability, Way

_NAMELESS = frozenset({Reach.NO_NAME, Reach.NO_DNS})
_NO_WAY = frozenset({Reach.NO_ROUTE, Reach.FILTERED})


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """measured: the first sentence. why: the second. expected: what the map lets one expect. agrees: as measured."""

    source: str
    target: str
    port: int
    reach: Reach
    measured: str
    why: str
    expected: frozenset[Reach]
    agrees: bool

    @property
    def text(self) -> str:
        """Both sentences, and a third where the map and the measurement disagree: then the measurement counts."""
        if self.agrees:
            return f"{self.measured} {self.why}"
        words = " or ".join(sorted(reach.value for reach in self.expected))
        return f"{self.measured} {self.why} The map suggests “{words}”; what was measured counts."


def explain(found: Reachability, source: str, target: str, *, port: int | None = None) -> Explanation:
    """Says why `source` reaches `target`, or not.

    Raises: NotFound if that was not tried.
    """
    ports = found.ports(target)
    cell = found.cell(source, target, port if port is not None else (ports[0] if ports else None))
    expected, why = expect(found, cell)
    return Explanation(
        source=source,
        target=target,
        port=cell.port,
        reach=cell.reach,
        measured=_measured(cell),
        why=why,
        expected=frozenset(expected),
        agrees=cell.reach in expected,
    )


def _measured(cell: Cell) -> str:
    head, address = cell.headline, cell.by_address
    if head is None:
        return f"Nothing was tried from {cell.source} to {cell.target}."
    source = cell.source[0].upper() + cell.source[1:] if cell.source in (HERE, THERE) else cell.source
    on = f" on port {cell.port}" if cell.port else ""
    by = {
        Way.NAME: "by name",
        Way.ALIAS: f"by the name {head.tried}",
        Way.ADDRESS: "by address",
        Way.PUBLISHED: f"through {head.tried}:{head.port}",
    }[head.way]
    if head.way in (Way.NAME, Way.ALIAS) and head.reach is not Reach.REACHED:
        by = "by name"
    if head.reach is Reach.REACHED:
        return f"{source} reaches {cell.target}{on} {by}."
    said = f"{source} does not reach {cell.target}{on} {by}: {head.reach.value}"
    if head.reach is Reach.UNTESTABLE:
        said = f"{source} can't be tried against {cell.target}{on}"
    if address is not None and address is not head and address.reach is not Reach.UNTESTABLE:
        return f"{said}; by address: {address.reach.value}."
    return f"{said}."


def expect(found: Reachability, cell: Cell) -> tuple[Collection[Reach], str]:
    """What the map lets one expect of a cell's headline, and the sentence that says why."""
    target = found.map.member(cell.target)
    if cell.source in (HERE, THERE):
        return _from_computer(found, cell, target)
    source = found.map.member(cell.source)
    if not source.running:
        return {Reach.UNTESTABLE}, f"{source.name} is not running, so nothing can be tried from it."
    return _from_container(found, cell, source, target)


def _from_container(found: Reachability, cell: Cell, source: Member, target: Member) -> tuple[Collection[Reach], str]:
    nets = found.map
    if not target.running:
        return _NAMELESS, f"{target.name} is not running: a name and an address belong to a running container."
    if target.partner:
        owner = nets.owner(target).name
        return _NAMELESS, f"{target.name} shares the network namespace of {owner}, and is found by {owner}'s name only."
    if target.mode == HOST:
        return _NAMELESS, f"{target.name} uses the network of the engine's host, where containers have no names."
    if target.mode == NONE:
        return _NAMELESS, f"{target.name} is on no network at all."
    if source.mode == NONE:
        return {Reach.NO_DNS}, f"{source.name} is on no network at all, and reaches no DNS server either."
    if source.mode == HOST:
        return _NAMELESS, f"{source.name} uses the network of the engine's host, where container names are not known."
    common = nets.common(source, target)
    named = [n for n in common if n.names]
    if not common:
        mine, theirs = _listed(nets.networks_of(source)), _listed(nets.networks_of(target))
        return _NAMELESS, f"They have no network in common: {source.name} is on {mine}, {target.name} on {theirs}."
    if not named:
        return _NAMELESS, (
            f"They share only {_listed(common)}, the engine's default network, "
            "and there containers are not known by name."
        )
    open_ = [n for n in named if n.icc]
    if not open_:
        return {
            Reach.FILTERED
        }, f"The name is known on {_listed(named)}, which keeps its containers apart (icc is off)."
    return _port(found, cell, target, f"They share {_listed(open_)}, where containers are known by name")


def _port(
    found: Reachability, cell: Cell, target: Member, begin: str, *, declared: bool = True
) -> tuple[Collection[Reach], str]:
    if not cell.port:
        return {Reach.UNTESTABLE}, f"{begin}, but nothing listens in {target.name}, and no port is declared."
    heard = found.listens(cell.target, cell.port)
    if heard is None and found.listening.get(cell.target) is None:
        return {Reach.REACHED, Reach.REFUSED}, f"{begin}; what listens in {target.name} could not be seen."
    if heard is None:
        more = "; declaring a port (EXPOSE) starts no server" if declared and cell.port in target.declares else ""
        return {Reach.REFUSED}, f"{begin}, but nothing listens on port {cell.port} in {target.name}{more}."
    if heard.loopback:
        return {Reach.REFUSED}, (
            f"{begin}, but the server in {target.name} listens on {heard.address} only: "
            "that address means its own namespace, and nobody outside it."
        )
    return {Reach.REACHED}, f"{begin}, and a server in {target.name} listens on port {cell.port}."


def _from_computer(found: Reachability, cell: Cell, target: Member) -> tuple[Collection[Reach], str]:
    on_host = cell.source == THERE or found.same_place
    published = [p for p in target.published if p.container_port == cell.port]
    if not target.running:
        return {Reach.UNTESTABLE}, f"{target.name} is not running: its ports are open only while it runs."
    if published:
        where = _words(sorted({f"{p.address or '0.0.0.0'}:{p.port}" for p in published}))  # noqa: S104  the engine's word
        return _port(found, cell, target, f"Its port is published at {where}", declared=False)
    if target.mode == HOST:
        return _port(
            found, cell, target, f"{target.name} uses the host's own network, so nothing needs to be published"
        )
    if target.mode == NONE:
        return {Reach.UNTESTABLE}, f"{target.name} is on no network at all, so nothing can be tried."
    if on_host:
        begin = "No port is published, but the engine's host has an address on each of its networks"
        return _port(found, cell, target, begin)
    if cell.by_address is not None and cell.by_address.reach is Reach.SOMEBODY_ELSE:
        return {Reach.SOMEBODY_ELSE}, (
            "A call from here to an address of that network that no container has was taken as well: a proxy or a VPN "
            "answers, not the container."
        )
    return _NO_WAY | {Reach.REFUSED}, (
        "No port is published, and the engine's networks are not known outside its host."
    )


def _listed(networks: Collection[Network]) -> str:
    return _words([n.name for n in networks])


def _words(words: Collection[str]) -> str:
    *most, last = list(words) or ["no network"]
    return f"{', '.join(most)} and {last}" if most else last
