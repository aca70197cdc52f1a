"""Who reaches whom: small worlds of containers and networks, and for each the whole truth, written by hand.

Written from what Docker promises, before the code that measures it. Every attempt that `networks.reach` makes has its
line in the table of its world, and every line is an attempt.

A line: from, to, by what, what comes of it. By what: `name` is the container's full name on the engine; a word is a
name that it has on a network; `@front` is its address there; `@itself` is 127.0.0.1 between containers that share a
network namespace; `@host` leads to the engine's host, where a container with the host's network is; `@nowhere` stands
for the address of one that has none; `port 127.0.0.1` is the published port there. `:9090` names the port where more
than one is tried.

What comes of it: reached, refused, filtered, unknown, silent, no route, can't test. `unknown` means that the DNS
server says so; an engine asks the machine's own server for names that it does not know, so where that one never
answers, unknown counts as silent too. On an internal network engines differ, and two words stand for either: `nameless`
is unknown or silent; `no way` is no route or filtered (20.10 gives its containers a default route, later ones do not).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HERE = "this computer"


@dataclass(frozen=True, kw_only=True)
class Net:
    """A network to make. icc: containers on it may talk to each other."""

    name: str
    internal: bool = False
    icc: bool = True


@dataclass(frozen=True, kw_only=True)
class Box:
    """A container to start.

    networks: of the world; "bridge" is the engine's default, "host" and "none" are what they are called.
    aliases: network -> further names there. serves: address:port, each with a server of its own. inside: the container
    whose network namespace it shares. publish: address on this computer -> port inside. declares: ports that are
    exposed, and nothing more. stopped: it has run, and has ended.
    """

    name: str
    networks: tuple[str, ...] = ("front",)
    aliases: Mapping[str, str] = field(default_factory=dict)
    serves: tuple[str, ...] = ("0.0.0.0:8080",)
    inside: str = ""
    publish: Mapping[str, int] = field(default_factory=dict)
    declares: tuple[int, ...] = ()
    stopped: bool = False


@dataclass(frozen=True, kw_only=True)
class World:
    """Networks, containers, and the truth. port: the only one to try; None: whatever listens or is declared."""

    name: str
    boxes: tuple[Box, ...]
    truth: str
    nets: tuple[Net, ...] = (Net(name="front"),)
    port: int | None = None


FRONT_AND_BACK = (Net(name="front"), Net(name="back"))

WORLDS = (
    World(
        name="one-network",
        boxes=(Box(name="web"), Box(name="api")),
        truth="""
            web            api   name, api        reached
            web            api   @front           reached
            api            web   name, web        reached
            api            web   @front           reached
            this computer  web   name, web        unknown
            this computer  web   @front           reached
            this computer  api   name, api        unknown
            this computer  api   @front           reached
        """,
    ),
    World(
        name="two-networks",
        nets=FRONT_AND_BACK,
        boxes=(Box(name="web"), Box(name="api", networks=("front", "back")), Box(name="store", networks=("back",))),
        truth="""
            web            api    name, api       reached
            web            api    @front          reached
            web            api    @back           filtered
            web            store  name, store     unknown
            web            store  @back           filtered
            api            web    name, web       reached
            api            web    @front          reached
            api            store  name, store     reached
            api            store  @back           reached
            store          web    name, web       unknown
            store          web    @front          filtered
            store          api    name, api       reached
            store          api    @back           reached
            store          api    @front          filtered
            this computer  web    name, web       unknown
            this computer  web    @front          reached
            this computer  api    name, api       unknown
            this computer  api    @front, @back   reached
            this computer  store  name, store     unknown
            this computer  store  @back           reached
        """,
    ),
    World(
        name="internal",
        nets=(Net(name="front"), Net(name="back", internal=True)),
        boxes=(Box(name="web"), Box(name="api", networks=("front", "back")), Box(name="store", networks=("back",))),
        truth="""
            web            api    name, api       reached
            web            api    @front          reached
            web            api    @back           filtered
            web            store  name, store     unknown
            web            store  @back           filtered
            api            web    name, web       reached
            api            web    @front          reached
            api            store  name, store     reached
            api            store  @back           reached
            store          web    name, web       nameless
            store          web    @front          no way
            store          api    name, api       reached
            store          api    @back           reached
            store          api    @front          no way
            this computer  web    name, web       unknown
            this computer  web    @front          reached
            this computer  api    name, api       unknown
            this computer  api    @front, @back   reached
            this computer  store  name, store     unknown
            this computer  store  @back           reached
        """,
    ),
    World(
        name="default-bridge",
        nets=(),
        boxes=(Box(name="one", networks=("bridge",)), Box(name="two", networks=("bridge",))),
        truth="""
            one            two   name, two        unknown
            one            two   @bridge          reached
            two            one   name, one        unknown
            two            one   @bridge          reached
            this computer  one   name, one        unknown
            this computer  one   @bridge          reached
            this computer  two   name, two        unknown
            this computer  two   @bridge          reached
        """,
    ),
    World(
        name="default-and-own",
        boxes=(Box(name="old", networks=("bridge",)), Box(name="web")),
        truth="""
            old            web   name, web        unknown
            old            web   @front           filtered
            web            old   name, old        unknown
            web            old   @bridge          filtered
            this computer  old   name, old        unknown
            this computer  old   @bridge          reached
            this computer  web   name, web        unknown
            this computer  web   @front           reached
        """,
    ),
    World(
        name="host",
        boxes=(Box(name="web"), Box(name="bare", networks=("host",), serves=("0.0.0.0:18231",))),
        truth="""
            web            bare  name, bare       unknown
            web            bare  @host            reached
            bare           web   name, web        unknown
            bare           web   @front           reached
            this computer  web   name, web        unknown
            this computer  web   @front           reached
            this computer  bare  name, bare       unknown
            this computer  bare  @host            reached
        """,
    ),
    World(
        name="none",
        boxes=(Box(name="web"), Box(name="lonely", networks=("none",))),
        truth="""
            web            lonely  name, lonely   unknown
            web            lonely  @nowhere       can't test
            lonely         web     name, web      silent
            lonely         web     @front         no route
            this computer  web     name, web      unknown
            this computer  web     @front         reached
            this computer  lonely  name, lonely   unknown
            this computer  lonely  @nowhere       can't test
        """,
    ),
    World(
        name="shared-namespace",
        nets=(Net(name="back"),),
        boxes=(
            Box(name="api", networks=("back",)),
            Box(name="store", networks=("back",)),
            Box(name="sidecar", networks=(), inside="store", serves=("0.0.0.0:9090",)),
        ),
        truth="""
            api            store    name, store       reached
            api            store    @back             reached
            api            sidecar  name, sidecar     unknown
            api            sidecar  @back             reached
            store          api      name, api         reached
            store          api      @back             reached
            store          sidecar  name, sidecar     unknown
            store          sidecar  @back, @itself    reached
            sidecar        api      name, api         reached
            sidecar        api      @back             reached
            sidecar        store    name, store       reached
            sidecar        store    @back, @itself    reached
            this computer  api      name, api         unknown
            this computer  api      @back             reached
            this computer  store    name, store       unknown
            this computer  store    @back             reached
            this computer  sidecar  name, sidecar     unknown
            this computer  sidecar  @back             reached
        """,
    ),
    World(
        name="stopped",
        boxes=(Box(name="web"), Box(name="old", stopped=True)),
        port=8080,
        truth="""
            web            old   name, old        unknown
            web            old   @nowhere         can't test
            old            web   name, web        can't test
            old            web   @front           can't test
            this computer  web   name, web        unknown
            this computer  web   @front           reached
            this computer  old   name, old        unknown
            this computer  old   @nowhere         can't test
        """,
    ),
    World(
        name="alias",
        nets=FRONT_AND_BACK,
        boxes=(
            Box(name="web"),
            Box(name="api", networks=("back",)),
            Box(name="store", networks=("front", "back"), aliases={"back": "db"}),
        ),
        truth="""
            web            api    name, api         unknown
            web            api    @back             filtered
            web            store  name, store       reached
            web            store  db                unknown
            web            store  @front            reached
            web            store  @back             filtered
            api            web    name, web         unknown
            api            web    @front            filtered
            api            store  name, store, db   reached
            api            store  @back             reached
            api            store  @front            filtered
            store          web    name, web         reached
            store          web    @front            reached
            store          api    name, api         reached
            store          api    @back             reached
            this computer  web    name, web         unknown
            this computer  web    @front            reached
            this computer  api    name, api         unknown
            this computer  api    @back             reached
            this computer  store  name, store, db   unknown
            this computer  store  @front, @back     reached
        """,
    ),
    World(
        name="bound-to-loopback",
        boxes=(Box(name="web"), Box(name="shy", serves=("127.0.0.1:8080",), publish={"127.0.0.1": 8080})),
        truth="""
            web            shy   name, shy        refused
            web            shy   @front           refused
            shy            web   name, web        reached
            shy            web   @front           reached
            this computer  web   name, web        unknown
            this computer  web   @front           reached
            this computer  shy   name, shy        unknown
            this computer  shy   @front           refused
            this computer  shy   port 127.0.0.1   refused
        """,
    ),
    World(
        name="one-of-two-ports-on-loopback",
        boxes=(Box(name="web"), Box(name="half", serves=("0.0.0.0:8080", "127.0.0.1:9090"))),
        truth="""
            web            half  name:8080, half:8080   reached
            web            half  @front:8080            reached
            web            half  name:9090, half:9090   refused
            web            half  @front:9090            refused
            half           web   name, web              reached
            half           web   @front                 reached
            this computer  web   name, web              unknown
            this computer  web   @front                 reached
            this computer  half  name:8080, half:8080   unknown
            this computer  half  @front:8080            reached
            this computer  half  name:9090, half:9090   unknown
            this computer  half  @front:9090            refused
        """,
    ),
    World(
        name="published-on-one-address",
        boxes=(
            Box(name="here", publish={"127.0.0.1": 8080}),
            Box(name="other", publish={"127.0.0.2": 8080}),
            Box(name="closed"),
        ),
        truth="""
            here           other   name, other      reached
            here           other   @front           reached
            here           closed  name, closed     reached
            here           closed  @front           reached
            other          here    name, here       reached
            other          here    @front           reached
            other          closed  name, closed     reached
            other          closed  @front           reached
            closed         here    name, here       reached
            closed         here    @front           reached
            closed         other   name, other      reached
            closed         other   @front           reached
            this computer  here    name, here       unknown
            this computer  here    @front           reached
            this computer  here    port 127.0.0.1   reached
            this computer  other   name, other      unknown
            this computer  other   @front           reached
            this computer  other   port 127.0.0.1   refused
            this computer  other   port 127.0.0.2   reached
            this computer  closed  name, closed     unknown
            this computer  closed  @front           reached
        """,
    ),
    World(
        name="icc-off",
        nets=(Net(name="quiet", icc=False),),
        boxes=(Box(name="one", networks=("quiet",)), Box(name="two", networks=("quiet",))),
        truth="""
            one            two   name, two        filtered
            one            two   @quiet           filtered
            two            one   name, one        filtered
            two            one   @quiet           filtered
            this computer  one   name, one        unknown
            this computer  one   @quiet           reached
            this computer  two   name, two        unknown
            this computer  two   @quiet           reached
        """,
    ),
    World(
        name="two-with-one-alias",
        nets=(Net(name="back"),),
        boxes=(
            Box(name="api", networks=("back",)),
            Box(name="store-1", networks=("back",), aliases={"back": "store"}),
            Box(name="store-2", networks=("back",), aliases={"back": "store"}),
        ),
        truth="""
            api            store-1  name, store-1, store   reached
            api            store-1  @back                  reached
            api            store-2  name, store-2, store   reached
            api            store-2  @back                  reached
            store-1        api      name, api              reached
            store-1        api      @back                  reached
            store-1        store-2  name, store-2, store   reached
            store-1        store-2  @back                  reached
            store-2        api      name, api              reached
            store-2        api      @back                  reached
            store-2        store-1  name, store-1, store   reached
            store-2        store-1  @back                  reached
            this computer  api      name, api              unknown
            this computer  api      @back                  reached
            this computer  store-1  name, store-1, store   unknown
            this computer  store-1  @back                  reached
            this computer  store-2  name, store-2, store   unknown
            this computer  store-2  @back                  reached
        """,
    ),
    World(
        name="declared-only",
        boxes=(Box(name="web"), Box(name="silent", serves=(), declares=(9000,))),
        truth="""
            web            silent  name, silent   refused
            web            silent  @front         refused
            silent         web     name, web      reached
            silent         web     @front         reached
            this computer  web     name, web      unknown
            this computer  web     @front         reached
            this computer  silent  name, silent   unknown
            this computer  silent  @front         refused
        """,
    ),
)
