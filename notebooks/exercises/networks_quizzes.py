"""Chapter 08: its quick questions, and what it lets you predict."""

from helpers.lab.model.arrangement import Arrangement, Part
from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="08-q1",
        objective="08.1",
        misconception=11,
        question="Somebody starts `docker run -d --name hs-db …` and `docker run -d --name hs-app …`, and nothing "
        "else. Does `hs-app` reach `hs-db` by its name?",
        options=(
            Option(
                id="a",
                text="Yes: `--name` is the name that others find it by.",
                right=False,
                explanation='`--name` is what the engine calls it. Under "On the default network" both had such '
                "names, and the look-up still failed.",
            ),
            Option(
                id="b",
                text="No: their network has no container names.",
                right=True,
                explanation="The engine's DNS server knows names only on networks that somebody made. Look at "
                '`/etc/resolv.conf` under "A network of your own".',
            ),
            Option(
                id="c",
                text="No: `hs-db` has published no port.",
                right=False,
                explanation='By address it was reached under "On the default network", and nothing was published.',
            ),
            Option(
                id="d",
                text="Yes, because `hs-db` was started first.",
                right=False,
                explanation="The order changes neither the network nor which names it knows. Look at the lane "
                '"bridge" of the map under "On the default network": it says "no names".',
            ),
        ),
    ),
    Quiz(
        id="08-q2",
        objective="08.4",
        misconception=12,
        question="`hs-web` is on `hs-front`, `hs-store` is on `hs-back`, `hs-api` is on both. Which of them can "
        "`hs-web` reach?",
        options=(
            Option(
                id="a",
                text="Both: containers of one engine can all talk.",
                right=False,
                explanation='The matrix under "A second network" shows two outcomes for `hs-web` and `hs-store`: by '
                "name it fails, and by address, too.",
            ),
            Option(
                id="b",
                text="`hs-api` alone: they have a network in common.",
                right=True,
                explanation="Names are known, and calls get through, on networks that both are on. Being on both does "
                'not make `hs-api` a bridge for others: look at the row of `hs-web` under "A second network".',
            ),
            Option(
                id="c",
                text="Both: `hs-api` passes its calls on.",
                right=False,
                explanation="A container doesn't pass on other containers' calls, unless its program does. The row of "
                '`hs-web` in the matrix under "A second network" was measured with `hs-api` on both.',
            ),
            Option(
                id="d",
                text="Both, but `hs-store` by its address only.",
                right=False,
                explanation="The matrix tried the address, too. Packets from one network of the engine to another "
                'one are dropped: "filtered" under "A second network".',
            ),
        ),
    ),
    Quiz(
        id="08-q3",
        objective="08.2",
        misconception=36,
        question="A laptop in a café runs two servers. Who can open which page from where?",
        output="""
$ docker ps --format "table {{.Names}}\\t{{.Ports}}"
NAMES      PORTS
hs-diary   127.0.0.1:18081->8080/tcp
hs-notes   0.0.0.0:18080->8080/tcp, [::]:18080->8080/tcp
""",
        options=(
            Option(
                id="a",
                text="The laptop opens both, and others open neither.",
                right=False,
                explanation='The lines under "For whom is it published?" show what a port without an address in front '
                "means: every address of the machine, including the one in the café's network.",
            ),
            Option(
                id="b",
                text="The laptop opens both, and others `hs-notes`.",
                right=True,
                explanation="0.0.0.0 and `[::]` stand for every address of the machine, 127.0.0.1 for one that others "
                "can't reach. `-p 127.0.0.1:18080:8080` would keep `hs-notes` at home, too: see \"For whom is it "
                'published?".',
            ),
            Option(
                id="c",
                text="The laptop opens both, and so do others.",
                right=False,
                explanation="The port of `hs-diary` has 127.0.0.1 in front. An ordinary call from another computer "
                'does not arrive there: look at the way of a request under "In from outside".',
            ),
            Option(
                id="d",
                text="The laptop opens `hs-diary`, nobody `hs-notes`.",
                right=False,
                explanation="True, 0.0.0.0 is not an address to call. As a place to publish, it means every address "
                'of the machine: see the lines under "For whom is it published?".',
            ),
        ),
    ),
    Quiz(
        id="08-q4",
        objective="08.3",
        misconception=9,
        question="An app in a container is set to use the database at `localhost:5432`. The database runs on the "
        "same computer, in another container. What does the app get?",
        options=(
            Option(
                id="a",
                text="The database: it is on the same computer.",
                right=False,
                explanation="`localhost` is the network namespace that the program is in. Look at the call to "
                '127.0.0.1 under "A call to the host".',
            ),
            Option(
                id="b",
                text="The database, if its port is published.",
                right=False,
                explanation="Published ports are on the addresses of the engine's host. Inside, 127.0.0.1 is the "
                'container itself: look under "A call to the host".',
            ),
            Option(
                id="c",
                text="A refusal from its own container.",
                right=True,
                explanation="Its own namespace answered, and nothing listens there. With the database's name, on a "
                'network that both share, it works: see "A network of your own".',
            ),
            Option(
                id="d",
                text="No answer, until it times out.",
                right=False,
                explanation="Silence would mean that something drops the packets. The container's own address answers "
                'at once, with a refusal: look under "A call to the host".',
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="08-p1",
        objective="08.1",
        question="You start `hs-web` and `hs-store` without naming a network. Then `hs-web` asks for "
        "`http://hs-store:8080/`. What happens?",
        outcome="The name is unknown. By address the page comes back.",
        options=(
            Option(
                id="a",
                text="The page comes: its name is known.",
                right=False,
                explanation="By address it comes. The name leads nowhere on the default network.",
            ),
            Option(
                id="b",
                text="The name fails; its address works.",
                right=True,
                explanation="Both are on the default network, which carries packets and knows no container names.",
            ),
            Option(
                id="c",
                text="Name and address fail: they are kept apart.",
                right=False,
                explanation="Networks keep containers apart from other networks. These two are on the same one, and "
                "by address the page came back.",
            ),
            Option(
                id="d",
                text="Name and address fail: no port is published.",
                right=False,
                explanation="Publishing is for calls from outside. Containers on one network need no published port.",
            ),
        ),
    ),
    Arrangement(
        id="08-p2",
        objective="08.4",
        look="lanes",
        question="`hs-web` asks `hs-api`, `hs-api` asks `hs-store`, and `hs-web` must not reach `hs-store`. Who belongs "
        "on which network?",
        outcome="`hs-api` is on both, and the other two have no network in common. So `hs-web` reaches `hs-store` "
        "neither by name nor by address.",
        places=("`hs-front`", "`hs-back`, internal"),
        parts=(
            Part(
                text="`hs-web`",
                at="1",
                right="1",
                explanation="It shares `hs-front` with `hs-api`. The engine drops what goes from one of its networks "
                "to another, so knowing the address of `hs-store` does not help.",
            ),
            Part(
                text="`hs-api`",
                at="1",
                right="12",
                explanation="It must be found by one and find the other. It passes on nothing by itself; its program "
                "would have to.",
            ),
            Part(
                text="`hs-store`",
                right="2",
                explanation="On `hs-front`, too, everybody there would reach it.",
            ),
        ),
    ),
    Prediction(
        id="08-p3",
        objective="08.2",
        question="The server in `hs-shy` listens on 127.0.0.1:8080, and port 8080 of `hs-shy` is published. Does "
        "this computer get the page?",
        outcome="No. The port is published, and the call is accepted on the host, then closed at once.",
        options=(
            Option(
                id="a",
                text="Yes: a published port leads to the server.",
                right=False,
                explanation="It leads to the container's address on its network. Nothing listens at that address.",
            ),
            Option(
                id="b",
                text="Yes: 127.0.0.1 is this very computer.",
                right=False,
                explanation="Outside, it is. Inside, 127.0.0.1 is the container's own namespace, and nobody else gets "
                "there.",
            ),
            Option(
                id="c",
                text="No: the call comes in at another address.",
                right=True,
                explanation="Inside a container a server has to listen on 0.0.0.0, all of the container's addresses. "
                "The place to be careful is where you publish.",
            ),
        ),
    ),
    Prediction(
        id="08-p4",
        objective="08.3",
        question="A server runs on the engine's host, on port 18080. A container calls `http://127.0.0.1:18080/`. "
        "How does that end?",
        outcome="Connection refused: it called itself.",
        options=(
            Option(
                id="a",
                text="With the page: the host has such a server.",
                right=False,
                explanation="The host is in another network namespace. The container has its own, with its own "
                "localhost.",
            ),
            Option(
                id="b",
                text="With a refusal: nothing listens there.",
                right=True,
                explanation="Nothing listens on that port in there. Seen from a container, the host has another "
                "address.",
            ),
            Option(
                id="c",
                text="With silence: the host drops such calls.",
                right=False,
                explanation="Its own namespace answers at once that nothing listens there.",
            ),
        ),
    ),
)
