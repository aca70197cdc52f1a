"""The matrix, measured: from each container, from this computer, and from the engine's host where that is elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from helpers import errors
from helpers.engine import helper_container
from helpers.engine.client import Client
from helpers.networks.engine import free_address, networks, tcp_probe
from helpers.networks.model import reachability as model
from helpers.networks.model.networks import HOST, Member, NetworkMap
from helpers.networks.model.reachability import HERE, LOOPBACK, THERE, Attempt, Reach, Reachability, Target, Way

AT_ONCE = 6  # helpers that are started at the same time
MOST = 20  # running containers in one matrix: 20 of them are 380 pairs
_ANY = ("", "0.0.0.0", "::")  # noqa: S104  how the engine writes "on every address"


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A running container with a helper inside, or the engine's host."""

    name: str
    member: Member | None
    helper: tcp_probe.Helper
    ear: tcp_probe.Ear


def measure(
    client: Client, found: NetworkMap, *, scene: str, port: int | None = None, computers: bool = True
) -> Reachability:
    """Tries everything from everywhere in `found`. About two seconds for five containers; nothing is left.

    port: the only one to try, in every container; None: what listens there, and what is declared. computers: also from
    this computer, and from the engine's host.

    Raises: WrongUse for too many containers.
    """
    started = time.perf_counter()
    running = [m for m in found.members if m.running]
    if len(running) > MOST:
        raise errors.WrongUse(
            f"{len(running)} running containers are too many for one matrix.",
            f"every one is tried from every other, and {MOST} are the most",
            'Name those you mean: networks.reach("web", "store")',
        )
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(AT_ONCE) as pool:
        entering = [pool.submit(_enter, client, stack, m, scene) for m in (*running, *((None,) if computers else ()))]
        sources = [source for job in entering if (source := job.result()) is not None]
        known = {s.name: s for s in sources}
        found = replace(found, members=tuple(pool.map(lambda m: _with_aliases(client, m), found.members)))
        same = THERE in known and known[THERE].ear.place == tcp_probe.place_here()
        ports = {m.name: _ports(m, known.get(m.name), port) for m in found.members}
        controls = {} if same or not computers else _controls(client, found)
        names = [m.name for m in found.members]
        names += [HERE] * computers + [THERE] * (THERE in known and not same)
        jobs = {
            name: pool.submit(
                _from, known.get(name), name, found, ports, controls if name == HERE else {}, here=same or name == THERE
            )
            for name in names
        }
        attempts = [attempt for name in names for attempt in jobs[name].result()]
        taken = [pool.submit(helper_container.leave, client, s.helper) for s in sources]
        for job in taken:
            job.result()
    return Reachability(
        map=found,
        sources=tuple(names),
        columns=tuple((m.name, one) for m in found.members for one in ports[m.name] or (0,)),
        attempts=tuple(attempts),
        listening={m.name: known[m.name].ear.listening if m.name in known else None for m in found.members},
        same_place=same,
        seconds=time.perf_counter() - started,
    )


def _enter(client: Client, stack: contextlib.ExitStack, member: Member | None, scene: str) -> _Source | None:
    """A helper in the container's namespace, or in the host's; None where the engine refuses, or it has ended."""
    try:
        helper = stack.enter_context(
            tcp_probe.helper(client, member.id if member else helper_container.HOST, scene=scene)
        )
        return _Source(name=member.name if member else THERE, member=member, helper=helper, ear=helper.look())
    except errors.EngineRefused:
        return None


def _with_aliases(client: Client, member: Member) -> Member:
    if not member.running:
        return member
    try:
        words = networks.aliases(client, member.id)
    except errors.NotFound:
        return member
    return replace(member, aliases=tuple(w for w in words if w not in (member.name, member.full_name)))


def _ports(member: Member, source: _Source | None, port: int | None) -> tuple[int, ...]:
    if port is not None:
        return (port,)
    heard = source.ear.listening if source else None
    if heard and source and source.member and source.member.mode == HOST and len(heard) > 8:
        heard = ()  # whose they are could not be told, and the host's own ports are nobody's business
    return tuple(sorted({listener.port for listener in heard or ()} | set(member.declares)))


def _controls(client: Client, found: NetworkMap) -> dict[str, str]:
    """By a container's address, one on the same network that nobody has."""
    tapped = {tap.network for m in found.members for tap in m.taps}
    nobodys = free_address.addresses(client, [n for n in found.networks if n.id in tapped])
    taps = [tap for m in found.members for tap in m.taps]
    return {tap.address: nobodys[tap.network] for tap in taps if tap.address and tap.network in nobodys}


def _from(
    source: _Source | None,
    name: str,
    found: NetworkMap,
    ports: Mapping[str, tuple[int, ...]],
    controls: Mapping[str, str],
    *,
    here: bool,
) -> list[Attempt]:
    """Everything from one source, as attempts.

    controls: by an address, the one to call as well: if that call is taken, too, it was not the container that took
    the other.
    """
    member = next((m for m in found.members if m.name == name), None) if name not in (HERE, THERE) else None
    targets = [
        Target(
            member=m,
            names=tuple(word for word, _ in model.names_of(m)),
            ports=ports[m.name] or (0,),
            places=model.places_of(found, member, m, here=here),
        )
        for m in found.members
        if m is not member
    ]
    if source is None and name != HERE:
        return [
            replace(a, reach=Reach.UNTESTABLE) for t in targets for a in _planned(name, t, tcp_probe.Heard(), found)
        ]
    known = source.ear.hosts if source else {}
    asked = {word for t in targets for word in t.names if word not in known}
    calls = {(address, one) for t in targets for address, _ in t.places for one in t.ports if address and one}
    held = {(address, one) for t in targets for address, one, _ in doors(t.member)} if member is None else set()
    calls |= {(controls[address], one) for address, one in calls if address in controls}
    heard = tcp_probe.from_here(asked, calls, held) if source is None else source.helper.attempt(asked, calls, held)
    for (address, one), reach in tuple(heard.calls.items()):
        control = heard.calls.get((controls.get(address, ""), one))
        if reach is Reach.REACHED and control is Reach.REACHED:
            heard.calls[address, one] = Reach.SOMEBODY_ELSE
    heard.names.update({word: (None, addresses) for word, addresses in known.items()})
    return [attempt for t in targets for attempt in _planned(name, t, heard, found)]


def doors(member: Member) -> tuple[tuple[str, int, int], ...]:
    """Where a computer can knock for a published port: (address, port there, port inside); 127.0.0.1 in any case."""
    found: dict[tuple[str, int], int] = {}
    for one in member.published:
        address = "::1" if one.address == "::" else LOOPBACK if one.address in _ANY else one.address
        if one.address != "::" or not any(
            other.address != "::" and other.port == one.port for other in member.published
        ):
            found[address, one.port] = one.container_port
            if ":" not in address:
                found.setdefault((LOOPBACK, one.port), one.container_port)
    return tuple((address, port, inside) for (address, port), inside in found.items())


def _planned(name: str, target: Target, heard: tcp_probe.Heard, found: NetworkMap) -> Iterator[Attempt]:
    """The attempts at one target, with what came of them."""
    ways = dict(model.names_of(target.member))
    addresses = {address for address, _ in target.places}
    who = {tap.address: m.name for m in found.members for tap in m.taps if tap.address}
    for port in target.ports:
        for word in target.names:
            yield _by_name(name, target, word, ways[word], port, heard, addresses, who)
        for address, place in target.places:
            reach = heard.calls.get((address, port), Reach.FILTERED) if address and port else Reach.UNTESTABLE
            yield Attempt(
                source=name, target=target.member.name, way=Way.ADDRESS, tried=address, port=port, column=port,
                reach=reach, place=place,
            )  # fmt: skip
    if name in (HERE, THERE):
        for address, outside, inside in doors(target.member):
            if inside in target.ports:
                yield Attempt(
                    source=name, target=target.member.name, way=Way.PUBLISHED, tried=address, port=outside,
                    column=inside, reach=heard.held.get((address, outside), Reach.FILTERED), place=address,
                )  # fmt: skip


def _by_name(
    name: str,
    target: Target,
    word: str,
    way: Way,
    port: int,
    heard: tcp_probe.Heard,
    addresses: Iterable[str],
    who: Mapping[str, str],
) -> Attempt:
    failed, led = heard.names.get(word, (Reach.NO_DNS, ()))
    right = [address for address in led if address in addresses]
    others = tuple(who.get(address, address) for address in led if address not in addresses)
    if failed is None and not right:
        failed = Reach.NO_NAME  # it leads to somebody else
    outcomes = [heard.calls.get((address, port), Reach.FILTERED) for address in right] if port else []
    reach = failed or min(outcomes, key=tuple(Reach).index, default=Reach.UNTESTABLE)
    return Attempt(
        source=name, target=target.member.name, way=way, tried=word, port=port, column=port, reach=reach,
        resolved=led, others=others,
    )  # fmt: skip
