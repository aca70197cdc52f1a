"""A chapter's names: taken by others, held by the learner's own other sitting, and numbered where others work."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import containers, errors, images, networks, scene, store
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.engine.scene import appeared, sittings, taken
from tests.harness import foreign
from tests.harness.by_hand import by_hand

BUSYBOX = "localhost/course/busybox:1"
NETWORKS = "networks"  # the scene of chapter 08, which gives the names hs-web and hs-front
SITTING = f"""
import sys, time
from helpers import containers, scene
opened = scene(sys.argv[1])
containers.start({BUSYBOX!r}, "sleep", "600", name=sys.argv[2])
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hand(client: Client) -> Iterator[Any]:
    """Somebody's own hands; what they made is gone at the end."""
    plain, before = by_hand(client), foreign.snapshot(client, closely=False)
    yield plain
    now = foreign.snapshot(client, closely=False)
    for object_id in now.of("container") - before.of("container"):
        plain.remove_container(object_id, force=True)
    for object_id in now.of("network") - before.of("network"):
        plain.remove_network(object_id)


class Sitting:
    """Another notebook's kernel: it opens a scene, starts a container in it, and stays until it is ended."""

    def __init__(self, name: str, container: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SITTING, name, container],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "open\n", self.process.communicate()[1]

    def kill(self) -> None:
        """As a kernel ends that is killed."""
        self.process.kill()
        self.process.communicate()


def test_the_names_of_a_chapter_are_read_from_its_text() -> None:
    found = taken.given(NETWORKS)
    assert {
        ("container", "hs-web"),
        ("container", "hs-store"),
        ("network", "hs-front"),
        ("image", "hs-declared"),
    } <= found
    assert ("network", "hs-web") not in found
    assert ("image", "hs-shop") in taken.given("packaging")
    assert not any(name == "hs-mine" for _, name in taken.given("packaging"))  # that, the learner types
    assert taken.given("no-such-chapter") == frozenset()


def test_a_scene_does_not_begin_where_a_name_of_its_chapter_is_taken(client: Client, hand: Any, home: Path) -> None:
    strange = hand.create_container(
        BUSYBOX, ["sleep", "600"], name="hs-web", labels={"com.docker.compose.project": "their-shop"}
    )["Id"]
    network = hand.create_network("hs-front")["Id"]
    hand.tag(BUSYBOX, "hs-shy", "1")
    try:
        with pytest.raises(errors.NotOurs) as raised:
            scene(NETWORKS)
    finally:
        hand.remove_image("hs-shy:1")
    said = str(raised.value)
    assert "container hs-web, created: of the compose project their-shop" in said
    assert "network hs-front: it is not the course's" in said
    assert "docker rm --force hs-web" in said
    assert "docker rename hs-web my-hs-web" in said
    assert "docker network rm hs-front" in said
    assert hand.inspect_container(strange)["Name"] == "/hs-web"
    assert "hs-shy" not in said  # an image may be called as a container is to be
    with pytest.raises(errors.CourseError, match=f"The scene {NETWORKS} has not begun"):
        containers.start(BUSYBOX, "true", name="web")

    hand.rename(strange, "another-name")  # as was said
    hand.remove_network(network)
    with scene(NETWORKS):
        containers.start(BUSYBOX, "sleep", "600", name="web")
    assert hand.inspect_container(strange)["Name"] == "/another-name"


def test_what_was_made_by_hand_in_the_chapter_is_the_learner_s_and_no_obstacle(
    client: Client, hand: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appeared, "_shared", lambda client: False)  # the run's foreign objects have another learner
    scene(NETWORKS)
    made = hand.create_container(BUSYBOX, ["sleep", "600"], name="hs-web")["Id"]
    again = scene(NETWORKS)  # the first cell once more
    with pytest.raises(errors.NameTaken, match="hs-web"):
        containers.start(BUSYBOX, "true", name="web")
    assert "container hs-web" in repr(again.end())  # offered, since it is made of a course image
    assert hand.inspect_container(made)["Name"] == "/hs-web"


def test_a_scene_that_is_open_in_another_notebook_is_named_and_ended_only_after_a_yes(
    client: Client, hand: Any, home: Path
) -> None:
    other = Sitting(NETWORKS, "web")
    try:
        with pytest.raises(errors.CourseError, match="open in another notebook"):
            scene(NETWORKS)
        assert client.inspect_container("hs-web")["State"]["Running"]
        with scene("test-other") as mine:
            assert repr(mine).endswith(f"Still open in another notebook, until chapter.end() there: {NETWORKS}.")
            with pytest.raises(errors.NameTaken, match=f"of the scene {NETWORKS}, which has not ended"):
                containers.start(BUSYBOX, "true", name="web")
            networks.create("front")
        with scene(NETWORKS, instead=True), pytest.raises(errors.NotFound):
            client.inspect_container("hs-web")
    finally:
        other.kill()


def test_a_scene_whose_kernel_has_ended_is_ended_by_the_next_one(client: Client, home: Path) -> None:
    other = Sitting("test-other", "web")
    assert sittings.elsewhere() == ("test-other",)
    other.kill()
    assert sittings.ended() == ("test-other",)
    with scene("test-next"):
        containers.start(BUSYBOX, "sleep", "600", name="web")  # the name is free
        assert sittings.elsewhere() == ()
    assert sittings.ended() == ("test-other",)  # what was made by hand in it can still be asked for


def test_names_have_the_learner_s_number_where_others_work(
    client: Client, hand: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have a hs-web, on one network each, and each finds their own by the name in the text."""
    theirs = {**labels.labels("x"), labels.SESSION: "0123abcd"}
    neighbour = hand.create_container(BUSYBOX, ["sleep", "600"], name="hs-web", labels=theirs, stop_signal="SIGKILL")
    hand.start(neighbour["Id"])
    monkeypatch.delenv(labels.SHARED)
    number = store.learner()
    with scene("test-shared"):
        networks.create("hs-front")
        web = containers.start(BUSYBOX, "sleep", "600", name="hs-web", network="hs-front")
        shop = images.build(Path("notebooks/cake"), name="hs-cake")
        assert (web.full_name, web.name) == (f"hs-web-{number}", "hs-web")
        assert shop.reference == f"hs-cake-{number}:1"
        assert web.figure().how.docker[0].startswith(f"docker run --detach --name hs-web-{number} ")
        assert f"--network hs-front-{number}" in web.figure().how.docker[0]
        containers.start(BUSYBOX, "sleep", "600", name="hs-api", network="hs-front")
        assert containers.exec("hs-api", "nslookup", "-type=a", "hs-web").exit_code == 0
        assert networks.map("hs-front").member("hs-web").full_name == f"hs-web-{number}"
    assert hand.inspect_container(neighbour["Id"])["State"]["Running"]
    hand.remove_container(neighbour["Id"], force=True)
    with scene("test-shared"):
        assert containers.start(BUSYBOX, "sleep", "600", name="hs-web").full_name == "hs-web"
