"""An image as a file on the real engine: saved, removed, loaded, carried; and the files that must not be loaded."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from helpers import cleanup, containers, daemon, errors, images, scene, store
from helpers.drawing.figure import How
from helpers.engine import images as engine_images
from helpers.engine import scene as engine_scene
from helpers.engine.build import classic
from helpers.engine.client import Client, open_client
from helpers.engine.discovery import Address
from helpers.engine.model.image import Named
from helpers.engine.ownership import journal, labels
from helpers.images.engine import save_load
from helpers.setup.engine import dockerd
from tests.harness.by_hand import by_hand
from tests.harness.faults import Fault, Way, relayed
from tests.harness.guards import absent
from tests.harness.second_engine import second_engine
from tests.harness.terminal import python, shell

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
SCENE = "test-images"


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    before = everything(client)
    with scene(SCENE):
        yield
    assert daemon.inventory().mine == ()
    assert not (store.cache() / "parcels" / SCENE).exists()
    assert everything(client) == before


@pytest.fixture
def shop(client: Client) -> Named:
    name = f"{labels.object_name('shop')}:1"
    dockerfile = f"FROM {BUSYBOX}\nCOPY page /page\nRUN echo ready > /state\n"
    classic.build(client, dockerfile=dockerfile, context={"page": b"<h1>Shop</h1>"}, tag=name, scene=SCENE)
    return Named(reference=name)


def everything(client: Client) -> set[tuple[str, ...]]:
    """Every image that has a name, by id and names."""
    return {(str(row["Id"]), *sorted(row.get("RepoTags") or ())) for row in client.images()}


def rewritten(path: Path, to: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The same tar with the content of its files changed."""
    with tarfile.open(path) as old, tarfile.open(to, "w") as new:
        for entry in old:
            file = old.extractfile(entry) if entry.isfile() else None
            content = change(entry.name, file.read()) if file else b""
            entry.size = len(content)
            new.addfile(entry, io.BytesIO(content) if file else None)
    return to


def renamed(path: Path, to: Path, old: str, new: str) -> Path:
    """The same file, which would set another name. Repositories and tags stand apart in one of its parts."""

    def change(name: str, content: bytes) -> bytes:
        if name == "repositories":
            return json.dumps({new.rpartition(":")[0]: {new.rpartition(":")[2]: "x"}}).encode()
        return content.replace(old.encode(), new.encode()) if name in {"manifest.json", "index.json"} else content

    return rewritten(path, to, change)


def test_an_image_is_built_from_a_folder_and_shows_its_steps(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {BUSYBOX}\n# a comment\nCOPY page /page\nRUN echo ready\n")
    page = f"open {os.urandom(4).hex()}"  # what no earlier build can have in its cache
    (tmp_path / "page").write_text(page)
    first = images.build(tmp_path, name="hs-shop")
    again = images.build(str(tmp_path), name="hs-shop")

    assert repr(first) == f"The image hs-shop is built from the Dockerfile in {tmp_path}."
    assert [(step.line, step.cached) for step in first.steps if step.line > 1] == [(3, False), (4, False)]
    assert [(step.line, step.cached) for step in again.steps if step.line > 1] == [(3, True), (4, True)]
    assert "2 from the cache" in again.figure().alt
    assert containers.run(first, "cat", "/page").output == page

    other = images.build(tmp_path, name="hs-shop", dockerfile=f"FROM {BUSYBOX}\nARG WORD\nRUN echo $WORD > /word\n",
                         buildargs={"WORD": "given"})  # fmt: skip
    assert other.reference == first.reference
    assert containers.run("localhost/course/busybox:1", "true").exit_code == 0
    assert containers.run(other, "cat", "/word").output == "given\n"
    assert other.figure().how == How()  # a text is nothing that a terminal could build from


def test_a_failing_build_says_which_line_and_what_its_command_wrote(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {BUSYBOX}\n\nRUN echo before; cat /no/such/file\n")
    with pytest.raises(errors.BuildFailed) as caught:
        images.build(tmp_path, name="hs-shop")
    assert (caught.value.line, caught.value.exit_code) == (3, 1)
    assert "/no/such/file" in str(caught.value)
    with pytest.raises(errors.WrongUse, match="there is no such folder"):
        images.build(tmp_path / "nowhere", name="hs-shop")
    (tmp_path / "empty").mkdir()
    with pytest.raises(errors.WrongUse, match="there is none in it"):
        images.build(tmp_path / "empty", name="hs-shop")
    with pytest.raises(errors.WrongUse):
        images.build(tmp_path, name="Not A Name")
    with pytest.raises(errors.WrongUse, match="is not a builder"):
        images.build(tmp_path, name="hs-shop", builder="kaniko")


def test_the_lines_under_how_build_the_same(client: Client, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {BUSYBOX}\nCOPY page /page\n")
    (tmp_path / "page").write_text("open")
    how = images.build(tmp_path, name="hs-how-to").figure().how
    for in_a_terminal in (True, False):
        try:
            shell(how.docker[0]) if in_a_terminal else python(how.python)
            assert containers.run("hs-how-to:1", "cat", "/page").output == "open"
        finally:
            by_hand(client).remove_image("hs-how-to:1")


def test_an_image_is_saved_removed_and_comes_back_the_same(client: Client, shop: Named) -> None:
    parcel = images.save(shop)
    assert parcel.source
    assert parcel.path.parent == store.cache() / "parcels" / SCENE
    assert (parcel.name, parcel.names, parcel.ours) == ("hs-shop:1", (shop.reference,), True)
    assert parcel.size == parcel.path.stat().st_size > sum(layer.size for layer in parcel.layers)
    assert tuple(layer.id for layer in parcel.layers) == parcel.source.layers
    assert parcel.config == parcel.source.config

    gone = images.remove(shop)
    assert repr(gone) == "Gone: the engine no longer has an image of that name. Its base image stays."
    with pytest.raises(errors.NoSuchImage):
        containers.run(shop, "true")

    back = images.load(parcel)
    assert repr(back) == "Loaded: the config digest and all layer ids are the same as in the file."
    assert back.unchanged
    assert back.before == parcel.source
    assert back.after.config == parcel.config
    assert containers.run(back, "cat", "/page").output == "<h1>Shop</h1>"
    assert "had this very image already" in repr(images.load(parcel))


def test_a_file_of_ones_own_is_kept_replaced_and_looked_at(
    shop: Named, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        images.save(shop, to="shop.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["shop.tar"]
    found = images.look("shop.tar")
    assert found.source is None
    assert repr(found) == (
        "The file holds the image hs-shop:1: its config and its layers. Loading it sets the name hs-shop:1."
    )
    assert found.names == (shop.reference,)
    assert shop.reference in found.figure().html()


def test_progress_is_told_in_bytes(client: Client, shop: Named, tmp_path: Path) -> None:
    said: list[tuple[int, int | None]] = []
    found = save_load.save(client, shop.reference, tmp_path / "shop.tar", on_progress=lambda *so: said.append(so))
    assert said[-1][0] == found.size
    assert all(total is None or done <= total for done, total in said)
    said.clear()
    save_load.load(client, found, scene=SCENE, on_progress=lambda *so: said.append(so))
    assert said[-1] == (found.size, found.size)


def interrupt(done: int, total: int | None) -> None:
    raise KeyboardInterrupt


def test_an_interrupt_leaves_no_file_and_no_image(client: Client, shop: Named, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        save_load.save(client, shop.reference, tmp_path / "shop.tar", on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []
    parcel = images.save(shop, to=tmp_path / "shop.tar")
    images.remove(shop)
    with pytest.raises(KeyboardInterrupt):
        save_load.load(client, parcel, scene=SCENE, on_progress=interrupt)
    with pytest.raises(errors.NoSuchImage):
        containers.run(shop, "true")
    assert images.load(parcel).unchanged


def test_a_full_disk_is_said_and_leaves_nothing(shop: Named, tmp_path: Path) -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        absent("a small disk of its own needs Linux and root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], check=False)
    if mounted.returncode:
        absent("this machine lets nobody mount a disk")
    try:
        with pytest.raises(errors.ArchiveError, match="the disk is full"):
            images.save(shop, to=tmp_path / "shop.tar")
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_place_that_can_not_be_written_is_said(shop: Named, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    for place, why in (
        (tmp_path / "no/such/folder/shop.tar", "No such file or directory"),
        (tmp_path, "is not an image file"),
        (tmp_path / "thesis.txt", "is not an image file"),
    ):
        with pytest.raises(errors.ArchiveError, match=why):
            images.save(shop, to=place)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_damaged_file_changes_nothing(client: Client, shop: Named, tmp_path: Path) -> None:
    parcel = images.save(shop, to=tmp_path / "shop.tar")
    images.remove(shop)
    before = everything(client)
    whole = parcel.path.read_bytes()
    for content in (b"", whole[: len(whole) // 2], whole[:-4096], b"x" * 4096):
        parcel.path.write_bytes(content)
        with pytest.raises(errors.ArchiveError):
            images.load(parcel.path)
    parcel.path.unlink()
    with pytest.raises(errors.ArchiveError, match="No such file"):
        images.load(parcel)
    assert everything(client) == before
    assert "/images/load" not in [call.path.split("?")[0] for call in client.last_trace.calls]


def test_a_file_that_was_replaced_is_not_the_parcel(shop: Named, tmp_path: Path) -> None:
    parcel = images.save(shop, to=tmp_path / "shop.tar")
    images.save(BUSYBOX, to=tmp_path / "shop.tar")
    with pytest.raises(errors.ArchiveError, match="holds another image now"):
        images.load(parcel)


def test_a_file_takes_no_name_from_somebody_else(client: Client, shop: Named, tmp_path: Path) -> None:
    parcel = images.save(shop)
    before = everything(client)
    stranger = renamed(parcel.path, tmp_path / "a.tar", shop.reference, BUSYBOX)
    assert images.look(stranger).names == (BUSYBOX,)
    with pytest.raises(errors.ArchiveError, match="a name of the course's base images"):
        images.load(stranger)
    theirs = "cu-test-theirs:1"
    stranger = renamed(parcel.path, tmp_path / "b.tar", shop.reference, theirs)
    by_hand(client).tag(BUSYBOX, "cu-test-theirs", "1")
    try:
        with pytest.raises(errors.ArchiveError, match="would take the name"):
            images.load(stranger)
        with pytest.raises(errors.ArchiveError, match="would take the name"):
            images.carry(stranger)
    finally:
        by_hand(client).remove_image(theirs, noprune=True)
    assert everything(client) == before


def test_an_image_without_a_name_travels_too(client: Client, shop: Named) -> None:
    image_id = str(images.save(shop).source.image_id)  # type: ignore[union-attr]
    parcel = images.save(image_id)
    assert (parcel.name, parcel.names) == ("without a name", ())
    images.remove(shop)
    before = everything(client)
    assert images.carry(parcel, command=["cat", "/page"]).unchanged
    assert everything(client) == before
    assert images.look(parcel).figure().sentence.endswith("Loading it sets no name.")


def test_the_base_image_itself_can_be_saved_and_loaded() -> None:
    parcel = images.save(BUSYBOX)
    assert repr(images.load(parcel)).endswith("are the same as in the file. The engine had this very image already.")


def test_an_image_for_another_platform_is_loaded_and_said(client: Client, tmp_path: Path) -> None:
    """Written as 20.10 does, by hand: every engine reads that too."""
    name = f"{labels.object_name('foreign')}:1"
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("hello"))
    layer = made.getvalue()
    config: dict[str, Any] = {
        "os": "linux",
        "architecture": "s390x",
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        "config": {"Labels": labels.labels(SCENE)},
        "history": [{"created_by": "by hand"}],
    }
    text = json.dumps(config).encode()
    row = {"Config": f"{hashlib.sha256(text).hexdigest()}.json", "RepoTags": [name], "Layers": ["a/layer.tar"]}
    path = tmp_path / "foreign.tar"
    with tarfile.open(path, "w") as tar:
        for file, content in (
            ("a/layer.tar", layer),
            (row["Config"], text),
            ("manifest.json", json.dumps([row]).encode()),
        ):
            entry = tarfile.TarInfo(str(file))
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))

    found = images.load(path)

    assert found.unchanged
    assert not found.fits
    assert "The image is for linux/s390x and this engine runs" in repr(found)
    assert "Its base image" not in repr(images.remove(found))


def test_only_the_courses_images_are_removed_and_only_unused_ones(client: Client, shop: Named) -> None:
    with pytest.raises(errors.CourseError, match="not one of the course's"):
        images.remove(BUSYBOX)
    with pytest.raises(errors.NoSuchImage):
        images.remove("localhost/course/no-such-image:1")
    web = containers.start(shop, "true", name="hs-web")
    with pytest.raises(errors.CourseError, match=web.full_name):
        images.remove(shop)
    containers.remove("hs-web")
    second = images.tag(shop, name="hs-shop", version="2").reference
    by_hand(client).tag(shop.reference, "by-hand-shop", "1")
    with pytest.raises(errors.CourseError, match="not one of the course's"):
        images.remove("by-hand-shop:1")
    by_hand(client).remove_image("by-hand-shop:1")
    assert "The image itself stays: it has 1 other name." in repr(images.remove(shop))
    assert "other name" not in repr(images.remove(second))


def test_a_parcel_carried_back_leaves_the_engine_as_it_was(client: Client, shop: Named) -> None:
    parcel = images.save(shop)
    before = everything(client)
    there = images.carry(parcel, command=["cat", "/page"])
    assert there.same_output
    assert everything(client) == before
    images.remove(shop)
    before = everything(client)
    gone = images.carry(parcel, "", command=["cat", "/page"])
    assert gone.unchanged
    assert gone.same_output is None
    assert gone.before == parcel.source
    with pytest.raises(errors.NoSuchProgram):
        images.carry(parcel, command="no-such-program")
    assert everything(client) == before
    assert daemon.inventory().count("container") == 0


@pytest.mark.parametrize("address", ["unix:///no/such.sock", "tcp://127.0.0.1:9"])
def test_an_engine_that_is_not_there_is_named_and_none_is_taken_instead(
    client: Client, shop: Named, address: str
) -> None:
    parcel = images.save(shop)
    with pytest.raises(errors.EngineNotReachable) as caught:
        images.carry(parcel, address)
    assert [tried.address for tried in caught.value.tried] == [address]
    assert "no other engine is tried" in caught.value.next_step
    assert not any(call.method == "POST" for call in client.last_trace.calls)


def test_a_parcel_carried_to_a_second_engine_arrives_unchanged_and_leaves_nothing(client: Client, shop: Named) -> None:
    parcel = images.save(shop)
    with second_engine() as place:
        second = dockerd.start(place, print)
        second.close()
        second = open_client(place.address)
        try:
            found = images.carry(parcel, place.address.url, command=["cat", "/page", "/state"])
            assert found.unchanged
            assert found.same_output
            assert found.address == place.address.url
            assert repr(found) == (
                "Carried into the second engine: the config digest and all layer ids are the same as in the file. "
                "The command gave the same output from the image here and from the loaded one. "
                "Nothing stays there that was not there before."
            )
            assert (everything(second), second.containers(all=True)) == (set(), [])
            how = found.figure().how
            lines = [shell(line) for line in how.docker]
            assert parcel.layers[-1].id in lines[1]
            assert "<h1>Shop</h1>" in lines[2]
            assert "<h1>Shop</h1>" in python(how.python)
            assert everything(second) == set()
            # what was there already stays, names and all
            save_load.load(second, parcel, scene=SCENE)
            before = everything(second)
            assert images.carry(parcel, place.address.url).had
            assert everything(second) == before
            engine_scene.clear(second, scene=SCENE)  # or the journal would go on speaking of an engine that is gone
            assert everything(second) == set()
        finally:
            second.close()


def test_the_lines_under_how_do_the_same(client: Client, shop: Named, tmp_path: Path) -> None:
    def in_a_terminal(how: How) -> list[str]:
        return [shell(line) for line in how.docker]

    def with_docker_py(how: How) -> list[str]:
        return [python(how.python)]

    for run in (in_a_terminal, with_docker_py):
        parcel = images.save(shop, to=tmp_path / "it's a shop.tar")
        parcel.path.unlink()
        run(parcel.figure().how)
        again = images.look(parcel.path)
        assert (again.config, again.layers) == (parcel.config, parcel.layers)
        assert shop.reference in "".join(run(again.figure().how))
        gone = images.remove(shop).figure().how
        loaded = images.load(parcel).figure().how
        run(gone)
        with pytest.raises(errors.NoSuchImage):
            images.remove(shop)
        run(loaded)
        journey = images.carry(parcel, command=["cat", "/page"]).figure().how
        # docker-py reads the log once the container has ended; a busy engine may still be writing it then
        assert any("<h1>Shop</h1>" in "".join(run(journey)) for _ in range(3))
        run(loaded)


def test_an_engine_that_goes_away_in_the_middle_of_an_image_is_said_to_have_gone(client: Client) -> None:
    with relayed(client) as line:
        far = Client(Address(url=line.url, origin="test"))
        line.strike(Fault("GET /images/get", 1, Way.CUT_MIDDLE))
        with closing(far), pytest.raises(errors.EngineNotReachable, match="broke off"):
            list(engine_images.saved(far, BUSYBOX))
        assert line.struck


def test_an_image_that_two_learners_built_is_removed_and_loaded_by_one_and_stays_the_others(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One image with a name for each. What one does with it, the other never notices; the last one takes it away."""
    before = everything(client)
    monkeypatch.setenv(labels.SHARED, "1")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"FROM {BUSYBOX}\nRUN echo {os.urandom(4).hex()}\n")
    made = {}
    for learner in ("one", "two"):
        monkeypatch.setenv("COURSE_HOME", str(tmp_path / learner))
        made[learner] = images.build(folder, name="hs-shop", builder="buildkit")
    assert made["one"].image_id == made["two"].image_id
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "one"))
    web = containers.start(made["one"], "sleep", "60", name="hs-web")

    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "two"))
    parcel = images.save(made["two"])
    assert images.remove(made["two"]).others == (made["one"].reference,)
    with pytest.raises(errors.NoSuchImage):
        containers.run(made["two"], "true")
    assert "clean-up leaves it" not in repr(images.load(parcel))
    assert images.carry(parcel).had
    assert cleanup().kept == ()
    assert journal.entries() == ()
    assert client.inspect_image(made["one"].reference)["RepoTags"] == [made["one"].reference]

    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "one"))
    assert client.inspect_container(web.id)["State"]["Running"]
    assert cleanup().kept == ()
    assert journal.entries() == ()
    assert everything(client) == before
