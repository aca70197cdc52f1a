"""Chapter 08: its quick questions, and what it lets you predict."""

from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="08-q1",
        objective="08.1",
        misconception=11,
        question="Somebody starts `docker run -d --name hs-db …` and `docker run -d --name hs-app …`, nothing else. Does `hs-app` "
        "reach `hs-db` by its name?",
        options=(
            Option(
                id="a",
                text="Yes: `--name` gives a container the name by which others find it.",
                right=False,
                explanation='`--name` is what the engine calls it. Under "On the default network" both had such names, '
                "and the look-up failed all the same.",
            ),
            Option(
                id="b",
                text="No: both are on the default network, where containers are not known by name.",
                right=True,
                explanation="The engine's DNS server knows names only on networks that somebody made. Look at "
                '`/etc/resolv.conf` under "A network of your own".',
            ),
            Option(
                id="c",
                text="No: without a published port there is nothing to reach.",
                right=False,
                explanation='By address it was reached under "On the default network", and nothing was published.',
            ),
            Option(
                id="d",
                text="Only after both were started again.",
                right=False,
                explanation="Starting again changes neither the network nor who is known there. Look at the lane "
                '"bridge" of the map under "On the default network": it says "no names".',
            ),
        ),
    ),
    Quiz(
        id="08-q2",
        objective="08.4",
        misconception=12,
        question="`hs-web` is on `hs-front`, `hs-store` is on `hs-back`, `hs-api` is on both. What can `hs-web` do?",
        options=(
            Option(
                id="a",
                text="Reach both: all containers of one engine can talk to each other.",
                right=False,
                explanation='The matrix under "Not everybody reaches everybody" shows two outcomes for `hs-web` and `hs-store`: '
                "by name it fails, and by address it fails, too.",
            ),
            Option(
                id="b",
                text="Reach `hs-api` alone: `hs-store` is on no network of its own.",
                right=True,
                explanation="Names are known, and calls pass, on networks that both are on. That `hs-api` is on both does not "
                'make it a bridge for others: look at the row of `hs-web` under "Not everybody reaches everybody".',
            ),
            Option(
                id="c",
                text="Reach `hs-store` through `hs-api`, which is on both networks.",
                right=False,
                explanation="A container passes on no foreign calls, unless its program does. The row of `hs-web` in the matrix "
                'under "Not everybody reaches everybody" was measured with `hs-api` on both.',
            ),
            Option(
                id="d",
                text="Reach `hs-store` by address, but not by name.",
                right=False,
                explanation="The matrix tried the address, too. Packets from one network of the engine to another one are "
                'dropped: "filtered" under "Not everybody reaches everybody".',
            ),
        ),
    ),
    Quiz(
        id="08-q3",
        objective="08.2",
        misconception=36,
        question="On a laptop in a café somebody types `docker run -d -p 8080:80 my-notes`. Who can open the page?",
        options=(
            Option(
                id="a",
                text="Only the laptop itself: a container is private.",
                right=False,
                explanation='The line under "For whom is it published?" shows what the engine was told: an empty '
                "address, and that means every one.",
            ),
            Option(
                id="b",
                text="Whoever can send packets to the laptop.",
                right=True,
                explanation="Without an address in front, the port is published on every address of the machine. "
                '`-p 127.0.0.1:8080:80` keeps it at home: see "For whom is it published?".',
            ),
            Option(
                id="c",
                text="Nobody, until the image says EXPOSE 80.",
                right=False,
                explanation='EXPOSE is a note, and publishing does not need it: the server under "In from outside" '
                "was published without one.",
            ),
            Option(
                id="d",
                text="Only other containers.",
                right=False,
                explanation="Containers on one network need no published port at all. Publishing is for calls from outside: "
                'see the way of a request under "In from outside".',
            ),
        ),
    ),
    Quiz(
        id="08-q4",
        objective="08.3",
        misconception=9,
        question="An app in a container is set to use the database at `localhost:5432`. The database runs on the same computer, "
        "in another container. What does the app get?",
        options=(
            Option(
                id="a",
                text="The database: it is the same computer.",
                right=False,
                explanation="`localhost` is the network namespace that the program is in. Look at the call to 127.0.0.1 "
                'under "localhost is not the host".',
            ),
            Option(
                id="b",
                text="The database, if its port is published.",
                right=False,
                explanation="Published ports are on the addresses of the engine's host. Inside, 127.0.0.1 is the container "
                'itself: look under "localhost is not the host".',
            ),
            Option(
                id="c",
                text="Connection refused: nothing listens on that port inside the app's own container.",
                right=True,
                explanation="Its own namespace answered, and nothing listens there. With the database's name, on a network "
                'that both are on, it works: see "A network of your own".',
            ),
            Option(
                id="d",
                text="No answer until the time is up.",
                right=False,
                explanation="Silence would mean that somebody drops the packets. The container's own address answers at once, "
                'with a refusal: look under "localhost is not the host".',
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="08-p1",
        objective="08.1",
        question="`hs-web` and `hs-store` run, and nobody has said a word on networks. `hs-web` asks for `http://hs-store:8080/`. What "
        "happens?",
        outcome="The name is not known. By address the page comes back.",
        options=(
            Option(
                id="a",
                text="The page comes back.",
                right=False,
                explanation="By address it does. The name leads nowhere on the default network.",
            ),
            Option(
                id="b",
                text="The name is not known, and by address it works.",
                right=True,
                explanation="Both are on the default network, which carries packets and knows no container names.",
            ),
            Option(
                id="c",
                text="Nothing works: containers are kept apart from each other.",
                right=False,
                explanation="They are kept apart from other networks. These two are on the same one, and by address the page "
                "came back.",
            ),
        ),
    ),
    Prediction(
        id="08-p2",
        objective="08.4",
        question="`hs-web` is on `hs-front`, `hs-store` on `hs-back`, `hs-api` on both. You know the address of `hs-store`. Does `hs-web` reach it "
        "there?",
        outcome="No. Neither by name nor by address.",
        options=(
            Option(
                id="a",
                text="Yes: an address works from everywhere.",
                right=False,
                explanation="An address says where. Whether packets may go there is another question, and the engine drops "
                "what goes from one of its networks to another.",
            ),
            Option(
                id="b",
                text="Yes, because `hs-api` is on both networks and passes it on.",
                right=False,
                explanation="`hs-api` passes on nothing of its own accord; its program would have to.",
            ),
            Option(
                id="c",
                text="No.",
                right=True,
                explanation="The two have no network in common, and that is what decides, by name and by address.",
            ),
        ),
    ),
    Prediction(
        id="08-p3",
        objective="08.2",
        question="The server in `hs-shy` listens on 127.0.0.1:8080, and port 8080 of `hs-shy` is published. Does this computer get the "
        "page?",
        outcome="No. The port is published, the call is taken, and hung up at once.",
        options=(
            Option(
                id="a",
                text="Yes: the port is published, so it leads to the server.",
                right=False,
                explanation="It leads to the container's address on its network. At that address nothing listens.",
            ),
            Option(
                id="b",
                text="Yes: 127.0.0.1 is this computer.",
                right=False,
                explanation="Outside it is. Inside, 127.0.0.1 is the container's own namespace, and nobody else gets there.",
            ),
            Option(
                id="c",
                text="No.",
                right=True,
                explanation="Inside a container a server has to listen on 0.0.0.0, all of the container's addresses. Being "
                "careful belongs to the publishing side.",
            ),
        ),
    ),
    Prediction(
        id="08-p4",
        objective="08.3",
        question="A server runs on the engine's host, on port 18080. A container calls `http://127.0.0.1:18080/`. What comes "
        "back?",
        outcome="Connection refused: it called itself.",
        options=(
            Option(
                id="a",
                text="The page: containers share the host's localhost.",
                right=False,
                explanation="They share its kernel. Each has a network namespace of its own, with a localhost of its own.",
            ),
            Option(
                id="b",
                text="A refusal: the container called itself.",
                right=True,
                explanation="In there nothing listens on that port. The host has another address, seen from a container.",
            ),
            Option(
                id="c",
                text="Nothing, until the time is up.",
                right=False,
                explanation="Its own namespace answers at once that nothing listens there.",
            ),
        ),
    ),
)
