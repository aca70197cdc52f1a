"""What a learner makes in a terminal during a chapter: offered at its end, never taken unasked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from helpers import containers, daemon, errors, networks, scene, store
from helpers.engine.client import Client
from helpers.engine.ownership import labels
from helpers.engine.scene import appeared
from helpers.scenes import Offered
from helpers.scenes.widgets.leftovers import Leftovers
from tests.harness.by_hand import by_hand

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
SCENE = "test-scene"


@pytest.fixture
def hand(client: Client) -> Iterator[Any]:
    """The learner's own terminal; what is called `by-hand…` is gone at the end."""
    plain = by_hand(client)
    yield plain
    for row in plain.containers(all=True):
        if any(name.startswith("/by-hand") for name in row["Names"]):
            plain.remove_container(row["Id"], force=True, v=True)
    for row in plain.volumes()["Volumes"] or []:
        if row["Name"].startswith("by-hand"):
            plain.remove_volume(row["Name"])
    for row in plain.networks():
        if row["Name"].startswith("by-hand"):
            plain.remove_network(row["Id"])
    for row in plain.images():
        for tag in row["RepoTags"] or []:
            if tag.startswith("by-hand"):
                plain.remove_image(tag)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without other learners: the run's foreign objects have one, and with them nothing is offered."""
    monkeypatch.setattr(appeared, "_shared", lambda client: False)


def made_by_hand(hand: Any, name: str, image: str = BUSYBOX, **options: Any) -> str:
    """As `docker run -d --name NAME IMAGE sleep 60`; the id."""
    host = hand.create_host_config(**options)
    made = hand.create_container(image, ["sleep", "60"], name=name, host_config=host, stop_signal="SIGKILL")["Id"]
    hand.start(made)
    return str(made)


@pytest.mark.usefixtures("alone")
def test_what_was_made_in_a_terminal_is_listed_and_stays_until_a_yes(client: Client, hand: Any) -> None:
    made_by_hand(hand, "by-hand-before")
    chapter = scene(SCENE)
    front = networks.create("front")
    hand.import_image_from_data(empty_tar(), repository="by-hand-foreign", tag="1")
    web = made_by_hand(hand, "by-hand-web", network_mode=front.full_name, binds=["by-hand-data:/data"])
    list(hand.build(fileobj=io.BytesIO(f"FROM {BUSYBOX}\nRUN echo x > /x\n".encode()), tag="by-hand:1", rm=True))
    hand.create_network("by-hand-own")
    hand.create_network("by-hand-strange")  # none of these is on it
    built = made_by_hand(hand, "by-hand-built", image="by-hand:1", network_mode="by-hand-own")
    network = hand.create_network("by-hand-net")["Id"]
    appeared.expect(SCENE, ["by-hand-net"])

    ended = chapter.end()

    assert isinstance(ended, Offered)
    assert {(claim.kind, claim.name) for claim in ended.appeared} == {
        ("container", "by-hand-web"),
        ("container", "by-hand-built"),
        ("volume", "by-hand-data"),
        ("network", "by-hand-net"),
        ("network", "by-hand-own"),
        ("image", "by-hand:1"),
    }
    assert "container by-hand-web, running (made from a course image)" in repr(ended)
    assert hand.inspect_container(web)["State"]["Running"]
    assert hand.inspect_container(built)["State"]["Running"]
    assert any("front" in owned.name for owned, _ in ended.kept)  # it is in use: said, and taken with its container

    with pytest.raises(errors.WrongUse, match="not on the list"):
        chapter.end(remove="by-hand-before")
    chapter.end(remove=["by-hand-web", "by-hand-built", "by-hand:1"])

    again = chapter.end()  # the list is what is still there, as it is now
    assert isinstance(again, Offered)
    assert {claim.name for claim in again.appeared} == {"by-hand-data", "by-hand-net", "by-hand-own"}
    hand.remove_network("by-hand-own")
    with pytest.raises(errors.WrongUse, match="not on the list"):
        chapter.end(remove="by-hand-own")

    names = {name for row in hand.containers(all=True) for name in row["Names"]}
    assert "/by-hand-before" in names
    assert not {"/by-hand-web", "/by-hand-built"} & names
    assert hand.inspect_volume("by-hand-data")
    assert hand.inspect_network(network)
    assert daemon.inventory().mine == ()


@pytest.mark.usefixtures("alone")
def test_base_images_are_not_offered_and_a_network_that_a_container_of_the_chapter_is_on_is(
    client: Client, hand: Any
) -> None:
    base = {str(row["Id"]) for row in client.images() if any("localhost/course/" in n for n in row["RepoTags"] or ())}
    chapter = scene(SCENE)
    noted = store.read(appeared._file(SCENE), None)
    # as if they had been prepared while the chapter was open
    noted["there"]["image"] = [one for one in noted["there"]["image"] if one not in base]
    store.write(appeared._file(SCENE), noted)
    web = containers.start(BUSYBOX, "sleep", "60", name="web")
    hand.create_network("by-hand-side")
    hand.connect_container_to_network(web.id, "by-hand-side")
    ended = chapter.end()
    assert isinstance(ended, Offered)
    assert [(claim.kind, claim.name) for claim in ended.appeared] == [("network", "by-hand-side")]
    assert "with a container of this chapter on it" in repr(ended)


def empty_tar() -> bytes:
    """An image with nothing in it."""
    return bytes(10240)


@pytest.mark.usefixtures("alone")
def test_the_boxes_tick_all_but_volumes_and_take_only_what_is_listed(client: Client, hand: Any) -> None:
    chapter = scene(SCENE)
    web = made_by_hand(hand, "by-hand-web", binds=["by-hand-data:/data"])
    other = made_by_hand(hand, "by-hand-other", image=BUSYBOX)
    ended = chapter.end()
    assert isinstance(ended, Offered)
    widget = Leftovers(ended.appeared, ended.take)
    assert {row["id"]: row["ticked"] for row in widget.rows} == {web: True, other: True, "by-hand-data": False}

    widget._message(None, {"remove": [web, "not-on-the-list"]}, None)

    assert {row["id"] for row in widget.rows if row["gone"]} == {web}
    assert "by-hand-web" in widget.said
    assert hand.inspect_container(other)["State"]["Running"]
    assert hand.inspect_volume("by-hand-data")


def test_nothing_is_offered_where_another_learner_is_at_work(client: Client, hand: Any) -> None:
    chapter = scene(SCENE)
    theirs = {**labels.labels(SCENE), labels.SESSION: "somebody"}
    hand.create_container(BUSYBOX, ["true"], name="by-hand-of-somebody", labels=theirs)
    made_by_hand(hand, "by-hand-web")
    assert not isinstance(chapter.end(), Offered)


@pytest.mark.usefixtures("alone")
def test_a_scene_that_was_begun_again_remembers_its_first_beginning(client: Client, hand: Any) -> None:
    scene(SCENE)
    made_by_hand(hand, "by-hand-web")
    ended = scene(SCENE).end()  # a restarted kernel runs the first cell again
    assert isinstance(ended, Offered)
    assert [claim.name for claim in ended.appeared] == ["by-hand-web"]
    assert not isinstance(scene(SCENE).end(), Offered)  # it ended: the next one begins with what is there
