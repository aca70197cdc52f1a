"""Lab 04: its tasks. How to add one: docs/AUTHORS.md."""

import hmac
import random
import re
import secrets
from dataclasses import dataclass
from pathlib import PurePosixPath

from helpers.containers.record_checks import Records
from helpers.dockerfile.checks import Dockerfiles
from helpers.engine.model.container import Container
from helpers.errors import EngineRefused
from helpers.lab.look import Look
from helpers.lab.task import Lab, Task

PORT = 8000
LOG = "/var/log/storm/storm.log"
TOKEN = "STORM_TOKEN"  # noqa: S105  a setting's name
OPEN = "open on port"  # what the service says when it is up
CLOSED = "storm: log closed"  # and when it was asked to end
SOON = 2.0  # seconds; the brief says one, and the engine takes its time, too
OFTEN = 2.0  # seconds between two health checks, at most
NOTICED = 10.0  # seconds after which a service that hangs has to be called unhealthy
RUNG = 1.0  # seconds after which every bell that was rung has ended
LOOKS = 3  # at a container with zombies, after the first


def draw(dice: random.Random) -> dict[str, str]:
    """The image's name, the mark of the warnings, the harbour's token."""
    return {
        "name": f"hs-storm-{dice.randrange(1000, 10000)}",
        "mark": f"{dice.choice('ABCDEFGH')}{dice.randrange(10000, 100000)}",
        "token": f"flood-{dice.randrange(100000, 1000000)}",
    }


# What all tasks ask


@dataclass(frozen=True)
class Asked:
    """What came back for one page of the service. path: which one; nobody could know it before. body: "" if nothing."""

    path: str
    body: str
    log: str
    state: str

    def signed(self, token: str) -> bool:
        """Whether the page is signed with this token."""
        right = hmac.new(token.encode(), self.path.encode(), "sha256").hexdigest()[:16]
        return f"Signature: {right}" in self.body

    def of(self, mark: str) -> bool:
        """Whether it is this page, with the learner's own warnings."""
        return f"Warnings {mark}" in self.body and f"Page: {self.path}" in self.body


def built(look: Look) -> str:
    """The name of the learner's image; ends the check if there is none."""
    name = look.given["name"]
    if look.image(name) is None:
        look.not_attempted()
    return name


def a_page() -> str:
    """The path of a page that nobody has asked for before."""
    return f"/?{secrets.token_hex(8)}"


def asked(look: Look, expected: str, *, token: str = "") -> Asked:
    """Starts the image where there is nothing, and asks it for a page; it is told the token, if there is one."""
    path = a_page()
    try:
        served = look.serves(look.given["name"], PORT, path, environment={TOKEN: token} if token else {})
    except EngineRefused as error:
        said = f"{error.what} {error.why}".strip()
        may = "Whether that file may be executed: `chmod +x`, or `sh` in front of it"
        look.wrong(expected, said, look=may if "permission denied" in said else "What the image runs when it starts")
    return Asked(path, served.body, served.log, served.state)


def works(look: Look, expected: str, found: Asked, *known: str) -> None:
    """Ends the check unless the page is the service's. known: the mistakes that the task has a word for."""
    signs = {"other-folder": "No such file or directory: 'warnings", "still-wanted": "./settings"}
    seen = ("the check started a container of its own, and it serves no page", f"its state: {found.state}")
    if not found.body:
        for mistake in known:
            there = signs[mistake] in found.log
            look.expect(not there, expected, *seen, f"its log ends with: {last(found.log)}", mistake=mistake)
    look.expect(found.body, expected, *seen, f"its log ends with: {last(found.log)}", look="The last line of its log")
    look.expect(
        found.of(look.given["mark"]),
        expected,
        f"its page says: {found.body.splitlines()[0][:60]}",
        look="The service's own page has the mark of your warnings.",
    )


def running(look: Look, expected: str) -> Container:
    """The learner's container, made from the image as it is now; ends the check if it is not so."""
    name = f"{look.given['name']}-duty"
    mine = look.container(name)
    if mine is None:
        look.wrong(expected, f"there is no container called {name}", look="`docker ps --all`")
    look.expect(
        mine.image_id == look.id_of(look.given["name"]),
        expected,
        f"{name} was made from another image than {look.given['name']}:1 is now",
        mistake="older-image",
    )
    return mine


def last(log: str) -> str:
    """The last line of a log."""
    return (log.strip().splitlines() or ["nothing"])[-1]


def first(ended: str) -> str:
    """A first process, in words."""
    return f"process 1 is: {ended}" if ended else "process 1 is not known"


BUILD = 'made = images.build(lab.folder(), name=x.given["name"])'
WITH_VALUE = 'made = images.build(lab.folder(), name=x.given["name"], buildargs={"TOKEN": x.given["token"]})'
RUN = 'engine.containers.run(made.reference, name=x.given["name"] + "-duty", detach=True)'
SOLVED = f'use("solution")\n{BUILD}'
FILES = ("Dockerfile", "start.sh")


def wrong(folder: str, build: str = BUILD) -> str:
    """A wrong answer made of the files in wrong/FOLDER."""
    return f'use("wrong/{folder}")\n{build}'


OLDER = (
    "That container was made from another build. A container keeps the image it was made from: building again changes "
    "nothing in it."
)


# 1


def check_health(look: Look) -> None:
    """It is healthy while it serves, and unhealthy where no service runs, and where the service hangs."""
    name = built(look)
    expected = (
        f"a container of {name}:1 is checked at least every {OFTEN:g} seconds; it is healthy while the service "
        f"answers, and unhealthy {NOTICED:g} seconds after it hangs, or is gone"
    )
    docker = Dockerfiles(look)
    begin = docker.begins(name)
    look.expect(begin.health, expected, "the image has no health check", mistake="no-check")
    works(look, expected, asked(look, expected))
    look.expect(
        begin.health_every <= OFTEN,
        expected,
        f"it is checked every {begin.health_every:g} seconds",
        mistake="too-slow",
    )
    well = docker.health(name, seconds=NOTICED)
    said = f"while it serves: {', '.join(well) or 'nothing'}"
    look.expect(well[-1:] == ("healthy",), expected, said, mistake="never-well")
    image = look.id_of(name)
    with look.for_now(f"{name}-gone", f'FROM {image}\nENTRYPOINT []\nCMD ["sleep", "60"]\n') as without:
        gone = docker.health(without, seconds=NOTICED)
    seen = (said, f"where no service runs: {', '.join(gone) or 'nothing'}")
    look.expect("healthy" not in gone, expected, *seen, mistake="always-well")
    with look.for_now(f"{name}-drill", f"FROM {image}\nENV DRILL=hang\n") as hanging:
        hung = docker.health(hanging, seconds=NOTICED)
    both = (*seen, f"where it hangs: {', '.join(hung) or 'nothing'}")
    look.expect("healthy" not in hung, expected, *both, mistake="only-the-port")
    look.expect("unhealthy" in gone, expected, *seen, look="How many failures in a row it takes")
    look.expect("unhealthy" in hung, expected, *both, mistake="too-patient")
    for line in both:
        look.note(line)


HEALTH = Task(
    id="04.1-health",
    title="The hang that nobody notices",
    brief="Sometimes the service hangs: it runs and answers nobody, and `docker ps` says `Up`, as always. Build the "
    "image as `{name}:1`, with a health check that asks the service at least every two seconds. When the service "
    "hangs, or is gone, the container must be `unhealthy` within ten seconds. One line of the Dockerfile is enough; "
    "`ask.py` is there for it.",
    check=check_health,
    mistakes={
        "no-check": "The image has no health check, so the engine asks nothing. It sees that a process runs, and that "
        "is all it can see.",
        "too-slow": "There is a check, but between two of them the engine waits longer than two seconds: half a minute, "
        "if nobody names another time.",
        "never-well": "The check fails even while the service answers. In which folder does the engine run it, and what "
        "is there?",
        "always-well": "The check succeeds even where no service runs. Its exit code has to depend on an answer.",
        "only-the-port": "The check sees that something takes its call. A service that hangs takes calls, too; it just "
        "never answers.",
        "too-patient": "The check asks the right question, and gives up too late. A service that hangs never answers. So "
        "it counts how long each check waits, and how many failures in a row it takes; both have a usual value "
        "if nobody names one.",
    },
    hints=(
        "The instruction is HEALTHCHECK. `docker ps` shows its result beside `Up`, and `docker inspect` shows under "
        "`State.Health` what the last checks said.",
        "It runs in the folder that the image names. That is `/` here, and `ask.py` is not in it: say the whole path.",
        "Three options matter: `--interval`, how often it asks; `--timeout`, how long it waits for the answer; "
        "`--retries`, how many failures in a row it takes. A container started with `--env DRILL=hang` shows whether "
        "they do.",
    ),
    solution=SOLVED,
    commands=("docker build --tag {name}:1 .",),
    reason="One line does it: `HEALTHCHECK --interval=1s --timeout=1s --retries=2 CMD python3 /storm/ask.py`. Whatever "
    "never answers has failed after a second. (The solution solves all tasks; with its WORKDIR the path is shorter.)",
    wrong={
        "no-check": BUILD,
        **{name: wrong(name) for name in ("too-slow", "never-well", "always-well", "only-the-port", "too-patient")},
    },
    files=FILES,
)


# 2


def check_stops(look: Look) -> None:
    """On SIGTERM it closes its log and ends, soon and with exit code 0."""
    name = built(look)
    expected = "on SIGTERM, which `docker stop` sends, the service closes its log and ends within a second, exit code 0"
    works(look, expected, asked(look, expected), "other-folder")
    docker = Dockerfiles(look)
    signal = docker.begins(name).stop_signal or "SIGTERM"
    look.expect(
        signal.upper().removeprefix("SIG") in ("TERM", "15"),
        expected,
        f"the image asks for {signal}",
        mistake="another-signal",
    )
    ended = docker.stops(name, ready=OPEN)
    took = "it had not ended after 3 seconds" if ended.seconds is None else f"it ended after {ended.seconds:.1f} s"
    seen = (first(ended.first), took)
    if ended.seconds is None:
        words = ended.first.split()
        look.expect("-c" not in words, expected, *seen, mistake="shell-form")
        look.expect(not any(word.endswith(".sh") for word in words), expected, *seen, mistake="no-exec")
        look.wrong(expected, *seen, look="What process 1 does on SIGTERM")
    look.expect(CLOSED in ended.output, expected, *seen, f"its last words: {last(ended.output)}", mistake="cut-off")
    look.expect(ended.exit_code == 0, expected, *seen, f"exit code {ended.exit_code}", look="What the script ends with")
    look.expect(ended.seconds <= SOON, expected, *seen, look="What the script waits for")
    for line in seen:
        look.note(line)


STOPS = Task(
    id="04.2-stops",
    title="The stop that takes ten seconds",
    brief="`docker stop` takes ten seconds, and then the engine kills the service, with its log still open. Change the "
    "Dockerfile and `start.sh` so that a container of `{name}:1` closes its log and ends within a second after "
    "SIGTERM, with exit code 0.",
    check=check_stops,
    mistakes={
        "shell-form": "Process 1 is a shell. The script did not put it there: it comes from the way CMD is written. As "
        "process 1 it takes no notice of SIGTERM, and passes nothing on.",
        "no-exec": "The engine now starts the script itself, but the script runs in a shell, too. That shell is process "
        "1, waits for the service, and passes no signal on.",
        "other-folder": "The service can't find its warnings. Without the script, nobody goes to its folder before it "
        "starts.",
        "another-signal": "`docker stop` no longer sends SIGTERM. The container may be gone at once, but the service was "
        "never asked to end.",
        "cut-off": "The script ends, and so does the container. The service heard nothing: it was killed in the middle "
        "of its work, with its log open.",
    },
    hints=(
        "Signals go to process 1 alone. `docker top` with the name of a running container lists its processes: who is "
        "the first, and who is the service?",
        "Two shells stand between the engine and the service. One is there because of how CMD is written; the other "
        "one runs the script.",
        'CMD in exec form is a list: `["…", "…"]`. In the script, one word before `python3` lets the shell become '
        "the service, instead of waiting for it: `exec`.",
    ),
    solution=SOLVED,
    commands=("docker build --tag {name}:1 .",),
    reason="With the exec form the engine starts no shell of its own, and with `exec` the script's shell becomes the "
    "service. So the service is process 1, and hears SIGTERM. One of the two alone leaves a shell in between.",
    wrong={name: wrong(name) for name in ("shell-form", "no-exec", "other-folder", "another-signal", "cut-off")},
    files=FILES,
)


# 3


def check_user(look: Look) -> None:
    """The image names a user by number, not root; a container of it writes its log as that user."""
    name = built(look)
    expected = f"{name}:1 runs as a user that is named by number and is not root, and {name}-duty writes its log"
    user = Dockerfiles(look).begins(name).user.partition(":")[0]
    said = f"the image names {f'the user {user}' if user else 'no user'}"
    look.expect(user not in ("", "root") and user.strip("0"), expected, said, mistake="still-root")
    look.expect(user.isdigit(), expected, said, mistake="by-name")
    mine = running(look, expected)
    look.expect(
        look.runs(mine), expected, said, f"{mine.name} {mine.state.said}", look="`docker logs`, and `docker ps --all`"
    )
    path = a_page()
    body = Records(look).page(mine, PORT, path) or ""
    page = Asked(path, body, look.log(mine), mine.state.value)
    seen = (said, f"the log of {mine.name} ends with: {last(page.log)}")
    look.expect(page.of(look.given["mark"]), expected, f"{mine.name} does not serve its page", *seen, look="Its log")
    text = Records(look).text(mine, LOG)
    refused = [line for line in page.log.splitlines() if "no log" in line][:1]
    look.expect(text, expected, said, f"there is no {LOG} in {mine.name}", *refused, mistake="no-log")
    line = re.search(rf"^page {re.escape(path)}, as user (\d+)$", text, re.MULTILINE)
    if line is None:
        look.wrong(expected, said, f"the page that was just asked for is not in {LOG}", look=f"{LOG} in {mine.name}")
    look.expect(
        line[1] == user, expected, said, f"the log of {mine.name} was written as user {line[1]}", mistake="overruled"
    )
    look.note(f"user {user} wrote the log")


USER = Task(
    id="04.3-user",
    title="The service that is root",
    brief="The service runs as root, and nothing it does needs that. Let the image run it as another user. Name the "
    "user by number: then whoever runs the image sees at once that it isn't root. The service must still write its "
    "log. To show it, start a container called `{name}-duty` from the new image, in the background; the check asks "
    "it for a page, and looks for the page in `" + LOG + "`.",
    check=check_user,
    mistakes={
        "still-root": "The image names no user, or root itself. Creating a user is not enough: unless the image says USER, "
        "everything runs as root.",
        "by-name": "It is no longer root. But only the image's own /etc/passwd knows which number that name stands for, "
        "and it could be 0: from outside nobody can tell.",
        "older-image": OLDER,
        "no-log": "It serves its page, and its log is missing: the service said so when it started. Whose is the log's "
        "folder?",
        "overruled": "The log is written, but as another user than the image names: this container was started with one "
        "of its own.",
    },
    hints=(
        "`docker logs {name}-duty` shows what the service said when it started. `docker exec {name}-duty ls -ld "
        "/var/log/storm` shows whose the folder is.",
        "Instructions before USER run as root, those after it as that user. So the folder can be made, and given away, "
        "before.",
        "`chown` takes a number, too; no user of that number has to exist. And remember: a container of that name from "
        "an earlier build has to go first, `docker rm --force {name}-duty`.",
    ),
    solution=f"{SOLVED}\n{RUN}",
    commands=("docker build --tag {name}:1 .", "docker run --detach --name {name}-duty {name}:1"),
    reason="`RUN mkdir … && chown 1000 …` makes the folder and gives it away, while the build is still root. `USER 1000` "
    "then holds for what follows, and for every container.",
    wrong={
        "still-root": f"{BUILD}\n{RUN}",
        "by-name": f"{wrong('by-name')}\n{RUN}",
        "older-image": f"{BUILD}\n{RUN}\n{SOLVED}",
        "no-log": f"{wrong('no-log')}\n{RUN}",
        "overruled": wrong("no-log") + "\n" + RUN.replace("detach=True", 'user="0", detach=True'),
    },
    files=FILES,
)


# 4


def check_token(look: Look) -> None:
    """The token is nowhere in the image, and the service signs with the one that it is told when it starts."""
    name, token = built(look), look.given["token"]
    expected = f"no place of {name}:1 holds your token, and the service signs its pages with the one it is told"
    places = look.holding(name, token)
    files = [(layer, path) for layer, path in places if layer]
    rows = [f"your token is in layer {layer}, in /{path}" for layer, path in files]
    seen = look.paths(name) if files else ()
    shown = [path for _, path in files if path in seen]
    hidden = [f"your token is in layer {layer}, in /{path}" for layer, path in files if path not in seen]
    look.expect(not hidden, expected, *hidden, "a container no longer sees it", mistake="deleted-later")
    look.expect(all(_mine(look, path, token) for path in shown), expected, *rows, mistake="in-a-file")
    look.expect(not shown, expected, *rows, mistake="copied-along")
    if places:
        told = asked(look, expected).signed(token)
        look.expect(not told, expected, "a container that is told nothing signs with your token", mistake="as-env")
        look.wrong(expected, "no file holds your token, but the image's history does", mistake="in-the-history")
    other = f"ebb-{secrets.token_hex(4)}"
    page = asked(look, expected, token=other)
    works(look, expected, page, "still-wanted")
    look.expect(
        page.signed(other),
        expected,
        f"the image was started with --env {TOKEN}={other}, and the service has not signed with that",
        look="The script: what it reads after the engine has set the variable",
    )
    look.note("it signed with a token that was drawn for this check")


def _mine(look: Look, path: str, token: str) -> bool:
    """Whether a file of that name lies in the learner's folder, and holds the token."""
    mine = look.mine(PurePosixPath(path).name)
    return mine.is_file() and token.encode() in mine.read_bytes()


SECRET = Task(
    id="04.1-token",
    title="The token that everybody can read",
    brief="The harbour's token is `{token}`, and whoever gets the image gets it, too. Change the files so that no "
    "place of `{name}:1` holds it: no file, no layer, no setting, no line of the history. The build has no need of "
    "it, only the running service has. So it is told when it starts, by `docker run --env STORM_TOKEN=…`, and must "
    "sign its pages with whatever it is told.",
    check=check_token,
    mistakes={
        "in-a-file": "Every container of the image sees a file with your token in it. Which instruction writes that "
        "file, and who reads it?",
        "copied-along": "A file in your own folder has the token, and COPY takes all of them along: the Dockerfile, too, "
        "with its remarks, and copies that you kept.",
        "deleted-later": "A later instruction removed the file, and a container does not see it. The layer below still "
        "holds it.",
        "as-env": "The token is a setting of the image now: every container gets it, and `docker inspect` shows it to "
        "everybody.",
        "in-the-history": "No file and no setting holds the token. The history does: it keeps what an ARG was given, "
        "beside each RUN that could use it.",
        "still-wanted": "The token is gone, and the service no longer starts: the script still asks for the file that it "
        "was in.",
    },
    hints=(
        "`docker history --no-trunc {name}:1` shows every instruction with its values. `docker run --rm {name}:1 cat "
        "/storm/settings` shows a file that the build wrote.",
        "An ARG is for what everybody may know. Here nothing has to take its place: the service reads STORM_TOKEN from "
        "its environment, whoever put it there.",
        "Four things have to go: the ARG with its value, the RUN that writes `settings`, the two lines of the script "
        "that read it, and any copy of the token in your folder.",
    ),
    solution=SOLVED,
    commands=("docker build --tag {name}:1 .",),
    reason="What only the running service needs, it gets when it is run; the image stays the same for everybody. A "
    "build that needs a secret itself has a way that leaves no trace, which chapter 05 shows.",
    wrong={
        "in-a-file": BUILD,
        "copied-along": 'use("solution")\n'
        '(lab.folder() / "Dockerfile.old").write_text("ARG TOKEN=" + x.given["token"] + "\\n")\n' + BUILD,
        "deleted-later": wrong("deleted-later", WITH_VALUE),
        "as-env": wrong("as-env", WITH_VALUE),
        "in-the-history": wrong("in-the-history", WITH_VALUE),
        "still-wanted": wrong("still-wanted"),
    },
    files=FILES,
)


# 5


def staying(look: Look, mine: Container) -> int:
    """How many zombies stay in it. A health check's process, too, is one for the moment after its end."""
    seen = Dockerfiles(look).zombies_in(mine)
    for _ in range(LOOKS):
        if seen:
            seen = min(seen, Dockerfiles(look).zombies_in(mine))
    return seen


def check_zombies(look: Look) -> None:
    """The learner's container has no zombies, although its image leaves them where nobody takes care."""
    name = built(look)
    if look.container(f"{name}-duty") is None:
        look.not_attempted()
    expected = f"a running container {name}-duty, started in the terminal from {name}:1, without a zombie in it"
    mine = running(look, expected)
    record = Records(look).settled(mine)
    seen = f"{mine.name} {record.state.said}, its command is {' '.join(record.command)}"
    look.expect("--init" not in record.command, expected, seen, mistake="after-the-name")
    log = look.wait_log(mine, OPEN) if record.runs else look.log(mine)
    look.expect(record.runs and OPEN in log, expected, seen, f"its log ends with: {last(log)}", look="Its log")
    image = look.image(name)
    look.expect(
        image is not None and tuple(record.command) == image.arguments,
        expected,
        seen,
        look="What stands after the image's name takes the place of its own command",
    )
    Records(look).settled(mine, seconds=RUNG)
    docker = Dockerfiles(look)
    left = staying(look, mine)
    look.expect(not left, expected, f"processes in {mine.name} that stay in state Z: {left}", mistake="no-init")
    without = docker.zombies(name, ready=OPEN, seconds=RUNG)
    look.expect(
        without,
        expected,
        f"{mine.name} has no zombies, and neither has a container of {name}:1 that is started plainly",
        mistake="nothing-to-reap",
    )
    look.expect(look.by_hand(mine), expected, f"a helper made {mine.name}", mistake="by-helper")
    look.note(f"started plainly, the same image leaves {without} zombies")


ZOMBIES = Task(
    id="04.2-zombies",
    title="What the bells leave behind",
    brief="A process that has ended stays on the list, in state Z, until its parent asks how it ended: a zombie. The "
    "service starts twelve bells whose parents are gone, so process 1 has to ask. Since task 2 that is the service, "
    'and it never does. `docker exec {name}-duty sh -c "grep -h State: /proc/[0-9]*/status"` shows the state of each '
    "process. Leave the image as it is now: in the terminal, start `{name}-duty` anew, in the background, so that no "
    "zombies stay. What a helper made does not count.",
    check=check_zombies,
    mistakes={
        "older-image": OLDER,
        "no-init": "The bells that have ended are still on the list: the service is process 1, and does not ask how "
        "processes that others started have ended. Something else has to be process 1, in front of it.",
        "after-the-name": "What comes after the image's name is no option any more. It is the command, in the place of "
        "the image's own.",
        "nothing-to-reap": "There are no zombies, but not because of how you started it: any container of this image "
        "has none. If a shell is process 1, it asks for everybody's; but it keeps SIGTERM to itself. Is task 2 solved?",
        "by-helper": "There are no zombies, but a helper made this container. At work you will type it.",
    },
    hints=(
        "Process 1 has two duties: to act on signals, and to ask for processes whose parent is gone. Chapter 04 puts a "
        "small program in front that does both.",
        "It is an option of `docker run`, so it comes before the image's name. The engine brings the program along.",
        "Remove the old container with `docker rm --force {name}-duty`. The option is `--init`.",
    ),
    solution=SOLVED + "\n" + RUN.replace("detach=True", "init=True, detach=True"),
    commands=("docker build --tag {name}:1 .", "docker run --detach --init --name {name}-duty {name}:1"),
    reason="`--init` puts a small init program in front, as process 1. It passes SIGTERM on to the service, and asks "
    "for every process whose parent is gone.",
    wrong={
        "older-image": f"{BUILD}\n{RUN}\n{SOLVED}",
        "no-init": f"{SOLVED}\n{RUN}",
        "after-the-name": f"""
{SOLVED}
import contextlib
with contextlib.suppress(Exception):
    engine.containers.run(made.reference, "--init", name=x.given["name"] + "-duty", detach=True)
""",
        "nothing-to-reap": f"{wrong('shell-form')}\n{RUN}",
        "by-helper": f'{SOLVED}\ncontainers.start(made, name=x.given["name"] + "-duty", init=True)',
    },
    files=FILES,
)


LAB = Lab(
    name="04-dockerfile-doctor",
    title="Dockerfile doctor",
    brief="The harbour's storm service works. Kim, who packed it, leaves today, and you take it over, with its five "
    "ailments. Your files are in the folder `{folder}`; the image is called `{name}:1`.",
    draw=draw,
    tasks=(HEALTH, STOPS, USER, SECRET, ZOMBIES),
)
