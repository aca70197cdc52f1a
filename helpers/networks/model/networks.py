"""Networks and who is on them, as one picture of the engine at one moment."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, replace

from helpers.engine.model.container import Published, State
from helpers.errors import NotFound

HOST, NONE, SHARED = "host", "none", "container:"


ICC = "com.docker.network.bridge.enable_icc"  # the bridge driver's option: may containers talk to each other?


@dataclass(frozen=True, kw_only=True)
class Network:
    """One network. name: the learner's word. names: True if containers on it find each other by name.

    icc: False if the network keeps its containers apart. internal: no way out, and none in from other networks.
    """

    id: str
    name: str
    full_name: str
    driver: str
    internal: bool = False
    names: bool = True
    icc: bool = True
    subnets: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    mine: bool = False

    @property
    def lane(self) -> bool:
        """True if containers have an address there; the engine's "host" and "none" are no networks in that sense."""
        return self.driver not in ("host", "null")


@dataclass(frozen=True, kw_only=True)
class Tap:
    """A container's place on a network. address, address6: "" while it does not run."""

    network: str
    address: str = ""
    address6: str = ""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One container, seen from the networks.

    mode: "" with networks of its own, else "host", "none" or "container:ID". declares: ports (TCP) that the image or
    the start names, published or not; the engine lists them while it runs. aliases: further names, where asked for.
    """

    id: str
    name: str
    full_name: str
    image: str
    state: State
    mode: str = ""
    taps: tuple[Tap, ...] = ()
    published: tuple[Published, ...] = ()
    declares: tuple[int, ...] = ()
    aliases: tuple[str, ...] = ()
    mine: bool = False

    @property
    def running(self) -> bool:
        """True if its network namespace is there. A paused one's is: the kernel takes calls for it."""
        return self.state in (State.RUNNING, State.PAUSED)

    @property
    def partner(self) -> str:
        """The id of the container whose network namespace it shares; "" if it has one of its own."""
        return self.mode.removeprefix(SHARED) if self.mode.startswith(SHARED) else ""


@dataclass(frozen=True, kw_only=True)
class NetworkMap:
    """Networks and containers. elsewhere: containers on the engine that are not shown. focus: the one it is about."""

    networks: tuple[Network, ...]
    members: tuple[Member, ...]
    elsewhere: int = 0
    focus: str = ""

    def as_dict(self) -> dict[str, object]:
        """The same for machines: what `python3 start.py map --json FILE` writes. name: that on the engine."""
        called = {n.id: n.full_name for n in self.networks}
        return {
            "networks": [
                {
                    "name": n.full_name,
                    "driver": n.driver,
                    "internal": n.internal,
                    "subnets": list(n.subnets),
                    "gateways": list(n.gateways),
                }
                for n in self.networks
            ],
            "containers": [
                {
                    "name": m.full_name,
                    "id": m.id,
                    "image": m.image,
                    "state": m.state.value,
                    "mode": m.mode,
                    "networks": {called[tap.network]: tap.address for tap in m.taps if tap.network in called},
                    "published": [
                        {"address": p.address, "port": p.port, "container_port": p.container_port} for p in m.published
                    ],
                }
                for m in self.members
            ],
            "not_shown": self.elsewhere,
        }

    def network(self, id: str) -> Network | None:
        """The network of that id."""
        return next((n for n in self.networks if n.id == id), None)

    def member(self, name: str) -> Member:
        """The container that the learner calls that, by its name on the engine, or by its id.

        Raises: NotFound with those there are.
        """
        for key in ("name", "full_name", "id"):
            found = [m for m in self.members if getattr(m, key) == name]
            if found:
                return found[0]
        known = ", ".join(m.name for m in self.members) or "none"
        raise NotFound(f"There is no container called {name!r} here.", next_step=f"There are: {known}.")

    def owner(self, member: Member) -> Member:
        """The container whose network namespace it lives in: itself, or the one it shares it with."""
        found, seen = member, {member.id}
        while found.partner and found.partner not in seen:
            seen.add(found.partner)
            other = next((m for m in self.members if found.partner in (m.id, m.full_name, m.name)), None)
            if other is None:
                return found
            found = other
        return found

    def taps(self, member: Member) -> tuple[Tap, ...]:
        """Where its network namespace is connected."""
        return self.owner(member).taps

    def address(self, name: str) -> str:
        """The first address of a container, as the other containers of that network call it; "" if it has none.

        Raises: NotFound if there is no such container.
        """
        return next((tap.address for tap in self.taps(self.member(name)) if tap.address), "")

    def on(self, network: Network) -> tuple[Member, ...]:
        """Who is on that network."""
        return tuple(m for m in self.members if any(tap.network == network.id for tap in m.taps))

    def common(self, one: Member, other: Member) -> tuple[Network, ...]:
        """The networks both are on."""
        theirs = {tap.network for tap in self.taps(other)}
        return tuple(n for n in self.networks if n.id in theirs & {tap.network for tap in self.taps(one)} and n.lane)

    def networks_of(self, member: Member) -> tuple[Network, ...]:
        """The networks its namespace is on, in the map's order."""
        mine = {tap.network for tap in self.taps(member)}
        return tuple(n for n in self.networks if n.id in mine and n.lane)


def select(
    everything: NetworkMap, names: Iterable[str] = (), *, focus: str = "", all_of_them: bool = False
) -> NetworkMap:
    """The part of the engine that a map, or a matrix, is about. Both are given the same words.

    names: of containers, or of networks, which stand for all containers on them. Without any: the learner's own
    containers and networks, and whoever else is on these. focus: one container, and whoever it shares a network or a
    namespace with. all_of_them: the whole engine.

    Raises: NotFound for a name that there is not.
    """
    wanted = tuple(names)
    if focus:
        one = everything.member(focus)
        nets = {n.id for n in everything.networks_of(one)}
        owner = everything.owner(one)
        members = [m for m in everything.members if m is one or m.id == owner.id or everything.owner(m) is owner]
        members += [m for m in everything.members if m not in members and nets & _ids(everything, m)]
        return _part(everything, members, nets, focus=one.name)
    if wanted:
        members, nets = [], set[str]()
        for word in wanted:
            network = next((n for n in everything.networks if word in (n.name, n.full_name)), None)
            if network is not None and network.lane:
                nets.add(network.id)
                members += [m for m in everything.members if network.id in _ids(everything, m)]
            else:
                members.append(everything.member(word))
        return _part(everything, members, nets)
    if all_of_them:
        return _part(everything, everything.members, {n.id for n in everything.networks})
    nets = {n.id for n in everything.networks if n.mine}
    members = [m for m in everything.members if m.mine or nets & _ids(everything, m)]
    return _part(everything, members, nets)


def _ids(everything: NetworkMap, member: Member) -> set[str]:
    return {tap.network for tap in everything.taps(member)}


def _part(everything: NetworkMap, members: Iterable[Member], nets: set[str], *, focus: str = "") -> NetworkMap:
    ids = {m.id for m in members}
    kept = tuple(m for m in everything.members if m.id in ids)
    seen = nets | {tap.network for m in kept for tap in everything.taps(m)}
    return replace(
        everything,
        networks=tuple(n for n in everything.networks if n.id in seen and n.lane),
        members=kept,
        elsewhere=len(everything.members) - len(kept),
        focus=focus,
    )


def tap_label(address: str, subnets: Iterable[str]) -> str:
    """The part of the address that the network's subnet does not say already: ".2", or ".3.7" where that is wide."""
    for subnet in subnets:
        try:
            net, one = ipaddress.ip_network(subnet, strict=False), ipaddress.ip_address(address)
        except ValueError:
            continue
        if one in net and one.version == 4:
            shared = min(net.prefixlen // 8, 3)
            return "." + ".".join(address.split(".")[shared:])
    return address


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between two maps. kind: "+", "~" or "−". what: "container" or "network". id: whose."""

    kind: str
    what: str
    id: str
    words: str


def changes(before: NetworkMap, after: NetworkMap) -> tuple[Change, ...]:
    """What is new, other or gone: networks, containers, and where containers are connected."""
    found = []
    nets_before, nets_after = ({n.id: n for n in m.networks} for m in (before, after))
    for id, network in {**nets_before, **nets_after}.items():
        if id not in nets_before:
            found.append(Change(kind="+", what="network", id=id, words=f"network {network.name}"))
        elif id not in nets_after:
            found.append(Change(kind="−", what="network", id=id, words=f"network {network.name} is gone"))
    was, now = ({m.id: m for m in m_.members} for m_ in (before, after))
    names = {id: n.name for id, n in {**nets_before, **nets_after}.items()}
    for id, member in {**was, **now}.items():
        if id not in was:
            found.append(Change(kind="+", what="container", id=id, words=f"container {member.name}"))
        elif id not in now:
            found.append(Change(kind="−", what="container", id=id, words=f"container {member.name} is gone"))
        else:
            found += [
                Change(kind="~", what="container", id=id, words=words) for words in _moves(was[id], now[id], names)
            ]
    return tuple(found)


def _moves(was: Member, now: Member, names: dict[str, str]) -> list[str]:
    before, after = ({tap.network: tap for tap in m.taps} for m in (was, now))
    said = [f"{now.name} joined {names.get(id, id[:12])}" for id in after if id not in before]
    said += [f"{now.name} left {names.get(id, id[:12])}" for id in before if id not in after]
    if was.state is not now.state:
        said.append(f"{now.name} {now.state.said}")
    if set(was.published) != set(now.published) and was.state is now.state:
        said.append(f"{now.name} publishes other ports")
    return said
