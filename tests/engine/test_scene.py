"""Ownership: what the course made goes, and nothing else does."""

from __future__ import annotations

import io

import pytest

from helpers import cleanup, containers, daemon, errors, scene
from helpers.engine import build, labels
from helpers.engine import scene as engine_scene
from helpers.engine.client import Client
from tests import foreign
from tests.guards import absent

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"


def test_a_scene_starts_clean_and_ends_clean(client: Client) -> None:
    with scene("test-scene") as first:
        web = containers.start(BUSYBOX, "sleep", "60", name="web")
        client.create_network(labels.object_name("test-scene", "n"), labels=labels.labels("test-scene"))
        client.create_volume(labels.object_name("test-scene", "v"), labels=labels.labels("test-scene"))
        assert [(o.kind, o.name) for o in daemon.inventory().mine] == [
            ("container", "web"),
            ("network", "n"),
            ("volume", "v"),
        ]
        again = scene("test-scene")
        assert {o.id for o in again.leftovers.gone} >= {web.id}
        containers.start(BUSYBOX, "true", name="web")
    assert daemon.inventory().mine == ()
    assert first.end().as_text() == "There was nothing of the course to remove."


def test_another_scene_and_another_learner_are_left_alone(client: Client) -> None:
    theirs = client.create_container(
        BUSYBOX, ["true"], labels={**labels.labels("test-scene"), labels.SESSION: "somebody"}
    )["Id"]
    try:
        with scene("test-other"):
            mine = containers.start(BUSYBOX, "sleep", "60", name="web")
            scene("test-scene").end()
            assert client.inspect_container(mine.id)["State"]["Running"]
        assert "web" not in cleanup().as_text()
        assert client.inspect_container(theirs)
    finally:
        client.remove_container(theirs)


def test_what_is_not_ours_is_not_removed(client: Client) -> None:
    foreign = client.create_container(BUSYBOX, ["true"], labels={"containers-unpacked": "0"})["Id"]
    try:
        with pytest.raises(errors.CourseError, match="not one of the course's"):
            containers.remove(foreign)
        cleanup()
        assert client.inspect_container(foreign)["Id"] == foreign
    finally:
        client.remove_container(foreign)


def test_an_image_that_somebody_else_named_too_keeps_that_name(client: Client) -> None:
    with scene("test-scene"):
        made = build.build(client, dockerfile=f"FROM {BUSYBOX}\nRUN echo x > /x\n", tag="cu-test:1", scene="test-scene")
        client.tag(made.image_id, "somebody", "1")
        try:
            ended = scene("test-scene").leftovers
            assert [reason for _, reason in ended.kept] == ["somebody else named it too: somebody:1"]
            assert client.inspect_image("somebody:1")["RepoTags"] == ["somebody:1"]
        finally:
            client.remove_image("somebody:1")
    assert daemon.inventory().mine == ()


def test_opening_a_scene_takes_nothing_from_a_build_of_another(client: Client) -> None:
    made = build.build(client, dockerfile=f"FROM {BUSYBOX}\nRUN echo y > /y\n", scene="test-other")
    with scene("test-scene"):
        assert made.image_id in {row["Id"] for row in client.images(all=True)}
    scene("test-other").end()
    assert made.image_id not in {row["Id"] for row in client.images(all=True)}


def test_an_object_removed_by_hand_meanwhile_is_no_error(client: Client) -> None:
    with scene("test-scene"):
        web = containers.start(BUSYBOX, "sleep", "60", name="web")
        client.remove_container(web.id, force=True)


def test_cleaning_up_for_everyone_takes_the_steps_of_somebody_elses_broken_build(client: Client) -> None:
    before = foreign.snapshot(client, closely=False)
    if foreign.labelled(before):
        absent("other learners' objects are on this engine, and they would be removed")
    theirs = {**labels.labels("test-scene"), labels.SESSION: "somebody"}
    said = " ".join(f'"{key}"="{value}"' for key, value in theirs.items())
    recipe = f"FROM {BUSYBOX}\nLABEL {said}\nRUN echo 1 > /1\nRUN echo 2 > /2\nRUN false\n"
    steps = list(client.build(fileobj=io.BytesIO(recipe.encode()), forcerm=True, decode=True))
    assert "error" in steps[-1]
    assert len(foreign.leftovers(before, foreign.snapshot(client, closely=False))) == 1  # what it lies on is not listed

    engine_scene.clear(client, everyone=True)

    assert foreign.leftovers(before, foreign.snapshot(client, closely=False)) == []
