"""Chapter 00: its exercises. How to add one: docs/AUTHORS.md."""

import base64
import random
import time

from helpers.daemon.checks import Daemon
from helpers.engine.model.container import State
from helpers.engine.model.location import Where
from helpers.lab.look import Look
from helpers.lab.task import Task

BUSYBOX = "localhost/course/busybox:1"
WORDS = ("anchor", "buoy", "cable", "davit", "ebb", "fender", "galley", "hawser", "keel", "mooring", "quay", "rudder")


def a_word(dice: random.Random) -> str:
    """Such as "keel-4821": nobody guesses it, and it is easy to type."""
    return f"{dice.choice(WORDS)}-{dice.randrange(1000, 10000)}"


# 00.1


def silent_addresses(dice: random.Random) -> dict[str, str]:
    """Three addresses where no engine answers, each for another reason, in an order of their own."""
    port = dice.choice((2, 3, 4, 5, 6, 8))  # nobody listens there: such services are long gone
    found = [f"unix:///run/{a_word(dice)}.sock", f"tcp://127.0.0.1:{port}", f"127.0.0.1:{port}"]
    dice.shuffle(found)
    return dict(zip(("ann", "bob", "cat"), found, strict=True))


def check_silent(look: Look) -> None:
    """The answer is the address whose connection is refused, as measured now."""
    said = look.text()
    address = look.given.get(said.lower(), said)
    expected = "the address of the three at which a connection is refused"
    answers, reason = look.reason(address)
    found = f"{address} says: {reason}"
    look.expect(not answers, expected, f"an engine answers at {address}", mistake="it-answers")
    look.expect("not an address" not in reason, expected, found, mistake="not-an-address")
    look.expect("no such socket" not in reason, expected, found, mistake="never-there")
    look.expect(
        address in look.given.values(),
        expected,
        f"{address} is none of the three",
        look='Answer with one of the three addresses, in quotes, or the name: `x.check("bob")`',
    )
    look.expect("refused" in reason, expected, found, look="Ask each of the three with `daemon.ask`.")


SILENT = Task(
    id="00.1-silent",
    title="Why does nobody answer?",
    brief="Three people can't reach their engines. Ann's client is set to use `{ann}`, Bob's `{bob}`, Cat's `{cat}`. "
    "All three engines worked yesterday, they say.\n\nAt one of these addresses a connection is refused: a machine is "
    "there, but nothing listens. Ask all three with `daemon.ask`, and answer with that address or the person's name.",
    answered=True,
    choices=3,
    draw=silent_addresses,
    check=check_silent,
    mistakes={
        "never-there": "There is no socket at all at that address. The engine may have removed it when it stopped, or "
        "may never have been there; either way, nothing was there to refuse a connection, and you are looking for a "
        "refusal.",
        "not-an-address": "A client can't understand that address: it does not say how to connect. Look at how the "
        "other two begin.",
        "it-answers": "At that address an engine does answer. You are looking for an address where none does.",
    },
    hints=(
        "`daemon.ask` takes one address, in quotes, and tells you the reason.",
        "The table in this chapter explains each reason. Which address gives the one called refused?",
    ),
    solution="""
for address in x.given.values():
    if "refused" in daemon.ask(address).said:
        answer = address
""",
    reason="Refused means that the call reached the machine, but nothing listens there. A missing socket means that "
    "there is nothing to connect to. And without `://` it isn't an address.",
    wrong={
        "never-there": "answer = next(one for one in x.given.values() if one.startswith('unix://'))",
        "not-an-address": "answer = next(one for one in x.given.values() if '://' not in one)",
        "it-answers": "answer = daemon.where().address",
    },
)


# 00.2

SOON = 0.5  # seconds in which a program that only writes a word has ended


def check_run(look: Look) -> None:
    """A container of that name runs, made from that image, and its log holds the word."""
    word = look.given["word"]
    expected = f"a running container `hs-mine`, made from `{BUSYBOX}`, with the line {word} in its log"
    mine = look.container("hs-mine")
    if mine is None:
        others = [one for one in look.listed() if word in " ".join(one.command)]
        look.expect(
            not others, expected, f"a container called {others[0].name}" if others else "", mistake="other-name"
        )
        look.not_attempted()
    base = look.image(BUSYBOX)
    look.expect(base is not None and mine.image_id == base.id, expected, f"it is made from {mine.image}")
    look.expect(
        mine.state in (State.RUNNING, State.CREATED, State.RESTARTING),
        expected,
        f"`hs-mine` {mine.state.said}, with exit code {mine.exit_code}",
        mistake="ended",
    )
    log = look.wait_log(mine, word)
    look.expect(log.strip(), expected, "its log is empty", mistake="silent")
    look.expect(word in log.splitlines(), expected, f"its log says: {log.strip()[:60]}", mistake="other-word")
    time.sleep(SOON)
    mine = look.container("hs-mine")
    look.expect(
        mine is not None and mine.state is not State.EXITED, expected, "`hs-mine` has ended by now", mistake="ended"
    )


RUN = Task(
    id="00.2-run",
    title="Start one that stays",
    brief=f"Start a container called `hs-mine` from `{BUSYBOX}`. Its first process writes the word `{{word}}` on a line of "
    "its own, and then keeps running. Leave it there, and check. Do it in the terminal or in the cell below, as you like: whoever starts a container "
    "goes on with it there.",
    draw=lambda dice: {"word": a_word(dice)},
    check=check_run,
    mistakes={
        "ended": "It did its work, and its first process ended, so the container is stopped. What could that process "
        "do for a few minutes after it has written? A program called `sleep` does nothing but wait.",
        "silent": "The log holds what the first process writes to its standard output, but nothing that goes into "
        "files.",
        "other-word": "It writes, and it keeps running. Compare the word in its log with the one in the task, letter "
        "by letter.",
        "other-name": "There is such a container, but under another name. The task gives the name.",
    },
    hints=(
        '`containers.start` takes an image, then the words of a command, then `name="hs-mine"`.',
        'A shell can do one thing after another: `"sh", "-c", "first; second"`. `sleep 600` waits for ten minutes.',
    ),
    solution="""
containers.start(BUSYBOX, "sh", "-c", f"echo {x.given['word']}; exec sleep 600", name="hs-mine")
""",
    reason="A container runs as long as its first process does. What that process writes to its standard output is the "
    "log.",
    wrong={
        "ended": 'containers.start(BUSYBOX, "echo", x.given["word"], name="hs-mine"); containers.wait("hs-mine", ended=True)',
        "silent": "containers.start(BUSYBOX, 'sh', '-c', f\"echo {x.given['word']} > /word; sleep 600\", name='hs-mine')",
        "other-word": 'containers.start(BUSYBOX, "sh", "-c", "echo word; sleep 600", name="hs-mine")',
        "other-name": "containers.start(BUSYBOX, 'sh', '-c', f\"echo {x.given['word']}; sleep 600\", name='hs-my-own')",
    },
)


def prepare_remove(look: Look) -> None:
    """Two containers: one that has ended, with a word in its log, and one that is busy."""
    if look.recall("hs-busy") and look.is_there(look.recall("hs-busy")) and look.is_there(look.recall("hs-idle")):
        return
    # encoded, so that no list of containers shows it with the command: it stands in the log alone
    word = base64.b64encode(f"{look.given['_word']}\n".encode()).decode()
    look.remember("hs-idle", look.start(BUSYBOX, "sh", "-c", f"echo {word} | base64 -d", name="hs-idle"))
    look.remember("hs-busy", look.start(BUSYBOX, "sleep", "3600", name="hs-busy"))


def check_remove(look: Look) -> None:
    """The one is gone by its id, the other still runs, and the answer is what the log held."""
    idle, busy = look.recall("hs-idle"), look.recall("hs-busy")
    expected = "`hs-idle` is gone, `hs-busy` still runs, and you answer with the word that the log of `hs-idle` held"
    if not idle or not busy:
        look.cant_tell("the two containers were never made: run the cell with exercise(…) again")
    there = look.container("hs-busy")
    look.expect(
        there is not None and there.id == busy and look.runs(there),
        expected,
        "`hs-busy` is gone, or has ended",
        look="Run the cell with `exercise` again: it makes both again.",
        mistake="wrong-one",
    )
    if look.is_there(idle) and look.answer in (..., None, ""):
        look.not_attempted()
    look.expect(
        not look.is_there(idle),
        expected,
        "`hs-idle` is stopped, and still there",
        look="`containers.ps()`",
        mistake="stopped",
    )
    said = "" if look.answer in (..., None) else look.text()
    look.expect(said, expected, "`hs-idle` is gone, and no word was handed over", mistake="no-word")
    look.expect(said == look.given["_word"], expected, f"you handed over {said}", mistake="not-the-log")


REMOVE = Task(
    id="00.2-remove",
    title="Read, then remove",
    brief="This cell has started two containers. `hs-idle` wrote one word and ended. `hs-busy` is working. Read the "
    "word in the log of `hs-idle`. Remove `hs-idle` and nothing else. Then answer with the word.",
    answered=True,
    draw=lambda dice: {"_word": a_word(dice)},
    prepare=prepare_remove,
    check=check_remove,
    mistakes={
        "stopped": "A stopped container is still there, with its log and its files, until it is removed.",
        "wrong-one": "The task was to leave `hs-busy` alone: it was working. Look twice at the name before you remove "
        "something.",
        "no-word": "If you have read the word, answer with it. If not: a log goes with its container, so you have to "
        "read it before. Start again, and read it first.",
        "not-the-log": "That is not what `hs-idle` wrote. If it was removed before its log was read, the word went "
        "with it: run the cell with `exercise` again, which starts both afresh, and read first.",
    },
    hints=(
        "Three helpers: `containers.ps` shows what there is, `containers.logs` shows what one wrote, "
        "`containers.remove` removes one.",
        "The order matters: a removed container no longer has a log.",
    ),
    solution="""
answer = containers.logs("hs-idle").text.strip()
containers.remove("hs-idle")
""",
    reason="Logs belong to a container and go with it. Stopping would have kept both.",
    wrong={
        "stopped": 'answer = containers.logs("hs-idle").text.strip(); containers.stop("hs-idle")',
        "wrong-one": 'answer = containers.logs("hs-idle").text.strip(); containers.remove("hs-busy")',
        "no-word": 'containers.remove("hs-idle")',
        "not-the-log": 'containers.remove("hs-idle"); answer = "hs-idle"',
    },
)


# 00.3

ORDER = ["client", "dockerd", "containerd", "shim", "process"]


def check_order(look: Look) -> None:
    """Five words in the order in which each hands the work on, held against a container that is started for it."""
    given = look.answer
    if given is ... or not given:
        look.not_attempted()
    words = (
        given.replace(",", " ").split()
        if isinstance(given, str)
        else list(given)
        if isinstance(given, list | tuple)
        else []
    )
    said = [str(word).strip().lower() for word in words]
    chain = Daemon(look).chain()
    seen = [p for p in (chain.dockerd, chain.containerd, chain.shim, chain.process) if p is not None]
    measured = ", ".join(f"{p.name} is process {p.pid}, its parent is {p.parent}" for p in seen) or chain.why_not
    expected = "the five in the order in which they hand the work on, from the one that asks to the one that works"
    found = f"you said: {', '.join(said) or 'nothing that can be read'}"
    look.expect("runc" not in said, expected, found, mistake="runc-stays")
    look.expect(sorted(said) == sorted(ORDER), expected, found, look='A list of five: `["client", …]`')
    look.expect(said != ORDER[::-1], expected, found, mistake="backwards")
    look.expect(
        said.index("shim") == said.index("process") - 1,
        expected,
        found,
        f"on this engine, just now: {measured}",
        look="`daemon.processes_of` draws it.",
        mistake="other-parent",
    )
    look.expect(said == ORDER, expected, found, look="`daemon.processes_of` draws it.", mistake="mixed-up")


ORDER_TASK = Task(
    id="00.3-order",
    title="Who hands it on to whom?",
    brief="Put shim, client, process, containerd, dockerd in order: first the one that asks, last the one that does "
    "the work. Answer with a list of the five words.",
    answered=True,
    check=check_order,
    mistakes={
        "backwards": "These are the five, from the last to the first. Begin with the one that asks.",
        "runc-stays": "runc is not among the five: it starts the process and leaves. Look at the picture again.",
        "other-parent": "The parent of the process is another one: look at the numbers above.",
        "mixed-up": "The end is right. Which one looks after containers, and which takes the orders?",
    },
    hints=(
        "`daemon.processes_of` shows four of the five for any running container. The fifth is the one that asks.",
        "dockerd takes the orders and keeps the books; containerd looks after containers; each container has one shim.",
    ),
    solution="""
answer = ["client", "dockerd", "containerd", "shim", "process"]
""",
    reason="The client asks over HTTP. dockerd hands it to containerd, which starts a shim; the shim is the parent of the "
    "process.",
    wrong={
        "backwards": 'answer = ["process", "shim", "containerd", "dockerd", "client"]',
        "runc-stays": 'answer = ["client", "dockerd", "containerd", "runc", "process"]',
        "other-parent": 'answer = ["client", "shim", "containerd", "dockerd", "process"]',
        "mixed-up": 'answer = ["client", "containerd", "dockerd", "shim", "process"]',
    },
)


# 00.4

PLACES = {  # the first that fits: a virtual machine is on this computer, too
    "virtual machine": Where.VIRTUAL_MACHINE,
    "another computer": Where.REMOTE,
    "outside": Where.BESIDE_A_CONTAINER,
    "this computer": Where.THIS_COMPUTER,
}


def check_where(look: Look) -> None:
    """One of four places, held against what the engine says of itself."""
    said = look.text().lower()
    named = [place for words, place in PLACES.items() if words in said]
    expected = "one of: this computer, virtual machine, another computer, outside"
    look.expect(named, expected, f"you said: {said[:60]}")
    here = look.where()
    both = {named[0], here.where}
    evidence = (f"the address is {here.address}", f"kernels: {here.notebook.kernel} here, {here.engine.kernel} there")
    mistake = "container" if Where.BESIDE_A_CONTAINER in both else "address" if Where.REMOTE in both else "kernels"
    look.expect(
        named[0] is here.where, "where this engine lives", *evidence, look="`daemon.where()` draws it.", mistake=mistake
    )


WHERE = Task(
    id="00.4-where",
    title="Where is yours?",
    brief="Which of the four places is your engine's? Answer with one of: `this computer`, `virtual machine`, `another "
    "computer`, `outside`.",
    answered=True,
    choices=len(PLACES),
    check=check_where,
    mistakes={
        "kernels": "Compare the two kernels. The same one means the same machine; a different one means that the "
        "engine has its own machine, even if only a virtual one.",
        "address": "Look at the address. Does it name another computer, or a place on this one?",
        "container": "That is for a notebook that itself runs in a container. Does yours?",
    },
    hints=("Run `daemon.where()` and read the sentence under the title.", "Two things decide: address and kernel."),
    solution="""
answer = daemon.where().where.value
""",
    reason="The address says whether it is another computer. The kernel says whether it is the same machine.",
    wrong={
        "kernels": 'here = daemon.where().where.value\nanswer = "this computer" if "virtual" in here else "virtual machine"',
        "address": 'here = daemon.where().where.value\nanswer = "this computer" if "another" in here else "another computer"',
        "container": 'here = daemon.where().where.value\nanswer = "this computer" if "outside" in here else "outside"',
    },
)


# without the helpers


def check_alone(look: Look) -> None:
    """A container that no helper made has ended, is still there, and its log holds the word."""
    name, word = look.given["name"], look.given["word"]
    expected = f"a container `{name}`, made in a terminal from `{BUSYBOX}`, that has ended and has {word} in its log"
    mine = look.container(name)
    if mine is None:
        gone = look.came_and_went(name)
        look.expect(not gone, expected, f"there was one called `{name}`, and it was removed", mistake="removed")
        look.not_attempted()
    look.expect(look.by_hand(mine), expected, f"`{name}` is there, and a helper made it", mistake="by-helper")
    base = look.image(BUSYBOX)
    look.expect(base is not None and mine.image_id == base.id, expected, f"it is made from {mine.image}")
    look.expect(mine.state is not State.CREATED, expected, f"`{name}` was never started", mistake="never-ran")
    log = look.wait_log(mine, word)
    said = log.strip()[:60] or "nothing"
    look.expect(word in log.splitlines(), expected, f"its log says: {said}", mistake="other-word")
    time.sleep(SOON)
    mine = look.container(name) or mine
    look.expect(not look.runs(mine), expected, f"`{name}` {mine.state.said}", mistake="still-running")
    look.note(f"it ended with exit code {mine.exit_code}, and its log says {word}")


ALONE = Task(
    id="00.2-alone",
    title="From memory",
    brief=f"In a terminal, without looking back: run a container called `{{name}}` from `{BUSYBOX}` that says `{{word}}` and "
    "then ends by itself. Leave it on the engine, and read its log. What a helper made does not count.",
    draw=lambda dice: {"name": f"hs-{a_word(dice)}", "word": a_word(dice)},
    check=check_alone,
    mistakes={
        "removed": "It ran, and was removed when it ended, with its log. That is what `--rm` does.",
        "by-helper": "A helper made this one. The task is about the command you would type at work.",
        "never-ran": "It was created, and nothing has run in it. `docker create` alone does that, and so does a `docker run` that failed: "
        "read its message, remove the container with `docker rm`, and run it again.",
        "other-word": "It ran. Compare the word in its log with the one in the task, letter by letter.",
        "still-running": "It says the word, but keeps running. A container ends when its first process does.",
    },
    hints=(
        "`docker run` does it in one line. It needs an option that gives the container a name.",
        "The image comes after the options; after the image comes what to run: `echo`, and the word. Leave out "
        "`--rm`, or there will be no log to read.",
    ),
    solution=f"""
engine.containers.run("{BUSYBOX}", ["echo", x.given["word"]], name=x.given["name"])
print(engine.containers.get(x.given["name"]).logs().decode())
""",
    commands=("docker run --name {name} localhost/course/busybox:1 echo {word}", "docker logs {name}"),
    reason="`docker run` creates a container, starts it, and shows what it says. Without `--rm` it stays, and so does "
    "its log.",
    wrong={
        "removed": 'engine.containers.run(BUSYBOX, ["echo", x.given["word"]], name=x.given["name"], remove=True)',
        "by-helper": 'containers.start(BUSYBOX, "echo", x.given["word"], name=x.given["name"])',
        "never-ran": 'engine.containers.create(BUSYBOX, ["echo", x.given["word"]], name=x.given["name"])',
        "other-word": 'engine.containers.run(BUSYBOX, ["echo", "ahoy"], name=x.given["name"])',
        "still-running": "say = f\"echo {x.given['word']}; sleep 600\"\n"
        'engine.containers.run(BUSYBOX, ["sh", "-c", say], name=x.given["name"], detach=True)',
    },
)

TASKS = (SILENT, RUN, REMOVE, ORDER_TASK, WHERE, ALONE)
