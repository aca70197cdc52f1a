"""Chapter 00: its quick questions, and what it lets you predict."""

from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="00-q1",
        objective="00.1",
        question="A script tests for Docker with `docker --version`. It prints a version. What does the script know?",
        options=(
            Option(
                id="a",
                text="An engine is running on this computer.",
                right=False,
                explanation="The client prints its own number and asks nobody, so no engine need be there. "
                'Look again under "When no engine answers".',
            ),
            Option(
                id="b",
                text="The client is installed.",
                right=True,
                explanation="That, and no more. To know about the engine, something has to be asked of it, as "
                '`docker version` does, or the doctor under "Is my engine ready?".',
            ),
            Option(
                id="c",
                text="Client and engine have the same version.",
                right=False,
                explanation="One number was printed, the client's. `docker version`, without the dashes, prints two "
                'blocks, and their numbers often differ. Look at the exercise under "When no engine answers".',
            ),
            Option(
                id="d",
                text="An engine is there, but it may not be allowed to use it.",
                right=False,
                explanation="Nothing was sent to an engine, so nothing could be refused. A real refusal reads "
                '"permission denied": look at the table of reasons under "When no engine answers".',
            ),
        ),
    ),
    Quiz(
        id="00-q2",
        objective="00.2",
        question="You type `docker run IMAGE backup`, without `--rm`. The backup ends with exit code 0. Next day "
        "`docker ps` does not show its container. Where is it?",
        options=(
            Option(
                id="a",
                text="Gone: a container ends with its process.",
                right=False,
                explanation="The process has ended, the container has not. Ending and removing are two events, `die` "
                'and `destroy`: look at the time line under "The events of one run".',
            ),
            Option(
                id="b",
                text="Still there, stopped, with everything that it wrote.",
                right=True,
                explanation="Without `--rm` nobody asked for its removal. `docker ps` shows running containers only; "
                '`docker ps --all` shows it. The text under "A first container" says what removes one.',
            ),
            Option(
                id="c",
                text="Still running: exit code 0 means that it waits for more work.",
                right=False,
                explanation="An exit code is what a process leaves behind when it ends, and 0 means success. The time "
                'line under "The events of one run" shows the `die` of a container whose command ended well.',
            ),
            Option(
                id="d",
                text="It has become part of the image.",
                right=False,
                explanation="Running a container changes no image. You ran `echo` from busybox three times under "
                '"A first container", and the image was the same each time.',
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
                text="It ends: the client started it, so it ends with the client.",
                right=False,
                explanation="The client is not its parent. It sent an order, and the order is carried out. Follow the "
                'arrows in the picture under "Who does the work?": the client starts nothing.',
            ),
            Option(
                id="b",
                text="It goes on: its shim holds it.",
                right=True,
                explanation="Its parent is the shim, on the engine's machine, and the shim knows nothing of notebooks. "
                'Look at the picture under "Who does the work?".',
            ),
            Option(
                id="c",
                text="It goes on until dockerd notices that nobody listens, then it is stopped.",
                right=False,
                explanation="dockerd does not wait for listeners. Its requests are over long before: each one under "
                '"The HTTP calls behind it" has had its answer.',
            ),
            Option(
                id="d",
                text="It is paused until a client comes back.",
                right=False,
                explanation="Nothing pauses a container but an order to do so, and the picture under "
                '"Who does the work?" shows no tie between client and process that could break.',
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="00-p1",
        objective="00.2",
        question="The command has ended. Where is the container now?",
        outcome="The list is empty. `containers.run` asks the engine to remove the container once its command has "
        "ended, and so does `docker run --rm`.",
        options=(
            Option(
                id="a",
                text="In the list, as running.",
                right=False,
                explanation="A container runs as long as its first process does, and `echo` took milliseconds.",
            ),
            Option(
                id="b",
                text="In the list, as stopped.",
                right=False,
                explanation="A good guess: that is where it would be if nobody removed it. `containers.run` does.",
            ),
            Option(
                id="c",
                text="Nowhere: it was removed.",
                right=True,
                explanation="Removed because somebody asked for it, not because the process ended. Look at the last "
                'event of the time line under "The events of one run".',
            ),
        ),
    ),
    Prediction(
        id="00-p2",
        objective="00.3",
        question="On the engine's machine the server `hs-hello` is a process like any other, and every process has a "
        "parent. Who is its parent?",
        outcome="Its parent is the shim, a small program of which there is one for each container. (With Podman its "
        "name is conmon.)",
        options=(
            Option(
                id="a",
                text="This notebook, or the `docker` command.",
                right=False,
                explanation="The client only sends an order. You could close this notebook, and `hs-hello` would go on.",
            ),
            Option(
                id="b",
                text="The daemon, `dockerd`.",
                right=False,
                explanation="That is the surprise for many. Because its parent is another program, a container goes on "
                "while `dockerd` is down after a crash. Once `dockerd` is back, it stops that container, as it does when "
                "it is stopped in the normal way itself, unless its setting `live-restore` is on.",
            ),
            Option(
                id="c",
                text="Some other program.",
                right=True,
                explanation="The shim stays with its container, holds its output, and waits for its exit code.",
            ),
        ),
    ),
    Prediction(
        id="00-p3",
        objective="00.2",
        question="One container runs the command `true`, which ends at once. How many events will the engine announce?",
        outcome="About half a dozen: the container is created, connected to a network, started; its process ends; the "
        "address is given back, the container removed. The figure counts yours.",
        options=(
            Option(
                id="a",
                text="One: it ran.",
                right=False,
                explanation='"Run" is a word of the client\'s. The engine is asked to create, to start, and to remove, '
                "and announces each.",
            ),
            Option(
                id="b",
                text="Two: it started, it ended.",
                right=False,
                explanation="`start` and `die` are there, but a container exists before the one and after the other.",
            ),
            Option(
                id="c",
                text="More than four.",
                right=True,
                explanation="A container's life is longer than its process's: `create` comes before, `destroy` after, "
                "and the network has events of its own.",
            ),
        ),
    ),
)
