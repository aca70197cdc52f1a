"""Steps and starts on the real engine: both builders, a terminal and the helper, every cell of the table."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import dockerfile, errors, images, scene
from helpers.dockerfile.engine import processes, starts
from helpers.dockerfile.model.starts import Outcome
from helpers.dockerfile.model.steps import Kind
from helpers.engine import containers
from helpers.engine.build import buildx, choose
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from tests.harness import foreign
from tests.harness.by_hand import by_hand
from tests.harness.guards import absent

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
HERE = "test-dockerfile"
WORDS = """\
ARG TAG=1
FROM localhost/course/busybox:${TAG} AS tools
RUN echo tool > /tool
FROM localhost/course/busybox:1 AS base
WORKDIR /shop
FROM base
ARG VERSION=7
COPY --from=tools /tool /tool
COPY a.txt b.txt ./
RUN echo $VERSION > /version && \\
    # a comment in between
    head -c 5000 /dev/zero > /zeros
RUN ["true"]
ENV SHOP_DATA=/shop/data GREETING="good day" V=$VERSION
USER 1000
EXPOSE 8080 53/udp
LABEL by="the course"
VOLUME /data
HEALTHCHECK --interval=5s CMD [ -f /version ]
STOPSIGNAL SIGINT
ONBUILD RUN true
ADD a.txt /added/
SHELL ["/bin/sh", "-ec"]
RUN true
ENTRYPOINT ["sleep"]
CMD ["30"]
"""


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    before = foreign.snapshot(client)
    with scene(HERE):
        yield
    assert foreign.leftovers(before, foreign.snapshot(client)) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "shop"
    found.mkdir()
    (found / "Dockerfile").write_text(WORDS, encoding="utf-8")
    (found / "a.txt").write_text("a" * 100, encoding="utf-8")
    (found / "b.txt").write_text("b" * 20, encoding="utf-8")
    return found


def builder_or_skip(client: Client, builder: str) -> None:
    if builder == "buildkit" and not buildx.usable(client):
        absent("BuildKit needs the docker command's buildx, which is not here")


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
def test_each_instruction_has_its_effect(client: Client, folder: Path, builder: str) -> None:
    builder_or_skip(client, builder)
    made = images.build(folder, name="steps", builder=builder)

    found = dockerfile.steps(folder, made)

    by_text = {step.text: step for step in found.steps}
    assert [step.line for step in found.those(Kind.OTHER_STAGE)] == [2, 3]
    assert by_text["RUN echo tool > /tool"].effect.startswith("in the stage tools: line 8 takes files of it")
    assert by_text["RUN echo $VERSION > /version && head -c 5000 /dev/zero > /zeros"].bytes in range(5000, 30000)
    assert by_text["COPY a.txt b.txt ./"].bytes in range(120, 30000)
    assert (by_text["FROM localhost/course/busybox:1 AS base"].bytes or 0) > 100_000
    effects = {step.word: step.effect for step in found.steps}
    assert effects["ENV"] == ("SHOP_DATA=/shop/data, GREETING=good day and V=7 are in every container's environment")
    assert effects["WORKDIR"] == "the next lines, and a container, start in /shop"
    assert effects["USER"] == "the next RUN, and a container, run as user 1000"
    assert effects["EXPOSE"] == "a note: ports 53/udp and 8080 (opens nothing)"
    assert effects["HEALTHCHECK"] == "every 5 s the engine runs: [ -f /version ]; it restarts nothing"
    assert effects["STOPSIGNAL"] == "docker stop sends SIGINT first"
    assert effects["ENTRYPOINT"] == "every container runs: sleep"
    assert effects["CMD"] == "arguments for the entry point: 30"
    assert effects["ARG"] == "known during this build only; its value stays in the history"
    assert found.starts is not None
    assert found.starts.environment == ("SHOP_DATA=/shop/data", "GREETING=good day", "V=7")
    assert (found.starts.process, found.starts.folder, found.starts.user) == ("sleep 30", "/shop", "1000")
    assert found.starts.ports == ("53/udp", "8080/tcp")


@pytest.mark.parametrize("buildkit", [False, True], ids=["classic", "buildkit"])
def test_a_build_in_a_terminal_gives_the_same_picture(client: Client, folder: Path, buildkit: bool) -> None:
    builder = "buildkit" if buildkit else "classic"
    builder_or_skip(client, builder)
    made = images.build(folder, name="steps", builder=builder)
    mine = "cu-test-dockerfile/terminal:1"
    hand = by_hand(client)
    before = {row["Id"] for row in hand.images(all=True)}
    variables = {**buildx.environment(client), "DOCKER_BUILDKIT": "1" if buildkit else "0"}
    subprocess.run(["docker", "build", "--tag", mine, str(folder)], env=variables, check=True, capture_output=True)
    try:
        one, other = dockerfile.steps(folder, made), dockerfile.steps(folder, mine)
        assert one == other
        assert repr(one) == repr(other)
    finally:
        hand.remove_image(mine)
        for row in hand.images(filters={"dangling": True}):  # the classic builder's other stage
            if row["Id"] not in before:
                hand.remove_image(row["Id"])
        assert {row["Id"] for row in hand.images(all=True)} <= before


def test_another_image_and_an_edited_file_are_known(folder: Path) -> None:
    made = images.build(folder, name="steps")
    edited = WORDS.replace("USER 1000", "USER 1001")
    with pytest.raises(errors.CourseError, match="not built from this Dockerfile") as caught:
        dockerfile.steps(edited, made)
    assert "line 15 says USER 1001; the image says USER 1000" in caught.value.why
    with pytest.raises(errors.CourseError, match="not built from this Dockerfile"):
        dockerfile.steps(folder, BUSYBOX)
    with pytest.raises(errors.NoSuchImage):
        dockerfile.steps(folder, "no-such-image:1")
    with pytest.raises(errors.WrongUse):
        dockerfile.steps(folder, 7)  # type: ignore[arg-type]


def test_the_how_of_steps_works_as_printed(folder: Path) -> None:
    how = dockerfile.steps(folder, images.build(folder, name="steps")).figure().how
    history, config = (terminal(line) for line in how.docker)
    assert "SHOP_DATA" in history
    assert '"WorkingDir":"/shop"' in config
    subprocess.run([sys.executable, "-c", "\n".join(how.python)], timeout=60, check=True, capture_output=True)


def terminal(line: str) -> str:
    return subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60, check=True).stdout  # noqa: S602


# what starts

HEARD, DEAF, REFUSED, OVER = Outcome.HEARD, Outcome.DEAF, Outcome.REFUSED, Outcome.OVER
GREET = "python3 /usr/local/bin/greet"
SHELL = "/bin/sh -c greet"
# image, with arguments: how it went, process 1, what it wrote
FACTS = {
    ("hs-starts-1", False): (HEARD, f"{GREET} Ada", "Hello, Ada."),
    ("hs-starts-1", True): (REFUSED, "", ""),
    ("hs-starts-2", False): (DEAF, f"{SHELL} Ada", "Hello, Ada."),
    ("hs-starts-2", True): (REFUSED, "", ""),
    ("hs-starts-3", False): (HEARD, GREET, "Hello, nobody."),
    ("hs-starts-3", True): (HEARD, f"{GREET} Ben", "Hello, Ben."),
    ("hs-starts-4", False): (HEARD, f"{GREET} Ada", "Hello, Ada."),
    ("hs-starts-4", True): (HEARD, f"{GREET} Ben", "Hello, Ben."),
    ("hs-starts-5", False): (HEARD, f"{GREET} /bin/sh -c Ada", "Hello, /bin/sh -c Ada."),
    ("hs-starts-5", True): (HEARD, f"{GREET} Ben", "Hello, Ben."),
    ("hs-starts-6", False): (DEAF, SHELL, "Hello, nobody."),
    ("hs-starts-6", True): (DEAF, f"{SHELL} Ben", "Hello, nobody."),
    ("hs-starts-7", False): (DEAF, f"{SHELL} Ada", "Hello, nobody."),
    ("hs-starts-7", True): (DEAF, f"{SHELL} Ben", "Hello, nobody."),
    ("hs-starts-8", False): (DEAF, f"{SHELL} /bin/sh -c Ada", "Hello, nobody."),
    ("hs-starts-8", True): (DEAF, f"{SHELL} Ben", "Hello, nobody."),
}


def test_every_cell_of_the_table(client: Client) -> None:
    before = {row["Id"] for row in client.containers(all=True)}
    begun = time.perf_counter()

    found = dockerfile.starts()

    took = time.perf_counter() - begun
    print(f"the table took {took:.1f} s")
    seen = {
        (row.name, bool(number)): (cell.outcome, cell.tree[0].command if cell.tree else "", cell.said)
        for row in found.rows
        for number, cell in enumerate(row.cells)
    }
    assert seen == FACTS
    for row in found.rows:
        for cell in row.cells:
            if cell.outcome is HEARD:
                assert cell.signalled is not None
                assert (cell.signalled.exit_code, len(cell.tree)) == (0, 1)
                assert "greet: SIGTERM" in cell.signalled.output
            elif cell.outcome is DEAF:
                assert cell.signalled is not None
                assert (cell.signalled.killed, len(cell.tree)) == (137, 2)
                assert cell.tree[1].command == cell.tree[1].command.strip()
                assert cell.tree[1].command.startswith(GREET)
                assert "greet: SIGTERM" not in cell.signalled.output
            else:
                assert "Ben" in cell.refused
    assert repr(found) == (
        "8 images, 16 starts: SIGTERM ended 7, 7 took no notice and had to be killed and 2 did not start. "
        "In each of those that had to be killed, process 1 was a shell."
    )
    assert {row["Id"] for row in client.containers(all=True)} == before
    how = found.figure().how
    assert "exited 0" in terminal("\n".join(how.docker))
    subprocess.run([sys.executable, "-c", "\n".join(how.python)], timeout=60, check=True, capture_output=True)


def test_with_init_the_signal_arrives_or_ends_the_shell(client: Client) -> None:
    ran = images_of(client, 'ENTRYPOINT ["greet"]', "ENTRYPOINT greet")
    found = dockerfile.starts(*ran, init=True, arguments="Ben", seconds=3)
    first, second = (row.cells[1] for row in found.rows)
    assert first.signalled is not None
    assert "greet: SIGTERM" in first.signalled.output
    assert first.outcome is HEARD
    assert len(first.tree) == 2
    assert second.signalled is not None
    assert second.signalled.exit_code == 128 + 15  # the shell is an ordinary process now, and ends
    assert "greet: SIGTERM" not in second.signalled.output
    assert len(second.tree) == 3


def images_of(client: Client, *lines: str) -> list[str]:
    made = []
    for number, line in enumerate(lines, start=1):
        tag = f"{labels.object_name(f'own-{number}')}:1"
        text = f"FROM localhost/course/python:3.13\nCOPY greet {starts.PROGRAM}\n{line}\n"
        choose.build(client, dockerfile=text, context={"greet": starts.GREET}, tag=tag, scene=HERE)
        made.append(tag)
    return made


def test_what_ends_by_itself_is_a_cell_too(client: Client) -> None:
    ran = images_of(client, "CMD Ada", 'CMD ["false"]')
    found = dockerfile.starts(*ran, arguments=("echo", "done"))
    (missing, done), (quiet, _) = (row.cells for row in found.rows)
    assert (missing.outcome, missing.exited) == (OVER, 127)
    assert "Ada" in missing.said
    assert (done.exited, done.said) == (0, "done")
    assert (quiet.outcome, quiet.exited, quiet.said) == (OVER, 1, "")


@pytest.mark.parametrize(
    "wrong",
    [{"arguments": ("",)}, {"arguments": (1,)}, {"seconds": 0}, {"seconds": 11}, {"seconds": True}, {"seconds": "2"}],
)
def test_other_words_are_refused_before_anything_is_made(wrong: dict[str, object]) -> None:
    with pytest.raises(errors.WrongUse):
        dockerfile.starts(BUSYBOX, **wrong)  # type: ignore[arg-type]
    with pytest.raises(errors.WrongUse):
        dockerfile.starts(*[BUSYBOX] * 13)
    with pytest.raises(errors.NoSuchImage):
        dockerfile.starts("no-such-image:1")


def test_an_interrupt_leaves_nothing(client: Client) -> None:
    ran = images_of(client, "ENTRYPOINT greet")
    before = {row["Id"] for row in client.containers(all=True)}
    timer = threading.Timer(1.5, lambda: os.kill(os.getpid(), 2))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            dockerfile.starts(*ran * 6, seconds=8)
    finally:
        timer.cancel()
    assert {row["Id"] for row in client.containers(all=True)} == before


def test_from_inside_the_same_processes_are_seen(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = containers.create(client, BUSYBOX, ["sh", "-c", "sleep 60 & sleep 61; true"], scene=HERE)
    try:
        containers.start(client, made)
        until = time.monotonic() + 10
        while (
            len(outside := processes.running(client, containers.inspect(client, made), scene=HERE)) < 3
            and time.monotonic() < until
        ):
            time.sleep(0.1)
        inner = processes.inside(client, made, scene=HERE)
        assert [(one.command, one.depth) for one in inner] == [(one.command, one.depth) for one in outside]
        assert len(inner) == 3

        def no_ps(*_: object) -> None:
            raise errors.EngineRefused("The engine refused.", message="no ps here")

        monkeypatch.setattr(Client, "top", no_ps)  # an engine whose machine has no `ps`
        assert processes.running(client, containers.inspect(client, made), scene=HERE) == inner
    finally:
        containers.remove(client, made)
