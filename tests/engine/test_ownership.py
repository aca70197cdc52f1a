"""Ownership: what the course made goes, and nothing else does. Each promise of it, on the real engine."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest

from helpers import cleanup, cli, containers, daemon, errors, images, networks, scene
from helpers.engine import scene as engine_scene
from helpers.engine.build import classic
from helpers.engine.build.model.dockerfile import instructions
from helpers.engine.client import Client, open_client
from helpers.engine.model.inventory import Claims
from helpers.engine.ownership import journal, labels
from helpers.engine.scene import claims
from tests.harness import foreign
from tests.harness.by_hand import by_hand

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
SCENE = "test-scene"


@pytest.fixture
def hand(client: Client) -> Iterator[Any]:
    """Somebody's own hands; the containers that they make here are gone at the end, by id."""
    plain, made = by_hand(client), list[str]()
    create = plain.create_container

    def remembered(*args: Any, **kwargs: Any) -> Any:
        answer = create(*args, **kwargs)
        made.append(answer["Id"])
        return answer

    plain.create_container = remembered
    yield plain
    plain.create_container = create
    there = {row["Id"] for row in plain.containers(all=True)}
    for container_id in there & set(made):
        plain.remove_container(container_id, force=True, v=True)


def own_image(client: Client, word: str = "own") -> str:
    """An image of the scene's; its reference."""
    tag = f"{labels.object_name(word)}:1"
    classic.build(client, dockerfile=f"FROM {BUSYBOX}\nENV WORD={word}\n", tag=tag, scene=SCENE)
    return tag


def test_a_scene_starts_clean_and_ends_clean(client: Client) -> None:
    with scene(SCENE) as first:
        web = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
        client.create_network(labels.object_name("n"), labels=labels.labels(SCENE))
        client.create_volume(labels.object_name("v"), labels=labels.labels(SCENE))
        assert [(o.kind, o.name) for o in daemon.inventory().mine] == [
            ("container", "hs-web"),
            ("network", "hs-n"),
            ("volume", "hs-v"),
        ]
        again = scene(SCENE)
        assert {o.id for o in again.leftovers.gone} >= {web.id}
        containers.start(BUSYBOX, "true", name="hs-web")
    assert daemon.inventory().mine == ()
    assert first.end().as_text() == "There was nothing of the course to remove."
    assert not [entry for entry in journal.entries() if entry.scene == SCENE]


def test_another_scene_and_another_learner_are_left_alone(hand: Any) -> None:
    somebody = {**labels.labels(SCENE), labels.SESSION: "somebody"}
    theirs = hand.create_container(BUSYBOX, ["true"], labels=somebody)["Id"]
    with scene("test-other"):
        mine = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
        scene(SCENE).end()
        assert hand.inspect_container(mine.id)["State"]["Running"]
    assert "hs-web" not in cleanup().as_text()
    assert hand.inspect_container(theirs)


def test_what_is_not_ours_is_not_removed(hand: Any) -> None:
    stranger = hand.create_container(BUSYBOX, ["true"], labels={"containers-unpacked": "0"})["Id"]
    with pytest.raises(errors.CourseError, match="not one of the course's"):
        containers.remove(stranger)
    cleanup()
    assert hand.inspect_container(stranger)["Id"] == stranger


# -- not by name


def test_a_name_that_somebody_has_is_never_taken_from_them(client: Client, hand: Any) -> None:
    """Container, network, volume and image: the very names that the scene would use, held by somebody."""
    full = labels.object_name("hs-web")
    stranger = hand.create_container(BUSYBOX, ["sleep", "60"], name=full)["Id"]
    hand.start(stranger)
    network = hand.create_network(full)["Id"]
    volume = hand.create_volume(name=full)["Name"]
    hand.tag(BUSYBOX, full, "1")
    held = hand.inspect_image(f"{full}:1")["Id"]
    try:
        with scene(SCENE):
            with pytest.raises(errors.NameTaken):
                containers.start(BUSYBOX, "true", name="hs-web")
            with pytest.raises(errors.NotOurs, match="left as it is"):
                networks.create("hs-web")
            with pytest.raises(errors.NotOurs, match="left as it is"):
                client.create_network(full, labels=labels.labels(SCENE))
            with pytest.raises(errors.NotOurs, match="left as it is"):
                client.create_volume(full, labels=labels.labels(SCENE))
            with pytest.raises(errors.NotOurs, match="left as it is"):
                classic.build(client, dockerfile=f"FROM {BUSYBOX}\nENV A=1\n", tag=f"{full}:1", scene=SCENE)
            with pytest.raises(errors.NotOurs, match="left as it is"):
                images.tag(own_image(client), name="hs-web")
        assert hand.inspect_container(stranger)["State"]["Running"]
        assert [row["Id"] for row in hand.networks(names=[full]) if row["Name"] == full] == [network]
        assert not hand.inspect_volume(volume)["Labels"]
        assert hand.inspect_image(f"{full}:1")["Id"] == held
    finally:
        hand.remove_network(network)
        hand.remove_volume(volume)
        hand.remove_image(f"{full}:1")


def test_everything_that_changes_something_asks_the_journal_first(client: Client, hand: Any) -> None:
    stranger = hand.create_container(BUSYBOX, ["sleep", "60"], name="vault")["Id"]
    hand.start(stranger)
    network = hand.create_network("vault-net", labels=labels.labels(SCENE))["Id"]
    volume = hand.create_volume(name="vault-data", labels=labels.labels(SCENE))["Name"]
    calls: list[Callable[[], Any]] = [
        lambda: client.stop("vault"),
        lambda: client.kill(stranger),
        lambda: client.restart("vault"),
        lambda: client.pause(stranger),
        lambda: client.unpause(stranger),
        lambda: client.start(stranger),
        lambda: client.rename("vault", "gone"),
        lambda: client.update_container(stranger, mem_limit="64m"),
        lambda: client.put_archive(stranger, "/", b""),
        lambda: client.connect_container_to_network("vault", network),
        lambda: client.disconnect_container_from_network("vault", "bridge"),
        lambda: client.remove_container("vault", force=True),
        lambda: client.remove_network("vault-net"),
        lambda: client.remove_volume("vault-data"),
        lambda: client.remove_image(BUSYBOX),
    ]
    before = hand.inspect_container(stranger)
    try:
        for call in calls:
            with pytest.raises(errors.NotOurs):
                call()
        after = hand.inspect_container(stranger)
        for part in ("State", "Name", "HostConfig"):
            assert after[part] == before[part]
        assert list(after["NetworkSettings"]["Networks"]) == list(before["NetworkSettings"]["Networks"])
        with client.allowing([stranger]):  # a person said yes: then it goes through, or the test shows nothing
            client.kill(stranger)
    finally:
        hand.remove_network(network)
        hand.remove_volume(volume)


def test_helpers_connect_and_disconnect_nobody_elses_container(hand: Any) -> None:
    stranger = hand.create_container(BUSYBOX, ["sleep", "60"], name="vault")["Id"]
    with scene(SCENE):
        networks.create("hs-front")
        with pytest.raises(errors.NotOurs, match="vault"):
            networks.connect("hs-front", "vault")
        with pytest.raises(errors.NotOurs, match="vault"):
            networks.disconnect("bridge", "vault")
    assert len(hand.inspect_container(stranger)["NetworkSettings"]["Networks"]) == 1


# -- not by inheritance


def test_what_inherits_labels_or_a_nonce_stays(client: Client, hand: Any) -> None:
    """From an image of the course's, from one built on it, and from a commit of one of its containers."""
    made: list[str] = []
    try:
        with scene(SCENE):
            own = own_image(client)
            web = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
            hand.tag(own, "by-hand-kept", "1")  # so that the image outlasts the scene
            hand.commit(web.id, repository="by-hand-kept", tag="2")
            recipe = b"FROM by-hand-kept:1\nRUN echo theirs > /theirs\n"
            list(hand.build(fileobj=io.BytesIO(recipe), tag="by-hand-kept:3", rm=True, decode=True))
            for number in (1, 2, 3):
                made.append(hand.create_container(f"by-hand-kept:{number}", ["sleep", "60"])["Id"])
                hand.start(made[-1])
            nonces = [hand.inspect_container(one)["Config"]["Labels"].get(labels.NONCE) for one in made]
            assert nonces == [None, hand.inspect_container(web.id)["Config"]["Labels"][labels.NONCE], None]
            for one in made:
                with pytest.raises(errors.NotOurs):
                    client.remove_container(one, force=True)
        cleanup()
        assert all(hand.inspect_container(one)["State"]["Running"] for one in made)
        found = claims.find(client)
        assert {claim.id for claim in found.inherited if claim.kind == "container"} >= set(made)
        assert not {claim.id for claim in found.probably} & set(made)
        named = {name for claim in found.inherited if claim.kind == "image" for name in claim.name.split(", ")}
        assert named >= {"by-hand-kept:2", "by-hand-kept:3"}
        claims.remove(client, Claims(probably=(), inherited=found.inherited))
        assert all(hand.inspect_container(one)["State"]["Running"] for one in made)
    finally:
        for one in made:
            hand.remove_container(one, force=True)
        for number in (3, 2, 1):
            hand.remove_image(f"by-hand-kept:{number}")
        cleanup()
    assert daemon.inventory().mine == ()


def test_a_nonce_copied_to_something_else_proves_nothing(hand: Any) -> None:
    with scene(SCENE):
        web = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
        copied = hand.inspect_container(web.id)["Config"]["Labels"]
        stranger = hand.create_container(BUSYBOX, ["true"], labels=copied)["Id"]
        assert [found.id for found in containers.ps().containers] == [web.id]
    assert hand.inspect_container(stranger)


def test_an_image_that_somebody_else_named_too_keeps_that_name(client: Client, hand: Any) -> None:
    with scene(SCENE):
        made = classic.build(client, dockerfile=f"FROM {BUSYBOX}\nRUN echo x > /x\n", tag="cu-test:1", scene=SCENE)
        hand.tag(made.image_id, "somebody", "1")
        try:
            ended = scene(SCENE).leftovers
            assert [reason for _, reason in ended.kept] == ["somebody else named it too: somebody:1"]
            assert hand.inspect_image("somebody:1")["RepoTags"] == ["somebody:1"]
        finally:
            hand.remove_image("somebody:1")
    assert daemon.inventory().mine == ()


def test_a_name_that_was_moved_to_another_image_by_hand_stays(client: Client, hand: Any) -> None:
    with scene(SCENE):
        own = own_image(client)
        hand.tag(BUSYBOX, own.rpartition(":")[0], "1")  # the course's name now means their image
    try:
        assert own in hand.inspect_image(BUSYBOX)["RepoTags"]
    finally:
        hand.remove_image(own)


def test_an_image_that_was_there_before_outlasts_the_name_we_gave_it(
    client: Client, hand: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Somebody has built the same: ours comes whole from the cache, and only our name is ours."""
    dockerfile, name = f"FROM {BUSYBOX}\nENV THEIRS={os.urandom(4).hex()}\n", "cu-test-before:1"
    list(hand.build(fileobj=io.BytesIO(dockerfile.encode()), tag="by-hand-mine:1", rm=True, decode=True))
    theirs = hand.inspect_image("by-hand-mine:1")["Id"]
    monkeypatch.setattr(classic, "stamped", lambda text, _: (text, *[instructions(text)] * 2))
    try:
        with scene(SCENE):
            made = classic.build(client, dockerfile=dockerfile, tag=name, scene=SCENE)
            assert made.image_id == theirs
            hand.remove_image("by-hand-mine:1")  # ours is the last name now
            assert scene(SCENE).leftovers.kept == ()
        assert not hand.inspect_image(theirs)["RepoTags"]
        with pytest.raises(docker.errors.ImageNotFound):
            hand.inspect_image(name)
    finally:
        hand.remove_image(theirs)
        cleanup()


def test_opening_a_scene_takes_nothing_from_a_build_of_another(client: Client) -> None:
    made = classic.build(client, dockerfile=f"FROM {BUSYBOX}\nRUN echo y > /y\n", scene="test-other")
    with scene(SCENE):
        assert made.image_id in {row["Id"] for row in client.images(all=True)}
    scene("test-other").end()
    assert made.image_id not in {row["Id"] for row in client.images(all=True)}


def test_an_object_removed_by_hand_meanwhile_is_no_error(hand: Any) -> None:
    with scene(SCENE):
        web = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
        hand.remove_container(web.id, force=True)
    assert not [entry for entry in journal.entries() if entry.scene == SCENE]


# -- the journal


def test_the_nonce_is_in_the_journal_before_the_engine_is_asked(client: Client) -> None:
    """Who is killed between the engine's answer and the next line leaves what the next clean-up finds."""
    code = (
        "import os\n"
        "from helpers.engine.ownership import journal, labels\n"
        "from helpers.engine.client import connect\n"
        "noted = journal.note\n"
        "journal.note = lambda entry, **more: os._exit(9) if entry.id else noted(entry, **more)\n"
        f"connect().create_container({BUSYBOX!r}, ['true'], labels=labels.labels({SCENE!r}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 9
    assert [(entry.kind, entry.id) for entry in journal.entries() if entry.scene == SCENE] == [("container", "")]

    gone = scene(SCENE).leftovers.gone

    assert [owned.kind for owned in gone] == ["container"]
    assert not [entry for entry in journal.entries() if entry.scene == SCENE]


def test_what_is_noted_of_another_engine_is_never_swept_here(client: Client, hand: Any) -> None:
    with scene(SCENE):
        web = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
        path = Path(os.environ["COURSE_HOME"]) / "state" / journal.FILE
        kept = path.read_text()
        path.write_text(kept.replace(json.dumps(client.identity), '"another engine"'))
        scene(SCENE)
        assert hand.inspect_container(web.id)["State"]["Running"]
        assert "another engine" in {entry.engine for entry in journal.entries()}
        assert web.id in {claim.id for claim in claims.find(client).probably}
        path.write_text(kept)
    assert daemon.inventory().mine == ()


def test_an_engine_that_can_not_be_told_from_others_is_not_swept(
    client: Client, hand: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Podman: another id at each call, and once no place where it keeps its data either."""
    with scene(SCENE):
        web = containers.start(BUSYBOX, "sleep", "60", name="hs-web")
        other, rooted = open_client(client.address), open_client(client.address)
        monkeypatch.setattr(other, "info", lambda: {"ID": os.urandom(4).hex()})
        assert other.identity == ""
        assert engine_scene.clear(other, scene=SCENE).gone == ()
        assert hand.inspect_container(web.id)
        monkeypatch.setattr(rooted, "info", lambda: {"ID": os.urandom(4).hex(), "DockerRootDir": "/somewhere"})
        assert rooted.identity == f"{rooted.base_url} /somewhere"


# -- everyone's


@pytest.fixture
def since(client: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Claims]:
    """What carries the labels without proof, less what was there before the test: it must not go with it."""
    find = claims.find
    before = {claim.id for claim in find(client).probably}

    def found(client: Client) -> Claims:
        now = find(client)
        return replace(now, probably=tuple(claim for claim in now.probably if claim.id not in before))

    monkeypatch.setattr(claims, "find", found)
    return lambda: found(client)


def test_somebody_elses_are_listed_with_whose_they_are_and_go_only_after_a_yes(
    hand: Any, since: Callable[[], Claims], capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = {**labels.labels(SCENE), labels.SESSION: "0123abcd"}
    running = hand.create_container(BUSYBOX, ["sleep", "60"], labels=theirs, name="cu-x-web-0123abcd")["Id"]
    hand.start(running)
    older = hand.create_container(BUSYBOX, ["true"], labels=labels.labels(SCENE))["Id"]  # an older edition's: no nonce
    network = hand.create_network("cu-x-front-0123abcd", labels=theirs)["Id"]
    volume = hand.create_volume(name="cu-x-data-0123abcd", labels=theirs)["Name"]
    try:
        cleanup()
        found = since()
        assert {claim.id for claim in found.probably} == {running, older, network, volume}
        text = found.as_text()
        assert "cu-x-web-0123abcd  running  learner 0123abcd (test-scene)" in text
        assert "you, but not in the journal (test-scene)" in text

        command = [sys.executable, "-m", "helpers", "clean", "--everyone"]
        asked = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert asked.returncode == 1, asked.stderr
        assert "cu-x-web-0123abcd" in asked.stdout
        assert hand.inspect_container(running)["State"]["Running"]

        assert cli.main(["clean"]) == 0
        assert "Those stay." in capsys.readouterr().out
        assert hand.inspect_container(running)["State"]["Running"]

        assert cli.main(["clean", "--everyone", "--yes"]) == 0
        assert "Removed 2 containers" in capsys.readouterr().out
        assert not {running, older} & {row["Id"] for row in hand.containers(all=True)}
    finally:
        for row in hand.networks(ids=[network]):
            hand.remove_network(row["Id"])
        if volume in {row["Name"] for row in hand.volumes()["Volumes"]}:
            hand.remove_volume(volume)


def test_cleaning_up_for_everyone_takes_the_steps_of_somebody_elses_broken_build(
    client: Client, since: Callable[[], Claims]
) -> None:
    before = foreign.snapshot(client, closely=False)
    theirs = {**labels.labels(SCENE), labels.SESSION: "somebody"}
    said = " ".join(f'"{key}"="{value}"' for key, value in theirs.items())
    recipe = f"FROM {BUSYBOX}\nLABEL {said}\nRUN echo 1 > /1\nRUN echo 2 > /2\nRUN false\n"
    steps = list(client.build(fileobj=io.BytesIO(recipe.encode()), forcerm=True, decode=True))
    assert "error" in steps[-1]
    assert len(foreign.leftovers(before, foreign.snapshot(client, closely=False))) == 1  # what it lies on is not listed

    removed = claims.remove(client, since())

    assert len(removed.gone) == 3
    assert foreign.leftovers(before, foreign.snapshot(client, closely=False)) == []
