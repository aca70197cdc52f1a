"""Lab 03: its tasks. How to add one: docs/AUTHORS.md."""

import hashlib
import random
import re
import secrets
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from helpers.errors import CourseError, NoSuchProgram
from helpers.lab.look import Look
from helpers.lab.task import Lab, Task
from helpers.layers.checks import Layers
from helpers.layers.model.analysis import Analysis, Entry, Hidden, Layer

BASE = "localhost/course/python:3.13"
STARTER = Path(__file__).resolve().parent / "starter"
TESTS = (STARTER / "tests" / "test_charts.py").read_text(encoding="utf-8")
MB = 1_000_000
PORT = 8000  # the app listens there
MOST = 6 * MB  # bytes that the image may add to its base; without anything needless it is about 5
SMALL = 100_000  # bytes: /etc/passwd and the like are changed by every instruction that adds a user
PROOF = """import hashlib, pathlib, sys
parts = [path.read_bytes() for path in sorted(pathlib.Path("charts").glob("*.pgm"))]
print("charts", hashlib.sha256(sys.argv[1].encode() + b"".join(parts)).hexdigest(), flush=True)
"""


def draw(dice: random.Random) -> dict[str, str]:
    """The image's name, what was sounded, and which instruction weighs most: the drawing, or the change of owner."""
    scratch, photo = dice.choice([(10, 6), (3, 9)])
    depths = [" ".join(str(dice.randrange(20, 240)) for _ in range(8)) for _ in range(3)]
    return {
        "name": f"hs-pilot-{dice.randrange(1000, 10000)}",
        "mark": f"buoy {dice.choice('ABCDEFGH')}{dice.randrange(10, 100)}",
        "_north": depths[0],
        "_south": depths[1],
        "_fairway": depths[2],
        "_scratch": str(scratch),
        "_photo": str(photo),
    }


# What the lab sets up: a history of the folder, as git keeps it. A photo was put in, and taken out again.


def prepare(look: Look) -> None:
    """Puts up the folder's .git, a real one, unless it is there."""
    root = look.mine(".git")
    if (root / "HEAD").exists():
        return
    photo = _kept(root, "blob", random.Random(look.given["name"]).randbytes(int(look.given["_photo"]) * MB))  # noqa: S311  a photo
    look.remember("photo", photo)
    readme = _kept(root, "blob", look.mine("README.md").read_bytes())
    trees = [{"README.md": readme}, {"README.md": readme, "photo.raw": photo}, {"README.md": readme}]
    said = ["The charts", "A photo of the harbour", "The photo is far too big: away with it"]
    parent = ""
    for number, (files, message) in enumerate(zip(trees, said, strict=True)):
        rows = b"".join(b"100644 %s\0%s" % (name.encode(), bytes.fromhex(id)) for name, id in files.items())
        who = f"Kim <kim@harbour.example> {1_700_000_000 + number * 86_400} +0000"
        head = f"tree {_kept(root, 'tree', rows)}\n" + (f"parent {parent}\n" if parent else "")
        parent = _kept(root, "commit", f"{head}author {who}\ncommitter {who}\n\n{message}\n".encode())
    (root / "refs" / "heads").mkdir(parents=True, exist_ok=True)
    (root / "refs" / "heads" / "main").write_text(f"{parent}\n", encoding="ascii")
    (root / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = false\n", encoding="ascii")
    (root / "HEAD").write_text("ref: refs/heads/main\n", encoding="ascii")  # last: with it, all is there


def _kept(root: Path, kind: str, content: bytes) -> str:
    """One object of a git repository; returns its id."""
    whole = b"%s %d\0%s" % (kind.encode(), len(content), content)
    id = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    path = root / "objects" / id[:2] / id[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zlib.compress(whole, 1))
    return id


# What all tasks ask


@dataclass(frozen=True)
class Image:
    """The learner's image taken apart. own: the layers that are not the base's. on_base: all of the base's are there."""

    whole: Analysis
    own: tuple[Layer, ...]
    on_base: bool
    seen: frozenset[str]

    @property
    def added(self) -> int:
        """Bytes of the files in its own layers."""
        return sum(layer.size for layer in self.own)

    def stored(self, pattern: str) -> list[Entry]:
        """Regular files of its own layers whose path fits, hidden or not."""
        entries = (entry for layer in self.own for entry in layer.entries)
        return [
            one for one in entries if one.kind == "file" and one.change != "removed" and re.search(pattern, one.path)
        ]

    def made_by(self, entry: Entry) -> str:
        """The instruction whose layer holds it."""
        return _short(self.whole.layers[entry.layer].command)

    def hidden(self) -> list[Hidden]:
        """Files of its own layers that no container can read, the biggest first."""
        own = {layer.index for layer in self.own}
        return [one for one in self.whole.hidden if one.layer in own]


def taken_apart(look: Look) -> Image:
    """The learner's image; ends the check if there is none."""
    name = look.given["name"]
    if look.image(name) is None:
        look.not_attempted()
    base = look.image(BASE)
    if base is None:
        look.cant_tell(f"the base image {BASE} is not on this engine")
    beginning = base.layers
    whole = Layers(look).analyse(name)
    full = [layer for layer in whole.layers if not layer.empty]
    common = 0
    for ours, theirs in zip([layer.diff_id for layer in full], beginning, strict=False):
        if ours != theirs:
            break
        common += 1
    seen = frozenset(entry.path for entry in whole.stack(-1).entries) if whole.layers else frozenset()
    return Image(whole, tuple(full[common:]), common == len(beginning), seen)


def works(look: Look, *known: str) -> None:
    """The app's tests, brought along by the check, pass in the learner's image, and its charts are the right ones.

    known: the mistakes that the task has a word for.
    """

    def expect(met: object, *found: str, mistake: str) -> None:
        """Goes on if met; names the mistake if the task knows it."""
        where = "The test that failed, in `tests/test_charts.py`"
        look.expect(met, expected, *found, look=where, mistake=mistake if mistake in known else "")

    name = look.given["name"]
    expected = "the app's tests pass in the image, without network, on a read-only disk, as the user it names"
    nonce = secrets.token_hex(8)
    try:
        ran = look.safely(name, ["python3", "-c", PROOF + TESTS, nonce])
    except NoSuchProgram:
        expect(False, "the image has no python3", mistake="other-base")
        raise
    except CourseError as error:
        look.wrong(expected, f"{error.what} {error.why}".strip(), look="How the image starts")
    failed = re.findall(r"^(?:FAIL|ERROR): (\w+)", ran.output, re.MULTILINE)
    said = ran.output.strip().splitlines()[-1:] or ["nothing"]
    found = (
        *(f"{test.replace('_', ' ')}: failed" for test in failed),
        *([] if failed else [f"the tests ended with: {said[0]}"]),
    )
    expect("test_it_does_not_run_as_root" not in failed, *found, mistake="as-root")
    owned = "test_the_files_belong_to_the_one_who_runs_it"
    expect(owned not in failed or len(failed) > 1, *found, mistake="not-the-owner")
    expect(ran.exit_code == 0, *found, mistake="too-much")
    look.expect(
        f"charts {proof(look, nonce)}" in ran.output,
        "the charts in the image are those of your soundings",
        "they are others, or something else than the tests has run",
        look="An ENTRYPOINT takes every command as its arguments." if _entrypoint(look) else "Your soundings.csv",
    )
    served = look.serves(name, PORT, "/", environment={})
    log = served.log.strip().splitlines()[-1:] or ["nothing"]
    look.expect(
        served.answered,
        f"a container of the image, started without a word, serves the charts on port {PORT}",
        f"nothing answered there; its log ends with: {log[0][:120]}",
        look="The command that the image starts with",
    )


def proof(look: Look, nonce: str) -> str:
    """What the charts of this learner's soundings give."""
    tools, shades = _tool("draw"), _tool("shades")
    parts = [
        tools.chart([int(d) for d in look.given[key].split()], shades.at) for key in ("_fairway", "_north", "_south")
    ]
    return hashlib.sha256(nonce.encode() + b"".join(parts)).hexdigest()


def _tool(name: str) -> ModuleType:
    """One of the lab's own tools; as text, because a value is still to be put into it."""
    module = ModuleType(f"slim_{name}")
    source = (STARTER / "tools" / f"{name}.py").read_text(encoding="utf-8").replace("@_scratch@", "0")
    exec(compile(source, f"{name}.py", "exec"), module.__dict__)  # noqa: S102  a file of the course
    return module


def _entrypoint(look: Look) -> bool:
    found = look.image(look.given["name"])
    return found is not None and bool(found.entrypoint)


def _short(command: str) -> str:
    words = " ".join(command.split())
    return words if len(words) <= 70 else f"{words[:69]}…"


def _size(count: int) -> str:
    return f"{count / MB:.1f} MB" if count >= SMALL // 2 else f"{count / 1000:.1f} kB"


def _rows(image: Image, entries: list[Entry]) -> tuple[str, ...]:
    """The sum, and the biggest of them, as evidence."""
    if not entries:
        return ()
    most = sorted(entries, key=lambda one: (-one.size, one.path))[:2]
    return (
        f"{len(entries)} such files are stored, {_size(sum(one.size for one in entries))}; the biggest:",
        *(f"{one.path}, {_size(one.size)}, stored by: {image.made_by(one)}" for one in most),
    )


BUILD = 'images.build(lab.folder(), name=x.given["name"])'
SOLVED = f'use("solution")\n{BUILD}'


def wrong(folder: str) -> str:
    """A wrong answer made of the files in wrong/FOLDER."""
    return f'use("wrong/{folder}")\n{BUILD}'


TOO_MUCH = (
    "The image got smaller, but the app lost something it needs: a test names it. What did the app read, and what put "
    "it there?"
)


# 1


def check_heaviest(look: Look) -> None:
    """The answer is the instruction whose layer holds the most bytes, of those after FROM."""
    said = " ".join(look.text().split())
    image = taken_apart(look)
    expected = "the instruction of your Dockerfile whose layer holds the most bytes of files"
    words = said.lower()
    look.expect(not words.startswith("from"), expected, f"you said: {said[:70]}", mistake="the-base")
    found = [layer for layer in image.own if _names(words, layer.command.lower())]
    look.expect(len(words) > 3 and found, expected, f"you said: {said[:70]}", mistake="no-instruction")
    look.expect(
        len(found) == 1,
        expected,
        f"you said: {said[:70]}",
        f"{len(found)} instructions begin like that",
        look="Say more of it.",
    )
    mine, heaviest = found[0], max(image.own, key=lambda layer: layer.size)
    seen = (f"the layer of {_short(said)} holds {_size(mine.size)}", "another one holds more")
    removal = mine is not heaviest and re.search(r"\brm\b", mine.command)
    look.expect(not removal, expected, *seen, mistake="the-removal")
    look.expect(
        mine is heaviest, expected, *seen, look="The size of every layer, not of the folder", mistake="not-the-most"
    )


def _names(said: str, command: str) -> bool:
    """Whether somebody who says so means this instruction; COPY is no longer what it was in the history."""
    word, _, rest = command.partition(" ")
    if word == "copy" and said.split()[0] == "copy":
        return True
    return bool(rest) and (rest.startswith(said.removeprefix("run ")) or command in said)


HEAVIEST = Task(
    id="03.1-heaviest",
    title="Where do the bytes come from?",
    brief='Build the image as it is and call it `{name}`: `images.build(lab.folder(), name="{name}")`, or '
    "`docker build --tag {name}:1 .` in a terminal. It works. Which instruction of the Dockerfile, after FROM, has the "
    'layer that holds the most? Answer with its first words, such as `"COPY . ."`.',
    answered=True,
    check=check_heaviest,
    mistakes={
        "the-base": "FROM brings a lot, but that is not yours: everybody who builds on that image shares it. Which of "
        "your own instructions adds the most?",
        "the-removal": "That instruction empties the folder, but makes the image no smaller. Its layer holds next to "
        "nothing.",
        "not-the-most": "It weighs something, but another one weighs more. Don't guess from what an instruction is "
        "for: look at what its layer holds.",
        "no-instruction": "No instruction of your image begins like that. Answer with its first words, as they are in "
        "the Dockerfile.",
    },
    hints=(
        "`layers.analyse` of what you built shows every layer with its size; so does `docker history` in a terminal.",
        "One of the heaviest adds no files at all. It changes who owns them.",
        "Two are close: the drawing, and the change of owner. Compare the sizes of their layers.",
    ),
    solution=f"made = {BUILD}\n"
    'base = {layer.diff_id for layer in layers.analyse("localhost/course/python:3.13").layers}\n'
    "mine = [layer for layer in layers.analyse(made).layers if layer.diff_id not in base]\n"
    "answer = max(mine, key=lambda layer: layer.size).command",
    commands=(
        "docker build --tag {name}:1 .",
        'docker history --no-trunc --format "{{.Size}}  {{.CreatedBy}}" {name}:1',
    ),
    reason="You find the sizes in the layers, not in the Dockerfile. A change of owner stores every file it touches "
    "again.",
    wrong={
        "the-base": f'{BUILD}\nanswer = "FROM localhost/course/python:3.13"',
        "the-removal": f'{BUILD}\nanswer = "RUN rm -rf /var/tmp/draw"',
        "not-the-most": f'{BUILD}\nanswer = "COPY . ."',
        "no-instruction": f'{BUILD}\nanswer = "photo.raw"',
    },
)


# 2


def check_hidden(look: Look) -> None:
    """No more than a few bytes of the image's own layers are out of every container's reach, and the app works."""
    image = taken_apart(look)
    hidden = image.hidden()
    total = sum(one.bytes for one in hidden)
    expected = f"nearly every byte that your layers store can be read in a container (but for {SMALL // 1000} kB)"
    doubled = [one for one in hidden if _same_again(image, one)]
    gone = [one for one in hidden if one not in doubled]

    def rows(some: list[Hidden]) -> tuple[str, ...]:
        """The sum, and the biggest."""
        biggest = [f"{one.path}, {_size(one.bytes)}, hidden by: {_short(one.instruction)}" for one in some[:3]]
        return (f"{_size(total)} can't be read", *biggest)

    look.expect(sum(one.bytes for one in gone) <= SMALL, expected, *rows(gone), mistake="deleted-later")
    look.expect(total <= SMALL, expected, *rows(doubled), mistake="still-doubled")
    works(look, "as-root", "not-the-owner")


def _same_again(image: Image, one: Hidden) -> bool:
    """Whether it is hidden by a copy of itself, with another owner or mode."""
    return any(
        entry.path == one.path and entry.change == "metadata" for entry in image.whole.layers[one.hidden_by].entries
    )


HIDDEN = Task(
    id="03.3-hidden",
    title="Paid for, and never seen",
    brief="The layers of `{name}:1` store megabytes that no container can read: everybody who fetches the image pays "
    "for them. Change the Dockerfile, and build again, until at most 100 kB are left. The app's tests must still "
    "pass: the check brings `tests/test_charts.py` along, and runs it as the user your image names.",
    check=check_hidden,
    mistakes={
        "deleted-later": "One instruction stores a file and a later one removes it. The later one can only hide it: "
        "the layer below is finished, and is still sent.",
        "still-doubled": "Files are stored twice: as they came, and again with another owner. Who could own them from "
        "the start?",
        "as-root": "Nothing is stored twice any more, but now the app runs as root. It has to run as its own user.",
        "not-the-owner": "Nothing is stored twice any more, but now the files do not belong to the user who runs the "
        "app.",
    },
    hints=(
        "`layers.analyse` lists what is hidden, with the instruction that stored it and the one that hid it.",
        "Every instruction ends with a layer that never changes again. Anything that should go has to go before that.",
        "Two remedies: do it in one RUN, with `&&`; and let COPY set the owner (it has an option for that).",
    ),
    solution=SOLVED,
    commands=("docker build --tag {name}:1 .",),
    reason="What one RUN makes and removes is in no layer. `COPY --chown` stores each file once, with its owner.",
    wrong={
        "deleted-later": BUILD,
        "still-doubled": wrong("still-doubled"),
        "as-root": wrong("as-root"),
        "not-the-owner": wrong("not-the-owner"),
    },
    files=("Dockerfile", ".dockerignore"),
)


# 3


def check_history(look: Look) -> None:
    """Nothing of the folder's .git is in any layer; the folder still has it; the app works."""
    image = taken_apart(look)
    expected = "no layer of your image holds anything of the folder's history, and the folder still has it"
    photo = look.recall("photo")
    stored = image.stored(r"/\.git/" + (f"|/{photo[2:]}$" if photo else ""))
    seen = [entry for entry in stored if entry.path in image.seen]
    rows = _rows(image, stored)
    ignored = look.mine(".dockerignore").exists()
    look.expect(
        not seen or not ignored, expected, *rows, look="The lines of .dockerignore", mistake="ignored-too-little"
    )
    look.expect(not seen, expected, *rows, mistake="copied")
    look.expect(not stored, expected, *rows, "a container no longer sees it", mistake="deleted-later")
    look.expect(look.mine(".git/HEAD").exists(), expected, "the folder no longer has a history", mistake="history-lost")
    works(look)


HISTORY = Task(
    id="03.3-history",
    title="A photo that nobody can find",
    brief="Kim once put a photo into the folder, and took it out again. But whoever gets `{name}:1` still gets the "
    "photo. Find out where it is, and make sure that no layer holds it. The folder keeps its history: others need it.",
    check=check_history,
    mistakes={
        "copied": "A folder that file browsers hide was copied in with the rest. `ls -a` shows it. COPY takes "
        "everything there is, unless you name what you want, or what to leave out.",
        "ignored-too-little": "Something is kept out of the build now, but the history is not: it is hidden, and easy "
        "to forget.",
        "deleted-later": "A later instruction removed the history, and a container does not see it. But the layer "
        "that brought it is still sent: layers are like git, as Kim found out.",
        "history-lost": "The history is gone from the image, but also from the folder. It should be gone only from "
        "the image. `lab.open` puts it back.",
    },
    hints=(
        "Which folder here begins with a dot? `ls -a` in a terminal shows it; the file browser does not.",
        "What COPY never gets is in no layer. A file `.dockerignore` beside the Dockerfile says, line by line, what the "
        "build does not get. The file browser hides that one, too: make it in a terminal, or in a cell with "
        '`(lab.folder() / ".dockerignore").write_text(...)`.',
        "One line is enough: `.git`",
    ),
    solution=SOLVED,
    commands=("docker build --tag {name}:1 .",),
    reason="`.dockerignore` keeps the history out of the build. Git and images are alike here: what was once added is "
    "kept below, whatever is removed on top.",
    wrong={
        "copied": BUILD,
        "ignored-too-little": wrong("ignored-too-little"),
        "deleted-later": wrong("removed-later"),
        "history-lost": f'{SOLVED}\nimport shutil\nshutil.rmtree(lab.folder() / ".git")',
    },
    files=("Dockerfile", ".dockerignore"),
)


# 4


def check_leftovers(look: Look) -> None:
    """Nothing that only the drawing needs is in any layer; the app works."""
    image = taken_apart(look)
    expected = "no layer of your image holds what only the drawing of charts needs"
    tools = image.stored(r"/shades\.bin$|/opt/draw/")
    tiles = image.stored(r"\.tile$|\.raw$")  # for drawing again, and what was worked on
    shown = [entry for entry in tools if entry.path in image.seen]
    look.expect(not shown, expected, *_rows(image, shown), mistake="tools-left")
    shown = [entry for entry in tiles if entry.path in image.seen]
    look.expect(not shown, expected, *_rows(image, shown), mistake="cache-left")
    both = [*tools, *tiles]
    look.expect(not both, expected, *_rows(image, both), "a container no longer sees it", mistake="deleted-later")
    works(look, "too-much")


LEFTOVERS = Task(
    id="03.3-leftovers",
    title="Nobody draws on board",
    brief="The charts are drawn once, when the image is made. The app only shows them. Yet `{name}:1` carries "
    "megabytes that only the drawing ever reads. Find them in its layers, and make an image that stores none of them.",
    check=check_leftovers,
    mistakes={
        "tools-left": "The drawing tools are still on board. The app never opens them.",
        "cache-left": "The tools are gone, but they left something behind for next time. In an image there is no next "
        "time.",
        "deleted-later": "A later instruction removed it, and a container does not see it. But it is still stored "
        "below.",
        "too-much": TOO_MUCH,
    },
    hints=(
        "What does the app open when it serves a page? Everything else in your layers is a candidate; begin with the biggest.",
        "The first lines of `tools/draw.py` say where it works and what it keeps.",
        "Install, draw, remove: in one RUN. Or draw in another stage, as chapter 05 explains.",
    ),
    solution=SOLVED,
    commands=("docker build --tag {name}:1 .",),
    reason="Tools, table and tiles come and go within one instruction, so no layer holds them.",
    wrong={
        "tools-left": wrong("tools-left"),
        "cache-left": wrong("cache-left"),
        "deleted-later": wrong("removed-later"),
        "too-much": wrong("too-much"),
    },
    files=("Dockerfile", ".dockerignore"),
)


# 5


def check_slim(look: Look) -> None:
    """It adds at most MOST bytes to the base whose layers it shares, and works."""
    image = taken_apart(look)
    works(look, "other-base", "too-much")
    expected = f"your own layers hold at most {_size(MOST)}, on top of {BASE}"
    seen = [f"your own layers hold {_size(image.added)}"]
    look.expect(
        image.on_base, expected, "the image does not begin with the layers of that base", *seen, mistake="squashed"
    )
    for layer in sorted(image.own, key=lambda layer: -layer.size)[:2]:
        seen.append(f"{_size(layer.size)} of it: {_short(layer.command)}")
    look.expect(image.added <= MOST, expected, *seen, mistake="still-heavy")


SLIM = Task(
    id="03.3-slim",
    title="Six megabytes",
    brief="Bring everything that `{name}:1` adds to `"
    + BASE
    + "` down to 6 MB: the sum of the files in your own layers. It must still begin with that base, whose layers "
    "everybody here already has, and the app's tests must still pass. Build this one in the terminal, as you will at "
    "work.",
    check=check_slim,
    mistakes={
        "still-heavy": "The app works, and the image still stores more than it needs. What do the heaviest layers "
        "hold, and does anything ever read it?",
        "squashed": "Now everything is in the image's own layers. It may look smaller, but it no longer shares "
        "anything: whoever has the base has to fetch and store all of it again.",
        "other-base": "The image begins with something that has no Python: it is small, but the app can't start.",
        "too-much": TOO_MUCH,
    },
    hints=(
        "Go through tasks 2, 3 and 4 first: each is worth megabytes.",
        "The charts are 3 MB, and the libraries of the app less than 2. What else is there?",
        "In the terminal, in the folder of this lab: `docker build --tag NAME:1 .`",
    ),
    solution="""
import subprocess
use("solution")
subprocess.run(["docker", "build", "--quiet", "--tag", x.given["name"] + ":1", "."], cwd=lab.folder(), check=True)
""",
    commands=("docker build --tag {name}:1 .",),
    reason="What is left is what the app reads: charts, notes, soundings, its libraries. Each is stored once.",
    wrong={
        "still-heavy": BUILD,
        "squashed": wrong("squashed"),
        "other-base": wrong("other-base"),
        "too-much": wrong("too-much"),
    },
    files=("Dockerfile", ".dockerignore"),
)

LAB = Lab(
    name="03-slim-the-image",
    title="Slim the image",
    brief="The pilot's charts come as an image that works but is far too big. Find out why, and make it smaller, with "
    "the app's tests still passing. Your files are in the folder `{folder}`; the image is called `{name}:1`.",
    draw=draw,
    tasks=(HEAVIEST, HIDDEN, HISTORY, LEFTOVERS, SLIM),
    prepare=prepare,
)
