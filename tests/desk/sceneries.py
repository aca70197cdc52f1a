"""Sceneries for the desk's tests: so many containers on two networks, with names that are short, long or hostile."""

from __future__ import annotations

from helpers.desk.model.scenery import Image, Link, Scenery, Volume
from helpers.engine.model.container import Published, State
from helpers.networks.model.networks import Member, Network, NetworkMap, Tap


def network(name: str, *, third: int = 1, internal: bool = False) -> Network:
    return Network(
        id=f"net-{name}",
        name=name,
        full_name=name,
        driver="bridge",
        internal=internal,
        subnets=(f"10.0.{third}.0/24",),
        mine=True,
    )


def member(
    name: str, *networks: str, state: State = State.RUNNING, image: str = "localhost/course/busybox:1", port: int = 0
) -> Member:
    running = state is State.RUNNING
    return Member(
        id=f"id-{name}",
        name=name,
        full_name=name,
        image=image,
        state=state,
        taps=tuple(Tap(network=f"net-{one}", address="10.0.1.2" if running else "") for one in networks),
        published=(Published(address="127.0.0.1", port=port, container_port=8080),) if port else (),
        mine=True,
    )


def scenery(
    *members: Member, networks: tuple[Network, ...] = (), volumes: tuple[str, ...] = (), images: tuple[str, ...] = ()
) -> Scenery:
    return Scenery(
        link=Link.ANSWERS,
        where="unix:///engine.sock",
        map=NetworkMap(networks=networks, members=members),
        volumes=tuple(Volume(name=name) for name in volumes),
        images=tuple(Image(id=f"sha256:{name}", names=(name,)) for name in images),
        rest={"container": 3, "base image": 5},
    )


FRONT, BACK = network("hs-front"), network("hs-back", third=2, internal=True)


def shop(count: int) -> Scenery:
    """So many running containers, one in three on both networks."""
    return scenery(
        *(member(f"hs-worker-{n}", *(("hs-front", "hs-back") if n % 3 == 0 else ("hs-front",))) for n in range(count)),
        networks=(FRONT, BACK),
    )
