"""Networks: making, connecting, removing, and the whole map from two list calls."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from helpers import errors
from helpers.engine import container_names
from helpers.engine.client import Client
from helpers.engine.model.container import Container, Published, State
from helpers.engine.model.settings import Settings
from helpers.engine.ownership import labels
from helpers.engine.ownership.journal import Entry
from helpers.engine.ownership.ledger import Ledger, of_another_scene, taken
from helpers.networks.model.asked import Asked
from helpers.networks.model.networks import HOST, ICC, NONE, SHARED, Member, Network, NetworkMap, Tap

_BUILT_IN = ("bridge", "host", "none", "default")


def look(client: Client, *, scene: str | None = None) -> NetworkMap:
    """Every network and container of the engine. Two HTTP calls, however many there are.

    scene: whose objects are marked as the learner's own; None: those of all scenes. The list is taken as the engine
    sends it: docker-py's own would inspect each container again.

    Equivalent: docker network ls; docker ps --all
    """
    return read(client.networks(), client.containers(all=True), client.ledger(), scene=scene)


def read(
    network_rows: Iterable[Mapping[str, Any]],
    container_rows: Iterable[Mapping[str, Any]],
    ledger: Ledger,
    *,
    scene: str | None = None,
) -> NetworkMap:
    """The map from the two lists as the engine sends them."""
    networks = tuple(_network(row, scene, ledger) for row in network_rows)
    by_name = {n.full_name: n.id for n in networks}
    gateways: dict[str, set[str]] = {}
    members = []
    for row in container_rows:
        members.append(_member(row, by_name, scene, ledger))
        for name, end in ((row.get("NetworkSettings") or {}).get("Networks") or {}).items():
            if end and end.get("Gateway"):
                gateways.setdefault(by_name.get(name, ""), set()).add(str(end["Gateway"]))
    members.sort(key=lambda m: (not m.mine, m.name, m.id))
    full = tuple(
        n if n.gateways else _with_gateways(n, tuple(sorted(gateways.get(n.id, ()))) or _first(n)) for n in networks
    )
    order = sorted(full, key=lambda n: (not n.mine, n.full_name == "bridge", n.name, n.id))
    return NetworkMap(networks=tuple(order), members=tuple(members))


def aliases(client: Client, container_id: str) -> tuple[str, ...]:
    """The names that it has on its networks besides its own. The list does not tell them.

    Raises: NotFound.
    Equivalent: docker inspect CONTAINER
    """
    row = client.inspect_container(container_id)
    found: list[str] = []
    for end in ((row.get("NetworkSettings") or {}).get("Networks") or {}).values():
        for word in (end or {}).get("Aliases") or ():
            if word not in found and word != container_id[:12]:  # engines before 26 count the short id
                found.append(str(word))
    return tuple(found)


def asked(client: Client, container: Container) -> Asked:
    """What it was told when it was made.

    Raises: NotFound.
    Equivalent: docker inspect --format '{{json .HostConfig.PortBindings}}' CONTAINER
    """
    host = client.inspect_container(container.id).get("HostConfig") or {}
    wanted = [
        (str(binding.get("HostIp") or ""), int(inside.partition("/")[0]))
        for inside, bindings in (host.get("PortBindings") or {}).items()
        for binding in bindings or [{}]
    ]
    return Asked(
        mode=str(host.get("NetworkMode") or ""),
        publish=tuple(wanted),
        every=bool(host.get("PublishAllPorts")),
        hosts=tuple(host.get("ExtraHosts") or ()),
        ports=tuple((one.address, one.container_port) for one in container.published),
    )


def create(
    client: Client, name: str, *, scene: str, internal: bool = False, subnet: str = "", icc: bool = True
) -> Network:
    """Makes a network of the scene's. One of that name and kind is left as it is; another one of ours is replaced.

    Listed first: 20.10 makes a second network of the same name without a word.

    Raises: WrongUse for a name of another form, CourseError if containers are on the one to replace, NotOurs if the
        course did not make it, EngineRefused.
    Equivalent: docker network create [--internal] [--subnet SUBNET] NAME
    """
    full = labels.object_name(name)
    for row in client.networks(names=[full]):
        if row["Name"] != full:  # the filter finds parts of names, too
            continue
        ledger = client.ledger()
        entry = ledger.entry("network", row["Id"], row.get("Labels"))
        if entry is None:
            raise taken("network", full, row.get("Labels"))
        if entry.scene != scene:
            raise of_another_scene("network", full, entry.scene)
        there = _network(row, scene, ledger)
        if (there.internal, there.icc) == (internal, icc) and (not subnet or subnet in there.subnets):
            return there
        remove(client, there)
    pools = [{"Subnet": subnet}] if subnet else []
    made = client.create_network(
        full,
        driver="bridge",
        internal=internal,
        options=None if icc else {ICC: "false"},
        ipam={"Driver": "default", "Config": pools} if pools else None,
        labels=labels.labels(scene),
    )
    return _network(client.inspect_network(made["Id"]), scene, client.ledger())


def find(client: Client, word: str, *, scene: str) -> Network:
    """The network that the learner calls `word`: of this scene, else by its name on the engine. One HTTP call.

    Raises: NotFound with the scene's networks; WrongUse for an empty name.
    """
    if not isinstance(word, str) or not word:
        raise errors.WrongUse(f"{word!r} is not a network's name.", "a name is a word", 'Such as "front".')
    ledger = client.ledger()
    everything = [_network(row, scene, ledger) for row in client.networks()]
    own = [n for n in everything if n.mine and labels.means(word, n.name)]
    found = own or [n for n in everything if word in (n.full_name, n.id)]
    if found:
        return found[0]
    known = ", ".join(sorted(n.name for n in everything if n.mine)) or "none"
    raise errors.NotFound(f"There is no network called {word!r} here.", next_step=f"Networks of this scene: {known}.")


def joined(client: Client, settings: Settings, name: str, *, scene: str) -> Settings:
    """The settings of a container with its network's name on the engine, and known there by its name without a number.

    settings.network: one of the scene's, the engine's "bridge", "host" and "none", or "container:NAME". Names work on
    networks that somebody made.

    Raises: NotFound.
    """
    word = settings.network
    if word in _BUILT_IN or not word:
        return settings
    if word.startswith(SHARED):
        other = container_names.find(client, word.removeprefix(SHARED), scene=scene)
        return replace(settings, network=SHARED + other.id)
    found = find(client, word, scene=scene)
    plain = [labels.word(name)] if found.names and name and labels.object_name(name) != labels.word(name) else []
    aliases = tuple(dict.fromkeys((*plain, *settings.network_alias)))
    return replace(settings, network=found.full_name, network_alias=aliases)


def connect(client: Client, network: Network, container_id: str, *, names: tuple[str, ...] = ()) -> None:
    """Connects a container, running or not. names: further names there; only where names work.

    Raises: EngineRefused.
    Equivalent: docker network connect [--alias NAME] NETWORK CONTAINER
    """
    client.connect_container_to_network(container_id, network.id, aliases=list(names) if network.names else None)


def disconnect(client: Client, network: Network, container_id: str) -> None:
    """Takes a container off a network. Equivalent: docker network disconnect NETWORK CONTAINER.

    Raises: EngineRefused.
    """
    client.disconnect_container_from_network(container_id, network.id)


def remove(client: Client, network: Network) -> None:
    """Removes a network; that it is gone already is fine. Equivalent: docker network rm NETWORK.

    Raises: CourseError if containers are on it.
    """
    try:
        client.remove_network(network.id)
    except errors.NotFound:
        return
    except errors.EngineRefused as error:
        if "active endpoints" not in error.message:
            raise
        raise errors.CourseError(
            f"The network {network.name} is in use.",
            "containers are connected to it",
            "Disconnect or remove them first; networks.map shows who they are.",
        ) from error


def _with_gateways(network: Network, gateways: tuple[str, ...]) -> Network:
    return replace(network, gateways=gateways)


def _first(network: Network) -> tuple[str, ...]:
    """A bridge without a named gateway (20.10) and running containers: the first address, which engines take."""
    if network.driver != "bridge" or not network.subnets:
        return ()
    return (str(next(ipaddress.ip_network(network.subnets[0], strict=False).hosts())),)


def _network(row: Mapping[str, Any], scene: str | None, ledger: Ledger) -> Network:
    full, options, found = str(row.get("Name") or ""), row.get("Options") or {}, row.get("Labels") or {}
    pools = (row.get("IPAM") or {}).get("Config") or []
    driver = str(row.get("Driver") or "")
    default = options.get("com.docker.network.bridge.default_bridge") == "true" or full in _BUILT_IN
    return Network(
        id=str(row["Id"]),
        name=labels.short_name(full),
        full_name=full,
        driver=driver,
        internal=bool(row.get("Internal")),
        names=not default and driver not in ("host", "null"),
        icc=options.get(ICC, "true") != "false",
        subnets=tuple(str(pool["Subnet"]) for pool in pools if pool.get("Subnet")),
        gateways=tuple(str(pool["Gateway"]).partition("/")[0] for pool in pools if pool.get("Gateway")),
        mine=_mine(ledger.entry("network", str(row["Id"]), found), scene),
    )


def _member(row: Mapping[str, Any], by_name: Mapping[str, str], scene: str | None, ledger: Ledger) -> Member:
    found = row.get("Labels") or {}
    full = str((row.get("Names") or [row["Id"][:12]])[0]).lstrip("/")
    mode = str((row.get("HostConfig") or {}).get("NetworkMode") or "")
    own = mode not in (HOST, NONE) and not mode.startswith(SHARED)
    ports = [port for port in row.get("Ports") or [] if str(port.get("Type") or "tcp") == "tcp"]
    taps = []
    for name, end in ((row.get("NetworkSettings") or {}).get("Networks") or {}).items():
        if name in (HOST, NONE):
            continue
        taps.append(
            Tap(
                network=str((end or {}).get("NetworkID") or "") or by_name.get(name, name),
                address=str((end or {}).get("IPAddress") or ""),
                address6=str((end or {}).get("GlobalIPv6Address") or ""),
            )
        )
    # created with "none" and connected later: it has networks of its own then
    return Member(
        id=str(row["Id"]),
        name=labels.short_name(full),
        full_name=full,
        image=str(row.get("Image") or ""),
        state=State.read(str(row.get("State") or "unknown")),
        mode="" if own or (mode == NONE and taps) else mode,
        taps=tuple(taps),
        published=tuple(
            Published(
                address=str(port.get("IP") or ""), port=int(port["PublicPort"]), container_port=int(port["PrivatePort"])
            )
            for port in ports
            if port.get("PublicPort")
        ),
        declares=tuple(sorted({int(port["PrivatePort"]) for port in ports})),
        mine=_mine(ledger.entry("container", str(row["Id"]), found), scene),
    )


def _mine(entry: Entry | None, scene: str | None) -> bool:
    return entry is not None and scene in (None, entry.scene)
