"""Chapter 06: its exercises. How to add one: docs/AUTHORS.md."""

import random

from helpers.isolation.checks import Isolation
from helpers.lab.look import Look
from helpers.lab.task import Task

BUSYBOX = "localhost/course/busybox:1"
IDLE = ("sh", "-c", "while sleep 1; do :; done")
MIB = 1024 * 1024


# 06.1

PEOPLE = ("hs-ann", "hs-bob", "hs-cid")


def draw_shared(dice: random.Random) -> dict[str, str]:
    """Which two share, and what."""
    one, other, alone = dice.sample(PEOPLE, 3)
    return {"_owner": one, "_guest": other, "_alone": alone, "_kind": dice.choice(["net", "pid"])}


def prepare_shared(look: Look) -> None:
    """Three containers; two are in one namespace of one kind."""
    there = [look.container(name) for name in PEOPLE]
    if all(one is not None and look.runs(one) for one in there) and look.recall("owner"):
        return
    owner = Isolation(look).start(BUSYBOX, *IDLE, name=look.given["_owner"])
    Isolation(look).start(BUSYBOX, *IDLE, name=look.given["_alone"])
    option = {"net": "network", "pid": "pid"}[look.given["_kind"]]
    Isolation(look).start(BUSYBOX, *IDLE, name=look.given["_guest"], **{option: f"container:{owner.id}"})
    look.remember("owner", owner.id)


def check_shared(look: Look) -> None:
    """The kind and the pair are those that the kernel's numbers show, now."""
    words = set(look.text().lower().replace(",", " ").replace(":", " ").split())
    expected = "one kind of namespace and the two names that share it, such as `uts hs-ann hs-bob`"
    found = f"you said: {' '.join(sorted(words))[:60]}"
    there = [look.container(name) for name in PEOPLE]
    running = [one for one in there if one is not None and look.runs(one)]
    if len(running) < len(PEOPLE):
        look.cant_tell("hs-ann, hs-bob and hs-cid are not all running: run the cell with exercise(…) again")
    grid = Isolation(look).grid(*running)
    kinds = [kind for kind in ("pid", "mnt", "net", "uts", "ipc", "user", "cgroup", "time") if kind in words]
    names = [name for name in PEOPLE if {name, name.removeprefix("hs-")} & words]
    look.expect(len(kinds) == 1 and names, expected, found, look="A kind is the first word of a row of the grid.")
    kind = kinds[0]
    everyone = grid.same(kind, *PEOPLE)
    look.expect(not everyone, expected, found, f"all three share {kind}", mistake="everybody")
    if everyone is None or grid.same(kind, *names[:2]) is None:
        look.cant_tell("this engine does not show the numbers of the namespaces")
    pairs = [pair for pair in (PEOPLE[:2], PEOPLE[1:], PEOPLE[::2]) if grid.same(kind, *pair)]
    look.expect(pairs, expected, found, f"no two of them share {kind}", mistake="other-kind")
    look.expect(
        set(names) == set(pairs[0]), expected, found, f"{kind} is shared, and not by these", mistake="other-pair"
    )


SHARED = Task(
    id="06.1-shared",
    title="Who shares what?",
    brief="Three containers run now: `hs-ann`, `hs-bob` and `hs-cid`. Two of them share one namespace that the third "
    'is not in. Which kind, and which two? Answer with three words, such as `x.check("uts hs-ann hs-bob")`.',
    answered=True,
    choices=24,  # eight kinds, three pairs
    draw=draw_shared,
    prepare=prepare_shared,
    check=check_shared,
    mistakes={
        "everybody": "All three share that one, so it tells you nothing. Which one do only two share?",
        "other-kind": "In that row each of the three has its own number.",
        "other-pair": "The kind is right. Compare the numbers in its row again: two are equal, but you named others.",
    },
    hints=(
        "`isolation.namespaces` takes the three names and draws the grid.",
        "Look for a row in which two of the three have a letter and the third has none.",
    ),
    solution="""
grid = isolation.namespaces("hs-ann", "hs-bob", "hs-cid")
pairs = (("hs-ann", "hs-bob"), ("hs-bob", "hs-cid"), ("hs-ann", "hs-cid"))
answer = next(f"{kind} {a} {b}" for kind in ("pid", "net") for a, b in pairs if grid.same(kind, a, b))
""",
    reason="Equal numbers in a row mean one and the same namespace. Nothing else you see of a container tells you "
    "that.",
    wrong={
        "everybody": 'answer = "user hs-ann hs-bob"',
        "other-kind": 'answer = "mnt hs-ann hs-bob"',
        "other-pair": """
grid = isolation.namespaces("hs-ann", "hs-bob", "hs-cid")
pairs = (("hs-ann", "hs-bob"), ("hs-bob", "hs-cid"), ("hs-ann", "hs-cid"))
kind, pair = next((kind, pair) for kind in ("pid", "net") for pair in pairs if grid.same(kind, *pair))
third = next(name for name in ("hs-ann", "hs-bob", "hs-cid") if name not in pair)
answer = f"{kind} {pair[0]} {third}"
""",
    },
)


# 06.2


def prepare_number(look: Look) -> None:
    """A container whose first process has a child."""
    if look.container("hs-diver") is None:
        Isolation(look).start(BUSYBOX, "sh", "-c", "sleep 3600 & wait", name="hs-diver")


def check_number(look: Look) -> None:
    """The number is that of the first process, on the engine's host, now."""
    said = look.text()
    expected = "the number that the engine's host has for the first process of `hs-diver`"
    digits = "".join(c for c in said if c.isdigit())
    look.expect(digits and digits == said, expected, f"you said: {said[:40]}", look="A number: `x.check(4711)`.")
    diver = look.container("hs-diver")
    if diver is None or not look.runs(diver):
        look.cant_tell("`hs-diver` is not running: run the cell with exercise(…) again")
    view, number, found = Isolation(look).host(diver), int(digits), f"you said: {int(digits)}"
    family = view.beside(diver.pid)
    look.expect(
        number == diver.pid or number not in {p.inside for p in family},
        expected,
        found,
        "that is its number, or its child's, inside",
        mistake="inside",
    )
    process = view.process(diver.pid)
    look.expect(
        not process or number != process.parent, expected, found, "that is its parent, the shim", mistake="the-shim"
    )
    look.expect(
        number == diver.pid or number not in {p.pid for p in family},
        expected,
        found,
        "that is a process of `hs-diver`, and not the first",
        mistake="the-child",
    )
    look.expect(number == diver.pid, expected, found, look="`isolation.inside_outside` shows both sides.")


NUMBER = Task(
    id="06.2-number",
    title="Find the process on the engine's host",
    brief="The container `hs-diver` runs a shell, and the shell runs `sleep`. What is the process ID (PID) of the shell, "
    "its first process, on the engine's host? Answer with that number: `x.check(4711)`.",
    answered=True,
    choices=5,  # of two processes inside and outside, and of the shim
    prepare=prepare_number,
    check=check_number,
    mistakes={
        "inside": "That is a number as the container sees it. The engine's host counts all its processes, and uses "
        "another number.",
        "the-shim": "That is the program that the engine leaves with the container, the parent of the process you are "
        "looking for.",
        "the-child": "That process is in the container, but the one you are looking for started it.",
    },
    hints=(
        "Inside, each container counts its processes from 1. You need the number from the other side.",
        "The engine keeps the number, and the picture from both sides shows it.",
        '`isolation.inside_outside("hs-diver")` has it as `.pid`; `docker inspect` shows it as State.Pid.',
    ),
    solution="""
answer = isolation.inside_outside("hs-diver").pid
""",
    reason="Inside it is process 1. On the engine's host it is an ordinary process, and this is its number.",
    wrong={
        "inside": "answer = 1",
        "the-shim": 'answer = isolation.inside_outside("hs-diver").parents[-1].pid',
        "the-child": 'answer = isolation.inside_outside("hs-diver").tree[-1].pid',
    },
)


# 06.3


def draw_limits(dice: random.Random) -> dict[str, str]:
    """How much of each."""
    return {
        "memory": str(dice.choice([32, 40, 56, 72])),
        "cpus": dice.choice(["0.2", "0.3", "0.4", "0.6"]),
        "pids": str(dice.randrange(12, 40)),
    }


def check_limits(look: Look) -> None:
    """The kernel's files of a running container hold all three limits, and no swap on top."""
    memory, cpus, pids = look.given["memory"], look.given["cpus"], look.given["pids"]
    expected = f"a running container `hs-kept` with at most {memory} MiB of memory, {cpus} CPUs and {pids} processes"
    kept = look.container("hs-kept")
    if kept is None:
        look.not_attempted()
    look.expect(look.runs(kept), expected, f"`hs-kept` {kept.state.said}", look="`containers.logs` says what it wrote.")
    reading = Isolation(look).reading(kept)
    if reading is None:
        look.cant_tell("this engine does not show the files of the container's cgroup")
    has = f"its cgroup says: memory {reading.memory_limit or 'no limit'}, CPUs {reading.cpus or 'no limit'}, "
    has += f"processes {reading.pids_limit or 'no limit'}"
    look.expect(reading.memory_limit, expected, has, mistake="no-memory")
    look.expect(reading.memory_limit == int(memory) * MIB, expected, has, look="32m is 32 MiB: 32 × 1024 × 1024 bytes.")
    look.expect(reading.swap_limit in (0, None), expected, has, "and there is swap on top of the memory")
    look.expect(reading.cpus, expected, has, mistake="no-cpus")
    look.expect(
        abs(float(reading.cpus or 0) - float(cpus)) < 0.005, expected, has, look="`cpus=` takes a number like 0.5."
    )
    look.expect(reading.pids_limit, expected, has, mistake="no-pids")
    look.expect(reading.pids_limit == int(pids), expected, has, look="`pids_limit=` takes a whole number.")


LIMITS = Task(
    id="06.3-limits",
    title="Set limits, and have the kernel prove them",
    brief="Start a container `hs-kept` from the busybox image, with at most {memory} MiB of memory (no swap), {cpus} "
    "CPUs and {pids} processes. Set the limits when you start it, or later. The check reads the kernel's files.",
    draw=draw_limits,
    check=check_limits,
    mistakes={
        "no-memory": "It may take all the memory there is: its file for the limit says no limit.",
        "no-cpus": "Its memory is limited. It may still use every CPU all the time.",
        "no-pids": "Memory and CPU are limited. It may still start as many processes as it likes.",
    },
    hints=(
        "A container ends with its first process, so this one needs a command that keeps running, such as `*IDLE`.",
        "Three options, one for each limit, with the names that `docker run` uses. You gave two of them to `hs-store` "
        "under “Limits”, the third under “CPU”.",
        '`containers.start(BUSYBOX, *IDLE, name="hs-kept", memory="32m", cpus=0.5, pids_limit=20)`, with other numbers.',
    ),
    solution="""
memory, cpus, pids = x.given["memory"] + "m", float(x.given["cpus"]), int(x.given["pids"])
containers.start(BUSYBOX, "sleep", "600", name="hs-kept", memory=memory, cpus=cpus, pids_limit=pids)
""",
    reason="Three numbers in three files of one cgroup. The kernel reads them each time the container wants more.",
    wrong={
        "no-memory": 'containers.start(BUSYBOX, "sleep", "600", name="hs-kept", cpus=float(x.given["cpus"]), '
        'pids_limit=int(x.given["pids"]))',
        "no-cpus": 'containers.start(BUSYBOX, "sleep", "600", name="hs-kept", memory=x.given["memory"] + "m", '
        'pids_limit=int(x.given["pids"]))',
        "no-pids": 'containers.start(BUSYBOX, "sleep", "600", name="hs-kept", memory=x.given["memory"] + "m", '
        'cpus=float(x.given["cpus"]))',
    },
)


# 06.4

TRUE = {
    "kernel": "it uses the kernel of the machine that it runs on",
    "seen": "each of its processes is in the process list of that machine",
}
FALSE = (
    "its memory can be limited",
    "it has a host name of its own",
    "it can have network interfaces of its own",
    "it can have an address of its own",
    "two of them can hold different versions of one library",
)


def letters(dice: random.Random) -> dict[str, str]:
    """Six statements with letters, two of which tell a container from a virtual machine."""
    things = [*dice.sample(FALSE, 4), *TRUE.values()]
    dice.shuffle(things)
    return dict(zip("abcdef", things, strict=True))


def check_differences(look: Look) -> None:
    """Two letters; each of the two differences is shown on the engine."""
    said = look.text().lower()
    named = {letter for letter in "abcdef" if letter in said.replace(",", " ").split()}
    if 1 <= len(said) <= 2 and set(said) <= set("abcdef"):
        named = set(said)
    expected = "the letters of the two statements that are true of a container, but not of a virtual machine"
    found = f"you said: {said[:60]}"
    by_thing = {thing: letter for letter, thing in look.given.items()}
    look.expect(named, expected, found, look='Letters in quotes: `x.check("a b")`')
    kernel = look.safely(BUSYBOX, ["uname", "-r"]).output.strip()
    look.expect(
        by_thing[TRUE["kernel"]] in named,
        expected,
        found,
        f"a container just said that its kernel is {kernel}; the engine says that its machine's kernel is {Isolation(look).kernel()}",
        mistake="kernel",
    )
    look.expect(
        by_thing[TRUE["seen"]] in named,
        expected,
        found,
        "docker top lists a container's processes with the numbers of the engine's machine",
        mistake="seen",
    )
    look.expect(len(named) == 2, expected, found, mistake="too-many")


DIFFERENCES = Task(
    id="06.4-differences",
    title="Why is it not a virtual machine?",
    brief="Four of these are true of both containers and virtual machines. Which two are true of a container only?\n\n"
    "a) {a}\n\nb) {b}\n\nc) {c}\n\nd) {d}\n\ne) {e}\n\nf) {f}\n\nAnswer with two letters in one pair of quotes: "
    '`x.check("a b")`.',
    answered=True,
    choices=15,  # two of six
    draw=letters,
    check=check_differences,
    mistakes={
        "kernel": "One of the two is about what starts when a virtual machine starts, and does not when a container does.",
        "seen": "One of the two is about what somebody on the engine's machine can see.",
        "too-many": "Both are among your letters, but so is something that is true of a virtual machine as well.",
    },
    hints=(
        "A virtual machine starts its own system. What does a container start?",
        "Look again at the pictures under “From inside and from outside” and “Not a virtual machine”.",
    ),
    solution="""
only = ("it uses the kernel", "each of its processes")
answer = " ".join(letter for letter, thing in x.given.items() if thing.startswith(only))
""",
    reason="A virtual machine starts its own kernel, and only that kernel knows its processes.",
    wrong={
        "kernel": 'answer = " ".join(k for k, thing in x.given.items() if thing.startswith("each of its processes"))',
        "seen": 'answer = " ".join(k for k, thing in x.given.items() if thing.startswith("it uses the kernel"))',
        "too-many": 'answer = "a b c d e f"',
    },
)


# without the helpers


def check_alone(look: Look) -> None:
    """A container that no helper made has the limits that were asked for, as the kernel keeps them."""
    name, memory, pids = look.given["name"], look.given["memory"], look.given["pids"]
    expected = (
        f"a running container `{name}`, made in a terminal, with at most {memory} MiB of memory, no swap, and {pids} "
    )
    expected += "processes"
    mine = look.container(name)
    if mine is None:
        look.not_attempted()
    look.expect(look.by_hand(mine), expected, f"`{name}` is there, and a helper made it", mistake="by-helper")
    look.expect(look.runs(mine), expected, f"`{name}` {mine.state.said}", look=f"`docker logs {name}`")
    reading = Isolation(look).reading(mine)
    if reading is None:
        look.cant_tell("this engine does not show the files of the container's cgroup")
    has = f"its cgroup says: memory {reading.memory_limit or 'no limit'}, processes {reading.pids_limit or 'no limit'}"
    look.expect(reading.memory_limit == int(memory) * MIB, expected, has, mistake="no-memory")
    look.expect(reading.pids_limit == int(pids), expected, has, mistake="no-pids")
    look.expect(reading.swap_limit in (0, None), expected, f"{has}, and swap on top of the memory", mistake="swap")
    look.note(has)


ALONE = Task(
    id="06.3-alone",
    title="From memory",
    brief=f"In a terminal, without looking back: start a container `{{name}}` from `{BUSYBOX}` that keeps running, with at most "
    "{memory} MiB of memory, no swap on top of it, and at most {pids} processes. The check reads the kernel's files, and "
    "counts only a container that no helper made.",
    draw=lambda dice: {
        "name": f"hs-cabin-{dice.randrange(1000, 10000)}",
        "memory": str(dice.choice([32, 40, 56, 72])),
        "pids": str(dice.randrange(12, 40)),
    },
    check=check_alone,
    mistakes={
        "by-helper": "A helper made this one. The task is about the command you would type at work.",
        "no-memory": "Its memory has no limit, or not the one in the task.",
        "no-pids": "Its memory is limited as the task says. The number of its processes is not.",
        "swap": "Memory and processes are limited. It may still move as much again to the disk: when you name only "
        "the memory, Docker allows the same amount of swap on top.",
    },
    hints=(
        "Three options of `docker run`, each with a number; or `docker update`, while it runs.",
        "`--memory`, `--memory-swap` and `--pids-limit`. The second one counts memory and swap together, so if both "
        "are equal, there is no swap.",
    ),
    solution=f"""
memory = x.given["memory"] + "m"
engine.containers.run(
    "{BUSYBOX}", ["sleep", "600"], name=x.given["name"], detach=True,
    mem_limit=memory, memswap_limit=memory, pids_limit=int(x.given["pids"]),
)
""",
    commands=(
        "docker run --detach --name {name} --memory {memory}m --memory-swap {memory}m --pids-limit {pids} "
        "localhost/course/busybox:1 sleep 600",
        "docker stats --no-stream {name}",
    ),
    reason="Each option ends up as a number in a file of the container's cgroup, which the kernel reads. `docker "
    "stats` shows how much of it is in use now.",
    wrong={
        "by-helper": """
memory, pids = x.given["memory"] + "m", int(x.given["pids"])
containers.start(BUSYBOX, "sleep", "600", name=x.given["name"], memory=memory, pids_limit=pids)
""",
        "no-memory": """
pids = int(x.given["pids"])
engine.containers.run(BUSYBOX, ["sleep", "600"], name=x.given["name"], detach=True, pids_limit=pids)
""",
        "no-pids": """
memory = x.given["memory"] + "m"
engine.containers.run(
    BUSYBOX, ["sleep", "600"], name=x.given["name"], detach=True, mem_limit=memory, memswap_limit=memory
)
""",
        "swap": """
memory, pids = x.given["memory"] + "m", int(x.given["pids"])
engine.containers.run(
    BUSYBOX, ["sleep", "600"], name=x.given["name"], detach=True, mem_limit=memory, pids_limit=pids
)
""",
    },
)

TASKS = (SHARED, NUMBER, LIMITS, DIFFERENCES, ALONE)
