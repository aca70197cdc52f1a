"""Chapter 04: its quick questions, and what it lets you predict."""

from helpers.lab.model.arrangement import Arrangement, Part
from helpers.lab.model.quiz import Option, Prediction, Quiz

QUIZZES = (
    Quiz(
        id="04-q1",
        objective="04.1",
        question="A Dockerfile has FROM, WORKDIR /shop, COPY . . and CMD. Its app needs a library. Where does the line "
        "`RUN pip install …` go, and why?",
        options=(
            Option(
                id="a",
                text="After CMD: the app has to be there before its library.",
                right=False,
                explanation="It would be installed all the same: CMD runs nothing in a build. But CMD is what a reader "
                'looks for at the end. The figure under "From an empty file to the shop" shows it as a setting.',
            ),
            Option(
                id="b",
                text="Between FROM and CMD: what it installs is kept as a layer.",
                right=True,
                explanation="RUN needs the base image's pip, and what it changes is kept. Look at its layer in the "
                'figure under "From an empty file to the shop". Which place is fastest is the subject of chapter 05.',
            ),
            Option(
                id="c",
                text="Before FROM: libraries come first, then the base image.",
                right=False,
                explanation="Before FROM there is nothing that could run pip. Only ARG may stand there, as the table "
                'under "The words of the recipe" says.',
            ),
            Option(
                id="d",
                text="In CMD, before the app: it is installed when that starts.",
                right=False,
                explanation='Then every start of every container would install it anew. The layer of RUN under "From '
                'an empty file to the shop" was made once.',
            ),
        ),
    ),
    Quiz(
        id="04-q2",
        objective="04.4",
        misconception=22,
        question="Somebody types `docker run --rm hs-guess:1 --help`. What runs?",
        output="""
$ docker image inspect --format "{{json .Config.Entrypoint}} {{json .Config.Cmd}}" hs-guess:1
["python3","/app/report.py"] ["--daily"]
""",
        options=(
            Option(
                id="a",
                text="`python3 /app/report.py --daily --help`",
                right=False,
                explanation="What is typed replaces CMD, it is not added to it. In the fourth row of the table under "
                '"What starts?" Ben takes the place of Ada.',
            ),
            Option(
                id="b",
                text="`python3 /app/report.py --help`",
                right=True,
                explanation="The entry point stays, and what is typed takes the place of CMD: the fourth row of the "
                'table under "What starts?".',
            ),
            Option(
                id="c",
                text="`--help`, and no program of that name is found",
                right=False,
                explanation="That is what happens without an entry point, as in the first row of the table under "
                '"What starts?". This image has one.',
            ),
            Option(
                id="d",
                text="the help of `docker run` itself",
                right=False,
                explanation="Options of `docker run` stand before the image. What stands after it belongs to the "
                'container, as Ben does under "What starts?".',
            ),
        ),
    ),
    Quiz(
        id="04-q3",
        objective="04.2",
        misconception=24,
        question="A container takes ten seconds to stop. You make it again with `docker run --init`, and it stops at "
        "once, with exit code 143. Is all well now?",
        options=(
            Option(
                id="a",
                text="Yes: the program had its chance to save its work.",
                right=False,
                explanation="143 is 128 + 15: SIGTERM ended it, and no code of its own ran. A program that answers the "
                'signal ends with 0, as in the second figure under "Who gets the signal?".',
            ),
            Option(
                id="b",
                text="It stops sooner, but the program never got to answer.",
                right=True,
                explanation="`--init` puts a small process first, and a signal ends what comes after it. If the program is "
                'to save its work, it has to hear SIGTERM itself: "Who gets the signal?".',
            ),
            Option(
                id="c",
                text="No: `--init` sends SIGKILL where SIGTERM was sent before.",
                right=False,
                explanation="It passes on the signal that comes. SIGKILL would have given 137, as in the first figure under "
                '"Who gets the signal?".',
            ),
            Option(
                id="d",
                text="No: with `--init` the entry point of the image is skipped.",
                right=False,
                explanation="The image's whole command still runs, as a child of the small process: see the figure "
                'with `init=True` under "Who gets the signal?".',
            ),
        ),
    ),
    Quiz(
        id="04-q4",
        objective="04.3",
        misconception=26,
        question="An image runs as root. Which change makes its containers run as somebody else, on every engine?",
        options=(
            Option(
                id="a",
                text="`RUN useradd sailor`: then there is a user.",
                right=False,
                explanation="It adds a line to /etc/passwd, and everything still runs as root. What counts is the "
                'instruction that names the user: "Who is it?".',
            ),
            Option(
                id="b",
                text="`RUN su sailor`: the build goes on as that user.",
                right=False,
                explanation='`su` starts a shell that ends with the instruction, like every other one: see "Each RUN '
                'is a new shell".',
            ),
            Option(
                id="c",
                text="`USER 1000`: whoever comes after it, and every container.",
                right=True,
                explanation="It is a setting of the image, and holds for the RUNs below, too. The number needs no entry "
                'in /etc/passwd: look at the answers of `id` under "Who is it?".',
            ),
            Option(
                id="d",
                text="`COPY --chown=1000`: the files belong to that user.",
                right=False,
                explanation="The files do, and the process that reads them is still root's. You need both where the "
                'program writes: "Who is it?".',
            ),
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        id="04-p1",
        objective="04.1",
        misconception=20,
        question="The first RUN goes to `/tmp`, sets WHO and starts a server; the second one writes down where it is and "
        "who WHO is. What does a container of the image say?",
        outcome="It says `/`, WHO is empty, and no server runs. Each RUN had a container and a shell of its own, and "
        "only the files that it changed were kept.",
        options=(
            Option(
                id="a",
                text="`/tmp`, WHO is Ada, and the server runs.",
                right=False,
                explanation="That would be so in one shell that stays. Each RUN gets a new one.",
            ),
            Option(
                id="b",
                text="`/tmp`, WHO is Ada, but no server runs.",
                right=False,
                explanation="The server is not there, right. But neither the folder nor the variable came through: "
                "they were the first shell's.",
            ),
            Option(
                id="c",
                text="`/`, WHO is empty, but the server runs.",
                right=False,
                explanation="An image has no processes. The server ended when its instruction did.",
            ),
            Option(
                id="d",
                text="`/`, WHO is empty, and no server runs.",
                right=True,
                explanation="Only files are kept of what a RUN does: no folder it went to, no variable, no process.",
            ),
        ),
    ),
    Arrangement(
        id="04-p2",
        objective="04.4",
        misconception=22,
        look="pile",
        question="`greet` is a program that greets whoever it is given. Five images differ only in how they start it. "
        "What does `docker run IMAGE Ben` say?",
        outcome="What is typed after the image takes the place of CMD, and of nothing else. Where a shell starts the "
        "program, it keeps Ben to itself.",
        places=("Hello, Ben", "Hello, nobody: it hears no name", "no such program: Ben"),
        parts=(
            Part(
                text='`CMD ["greet", "Ada"]`',
                right="3",
                explanation="Ben takes the place of the whole CMD, the program included. There is no program Ben.",
            ),
            Part(
                text='`ENTRYPOINT ["greet"]`',
                right="1",
                explanation="The entry point stays, and Ben comes after it.",
            ),
            Part(
                text='`ENTRYPOINT ["greet"]` and `CMD ["Ada"]`',
                right="1",
                explanation="Ben takes the place of Ada. This is what the pair is for.",
            ),
            Part(
                text="`ENTRYPOINT greet`",
                right="2",
                explanation="A shell was told to run `greet`, and nothing else. It got Ben as a word of its own.",
            ),
            Part(
                text='`ENTRYPOINT greet` and `CMD ["Ada"]`',
                right="2",
                explanation="The shell gets Ben in the place of Ada, and passes on neither.",
            ),
        ),
    ),
    Prediction(
        id="04-p3",
        objective="04.2",
        misconception=24,
        question="The shop answers SIGTERM: it ends at once. In this image CMD is written without brackets, `CMD python3 "
        "shop.py`. How long does `docker stop` take, and what is the exit code?",
        outcome="Ten seconds, and 137. The signal went to process 1, which is a shell; the shop never heard of it, and "
        "both were killed.",
        options=(
            Option(
                id="a",
                text="A moment, and 0: the shop answers the signal.",
                right=False,
                explanation="It would, if it got it. The signal goes to process 1 alone.",
            ),
            Option(
                id="b",
                text="A moment, and 143: the signal ends the shell.",
                right=False,
                explanation="Elsewhere it would. But the kernel protects process 1: a signal that it has no answer for "
                "does nothing to it.",
            ),
            Option(
                id="c",
                text="Ten seconds, and 137: the shop never hears it.",
                right=True,
                explanation="Process 1 is the shell, which does nothing. After the grace period comes SIGKILL: 128 + 9.",
            ),
            Option(
                id="d",
                text="Ten seconds, and 0: the shell passes it on at last.",
                right=False,
                explanation="A shell that waits for a program passes nothing on. What ends both is SIGKILL.",
            ),
        ),
    ),
)
