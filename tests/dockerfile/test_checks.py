"""What checks are told: how an image begins and stops, its zombies, its health; nothing is left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpers import errors, scene
from helpers.dockerfile.checks import Dockerfiles
from helpers.engine import containers
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.lab.attempts import Attempt
from helpers.lab.look import Look
from tests.harness import foreign

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
HERE = "test-dockerfile-checks"
TRAP = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done"
ORPHANS = "i=0; while [ $i -lt 3 ]; do (sleep 0.2 & :) ; i=$((i+1)); done; echo up; exec sleep 60"


@pytest.fixture
def look(client: Client) -> Iterator[Look]:
    before = foreign.snapshot(client)
    with scene(HERE):
        yield Look(client, "04.1-nothing", Attempt(), scene=HERE)
    assert foreign.leftovers(before, foreign.snapshot(client)) == []


def build(look: Look, *lines: str) -> str:
    return look.build("own", "\n".join((f"FROM {BUSYBOX}", *lines, "")))


def shell(script: str) -> str:
    words = ", ".join(f'"{word}"' for word in ("sh", "-c", script.replace('"', '\\"')))
    return f"CMD [{words}]"


def test_an_image_says_how_it_begins(look: Look) -> None:
    build(look, "WORKDIR /w", "USER 7", "STOPSIGNAL SIGINT", "HEALTHCHECK CMD true", "ENTRYPOINT cat", 'CMD ["x"]')
    found = Dockerfiles(look).begins("hs-own")
    assert found.entrypoint == ("/bin/sh", "-c", "cat")
    assert (found.command, found.entrypoint_form, found.command_form) == (("x",), "shell", "exec")
    assert (found.user, found.folder, found.stop_signal, found.health) == ("7", "/w", "SIGINT", ("CMD-SHELL", "true"))
    with pytest.raises(errors.NoSuchImage):
        Dockerfiles(look).begins("hs-none")


def test_one_that_hears_ends_and_one_that_does_not_goes_on(look: Look) -> None:
    ask = Dockerfiles(look)
    build(look, shell(TRAP))
    heard = ask.stops("hs-own", ready="up")
    assert heard.exit_code == 0
    assert heard.seconds is not None
    assert heard.seconds < 2
    assert heard.first.startswith("sh -c trap")
    assert heard.output.splitlines()[-1] == "bye"
    deaf = ask.stops("hs-own", command=("sleep", "60"), seconds=1)
    assert (deaf.seconds, deaf.exit_code, deaf.killed, deaf.first) == (None, None, 137, "sleep 60")
    helped = ask.stops("hs-own", command=("sleep", "60"), seconds=2, init=True)
    assert helped.exit_code == 143
    assert helped.seconds is not None


def test_the_image_s_own_signal_is_sent(look: Look) -> None:
    build(look, "STOPSIGNAL SIGUSR1", shell("trap 'exit 9' USR1; echo up; while :; do sleep 0.1; done"))
    found = Dockerfiles(look).stops("hs-own")
    assert (found.exit_code, found.signal) == (9, "SIGUSR1")
    assert found.seconds is not None


def test_one_that_ended_before_and_one_that_never_ran_were_not_ended_by_the_signal(look: Look) -> None:
    ask = Dockerfiles(look)
    build(look, shell("echo no; exit 3"))
    over = ask.stops("hs-own", ready="up")
    assert (over.seconds, over.exit_code, over.output.strip()) == (None, 3, "no")
    never = ask.stops("hs-own", command=("no-such-program",))
    assert (never.seconds, never.exit_code, never.first) == (None, 127, "")
    assert "no-such-program" in never.output


def test_zombies_are_counted_and_an_init_collects_them(look: Look, client: Client) -> None:
    ask = Dockerfiles(look)
    build(look, shell(ORPHANS))
    assert ask.zombies("hs-own", ready="up", seconds=1) == 3
    assert ask.zombies("hs-own", ready="up", seconds=1, init=True) == 0
    made = containers.create(client, f"{labels.object_name('own')}:1", scene=HERE)
    try:
        with pytest.raises(errors.NotRunning):
            ask.zombies_in(containers.inspect(client, made))
        containers.start(client, made)
        look.wait_log(containers.inspect(client, made), "up")
        assert ask.zombies_in(containers.inspect(client, made)) in range(4)
    finally:
        containers.remove(client, made)


@pytest.mark.parametrize(
    ("lines", "states"),
    [
        ([], ()),
        (["HEALTHCHECK NONE"], ()),
        (["HEALTHCHECK --interval=10m CMD true"], ("starting", "healthy")),
        (["HEALTHCHECK --retries=2 CMD false"], ("starting", "unhealthy")),
        (["HEALTHCHECK --start-period=1m CMD false"], ("starting",)),
    ],
)
def test_the_states_of_health_are_seen_in_order(look: Look, lines: list[str], states: tuple[str, ...]) -> None:
    build(look, *lines, shell("exec sleep 60"))
    assert Dockerfiles(look).health("hs-own", seconds=6) == states
