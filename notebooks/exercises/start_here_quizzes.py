"""Chapter 00: its quick questions, and what it lets you predict."""

from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="00-q1",
        objective="00.1",
        question="A colleague can't start a container. You ask for `docker version`, and this comes back. What do "
        "you know?",
        output="""
$ docker version
Client:
 Version:           28.2.2
 API version:       1.50
 …
 OS/Arch:           linux/amd64
 Context:           default
Cannot connect to the Docker daemon at unix:///run/user/1000/docker.sock. Is the docker daemon running?
""",
        options=(
            Option(
                id="a",
                text="An engine of version 28.2.2 runs on that computer.",
                right=False,
                explanation="Those lines are below `Client:`. The client prints its own version and asks nobody for "
                'it, so they say nothing about an engine. Look again under "When no engine answers".',
            ),
            Option(
                id="b",
                text="The client works; no engine answers at that socket.",
                right=True,
                explanation="The client asked at that address and got no answer, so the block `Server:` is missing. "
                'The table of reasons under "When no engine answers" says what to do next.',
            ),
            Option(
                id="c",
                text="Client and engine don't match: 28.2.2 against 1.50.",
                right=False,
                explanation="Both numbers are the client's: its version, and the version of the interface that it "
                "speaks. The engine's would come in a second block: look at the text above the exercise under "
                '"When no engine answers".',
            ),
            Option(
                id="d",
                text="An engine runs there, but refuses that account.",
                right=False,
                explanation='A refusal reads "permission denied": look at the table of reasons under "When no engine '
                'answers". Here nothing answered at all.',
            ),
        ),
    ),
    Quiz(
        id="00-q2",
        objective="00.2",
        question="You type `docker run IMAGE backup`, without `--rm`. The backup ends with exit code 0. The next day "
        "`docker ps` does not show its container. Where is it?",
        options=(
            Option(
                id="a",
                text="Gone: a container ends with its process.",
                right=False,
                explanation="The process has ended, but the container has not. Ending and removing are two events, "
                '`die` and `destroy`: look at the time line under "The events of one run".',
            ),
            Option(
                id="b",
                text="Still there, stopped, with all it wrote.",
                right=True,
                explanation="Without `--rm` nobody asked for its removal. `docker ps` shows running containers only; "
                '`docker ps --all` shows this one, too. The text under "A first container" says what removes one.',
            ),
            Option(
                id="c",
                text="Removed: after exit code 0 nothing is kept.",
                right=False,
                explanation="Success or failure makes no difference. `--rm` or `docker rm` removes a container, and "
                'neither was typed. In the time line under "The events of one run" there is a `destroy` because '
                "`containers.run` asked for it.",
            ),
            Option(
                id="d",
                text="In the image: the next run carries on from there.",
                right=False,
                explanation='Running a container changes no image. You ran `echo` from busybox three times under "A '
                'first container", and the image was the same each time.',
            ),
        ),
    ),
    Quiz(
        id="00-q3",
        objective="00.3",
        question="`hs-hello` is running. You close this notebook and end JupyterLab. What happens to `hs-hello`?",
        options=(
            Option(
                id="a",
                text="It ends with them: the client started it.",
                right=False,
                explanation="The client is not its parent. It sent an order, and the order has been carried out. "
                'Follow the arrows in the picture under "Who does the work?": the client starts nothing.',
            ),
            Option(
                id="b",
                text="It runs on: its parent is the shim.",
                right=True,
                explanation="Its parent is the shim, on the engine's machine, and the shim knows nothing about "
                'notebooks. Look at the picture under "Who does the work?".',
            ),
            Option(
                id="c",
                text="It runs on until its connection times out.",
                right=False,
                explanation="There is no connection that could. The client's requests are over: each one under \"The "
                'HTTP calls behind it" has been answered.',
            ),
            Option(
                id="d",
                text="It ends at its next output: nobody reads it.",
                right=False,
                explanation="The shim holds its output, and the engine keeps it as the log, whether or not anybody "
                'reads it. The picture under "Who does the work?" shows no tie between client and process that could '
                "break.",
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="00-p1",
        objective="00.2",
        question="`containers.run` will make a container, run `echo` in it, and wait until `echo` has ended. Where "
        "is the container then?",
        outcome="The list is empty. `containers.run` asks the engine to remove the container once its command has "
        "ended, and so does `docker run --rm`.",
        options=(
            Option(
                id="a",
                text="In the list, as running: nobody has stopped it.",
                right=False,
                explanation="A container runs as long as its first process does, and `echo` took milliseconds.",
            ),
            Option(
                id="b",
                text="In the list, as stopped: its command has ended.",
                right=False,
                explanation="A good guess: a plain `docker run` leaves it there. `containers.run` has it removed.",
            ),
            Option(
                id="c",
                text="In no list: it is removed after its command.",
                right=True,
                explanation="Removed because somebody asked for it, not because the process ended. Look at the last "
                'event of the time line under "The events of one run".',
            ),
        ),
    ),
    Prediction(
        id="00-p2",
        objective="00.3",
        question="On the engine's machine the server `hs-hello` is a process like any other. Who is its parent there?",
        outcome="Its parent is the shim, a small program; each container has one. (With Podman it is called conmon.)",
        options=(
            Option(
                id="a",
                text="The `docker` command or this notebook: it gave the order.",
                right=False,
                explanation="The client only sends an order. You could close this notebook, and `hs-hello` would keep "
                "running.",
            ),
            Option(
                id="b",
                text="The daemon, `dockerd`: it took the order.",
                right=False,
                explanation="That surprises many people. Because its parent is another program, a container keeps "
                "running for a while even when `dockerd` has crashed.",
            ),
            Option(
                id="c",
                text="A third program, which stays beside the container.",
                right=True,
                explanation="The shim stays with its container, holds its output, and waits for its exit code.",
            ),
            Option(
                id="d",
                text="Nobody: it is process 1, which has no parent.",
                right=False,
                explanation="That is how it looks from inside. On the engine's machine the same process has another "
                "number, and a parent.",
            ),
        ),
    ),
    Prediction(
        id="00-p3",
        objective="00.2",
        question="One container runs the command `true`, which ends at once. How many events will the engine announce?",
        outcome="About half a dozen: the container is created, connected to a network, started; its process ends; "
        "the address is given back, the container removed. The figure counts yours.",
        options=(
            Option(
                id="a",
                text="One, for the run as a whole.",
                right=False,
                explanation='"Run" is the client\'s word. The engine is asked to create, to start, and to remove, and '
                "announces each.",
            ),
            Option(
                id="b",
                text="Two, for its start and its end.",
                right=False,
                explanation="`start` and `die` are there, but a container exists before the first and after the "
                "second.",
            ),
            Option(
                id="c",
                text="Five or more, for steps around these.",
                right=True,
                explanation="A container's life is longer than its process's: `create` comes before, `destroy` "
                "after, and the network has events of its own.",
            ),
            Option(
                id="d",
                text="Three, for start, output and end.",
                right=False,
                explanation="What a process writes goes into the log. It is not an event.",
            ),
        ),
    ),
)
