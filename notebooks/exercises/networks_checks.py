"""Chapter 08: its exercises. How to add one: docs/AUTHORS.md."""

import re

from helpers.engine.model.container import Container
from helpers.lab.look import Look
from helpers.lab.task import Task
from helpers.networks.checks import Networks
from helpers.networks.model.reachability import Reach, Way

BUSYBOX = "localhost/course/busybox:1"
PORT = 8080
LOCAL = "127.0.0.1"
ADDRESS = re.compile(r"[\d.]+|.*:.*:.*")
ANYWHERE = "0.0.0.0"  # noqa: S104  inside a container


def serve(text: str, *, address: str = ANYWHERE, port: int = PORT) -> tuple[str, ...]:
    """A server with one page, as a command."""
    return ("sh", "-c", f"echo {text} > /tmp/index.html; exec httpd -f -p {address}:{port} -h /tmp")


def given(look: Look, *names: str) -> list[Container]:
    """The containers that were prepared, by the ids noted then; ends the check if one is gone or was replaced."""
    found = []
    for name in names:
        there = look.container(name)
        if not look.recall(name):
            look.cant_tell("the containers were not made: run the cell with exercise(…) again")
        if there is None or there.id != look.recall(name) or not look.runs(there):
            look.wrong(
                f"`{name}` as the exercise made it, running",
                f"`{name}` is gone, has ended, or is another container",
                look="Run the cell with `exercise` again: it makes them again.",
            )
        else:
            found.append(there)
    return found


# 08.1


def prepare_by_name(look: Look) -> None:
    """A server on a network of its own."""
    Networks(look).put("hs-quay")
    if not (look.recall("hs-ledger") and look.is_there(look.recall("hs-ledger"))):
        made = Networks(look).start(BUSYBOX, *serve(look.given["word"]), name="hs-ledger", network="hs-quay")
        look.remember("hs-ledger", made)


def check_by_name(look: Look) -> None:
    """`hs-clerk` runs in a namespace of its own and reaches `hs-ledger` by its name, tried from inside."""
    expected = "a running container `hs-clerk` that reaches `hs-ledger` on port 8080 by that name"
    clerk = look.container("hs-clerk")
    if clerk is None:
        look.not_attempted()
    (ledger,) = given(look, "hs-ledger")
    look.expect(look.runs(clerk), expected, f"`hs-clerk` {clerk.state.said}", look="Its command", mistake="ended")
    found = Networks(look).matrix(clerk, ledger, port=PORT, computers=False)
    member = found.map.member(clerk.id)
    look.expect(
        not member.partner,
        expected,
        "`hs-clerk` has no network of its own: it shares another container's",
        mistake="shared",
    )
    tried = next(a for a in found.attempts if (a.source, a.tried) == (member.name, "hs-ledger"))
    nets = ", ".join(n.name for n in found.map.networks_of(member)) or member.mode or "none"
    seen = (f"`hs-clerk` is on: {nets}", f"the name `hs-ledger`, tried from inside `hs-clerk`: {tried.reach.value}")
    if tried.reach is not Reach.REACHED:
        on_default = all(not n.names for n in found.map.networks_of(member))
        look.wrong(
            expected,
            *seen,
            look='`networks.map(focus="hs-clerk")`',
            mistake="none" if member.mode == "none" else "default-network" if on_default else "another-network",
        )


BY_NAME = Task(
    id="08.1-by-name",
    title="Reach it by name",
    brief="A server called `hs-ledger` runs on the network `hs-quay`, with a page on port 8080. Start a container "
    '`hs-clerk` that stays, for example with the command `"sleep", "600"`, and can reach `hs-ledger` by its name. '
    "Leave `hs-ledger` as it is.",
    draw=lambda dice: {"word": f"page {dice.randrange(100, 1000)}"},
    prepare=prepare_by_name,
    check=check_by_name,
    mistakes={
        "default-network": "If you name no network, a container gets the engine's default one. It shares no network "
        "with the server, and names don't work on the default network anyway.",
        "another-network": "It is on a network where names work, but the server is not on that one. A name is known "
        "only on networks that both are on.",
        "none": "It is on no network at all, so it has no DNS server to ask.",
        "shared": "It uses another container's network, so it would be calling itself. It should have its own place "
        "on the network.",
        "ended": "It is there, but its first process has ended. A container that has ended reaches nothing.",
    },
    hints=(
        "Two containers find each other by name on a network that both are on, and that somebody made.",
        "`containers.start` takes `network=`, with the name of the network.",
    ),
    solution="""
containers.start(BUSYBOX, "sleep", "600", name="hs-clerk", network="hs-quay")
""",
    reason="On a network that somebody made, the engine's DNS server knows every container on it by name.",
    wrong={
        "default-network": 'containers.start(BUSYBOX, "sleep", "600", name="hs-clerk")',
        "another-network": 'networks.create("hs-pier"); containers.start(BUSYBOX, "sleep", "600", name="hs-clerk", network="hs-pier")',
        "none": 'containers.start(BUSYBOX, "sleep", "600", name="hs-clerk", network="none")',
        "shared": 'containers.start(BUSYBOX, "sleep", "600", name="hs-clerk", network="container:hs-ledger")',
        "ended": 'containers.start(BUSYBOX, "true", name="hs-clerk", network="hs-quay"); containers.wait("hs-clerk", ended=True)',
    },
)


# 08.2


def check_one_address(look: Look) -> None:
    """The page of `hs-kiosk` comes back at 127.0.0.1, and its port is published nowhere else."""
    expected = "a running container `hs-kiosk` whose page this computer gets at 127.0.0.1, and published nowhere else"
    kiosk = look.container("hs-kiosk")
    if kiosk is None:
        look.not_attempted()
    wanted = Networks(look).asked(kiosk).publish
    there = [address for address, _ in wanted] + [one.address for one in kiosk.published]
    seen = f"published, or to be published, at: {', '.join(a or 'every address' for a in there) or 'nowhere'}"
    look.expect(not [a for a in there if a in ("", ANYWHERE, "::")], expected, seen, mistake="every-address")
    look.expect(look.runs(kiosk), expected, f"`hs-kiosk` {kiosk.state.said}", look='`containers.logs("hs-kiosk")`')
    look.expect(there, expected, seen, mistake="not-published")
    look.expect(set(there) == {"127.0.0.1"}, expected, seen, mistake="other-address")
    page = look.page(kiosk, "/", seconds=2)
    if page is None:
        port = kiosk.published[0].container_port
        found = Networks(look).matrix(kiosk, computers=False)
        heard = found.listening.get(found.map.members[0].name) or ()
        listens = ", ".join(f"{one.address}:{one.port}" for one in heard) or "nothing"
        inside = [one for one in heard if one.port == port]
        look.wrong(
            expected,
            f"port {port} is published, and nothing comes back",
            f"what listens inside: {listens}",
            look='`networks.way("hs-kiosk")`',
            mistake="bound-inside" if inside and all(one.loopback for one in inside) else "wrong-port",
        )
    look.expect(page.body.strip() == look.given["word"], expected, "another page came back", look="The word on it")


ONE_ADDRESS = Task(
    id="08.2-one-address",
    title="For this computer alone",
    brief="Start a container `hs-kiosk` with a server that shows a page with the words `{word}`, as `page(…)` makes "
    "one. This computer must get the page at 127.0.0.1, and nobody else may get it through a published port. Do it in the "
    "terminal, where nobody chooses the address for you.",
    draw=lambda dice: {"word": f"open until {dice.randrange(10, 20)}"},
    check=check_one_address,
    mistakes={
        "every-address": "A port published without an address in front is open on every address of the machine: "
        "anyone who can reach the machine can reach the container.",
        "not-published": "It runs, but no port is published: none of this computer's own addresses leads in.",
        "other-address": "It is published on one address only, but not on 127.0.0.1.",
        "bound-inside": "The port is published, and the call gets as far as the container. But in there the server "
        "takes calls only from its own namespace.",
        "wrong-port": "A port is published, but the server listens on another one inside.",
    },
    hints=(
        "`--publish` takes an address, the port outside, which may be left empty, and the port inside, with colons between. `publish=` "
        "of `containers.start` needs the port inside alone, and takes 127.0.0.1.",
        "The server inside has to listen on all of the container's addresses: `page` does, unless told otherwise.",
    ),
    solution="""
containers.start(BUSYBOX, *page(x.given["word"]), name="hs-kiosk", publish=8080)
""",
    reason="The helpers publish on 127.0.0.1, the address by which the engine's machine calls itself. With the docker "
    "command you have to write it: `--publish 127.0.0.1:8080:8080`. (On Docker before 28.0 a computer on the same "
    "network segment can get round it with specially made packets.)",
    wrong={
        "not-published": 'containers.start(BUSYBOX, *page(x.given["word"]), name="hs-kiosk")',
        "bound-inside": 'containers.start(BUSYBOX, *page(x.given["word"], address="127.0.0.1"), name="hs-kiosk", publish=8080)',
        "wrong-port": 'containers.start(BUSYBOX, *page(x.given["word"]), name="hs-kiosk", publish=80)',
        # made and never started, so that no port is opened to the world
        "every-address": """
import docker
engine = docker.from_env()
first = containers.start(BUSYBOX, "sleep", "60", name="hs-kiosk")
containers.remove("hs-kiosk")
engine.containers.create(BUSYBOX, list(page(x.given["word"])), name=first.full_name, ports={"8080/tcp": None})
""",
        "other-address": """
import docker
engine = docker.from_env()
first = containers.start(BUSYBOX, "sleep", "60", name="hs-kiosk")
containers.remove("hs-kiosk")
engine.containers.run(BUSYBOX, list(page(x.given["word"])), name=first.full_name,
    ports={"8080/tcp": ("127.0.0.2", None)}, detach=True)
""",
    },
)


# 08.3

CAUSES = {
    "loopback": serve("news", address="127.0.0.1"),
    "port": serve("news", port=8081),
}
LETTERS = {"a": "network", "b": "name", "c": "published", "d": "loopback", "e": "port"}


def prepare_why(look: Look) -> None:
    """A caller, and a server that it does not reach; why is drawn."""
    Networks(look).put("hs-quay")
    for name, command in (("hs-caller", ("sleep", "3600")), ("hs-tower", CAUSES[look.given["_cause"]])):
        if not (look.recall(name) and look.is_there(look.recall(name))):
            look.remember(name, Networks(look).start(BUSYBOX, *command, name=name, network="hs-quay"))


def check_why(look: Look) -> None:
    """The answer is the reason that is measured now."""
    said = look.text().lower().strip(" ().'\"")
    expected = "the letter of the reason why `hs-caller` does not reach `hs-tower` on port 8080"
    look.expect(said in LETTERS, expected, f"you said: {said[:40]}", look='One letter in quotes: `x.check("a")`')
    caller, tower = given(look, "hs-caller", "hs-tower")
    found = Networks(look).matrix(caller, tower, port=PORT, computers=False)
    cell = found.cell(caller.name, tower.name)
    names = [a for a in cell.attempts if a.way in (Way.NAME, Way.ALIAS)]
    heard = ", ".join(f"{one.address}:{one.port}" for one in found.listening[tower.name] or ()) or "nothing"
    answer = LETTERS[said]
    common = ", ".join(n.name for n in found.map.common(*(found.map.member(c.id) for c in (caller, tower))))
    look.expect(answer != "network", expected, f"networks that both are on: {common}", mistake="network")
    look.expect(
        answer != "name",
        expected,
        f"the name hs-tower leads to {', '.join(names[0].resolved)}" if names else "",
        f"a call there is {cell.reach.value}",
        mistake="name",
    )
    look.expect(answer != "published", expected, f"a call to the address is {cell.reach.value}", mistake="published")
    look.expect(
        cell.reach is Reach.REFUSED, expected, f"the call is {cell.reach.value} now", look="Run `exercise` again."
    )
    listener = found.listens(tower.name, PORT)
    right = "loopback" if listener is not None and listener.loopback else "port"
    look.expect(
        answer == right, expected, "your letter names another reason", look="What listens in `hs-tower`, and where"
    )
    look.expect(heard, expected)


WHY = Task(
    id="08.3-why",
    title="Why does the call fail?",
    brief="`hs-caller` wants the page of `hs-tower` on port 8080, by name, but does not get it. Look at the map, at "
    "`networks.reach(…, port=8080)` and at what listens. What is the reason?\n\na) they are on no common network\n\nb) the name "
    "`hs-tower` is unknown there\n\nc) the port is not published\n\nd) the server listens, but only inside itself\n\n"
    'e) nothing listens on port 8080\n\nAnswer with the letter: `x.check("a")`.',
    answered=True,
    choices=len(LETTERS),
    draw=lambda dice: {"_cause": dice.choice(sorted(CAUSES))},
    prepare=prepare_why,
    check=check_why,
    mistakes={
        "network": "The map shows a lane that both are on.",
        "name": "The name is known: it leads to an address. What happens after that?",
        "published": "Publishing opens a way from outside. Between containers on one network no port has to be published.",
    },
    hints=(
        "Call it yourself, from inside `hs-caller`, with `wget`. What do you get: a bad address, silence, or a refusal?",
        "Refused means that the address answered. So the question is what listens in there, and on which address: "
        "`docker exec hs-tower netstat -tln`.",
        '`networks.reach("hs-caller", "hs-tower", port=8080).explain("hs-caller", "hs-tower")` puts it in two sentences.',
    ),
    solution="""
why = networks.reach("hs-caller", "hs-tower", port=8080).explain("hs-caller", "hs-tower")
answer = "d" if "127.0.0.1" in why.why else "e"
""",
    reason="The name leads to the right address, but the call is refused there: so it is not a firewall or a missing "
    "network. What matters then is what listens inside, on which address and port.",
    wrong={"network": 'answer = "a"', "name": 'answer = "b"', "published": 'answer = "c"'},
)


# 08.4

THREE = ("hs-shop", "hs-desk", "hs-vault")


def prepare_isolate(look: Look) -> None:
    """Three servers on one network."""
    Networks(look).put("hs-plaza")
    for name in THREE:
        if not (look.recall(name) and look.is_there(look.recall(name))):
            look.remember(name, Networks(look).start(BUSYBOX, *serve(name), name=name, network="hs-plaza"))


def check_isolate(look: Look) -> None:
    """Desk reaches vault and shop reaches desk, by name; shop does not reach vault, by nothing; all of it tried."""
    expected = "`hs-shop` reaches `hs-desk`, `hs-desk` reaches `hs-vault`, both by name; `hs-shop` does not reach `hs-vault` at all"
    shop, desk, vault = given(look, *THREE)
    found = Networks(look).matrix(shop, desk, vault, port=PORT, computers=False)
    names = {one.id: found.map.member(one.id).name for one in (shop, desk, vault)}

    def by(source: Container, target: Container, word: str) -> Reach:
        tried = [
            a for a in found.attempts if (a.source, a.target, a.tried) == (names[source.id], names[target.id], word)
        ]
        return tried[0].reach if tried else Reach.NO_NAME

    crossing = found.cell(names[shop.id], names[vault.id])
    own = by(desk, vault, "hs-vault")
    front = by(shop, desk, "hs-desk")
    nets = {
        name: [n.name for n in found.map.networks_of(found.map.member(one.id))]
        for name, one in zip(THREE, (shop, desk, vault), strict=True)
    }
    seen = [f"`{name}` is on: {', '.join(on) or 'no network'}" for name, on in nets.items()]
    seen += [
        f"shop to desk: {front.value}",
        f"desk to vault: {own.value}",
        f"shop to vault: {'reached' if crossing.reached else crossing.reach.value}",
    ]
    if (
        crossing.reached
        and own is front is Reach.REACHED
        and nets["hs-desk"] == nets["hs-vault"] == nets["hs-shop"] == ["hs-plaza"]
    ):
        look.not_attempted()
    if crossing.reached:
        apart = "hs-plaza" not in nets["hs-vault"]
        look.wrong(expected, *seen, look="`networks.map()`", mistake="shop-too" if apart else "still-there")
    look.expect(own is Reach.REACHED, expected, *seen, look="`networks.map()`", mistake="cut-off")
    look.expect(front is Reach.REACHED, expected, *seen, look="`networks.map()`", mistake="desk-gone")
    look.expect(
        not vault.published, expected, "a port of `hs-vault` is published", look="Who else could come in there?"
    )


ISOLATE = Task(
    id="08.4-isolate",
    title="Keep the vault apart",
    brief="`hs-shop`, `hs-desk` and `hs-vault` run on one network, `hs-plaza`, and all of them reach each other on "
    "port 8080. Change that while they run: `hs-desk` must reach `hs-vault` by name, `hs-shop` must reach `hs-desk` "
    "by name, and `hs-shop` must not reach `hs-vault` at all.",
    prepare=prepare_isolate,
    check=check_isolate,
    mistakes={
        "still-there": "The vault has its own network, but it is still on the old one, too. Whoever is on that one "
        "reaches it.",
        "shop-too": "The vault has left the old network, but the shop has come along to the new one.",
        "cut-off": "The shop no longer reaches the vault. But neither does the desk: the two have no network in "
        "common now.",
        "desk-gone": "The vault is apart, but the desk has gone with it: the shop no longer reaches the desk.",
    },
    hints=(
        "A container can be on two networks at the same time, and `hs-desk` is the one that should be.",
        "Make a network, connect two of the three to it, then disconnect one of these two from `hs-plaza`.",
    ),
    solution="""
networks.create("hs-inner")
networks.connect("hs-inner", "hs-desk")
networks.connect("hs-inner", "hs-vault")
networks.disconnect("hs-plaza", "hs-vault")
""",
    reason="The desk is on both networks; the shop and the vault have none in common. Nothing had to be restarted.",
    wrong={
        "still-there": """
networks.create("hs-inner")
networks.connect("hs-inner", "hs-desk")
networks.connect("hs-inner", "hs-vault")
""",
        "shop-too": """
networks.create("hs-inner")
for name in ("hs-shop", "hs-desk", "hs-vault"):
    networks.connect("hs-inner", name)
networks.disconnect("hs-plaza", "hs-vault")
""",
        "cut-off": """
networks.create("hs-inner")
networks.connect("hs-inner", "hs-vault")
networks.disconnect("hs-plaza", "hs-vault")
""",
        "desk-gone": """
networks.create("hs-inner")
for name in ("hs-desk", "hs-vault"):
    networks.connect("hs-inner", name)
    networks.disconnect("hs-plaza", name)
""",
    },
)


# without the helpers


def check_alone(look: Look) -> None:
    """Two containers that no helper made, on a network of their own: one serves a page, the other reaches it by name."""
    name, word = look.given["name"], look.given["word"]
    expected = f"`{name}-web` serves {word} on 127.0.0.1, and `{name}-guest` reaches it by its name"
    web, guest = look.container(f"{name}-web"), look.container(f"{name}-guest")
    if web is None and guest is None:
        look.not_attempted()
    if web is None or guest is None:
        there = web or guest
        look.wrong(expected, f"there is only {there.name if there else 'neither'}")
    for one in (web, guest):
        look.expect(look.by_hand(one), expected, f"a helper made `{one.name}`", mistake="by-helper")
        look.expect(look.runs(one), expected, f"`{one.name}` {one.state.said}", look=f"`docker logs {one.name}`")
    asked = Networks(look).asked(web).publish
    look.expect(asked, expected, f"`{web.name}` publishes no port", mistake="not-published")
    where = ", ".join(address or "every address" for address, _ in asked)
    look.expect(
        {address for address, _ in asked} == {LOCAL}, expected, f"published on {where}", mistake="every-address"
    )
    found = Networks(look).matrix(guest, web, port=PORT, computers=False)
    nets = [net.name for net in found.map.networks_of(found.map.member(guest.id))]
    tried = [a for a in found.cell(guest.name, web.name).attempts if a.tried and not ADDRESS.fullmatch(a.tried)]
    seen = f"`{guest.name}` is on: {', '.join(nets) or 'no network'}"
    by_name = any(one.reach is Reach.REACHED for one in tried)
    look.expect(by_name, expected, seen, "the name of the server, tried from there: not reached", mistake="no-name")
    page = look.page(web, "/", seconds=3)
    body = page.body.strip() if page is not None else "nothing came back"
    look.expect(body == word, expected, f"the page at 127.0.0.1 says: {body[:40]}")
    look.note(f"{seen}; the name was reached from there, and the page says {word}")


ALONE = Task(
    id="08.1-alone",
    title="From memory",
    brief="In a terminal, without looking back: make a network. On it, run `{name}-web` in the background, a server "
    "whose page on port 8080 says `{word}` and is published on 127.0.0.1 alone; and `{name}-guest`, which only waits. "
    "Then call `{name}-web` by its name from inside `{name}-guest`. The image is `localhost/course/busybox:1`; the "
    'command that makes it a server is `sh -c "echo {word} > /tmp/index.html; exec httpd -f -v -p 8080 -h /tmp"`. The check '
    "counts only what no helper made.",
    draw=lambda dice: {
        "name": f"hs-pier-{dice.randrange(1000, 10000)}",
        "word": f"{dice.choice(('ebb', 'flood', 'neap', 'spring'))}-{dice.randrange(100, 1000)}",
    },
    check=check_alone,
    mistakes={
        "by-helper": "A helper made one of the two. The task is about the commands you would type at work.",
        "not-published": "It serves its page, but this computer can't reach it: no port is published. You publish a "
        "port when you make the container.",
        "every-address": "It is published on every address of this machine. Write the one you mean in front.",
        "no-name": "Both run, but the name leads nowhere from there. On a network that somebody made, names are known "
        "to the containers on it.",
    },
    hints=(
        "Three commands that make something, a network and two containers, and a fourth that runs `wget` in one of them.",
        "`docker network create`; `docker run --detach` with `--name`, `--network` and, for the server, `--publish` with an "
        "address; `docker exec`.",
    ),
    solution="""
name, word = x.given["name"], x.given["word"]
engine.networks.create(f"{name}-net")
engine.containers.run(
    BUSYBOX, ["sh", "-c", f"echo {word} > /tmp/index.html; exec httpd -f -v -p 8080 -h /tmp"], name=f"{name}-web",
    network=f"{name}-net", ports={"8080/tcp": ("127.0.0.1", None)}, detach=True,
)
engine.containers.run(BUSYBOX, ["sleep", "600"], name=f"{name}-guest", network=f"{name}-net", detach=True)
""",
    commands=(
        "docker network create {name}-net",
        "docker run --detach --name {name}-web --network {name}-net --publish 127.0.0.1::8080 localhost/course/busybox:1 "
        'sh -c "echo {word} > /tmp/index.html; exec httpd -f -v -p 8080 -h /tmp"',
        "docker run --detach --name {name}-guest --network {name}-net localhost/course/busybox:1 sleep 600",
        "docker exec {name}-guest wget -q -O- http://{name}-web:8080/",
        "docker port {name}-web",
    ),
    reason="The engine's DNS server knows every container on a network that somebody made. Publishing has nothing to "
    "do with that: it is for calls from outside.",
    wrong={
        "by-helper": """
name = x.given["name"]
containers.start(BUSYBOX, "sleep", "600", name=f"{name}-web")
containers.start(BUSYBOX, "sleep", "600", name=f"{name}-guest")
""",
        "not-published": """
name, word = x.given["name"], x.given["word"]
engine.containers.run(BUSYBOX, ["sleep", "600"], name=f"{name}-web", detach=True)
engine.containers.run(BUSYBOX, ["sleep", "600"], name=f"{name}-guest", detach=True)
""",
        "no-name": """
name, word = x.given["name"], x.given["word"]
serve = ["sh", "-c", f"echo {word} > /tmp/index.html; exec httpd -f -v -p 8080 -h /tmp"]
engine.containers.run(BUSYBOX, serve, name=f"{name}-web", ports={"8080/tcp": ("127.0.0.1", None)}, detach=True)
engine.containers.run(BUSYBOX, ["sleep", "600"], name=f"{name}-guest", detach=True)
""",
        "every-address": """
name = x.given["name"]
made = engine.api.create_host_config(port_bindings={9: None}, network_mode="none")
one = engine.api.create_container(BUSYBOX, ["sleep", "600"], ports=[9], host_config=made, name=f"{name}-web")
engine.api.start(one)
engine.containers.run(BUSYBOX, ["sleep", "600"], name=f"{name}-guest", detach=True)
""",
    },
)

TASKS = (BY_NAME, ONE_ADDRESS, WHY, ISOLATE, ALONE)
