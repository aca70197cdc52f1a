"""Waiting for a condition: what is seen until it comes, and what is said when it does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpers import containers, errors, scene
from helpers.engine.build import classic
from helpers.engine.client import Client
from helpers.engine.ownership import labels

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
LATE = "sleep 0.6; echo hello > /tmp/index.html; echo open on 8080; exec httpd -f -p 8080 -h /tmp"


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    with scene("test-wait"):
        yield


def test_a_server_that_opens_late_is_waited_for() -> None:
    web = containers.start(BUSYBOX, "sh", "-c", LATE, name="hs-web", publish=8080)

    found = containers.wait(web, answers="/")

    assert [sight.said for sight in found.sights] == ["no answer yet", "HTTP status 200"]
    assert found.seconds > 0.3
    assert found.looks > 2
    assert repr(found) == "hs-web: waited for an answer from /. It came: HTTP status 200."
    assert containers.wait("hs-web", answers="/no-such-page").sights[-1].said == "HTTP status 404"


def test_a_line_of_the_log_is_waited_for_even_after_the_end() -> None:
    containers.start(BUSYBOX, "sh", "-c", "sleep 0.3; echo all done; exit 3", name="hs-job")

    assert containers.wait("hs-job", log="done").sights[-1].said == "all done"
    assert containers.wait("hs-job", ended=True).sights[-1].said == "ended with exit code 3"
    assert containers.wait("hs-job", log="done").looks == 1


def test_health_is_waited_for(client: Client) -> None:
    name = labels.object_name("healthy")
    check = "HEALTHCHECK --interval=1s --timeout=2s CMD test -e /tmp/ready"
    dockerfile = f'FROM {BUSYBOX}\n{check}\nCMD ["sh", "-c", "sleep 0.5; touch /tmp/ready; exec sleep 60"]\n'
    classic.build(client, dockerfile=dockerfile, tag=f"{name}:1", scene="test-wait")
    containers.start(f"{name}:1", name="hs-slow")

    found = containers.wait("hs-slow", healthy=True)

    assert [sight.said for sight in found.sights] == ["starting", "healthy"]


def test_without_a_health_check_there_is_nothing_to_wait_for() -> None:
    containers.start(BUSYBOX, "sleep", "60", name="hs-web")
    with pytest.raises(errors.CourseError, match="health check"):
        containers.wait("hs-web", healthy=True)


def test_what_does_not_come_is_said_with_the_last_state_and_the_log() -> None:
    containers.start(BUSYBOX, "sh", "-c", "echo I do other things; sleep 60", name="hs-web", publish=8080)

    with pytest.raises(errors.WaitedTooLong, match=r"Waited 0\.8 s") as caught:
        containers.wait("hs-web", answers="/", seconds=0.8)
    assert caught.value.status == "no answer yet"
    assert caught.value.log == ("I do other things",)
    with pytest.raises(errors.WaitedTooLong, match="no such line"):
        containers.wait("hs-web", log="never", seconds=0.2)


def test_one_that_has_ended_is_not_waited_for() -> None:
    containers.start(BUSYBOX, "sh", "-c", "sleep 0.5; echo oh no; exit 7", name="hs-web", publish=8080)

    with pytest.raises(errors.WaitedTooLong, match="exit code 7") as caught:
        containers.wait("hs-web", answers="/", seconds=30)
    assert caught.value.seconds < 20
    assert caught.value.log == ("oh no",)


def test_one_condition_has_to_be_named() -> None:
    containers.start(BUSYBOX, "sleep", "60", name="hs-web")
    for wrong in ({}, {"answers": "/", "ended": True}):
        with pytest.raises(errors.WrongUse, match="one thing"):
            containers.wait("hs-web", **wrong)  # type: ignore[arg-type]
    with pytest.raises(errors.CourseError, match="publishes no port"):
        containers.wait("hs-web", answers="/")
