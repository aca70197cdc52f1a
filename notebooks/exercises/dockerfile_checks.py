"""Chapter 04: its exercises. Their files are in the folders 04-… beside this file. How to add one: docs/AUTHORS.md."""

import csv
import random
from pathlib import Path

from helpers.dockerfile.checks import Dockerfiles
from helpers.dockerfile.model.starts import Ended
from helpers.lab.look import Look
from helpers.lab.task import Task

BUSYBOX = "localhost/course/busybox:1"
HERE = Path(__file__).parent


def built(look: Look, image: str, folder: str, expected: str) -> None:
    """Ends the check unless there is an image of that name, built from the learner's Dockerfile as it is now."""
    mine = look.mine("Dockerfile")
    if look.image(image) is None:
        if _text(mine) == _text(HERE / folder / "starter" / "Dockerfile"):
            look.not_attempted()
        look.wrong(
            expected, f"there is no image `{image}`", look="`docker image ls`: was it built, and under which name?"
        )
    differs = Dockerfiles(look).differs(image, mine)
    look.expect(
        not differs,
        expected,
        f"`{image}` was not built from your Dockerfile as it is now",
        differs,
        look="The last lines of `docker build`: did it end without an error?",
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


# 04.1


def draw_write(dice: random.Random) -> dict[str, str]:
    """What the table of tides says, in the learner's own file."""
    return {name: f"{dice.randrange(17, 20)}:{dice.randrange(10, 60)}" for name in ("calais", "dover")}


def check_write(look: Look) -> None:
    """A container of the image says what the learner's own table says, by itself and for another harbour."""
    with look.mine("tides.csv").open(encoding="utf-8", newline="") as file:
        times = {row["harbour"]: row["second"] for row in csv.DictReader(file)}
    line = f"The 2nd high water at Dover is at {times['Dover']}."
    expected = f"a container of `hs-tides` prints `{line}`, and its folder is /tides"
    built(look, "hs-tides", "04-tides", expected)
    begins = Dockerfiles(look).begins("hs-tides")
    ran = look.safely("hs-tides")
    found = (f"it printed: {_last(ran.output)}", f"its exit code: {ran.exit_code}")
    look.expect("can't open file" not in ran.output, expected, *found, mistake="no-program")
    look.expect("No module named" not in ran.output, expected, *found, mistake="no-library")
    look.expect("HARBOUR is not set" not in ran.output, expected, *found, mistake="no-setting")
    look.expect("tides.csv" not in ran.output, expected, *found, mistake="no-data")
    look.expect(
        ran.exit_code == 0 and line in ran.output, expected, *found, look="`docker run --rm hs-tides`, and its words"
    )
    look.expect(begins.folder == "/tides", expected, f"its folder: {begins.folder or '/'}", mistake="elsewhere")
    other = look.safely("hs-tides", ["sh", "-c", "HARBOUR=Calais python3 tides.py"])
    look.expect(
        times["Calais"] in other.output,
        expected,
        f"asked for Calais it printed: {_last(other.output)}",
        look="`tides.py` as it was given",
    )
    look.note(f"it printed: {line}")


def _last(text: str) -> str:
    """The last line that holds something, cut."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:120] if lines else "nothing"


WRITE = Task(
    id="04.1-write",
    title="Fill the gaps",
    brief="In `{folder}` there is a small app, and a Dockerfile with four gaps. Open `Dockerfile` in the editor (double-click it "
    "in the file browser), put one instruction below each comment, and save. Then build it in the terminal: "
    "`docker build --tag hs-tides 04-tides`. The test: `docker run --rm hs-tides` says when the second high water at Dover is.",
    draw=draw_write,
    check=check_write,
    folder="04-tides",
    files=("Dockerfile",),
    mistakes={
        "no-program": "The program is not where the command looks for it. The last word of COPY is where the files go: "
        "a folder, with a slash at its end if there are several files. And the command runs in the folder that "
        "the image names.",
        "no-library": "The app's library is not in the image. Installing something changes files, so an instruction "
        "has to run a command while the image is built.",
        "no-data": "The app found its library, but not its table. Both of its files have to be in the image.",
        "no-setting": "The app ran and found no HARBOUR. A shell that a build starts has ended, with all it knew, "
        "before the next instruction. Which instruction puts a setting into every container?",
        "elsewhere": "It works, but the files lie in another folder than asked. A `cd` ends with the shell that ran it; "
        "one instruction stays for all that follow, and for every container.",
    },
    hints=(
        "Each comment wants one instruction. You saw all four in the shop's Dockerfile.",
        "In order: WORKDIR, COPY, RUN, ENV.",
    ),
    solution="""
use("solution")
images.build(x.folder, name="hs-tides")
""",
    commands=("docker build --tag hs-tides 04-tides",),
    reason="WORKDIR makes the folder and stays in it, COPY brings the files, RUN changes what is installed, and ENV is "
    "set in every container.",
    wrong={
        name: f'use("solution")\nuse("wrong/{name}")\nimages.build(x.folder, name="hs-tides")'
        for name in ("no-program", "no-library", "no-data", "no-setting", "elsewhere")
    },
)


# 04.2


def check_stop(look: Look) -> None:
    """The light goes off by itself, soon after SIGTERM, and start.sh still starts it."""
    expected = "a container of `hs-beacon` ends within a second of SIGTERM, with exit code 0, after the words `The light is off.`"
    built(look, "hs-beacon", "04-beacon", expected)
    begins = Dockerfiles(look).begins("hs-beacon")
    signal = begins.stop_signal.upper().removeprefix("SIG")
    look.expect(
        signal in ("", "TERM", "15"), expected, f"`docker stop` would send {begins.stop_signal}", mistake="killed"
    )
    ended = Dockerfiles(look).stops("hs-beacon", ready="The light is on: lamp", seconds=3)
    first = f"its first process: {ended.first[:100] or 'none, when it was looked at'}"
    said, took = f"it said: {_last(ended.output)}", _took(ended)
    look.expect("directory: '/tmp/lamp'" not in ended.output, expected, said, first, mistake="no-script")
    look.expect(
        "The light is on: lamp" in ended.output and (ended.seconds is not None or ended.exit_code is None),
        expected,
        said,
        took,
        first,
        look="`docker run --rm hs-beacon`, and what it says",
    )
    if ended.seconds is None:
        words = ended.first.split()
        shell = len(words) > 1 and words[0].endswith("sh") and words[1] == "-c"
        look.wrong(expected, took, first, mistake="shell-form" if shell else "script-waits")
    code = f"its exit code: {ended.exit_code}"
    look.expect(ended.exit_code == 0 and "The light is off." in ended.output, expected, took, code, first)
    look.expect(ended.seconds is not None and ended.seconds <= 1, expected, took)
    look.note(f"{took}, with exit code 0; {first}")


def _took(ended: Ended) -> str:
    """What SIGTERM did, in words."""
    if ended.seconds is not None:
        return f"it ended {ended.seconds:.1f} s after SIGTERM"
    if ended.exit_code is not None:
        return f"it had ended by itself before, with exit code {ended.exit_code}"
    return "3 s after SIGTERM it still ran"


STOP = Task(
    id="04.2-stop",
    title="Off within a second",
    brief="The light in `{folder}` knows what to do when SIGTERM comes: it says `The light is off.` and ends. Yet `docker stop` takes "
    "ten seconds, and the light never says it. Change `Dockerfile` and `start.sh` so that it does, within a second, and build "
    "it as `hs-beacon`: `docker build --tag hs-beacon 04-beacon`. The script has to start the light as before: it makes the lamp ready.",
    check=check_stop,
    folder="04-beacon",
    files=("Dockerfile", "start.sh"),
    mistakes={
        "shell-form": "The first process is a shell that the instruction itself started. It waits for the script, and "
        "does nothing about the signal. In which form does no shell come first?",
        "script-waits": "The first process is the script now. It waits for the light to end, and passes nothing on. "
        "A shell can put a program in its own place.",
        "killed": "It ends at once, but by a signal that no program can answer. The light gets no chance to say that "
        "it is off.",
        "no-script": "The light found no lamp, so it never came on. The script fills it when a container starts; what a "
        "build puts into /tmp does not count here, where /tmp is empty at the start.",
    },
    hints=(
        "Who is process 1? `dockerfile.starts` shows it; so does `docker top` beside `docker inspect`.",
        "There are two shells in between: one comes from the form of CMD, the other is the script.",
        "The exec form has square brackets. And in a script, `exec PROGRAM` puts the program in the shell's place.",
    ),
    solution="""
use("solution")
images.build(x.folder, name="hs-beacon")
""",
    commands=("docker build --tag hs-beacon 04-beacon",),
    reason="In the exec form no shell comes first, and `exec` puts the light in the script's place. So the light is "
    "process 1, and it is process 1 that gets the signal.",
    wrong={
        name: f'use("wrong/{name}")\nimages.build(x.folder, name="hs-beacon")'
        for name in ("shell-form", "script-waits", "killed", "no-script")
    },
)


# 04.3

WHO = (
    "import os; s = os.stat('/logbook/pages'); u, g = os.getuid(), {os.getgid(), *os.getgroups()}; "
    "print(u, s.st_uid == u and s.st_mode >> 7 & 1, s.st_gid in g and s.st_mode >> 4 & 1, s.st_mode >> 1 & 1)"
)  # the user, and whether the folder can be written as its owner, by its group, by everybody


def check_user(look: Look) -> None:
    """It runs as a user with a number, who may write the log's folder, and not everybody may."""
    expected = (
        "`hs-logbook` runs as a user other than root, named by number, who may write in /logbook/pages; others may not"
    )
    built(look, "hs-logbook", "04-logbook", expected)
    named = Dockerfiles(look).begins("hs-logbook").user
    ran = look.safely("hs-logbook", ["python3", "-c", WHO])
    look.expect(ran.exit_code == 0, expected, f"it said: {_last(ran.output)}", look="The folder /logbook/pages")
    user, owner, group, everybody = ran.output.split()[:4]
    found = (f"it runs as user {user}", f"the image says USER {named}" if named else "the image names no user")
    look.expect(user != "0", expected, *found, mistake="still-root")
    look.expect(named.partition(":")[0].isdigit(), expected, *found, mistake="by-name")
    look.expect(everybody != "1", expected, *found, "everybody may write in /logbook/pages", mistake="for-everyone")
    look.expect(
        "1" in (owner, group), expected, *found, f"user {user} may not write in /logbook/pages", mistake="cant-write"
    )
    look.note(f"it runs as user {user}, who may write in /logbook/pages")


USER = Task(
    id="04.3-user",
    title="Not root, and still writing",
    brief="The logbook in `{folder}` runs as root. Change its Dockerfile: it runs as user 1000, named by that number, and still writes its "
    "log in `/logbook/pages`, where no other user may write (root always can). Build it as `hs-logbook`: `docker build --tag hs-logbook 04-logbook`.",
    check=check_user,
    folder="04-logbook",
    files=("Dockerfile",),
    mistakes={
        "still-root": "It still runs as root. That a user exists in the image does not make anything run as them.",
        "by-name": "A name is known only inside the image, in its /etc/passwd. Who runs it elsewhere, and must not run "
        "root, can't tell who that is. A number says it.",
        "cant-write": "It runs as that user, and the folder belongs to root, who made it. Who makes a folder in a "
        "build, and when is it given away?",
        "for-everyone": "Now everybody may write in that folder, whoever they are. One user has to own it; that is "
        "enough.",
    },
    hints=(
        "Two things are to be done, and their order matters: give the folder away while you are root, then be somebody "
        "else.",
        "`chown 1000:1000 pages` in a RUN gives it away. The instruction USER names who comes after.",
    ),
    solution="""
use("solution")
images.build(x.folder, name="hs-logbook")
""",
    commands=("docker build --tag hs-logbook 04-logbook",),
    reason="A build runs as root until USER says otherwise. So the folder is made and given away first. The number works "
    "on every engine, whether the image has a name for it or not.",
    wrong={
        name: f'use("wrong/{name}")\nimages.build(x.folder, name="hs-logbook")'
        for name in ("still-root", "by-name", "cant-write", "for-everyone")
    },
)


# 04.4

FILES = ("/etc/group", "/etc/hosts", "/etc/hostname", "/etc/passwd")


def draw_inspect(dice: random.Random) -> dict[str, str]:
    """Which file the image follows, and which one the learner would name."""
    default, named = dice.sample(FILES, 2)
    return {"_default": default, "named": named}


def prepare_inspect(look: Look) -> None:
    """An image with an entry point and a command."""
    default = look.given["_default"]
    look.give("image", look.build("hs-riddle", f'FROM {BUSYBOX}\nENTRYPOINT ["tail", "-f"]\nCMD ["{default}"]\n'))


def check_inspect(look: Look) -> None:
    """The answer is the command line of the first process that really starts."""
    said = look.text()
    if "image" not in look.given:
        look.cant_tell("the image was not made: run the cell with exercise(…) again")
    named, default = look.given["named"], look.given["_default"]
    words = said.replace('"', "").replace("'", "").replace(",", " ").strip("[] ").split()
    expected = f"the whole command of the first process in `docker run hs-riddle:1 {named}`"
    found = f"you said: {said[:80]}"
    look.expect(not (named in words and default in words), expected, found, mistake="both")
    look.expect(words != [named], expected, found, mistake="only-the-word")
    look.expect(default not in words, expected, found, mistake="default")
    ended = Dockerfiles(look).stops(look.given["image"], command=(named,), seconds=0.5)
    look.expect(words == ended.first.split(), expected, found, look="Entrypoint and Cmd of the image")
    look.note(f"such a container was started: its first process is {ended.first}")


INSPECT = Task(
    id="04.4-inspect",
    title="What will start?",
    brief="Read what the image `hs-riddle:1` says of itself: "
    '`docker image inspect --format "{{{{json .Config.Entrypoint}}}} {{{{json .Config.Cmd}}}}" hs-riddle:1`. Somebody types '
    "`docker run hs-riddle:1 {named}`. Which process starts? Answer with the whole command, the program and its arguments: "
    '`x.check("program argument argument")`.',
    answered=True,
    draw=draw_inspect,
    prepare=prepare_inspect,
    check=check_inspect,
    mistakes={
        "both": "What is typed after the image takes the place of CMD. The two never stand beside each other.",
        "only-the-word": "That would be so if the image had no ENTRYPOINT. It has one, and it comes first.",
        "default": "That is what starts if nothing is typed after the image. Here something is.",
    },
    hints=(
        "The image has both, ENTRYPOINT and CMD. Which of them does a word after the image replace?",
        "It replaces CMD. ENTRYPOINT stays, and comes first.",
    ),
    solution="""
settings = engine.images.get(x.given["image"]).attrs["Config"]
answer = " ".join([*settings["Entrypoint"], x.given["named"]])
""",
    reason="The process is ENTRYPOINT, and after it either CMD or, if something is typed after the image, that.",
    wrong={
        "both": 'settings = engine.images.get(x.given["image"]).attrs["Config"]\n'
        'answer = " ".join([*settings["Entrypoint"], *settings["Cmd"], x.given["named"]])',
        "only-the-word": 'answer = x.given["named"]',
        "default": 'settings = engine.images.get(x.given["image"]).attrs["Config"]\n'
        'answer = " ".join([*settings["Entrypoint"], *settings["Cmd"]])',
    },
)


# without the helpers


def draw_alone(dice: random.Random) -> dict[str, str]:
    """What the image is to be called."""
    return {"name": f"hs-bell-{dice.randrange(1000, 10000)}"}


def check_alone(look: Look) -> None:
    """An image that no helper made: its bell rings three times, in /bell, as a user, and ends when it is told to."""
    name = look.given["name"]
    expected = f"an image `{name}`, built in a terminal: it rings 3 times in /bell, as a user other than root, and ends within a second of SIGTERM"
    built(look, name, "04-bell", expected)
    made = look.image(name)
    if made is None:
        look.not_attempted()
    look.expect(look.by_hand(made, name=name), expected, "a helper made it", mistake="by-helper")
    ended = Dockerfiles(look).stops(name, ready="rings", seconds=3)
    said, first = f"it said: {_last(ended.output)}", f"its first process: {ended.first[:100]}"
    look.expect("rings" in ended.output, expected, said, first, look=f"`docker run --rm {name}`, and what it says")
    look.expect("rings 3 times" in ended.output, expected, said, mistake="no-setting")
    look.expect("in /bell." in ended.output, expected, said, look="The folder that containers start in")
    look.expect("User 0 " not in ended.output, expected, said, mistake="as-root")
    took = _took(ended)
    look.expect(ended.seconds is not None and ended.exit_code == 0, expected, took, first, mistake="shell-form")
    look.expect(ended.seconds is not None and ended.seconds <= 1, expected, took, first)
    look.note(f"{said}; {took}")


ALONE = Task(
    id="04.1-alone",
    title="From memory",
    brief="In `{folder}` there is a program, `bell.py`, and no Dockerfile. Make one, without looking back (in the file browser: New File, called `Dockerfile`). The base image is "
    "`localhost/course/python:3.13`. A container of your image runs `python3 bell.py` in the folder `/bell`, as a user other than root; "
    "`RINGS` is 3 in it; and it ends at once when it is stopped. Build it in the terminal as `{name}`.",
    draw=draw_alone,
    check=check_alone,
    folder="04-bell",
    files=("Dockerfile",),
    mistakes={
        "by-helper": "A helper built this image. This time it is your turn: build it in the terminal.",
        "no-setting": "The bell found another RINGS than 3, or none. One instruction puts a setting into every container.",
        "as-root": "It runs as root. Until an instruction names somebody else, everything does.",
        "shell-form": "The bell was not the first process: a shell was, and kept the signal to itself.",
    },
    hints=(
        "Six instructions: the base image, the folder, the file, the setting, the user, the command.",
        "FROM, WORKDIR, COPY, ENV, USER, CMD. The command in square brackets, each word in double quotes.",
    ),
    solution="""
use("solution")
engine.images.build(path=str(x.folder), tag=x.given["name"], rm=True)
""",
    commands=("docker build --tag {name} 04-bell",),
    reason="FROM says what it starts from, WORKDIR and COPY bring the program into its folder, ENV and USER say how it "
    "runs, and CMD in the exec form makes it process 1.",
    wrong={
        "by-helper": 'use("solution")\nimages.build(x.folder, name=x.given["name"])',
        **{
            name: f'use("solution")\nuse("wrong/{name}")\n'
            'engine.images.build(path=str(x.folder), tag=x.given["name"], rm=True)'
            for name in ("no-setting", "as-root", "shell-form")
        },
    },
)

TASKS = (WRITE, STOP, USER, INSPECT, ALONE)
