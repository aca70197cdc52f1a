"""An address on a network that nobody has: a call to it tells whether somebody answers in the containers' place."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from itertools import islice

from helpers.engine.client import Client
from helpers.networks.model.networks import Network

_TRIED = 64  # addresses from the end of a subnet; engines give them out from its beginning


def addresses(client: Client, networks: Iterable[Network]) -> Mapping[str, str]:
    """By a network's id, an IPv4 address in its subnet that no container has; none for a network without a free one.

    Nobody outside of the engine has such an address either: the subnet is the network's own. One HTTP call a network.
    """
    found = {}
    for network in networks:
        row = client.inspect_network(network.id)
        taken = {str(end.get("IPv4Address") or "").partition("/")[0] for end in (row.get("Containers") or {}).values()}
        address = free(network.subnets, taken | set(network.gateways))
        if address:
            found[network.id] = address
    return found


def free(subnets: Iterable[str], taken: Iterable[str]) -> str:
    """The highest address of the first IPv4 subnet that is not taken; "" if there is none near its end."""
    used = set(taken)
    for subnet in subnets:
        net = ipaddress.ip_network(subnet, strict=False)
        if net.version != 4 or net.num_addresses < 8:
            continue
        last = int(net.broadcast_address) - 1
        numbers = islice(range(last, int(net.network_address), -1), _TRIED)
        return next((str(one) for one in map(ipaddress.ip_address, numbers) if str(one) not in used), "")
    return ""
