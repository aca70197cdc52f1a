"""Lab 06: its tasks. How to add one: docs/AUTHORS.md."""

import random
import time
from pathlib import Path

from helpers.containers.record_checks import Records
from helpers.engine.model.container import Container
from helpers.isolation.checks import Isolation
from helpers.isolation.limit_checks import Limits
from helpers.lab.look import Look
from helpers.lab.stage import Stage
from helpers.lab.task import Lab, Task

IMAGE = Path(__file__).with_name("image")
NAMES = (
    "hs-anchor",
    "hs-beacon",
    "hs-capstan",
    "hs-davit",
    "hs-fender",
    "hs-galley",
    "hs-halyard",
    "hs-jetty",
    "hs-keel",
    "hs-mast",
    "hs-rudder",
    "hs-winch",
)
SHOP = "hs-quay-shop"
NEIGHBOURS = ("barge", "mill", "parrot")  # what the three beside the shop run
PORT = 8080
SHARES = 1024  # of the shop; both are given some, since what the kernel takes for none differs between engines
WEIGHT = 8192  # of the mill, for the CPU that it shares with the shop: eight times as much
CPUS = 0.2  # the most that the mill may have
MEGABYTE = 1024 * 1024
MEMORY = 64 * MEGABYTE  # the most that the barge may have, swap included
PROCESSES = 20
FEW, MEANWHILE = 3, 200  # throttled periods: what may as well be guessed; what twenty seconds add
LOAD = 36_000_000  # bytes; the barge's load is larger, and too large for the 32 MB of a wrong answer


def draw(dice: random.Random) -> dict[str, str]:
    """Which of the neighbours is which."""
    three = dice.sample(NAMES, len(NEIGHBOURS))
    return {
        "name": f"hs-quay-{dice.randrange(1000, 10000)}",
        "neighbours": ", ".join(sorted(three)),
        **{f"_{role}": name for role, name in zip(NEIGHBOURS, three, strict=True)},
    }


# setting up


def stands(look: Look, role: str) -> bool:
    """Whether it runs; one that the learner has put another in the place of need not."""
    mine = Stage(look).standing(SHOP if role == "shop" else look.given[f"_{role}"])
    if mine is not None and look.runs(mine):
        return True
    return role in ("mill", "barge") and look.container(f"{look.given['name']}-{role}") is not None


def prepare(look: Look) -> None:
    """The shop and its three neighbours. Whoever of them runs, stays, with the limits that it was given."""
    Stage(look).clear(NAMES)
    missing = [role for role in ("shop", "barge", "parrot", "mill") if not stands(look, role)]  # the noisy one last
    if not missing:
        return
    files = {str(path.relative_to(IMAGE).as_posix()): path.read_bytes() for path in IMAGE.rglob("*") if path.is_file()}
    image = Stage(look).image("hs-quay", (IMAGE / "Dockerfile").read_text(encoding="utf-8"), files)
    look.give("image", image)
    for role in missing:
        name = SHOP if role == "shop" else look.given[f"_{role}"]
        if role == "shop":
            Stage(look).put(name, image, role, publish=[PORT], cpuset_cpus="0", cpu_shares=SHARES)
        elif role == "mill":
            mill = Stage(look).put(name, image, role, cpuset_cpus="0", cpu_shares=WEIGHT, network="none")
            while Limits(look).use(mill).cpu < 0.3 and look.left() > 30:  # it has begun to grind
                time.sleep(0.05)
        else:
            Stage(look).put(name, image, role, network="none")


def in_use(look: Look, role: str) -> tuple[Container, ...]:
    """Those that do the work of one of the neighbours: the lab's own, and what the learner put in its place."""
    found = (Stage(look).standing(look.given[f"_{role}"]), look.container(f"{look.given['name']}-{role}"))
    return tuple(one for one in found if one is not None)


def of_the_same_image(look: Look, mine: Container, expected: str) -> None:
    """Ends the check unless it is made from the image of the quay."""
    look.expect(
        mine.image_id == look.recall("image hs-quay"),
        expected,
        f"{mine.name} is made from {mine.image}",
        look=f"The image is {look.given.get('image')}.",
    )


# 1


def check_who(look: Look) -> None:
    """The answer is the neighbour that has had most of the CPU."""
    said = look.text()
    expected = "the name of the neighbour that takes the CPU that the shop needs"
    found = f"you said: {said[:60]}"
    words = said.lower().replace(",", " ").split()
    look.expect(not {"shop", SHOP} & set(words), expected, found, mistake="the-shop")
    roles = {look.given[f"_{role}"]: role for role in NEIGHBOURS}
    named = [name for name in roles if {name, name.removeprefix("hs-")} & set(words)]
    listed = f"They are {look.given['neighbours']}."
    look.expect(len(named) == 1, expected, found, look=listed, mistake="none-of-them")
    used = {name: Limits(look).use(one).cpu for name, role in roles.items() for one in in_use(look, role)}
    if not used or named[0] not in used:
        look.cant_tell("a neighbour is gone: run the cell with lab.open(…) again")
    most = max(used.values())
    if used[named[0]] == most:
        return
    seen = f"{named[0]} has had {used[named[0]]:.1f} s of a CPU since it started, another one {most:.1f} s"
    look.expect(roles[named[0]] != "barge", expected, found, seen, mistake="the-big-one")
    look.wrong(expected, found, seen, mistake="the-loud-one")


WHO = Task(
    id="06.3-who",
    title="Who is it?",
    brief="The shop, `hs-quay-shop`, shares a quay with three neighbours: {neighbours}. One of them takes the CPU that the shop needs, for "
    "some seconds of every minute. Answer with its name.",
    answered=True,
    check=check_who,
    mistakes={
        "the-shop": "That is the one that suffers. Another container takes what it needs.",
        "none-of-them": "That names none of the three neighbours, or more than one.",
        "the-big-one": "It holds more memory than the others, but there is plenty of that. What the shop lacks is "
        "time on a CPU.",
        "the-loud-one": "It writes a long log, but that costs next to nothing. How much it writes does not show how "
        "much it uses.",
    },
    hints=(
        "`docker stats` shows what each container is using right now. The noisy one rests now and then: watch for a "
        "minute.",
        "The engine also adds up what was used: `engine.api.stats(NAME, stream=False)` holds `cpu_stats`, "
        "`cpu_usage`, `total_usage`, in billionths of a second.",
    ),
    solution="""
used = {}
for one in containers.ps().containers:
    if one.name in x.given["neighbours"].split(", "):
        stats = engine.api.stats(one.id, stream=False, one_shot=True)
        used[one.name] = stats["cpu_stats"]["cpu_usage"]["total_usage"]
answer = max(used, key=used.get)
""",
    commands=(
        "docker stats --no-stream",
        "docker top {_mill}",
    ),
    reason="The kernel counts for each container what it uses. Neither memory nor a long log is a sign of a busy CPU.",
    wrong={
        "the-shop": 'answer = "hs-quay-shop"',
        "none-of-them": 'answer = "the engine"',
        "the-big-one": 'answer = next(one.name for one in containers.ps().containers if "barge" in one.command)',
        "the-loud-one": """
three = [one for one in containers.ps().containers if one.name in x.given["neighbours"].split(", ")]
answer = max(three, key=lambda one: len(containers.logs(one).text)).name
""",
    },
)


# 2


def check_limit(look: Look) -> None:
    """Whoever grinds has a limit, still grinds, and gets no more than that even when it has the CPU for itself."""
    mills = in_use(look, "mill")
    expected = f"the noisy one keeps grinding, and never gets more than {CPUS} of a CPU"
    if not mills:
        look.cant_tell("the noisy one is gone: run the cell with lab.open(…) again")
    for one in mills:
        of_the_same_image(look, one, expected)
        state = f"{one.name} {one.state.said}"
        look.expect(look.runs(one), expected, state, mistake="stopped")
    limits = {one.name: Limits(look).of(one) for one in mills}
    free = [one for one in mills if not limits[one.name].cpus]
    for one in free:
        weight = limits[one.name].weight
        reading = Isolation(look).reading(one)
        kernel = f", and the kernel's weight for it is {reading.shares}" if reading and reading.shares else ""
        light = f"the CPU shares of {one.name} on record: {weight or 'none'}{kernel}"
        look.expect(weight == WEIGHT or len(mills) > 1, expected, light, "it has no limit", mistake="only-a-weight")
    if free and len(mills) == 1:
        shop = Stage(look).need(SHOP)
        look.expect(not Limits(look).of(shop).cpus, expected, "the shop has a limit", mistake="the-shop")
        for role in ("parrot", "barge"):
            other = Stage(look).standing(look.given[f"_{role}"])
            limited = other is not None and bool(Limits(look).of(other).cpus)
            look.expect(not limited, expected, f"{other.name if other else role} has a limit", mistake="another-one")
        look.not_attempted()
    look.expect(not free, expected, f"{' and '.join(one.name for one in free)} still has none", mistake="the-old-one")
    for one in mills:
        limit = limits[one.name].cpus
        look.expect(limit <= CPUS, expected, f"{one.name} may have {limit:g} of a CPU", mistake="too-loose")
        took = Limits(look).cpus(one, "burst", "3")
        seen = f"told to take all that it can get, {one.name} took {took:.2f} of a CPU"
        look.expect(
            0.005 < took < CPUS * 1.4, expected, seen, look="The limit on record, and what the kernel does with it"
        )


LIMIT = Task(
    id="06.3-limit",
    title="Limit it",
    brief=f"Give the noisy one no more than {CPUS} of a CPU, and let it keep working. You may change it while it runs, or "
    "make another from `{image}` with the same command, call that one `{name}-mill`, and remove the old one.",
    check=check_limit,
    mistakes={
        "stopped": "It is no longer running. That is quiet, but it has work to do, too.",
        "only-a-weight": "A weight says who gets how much while several want the same CPU. It isn't a limit: on its "
        "own, the container still takes all there is.",
        "the-shop": "You have limited the one that suffers. Now it is slow on purpose.",
        "another-one": "You have limited one that did no harm. Another one takes what the shop lacks.",
        "the-old-one": "Two are grinding now, and one of them has no limit.",
        "too-loose": "There is a limit, but it is too high.",
    },
    hints=(
        "`docker update` changes the limits of a running container. In docker-py it is `engine.api.update_container`.",
        "A CPU limit is a quota for each period: 10 000 of 100 000 microseconds are a tenth of a CPU.",
        "On the command line `--cpus` says the same in one number.",
    ),
    solution="""
for one in containers.ps().containers:
    if "mill" in one.command:
        engine.api.update_container(
            one.id, cpu_period=100000, cpu_quota=10000
        )
""",
    commands=("docker update --cpus 0.1 {_mill}",),
    reason="`docker update --cpus 0.1 NAME`. The process keeps running, and from now on the kernel stops it for the "
    "rest of a period once its quota is used up.",
    wrong={
        "stopped": """
noisy = next(one for one in containers.ps().containers if "mill" in one.command)
engine.api.pause(noisy.id)
""",
        "only-a-weight": """
noisy = next(one for one in containers.ps().containers if "mill" in one.command)
engine.api.update_container(noisy.id, cpu_shares=64)
""",
        "the-shop": """
shop = next(one for one in containers.ps().containers if one.name == "hs-quay-shop")
engine.api.update_container(shop.id, cpu_period=100000, cpu_quota=10000)
""",
        "another-one": """
other = next(one for one in containers.ps().containers if "parrot" in one.command)
engine.api.update_container(other.id, cpu_period=100000, cpu_quota=10000)
""",
        "the-old-one": """
containers.start(x.given["image"], "mill", name=x.given["name"] + "-mill", cpus=0.1)
""",
        "too-loose": """
noisy = next(one for one in containers.ps().containers if "mill" in one.command)
engine.api.update_container(noisy.id, cpu_period=100000, cpu_quota=90000)
""",
    },
)


# 3


def check_proof(look: Look) -> None:
    """The answer is about how often the kernel has held the limited one back, as the kernel counts it."""
    said = look.text()
    expected = "how often the kernel has held the noisy one back: the number of throttled periods"
    found = f"you said: {said[:60]}"
    mills = [one for one in in_use(look, "mill") if look.runs(one)]
    if not mills:
        look.cant_tell("the noisy one is not running: run the cell with lab.open(…) again")
    one = mills[-1]
    counted = Limits(look).use(one).held_back
    look.expect(counted, expected, found, f"{one.name} was never held back", mistake="never-held-back")
    look.expect(said.isdigit(), expected, found, look="It is a whole number.", mistake="no-count")
    seen = f"{one.name} was held back {counted} times until now"
    look.expect(int(said) < 100_000, expected, found, mistake="the-time")
    look.expect(int(said) <= counted, expected, found, seen, mistake="the-quota")
    near = int(said) * 2 >= counted or (int(said) >= FEW and counted - int(said) <= MEANWHILE)
    look.expect(near, expected, found, seen, mistake="older")


PROOF = Task(
    id="06.3-proof",
    title="Prove it",
    brief="A limit on record is only a wish. Read from the kernel how often it has really held the noisy one back since it "
    "was limited, and answer with that number. It keeps growing: read it and answer in the same cell.",
    answered=True,
    check=check_proof,
    mistakes={
        "never-held-back": "It was never held back: it has no limit that it has hit (task 2).",
        "no-count": "That is not a count.",
        "the-time": "That is how long it was held back altogether. The question is how often.",
        "the-quota": "It was not held back that often. The quota is how much it may use in a period; the kernel "
        "counts elsewhere how often that was used up.",
        "older": "The kernel has counted far more by now. Read it, and answer at once.",
    },
    hints=(
        "The kernel's word is throttled. It counts periods, throttled periods, and the time lost.",
        "In the container it is in the file `cpu.stat`, below `/sys/fs/cgroup`; on older engines in the folder `cpu` "
        "there. The line is `nr_throttled`.",
        "The engine reports it, too: `engine.api.stats(NAME, stream=False)`, under `cpu_stats`, `throttling_data`.",
    ),
    solution="""
for noisy in containers.ps().containers:
    if "mill" in noisy.command:
        break
engine.api.update_container(noisy.id, cpu_period=100000, cpu_quota=10000)
containers.exec(noisy, "burst", "2")
stats = engine.api.stats(noisy.id, stream=False, one_shot=True)
answer = stats["cpu_stats"]["throttling_data"]["throttled_periods"]
""",
    commands=(
        "docker exec {_mill} burst 2",
        'docker exec {_mill} sh -c "grep -sh nr_throttled /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpu/cpu.stat || true"',
    ),
    reason="Each throttled period is one in which its quota was used up and it had to wait. `docker exec NAME sh -c 'cat "
    "/sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpu/cpu.stat'` shows the same number, `nr_throttled`, whichever way the "
    "engine keeps it.",
    wrong={
        "never-held-back": "answer = 7",
        "no-count": """
noisy = [one for one in containers.ps().containers if "mill" in one.command][0]
engine.api.update_container(noisy.id, cpu_period=100000, cpu_quota=10000)
containers.exec(noisy, "burst", "1")
answer = "0.1"
""",
        "the-time": """
noisy = [one for one in containers.ps().containers if "mill" in one.command][0]
engine.api.update_container(noisy.id, cpu_period=100000, cpu_quota=10000)
containers.exec(noisy, "burst", "1")
answer = engine.api.stats(noisy.id, stream=False, one_shot=True)["cpu_stats"]["throttling_data"]["throttled_time"]
""",
        "the-quota": """
noisy = [one for one in containers.ps().containers if "mill" in one.command][0]
engine.api.update_container(noisy.id, cpu_period=100000, cpu_quota=10000)
containers.exec(noisy, "burst", "1")
answer = 10000
""",
        "older": """
noisy = [one for one in containers.ps().containers if "mill" in one.command][0]
engine.api.update_container(noisy.id, cpu_period=100000, cpu_quota=10000)
containers.exec(noisy, "burst", "1")
answer = 1
""",
    },
)


# 4


def afloat(look: Look, one: Container) -> bool:
    """Whether it serves its page and carries its load; waits while it loads, on a busy machine for longer."""
    begun = time.monotonic()
    while True:
        page = Limits(look).inside(one, "wget", "-q", "-O-", f"http://127.0.0.1:{PORT}/")
        carries = Limits(look).inside(one, "pidof", "tail")
        if page and carries and Limits(look).use(one).memory > LOAD:
            return True
        waited = time.monotonic() - begun
        if waited > (15 if carries else 5) or not look.runs(look.container(one.name) or one):
            return False
        time.sleep(0.3)


def check_guard(look: Look) -> None:
    """Whoever carries the load still does, and can take neither much memory nor many processes: both are tried."""
    barges = in_use(look, "barge")
    expected = (
        f"the one that holds the memory keeps running, with at most 64 MB, swap included, and {PROCESSES} processes"
    )
    if not barges:
        look.cant_tell("the one that holds the memory is gone: run the cell with lab.open(…) again")
    limits = {one.name: Limits(look).of(one) for one in barges}
    if len(barges) == 1 and not (limits[barges[0].name].memory or limits[barges[0].name].processes):
        look.not_attempted()
    swap = Limits(look).swap_can_be_limited()
    for one in barges:
        of_the_same_image(look, one, expected)
        limit = limits[one.name]
        memory = f"{one.name}: memory {limit.memory // MEGABYTE or 'without limit'}"
        look.expect(limit.memory, expected, memory, mistake="no-memory-limit")
        look.expect(limit.memory <= MEMORY, expected, f"{memory} MB", look="The task says 64 MB.")
        both = limit.memory_and_swap
        look.expect(
            not swap or 0 < both <= MEMORY,
            expected,
            f"{memory} MB, with swap {f'{both // MEGABYTE} MB' if both else 'without limit'}",
            mistake="swap-on-top",
        )
        look.expect(afloat(look, one), expected, f"{memory} MB; its load is gone, or its page", mistake="too-little")
        got = Limits(look).allocated(one, 100)
        look.expect(not got, expected, f"a process in {one.name} could take {got} MB", look="The limits on record")
        processes = f"{one.name} may have {limit.processes or 'any number of'} processes"
        look.expect(limit.processes, expected, processes, mistake="no-end-of-processes")
        look.expect(limit.processes <= PROCESSES, expected, processes, look=f"The task says {PROCESSES}.")
        forked = Limits(look).forked(one, 2 * PROCESSES)
        look.expect(0 < forked < PROCESSES, expected, f"a shell in {one.name} could start {forked}")


GUARD = Task(
    id="06.3-guard",
    title="Before it happens",
    brief="Another neighbour holds more memory than the rest. It has done no harm yet, but it could: by taking all the "
    "memory, or by starting processes without end. Give it at most 64 MB of memory, swap included, and at most "
    f"{PROCESSES} processes. It "
    "must keep carrying its load. Change it while it runs, or make another from `{image}` with the same command, call "
    "that one `{name}-barge`, and remove the old one. The check tries both, on a small scale.",
    check=check_guard,
    mistakes={
        "no-memory-limit": "Its processes have a limit, but its memory has none.",
        "swap-on-top": "Its memory has a limit, but it may have swap on top. Then it does not end when the memory is "
        "used up: it gets slow, and the disk, which all share, gets busy.",
        "too-little": "Its limit is too low: its own load does not fit.",
        "no-end-of-processes": "Its memory has a limit. The number of its processes has none.",
    },
    hints=(
        "`docker stats` shows which one holds how much memory.",
        "Swap is limited by a second number: memory and swap together. If both numbers are the same, there is no swap.",
        "`docker update` has `--memory`, `--memory-swap` and `--pids-limit`. `containers.start` has memory, which "
        "also limits swap, and pids_limit.",
    ),
    solution="""
for old in containers.ps().containers:
    if "barge" in old.command:
        containers.remove(old)
containers.start(
    x.given["image"], "barge",
    name=x.given["name"] + "-barge",
    memory="64m",
    pids_limit=20,
)
""",
    commands=(
        "docker stats --no-stream",
        "docker update --memory 64m --memory-swap 64m --pids-limit 20 {_barge}",
    ),
    reason="The same while it runs: `docker update --memory 64m --memory-swap 64m --pids-limit 20 NAME`. A process "
    "that wants more memory is killed, one that wants more processes is refused them, and nobody else notices.",
    wrong={
        "no-memory-limit": """
old = next(one for one in containers.ps().containers if "barge" in one.command)
containers.remove(old)
containers.start(x.given["image"], "barge", name=x.given["name"] + "-barge", pids_limit=20)
""",
        "swap-on-top": """
old = next(one for one in containers.ps().containers if "barge" in one.command)
engine.api.update_container(old.id, mem_limit="64m", memswap_limit="256m")
""",
        "too-little": """
old = next(one for one in containers.ps().containers if "barge" in one.command)
containers.remove(old)
containers.start(x.given["image"], "barge", name=x.given["name"] + "-barge", memory="32m", pids_limit=20)
""",
        "no-end-of-processes": """
old = next(one for one in containers.ps().containers if "barge" in one.command)
containers.remove(old)
containers.start(x.given["image"], "barge", name=x.given["name"] + "-barge", memory="64m")
""",
    },
)


# 5


def visitor(look: Look, one: Container) -> int:
    """The number that the next visitor of the desk gets; 0 if nobody answers."""
    page = Limits(look).inside(one, "wget", "-q", "-O-", f"http://127.0.0.1:{PORT}/cgi-bin/visit").split()
    return int(page[1]) if len(page) == 2 and page[1].isdigit() else 0


def check_modest(look: Look) -> None:
    """It counts its visitors, and the kernel says of its process that it is not root and has no capability."""
    name = f"{look.given['name']}-desk"
    mine = look.container(name)
    if mine is None:
        look.not_attempted()
    expected = f"a container {name} that counts its visitors: not as root, without any capability, within limits"
    of_the_same_image(look, mine, expected)
    look.wait_log(mine, "desk:", seconds=5)  # on a busy machine it takes its time to say how it went
    record = Records(look).settled(mine, seconds=0.5)
    lines = look.log(mine).strip().splitlines() or ["nothing"]
    seen = (f"{name} {record.state.said}", f"its log ends with: {lines[-1]}")
    look.expect(record.runs, expected, *seen, look="What it was told to run")
    status = Limits(look).status(mine)
    user = status.get("Uid", "0").split()[0]
    look.expect(user != "0", expected, f"its first process runs as user {user}", mistake="as-root")
    might = status.get("CapBnd", "?")
    seen_might = f"the kernel's line CapBnd of its first process: {might}"
    look.expect(not int(might, 16) if might != "?" else False, expected, seen_might, mistake="has-capabilities")
    bounds = Limits(look).of(mine)
    memory = f"its memory: at most {bounds.memory} bytes" if bounds.memory else "its memory has no limit"
    look.expect(0 < bounds.memory <= MEMORY, expected, memory, mistake="no-limits")
    few = f"its processes: at most {bounds.processes}" if bounds.processes else "its number of processes has no limit"
    look.expect(0 < bounds.processes <= PROCESSES, expected, few, mistake="no-limits")
    first, second = visitor(look, mine), visitor(look, mine)
    look.expect(0 < first < second, expected, f"two visitors got the numbers {first} and {second}", look="Its log")
    look.expect(look.by_hand(mine), expected, f"a helper made {name}", mistake="by-helper")


DESK = """engine.containers.run(
    x.given["image"], "desk",
    name=x.given["name"] + "-desk", detach=True,{settings}
)"""
ALL_OF_IT = {
    "as-root": 'user="1000"',
    "has-capabilities": 'cap_drop=["ALL"]',
    "no-limits": 'mem_limit="64m", memswap_limit="64m", pids_limit=20',
}


def started(*without: str) -> str:
    """The desk, with all settings but some."""
    return DESK.format(settings="".join(f"\n    {said}," for name, said in ALL_OF_IT.items() if name not in without))


MODEST = Task(
    id="06.3-modest",
    title="One that needs little",
    brief="A new neighbour moves in: the program `desk` from the image `{image}` counts its visitors, and needs next to "
    "nothing for it. Start it as `{name}-desk`, in the terminal: as user 1000 and not as root, without any capability, "
    f"with at most 64 MB of memory and at most {PROCESSES} processes. It must still count. What a helper made does "
    "not count.",
    check=check_modest,
    mistakes={
        "as-root": "It runs as user 0, which is root. It has fewer rights, but to every file it is still root.",
        "has-capabilities": "It is not root, but the engine's usual capabilities are still within reach: a program "
        "that becomes root gets them.",
        "no-limits": "It has no rights to misuse. But it could still take all the memory, or fill the table of processes.",
        "by-helper": "A helper made this one. The task is about the command you would type at work.",
    },
    hints=(
        "One `docker run` with `--detach`, `--name` and four more options. You have used two of them in task 4.",
        "The other two: `--user` takes a number, and `--cap-drop` takes `ALL`.",
    ),
    solution=started(),
    commands=(
        "docker run --detach --name {name}-desk --user 1000 --cap-drop ALL --memory 64m --memory-swap 64m --pids-limit 20 {image} desk",
    ),
    reason="Each option removes one thing that an intruder would use, and the program needs none of them. Chapter 12 goes "
    "further: files that can't be changed, and no way to gain rights.",
    wrong={
        **{name: started(name) for name in ALL_OF_IT},
        "by-helper": """
containers.start(
    x.given["image"], "desk", name=x.given["name"] + "-desk",
    user="1000", cap_drop="ALL", memory="64m", pids_limit=20,
)
""",
    },
)


LAB = Lab(
    name="06-noisy-neighbour",
    title="Noisy neighbour",
    brief="A shop slows to a crawl, but nothing is wrong with the shop. It shares its CPU with a neighbour. Find out "
    "which of three it is: {neighbours}. Limit that one, prove it, protect the shop from what another could do, and "
    "let a new neighbour move in that may do nothing but its work.",
    draw=draw,
    tasks=(WHO, LIMIT, PROOF, GUARD, MODEST),
    prepare=prepare,
)
