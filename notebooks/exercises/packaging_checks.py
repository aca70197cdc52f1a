"""Chapter 01: its exercises. How to add one: docs/AUTHORS.md."""

import random
from pathlib import Path

from helpers.errors import CourseError
from helpers.images.checks import Images
from helpers.lab.look import Look
from helpers.lab.task import Task
from helpers.packaging.checks import Packaging
from helpers.packaging.model.requirements import Fit

BUSYBOX = "localhost/course/busybox:1"
SHOP = Path(__file__).resolve().parents[1] / "harbour-shop"
NEEDS = ("python3", "bottle", "humanize>=4.11", "/shop/goods.csv")
PAGE = ("python3", "/shop/shop.py", "--page")


# 01.1

# What Dana's computer has, by what is wrong with it
BROKEN = {
    "bottle": (("humanize==4.12.3",), ("shop.py", "goods.csv")),
    "humanize": (("bottle==0.13.4", "humanize==3.14.0"), ("shop.py", "goods.csv")),
    "goods.csv": (("bottle==0.13.4", "humanize==4.12.3"), ("shop.py",)),
}


def prepare_broken(look: Look) -> None:
    """Dana's computer: one thing is wrong with it, drawn for this learner."""
    packages, files = BROKEN[look.given["_broken"]]
    look.give("dana", Packaging(look).stand_in("dana", *packages, files=[SHOP / name for name in files]))


def check_broken(look: Look) -> None:
    """The answer is the one need that her computer does not meet, as measured now."""
    said = look.text().lower()
    if "dana" not in look.given:
        look.cant_tell("Dana's computer was not made: run the cell with exercise(…) again")
    expected = "the name of the library or file that keeps the shop from running on Dana's computer"
    found = f"you said: {said[:60]}"
    names = {"python3": "python3", "bottle": "bottle", "humanize": "humanize>=4.11", "goods": "/shop/goods.csv"}
    named = [need for name, need in names.items() if name in said.replace("/python3", "")]
    look.expect(named or "error" not in said, expected, found, mistake="the-error")
    look.expect(len(named) == 1, expected, found, look="The needs of the shop are in `NEEDS`.", mistake="not-a-need")
    dana = Packaging(look).machine(look.given["dana"], NEEDS, PAGE)
    cell = dict(zip(NEEDS, dana.cells, strict=True))[named[0]]
    look.expect(
        cell.fit is not Fit.THERE,
        expected,
        found,
        f"{named[0]} is there{f', version {cell.version}' if cell.version else ''}",
        look='`packaging.compare(NEEDS, {"dana": x.given["dana"]})` shows every need.',
        mistake="it-is-there",
    )


BROKEN_TASK = Task(
    id="01.1-broken",
    title="What is wrong with Dana's computer?",
    brief='Dana was sent the shop, too. The image that stands for her computer is `x.given["dana"]`. The shop fails '
    "there, and one thing is to blame. Run the shop on it, read the error, and look at what she has. Answer with the "
    "name of the library or file.",
    answered=True,
    choices=len(NEEDS),
    draw=lambda dice: {"_broken": dice.choice(sorted(BROKEN))},
    prepare=prepare_broken,
    check=check_broken,
    mistakes={
        "the-error": "That is the name of the error: what kind of thing went wrong. The rest of that line names the thing.",
        "it-is-there": "Dana has that one, in a version that fits. The error's last line names something else.",
        "not-a-need": "The answer is one of these: bottle, humanize, goods.csv.",
    },
    hints=(
        'Run the same command as on the three others: `containers.run(x.given["dana"], *PAGE)`.',
        "The last line of the error names a library, or a file. `packaging.compare` shows what she has of each.",
    ),
    solution="""
said = containers.run(x.given["dana"], *PAGE).output.splitlines()[-1]
answer = next(name for name in ("bottle", "humanize", "goods.csv") if name in said)
""",
    reason="The last line of the error names the first thing that was missing, and here nothing else is. "
    "`packaging.compare` shows the same, need by need.",
    wrong={
        "the-error": 'answer = containers.run(x.given["dana"], *PAGE).output.splitlines()[-1].partition(":")[0]',
        "it-is-there": 'answer = "python3"',
        "not-a-need": 'answer = "numpy"',
    },
)


# 01.2


def prepare_supplied(look: Look) -> None:
    """An image that serves one page on port 8080; what is on the page is drawn."""
    dockerfile = f'FROM {BUSYBOX}\nCOPY page /www/index.html\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n'
    look.give("image", look.build("supplied", dockerfile, {"page": f"{look.given['word']}\n".encode()}))
    look.remember("id", look.id_of(look.given["image"]))


def check_supplied(look: Look) -> None:
    """A container of that very image runs as the image says, and its published port answers with the page."""
    if "image" not in look.given:
        look.cant_tell("the image was not made: run the cell with exercise(…) again")
    expected = (
        "a running container `hs-runs-it`, made from the image you were given, unchanged, with port 8080 published"
    )
    mine = look.container("hs-runs-it")
    if mine is None:
        look.not_attempted()
    given = look.image(look.recall("id"))
    look.expect(given is not None, expected, "the image is gone", look="Run the cell with `exercise` again.")
    look.expect(mine.image_id == look.recall("id"), expected, f"it is made from {mine.image}", mistake="other-image")
    look.expect(
        given is not None and mine.command == given.command,
        expected,
        f"its command is {' '.join(mine.command)}",
        mistake="other-command",
    )
    look.expect(
        look.runs(mine), expected, f"`hs-runs-it` {mine.state.said}", look="`containers.logs` says what it wrote."
    )
    look.expect(mine.published, expected, "it runs, and publishes no port", mistake="not-published")
    page = look.page(mine, "/")
    look.expect(
        page is not None,
        expected,
        f"it publishes port {mine.published[0].container_port}, and nothing answers there",
        look="The port that the program listens on inside",
        mistake="wrong-port",
    )
    look.expect(page is not None and look.given["word"] in page.body, expected, "its port answers with another page")


SUPPLIED = Task(
    id="01.2-supplied",
    title="Run what you were given",
    brief='Somebody gave you an image: `x.given["image"]`. It serves a page on port 8080, and that is all you know. Start '
    "it as `hs-runs-it`, unchanged, and publish its port. Then check.",
    draw=lambda dice: {"word": f"berth {dice.randrange(100, 1000)}"},
    prepare=prepare_supplied,
    check=check_supplied,
    mistakes={
        "other-image": "It has the right name, but it is made from another image.",
        "other-command": "You gave it a command of your own, and that takes the place of the image's. An image itself "
        "says what to run.",
        "wrong-port": "A port is published, but not the one the program listens on.",
        "not-published": "It serves its page inside, but nobody outside can reach it: what makes a port reachable?",
    },
    hints=(
        "`containers.start` needs the image and a name, no command.",
        "`publish=` takes the port that the program listens on inside.",
    ),
    solution="""
containers.start(x.given["image"], name="hs-runs-it", publish=8080)
""",
    reason="The image holds the program and says how to start it. You need to know only which port to publish.",
    wrong={
        "other-image": 'containers.start(BUSYBOX, "httpd", "-f", "-p", "8080", name="hs-runs-it", publish=8080)',
        "other-command": 'containers.start(x.given["image"], "sleep", "600", name="hs-runs-it", publish=8080)',
        "wrong-port": 'containers.start(x.given["image"], name="hs-runs-it", publish=80)',
        "not-published": 'containers.start(x.given["image"], name="hs-runs-it")',
    },
)


# 01.3


def prepare_carried(look: Look) -> None:
    """An image to carry; the moment from which on the engine's events count."""
    there = look.image(look.given["image"]) if "image" in look.given else None
    if there is not None and there.id == look.recall("id"):
        return
    look.give("image", look.build("hs-cargo", f"FROM {BUSYBOX}\nRUN echo {look.given['word']} > /word\n"))
    look.remember("id", look.id_of(look.given["image"]))
    look.remember("digest", look.digest(look.given["image"]))
    look.remember("since", str(look.now()))


def check_carried(look: Look) -> None:
    """The file holds that image, the engine has removed it and loaded it since, and holds it now."""
    expected = "a file that holds the image, the image removed after that, and loaded from the file again"
    if "image" not in look.given:
        look.cant_tell("the image was not made: run the cell with exercise(…) again")
    digest, known = look.recall("digest"), look.recall("id")
    if look.answer in (..., None, ""):
        look.not_attempted()
    answer = getattr(look.answer, "parcel", look.answer)  # what images.load returned is fine, too
    file = getattr(answer, "path", answer)
    try:
        parcel = Images(look).file(str(file))
    except CourseError as error:
        look.wrong(expected, f"{error.what} {error.why}")
    look.expect(
        parcel.config == digest,
        expected,
        f"the file holds {parcel.name}, config digest {parcel.config[:19]}; asked for is {digest[:19]}",
        mistake="other-image",
    )
    happened = [one.action for one in look.events("image", since=int(look.recall("since"))) if one.actor == known]
    told = f"the engine's events of this image: {', '.join(happened) or 'none'}"
    there = look.image(look.given["image"])
    look.expect("delete" in happened, expected, told, mistake="not-removed")
    look.expect(there is not None, expected, told, "the engine now has no image of that name", mistake="not-loaded")
    look.expect(
        look.digest(look.given["image"]) == digest,
        expected,
        told,
        "that name now belongs to another image",
        mistake="rebuilt",
    )
    after = happened[happened.index("delete") :]
    look.expect("load" in after, expected, told, mistake="not-loaded")


CARRIED = Task(
    id="01.3-carried",
    title="Carry an image",
    brief='Save the image `x.given["image"]` to a file, remove it from the engine, and load it again. Keep what '
    "`images.save` returns, and give it to the check at the end: `cargo = images.save(…)`, `x.check(cargo)`.",
    answered=True,
    draw=lambda dice: {"word": f"crate-{dice.randrange(1000, 10000)}"},
    prepare=prepare_carried,
    check=check_carried,
    mistakes={
        "other-image": "The file holds another image than the one you were to carry.",
        "not-removed": "The file is right. As long as the image is still on the engine, loading proves nothing: it was "
        "there all along.",
        "not-loaded": "The file is right, and the image is gone. It hasn't come back from the file yet.",
        "rebuilt": "There is an image of that name, but with another config digest: it was built again. Building "
        "again is not the same as carrying.",
    },
    hints=(
        "Three helpers, in this order: `images.save`, `images.remove`, `images.load`.",
        'Keep what the first one returns: `cargo = images.save(x.given["image"])`. The last one needs it.',
    ),
    solution="""
answer = images.save(x.given["image"])
images.remove(x.given["image"])
images.load(answer)
""",
    reason="The config digests in the file and on the engine are equal, and the engine's events show that the image "
    "was gone in between.",
    wrong={
        "other-image": 'images.save(x.given["image"]); answer = images.save(BUSYBOX)',
        "not-removed": 'answer = images.save(x.given["image"])\nimages.load(answer)',
        "not-loaded": 'answer = images.save(x.given["image"])\nimages.remove(x.given["image"])',
        "rebuilt": 'answer = images.save(x.given["image"])\nimages.remove(x.given["image"])\n'
        'images.build(empty_folder, name="hs-cargo", dockerfile=f"FROM {BUSYBOX}\\nRUN echo else > /word\\n")',
    },
)


# 01.4

CARRIED_THINGS = (
    "the libraries that the program needs",
    "the Python interpreter",
    "the command to run",
    "the list of goods, which the build copied in",
    "the version of each library",
)
LEFT_BEHIND = {
    "kernel": "the kernel",
    "cpu": "a CPU of the kind that the programs need",
    "data": "the orders that a container has written",
}


def letters(dice: random.Random) -> dict[str, str]:
    """Seven things with letters, three of which are not carried."""
    things = [*dice.sample(CARRIED_THINGS, 4), *LEFT_BEHIND.values()]
    dice.shuffle(things)
    return dict(zip("abcdefg", things, strict=True))


def check_behind(look: Look) -> None:
    """Three letters; each of the three things is shown on the engine to be missing from an image."""
    said = look.text().lower()
    named = {letter for letter in "abcdefg" if letter in said.replace(",", " ").split() or said == letter}
    if len(said) == 3 and set(said) <= set("abcdefg"):
        named = set(said)
    expected = "the letters of three things that an image does not carry"
    found = f"you said: {said[:60]}"
    by_thing = {thing: letter for letter, thing in look.given.items()}
    look.expect(named, expected, found, look='Letters in quotes: `x.check("a b c")`')
    kernel = look.safely(BUSYBOX, ["uname", "-r"]).output.strip()
    look.expect(
        by_thing[LEFT_BEHIND["kernel"]] in named,
        expected,
        found,
        f"a container of the busybox image just said that its kernel is {kernel}",
        look="`uname -r` in containers of two images",
        mistake="kernel",
    )
    busybox = look.image(BUSYBOX)
    platform = busybox.architecture if busybox is not None else "another kind of CPU"
    look.expect(
        by_thing[LEFT_BEHIND["cpu"]] in named,
        expected,
        found,
        f"the busybox image on this engine is for {platform}, and holds programs for nothing else",
        look="`packaging.foreign()`",
        mistake="cpu",
    )
    wrote = look.safely(BUSYBOX, ["sh", "-c", "echo order > /tmp/orders; cat /tmp/orders"]).output.strip()
    again = look.safely(BUSYBOX, ["sh", "-c", "cat /tmp/orders || echo none"]).output.strip().splitlines()[-1]
    look.expect(
        by_thing[LEFT_BEHIND["data"]] in named,
        expected,
        found,
        f"one container wrote: {wrote}; the next one of the same image found: {again}",
        look='The number of the first visitor in "The data"',
        mistake="data",
    )
    look.expect(len(named) == 3, expected, found, look="The Dockerfile of the shop", mistake="too-many")


BEHIND = Task(
    id="01.4-behind",
    title="What stays behind?",
    brief="A colleague carries the image of the shop to another engine. Which three of these do not come along?\n\n"
    "a) {a}\n\nb) {b}\n\nc) {c}\n\nd) {d}\n\ne) {e}\n\nf) {f}\n\ng) {g}\n\n"
    'Answer with the three letters in one pair of quotes: `x.check("a b c")`.',
    answered=True,
    choices=35,  # three of seven
    draw=letters,
    check=check_behind,
    mistakes={
        "kernel": "One of the three is something that all containers of an engine share.",
        "cpu": "One of the three is about the machine that the instructions in the files are for.",
        "data": "One of the three came into being after the build, outside the image.",
        "too-many": "All three are among your letters, but so is something that the build put in.",
    },
    hints=(
        "Everything that an instruction of the Dockerfile put in travels with the image.",
        "The section on what is not carried has three parts, and each is about one of the letters.",
    ),
    solution="""
behind = ("the kernel", "a CPU", "the orders")
answer = " ".join(letter for letter, thing in x.given.items() if thing.startswith(behind))
""",
    reason="The kernel is the machine's, the CPU is the machine's, and what a container writes stays with that container.",
    wrong={
        name: 'behind = ("the kernel", "a CPU", "the orders")\n'
        f"answer = ' '.join(letter for letter, thing in x.given.items() if {test})"
        for name, test in {
            "kernel": 'thing.startswith(behind[1:]) or thing == "the command to run"',
            "cpu": "thing.startswith((behind[0], behind[2]))",
            "data": "thing.startswith(behind[:2])",
            "too-many": "True",
        }.items()
    },
)


# without the helpers


def check_alone(look: Look) -> None:
    """An image and a container that no helper made; its page comes back at 127.0.0.1."""
    name = look.given["name"]
    expected = (
        f"an image `{name}:1` of the shop and a running container `{name}` of it, both made in a terminal, whose "
    )
    expected += "page answers on 127.0.0.1"
    image, mine = look.image(f"{name}:1"), look.container(name)
    if image is None and mine is None:
        look.not_attempted()
    look.expect(
        image is not None, expected, f"there is a container `{name}`, and no image `{name}:1`", mistake="no-image"
    )
    if image is None or mine is None:
        look.wrong(expected, f"there is an image `{name}:1`, and no container `{name}` yet")
    look.expect(look.by_hand(mine), expected, f"a helper made the container `{name}`", mistake="by-helper")
    look.expect(look.by_hand(image), expected, f"a helper built the image `{name}:1`", mistake="by-helper")
    look.expect(mine.image_id == image.id, expected, f"`{name}` is made from {mine.image}", mistake="no-image")
    last = (look.log(mine).strip().splitlines() or ["nothing"])[-1]
    look.expect(look.runs(mine), expected, f"`{name}` {mine.state.said}", f"its log ends with: {last}")
    look.expect(mine.published, expected, f"`{name}` publishes no port", mistake="not-published")
    page = look.page(mine, "/")
    look.expect(
        page is not None and page.status == 200,
        expected,
        f"a port of `{name}` is published, and no page comes back",
        look="Which port does the shop listen on inside?",
        mistake="other-port",
    )
    look.note(f"http://127.0.0.1:{mine.published[0].port}/ answered")


ALONE = Task(
    id="01.2-alone",
    title="From memory",
    brief="In a terminal, without looking back: build an image `{name}:1` from the folder `harbour-shop`, run a container "
    "called `{name}` from it in the background, and let its page answer on 127.0.0.1. The shop listens on port 8080. Open "
    "the page in your browser, then check. What a helper made does not count.",
    draw=lambda dice: {"name": f"hs-stall-{dice.randrange(1000, 10000)}"},
    check=check_alone,
    mistakes={
        "by-helper": "A helper did part of this. The task is about the commands you would type at work.",
        "no-image": "The container should run the image you built, under the name in the task.",
        "not-published": "It runs, but this computer can't reach it: it publishes no port. A port is published when a "
        "container is made, so you have to make this one again.",
        "other-port": "A port is published, but nothing listens behind it. The last number is the port inside.",
    },
    hints=(
        "Two commands: `docker build` with a tag and a folder, then `docker run` in the background, with a name and a "
        "published port.",
        "The options of the second one are `--detach`, `--name` and `--publish`; the last takes an address, the port "
        "outside, which may be left empty, and the port inside, with colons between them.",
    ),
    solution="""
name = x.given["name"]
engine.images.build(path="harbour-shop", tag=f"{name}:1", rm=True)
engine.containers.run(f"{name}:1", name=name, detach=True, ports={"8080/tcp": ("127.0.0.1", None)})
""",
    commands=(
        "docker build --tag {name}:1 harbour-shop",
        "docker run --detach --name {name} --publish 127.0.0.1::8080 {name}:1",
        "docker port {name}",
    ),
    reason="Build, run, publish: with these three an app that needs Python and two libraries runs on a machine that has "
    "neither. `docker port` says which port outside the engine picked.",
    wrong={
        "by-helper": 'shop = images.build("harbour-shop", name=x.given["name"])\n'
        'containers.start(shop, name=x.given["name"], publish=8080)',
        "no-image": 'engine.containers.run(BUSYBOX, ["sleep", "600"], name=x.given["name"], detach=True)',
        "not-published": 'name = x.given["name"]\nengine.images.build(path="harbour-shop", tag=f"{name}:1", rm=True)\n'
        'engine.containers.run(f"{name}:1", name=name, detach=True)',
        "other-port": 'name = x.given["name"]\nengine.images.build(path="harbour-shop", tag=f"{name}:1", rm=True)\n'
        'engine.containers.run(f"{name}:1", name=name, detach=True, ports={"80/tcp": ("127.0.0.1", None)})',
    },
)

TASKS = (BROKEN_TASK, SUPPLIED, CARRIED, BEHIND, ALONE)
