"""Following a request: a call is made and held for a moment on the engine's host, and it is looked who carries it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

from helpers import errors
from helpers.engine import helper_container, location
from helpers.engine.client import Client
from helpers.engine.model.container import Published
from helpers.engine.model.location import Place, Where
from helpers.networks.engine import free_address, tcp_probe
from helpers.networks.model.networks import HOST, NONE, Member, NetworkMap
from helpers.networks.model.reachability import LOOPBACK, Listener, Reach
from helpers.networks.model.route import Carried, Path, Step, Way, carried

# A call is held for half a second; meanwhile the host's table of calls is read, and which proxies there are.
_HOLD = r"""
sleep 0.7 | nc -w 1 "$1" "$2" >/dev/null 2>&1 & usleep 300000
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | sed -n 's/^ *[0-9]*: /tcp x /p'
for p in $(grep -lE '^(docker-proxy|rootlessport|rootlesskit|conmon|slirp4netns)$' /proc/[0-9]*/comm 2>/dev/null); do
  d=${p%/comm}; echo "proxy ${d#/proc/} $(tr '\0' ' ' <$d/cmdline 2>/dev/null)"
done
"""


@dataclass(frozen=True, kw_only=True)
class _Door:
    """What was found out about one published port. reach: of a call on the engine's host. here: of one from here."""

    published: Published
    reach: Reach
    here: Reach
    carried: Carried


def of(client: Client, found: NetworkMap, member: Member, *, scene: str, port: int | None) -> Way:
    """The ways to one port of a running container. About a second; nothing is left.

    Raises: NotRunning.
    """
    if not member.running:
        raise errors.NotRunning(
            f"{member.name} is not running.",
            f"it {member.state.said}",
            "Start it: a port leads to a running container only.",
        )
    where = location.where(client)
    here = where.where is Where.THIS_COMPUTER
    with contextlib.ExitStack() as stack:
        inside = stack.enter_context(tcp_probe.helper(client, member.id, scene=scene))
        outside = stack.enter_context(tcp_probe.helper(client, helper_container.HOST, scene=scene))
        listening = inside.look().listening or ()
        number = port or _port(member, listening)
        address = found.taps(member)[0].address if found.taps(member) else ""
        doors = [
            _door(outside, published, address, number)
            for published in member.published
            if published.container_port == number and ":" not in published.address
        ]
        direct = Reach.UNTESTABLE
        if not doors and address and number:
            direct = _direct(client, found, member, address, number, here=here)
    end = _end(found, member, address, number, listening)
    paths = []
    for door in doors:
        paths += [*_from_here(door, end, where), _from_elsewhere(door, end)]
    if not doors:
        paths.append(_unpublished(member, end, address, number, direct, here=here))
    return Way(container=member.name, full_name=member.full_name, port=number, paths=tuple(paths))


def _port(member: Member, listening: tuple[Listener, ...]) -> int:
    numbers = [p.container_port for p in member.published] or [one.port for one in listening] or list(member.declares)
    return numbers[0] if numbers else 0


def _door(outside: tcp_probe.Helper, published: Published, address: str, number: int) -> _Door:
    knock = LOOPBACK if published.address in ("", "0.0.0.0") else published.address  # noqa: S104  the engine's word
    text = outside.run(_HOLD, knock, str(published.port))
    heard = outside.attempt((), (), [(knock, published.port)])
    for _ in range(2):  # silence may be a busy machine's: once more
        near = tcp_probe.from_here((), (), [(knock, published.port)]).held.get((knock, published.port), Reach.FILTERED)
        if near is not Reach.FILTERED:
            break
    return _Door(
        published=published,
        reach=heard.held.get((knock, published.port), Reach.FILTERED),
        here=near,
        carried=carried(text, outside=published.port, address=address, inside=number),
    )


def _end(
    found: NetworkMap, member: Member, address: str, number: int, listening: tuple[Listener, ...]
) -> tuple[Step, ...]:
    """The last steps, common to all ways: the network, and the server."""
    steps = []
    networks = found.networks_of(member)
    if networks and address:
        net = next((n for n in networks if n.id == found.taps(member)[0].network), networks[0])
        gateway = f"gateway {net.gateways[0]}" if net.gateways else ""
        steps.append(
            Step(where=f"network {net.name}", what="carries it to the container", detail=gateway, measured=False)
        )
    heard = [one for one in listening if one.port == number]
    wide = next((one for one in heard if not one.loopback), None)
    if wide is not None:
        what = "the server takes it"
    elif heard:
        what = f"the server listens on {heard[0].address} only: refused"
    else:
        what = f"nothing listens on port {number}: refused"
    detail = f"{address}:{number}" if address else f"port {number}"
    steps.append(Step(where=f"container {member.name}", what=what, detail=detail))
    return tuple(steps)


def _direct(client: Client, found: NetworkMap, member: Member, address: str, number: int, *, here: bool) -> Reach:
    """What a call from here to the container's own address meets; from elsewhere, a second one shows who took it."""
    network = found.network(found.taps(member)[0].network)
    nobodys = "" if here or network is None else free_address.addresses(client, [network]).get(network.id, "")
    calls = [(one, number) for one in (address, nobodys) if one]
    heard = tcp_probe.from_here((), calls).calls
    reach = heard.get((address, number), Reach.FILTERED)
    taken = reach is Reach.REACHED and heard.get((nobodys, number)) is Reach.REACHED
    return Reach.SOMEBODY_ELSE if taken else reach


def _from_here(door: _Door, end: tuple[Step, ...], where: Place) -> list[Path]:
    """From this computer, called from here; and from the engine's host, if only that one gets through."""
    carriers = _carriers(door)
    calls = Step(where="this computer", what="a program calls", detail=_called(door.published))
    begin = "from this computer"
    if door.here is door.reach:
        steps = [calls]
        if where.where is not Where.THIS_COMPUTER:
            carried_on = "the call is carried to the engine's machine"
            steps.append(Step(where="this computer", what=carried_on, measured=False))
        return [_path_through(door, begin, [*steps, *carriers], end)]
    if door.here is Reach.REACHED:  # and the host's own call is not taken
        taken = Step(where="this computer", what="something else takes the call", detail=_called(door.published))
        why = f"something else answers on this computer; on the engine's host it is {door.reach.value}"
        return [Path(begin=begin, steps=(calls, taken), arrives=False, why=why)]
    missed = Step(where="this computer", what="nothing here takes the call", detail=door.here.value)
    why = where.unforwarded or f"{door.here.value}: the engine's host takes the call, and this computer does not"
    first = replace(calls, where="the engine's host")
    return [
        Path(begin=begin, steps=(calls, missed), arrives=False, why=why),
        _path_through(door, "from the engine's host", [first, *carriers], end),
    ]


def _called(published: Published) -> str:
    address = LOOPBACK if published.address in ("", "0.0.0.0") else published.address  # noqa: S104  the engine's word
    return f"{address}:{published.port}"


def _carriers(door: _Door) -> list[Step]:
    """The steps on the engine's host, as far as they were seen."""
    one = door.published
    listens = f"{one.address or '0.0.0.0'}:{one.port}"  # noqa: S104  the engine's word
    steps = []
    found = door.carried
    if found.proxied:
        number = f"process {found.process}, " if found.process else ""
        steps.append(
            Step(
                where="the engine's host",
                what=f"{found.program} takes the call",
                detail=f"{number}at {listens}",
            )
        )
        if found.second:
            steps.append(
                Step(where="the engine's host", what="and makes a second one", detail=f"{found.second} → the container")
            )
    elif found.seen:
        steps.append(
            Step(where="the engine's host", what="the kernel replaces it with the container's address", detail=listens)
        )
    else:
        steps.append(Step(where="the engine's host", what="takes the call", detail=listens, measured=False))
    return steps


def _path_through(door: _Door, begin: str, steps: list[Step], end: tuple[Step, ...]) -> Path:
    """A path over the engine's host, and whether it arrives there."""
    arrives = door.reach is Reach.REACHED
    why = (
        ""
        if arrives
        else f"{door.reach.value}: the call is accepted on the host, then closed"
        if door.carried.proxied
        else door.reach.value
    )
    return Path(begin=begin, steps=(*steps, *end), arrives=arrives, why=why)


def _from_elsewhere(door: _Door, end: tuple[Step, ...]) -> Path:
    one = door.published
    begin = "from another computer"
    call = Step(
        where="another computer", what="calls an address of this machine", detail=f"port {one.port}", measured=False
    )
    if one.address.startswith("127."):
        last = Step(
            where="the engine's host",
            what="nothing listens on that address",
            detail=f"only {one.address} does",
            measured=False,
        )
        return Path(begin=begin, steps=(call, last), arrives=False, why=f"published on {one.address} only")
    rule = Step(
        where="the engine's host",
        what="the kernel replaces it with the container's address",
        detail="before most firewalls look",
        measured=False,
    )
    return Path(begin=begin, steps=(call, rule, *end), arrives=door.reach is Reach.REACHED)


def _unpublished(
    member: Member, end: tuple[Step, ...], address: str, number: int, direct: Reach, *, here: bool
) -> Path:
    if member.mode == HOST:
        step = Step(where="this computer", what="a program calls", detail=f"{LOOPBACK}:{number}", measured=False)
        return Path(begin="it uses the host's network: no step between", steps=(step, end[-1]), arrives=True)
    if member.mode == NONE or not address:
        return Path(begin="from anywhere", steps=(), arrives=False, why="it is on no network")
    call = Step(where="this computer", what="a program calls the container's own address", detail=f"{address}:{number}")
    reached = direct is Reach.REACHED
    if here:
        return Path(
            begin="from this computer, without a published port",
            steps=(call, *end),
            arrives=reached,
            why="" if reached else direct.value,
        )
    return Path(begin="from this computer", steps=(call,), arrives=reached, why=f"not published: {direct.value}")
