"""Lab 08: its tasks. How to add one: docs/AUTHORS.md."""

import hashlib
import random
import re
from pathlib import Path

from helpers.containers.record_checks import Records
from helpers.engine.model.container import Container, State
from helpers.lab.look import Look
from helpers.lab.stage import Stage
from helpers.lab.task import Lab, Task
from helpers.networks.checks import Networks
from helpers.networks.model.networks import HOST
from helpers.networks.model.reachability import Reach, Reachability

IMAGE = Path(__file__).with_name("image")
PORTS = {"front": 8080, "api": 8000, "store": 6379}  # what each of the three listens on; see image/shop
FLAT = "hs-flat"
LOCAL = "127.0.0.1"
ADDRESS = re.compile(r"[\d.]+|\[.*\]")


def draw(dice: random.Random) -> dict[str, str]:
    """What the learner's shop is called, what is in stock, and what the words of the cash book are made from."""
    tea = dice.choice(["Assam", "Ceylon", "Darjeeling", "Keemun", "Oolong", "Sencha"])
    return {
        "name": f"hs-tea-{dice.choice('bcdfghjklmnpqrstvwxz')}{dice.randrange(100, 1000)}",
        "_stock": f"{dice.randrange(101, 1000)} crates of {tea}",
        "_book": f"{dice.randrange(10**9, 10**10)}",
    }


# setting up: the old shop, all of it on one network, all of it published (here, on 127.0.0.1 alone)


def old_name(role: str) -> str:
    """What the old one of that role is called."""
    return f"hs-old-{role}"


def prepare(look: Look) -> None:
    """One image, one network, and three containers on it. Whoever of them runs, stays."""
    standing = {role: Stage(look).standing(old_name(role)) for role in PORTS}
    missing = [role for role, one in standing.items() if one is None or one.state is not State.RUNNING]
    recipe = (IMAGE / "Dockerfile").read_text(encoding="utf-8")
    name = look.given["name"]
    values = {
        "API": f"{name}-api",
        "STORE": f"{name}-store",
        "STOCK": look.given["_stock"],
        "BOOK": look.given["_book"],
    }
    recipe += "".join(f'ENV {word}="{value}"\n' for word, value in values.items())
    scripts = ("shop", "www/cgi-bin/index.cgi")
    image = Stage(look).image("hs-old-shop", recipe, {path: (IMAGE / path).read_bytes() for path in scripts})
    look.give("image", image)
    if not missing:
        return
    flat = Networks(look).put(FLAT)
    settings = {"API": old_name("api"), "STORE": old_name("store")}
    for role in missing:
        Stage(look).put(
            old_name(role),
            image,
            role,
            publish=[PORTS[role]],
            network=flat,
            network_alias=[old_name(role)],
            environment=settings,
        )


# 1


def word_for(look: Look, address: str) -> str:
    """What the store answers when this address asks for the cash book; see image/www/cgi-bin/index.cgi."""
    return hashlib.sha256(f"{look.given['_book']} {address}\n".encode()).hexdigest()[:8]


def check_inside(look: Look) -> None:
    """The answer holds the word that the old store gives to the old front, and to nobody else."""
    said = look.text()
    expected = "the word in the cash book, as the store tells the front"
    found = f"you said: {' '.join(said.split())[:60]}"
    old = {role: Stage(look).need(old_name(role)) for role in PORTS}
    part = Networks(look).map()
    addresses = {
        role: [tap.address for tap in part.taps(part.member(one.id)) if tap.address] for role, one in old.items()
    }
    if any(word_for(look, address) in said for address in addresses["front"]):
        return
    for role in ("api", "store"):
        for address in (*addresses[role], LOCAL):
            look.expect(
                word_for(look, address) not in said,
                expected,
                f"that is what the store tells {address}: {'itself' if role == 'store' or address == LOCAL else role}",
                mistake="not-from-the-front",
            )
    gateways = [gateway for network in part.networks for gateway in network.gateways]
    look.expect(
        not any(word_for(look, gateway) in said for gateway in gateways),
        expected,
        "that is what the store tells whoever comes from the engine's host, through a published port",
        mistake="through-the-port",
    )
    look.expect("in stock" not in said and look.given["_stock"] not in said, expected, found, mistake="the-page")
    look.wrong(expected, found, look="Port 6379 of the store, the page /?cash-book")


INSIDE = Task(
    id="08.1-inside",
    title="Somebody got into the front",
    brief="The old shop runs: `hs-old-front`, `hs-old-api` and `hs-old-store`, all on one network. The front is what "
    "the world sees, so sooner or later somebody gets into it. You are that somebody: run a command inside the front "
    "that asks the store, port 6379, for the page `/?cash-book`. Answer with what it says. (The store tells everyone "
    "who asks a different word, so the word shows who asked.)",
    answered=True,
    check=check_inside,
    mistakes={
        "not-from-the-front": "The store was asked, but not by the front. In which container does the command have to "
        "run?",
        "through-the-port": "The store was asked from outside, through its published port. That works as well, and it "
        "is the second thing you will mend. For now, ask from the front.",
        "the-page": "That is what is in stock: the page that everybody may see. The cash book is another page.",
    },
    hints=(
        "`docker exec`, or `containers.exec`, runs a second command in a container. All three have `wget`.",
        "On this network the store is called `hs-old-store`. The address is `http://hs-old-store:6379/?cash-book`.",
        "The command, word by word: wget, -q, -O-, and the address.",
    ),
    solution='answer = containers.exec("hs-old-front", "wget", "-q", "-O-", "http://hs-old-store:6379/?cash-book").text',
    commands=('docker exec hs-old-front wget -q -O- "http://hs-old-store:6379/?cash-book"',),
    reason="All three are on one network, and any container on a network can reach every port of the others. "
    "Publishing has nothing to do with that.",
    wrong={
        "not-from-the-front": 'answer = containers.exec("hs-old-api", "wget", "-q", "-O-", "http://hs-old-store:6379/?cash-book").text',
        "through-the-port": 'answer = containers.get("hs-old-store", "/?cash-book").body',
        "the-page": 'answer = containers.get("hs-old-front", "/").body',
    },
)


# 2 to 5: the learner's own shop


def shop(look: Look, *, painted: str = "") -> dict[str, Container]:
    """The learner's three containers, in whatever state; ends the check if one is missing, or is something else.

    painted: the name of the mistake to put another image up.
    """
    name = look.given["name"]
    found = {role: look.container(f"{name}-{role}") for role in PORTS}
    if not any(found.values()):
        look.not_attempted()
    expected = f"three containers: {', '.join(f'{name}-{role}' for role in PORTS)}"
    image = look.id_of(look.given["image"])
    mine: dict[str, Container] = {}
    for role, one in found.items():
        if one is None:
            look.wrong(expected, f"there is no {name}-{role} yet")
        told = Records(look).of(one).command
        look.expect(
            one.image_id == image and told == (role,),
            f"{name}-{role} is made from the shop's image, and told to be the {role}",
            f"it is made from {one.image}, and told: {' '.join(told) or 'nothing'}",
            mistake=painted,
        )
        mine[role] = one
    return mine


def own_network(look: Look, one: Container, *, mistake: str) -> None:
    """Ends the check if it has no network namespace of its own."""
    mode = Networks(look).asked(one).mode
    expected = f"{one.name} has a network of its own"
    look.expect(mode != HOST, expected, "it shares the network of the engine's host", mistake=mistake)


def running(look: Look, mine: dict[str, Container]) -> None:
    """Ends the check unless all three run: nobody reaches what does not run, and that proves nothing."""
    for one in mine.values():
        last = (look.log(one).strip().splitlines() or ["nothing"])[-1]
        look.expect(look.runs(one), f"{one.name} runs", f"it {one.state.said}", f"its log ends with: {last}")


def words(found: Reachability, source: Container, target: Container) -> str:
    """What was tried between the two, and what came of it."""
    tried = [a for a in found.cell(source.name, target.name).attempts if a.tried]
    mine = [a for a in tried if a.tried != target.full_name or target.full_name == target.name]
    said = [f"{a.tried}{f':{a.port}' if a.port else ''} {a.reach.value}" for a in mine]
    return f"{source.name} → {target.name}: {', '.join(said) or 'there is no address to try'}"


def reached(found: Reachability, source: Container, target: Container, port: int) -> bool:
    """Whether any attempt, by name or by address, reached it."""
    return any(a.reach is Reach.REACHED and a.port == port for a in found.cell(source.name, target.name).attempts)


# 2


def check_store(look: Look) -> None:
    """The api reaches the store; the front, a stranger and this computer's published ports do not."""
    mine = shop(look)
    front, api, store = mine["front"], mine["api"], mine["store"]
    expected = f"{api.name} reaches {store.name}, and nobody else does"
    own_network(look, store, mistake="host-mode")
    published = Networks(look).asked(store).addresses
    look.expect(
        not published,
        expected,
        f"a port of {store.name} is published on {' and '.join(one or 'every address' for one in published)}",
        mistake="published",
    )
    running(look, mine)
    found = Networks(look).matrix(front, api, store)
    port = PORTS["store"]
    look.expect(
        reached(found, api, store, port), expected, words(found, api, store), look="Who is where", mistake="cut-off"
    )
    look.expect(not reached(found, front, store, port), expected, words(found, front, store), mistake="flat")
    look.expect(
        reached(found, front, api, PORTS["api"]),
        f"{front.name} reaches {api.name}: otherwise it proves nothing that it does not reach the store",
        words(found, front, api),
    )
    addresses = [tap.address for tap in found.map.taps(found.map.member(store.name)) if tap.address]
    stranger = Networks(look).stranger_reaches(addresses, port)
    look.expect(
        not stranger,
        expected,
        f"a new container, started without naming a network, reached {stranger}:{port}",
        mistake="default-network",
    )
    everything = Networks(look).map()
    member = everything.member(store.id)
    nets = everything.networks_of(member)
    others = [
        one
        for one in everything.members
        if one.id not in (api.id, store.id)
        and (set(everything.networks_of(one)) & set(nets) or everything.owner(one) is everything.owner(member))
    ]
    for one in others:
        shared = ", ".join(n.name for n in everything.common(one, member)) or "its namespace"
        look.wrong(
            expected, f"{one.name} ({one.state.value}) is on {shared}, too", look="Who is where", mistake="company"
        )
    look.note(words(found, api, store))
    look.note(words(found, front, store))
    look.note(
        f"a new container, started without naming a network, reaches it at none of its addresses: {', '.join(addresses)}"
    )


# The shop as the solutions put it up. What a task is not about yet may be simpler.
START = 'name, image = x.given["name"], x.given["image"]\n'


def put_up(
    *,
    nets: dict[str, str],
    front: tuple[str, ...] = ("outer", "middle"),
    api: tuple[str, ...] = ("middle", "back"),
    store: tuple[str, ...] = ("back",),
    more: dict[str, str] | None = None,
    without: tuple[str, ...] = (),
    then: str = "",
) -> str:
    """The lines that put a shop up. nets: networks, with options. front, api, store: who is where, the first one first.

    more: further options for a role. without: roles that `then` starts.
    """
    lines = [f'networks.create(f"{{name}}-{net}"{option and f", {option}"})' for net, option in nets.items()]
    for role, places in (("store", store), ("api", api), ("front", front)):
        if role in without:
            continue
        known = [net if net in ("bridge", "hs-flat") else f"{{name}}-{net}" for net in places]
        options = "".join([f', network=f"{known[0]}"'] if known else []) + (more or {}).get(role, "")
        lines.append(f'containers.start(image, "{role}", name=f"{{name}}-{role}"{options})')
        lines += [f'networks.connect(f"{net}", f"{{name}}-{role}")' for net in known[1:]]
    return START + "\n".join(lines) + (f"\n{then}" if then else "")


INTERNAL = "internal=True"
OPEN = {"outer": "", "middle": "", "back": ""}
SPLIT = {"outer": "", "middle": INTERNAL, "back": INTERNAL}
DOOR = {"front": ", publish=8080"}
SPLIT_COMMANDS = (  # the split shop with its door, in a terminal
    "docker network create {name}-outer",
    "docker network create --internal {name}-middle",
    "docker network create --internal {name}-back",
    "docker run --detach --name {name}-store --network {name}-back {image} store",
    "docker run --detach --name {name}-api --network {name}-middle {image} api",
    "docker network connect {name}-back {name}-api",
    "docker run --detach --name {name}-front --network {name}-outer --publish 127.0.0.1::8080 {image} front",
    "docker network connect {name}-middle {name}-front",
)


def only_made(role: str, options: str) -> str:
    """A container that is made and not started: for what must not come to be on the machine, not even for a moment."""
    return (
        f'for one in engine.containers.list(all=True, filters={{"name": f"{{name}}-{role}"}}):\n'
        "    one.remove(force=True)\n"
        f'engine.containers.create(image, "{role}", name=f"{{name}}-{role}", {options})'
    )


STORE = Task(
    id="08.4-store",
    title="The store is for the api alone",
    brief="Set up a shop of your own, beside the old one, from the same image `{image}`: three containers called "
    "`{name}-front`, `{name}-api` and `{name}-store`, each told its role by one word (`front`, `api`, `store`), as in "
    "`docker run --detach --name {name}-store {image} store`. Choose networks, called `{name}-` and a word, so that "
    "the api reaches the store, the front reaches the api, and no other container and no published port leads to the "
    "store.",
    check=check_store,
    mistakes={
        "published": "The store has a published port. On 127.0.0.1 it is out of reach for other machines, but open to "
        "everybody and every program on this one. The api does not need it: containers on one network reach each "
        "other's ports, published or not.",
        "flat": "The front reaches the store: they share a network, or a namespace. Containers on one network reach "
        "every port of each other. One network for each pair that has to talk is enough.",
        "default-network": "The store is on the network where containers end up when nobody names one. Any container "
        "started like that is beside it.",
        "company": "One of the store's networks has another container on it besides the api. Whatever it does now, it "
        "could reach the store.",
        "host-mode": "The store has no network of its own: it listens on the engine's machine itself, like any "
        "program there, for everyone who can reach that machine.",
        "cut-off": "Now nobody reaches the store, not even the api. They need a network that both are on, and no more than "
        "that.",
    },
    hints=(
        "Draw it: three boxes, and a line between any two that have to talk. Each line is a network.",
        "A container can be on several networks: `docker network connect` adds one more while it runs.",
        "Two networks will do: one for the front and the api, one for the api and the store. The store publishes "
        "nothing.",
    ),
    solution=put_up(nets={"middle": "", "back": ""}, front=("middle",)),
    commands=(
        "docker network create {name}-middle",
        "docker network create {name}-back",
        "docker run --detach --name {name}-store --network {name}-back {image} store",
        "docker run --detach --name {name}-api --network {name}-middle {image} api",
        "docker network connect {name}-back {name}-api",
        "docker run --detach --name {name}-front --network {name}-middle {image} front",
    ),
    reason="A network is a group of containers that may talk. The api is in both groups, and passes nothing on by "
    "itself. The store needs no published port: that is for calls from outside the networks.",
    wrong={
        "published": put_up(nets={"middle": "", "back": ""}, front=("middle",), more={"store": ", publish=6379"}),
        "flat": put_up(nets={"back": ""}, front=("back",), api=("back",)),
        "default-network": put_up(nets={"middle": ""}, front=("middle",), api=("middle", "bridge"), store=("bridge",)),
        "company": put_up(
            nets={"middle": "", "back": ""},
            front=("middle",),
            then='containers.start(image, "api", name=f"{name}-helper", network=f"{name}-back")',
        ),
        "host-mode": put_up(
            nets={"middle": ""},
            front=("middle",),
            api=("middle",),
            without=("store",),
            then=only_made("store", 'network_mode="host"'),
        ),
        "cut-off": put_up(nets={"middle": "", "back": ""}, front=("middle",), api=("middle",)),
    },
)


# 3


def check_door(look: Look) -> None:
    """The front answers at 127.0.0.1, and nothing else of the shop is published anywhere."""
    mine = shop(look)
    front = mine["front"]
    expected = f"{front.name} answers on {LOCAL} and nowhere else, and it is the only one with a published port"
    own_network(look, front, mistake="host-mode")
    asked = Networks(look).asked(front)
    look.expect(not asked.everywhere, expected, f"a port of {front.name} is for every address", mistake="every-address")
    for other in ("api", "store"):
        where = Networks(look).asked(mine[other]).addresses
        look.expect(
            not where,
            expected,
            f"a port of {mine[other].name} is published on {' and '.join(one or 'every address' for one in where)}",
            mistake="second-door",
        )
    look.expect(asked.addresses, expected, f"{front.name} publishes no port", mistake="not-published")
    running(look, mine)
    addresses = sorted(set(asked.addresses))
    look.expect(addresses == [LOCAL], expected, f"it is published on {', '.join(addresses)}")
    part = Networks(look).map()
    nets = part.networks_of(part.member(front.id))
    inside = ", ".join(str(port) for _, port in asked.ports or asked.publish)
    look.expect(
        any(not net.internal for net in nets),
        expected,
        f"port {inside} was to be published; {front.name} is on {', '.join(net.name for net in nets) or 'no network'}",
        look="What kind of networks these are",
        mistake="no-way-in",
    )
    page = look.page(front, "/", seconds=4)
    look.expect(
        page is not None and page.body.startswith("front,"),
        expected,
        f"nothing comes back from {LOCAL}; the port that is published leads to port {inside} inside",
        f"its log says: {(look.log(front).strip().splitlines() or ['nothing'])[0]}",
        mistake="wrong-port",
    )
    lost = [line for line in page.body.splitlines() if " gets nothing from " in line] if page is not None else []
    look.expect(not lost, expected, f"the page came, but: {lost[-1] if lost else ''}", mistake="off-the-shop")
    look.expect(look.by_hand(front), expected, f"a helper made {front.name}", mistake="by-helper")
    look.note(f"http://{LOCAL}:{front.published[0].port}/ answered; no other port of the three is published")


BY_HAND = """door = {"8080/tcp": ("127.0.0.1", None)}
front = engine.containers.run(image, "front", name=f"{name}-front", network=f"{name}-outer", ports=door, detach=True)
engine.networks.get(f"{name}-middle").connect(front)"""


def door(more: dict[str, str], **options: object) -> str:
    """An open shop with other options for some of the three."""
    return put_up(nets=OPEN, more=more, **options)  # type: ignore[arg-type]


DOOR_TASK = Task(
    id="08.2-door",
    title="One door, for this computer alone",
    brief="Make the page of `{name}-front`, port 8080 inside, answer in your browser, on 127.0.0.1 and a port that the engine "
    "picks, and on no other address of this machine. It must still get its answers from the api, and nothing else of the shop "
    "is published. Make the front in the terminal: what a helper made does not count.",
    check=check_door,
    mistakes={
        "every-address": "Without an address, a port is published on every address the machine has: for everyone on "
        "the same network, and often past its firewall. Say which address you mean.",
        "not-published": "Nothing leads to the front. EXPOSE would not help either: a port is published when a "
        "container is made; one that was made without it has to be made again.",
        "wrong-port": "There is a published port, but nothing listens behind it. Two numbers belong to a published "
        "port: the one outside, and the one that the program listens on inside.",
        "no-way-in": "All networks of the front are internal: nothing leads out of them or in, whatever you publish. "
        "A door needs one network that is not.",
        "off-the-shop": "The door is open, and behind it is only the front: it has no network in common with the one "
        "that it asks.",
        "by-helper": "That is the door. Now make the front once more with `docker run`, as you will at work.",
        "second-door": "The front has its door, but there is another one beside it: the port of a service that only "
        "the other services need.",
        "host-mode": "The front has no network of its own: it listens on every address of the engine's machine, like any "
        "program there, and can't be published otherwise.",
    },
    hints=(
        "`docker run --publish` takes an address before the two port numbers; `containers.start` takes `publish=`.",
        "The port outside goes between the two colons. If you leave it empty, the engine picks one: `docker ps` shows "
        "which.",
        "You can't publish a port later. Remove the front, and make it again.",
    ),
    solution=put_up(nets=OPEN, without=("front",), then=BY_HAND),
    commands=(
        "docker network create {name}-outer",
        "docker run --detach --name {name}-store --network {name}-outer {image} store",
        "docker run --detach --name {name}-api --network {name}-outer {image} api",
        "docker run --detach --name {name}-front --network {name}-outer --publish 127.0.0.1::8080 {image} front",
        "docker port {name}-front",
    ),
    reason="`--publish 127.0.0.1::8080` (that is what `publish=8080` does) listens on the address that only this machine can "
    "call. `--publish 8080:8080` would listen on all of them.",
    wrong={
        "every-address": put_up(
            nets=OPEN, without=("front",), then=only_made("front", 'ports={"8080/tcp": None}, network=f"{name}-outer"')
        ),
        "not-published": door({}),
        "by-helper": door(DOOR),
        "off-the-shop": put_up(nets={**OPEN, "aside": ""}, front=("aside",), more=DOOR),
        "wrong-port": door({"front": ", publish=8000"}),
        "no-way-in": put_up(nets=SPLIT, front=("middle",), more=DOOR),
        "second-door": door({**DOOR, "api": ", publish=8000"}),
        "host-mode": put_up(nets=OPEN, without=("front",), then=only_made("front", 'network_mode="host"')),
    },
)


# 4


def check_out(look: Look) -> None:
    """All networks of the api are internal, and an address beyond them is out of its reach.

    Docker 20.10 writes a default route even there. It ends at the engine's host, which passes nothing on, and answers
    for its own addresses itself: refused is then as far as a call gets.
    """
    mine = shop(look)
    front, api, store = mine["front"], mine["api"], mine["store"]
    expected = f"nothing leads out of {api.name}, and the shop still works"
    own_network(look, api, mistake="host-mode")
    running(look, mine)
    found = Networks(look).matrix(front, api, store)
    for source, target, port in ((front, api, PORTS["api"]), (api, store, PORTS["store"])):
        look.expect(reached(found, source, target, port), expected, words(found, source, target), mistake="cut-off")
    route = Networks(look).default_route(api)
    everything = Networks(look).map()
    nets = everything.networks_of(everything.member(api.id))
    inner, outer = ([n.name for n in nets if n.internal is kind] for kind in (True, False))
    seen = f"its way out: {route}"
    where = f"{api.name} is on {', '.join(n.name for n in nets)}; internal: {', '.join(inner) or 'none'}"
    look.expect(not (route and inner and outer), expected, seen, where, mistake="one-of-two")
    look.expect(not (route and outer), expected, seen, where, mistake="open")
    look.note(f"{api.name}: {'internal networks only, ' + seen if route else 'no default route'}")
    beyond = [g for n in everything.networks if n not in nets for g in n.gateways if ":" not in g]
    if beyond:
        outcome = Networks(look).call(api, beyond[0], 9)
        look.expect(
            outcome in (Reach.NO_ROUTE, Reach.FILTERED) or (route and outcome is Reach.REFUSED),
            expected,
            f"{api.name} called {beyond[0]}, beyond its networks: {outcome.value}",
        )
        look.note(f"it called {beyond[0]}, on another network of this engine: {outcome.value}")
    page = look.page(front, "/", seconds=4) if front.published else None
    look.expect(page is not None, expected, f"nothing answers at a published port of {front.name}", mistake="no-door")
    look.note("inferred, not tried: it reaches no other machine. No call was sent there")


OUT = Task(
    id="08.4-out",
    title="No way out for the api",
    brief="If somebody gets into `{name}-api`, they must not be able to send anything anywhere. Close its way out: "
    "from inside, only the front and the store can be reached. The shop must work as before, and the front must still "
    "have its door.",
    check=check_out,
    mistakes={
        "one-of-two": "One of its networks no longer has a way out, but another one does. One open network is enough "
        "for everything to leave.",
        "open": "None of its networks is internal. A container on an ordinary network has a default route: it sends "
        "whatever it does not know to the engine's host, which passes it on.",
        "host-mode": "The api has no network of its own: it goes wherever the engine's machine goes.",
        "cut-off": "It has no way out, but the shop no longer works: any two that have to talk still need a network "
        "that both are on.",
        "no-door": "The api is shut in, and so is the shop: the page of the front no longer answers on this computer. Task "
        "3 is about its door.",
    },
    hints=(
        "`docker network create` has an option for networks that nothing leads out of.",
        "A container has a way out if any of its networks has one. Look at `ip route` inside the api.",
        "The front needs a network that is not internal, for its door; the api must not be on that one. So there are three.",
    ),
    solution=put_up(nets=SPLIT, more=DOOR),
    commands=SPLIT_COMMANDS,
    reason="The engine passes nothing on from an internal network. A container on internal networks only has no "
    "default route: the kernel does not know where to send anything else. (Docker 20.10 writes a default route even "
    "there; it ends at the engine's machine.) The front has a third network, for its door alone.",
    wrong={
        "one-of-two": put_up(nets={"middle": "", "back": INTERNAL}, front=("middle",), more=DOOR),
        "open": put_up(nets=OPEN, more=DOOR),
        "host-mode": put_up(nets=SPLIT, more=DOOR, without=("api",), then=only_made("api", 'network_mode="host"')),
        "cut-off": put_up(nets=SPLIT, front=("outer",), more=DOOR),
        "no-door": put_up(nets=SPLIT),
    },
)


# 5


def check_names(look: Look) -> None:
    """A page asked for now comes through all three, and each was asked by its name."""
    mine = shop(look, painted="painted")
    front, api, store = mine["front"], mine["api"], mine["store"]
    expected = f"a page from {front.name} comes from {store.name}, through {api.name}, and each was asked by its name"
    running(look, mine)
    for one in (front, api):
        hosts = Networks(look).asked(one).hosts
        look.expect(
            not hosts,
            expected,
            f"in the hosts file of {one.name}: {', '.join(hosts)}",
            mistake="address-in-the-hosts-file",
        )
    look.expect(front.published, expected, f"{front.name} publishes no port; task 3 is about that")
    mark = f"check-{random.SystemRandom().randrange(10**9)}"
    page = look.page(front, f"/?{mark}", seconds=8)
    lines = page.body.splitlines() if page is not None else []
    if page is None or not lines:
        look.wrong(expected, f"{front.name} answers nothing; task 3 is about that")
    asked = dict(line.split(", asked as ", 1) for line in lines if ", asked as " in line)
    for role in ("api", "store"):
        called = asked.get(role, "").rpartition(":")[0]
        look.expect(
            not called or ADDRESS.fullmatch(called) is None,
            expected,
            f"the {role} was asked as {asked.get(role)}",
            mistake="address-in-a-setting",
        )
    part = Networks(look).map()
    for asking, other in ((front, api), (api, store)):
        shared = part.common(part.member(asking.id), part.member(other.id))
        look.expect(
            not any(" gets nothing from " in line for line in lines) or not shared or any(net.names for net in shared),
            expected,
            f"{asking.name} and {other.name} share the network {', '.join(net.name for net in shared)}",
            *lines[-2:],
            mistake="no-names",
        )
    look.expect(f"in stock: {look.given['_stock']}" in lines, expected, *lines[-2:], look="Who is where")
    for one in (api, store):
        look.expect(
            mark in look.log(one), expected, f"the page came, but {one.name} was not asked", look="Whom the front asks"
        )
    look.note(f"the api was asked as {asked.get('api')}, the store as {asked.get('store')}")


ADDRESS_OF = (
    'there = engine.containers.list(filters={"name": f"{name}-store"})[0]\n'
    'address = there.attrs["NetworkSettings"]["Networks"]\n'
    'address = [one["IPAddress"] for one in address.values()][0]\n'
)

NAMES = Task(
    id="08.1-names",
    title="All the way, by name",
    brief="Open the page of `{name}-front` in your browser: it shows who was asked, and by which name, from the front "
    "to the store. All of it has to work by name alone: no setting and no hosts file may hold a container's address. "
    "(Unless told otherwise by the variables API and STORE, the image asks `{name}-api` and `{name}-store`.)",
    check=check_names,
    mistakes={
        "address-in-a-setting": "One service is given another one's address. It works today. The next container of "
        "that name may get another address, and nobody will tell this one.",
        "address-in-the-hosts-file": "The name leads to an address that was written down when the container was made. It looks "
        "like a name and ages like an address.",
        "no-names": "They are on one network, but the name is still unknown: on the engine's default network "
        "containers have no names.",
        "painted": "The page looks right, but nobody in your shop was asked for it: that container is not made from "
        "the shop's image.",
    },
    hints=(
        "The engine's DNS server knows the containers on every network you made, by name.",
        "It answers each container only for the networks it is on. Read the page: whose line is the last one?",
        "Start the three on the networks of task 4, without any settings about each other.",
    ),
    solution=put_up(nets=SPLIT, more=DOOR),
    commands=(*SPLIT_COMMANDS, "docker port {name}-front"),
    reason="On networks you make, the engine looks up names, always with the current address. On the default network "
    "it does not.",
    wrong={
        "address-in-a-setting": put_up(
            nets=SPLIT,
            more=DOOR,
            without=("api", "front"),
            then=ADDRESS_OF + put_up(nets={}, store=(), without=("store",), more={
                **DOOR, "api": ', environment={"STORE": address}'}).removeprefix(START),
        ),
        "address-in-the-hosts-file": put_up(
            nets=SPLIT,
            more=DOOR,
            without=("api", "front"),
            then=ADDRESS_OF + put_up(nets={}, store=(), without=("store",), more={
                **DOOR, "api": ', add_host={"till": address}, environment={"STORE": "till"}'}).removeprefix(START),
        ),
        "no-names": put_up(nets={}, front=("bridge",), api=("bridge",), store=("bridge",), more=DOOR),
        "painted": put_up(
            nets=SPLIT,
            more=DOOR,
            without=("front",),
            then='page = containers.get("hs-old-front").body\n'
            'containers.start(BUSYBOX, "sh", "-c", f"echo \'{page}\' >/tmp/index.html; exec httpd -f -p 8080 -h /tmp", '
            'name=f"{name}-front", network=f"{name}-outer", publish=8080)',
        ),
    },
)  # fmt: skip

LAB = Lab(
    name="08-split-the-network",
    title="Split the network",
    brief="A tea shop in three parts: the front shows a page, the api answers the front, the store keeps the stock "
    "and the cash book. In the old shop everything is on one network and everything is published. You set up a new "
    "one beside it, in which each part reaches the ones it needs, and no others. The image is `{image}`; call "
    "everything you make `{name}-` and a word.",
    draw=draw,
    tasks=(INSIDE, STORE, DOOR_TASK, OUT, NAMES),
    prepare=prepare,
)
