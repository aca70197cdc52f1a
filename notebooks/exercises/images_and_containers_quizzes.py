"""Chapter 02: its quick questions, and what it lets you predict."""

from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="02-q1",
        objective="02.1",
        misconception=28,
        question="An image of 400 MB, and ten containers made from it. Each writes a log of 1 MB. About how much of "
        "the disk does that take?",
        options=(
            Option(
                id="a",
                text="4 GB: each container has a copy of the image.",
                right=False,
                explanation='No file of the image is copied when a container is made. The dashed bars under "What '
                'fifty containers cost" are what copies would take.',
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
                text="400 MB: all containers write into the image.",
                right=False,
                explanation='Nothing is ever written into an image. The figure of `containers.of` under "One image, '
                'many containers" has a layer for each container.',
            ),
            Option(
                id="d",
                text="800 MB: the image, and one copy that all write to.",
                right=False,
                explanation='There is no copy, neither one for all nor one for each. The figure under "One image, '
                'many containers" has a layer for each container, and in it only what that one changed.',
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
                text="Its system shuts down, one service after another.",
                right=False,
                explanation="There is no machine to shut down: one process has to end. With a handler for the signal, "
                'that took milliseconds under "How quick is it?".',
            ),
            Option(
                id="b",
                text="Its first process does nothing when SIGTERM comes.",
                right=True,
                explanation="So the engine waits for the grace period, ten seconds by default, and then kills it. "
                'The third strip of the panel `stop` under "How quick is it?" is such a process, with a grace period '
                "of one second.",
            ),
            Option(
                id="c",
                text="Its image is large, and has to be unloaded first.",
                right=False,
                explanation='The size of an image has nothing to do with how a process ends. The strips under "How '
                'quick is it?" came from one image, and lie far apart.',
            ),
            Option(
                id="d",
                text="Its files are saved to the writable layer first.",
                right=False,
                explanation='They are on the disk already: the container wrote them there. Under "A life, step by '
                'step" a stopped container starts again with all it wrote.',
            ),
        ),
    ),
    Quiz(
        id="02-q3",
        objective="02.3",
        misconception=37,
        question="A container has ended with exit code 137. What can you conclude from the number alone?",
        options=(
            Option(
                id="a",
                text="It ran out of memory, and the kernel ended it.",
                right=False,
                explanation='That is one way to get it, and the most popular guess. Two containers under "What the '
                'exit code says" have 137, and only one of them ran out of memory.',
            ),
            Option(
                id="b",
                text="SIGKILL ended it, sent by the kernel or by somebody.",
                right=True,
                explanation="137 is 128 + 9, and 9 is SIGKILL. `OOMKilled` is a clue to who sent it: compare the two "
                'rows under "What the exit code says".',
            ),
            Option(
                id="c",
                text="Its program ended itself, with an error number.",
                right=False,
                explanation="From 1 to 124 the number is the program's own. From 129 up it is usually 128 plus a "
                'signal: look at the column of meanings under "What the exit code says".',
            ),
            Option(
                id="d",
                text="The `docker` command failed, and no container ran.",
                right=False,
                explanation="The command's own number is 125; then no container ran. The line with `--no-such-option` "
                'under "What the exit code says" shows it.',
            ),
        ),
    ),
    Quiz(
        id="02-q4",
        objective="02.4",
        misconception=15,
        question="`shop:1` ran well yesterday. Today you start a container from `shop:1` on the same engine. Which "
        "image is it made from?",
        options=(
            Option(
                id="a",
                text="The same as yesterday: a tag stands for one version.",
                right=False,
                explanation='A tag is a name that anybody may move. Under "A name can move" the same name led to two '
                "images within a minute.",
            ),
            Option(
                id="b",
                text="The one that `shop:1` leads to at this moment.",
                right=True,
                explanation="The name is looked up each time a container is made. Look at the figure of `images.tag` "
                'under "A name can move".',
            ),
            Option(
                id="c",
                text="The newest one of `shop` on this engine.",
                right=False,
                explanation="An engine doesn't compare ages. It follows the name, wherever it leads: under \"A name "
                'can move" you decided where.',
            ),
            Option(
                id="d",
                text="The one that the running containers of `shop:1` have.",
                right=False,
                explanation='They keep their image, not the name. Under "A name can move" the guest kept its cake '
                "while the name moved on.",
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
                text="Run the image again: a new container carries on from there.",
                right=False,
                explanation="A new container begins with the image's files. Under "
                '"A new one does not continue the old one" it found no trace of the file.',
            ),
            Option(
                id="b",
                text="Start the same container again, or copy the file out.",
                right=True,
                explanation='What it wrote stays in its own layer until the container is removed. Look at "A new one '
                'does not continue the old one": the old one still had it.',
            ),
            Option(
                id="c",
                text="Take it from a backup: stopping loses what was written.",
                right=False,
                explanation="Stopping ends the process. The layer stays on the disk until the container is removed. "
                'The figure under "A life, step by step" has two boxes for that.',
            ),
            Option(
                id="d",
                text="Take it from the image, which has held it since the stop.",
                right=False,
                explanation='Images are read-only. Under "One image, many containers" the second container never saw '
                "what the first one wrote.",
            ),
        ),
    ),
    Quiz(
        id="02-q6",
        objective="02.2",
        misconception=25,
        question="A minute ago you started `hs-job`. `docker ps` does not list it, so you type this. What do you "
        "conclude about `hs-job`?",
        output="""
$ docker ps --all --format "table {{.Names}}\\t{{.Image}}\\t{{.Status}}"
NAMES     IMAGE                        STATUS
hs-shop   localhost/course/busybox:1   Up About a minute
hs-job    localhost/course/busybox:1   Exited (0) About a minute ago
""",
        options=(
            Option(
                id="a",
                text="It was removed with its files, and only its name is left.",
                right=False,
                explanation='A removed container is in no list. Under "Who is still there?" a container was missing '
                "from `docker ps` and had lost nothing.",
            ),
            Option(
                id="b",
                text="Its program is done; its files and its log are still there.",
                right=True,
                explanation="Plain `docker ps` lists what is running; the longer list also has what has ended, with "
                'exit codes; 0 is success. The two answers under "Who is still there?" were False and True for one '
                "and the same container.",
            ),
            Option(
                id="c",
                text="Its program failed: a healthy one would say `Up`.",
                right=False,
                explanation="The number in parentheses is its exit code, and 0 means success. The longer list under "
                '"Who is still there?" is the place to read it.',
            ),
            Option(
                id="d",
                text="It is paused, and carries on when you start it again.",
                right=False,
                explanation="A paused container is listed as paused, and its process is still there. Look at the "
                'states under "A life, step by step".',
            ),
        ),
    ),
    Quiz(
        id="02-q7",
        objective="02.1",
        misconception=3,
        question="An image was built from Debian. The engine's machine runs another Linux. Which kernel do "
        "containers of that image use?",
        options=(
            Option(
                id="a",
                text="Debian's: it is in the image, and boots with the container.",
                right=False,
                explanation='An image holds files above the kernel. The search under "No kernel, no boot" found none, '
                "and process 1 was not a system that boots.",
            ),
            Option(
                id="b",
                text="The kernel of the engine's machine: there is no other.",
                right=True,
                explanation='There is one kernel, and it has been running all along. Under "No kernel, no boot" the '
                "container was one of its processes.",
            ),
            Option(
                id="c",
                text="Both: Debian's runs on top of that of the engine's machine.",
                right=False,
                explanation="That is how a virtual machine does it. A second kernel would have to come from the "
                'image, and the search under "No kernel, no boot" found none in it.',
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="02-p1",
        objective="02.1",
        question="`hs-first` and `hs-second` come from one image. `hs-first` writes a line into /cake.txt. What does "
        "`hs-second` read in its /cake.txt?",
        outcome="`hs-second` read only what is in the image. The line is in the layer of `hs-first`.",
        options=(
            Option(
                id="a",
                text="The new line, too: they share the image's files.",
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
                text="An error, as long as `hs-first` has the file.",
                right=False,
                explanation="No file is locked. Each container has its own view.",
            ),
            Option(
                id="d",
                text="The new line, once `hs-second` starts again.",
                right=False,
                explanation="Starting again shows the same layers: the image's, and its own.",
            ),
        ),
    ),
    Prediction(
        id="02-p2",
        objective="02.2",
        misconception=23,
        question="A container's first process starts another one in the background, and ends. What happens to the "
        "container?",
        outcome="The container ended at once, long before the sixty seconds of the background process were over.",
        options=(
            Option(
                id="a",
                text="It runs on as long as the other process runs.",
                right=False,
                explanation="The container lives as long as its first process, and no longer.",
            ),
            Option(
                id="b",
                text="It ends, and the other process ends with it.",
                right=True,
                explanation="With the first process, the kernel ends every process of the container.",
            ),
            Option(
                id="c",
                text="It runs on: the other process becomes number 1.",
                right=False,
                explanation="No process moves up. With number 1 the container ends, whatever else runs in it.",
            ),
        ),
    ),
    Prediction(
        id="02-p3",
        objective="02.2",
        misconception=4,
        question="How long does it take to start a container, until its first process runs?",
        outcome="A few hundred milliseconds: that is slower than a plain process, and far from booting a machine.",
        options=(
            Option(
                id="a",
                text="Ten seconds or more: a small system has to boot.",
                right=False,
                explanation="There is no kernel in an image, so nothing boots. The kernel has been running all along.",
            ),
            Option(
                id="b",
                text="A few tenths of a second: a view is prepared first.",
                right=True,
                explanation="The engine prepares a view and a layer, then starts a process.",
            ),
            Option(
                id="c",
                text="A few thousandths of a second, as for any process.",
                right=False,
                explanation="There is some work to do first: the layer, the view of its own, several programs that hand "
                "over to each other.",
            ),
            Option(
                id="d",
                text="A few seconds: the image's files are copied first.",
                right=False,
                explanation="No file of the image is copied. The new layer on top is empty.",
            ),
        ),
    ),
    Prediction(
        id="02-p4",
        objective="02.4",
        misconception=15,
        question="The name `hs-menu` moves from the plain cake to the chocolate cake. What does the running "
        "container `hs-guest`, which was made by that name, have in its /cake.txt?",
        outcome="`hs-guest` still had the plain cake. `hs-menu` leads new containers to the chocolate cake.",
        options=(
            Option(
                id="a",
                text="Chocolate cake: it follows the name.",
                right=False,
                explanation="The name was looked up once, when the container was made.",
            ),
            Option(
                id="b",
                text="Plain cake: it keeps its image.",
                right=True,
                explanation="A container notes the id of its image, and ids do not move.",
            ),
            Option(
                id="c",
                text="Plain cake, and chocolate after a restart.",
                right=False,
                explanation="A restart is the same container, on the same image.",
            ),
            Option(
                id="d",
                text="Both lines: the new image goes on top.",
                right=False,
                explanation="The two images are two piles. A container stands on one of them from the moment it is "
                "made until it is removed.",
            ),
        ),
    ),
)
