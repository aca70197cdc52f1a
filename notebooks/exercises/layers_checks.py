"""Chapter 03: its exercises. How to add one: docs/AUTHORS.md."""

import random
import re

from helpers.lab.look import Look
from helpers.lab.task import Task
from helpers.layers.checks import Layers

BUSYBOX = "localhost/course/busybox:1"


# 03.1


def draw_blame(dice: random.Random) -> dict[str, str]:
    """Names of files, how large the large one is, and in which place it comes."""
    return {
        "_size": str(dice.randrange(1_500_000, 9_000_000)),
        "_place": str(dice.randrange(2)),
        "path": f"/var/{dice.choice(('tmp', 'cache', 'spool'))}/{dice.choice(('part', 'chunk', 'piece'))}-"
        f"{dice.randrange(100, 1000)}",
    }


def prepare_blame(look: Look) -> None:
    """Two instructions that store files; one of them stores far more, and a later one takes that away again."""
    steps = ["RUN seq 20000 > /etc/numbers"]
    path, folder = look.given["path"], look.given["path"].rpartition("/")[0]
    large = f"RUN mkdir -p {folder} && head -c {look.given['_size']} /dev/urandom > {path}"
    steps.insert(int(look.given["_place"]), large)
    recipe = "\n".join([f"FROM {BUSYBOX}", *steps, f"RUN rm {path}", "ENV PORT=8080", 'CMD ["sh"]', ""])
    look.give("image", look.build("blamed", recipe))


STEP_AND_BYTES = re.compile(r"(?:step )?(\d+)[:;,]? (?:stores )?(\d[\d.,_ ]*?) ?(bytes|b|kb|mb)?", re.IGNORECASE)
UNITS = {"bytes": 1, "b": 1, "kb": 1_000, "mb": 1_000_000}
NEAR = 0.06  # pictures round, and some engines count whole blocks


def step_and_bytes(said: str) -> tuple[int, float] | None:
    """Such as "4: 3.2 MB" or "4, 3,214,567 bytes"; None if it is not two numbers like these."""
    found = STEP_AND_BYTES.fullmatch(" ".join(said.split()))
    if found is None:
        return None
    digits = re.sub(r"[ _]|,(?=\d{3}\b)", "", found[2]).replace(",", ".")
    try:
        return int(found[1]), float(digits) * UNITS[(found[3] or "bytes").lower()]
    except ValueError:
        return None


def check_blame(look: Look) -> None:
    """The answer is the step whose layer stores the most, and how much that is, as the engine's archive says.

    The second is the evidence: a step alone could be found by trying one after the other.
    """
    said = look.text()
    if "image" not in look.given:
        look.cant_tell("the image was not made: run the cell with exercise(…) again")
    found = Layers(look).analyse(look.given["image"])
    first = Layers(look).own(look.given["image"], BUSYBOX)
    expected = "the number of the step that stores the most bytes of its own, and how much its layer stores"
    look.expect(not re.fullmatch(r"(step )?\d+", said), expected, f"you said: {said[:60]}", mistake="no-evidence")
    read = step_and_bytes(said)
    if read is None:
        look.wrong(expected, f"you said: {said[:60]}", look='Two numbers and a unit, such as `x.check("2: 1.5 MB")`')
    step, stored = read
    look.expect(step < len(found.layers), expected, f"the image has the steps 0 to {len(found.layers) - 1}")
    named = found.layers[step]
    told = (f"step {step} is {named.command[:60]}", f"its layer stores {named.size:,} bytes")
    look.expect(step >= first, expected, *told, mistake="base")
    look.expect(not named.empty, expected, f"step {step} made no layer", mistake="no-layer")
    look.expect(named.size or not named.removed, expected, *told, mistake="removes")
    largest = max(found.layers[first:], key=lambda layer: layer.size)
    look.expect(named.index == largest.index, expected, *told, mistake="smaller")
    near = abs(stored - named.size) <= NEAR * named.size
    look.expect(near, expected, f"you said that it stores {stored:,.0f} bytes", mistake="other-bytes")


BLAME = Task(
    id="03.1-blame",
    title="Which instruction is to blame?",
    brief='The image `hs-blamed:1` (in a cell, `x.given["image"]`) is larger than it has to be. Leaving the base image aside, which instruction '
    "stores the most, and how much? Answer with the number that its step has in the picture of `layers.analyse`, and what its layer stores: "
    '`x.check("2: 1.5 MB")`.',
    answered=True,
    draw=draw_blame,
    prepare=prepare_blame,
    check=check_blame,
    mistakes={
        "base": "That step belongs to the base image. The question is about this image's own Dockerfile.",
        "no-layer": "That instruction changed settings. It has no layer, so it stores nothing.",
        "removes": "That instruction removed a file. It made nothing smaller, and it is not the one that stored the "
        "bytes.",
        "smaller": "That instruction stored something, but another one stored far more. Compare the bars.",
        "no-evidence": "You could find a number alone by trying one after another. Say how much that step's layer "
        "stores, too.",
        "other-bytes": "Its layer stores a different number of bytes. Read the number beside its bar.",
    },
    hints=(
        '`layers.analyse(x.given["image"])` shows each instruction with what it stored.',
        "The step's number is on the left. Look for the longest bar under FROM; its size is beside it.",
    ),
    solution="""
found = layers.analyse(x.given["image"])
own = [layer for layer in found.layers if "RUN" in layer.command]
largest = max(own, key=lambda layer: layer.size)
answer = f"{largest.index}: {largest.size} bytes"
""",
    reason="A layer stores what its instruction wrote, whether or not a later one removes it. So the bytes belong to "
    "the instruction that wrote them.",
    wrong={
        "base": 'answer = "0: 2 MB"',
        "no-layer": 'found = layers.analyse(x.given["image"])\nanswer = f"{found.layers[-1].index}: 0 B"',
        "removes": 'found = layers.analyse(x.given["image"])\nanswer = f"{found.layers[-3].index}: 0 B"',
        "smaller": 'found = layers.analyse(x.given["image"])\n'
        'one = next(one for one in found.layers if "/etc/numbers" in one.command)\n'
        'answer = f"{one.index}: {one.size} bytes"',
        "no-evidence": 'found = layers.analyse(x.given["image"])\n'
        "answer = max(found.layers[1:], key=lambda one: one.size).index",
        "other-bytes": 'found = layers.analyse(x.given["image"])\n'
        'own = [one for one in found.layers if "RUN" in one.command]\n'
        'answer = f"{max(own, key=lambda one: one.size).index}: 1 MB"',
    },
)


# 03.2


def draw_secret(dice: random.Random) -> dict[str, str]:
    """The secret, and what was put in its place."""
    words = ("anchor", "compass", "lantern", "sextant", "tiller", "windlass")
    return {
        "_secret": f"{dice.choice(words)}-{dice.randrange(10_000, 100_000)}",
        "_later": f"revoked-{dice.randrange(10_000, 100_000)}",
        "path": f"/root/{dice.choice(('token', 'key', 'password'))}.txt",
    }


def prepare_secret(look: Look) -> None:
    """The secret is stored, replaced, and deleted: each in an instruction of its own."""
    path = look.given["path"]
    recipe = f"FROM {BUSYBOX}\nCOPY first {path}\nCOPY second {path}\nRUN rm {path}\n"
    files = {"first": f"{look.given['_secret']}\n".encode(), "second": f"{look.given['_later']}\n".encode()}
    look.give("image", look.build("leaky", recipe, files))


def check_secret(look: Look) -> None:
    """The answer is what the lowest layer with that file holds."""
    said = look.text()
    if "image" not in look.given:
        look.cant_tell("the image was not made: run the cell with exercise(…) again")
    image, path = look.given["image"], look.given["path"]
    holding = [
        layer.index
        for layer in Layers(look).analyse(image).layers
        if any(entry.path == path and entry.change in ("added", "modified") for entry in layer.entries)
    ]
    texts = [Layers(look).text(image, path, layer).strip() for layer in holding]
    expected = f"the first content of {path}: the word that was in it before it was replaced and deleted"
    found = f"you said: {said[:60]}"
    look.expect(said.strip("'\"").strip() != texts[-1], expected, found, mistake="later")
    gone = re.search(r"gone|deleted|nothing|no such file|can't open", said, re.IGNORECASE)
    look.expect(not gone, expected, found, f"layers {holding} each store a file {path}", mistake="gone")
    look.expect("/" not in said, expected, found, mistake="the-path")
    look.expect(said.strip("'\"").strip() == texts[0], expected, found, look=f"The layers that store {path}")


SECRET = Task(
    id="03.2-secret",
    title="Read what was deleted",
    brief='Somebody put a secret into `hs-leaky:1` (in a cell, `x.given["image"]`), as `{path}`. Then they changed their mind, replaced it with '
    "another word, and deleted the file. Find the first word, and answer with it.",
    answered=True,
    draw=draw_secret,
    prepare=prepare_secret,
    check=check_secret,
    mistakes={
        "later": "That is the word that was put in its place. The file was stored twice, and the first time it held a "
        "different word.",
        "the-path": "That is where it was. The question is what was in it.",
        "gone": "For a container it is gone. An image is more than what a container sees.",
    },
    hints=(
        "`layers.explore` shows the file in each layer that stores it, and what is in it.",
        "Without the explorer: `layers.text(image, path, layer)`, with the lowest layer that has the file.",
    ),
    solution="""
found = layers.analyse(x.given["image"])
having = [layer.index for layer in found.layers if any(e.path == x.given["path"] for e in layer.entries)]
answer = layers.text(found, x.given["path"], having[0]).text.strip()
""",
    reason="Each COPY stored its file in a layer of its own. Replacing and deleting only hid them, one after another.",
    wrong={
        "later": 'found = layers.analyse(x.given["image"])\n'
        'having = [one.index for one in found.layers if any(e.path == x.given["path"] for e in one.entries)]\n'
        'answer = layers.text(found, x.given["path"], having[1]).text.strip()',
        "the-path": 'answer = x.given["path"]',
        "gone": 'answer = containers.run(x.given["image"], "cat", x.given["path"]).output',
    },
)


# 03.3


def recipe_lean(given: dict[str, str]) -> str:
    """The Dockerfile that the learner is given."""
    return (
        f"FROM {BUSYBOX}\n"
        "RUN mkdir /report\n"
        f"RUN head -c {given['_size']} /dev/urandom > /report/raw\n"
        f"RUN wc -c < /report/raw > /report/size && echo {given['_word']} > /report/mark\n"
        "RUN rm /report/raw\n"
    )


def draw_lean(dice: random.Random) -> dict[str, str]:
    """The size of the raw data, and a word."""
    given = {"_size": str(dice.randrange(2_000_000, 3_000_000)), "_word": f"mark-{dice.randrange(1000, 10000)}"}
    return {**given, "recipe": recipe_lean(given)}


def check_lean(look: Look) -> None:
    """A container sees both files of the report, and the image hides nothing of its own."""
    expected = "an image `hs-lean` with /report/size and /report/mark as the recipe makes them, without /report/raw in any layer"
    if look.image("hs-lean") is None:
        look.not_attempted()
    ran = look.safely("hs-lean", ["sh", "-c", "cat /report/size /report/mark; ls /report"])
    lines = ran.output.split()
    look.expect(
        look.given["_word"] in lines, expected, f"its files say: {ran.output.strip()[:80]}", mistake="no-report"
    )
    look.expect(
        look.given["_size"] in lines, expected, f"its files say: {ran.output.strip()[:80]}", mistake="no-report"
    )
    hidden = Layers(look).hidden("hs-lean", BUSYBOX)
    by = tuple(
        f"step {one.layer} stores {one.path}, {one.bytes:,} bytes; step {one.hidden_by} hides it" for one in hidden
    )
    seen = "raw" in lines
    look.expect(
        not (seen and hidden), expected, *by, "a container still finds an empty or new /report/raw", mistake="emptied"
    )
    look.expect(not seen, expected, f"a container finds: {', '.join(lines[2:])}", mistake="kept")
    look.expect(not hidden, expected, *by[:3], look="`layers.analyse` of your image", mistake="deleted-later")


LEAN = Task(
    id="03.3-lean",
    title="Nothing to hide",
    brief='The recipe `x.given["recipe"]` makes a report from raw data, and deletes the raw data at the end. Print '
    "it, change it, and build an image called `hs-lean` with the same report, in which no layer stores the raw data: "
    '`images.build("harbour-shop", name="hs-lean", dockerfile=...)`. It copies nothing, so any folder will do.',
    draw=draw_lean,
    check=check_lean,
    mistakes={
        "deleted-later": "A container does not see the raw data, but a layer still stores it: the instruction that "
        "wrote it had finished before the one that deletes it began.",
        "kept": "Nothing is hidden, because nothing was deleted: every container finds the raw data.",
        "emptied": "Writing over a file is like deleting it: the old bytes stay in the layer below, and the new ones "
        "go on top.",
        "no-report": "The raw data is gone, but so is part of the report. Both files have to be as the recipe makes "
        "them.",
    },
    hints=(
        "A layer stores what is there when its instruction ends.",
        "One RUN can hold several commands, joined by `&&`.",
        "Make the raw data, use it and delete it in one RUN.",
    ),
    solution="""
recipe = x.given["recipe"]
first, *rest = recipe.replace("\\nRUN ", " && ").split(" && ")
answer_recipe = first + "\\nRUN " + " && ".join(rest)
images.build(empty_folder, name="hs-lean", dockerfile=answer_recipe)
""",
    reason="When that one RUN ends, the raw data is already gone, so its layer never holds it.",
    wrong={
        "deleted-later": 'images.build(empty_folder, name="hs-lean", dockerfile=x.given["recipe"])',
        "kept": 'recipe = x.given["recipe"].replace("RUN rm /report/raw\\n", "")\n'
        'images.build(empty_folder, name="hs-lean", dockerfile=recipe)',
        "emptied": 'recipe = x.given["recipe"].replace("rm /report/raw", ": > /report/raw")\n'
        'images.build(empty_folder, name="hs-lean", dockerfile=recipe)',
        "no-report": 'lines = x.given["recipe"].splitlines()\n'
        'recipe = "\\n".join(lines[:2] + [lines[3].replace("wc -c < /report/raw > /report/size && ", "")])\n'
        'images.build(empty_folder, name="hs-lean", dockerfile=recipe)',
    },
)


# 03.4

FILES = 5


def draw_shared(dice: random.Random) -> dict[str, str]:
    """After how many files the second recipe goes another way."""
    return {"_same": str(dice.randrange(1, 4)), "_word": f"{dice.randrange(10_000, 100_000)}"}


def prepare_shared(look: Look) -> None:
    """Two images of five files each; one file of the second is another one."""
    same, word = int(look.given["_same"]), look.given["_word"]
    files = {f"file{n}": f"{word} {n}\n".encode() for n in range(FILES)}
    for name, other in (("one", False), ("two", True)):
        mine = {**files, f"file{same}": f"{word} other\n".encode()} if other else files
        recipe = f"FROM {BUSYBOX}\n" + "".join(f"COPY file{n} /\n" for n in range(FILES))
        look.give(name, look.build("arriving" if other else "here", recipe, mine))


def check_shared(look: Look) -> None:
    """The answer is the length of the common beginning, measured on the engine."""
    said = look.text()
    if "two" not in look.given:
        look.cant_tell("the images were not made: run the cell with exercise(…) again")
    one, two = look.given["one"], look.given["two"]
    expected = "how many layers of `two` are on the disk already, if `one` is there"
    found = f"you said: {said[:40]}"
    look.expect(said.isdigit(), expected, found, look="One number")
    number, common, single = int(said), Layers(look).common(one, two), Layers(look).single(two, one)
    total = len(Layers(look).ids(two))
    look.expect(number != total, expected, found, f"`two` has {total} layers", mistake="all")
    look.expect(
        number != single,
        expected,
        found,
        f"{single} layers of `two` are in `one`, wherever they lie",
        mistake="registry",
    )
    look.expect(number != common - 1, expected, found, mistake="without-base")
    look.expect(number == common, expected, found, look="`layers.sharing` of both")


SHARED = Task(
    id="03.4-shared",
    title="What is there already?",
    brief='The image `hs-here:1` is on a disk. Now `hs-arriving:1` comes. (In a cell they are `x.given["one"]` and `x.given["two"]`.) How many of its layers are already there, '
    "unpacked, and need not be unpacked again? Answer with the number.",
    answered=True,
    choices=FILES + 2,  # none, the base image, and up to all files
    draw=draw_shared,
    prepare=prepare_shared,
    check=check_shared,
    mistakes={
        "all": "That is all of them, and one file differs.",
        "registry": "That is how many have the same bytes. A disk shares a layer only if everything below it is the "
        "same, too.",
        "without-base": "You left out the base image. It is made of layers like the rest.",
    },
    hints=(
        '`layers.sharing(x.given["one"], x.given["two"])` shows both, side by side.',
        "Count from the lowest layer up, and stop where the two part ways.",
    ),
    solution="""
first, second = layers.sharing(x.given["one"], x.given["two"]).columns
pairs = zip(first.ids, second.ids)
answer = 0
for a, b in pairs:
    if a != b:
        break
    answer += 1
""",
    reason="A disk stores a layer as the difference from what lies below it. From the first layer that differs, "
    "everything above is stored again, even if its bytes are the same.",
    wrong={
        "all": 'answer = len(layers.sharing(x.given["two"]).columns[0].ids)',
        "registry": 'one, two = layers.sharing(x.given["one"], x.given["two"]).columns\n'
        "answer = len(set(one.ids) & set(two.ids))",
        "without-base": 'one, two = layers.sharing(x.given["one"], x.given["two"]).columns\n'
        "answer = [a == b for a, b in zip(one.ids, two.ids)].index(False) - 1",
    },
)


# without the helpers

CARGO = ("anvils", "barrels", "crates", "drums")


def prepare_alone(look: Look) -> None:
    """Four instructions that store a file each, of different sizes."""
    sizes = zip(CARGO, look.given["_sizes"].split(), strict=True)
    steps = [f"RUN mkdir -p /hold && head -c {size} /dev/urandom > /hold/{name}" for name, size in sizes]
    look.give("image", look.build("hs-cargo", "\n".join([f"FROM {BUSYBOX}", *steps, ""])))


def check_alone(look: Look) -> None:
    """The image has one more name, given by hand, whose tag is the file that the biggest layer stores."""
    name = look.given["name"]
    if "image" not in look.given:
        look.cant_tell("the image was not made: run the cell with exercise(…) again")
    there = {word: look.image(f"{name}:{word}") for word in CARGO}
    tagged = {word: image for word, image in there.items() if image is not None}
    if not tagged:
        look.not_attempted()
    expected = f"one more name for `{look.given['image']}`: `{name}:` and the file that its biggest layer stores"
    said = f"there is {' and '.join(f'{name}:{word}' for word in tagged)}"
    look.expect(len(tagged) == 1, expected, said, mistake="several")
    (word, image) = next(iter(tagged.items()))
    look.expect(
        image.id == look.id_of(look.given["image"]),
        expected,
        f"{said}, and that is another image",
        mistake="other-image",
    )
    found = Layers(look).analyse(look.given["image"])
    first = Layers(look).own(look.given["image"], BUSYBOX)
    largest = max(found.layers[first:], key=lambda layer: layer.size)
    mine = next(layer for layer in found.layers[first:] if layer.command.endswith(f"/hold/{word}"))
    told = f"the layer with /hold/{word} stores {mine.size:,} bytes"
    look.expect(mine.index == largest.index, expected, told, mistake="smaller")
    look.note(f"{told}, more than any other of the image's own")


def draw_alone(dice: random.Random) -> dict[str, str]:
    """Four sizes, one of them far larger."""
    sizes = [*dice.sample(range(20_000, 90_000), 3), dice.randrange(900_000, 1_500_000)]
    dice.shuffle(sizes)
    return {
        "name": f"hs-hold-{dice.randrange(1000, 10000)}",
        "_sizes": " ".join(map(str, sizes)),
        "_largest": CARGO[sizes.index(max(sizes))],
    }


ALONE = Task(
    id="03.1-alone",
    title="From memory",
    brief="The image `hs-cargo:1` holds four files: anvils, barrels, crates and drums, each stored by an instruction of its own. "
    "In a terminal, without looking back: find the instruction that stores the most. Then give the image one more name, "
    "`{name}:` and the name of that file, such as `{name}:drums`.",
    draw=draw_alone,
    prepare=prepare_alone,
    check=check_alone,
    mistakes={
        "other-image": "That name stands for a different image, not the one with the four files.",
        "smaller": "That instruction stores something, but another one stores more. The list has a column for the "
        "size.",
        "several": "The image has more than one such name now. Remove the wrong ones: `docker rmi` removes only the "
        "name as long as another one is left.",
    },
    hints=(
        "One command lists the instructions that made an image, each with the size of its layer. A second one gives "
        "an image one more name.",
        "They are `docker history` and `docker tag`. An option of the first shows the instructions in full: "
        "`--no-trunc`.",
    ),
    solution="""
image = engine.images.get(x.given["image"])
largest = max(image.history()[:4], key=lambda step: step["Size"])
image.tag(x.given["name"], largest["CreatedBy"].rpartition("/hold/")[2].split()[0])
""",
    commands=(
        'docker history --no-trunc --format "{{.Size}}  {{.CreatedBy}}" hs-cargo:1',
        "docker tag hs-cargo:1 {name}:{_largest}",
    ),
    reason="`docker history` reads the image's own record: one line for each instruction, with the size of what it stored. A "
    "name costs nothing: both names stand for the same image.",
    wrong={
        "other-image": 'engine.images.get(BUSYBOX).tag(x.given["name"], "drums")',
        "smaller": """
image = engine.images.get(x.given["image"])
smallest = min(image.history()[:4], key=lambda step: step["Size"])
image.tag(x.given["name"], smallest["CreatedBy"].rpartition("/hold/")[2].split()[0])
""",
        "several": """
for word in ("anvils", "drums"):
    engine.images.get(x.given["image"]).tag(x.given["name"], word)
""",
    },
)

TASKS = (BLAME, SECRET, LEAN, SHARED, ALONE)
