"""Chapter 02: its exercises. How to add one: docs/AUTHORS.md."""

import base64
import random

from helpers.containers.checks import Containers
from helpers.engine.model.container import Container
from helpers.images.checks import Images
from helpers.lab.look import Look
from helpers.lab.task import Task

BUSYBOX = "localhost/course/busybox:1"
BERTHS = ("amber", "birch", "coral", "dune", "ebony", "fjord", "grove", "heron", "inlet", "jetty", "kelp", "lagoon")


def two_words(dice: random.Random) -> dict[str, str]:
    """Two different words."""
    first, second = dice.sample(BERTHS, 2)
    return {"first": first, "second": second}


# 02.1

NOTE = "/note.txt"


def prepare_differ(look: Look) -> None:
    """One image, which has no note in it."""
    look.give("image", look.build("hs-dough", f'FROM {BUSYBOX}\nENV DOUGH=yeast\nCMD ["sleep", "600"]\n'))
    look.remember("id", look.id_of(look.given["image"]))


def check_differ(look: Look) -> None:
    """Two containers of that one image; the note of each holds its own word, and the image has none."""
    if "image" not in look.given:
        look.cant_tell("the image was not made: run the cell with exercise(…) again")
    expected = "two containers of that image, `hs-left` and `hs-right`, whose files /note.txt hold different words"
    there = {name: look.container(name) for name in ("hs-left", "hs-right")}
    found = {name: one for name, one in there.items() if one is not None}
    if not found:
        look.not_attempted()
    look.expect(len(found) == 2, expected, f"there is only {next(iter(found))}", mistake="one-container")
    for name, one in found.items():
        look.expect(
            one.image_id == look.recall("id"), expected, f"{name} is made from {one.image}", mistake="other-image"
        )
    notes = {name: _note(look, one) for name, one in found.items()}
    said = ", ".join(f"{name}: {text or 'no such file'}" for name, text in notes.items())
    wanted = {"hs-left": look.given["first"], "hs-right": look.given["second"]}
    look.expect(any(notes.values()), expected, said, look="`containers.diff` shows what each has written.")
    look.expect(all(notes.values()), expected, said, mistake="written-in-one")
    look.expect(notes["hs-left"] != notes["hs-right"], expected, said, mistake="same-words")
    look.expect(notes == wanted, expected, said, look="Which word belongs in which container?")


def _note(look: Look, one: Container) -> str:
    return (Containers(look).file(one, NOTE) or "").strip()


DIFFER = Task(
    id="02.1-differ",
    title="Two containers, two different files",
    brief='Make two containers from the image `hs-dough:1` (in a cell, `x.given["image"]`): `hs-left` and `hs-right`. In `hs-left` the file '
    "/note.txt must contain the word {first}, in `hs-right` the word {second}. It doesn't matter whether they are "
    "running at the end.",
    draw=two_words,
    prepare=prepare_differ,
    check=check_differ,
    mistakes={
        "one-container": "One of the two is not there. Elsewhere you choose the names; here they are `hs-left` and "
        "`hs-right`.",
        "other-image": "Both should come from one image, the one you were given: that is the point.",
        "written-in-one": "One has its note, the other has none. What you write in one container is visible only "
        "there.",
        "same-words": "Both hold the same word. They do not share the file: you have to write in each one.",
    },
    hints=(
        "`containers.start` makes a running container from the image. It needs no command: the image names one.",
        '`containers.exec(NAME, "sh", "-c", "…")` runs a line of shell in it; `containers.copy` with `put=` needs no '
        "shell.",
        "In a terminal: `docker exec hs-left sh -c 'echo … > /note.txt'`. Without `sh -c`, the `>` would write on your own "
        "computer.",
    ),
    solution="""
for name, word in (("hs-left", x.given["first"]), ("hs-right", x.given["second"])):
    containers.start(x.given["image"], name=name)
    containers.exec(name, "sh", "-c", f"echo {word} > /note.txt")
""",
    reason="Each container writes into its own layer. The image has no /note.txt, neither before nor after.",
    wrong={
        "one-container": 'containers.start(x.given["image"], name="hs-left")\n'
        'containers.exec("hs-left", "sh", "-c", f"echo {x.given[\'first\']} > /note.txt")',
        "other-image": 'containers.start(x.given["image"], name="hs-left")\n'
        'containers.start(BUSYBOX, "sleep", "600", name="hs-right")\n'
        'for name, word in (("hs-left", "first"), ("hs-right", "second")):\n'
        '    containers.exec(name, "sh", "-c", f"echo {x.given[word]} > /note.txt")',
        "written-in-one": 'for name in ("hs-left", "hs-right"):\n    containers.start(x.given["image"], name=name)\n'
        'containers.exec("hs-left", "sh", "-c", f"echo {x.given[\'first\']} > /note.txt")',
        "same-words": 'for name in ("hs-left", "hs-right"):\n    containers.start(x.given["image"], name=name)\n'
        '    containers.exec(name, "sh", "-c", f"echo {x.given[\'first\']} > /note.txt")',
    },
)


# 02.2

PATHS = (
    "create start pause unpause stop start kill restart",
    "create start kill start pause unpause restart stop",
    "create restart pause unpause kill start stop",
    "create start stop restart pause unpause kill",
)
STATES = ("created", "running", "paused", "exited", "removed", "restarting")
SLIPS = {
    ("stop", "removed"): "stop-removes",
    ("kill", "removed"): "stop-removes",
    ("pause", "exited"): "pause-ends",
    ("restart", "created"): "restart-is-new",
    ("restart", "restarting"): "restart-stays",
    ("stop", "paused"): "stop-freezes",
}


def check_predict(look: Look) -> None:
    """The commands are run on a real container now; the answer is compared with what the engine says after each."""
    said = look.text().lower().replace(",", " ").split()
    commands = look.given["commands"].split()
    expected = f"{len(commands)} states, one after each of the commands {', '.join(commands)}"
    unknown = [word for word in said if word not in STATES]
    look.expect(not unknown, expected, f"no state is called {' '.join(unknown)[:40]}", look="The boxes of the diagram")
    look.expect(len(said) == len(commands), expected, f"you gave {len(said)}", look="One word for each command")
    for place, state in enumerate(Containers(look).states(commands)):
        look.expect(
            said[place] == state.value,
            expected,
            f"after command {place + 1}, {commands[place]}, you said: {said[place]}; a real container, taken there just now, is not",
            look="The diagram: which arrow has that command, and where does it end?",
            mistake=SLIPS.get((commands[place], said[place]), ""),
        )


_SAY = """
after = {"create": "created", "start": "running", "restart": "running", "unpause": "running",
         "pause": "paused", "stop": "exited", "kill": "exited"}
"""

PREDICT = Task(
    id="02.2-predict",
    title="Which state comes after each command?",
    brief="One container gets these commands, one after another: {commands}. Its first process ends when asked to. "
    'Answer with the state after each, in one pair of quotes: `x.check("created running …")`. The check takes a real '
    "container through these steps and compares.",
    answered=True,
    draw=lambda dice: {"commands": dice.choice(PATHS)},
    check=check_predict,
    mistakes={
        "stop-removes": "The process has ended, and the container is still there, with its files. Another command removes it.",
        "pause-ends": "Nothing has ended: the process is frozen, with everything it has in memory.",
        "restart-is-new": "It is the same container; no new one is made. What does its process do afterwards?",
        "restart-stays": "That word is for a container that waits for its restart policy. The command is done once "
        "the process runs.",
        "stop-freezes": "Another command freezes the process. This one ends it.",
    },
    hints=(
        "Follow the arrows of `containers.life` with a finger.",
        "Only four of the states occur, and `start` and `restart` lead to the same one.",
    ),
    solution=_SAY + 'answer = " ".join(after[command] for command in x.given["commands"].split())',
    reason="The check has just taken a container through these commands and asked the engine for its state after each.",
    wrong={
        name: _SAY
        + f"after[{command!r}] = {state!r}\n"
        + 'answer = " ".join(after[c] for c in x.given["commands"].split())'
        for name, command, state in (
            ("stop-removes", "stop", "removed"),
            ("pause-ends", "pause", "exited"),
            ("restart-is-new", "restart", "created"),
            ("restart-stays", "restart", "restarting"),
            ("stop-freezes", "stop", "paused"),
        )
    },
)


# 02.3

LETTERS = ("a", "b", "c", "d")


def draw_ends(dice: random.Random) -> dict[str, str]:
    """Who ended how; and the number of the program's own error."""
    order = list(LETTERS)
    dice.shuffle(order)
    return {"_order": " ".join(order), "_code": str(dice.randrange(2, 60))}


def _alike(line: str) -> tuple[str, ...]:
    """A command that a list of containers shows alike for all of them: what it does has to be seen by how it ended."""
    return ("sh", "-c", f'eval "$(echo {base64.b64encode(line.encode()).decode()} | base64 -d)"')


def prepare_ends(look: Look) -> None:
    """Four containers that have ended: out of memory, killed, no such program, an error of its own."""
    memory, killed, missing, own = look.given["_order"].split()
    found = Containers(look).ended(
        BUSYBOX,
        {
            f"case-{memory}": _alike("exec tail /dev/zero"),
            f"case-{killed}": _alike("exec sleep 600"),
            f"case-{missing}": _alike("no-such-program"),
            f"case-{own}": _alike(f"exit {look.given['_code']}"),
        },
        kill=f"case-{killed}",
        limited={f"case-{memory}": "32m"},
    )
    look.remember("oom", "seen" if found[f"case-{memory}"].oom_killed else "not seen")


def check_ends(look: Look) -> None:
    """Two letters: who ran out of memory, who did not find the program; compared with what the engine notes."""
    said = [word.removeprefix("case-") for word in look.text().lower().replace(",", " ").split()]
    expected = "two letters: the one that ran out of memory, then the one whose program was not found"
    found = f"you said: {' '.join(said)[:40]}"
    look.expect(len(said) == 2 and set(said) <= set(LETTERS), expected, found, look='For example: `x.check("a b")`')
    cases = {letter: look.container(f"case-{letter}") for letter in LETTERS}
    if not all(cases.values()) or look.recall("oom") != "seen":
        look.cant_tell("the four containers are not there, or this engine does not say when memory runs out")
    ends = {letter: Containers(look).ending(one) for letter, one in cases.items() if one is not None}
    memory, missing = ends[said[0]], ends[said[1]]
    evidence = f"case-{said[0]}: exit code {memory.exit_code}; case-{said[1]}: exit code {missing.exit_code}"
    look.expect(
        not (missing.oom_killed and memory.exit_code == 127), expected, found, evidence, mistake="other-way-round"
    )
    look.expect(memory.oom_killed or memory.exit_code != 137, expected, found, evidence, mistake="137-alone")
    look.expect(memory.oom_killed, expected, found, evidence, mistake="not-killed")
    look.expect(missing.exit_code == 127, expected, found, evidence, mistake="own-error")


ENDS = Task(
    id="02.3-ends",
    title="How did these four end?",
    brief="Four containers have ended: `hs-case-a`, `hs-case-b`, `hs-case-c`, `hs-case-d`. One ran out of memory. One could not "
    "find a program. One was killed by hand. One reported its own error. Answer with two letters: the one that ran out "
    'of memory, then the one that did not find the program: `x.check("a b")`.',
    answered=True,
    choices=12,  # one of four, then one of three
    draw=draw_ends,
    prepare=prepare_ends,
    check=check_ends,
    mistakes={
        "137-alone": "That one has 137, and so does another. 137 says only that SIGKILL ended it. The engine notes "
        "elsewhere who sent it.",
        "not-killed": "The kernel ends a process that runs out of memory with SIGKILL. Your first one ended in "
        "another way.",
        "own-error": "The first one is right. The second one ended with a number that its program chose, or that a signal "
        "left: a missing program has a number of its own.",
        "other-way-round": "Both letters are right, but in the wrong order.",
    },
    hints=(
        "Every end leaves an exit code: `docker ps --all` shows it. What do 127 and 137 mean, and what a number below 126?",
        "Two of them have the same exit code. The engine's record tells them apart: "
        '`docker inspect --format "{{{{.State.OOMKilled}}}}" hs-case-a`.',
        '`containers.why("case-a", "case-b", "case-c", "case-d")` shows all of it side by side.',
    ),
    solution="""
found = containers.why(*(f"case-{letter}" for letter in "abcd")).endings
memory = next(one.name for one in found if one.oom_killed)
missing = next(one.name for one in found if one.exit_code == 127)
answer = f"{memory[-1]} {missing[-1]}"
""",
    reason="127 is what a shell returns for a program that it can't find. 137 is SIGKILL, whoever sent it. OOMKilled "
    "is true for the one whose memory had run out; somebody killed the other one.",
    wrong={
        name: 'found = containers.why(*(f"case-{letter}" for letter in "abcd")).endings\n'
        "memory = next(one.name for one in found if one.oom_killed)[-1]\n"
        "killed = next(one.name for one in found if one.exit_code == 137 and not one.oom_killed)[-1]\n"
        "missing = next(one.name for one in found if one.exit_code == 127)[-1]\n"
        "own = next(one.name for one in found if one.exit_code not in (127, 137))[-1]\n"
        f"answer = {answer}"
        for name, answer in {
            "137-alone": 'f"{killed} {missing}"',
            "not-killed": 'f"{own} {missing}"',
            "own-error": 'f"{memory} {own}"',
            "other-way-round": 'f"{missing} {memory}"',
        }.items()
    },
)


# 02.4


def prepare_retag(look: Look) -> None:
    """Two images, a name that leads to the first one, and a container made by that name."""
    for which in ("first", "second"):
        recipe = f'FROM {BUSYBOX}\nCOPY word /word\nCMD ["sleep", "600"]\n'
        word = f"{look.given[which]}\n".encode()
        look.give(f"image {which}", look.build(f"dish-{which}", recipe, {"word": word}))
        look.remember(which, look.id_of(look.given[f"image {which}"]))
    name = Images(look).tag(look.given["image first"], name="hs-special")
    look.remember("hs-old", look.start(name, name="hs-old"))
    newer = look.container("hs-new")
    look.remember("hs-new", newer.id if newer else "")


def check_retag(look: Look) -> None:
    """The name leads to the second image, `hs-old` is the container it was, `hs-new` is made from the second image."""
    said = look.text().lower().replace(",", " ").split()
    if "image second" not in look.given:
        look.cant_tell("the images were not made: run the cell with exercise(…) again")
    expected = (
        "`hs-special` leads to the second image, `hs-old` is as it was, and `hs-new` is made by the name `hs-special`"
    )
    menu = look.image("hs-special")
    look.expect(menu is not None, expected, "no image is called special", look="Run the cell with `exercise` again.")
    look.expect(
        menu is not None and menu.id == look.recall("second"),
        expected,
        "`hs-special` leads to the first image",
        mistake="not-moved",
    )
    old, new = look.container("hs-old"), look.container("hs-new")
    look.expect(
        old is not None and old.id == look.recall("hs-old"),
        expected,
        "`hs-old` is another container now",
        mistake="old-replaced",
    )
    if old is None or new is None or new.id == look.recall("hs-new"):
        look.wrong(
            expected,
            "hs-special has moved, and there is no container `hs-new`",
            look="Start it by the name `hs-special`.",
            mistake="no-new",
        )
    look.expect(
        new.image_id == look.recall("second"),
        expected,
        f"`hs-new` was made from {new.image}, before that name moved",
        mistake="no-new",
    )
    words = [look.given["first"], look.given["second"]]
    found = f"you said: {' '.join(said)[:40]}"
    look.expect(said != [words[1]] * 2, expected, found, mistake="follows-the-name")
    look.expect(said == words, expected, found, look='`containers.copy(NAME, "/word")` shows what each holds.')


RETAG = Task(
    id="02.4-retag",
    title="Move a name, and predict what runs",
    brief="The image `hs-dish-first:1` holds the word {first} in /word, `hs-dish-second:1` the word {second}. (In a cell they "
    'are `x.given["image first"]` and `x.given["image second"]`.) '
    "The name `hs-special` leads to the first one, and the container `hs-old` was made by that name. Move the name: "
    '`images.tag(…, name="hs-special")` gives it to the second one, and returns what a container can be made from. Start `hs-new` '
    'from that. Then predict the words that `hs-old` and `hs-new` hold, in this order: `x.check("… …")`.',
    answered=True,
    draw=two_words,
    prepare=prepare_retag,
    check=check_retag,
    mistakes={
        "not-moved": "The name `hs-special` still leads to the first image.",
        "old-replaced": "`hs-old` should stay as it was. You made it again, so it is now another container.",
        "no-new": "The name has moved. Now start `hs-new` by that name: which image does it lead to?",
        "follows-the-name": "A container does not follow a name. It keeps the image that the name led to when it was made.",
    },
    hints=(
        "`containers.start` takes what `images.tag` returned in place of an image.",
        "A container notes the id of its image when it is made. A name is only the way there.",
    ),
    solution="""
menu = images.tag(x.given["image second"], name="hs-special")
containers.start(menu, name="hs-new")
answer = f"{x.given['first']} {x.given['second']}"
""",
    reason="The name was looked up when each container was made. `hs-old` keeps the first image, whatever happens to "
    "the name.",
    wrong={
        "not-moved": "answer = f\"{x.given['first']} {x.given['second']}\"",
        "old-replaced": 'menu = images.tag(x.given["image second"], name="hs-special")\n'
        'for name in ("hs-old", "hs-new"):\n    containers.start(menu, name=name)\n'
        "answer = f\"{x.given['first']} {x.given['second']}\"",
        "no-new": 'images.tag(x.given["image second"], name="hs-special")\n'
        'containers.start(x.given["image first"], name="hs-new")\n'
        "answer = f\"{x.given['first']} {x.given['second']}\"",
        "follows-the-name": 'menu = images.tag(x.given["image second"], name="hs-special")\n'
        'containers.start(menu, name="hs-new")\n'
        "answer = f\"{x.given['second']} {x.given['second']}\"",
    },
)


# without the helpers


def check_alone(look: Look) -> None:
    """A container that no helper made is stopped, and holds the word in a file of its own."""
    name, word = look.given["name"], look.given["word"]
    expected = f"a container `{name}`, made in a terminal, that has ended and holds the word {word} in its file {NOTE}"
    mine = look.container(name)
    if mine is None:
        look.not_attempted()
    look.expect(look.by_hand(mine), expected, f"`{name}` is there, and a helper made it", mistake="by-helper")
    base = look.image(BUSYBOX)
    look.expect(base is not None and mine.image_id == base.id, expected, f"it is made from {mine.image}")
    note = _note(look, mine)
    look.expect(note == word, expected, f"{NOTE} in `{name}`: {note[:40] or 'no such file'}", mistake="no-note")
    look.expect(not look.runs(mine), expected, f"`{name}` {mine.state.said}", mistake="still-running")
    ending = Containers(look).ending(mine)
    look.note(f"`{name}` has exit code {ending.exit_code}, and its file is still there")


ALONE = Task(
    id="02.2-alone",
    title="From memory",
    brief=f"In a terminal, without looking back: start a container called `{{name}}` from `{BUSYBOX}` that keeps running, for "
    f"example with `sleep 600`. Get a shell in it, write the word `{{word}}` into its file `{NOTE}`, and leave the shell. Then "
    "stop the container, without removing it, and find out its exit code. What a helper made does not count.",
    draw=lambda dice: {"name": f"hs-{dice.choice(BERTHS)}-{dice.randrange(100, 1000)}", "word": dice.choice(BERTHS)},
    check=check_alone,
    mistakes={
        "by-helper": "A helper made this one. The task is about the commands you would type at work.",
        "no-note": "The file is not there, or says something else. Was it written in this container, and not on your "
        "own computer? The prompt tells you where a shell is running.",
        "still-running": "The file is right. Now the container has to be stopped.",
    },
    hints=(
        "Three commands: `docker run` in the background with a name; `docker exec` with the two options that give a shell a "
        "keyboard and a screen; `docker stop`.",
        "In the shell `echo` and `>` write a word into a file; `exit` leaves it. `docker ps --all` shows the exit code.",
    ),
    solution=f"""
made = engine.containers.run("{BUSYBOX}", ["sleep", "600"], name=x.given["name"], detach=True)
made.exec_run(["sh", "-c", f"echo {{x.given['word']}} > {NOTE}"])
made.stop(timeout=1)
""",
    commands=(
        "docker run --detach --name {name} localhost/course/busybox:1 sleep 600",
        'docker exec {name} sh -c "echo {word} > /note.txt"',
        "docker stop -t 1 {name}",
        "docker ps --all",
    ),
    reason="A container keeps its files when it ends: they are in its own writable layer until it is removed. `sleep` "
    "ignores the signal that `stop` sends, since it is process 1 and has no handler for it, so the exit code is 137.",
    wrong={
        "by-helper": 'containers.start(BUSYBOX, "sleep", "600", name=x.given["name"])',
        "no-note": 'engine.containers.run(BUSYBOX, ["sleep", "600"], name=x.given["name"], detach=True).kill()',
        "still-running": """
made = engine.containers.run(BUSYBOX, ["sleep", "600"], name=x.given["name"], detach=True)
made.exec_run(["sh", "-c", f"echo {x.given['word']} > /note.txt"])
""",
    },
)

TASKS = (DIFFER, PREDICT, ENDS, RETAG, ALONE)
