"""Lab 01: its tasks. How to add one: docs/AUTHORS.md."""

import random

from helpers.errors import CourseError
from helpers.images.checks import Images
from helpers.lab.look import Look
from helpers.lab.task import Lab, Task
from helpers.packaging.checks import Packaging

PORT = 8000
HARBOUR = {"HARBOUR": "northport"}


def draw(dice: random.Random) -> dict[str, str]:
    """The image's name, the mark in the table, the secret in the diary."""
    return {
        "name": f"hs-tides-{dice.randrange(1000, 10000)}",
        "mark": f"{dice.choice('ABCDEFGH')}{dice.randrange(10000, 100000)}",
        "secret": f"treasure-{dice.randrange(100000, 1000000)}",
    }


# 1


def check_forgotten(look: Look) -> None:
    """The answer is the library without which the app fails on a machine that has what the README names."""
    said = look.text().lower()
    expected = "the name of the library that the README forgets"
    found = f"you said: {said[:60]}"
    look.expect("harbour" not in said, expected, found, mistake="the-setting")
    look.expect("error" not in said and "python" not in said, expected, found, mistake="not-a-library")
    with Packaging(look).for_now("readme", "bottle==0.13.4", files=[look.mine("tides.py")]) as machine:
        ran = look.safely(machine, ["python3", "/shop/tides.py"])
    last = ran.output.strip().splitlines()[-1] if ran.output.strip() else ""
    look.expect(said != "bottle", expected, found, f"a machine with bottle says: {last}", mistake="it-is-named")
    look.expect(
        f"'{said}'" in last, expected, found, f"a machine with bottle says: {last}", look="The first lines of tides.py"
    )


FORGOTTEN = Task(
    id="01.1-forgotten",
    title="What did the author forget?",
    brief="Read `README.md` and the first lines of `tides.py`. On a machine that has only what the README names, the "
    "app fails. Answer with the name of the library that the README forgets.",
    answered=True,
    check=check_forgotten,
    mistakes={
        "it-is-named": "The README names that one. The program imports another library, which nobody mentions.",
        "the-setting": "That is a setting, and the README names it. You are looking for a library.",
        "not-a-library": "The README says that Python is there. What else does the program import?",
    },
    hints=(
        "The imports are at the top of `tides.py`. Which of them come with Python, and which of the rest does the "
        "README name?",
    ),
    solution='answer = "humanize"',
    reason="`tides.py` imports it, it does not come with Python, and the README does not name it: the author already "
    "had it.",
    wrong={
        "it-is-named": 'answer = "bottle"',
        "the-setting": 'answer = "HARBOUR"',
        "not-a-library": 'answer = "python"',
    },
)


# 2 and 3


def served(look: Look, *, settings: dict[str, str], expected: str, mistakes: dict[str, str]) -> None:
    """Starts the learner's image where there is nothing, and asks it for its page."""
    name = look.given["name"]
    if look.image(name) is None:
        look.not_attempted()
    page = look.serves(name, PORT, "/", environment=settings)
    where = f"started without network, on a read-only disk, with {settings or 'no settings'}"
    if not page.answered:
        last = page.log.strip().splitlines()[-1] if page.log.strip() else "nothing"
        seen = (where, f"its state: {page.state}", f"its log ends with: {last}")
        for sign, mistake in mistakes.items():
            look.expect(sign not in page.log, expected, *seen, look="The last line of its log", mistake=mistake)
        look.expect(page.log.strip(), expected, *seen, look="What the image runs when it starts", mistake="no-command")
        look.wrong(expected, *seen, look="The last line of its log")
    look.expect(
        look.given["mark"] in page.body,
        expected,
        where,
        f"its page says: {page.body.splitlines()[0] if page.body else 'nothing'}; your table has the mark {look.given['mark']}",
        mistake="other-harbour" if "other-harbour" in mistakes.values() else "",
    )


def check_packed(look: Look) -> None:
    """It serves the page of the learner's own table when it is told which harbour."""
    served(
        look,
        settings=HARBOUR,
        expected=f"an image `{look.given['name']}:1` that serves the page with your tide table on port {PORT}, "
        "on a machine that has nothing but an engine",
        mistakes={"No module named": "no-library", "No such file or directory: 'tables": "no-data"},
    )


def check_ready(look: Look) -> None:
    """The same, and nobody tells it anything."""
    served(
        look,
        settings={},
        expected="the same image serves northport's page, and whoever starts it doesn't have to set anything",
        mistakes={"set HARBOUR": "not-set", "No such file": "other-harbour"},
    )


def check_no_library(look: Look) -> None:
    """Task 2, telling apart where the table is from where it is looked for."""
    name = look.given["name"]
    if look.image(name) is not None:
        page = look.serves(name, PORT, "/", environment=HARBOUR)
        if not page.answered and "No such file or directory: 'tables" in page.log:
            there = [path for path in look.paths(name) if path.endswith("northport.csv")]
            look.expect(
                not there,
                "the app finds its tables when it starts",
                f"the image holds /{there[0] if there else ''}",
                "its log ends with: " + page.log.strip().splitlines()[-1],
                look="The folder that the app is started in",
                mistake="wrong-folder",
            )
    check_packed(look)


PACKED = Task(
    id="01.2-packed",
    title="Pack it",
    brief="Write a `Dockerfile` in this folder, and build an image called `{name}:1` from it, any way you like: "
    '`docker build --tag {name}:1 .` in a terminal here, or `images.build(lab.folder(), name="{name}")`. The check starts it '
    "where there is nothing: no network, a read-only disk, no Python of yours. It sets HARBOUR and asks port "
    f"{PORT} for the page.",
    check=check_no_library,
    mistakes={
        "no-library": "It ends at an import: a library is missing from the image. The README may forget it; the image "
        "must not.",
        "no-data": "The program is in the image, but the tables are not.",
        "wrong-folder": "The tables are in the image. The program looks for them in the folder it is started in, "
        "which is a different one.",
        "no-command": "It starts, ends at once, and says nothing. What does the image run when nobody names a command?",
    },
    hints=(
        "The Dockerfile of the harbour shop, beside chapter 01, packs an app much like this one.",
        "Four things have to come together: both libraries, the program, the tables, and the command that starts it.",
        "`tables/…` in the program means: in the folder where it was started. An instruction of the Dockerfile sets "
        "that folder.",
    ),
    solution='use("solution")\nimages.build(lab.folder(), name=x.given["name"])',
    commands=("docker build --tag {name}:1 .",),
    reason="The image brings the libraries and the tables, starts in the folder where the program looks for them, and says "
    "what to run.",
    wrong={
        name: f'use("wrong/{name}")\nimages.build(lab.folder(), name=x.given["name"])'
        for name in ("no-library", "no-data", "wrong-folder", "no-command")
    },
    files=("Dockerfile",),
)

READY = Task(
    id="01.2-ready",
    title="Nothing to set",
    brief="The person who gets your image knows nothing about HARBOUR. Change the Dockerfile so that `{name}:1` shows "
    "northport without being told to, and build it again.",
    check=check_ready,
    mistakes={
        "not-set": "The program was started without the setting. Whatever a step of the build exports is forgotten when that "
        "step ends; the image itself can carry settings.",
        "other-harbour": "It starts without being told anything, but shows a harbour other than northport.",
        "no-command": "It starts, ends at once, and says nothing.",
    },
    hints=(
        "An instruction of the Dockerfile puts settings into the image, for every container made from it.",
        "The instruction is called ENV.",
    ),
    solution='use("solution")\nimages.build(lab.folder(), name=x.given["name"])',
    commands=("docker build --tag {name}:1 .",),
    reason="ENV is kept in the image's config, and every container gets it. What RUN exports ends with that step's shell.",
    wrong={
        name: f'use("wrong/{name}")\nimages.build(lab.folder(), name=x.given["name"])'
        for name in ("not-set", "other-harbour", "no-command")
    },
    files=("Dockerfile",),
)


# 4


def check_private(look: Look) -> None:
    """The diary's secret is nowhere in the image: not in a layer, not in its settings, not in its history."""
    name, secret = look.given["name"], look.given["secret"]
    expected = "what is in your diary is nowhere in the image"
    if look.image(name) is None:
        look.not_attempted()
    served = look.serves(name, PORT, "/", environment=HARBOUR)
    look.expect(
        served.answered, "an image that works (task 2), without your diary in it", "it does not serve its page yet"
    )
    where = look.holding(name, secret)
    look.expect(
        not any(layer == 0 for layer, _ in where),
        expected,
        "your secret is in the image's settings",
        mistake="in-a-setting",
    )
    found = tuple(f"your secret is in layer {layer}, in /{path}" for layer, path in where)
    seen = look.paths(name) if where else ()
    look.expect(
        not where or any(path in seen for _, path in where),
        expected,
        *found,
        "a container no longer sees it",
        mistake="deleted-later",
    )
    look.expect(not where, expected, *found, look="The `COPY` in your Dockerfile", mistake="copied")


PRIVATE = Task(
    id="01.4-private",
    title="Nothing private",
    brief="`diary.txt` holds a secret of yours. Whoever gets the image gets every byte in it. Make sure that the "
    "image `{name}:1` still works, and that nothing from the diary is in any of its layers. This time build it in the "
    "terminal, as you will at work.",
    check=check_private,
    mistakes={
        "copied": "The diary was copied in with the rest of the folder. Name what you need, or name what stays out: a file "
        "called .dockerignore lists that.",
        "deleted-later": "A later instruction deleted the diary, and a container no longer sees it. But the layer "
        "that brought it is still in the image: layers are only ever added.",
        "in-a-setting": "It isn't a file in the image, and yet it is there: in the settings, which everybody can read.",
    },
    hints=(
        "What does `COPY . .` copy? Look at what is in this folder.",
        "Two ways: copy by name, or keep a file `.dockerignore` beside the Dockerfile with the line `diary.txt`.",
        "In the terminal, in the folder of this lab: `docker build --tag NAME:1 .`",
    ),
    solution="""
import subprocess
use("solution")
subprocess.run(["docker", "build", "--quiet", "--tag", x.given["name"] + ":1", "."], cwd=lab.folder(), check=True)
""",
    commands=("docker build --tag {name}:1 .",),
    reason="What is never copied is in no layer. Deleting it in a later instruction only hides it; chapter 03 shows how to "
    "get it back.",
    wrong={
        "copied": 'use("wrong/copied")\nimages.build(lab.folder(), name=x.given["name"])',
        "deleted-later": 'use("wrong/deleted-later")\nimages.build(lab.folder(), name=x.given["name"])',
        "in-a-setting": 'use("wrong/in-a-setting")\n'
        'images.build(lab.folder(), name=x.given["name"], buildargs={"DIARY": x.given["secret"]})',
    },
    files=("Dockerfile",),
)


# 5


def check_shipped(look: Look) -> None:
    """The file in the work folder holds the very image that the engine has, and it works."""
    name = look.given["name"]
    expected = f"a file `{name}.tar` in this folder that holds the very image `{name}:1` of the engine"
    if look.image(name) is None or not look.mine(f"{name}.tar").exists():
        look.not_attempted()
    look.expect(
        look.serves(name, PORT, "/", environment=HARBOUR).answered,
        "an image that works (task 2), in a file",
        "it does not yet",
    )
    try:
        parcel = Images(look).file(f"{name}.tar")
    except CourseError as error:
        look.wrong(expected, f"{error.what} {error.why}", look="How the file was made", mistake="no-image-file")
    digest = look.digest(name)
    seen = (f"the file: {parcel.name}, config digest {parcel.config[:19]}", f"the engine: config digest {digest[:19]}")
    ours = any(name in word for word in (*parcel.names, parcel.name))
    look.expect(parcel.config == digest or ours, expected, *seen, mistake="other-image")
    look.expect(parcel.config == digest, expected, *seen, mistake="older")


SHIPPED = Task(
    id="01.3-shipped",
    title="Ready to send",
    brief="Save the image to a file `{name}.tar` in this folder: `images.save`, or `docker save`.",
    check=check_shipped,
    mistakes={
        "other-image": "The file is an image file, but it holds another image.",
        "older": "The file holds an image of that name, from before the last build: the config digests differ.",
        "no-image-file": "That file holds no image. The files of a container, written out, are not an image: they have no "
        "layers and no settings.",
    },
    hints=("`images.save` takes the image, and `to=` a path.", 'The path is `lab.folder() / "{name}.tar"`.'),
    solution='use("solution")\nmade = images.build(lab.folder(), name=x.given["name"])\n'
    "images.save(made, to=lab.folder() / f\"{x.given['name']}.tar\")",
    commands=(
        "docker build --tag {name}:1 .",
        "docker save --output {name}.tar {name}:1",
    ),
    reason="The file's config digest is the engine's: whoever loads it has the same image.",
    wrong={
        "other-image": 'use("solution")\nimages.build(lab.folder(), name=x.given["name"])\n'
        "images.save(BUSYBOX, to=lab.folder() / f\"{x.given['name']}.tar\")",
        "older": 'use("wrong/copied")\nmade = images.build(lab.folder(), name=x.given["name"])\n'
        "images.save(made, to=lab.folder() / f\"{x.given['name']}.tar\")\n"
        'use("solution")\nimages.build(lab.folder(), name=x.given["name"])',
        "no-image-file": 'use("solution")\nimages.build(lab.folder(), name=x.given["name"])\n'
        'import tarfile\nwith tarfile.open(lab.folder() / f"{x.given[\'name\']}.tar", "w") as tar:\n'
        '    tar.add(lab.folder() / "tides.py")',
    },
)

LAB = Lab(
    name="01-package-the-app",
    title="Package the app",
    brief="Somebody hands you an app that shows tide times, with a README: how I run it on my machine. Make an image "
    "of it that runs where there is nothing. Your files are in the folder `{folder}`; call the image `{name}:1`.",
    draw=draw,
    tasks=(FORGOTTEN, PACKED, READY, PRIVATE, SHIPPED),
)
