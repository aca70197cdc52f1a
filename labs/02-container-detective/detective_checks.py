"""Lab 02: its tasks. How to add one: docs/AUTHORS.md."""

import hashlib
import random
import time
from pathlib import Path

from helpers.containers.record_checks import Records
from helpers.engine.model.container import Container, State
from helpers.lab.look import Look
from helpers.lab.stage import Stage
from helpers.lab.task import Lab, Task

IMAGE = Path(__file__).with_name("image")
BIRDS = (
    "hs-avocet",
    "hs-curlew",
    "hs-dunlin",
    "hs-eider",
    "hs-gannet",
    "hs-godwit",
    "hs-heron",
    "hs-petrel",
    "hs-plover",
    "hs-puffin",
    "hs-ruff",
    "hs-tern",
)
ROLES = ("crane", "kiosk", "lamp", "logbook", "pump")  # what each of the five is told to run
RESTARTS = 500  # the engine waits ever longer between two of them, up to a minute: some eight hours, then it is over
TRIES = 5  # a busy engine may hear of an end before its reason, and then notes none: so the crane is started again
LATE = 1.0  # seconds that the reason may come after the end
OURS = 100  # exit codes from here on have a meaning of their own


def draw(dice: random.Random) -> dict[str, str]:
    """Who of the five is what, the exit code of one, the settings of another, the word in a file."""
    five = dice.sample(BIRDS, len(ROLES))
    return {
        "name": f"hs-case-{dice.randrange(1000, 10000)}",
        "five": ", ".join(sorted(five)),
        **{f"_{role}": name for role, name in zip(ROLES, five, strict=True)},
        "_code": str(dice.randrange(20, OURS)),
        "_port": str(dice.randrange(8100, 9000)),
        "_light": dice.choice(["amber", "crimson", "emerald", "indigo", "scarlet", "violet"])
        + str(dice.randrange(10, 100)),
        "_slip": dice.choice(["lmap", "lampp", "lapm", "lam"]),
        "_machine": f"berth-{dice.randrange(10000, 100000)}",
    }


def word_of(machine: str) -> str:
    """The word that `logbook` writes on a machine of that name; see image/logbook."""
    return hashlib.sha256(f"{machine}\n".encode()).hexdigest()[4:12]


# setting up


def stands(look: Look, role: str) -> bool:
    """Whether that one of the five is there, and still what it is to be."""
    mine = Stage(look).standing(look.given[f"_{role}"])
    if mine is None:
        return False
    found = Records(look).of(mine)
    return {
        "crane": found.oom_killed and not found.runs,
        "kiosk": found.runs,
        "lamp": bool(found.error) and not found.runs,
        "logbook": not found.runs and (found.exit_code or 0) > OURS,
        "pump": found.state in (State.RESTARTING, State.RUNNING) and found.restarts < RESTARTS,
    }[role]


def noted(look: Look, crane: Container) -> bool:
    """Waits for its end; True if the engine notes that memory had run out."""
    ended = 0.0
    while look.left() > 1:
        found = Records(look).of(crane)
        if found.oom_killed:
            return True
        if found.state is State.EXITED:
            ended = ended or time.monotonic()
            if time.monotonic() - ended > LATE:
                return False
        time.sleep(0.1)
    return False


def prepare(look: Look) -> None:
    """One image, and five containers of it. Whoever of them stands, stays."""
    Stage(look).clear(BIRDS)
    lock = hashlib.sha256(f"{word_of(look.given['_machine'])}\n".encode()).hexdigest()[:12]
    look.give("_word", word_of(look.given["_machine"]))
    look.give("_lock", lock)
    if all(stands(look, role) for role in ROLES):
        return
    files = {path.name: path.read_bytes() for path in IMAGE.iterdir() if path.name != "Dockerfile"}
    image = Stage(look).image("hs-harbour", (IMAGE / "Dockerfile").read_text(encoding="utf-8"), files)
    look.give("image", image)
    given = look.given
    missing = [role for role in ROLES if not stands(look, role)]
    made: dict[str, Container] = {}
    for role in missing:
        name = given[f"_{role}"]
        if role == "crane":
            for _ in range(TRIES):
                made[role] = Stage(look).put(name, image, "crane", memory="32m", network="none")
                if noted(look, made[role]):
                    break
        elif role == "kiosk":
            made[role] = Stage(look).put(name, image, "kiosk", publish=[8080])
        elif role == "lamp":
            light = {"LIGHT": given["_light"]}
            made[role] = Stage(look).put(
                name, image, given["_slip"], given["_port"], may_fail=True, environment=light, network="none"
            )
        elif role == "logbook":
            made[role] = Stage(look).put(name, image, "logbook", hostname=given["_machine"], network="none")
        else:
            settings = {"LOCK": lock, "CODE": given["_code"]}
            restart = f"on-failure:{RESTARTS}"
            made[role] = Stage(look).put(name, image, "pump", environment=settings, restart=restart, network="none")
    if "logbook" in made:
        look.wait_log(made["logbook"], "written", seconds=20)
        Stage(look).kill(made["logbook"])
    while not all(stands(look, role) for role in missing) and look.left() > 1:
        time.sleep(0.1)


def known(look: Look, said: str, expected: str) -> str:
    """Which of the five the answer names, as what it is to do; ends the check if it is none of them."""
    roles = {look.given[f"_{role}"]: role for role in ROLES}
    words = said.lower().replace(",", " ").replace("-", " ").split()
    named = [role for name, role in roles.items() if name.removeprefix("hs-") in words]
    look.expect(
        len(named) == 1,
        expected,
        f"you said: {said[:60]}",
        look=f"The five are {look.given['five']}.",
        mistake="none-of-them",
    )
    return named[0]


# 1


def check_memory(look: Look) -> None:
    """The answer is the one whose record says that it was ended because memory ran out."""
    said = look.text()
    expected = "the name of the one that was ended because it ran out of memory"
    found = f"you said: {said[:60]}"
    role = known(look, said, expected)
    one = Stage(look).need(look.given[f"_{role}"])
    record = Records(look).of(one)
    if record.oom_killed:
        return
    state = f"{one.name} {record.state.said}"
    look.expect(record.state not in (State.RUNNING, State.RESTARTING), expected, found, state, mistake="not-ended")
    look.expect(record.state is not State.CREATED, expected, found, state, mistake="never-ran")
    look.wrong(
        expected,
        found,
        f"{one.name} ended with exit code {record.exit_code}, and the engine's record says OOMKilled: false",
        mistake="killed-otherwise",
    )


MEMORY = Task(
    id="02.3-memory",
    title="Who ran out of memory?",
    brief="Five containers were left to you: {five}. One of them took more and more memory until it was killed for "
    "it. Answer with its name.",
    answered=True,
    check=check_memory,
    mistakes={
        "none-of-them": "That names none of the five, or more than one. The running containers are not the whole list.",
        "not-ended": "That one has not ended for good. A container that was ended because memory ran out is not among the "
        "running ones.",
        "never-ran": "That one has never run, so it can't have run out of anything.",
        "killed-otherwise": "137 is 128 + 9: signal 9, SIGKILL, ended it. The number does not say who sent it, or "
        "why. The engine notes separately whether it was because memory ran out.",
    },
    hints=(
        "List all of them, not only the running ones: `docker ps --all`, or `containers.ps()`.",
        "Two ended with exit code 137. `docker inspect NAME` shows what the engine knows about one: look at the part "
        "`State`.",
        "`State` has a line `OOMKilled`. OOM is short for out of memory.",
    ),
    solution="""
for one in containers.ps().containers:
    if engine.api.inspect_container(one.id)["State"]["OOMKilled"]:
        answer = one.name
""",
    commands=(
        "docker ps --all --filter exited=137",
        'docker inspect --format "{{.State.OOMKilled}} {{.Name}}" {_crane} {_logbook}',
    ),
    reason="Two of the five have exit code 137, and only one of them `OOMKilled: true`. The other was ended by hand, by "
    "`docker kill`.",
    wrong={
        "none-of-them": 'answer = "the big one"',
        "not-ended": 'answer = next(one.name for one in containers.ps().containers if one.state.value == "running")',
        "never-ran": 'answer = next(one.name for one in containers.ps().containers if one.state.value == "created")',
        "killed-otherwise": """
for one in containers.ps().containers:
    if one.exit_code == 137 and not engine.api.inspect_container(one.id)["State"]["OOMKilled"]:
        answer = one.name
""",
    },
)


# 2


def check_code(look: Look) -> None:
    """The answer is what the restarting one ends with."""
    said = look.text().removeprefix("exit code").strip()
    expected = "the exit code that the restarting one ends with, each time"
    found = f"you said: {said[:60]}"
    one = Stage(look).need(look.given["_pump"])
    if said == look.given["_code"]:
        return
    look.expect(said.isdigit(), expected, found, look="An exit code is a number.", mistake="no-number")
    look.expect(said != "0", expected, found, mistake="zero")
    others = [Stage(look).standing(look.given[f"_{role}"]) for role in ROLES if role != "pump"]
    theirs = {Records(look).of(other).exit_code: other.name for other in others if other is not None}
    look.expect(
        int(said) not in theirs, expected, found, f"that is what {theirs.get(int(said))} has", mistake="another-one"
    )
    restarts = Records(look).of(one).restarts
    look.expect(
        not 0 < int(said) <= restarts, expected, found, f"it was restarted {restarts} times", mistake="the-count"
    )
    look.wrong(expected, found, look=f"The record of {one.name}")


CODE = Task(
    id="02.3-code",
    title="What does it end with?",
    brief="One of the five gets no rest: it ends, the engine starts it again, it ends. Answer with the exit code that "
    "it ends with.",
    answered=True,
    check=check_code,
    mistakes={
        "no-number": "That is not a number. An exit code is a number from 0 to 255.",
        "zero": "0 means that everything went well. It is what the engine shows while a container runs, and what your "
        "own `docker` command ended with. What did the container's process end with?",
        "another-one": "That is the exit code of another of the five, one that is not started again.",
        "the-count": "That is how often the engine started it again. The exit code is another number.",
    },
    hints=(
        "`docker ps --all` shows it as Restarting, with a number in brackets beside it.",
        "In the record it is `State.ExitCode`, while the container waits for its next start; `RestartCount` is something else.",
    ),
    solution="""
for one in containers.ps().containers * 50:
    state = engine.api.inspect_container(one.id)["State"]
    if state["Status"] == "restarting":  # between two runs; in a run it would be 0
        answer = state["ExitCode"]
        break
""",
    commands=(
        "docker ps --all --filter status=restarting",
        "docker wait {_pump}",
    ),
    reason="The number in brackets after Restarting is the exit code of the last run. The program chose it: its log "
    "says why it gave up.",
    wrong={
        "no-number": 'answer = "restarting"',
        "zero": """
import subprocess
answer = subprocess.run(["true"]).returncode
""",
        "another-one": "answer = next(one.exit_code for one in containers.ps().containers if one.exit_code)",
        "the-count": """
import time
one = next(one for one in containers.ps().containers if "pump" in one.command)
while not (answer := engine.api.inspect_container(one.id)["RestartCount"]):
    time.sleep(0.1)
""",
    },
)


# 3


def check_written(look: Look) -> None:
    """The answer is the word in the file that the ended one added."""
    said = look.text()
    expected = "the word in the file that the ended one of the five has written"
    found = f"you said: {said[:60]}"
    one = Stage(look).need(look.given["_logbook"])
    pages = [path for path in Records(look).changed(one) if path.rpartition("/")[2].startswith("page-")]
    if not pages:
        look.cant_tell(f"the file in {one.name} is gone: run the cell with lab.open(…) again")
    word = Records(look).text(one, pages[0]).strip()
    if said == word:
        return
    look.expect("/" not in said and not said.startswith("page-"), expected, found, mistake="the-path")
    other = Stage(look).standing(look.given["_kiosk"])
    if other is not None:
        theirs = Records(look).text(other, "/kiosk/index.html").strip()
        look.expect(said != theirs, expected, found, f"that is in a file of {other.name}", mistake="the-running-one")
    alike = len(said) == len(word) and all(letter in "0123456789abcdef" for letter in said)
    look.expect(
        not alike, expected, found, f"{one.name} has a different word of that form", mistake="another-container"
    )
    look.wrong(expected, found, look=f"The paths that {one.name} has added to its image's files")


WRITTEN = Task(
    id="02.1-written",
    title="What did it write?",
    brief="One of the five wrote a page of its logbook, and was ended. The image has no such page; only this container has "
    "it. Find the file, and answer with what it says.",
    answered=True,
    check=check_written,
    mistakes={
        "the-path": "That is where it is. What does it say?",
        "the-running-one": "That is in a file, too, but in a container that is still running. The question is about "
        "one that has ended.",
        "another-container": "That word has the right form, but comes from another container: what a new container of "
        "the same image writes goes into its own layer. The old container's layer is still there.",
    },
    hints=(
        "The engine can list what a container has added to its image's files: `docker diff`. The container need not "
        "run for that.",
        "You can't run anything in a container that has ended. But you can copy files out of it: `docker cp NAME:PATH "
        "-`.",
        "In docker-py: `engine.api.diff(NAME)`, and `engine.api.get_archive(NAME, PATH)`, which gives a tar file.",
    ),
    solution="""
import io, tarfile
for one in containers.ps().containers:
    for row in engine.api.diff(one.id) or []:
        if "page-" in row["Path"]:
            chunks, _ = engine.api.get_archive(one.id, row["Path"])
            tar = tarfile.open(fileobj=io.BytesIO(b"".join(chunks)))
            answer = tar.extractfile(tar.next()).read().decode().strip()
""",
    commands=(
        "docker diff {_logbook}",
        "docker cp {_logbook}:/var/harbour pages",
        "cat pages/page-*",
    ),
    reason="`docker diff` lists what is in a container's writable layer, and `docker cp` copies out of it. Both work "
    "on a container that has ended: ending it deletes nothing, only removing it does.",
    wrong={
        "the-path": """
for one in containers.ps().containers:
    for row in engine.api.diff(one.id) or []:
        if "page-" in row["Path"]:
            answer = row["Path"]
""",
        "the-running-one": """
one = next(one for one in containers.ps().containers if one.state.value == "running")
answer = containers.exec(one, "cat", "/kiosk/index.html").text
""",
        "another-container": """
new = containers.start(x.given["image"], "logbook", name="hs-again")
containers.wait(new, log="written")
answer = containers.exec(new, "sh", "-c", "cat /var/harbour/page-*").text
containers.remove("again")
""",
    },
)


# 4


def check_port(look: Look) -> None:
    """The answer is what the published port answers now."""
    said = look.text()
    expected = "the word on the page that one of the five serves"
    found = f"you said: {said[:60]}"
    one = Stage(look).need(look.given["_kiosk"])
    page = look.page(one, "/")
    if page is None:
        look.cant_tell(f"{one.name} does not answer: run the cell with lab.open(…) again")
    if said.strip("'\"") == page.body.strip():
        return
    published = one.published[0]
    look.expect(not said.endswith(str(published.port)), expected, found, mistake="the-address")
    look.expect(not said.startswith(str(published.container_port)), expected, found, mistake="the-inner-port")
    look.expect(said not in look.log(one), expected, found, f"that is in the log of {one.name}", mistake="the-log")
    look.wrong(expected, found, look="The page itself: what comes back when you ask the published port")


PORT = Task(
    id="02.2-port",
    title="Who answers?",
    brief="One of the five publishes a port on this computer. Ask it for its page, and answer with the word on it. The "
    "word changes whenever the container is started.",
    answered=True,
    check=check_port,
    mistakes={
        "the-address": "That is where it answers. What does it answer?",
        "the-inner-port": "That is the port inside the container. It is published at another one, on this computer, "
        "and the question is what comes back from there.",
        "the-log": "That is in its log. A log holds what a process wrote to its output; what it serves is something "
        "else.",
    },
    hints=(
        "Only one of the running ones has something in the PORTS column.",
        "A browser can ask it, or `curl`, or `containers.get(NAME)`.",
    ),
    solution="""
one = next(one for one in containers.ps().containers if one.published)
answer = containers.get(one).body
""",
    commands=(
        "docker ps",
        "docker exec {_kiosk} wget -q -O- http://127.0.0.1:8080/",
    ),
    reason="`docker ps` shows the address under PORTS, and `docker port NAME` shows it alone. The engine picked the number.",
    wrong={
        "the-address": """
one = next(one for one in containers.ps().containers if one.published)
answer = one.published[0].port
""",
        "the-inner-port": """
one = next(one for one in containers.ps().containers if one.published)
answer = one.published[0].container_port
""",
        "the-log": """
one = next(one for one in containers.ps().containers if one.published)
answer = containers.logs(one).text.split()[-1]
""",
    },
)


# 5


def of_the_same_image(look: Look, mine: Container, expected: str) -> None:
    """Ends the check unless it is made from the image that the five are made from."""
    look.expect(
        mine.image_id == look.recall("image hs-harbour"),
        expected,
        f"it is made from {mine.image}",
        look=f"The image of the five is {look.given.get('image')}.",
        mistake="other-image",
    )


def check_lamp(look: Look) -> None:
    """A container made in place of the one that can't start runs, and shows the light that that one was to show."""
    name, port, light = f"{look.given['name']}-lamp", look.given["_port"], look.given["_light"]
    mine = look.container(name)
    if mine is None:
        look.not_attempted()
    broken = look.given["_lamp"]
    expected = (
        f"a running container {name} that shows the light of {broken}, at the inside port that {broken} was given"
    )
    of_the_same_image(look, mine, expected)
    record = Records(look).settled(mine)
    state = f"{name} {record.state.said}, its command is {' '.join(record.command)}"
    look.expect(
        not record.error and record.state is not State.CREATED,
        expected,
        state,
        f"the engine says: {record.error[:160]}" if record.error else "it was made, and never started",
        mistake="never-ran",
    )
    look.expect(record.runs, expected, state, f"exit code {record.exit_code}", mistake="ended")
    page = Records(look).page(mine, int(port))
    look.expect(page is not None, expected, state, f"nothing answers at port {port} inside", mistake="other-port")
    body = (page or "").strip()
    look.expect(body == light, expected, f"its page says: {body[:40] or 'nothing'}", mistake="no-light")


LAMP = Task(
    id="02.3-lamp",
    title="The one that never ran",
    brief="One of the five has never run: it can't be started. Find out why. Then make a container from the same "
    "image that does what this one was meant to do, with all that it was given, and call it `{name}-lamp`. The image is `{image}`.",
    check=check_lamp,
    mistakes={
        "other-image": "It is made from another image than the five.",
        "never-ran": "It was made, but has never run, like the one it should replace. The engine noted why.",
        "ended": "It ran, and ended. You did not tell it everything the old one was told; its log names what is "
        "missing.",
        "other-port": "It runs, but listens at a different port from the one the old container was given.",
        "no-light": "It runs and answers, but its page does not show the light. The old container was given more than "
        "a command: a setting, too.",
    },
    hints=(
        "It has no log, because it never ran. The engine noted in `State.Error` what it could not do.",
        "The program it was told to run is not in the image. One with almost the same name is.",
        "A container's command and settings are fixed when it is made. What the old one was told is in its record, "
        "under `Config`: `Cmd` is the command, `Env` the environment.",
    ),
    solution="""
for old in containers.ps().containers:
    if old.state.value == "created":
        break
told = engine.api.inspect_container(old.id)["Config"]
settings = dict(line.split("=", 1) for line in told["Env"])
containers.start(
    x.given["image"], "lamp", told["Cmd"][1],
    name=x.given["name"] + "-lamp",
    environment={"LIGHT": settings["LIGHT"]},
)
""",
    commands=(
        'docker inspect --format "{{.State.Error}}" {_lamp}',
        'docker inspect --format "{{.Config.Cmd}} {{.Config.Env}}" {_lamp}',
        "docker run --detach --name {name}-lamp --env LIGHT={_light} {image} lamp {_port}",
    ),
    reason="`State.Error` names the program that the image does not have; 127 is the exit code for that. You can't "
    "tell a container something else later, so a new one takes its place, with everything else that the old one was "
    "given: `docker run --detach --name … --env LIGHT=… IMAGE lamp PORT`.",
    wrong={
        "other-image": """
containers.start(BUSYBOX, "sleep", "60", name=x.given["name"] + "-lamp")
""",
        "never-ran": """
import contextlib
old = next(one for one in containers.ps().containers if one.state.value == "created")
new = engine.api.create_container(x.given["image"], list(old.command), name=x.given["name"] + "-lamp")
with contextlib.suppress(Exception):
    engine.api.start(new)
""",
        "ended": """
containers.start(x.given["image"], "lamp", name=x.given["name"] + "-lamp")
""",
        "other-port": """
containers.start(x.given["image"], "lamp", "80", name=x.given["name"] + "-lamp")
""",
        "no-light": """
old = next(one for one in containers.ps().containers if one.state.value == "created")
containers.start(x.given["image"], "lamp", old.command[1], name=x.given["name"] + "-lamp")
""",
    },
)


# 6


def check_pump(look: Look) -> None:
    """A container made in place of the restarting one runs the same program, has the word of the logbook, and stays up."""
    name = f"{look.given['name']}-pump"
    mine = look.container(name)
    if mine is None:
        look.not_attempted()
    expected = f"a container {name} that runs what {look.given['_pump']} was meant to run, and keeps running"
    of_the_same_image(look, mine, expected)
    record = Records(look).settled(mine)
    state = f"{name} {record.state.said}, its command is {' '.join(record.command)}"
    look.expect(record.command == ("pump",), expected, state, mistake="another-program")
    log = look.log(mine).strip().splitlines() or ["nothing"]
    seen = (state, f"its log ends with: {log[-1]}")
    again = record.state is State.RESTARTING or record.restarts
    look.expect(
        not again, expected, *seen, f"the engine has started it {record.restarts} times more", mistake="again-and-again"
    )
    look.expect("KEY" in record.environment or record.runs, expected, *seen, mistake="no-key")
    key, word = record.environment.get("KEY", ""), word_of(look.given["_machine"])
    look.expect(key == word, expected, f"its KEY is {key[:40]}", *seen, look="Task 3", mistake="another-key")
    look.expect(record.runs, expected, "its KEY is the word", *seen, mistake="no-lock")
    look.expect(log[-1] == "pump: pumping", expected, *seen, look="Its log")
    look.expect(look.by_hand(mine), expected, f"a helper made {name}", mistake="by-helper")


PUMP = Task(
    id="02.2-pump",
    title="Let it run",
    brief="The restarting one says in its log what it lacks, and you found that in task 3. It was given more besides: look at what "
    "the engine has on record. Make a container from the "
    "same image that runs the same program, has what the old one lacks, and stays up. Call it `{name}-pump`. Do it in the terminal: what a helper made does not "
    "count. The image is `{image}`.",
    check=check_pump,
    mistakes={
        "other-image": "It is made from another image than the five.",
        "another-program": "It runs something else. A container that stays up but does not do the work helps nobody.",
        "again-and-again": "It is started again and again, too. A restart policy starts a program again; it does not "
        "remove the reason why it ended.",
        "no-key": "It has ended, for the reason in its log: it was not given the setting.",
        "another-key": "It was given the setting, but with a different word from the one in the logbook.",
        "no-lock": "KEY is right. The program compares it with another setting, which the old container had and yours "
        "does not.",
        "by-helper": "It pumps, but a helper made it. At work you will type it: `docker run`, with three settings.",
    },
    hints=(
        "`docker logs NAME` or `containers.logs(NAME)` shows what it says each time.",
        "It lacks a setting, KEY. The word is the answer of task 3.",
        "It needs the other settings of the old one, too: its record shows them under `Config.Env`. Each is one "
        "`--env NAME=VALUE` of `docker run`.",
    ),
    solution="""
import io, tarfile
ids = {one.command[0]: one.id for one in containers.ps().containers}
told = engine.api.inspect_container(ids["pump"])["Config"]
settings = dict(line.split("=", 1) for line in told["Env"])
paths = [row["Path"] for row in engine.api.diff(ids["logbook"])]
page = next(path for path in paths if "page-" in path)
chunks, _ = engine.api.get_archive(ids["logbook"], page)
tar = tarfile.open(fileobj=io.BytesIO(b"".join(chunks)))
settings["KEY"] = tar.extractfile(tar.next()).read().decode().strip()
engine.containers.run(
    x.given["image"], "pump",
    name=x.given["name"] + "-pump",
    environment=settings, detach=True,
)
""",
    commands=(
        "docker logs {_pump}",
        'docker inspect --format "{{.Config.Cmd}} {{.Config.Env}}" {_pump}',
        "docker run --detach --name {name}-pump --env KEY={_word} --env LOCK={_lock} --env CODE={_code} {image} pump",
    ),
    reason="The log named the cause, and another container's file held what was missing. A container gets its "
    "settings when it is made, so you need a new one: `docker run --detach --name … --env KEY=… --env LOCK=… --env "
    "CODE=… IMAGE pump`.",
    wrong={
        "other-image": """
containers.start(BUSYBOX, "sleep", "60", name=x.given["name"] + "-pump")
""",
        "another-program": """
containers.start(x.given["image"], "sleep", "60", name=x.given["name"] + "-pump")
""",
        "again-and-again": """
containers.start(x.given["image"], "pump", name=x.given["name"] + "-pump", environment={"CODE": "1"}, restart="always")
""",
        "no-key": """
containers.start(x.given["image"], "pump", name=x.given["name"] + "-pump", environment={"CODE": "1"})
""",
        "another-key": """
containers.start(
    x.given["image"], "pump", name=x.given["name"] + "-pump", environment={"CODE": "1", "KEY": "WORD"}
)
""",
        "by-helper": """
import io, tarfile
ids = {one.command[0]: one.id for one in containers.ps().containers}
told = engine.api.inspect_container(ids["pump"])["Config"]
settings = dict(line.split("=", 1) for line in told["Env"])
page = next(row["Path"] for row in engine.api.diff(ids["logbook"]) if "page-" in row["Path"])
tar = tarfile.open(fileobj=io.BytesIO(b"".join(engine.api.get_archive(ids["logbook"], page)[0])))
settings["KEY"] = tar.extractfile(tar.next()).read().decode().strip()
containers.start(x.given["image"], "pump", name=x.given["name"] + "-pump", environment=settings)
""",
        "no-lock": """
import io, tarfile
book = next(one for one in containers.ps().containers if "logbook" in one.command)
page = next(row["Path"] for row in engine.api.diff(book.id) if "page-" in row["Path"])
tar = tarfile.open(fileobj=io.BytesIO(b"".join(engine.api.get_archive(book.id, page)[0])))
key = tar.extractfile(tar.next()).read().decode().strip()
containers.start(x.given["image"], "pump", name=x.given["name"] + "-pump", environment={"KEY": key})
""",
    },
)


LAB = Lab(
    name="02-container-detective",
    title="Container detective",
    brief="The night watch is over, and five containers were left on your engine, all made from one image: {five}. "
    "One restarts without end, one was killed because memory ran out, one wrote something and was ended, one "
    "publishes a port, and one was told something wrong. Nobody says which is which. Ask the engine, then mend two of "
    "them.",
    draw=draw,
    tasks=(MEMORY, CODE, WRITTEN, PORT, LAMP, PUMP),
    prepare=prepare,
)
