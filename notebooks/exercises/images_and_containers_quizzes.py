"""Chapter 02: its quick questions, and what it lets you predict."""

from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="02-q1",
        objective="02.1",
        misconception=28,
        question="An image of 400 MB, and ten containers made from it. Each writes a log of 1 MB. About how much of the "
        "disk does that take?",
        options=(
            Option(
                id="a",
                text="4 GB: each container has a copy of the image.",
                right=False,
                explanation="No file of the image is copied when a container is made. The dashed bars under "
                '"What fifty containers cost" are what copies would take.',
            ),
            Option(
                id="b",
                text="410 MB: the image once, and ten thin layers.",
                right=True,
                explanation="The image's layers are read-only, so that all can share them. Look at the measured bars "
                'under "What fifty containers cost".',
            ),
            Option(
                id="c",
                text="400 MB: containers write into the image.",
                right=False,
                explanation="Nothing is ever written into an image. The figure of `containers.of` under "
                '"One image, many containers" has a layer for each container.',
            ),
            Option(
                id="d",
                text="10 MB: a container that runs no longer needs its image.",
                right=False,
                explanation="Each container reads the image's files through its own layer, as long as it exists. Look "
                'at the lower half of the figure under "One image, many containers".',
            ),
        ),
    ),
    Quiz(
        id="02-q2",
        objective="02.2",
        misconception=24,
        question="`docker stop` takes ten seconds on a server, every time. What is the likely reason?",
        options=(
            Option(
                id="a",
                text="The container shuts down like a machine, step by step.",
                right=False,
                explanation="No machine is in it: one process has to end. With a handler for the signal that took "
                'milliseconds under "How quick is it?".',
            ),
            Option(
                id="b",
                text="Its first process does nothing at SIGTERM, so that the engine waits and then kills it.",
                right=True,
                explanation="The default grace period is ten seconds. The third strip of the panel `stop` under "
                '"How quick is it?" is such a process, with a grace period of one second.',
            ),
            Option(
                id="c",
                text="The image is large.",
                right=False,
                explanation="The size of the image plays no part in ending a process. The strips under "
                '"How quick is it?" came from one image, and lie far apart.',
            ),
            Option(
                id="d",
                text="The engine saves the container's files first.",
                right=False,
                explanation="They are on the disk already: the container wrote them there. Under "
                '"A life, step by step" a stopped container starts again with all it wrote.',
            ),
        ),
    ),
    Quiz(
        id="02-q3",
        objective="02.3",
        misconception=37,
        question="A container has ended with exit code 137. What do you know?",
        options=(
            Option(
                id="a",
                text="It ran out of memory.",
                right=False,
                explanation="That is one way to get it, and the most popular guess. Two containers under "
                '"What the exit code says" have 137, and only one of them had no memory left.',
            ),
            Option(
                id="b",
                text="SIGKILL ended it; who sent it is not in the number.",
                right=True,
                explanation="137 is 128 + 9, and 9 is SIGKILL. `OOMKilled` is a clue to who sent it: "
                'compare the two rows under "What the exit code says".',
            ),
            Option(
                id="c",
                text="The program has 137 known errors.",
                right=False,
                explanation="A number from 129 up usually tells of a signal. Look at the column of meanings under "
                '"What the exit code says".',
            ),
            Option(
                id="d",
                text="The docker command failed.",
                right=False,
                explanation="The command's own number is 125, and then no container ran. The line with `--no-such-option` "
                'under "What the exit code says" shows it.',
            ),
        ),
    ),
    Quiz(
        id="02-q4",
        objective="02.4",
        misconception=15,
        question="`shop:1` ran well yesterday. Today you start a container from `shop:1` on the same engine. Which image is "
        "it made from?",
        options=(
            Option(
                id="a",
                text="The same as yesterday: a tag is the number of a version, and does not change.",
                right=False,
                explanation='A tag is a name that anybody may move. Under "A name can move" the same name led to two '
                "images within a minute.",
            ),
            Option(
                id="b",
                text="The one that `shop:1` leads to at this moment.",
                right=True,
                explanation="The name is looked up each time a container is made. Look at the figure of `images.tag` under "
                '"A name can move".',
            ),
            Option(
                id="c",
                text="The newest image on this engine.",
                right=False,
                explanation="An engine does not compare ages. It follows the name, wherever it leads: under "
                '"A name can move" you decided where.',
            ),
            Option(
                id="d",
                text="The same as the containers that run already: they hold the tag fast.",
                right=False,
                explanation="They keep their image, not the name. Under "
                '"A name can move" the guest kept its cake while the name moved on.',
            ),
        ),
    ),
    Quiz(
        id="02-q5",
        objective="02.2",
        misconception=6,
        question="A container wrote a file, and was stopped. How do you get at the file again?",
        options=(
            Option(
                id="a",
                text="Run the image again: the new container goes on where the old one ended.",
                right=False,
                explanation="A new container begins with the image's files. Under "
                '"A new one does not continue the old one" it found no trace of the file.',
            ),
            Option(
                id="b",
                text="Start the same container again, or copy the file out of it.",
                right=True,
                explanation="What it wrote lies in its own layer until the container is removed. Look at "
                '"A new one does not continue the old one": the old one still had it.',
            ),
            Option(
                id="c",
                text="Not at all: stopping loses what was written.",
                right=False,
                explanation="Stopping ends the process. The layer stays on the disk; removing takes it away. The "
                'figure under "A life, step by step" has two boxes for that.',
            ),
            Option(
                id="d",
                text="It is in the image now.",
                right=False,
                explanation="Images are read-only. Under "
                '"One image, many containers" the second container never saw what the first one wrote.',
            ),
        ),
    ),
    Quiz(
        id="02-q6",
        objective="02.2",
        misconception=25,
        question="You started a container an hour ago. `docker ps` does not list it. What do you conclude?",
        options=(
            Option(
                id="a",
                text="It was removed, with everything it wrote.",
                right=False,
                explanation='That may be, and this listing can\'t tell. Under "Who is still there?" a container was '
                "missing from it and had lost nothing.",
            ),
            Option(
                id="b",
                text="It does not run. `docker ps --all` says whether it is still there, and how it ended.",
                right=True,
                explanation="Plain `docker ps` lists what runs. The two answers under "
                '"Who is still there?" were False and True for one and the same container.',
            ),
            Option(
                id="c",
                text="The engine has lost it, and has to be started again.",
                right=False,
                explanation='The engine knows every container until it is removed: look at "Who is still there?".',
            ),
        ),
    ),
    Quiz(
        id="02-q7",
        objective="02.1",
        misconception=3,
        question="An image was built from Debian. The engine's machine runs another Linux. Which kernel do containers of "
        "that image use?",
        options=(
            Option(
                id="a",
                text="Debian's: it is in the image, and boots with the container.",
                right=False,
                explanation='An image holds files above the kernel. The search under "No kernel, no boot" found none, and '
                "process 1 was no system that boots.",
            ),
            Option(
                id="b",
                text="That of the engine's machine.",
                right=True,
                explanation="There is one kernel, and it has been running all along. Under "
                '"No kernel, no boot" the container was one process of it.',
            ),
            Option(
                id="c",
                text="None: a container needs no kernel.",
                right=False,
                explanation='Every process needs one, and the container is a process: `ps` under "No kernel, no boot" '
                "showed it.",
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="02-p1",
        objective="02.1",
        question="`hs-first` and `hs-second` come from one image. `hs-first` writes a line into /cake.txt. What does `hs-second` read "
        "in its /cake.txt?",
        options=(
            Option(
                id="a",
                text="The new line too: they share the image's files.",
                right=False,
                explanation="They share them for reading. What one writes goes into a layer of its own.",
            ),
            Option(
                id="b",
                text="The image's text, without the new line.",
                right=True,
                explanation="`hs-first` got a copy of the file in its own layer, and wrote there.",
            ),
            Option(
                id="c",
                text="Nothing: the file is locked.",
                right=False,
                explanation="No file is locked. Each container has a view of its own.",
            ),
            Option(
                id="d",
                text="The new line, once `hs-second` is started again.",
                right=False,
                explanation="Starting again shows the same layers: the image's, and its own.",
            ),
        ),
        outcome="`hs-second` read only what the image holds. The line is in the layer of `hs-first`.",
    ),
    Prediction(
        id="02-p2",
        objective="02.2",
        misconception=23,
        question="A container's first process starts another one in the background, and ends. What becomes of the container?",
        options=(
            Option(
                id="a",
                text="It goes on as long as the other process runs.",
                right=False,
                explanation="The container lives as long as its first process, not longer.",
            ),
            Option(
                id="b",
                text="It ends, and the other process with it.",
                right=True,
                explanation="With the first process, the kernel ends every process of the container.",
            ),
            Option(
                id="c",
                text="It is paused until somebody starts a new process.",
                right=False,
                explanation="Paused means that processes are frozen. Here there are none left.",
            ),
        ),
        outcome="The container ended at once, long before the sixty seconds of the process in the background were over.",
    ),
    Prediction(
        id="02-p3",
        objective="02.2",
        misconception=4,
        question="How long does it take to start a container: closer to starting a process, or to starting a computer?",
        options=(
            Option(
                id="a",
                text="Some ten seconds: a small system has to boot first.",
                right=False,
                explanation="There is no kernel in an image, so nothing boots. The kernel has been running all along.",
            ),
            Option(
                id="b",
                text="Less than a second, and more than a plain process.",
                right=True,
                explanation="The engine prepares a view and a layer, then starts a process.",
            ),
            Option(
                id="c",
                text="As long as a plain process: there is no difference.",
                right=False,
                explanation="There is some work before: the layer, the cut-off view, several programs that hand over.",
            ),
        ),
        outcome="Some hundred milliseconds: that is slower than a plain process, and far from booting a machine.",
    ),
    Prediction(
        id="02-p4",
        objective="02.4",
        misconception=15,
        question="The name `hs-menu` moves from the plain cake to the chocolate cake. What does the running container `hs-guest`, "
        "which was made by that name, have in its /cake.txt?",
        options=(
            Option(
                id="a",
                text="Chocolate cake: it follows the name.",
                right=False,
                explanation="The name was looked up once, when the container was made.",
            ),
            Option(
                id="b",
                text="Plain cake: it keeps the image it was made from.",
                right=True,
                explanation="A container notes the id of its image, and ids do not move.",
            ),
            Option(
                id="c",
                text="Plain cake now, chocolate cake after a restart.",
                right=False,
                explanation="A restart is the same container, on the same image.",
            ),
            Option(
                id="d",
                text="It is removed: its image has lost its name.",
                right=False,
                explanation="An image without a name goes on; as long as a container is made from it, it can't go.",
            ),
        ),
        outcome="`hs-guest` still had the plain cake. `hs-menu` leads new containers to the chocolate cake.",
    ),
)
