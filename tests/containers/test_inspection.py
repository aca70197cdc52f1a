"""What containers share, changed, cost, and how they ended; images from top to bottom; names that move."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import containers, daemon, errors, images, scene
from helpers.containers.model.changed_files import Kind
from helpers.drawing.figure import Shows
from helpers.engine.client import Client

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"


@pytest.fixture(autouse=True)
def stage(client: Client) -> Iterator[None]:
    with scene("test-inside"):
        yield
    assert daemon.inventory().mine == ()


def cake(folder: Path, name: str, text: str) -> images.Built:
    recipe = f'FROM {BUSYBOX}\nCOPY cake.txt /cake.txt\nCMD ["sleep", "600"]\n'
    (folder / "cake.txt").write_text(text, encoding="utf-8")
    return images.build(folder, name=name, dockerfile=recipe)


def run_how(shown: Shows) -> None:
    """Runs what stands under "How", in a terminal and with docker-py."""
    how = shown.figure().how
    assert how.docker
    assert how.python
    for words in [*map(shlex.split, how.docker), [sys.executable, "-c", "\n".join(how.python)]]:
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (words, done.stderr)


def test_two_containers_share_an_image_and_not_what_they_write(tmp_path: Path) -> None:
    plain = cake(tmp_path, "plain", "plain\n")
    first = containers.start(plain, name="hs-first", network="none")
    containers.create(plain, name="hs-second", network="none")
    containers.exec(first, "sh", "-c", "echo cherries >> /cake.txt; echo x > /new; rm /bin/vi")

    assert {(c.kind, c.path) for c in containers.diff("hs-first").own} == {
        (Kind.CHANGED, "/cake.txt"), (Kind.ADDED, "/new"), (Kind.REMOVED, "/bin/vi"),
    }  # fmt: skip
    assert containers.diff("hs-second").changes == ()
    assert containers.copy("hs-first", "/cake.txt").text == "plain\ncherries\n"
    assert containers.copy("hs-second", "/cake.txt").text == "plain\n"
    assert containers.copy("hs-second", "/own.txt", put="mine\n").written
    assert containers.copy("hs-second", "/own.txt").text == "mine\n"

    found = containers.of(plain)
    assert [copy.name for copy in found.copies] == ["hs-first", "hs-second"]
    assert found.copies[0].size > 0
    assert found.image_size > 50 * found.own_size
    for shown in (found, containers.diff("hs-first"), containers.copy("hs-first", "/cake.txt")):
        run_how(shown)
    with pytest.raises(errors.NotFound, match="has no /nothing"):
        containers.copy("hs-first", "/nothing")
    with pytest.raises(errors.WrongUse):
        containers.copy("hs-first", "/bin")


def test_many_containers_cost_many_thin_layers_and_are_gone_afterwards() -> None:
    found = containers.many(BUSYBOX, (1, 5), written=1000)
    one, five = found.costs
    assert (one.number, five.number) == (1, 5)
    assert 1000 <= one.own_size <= 3 * 4096  # containerd's store counts whole blocks, that of the folder too
    assert five.own_size == 5 * one.own_size
    assert containers.ps().containers == ()
    run_how(found)


def test_an_overview_of_200_containers_takes_three_calls_at_most(client: Client) -> None:
    for _ in range(20):  # one call lists them all: how many there are changes nothing
        client.create_container(BUSYBOX, ["true"], labels={"containers-unpacked": "1"} | _labels())
    listing = containers.ps()
    assert len(listing.containers) == 20
    assert len(client.last_trace.calls) == 1
    containers.of(BUSYBOX)
    assert len([call for call in client.last_trace.calls if not call.path.endswith("/changes")]) <= 3


def _labels() -> dict[str, str]:
    from helpers.engine.ownership import labels

    return labels.labels("test-inside")


def test_ends_are_told_apart() -> None:
    containers.start(BUSYBOX, "sh", "-c", "exit 3", name="hs-own", network="none")
    containers.start(BUSYBOX, "sh", "-c", "no-such-program", name="hs-missing", network="none")
    containers.start(BUSYBOX, "sleep", "60", name="hs-killed", network="none")
    containers.create(BUSYBOX, "no-such-program", name="hs-never", network="none")
    containers.kill("hs-killed")
    with pytest.raises(errors.NoSuchProgram):
        containers.start("hs-never")
    for name in ("hs-own", "hs-missing"):
        containers.wait(name, ended=True)
    found = containers.why("hs-own", "hs-missing", "hs-killed", "hs-never").endings
    assert [one.exit_code for one in found] == [3, 127, 137, 127]
    assert "no lack of memory" in found[2].meaning
    assert "never ran" in found[3].meaning


def test_a_name_moves_and_a_container_keeps_its_image(tmp_path: Path) -> None:
    plain = cake(tmp_path, "plain", "plain\n")
    menu = images.tag(plain, name="hs-menu")
    assert not menu.moved
    guest = containers.start(menu, name="hs-guest", network="none")
    moved = images.tag(cake(tmp_path, "chocolate", "chocolate\n"), name="hs-menu")
    assert moved.moved
    assert moved.left == ("hs-guest",)
    run_how(moved)
    newcomer = containers.start(moved, name="hs-newcomer", network="none")
    assert containers.copy(guest, "/cake.txt").text == "plain\n"
    assert containers.copy(newcomer, "/cake.txt").text == "chocolate\n"
    with pytest.raises(errors.CourseError, match="not one of the course's images"):
        images.tag(BUSYBOX, name="hs-mine")


def test_an_image_from_top_to_bottom(tmp_path: Path) -> None:
    found = images.anatomy(cake(tmp_path, "plain", "plain\n"))
    assert found.starts == ("sleep", "600")
    assert found.platform.startswith("linux/")
    assert found.layers >= 2
    assert any("cake.txt" in one.instruction for one in found.history)
    assert found.parts
    assert found.parts.tag == "1"
    run_how(found)


def test_two_images_side_by_side_show_what_differs_and_nothing_else(tmp_path: Path) -> None:
    plain, chocolate = cake(tmp_path, "plain", "plain\n"), cake(tmp_path, "chocolate", "chocolate, dark\n")
    found = images.compare(plain, chocolate)
    assert [(one.path, one.how, one.first, one.second) for one in found.files] == [
        ("/cake.txt", "other content", 6, 16)
    ]
    assert found.settings == ()
    assert 0 < found.shared < found.layers[0] == found.layers[1]
    assert "hs-plain:1 and hs-chocolate:1: 1 file differs." in repr(found)

    recipe = f"FROM {plain.reference}\nRUN rm /cake.txt && touch /new && chmod 600 /etc/passwd\nUSER 1000\nENV TEA=1\n"
    other = images.build(tmp_path, name="hs-other", dockerfile=recipe)
    found = images.compare(plain, other)
    assert found.shared == found.layers[0]
    assert {one.what for one in found.settings} == {"user", "environment"}
    assert {one.path: one.how for one in found.files if one.path in ("/cake.txt", "/new", "/etc/passwd")} == {
        "/cake.txt": "only in the first",
        "/new": "only in the second",
        "/etc/passwd": "other rights",
    }
    assert images.compare(plain, plain).same
    run_how(found)
    with pytest.raises(errors.NoSuchImage):
        images.compare(plain, "localhost/course/no-such:1")


def test_times_are_measured_and_everything_is_removed() -> None:
    found = containers.time_it(BUSYBOX, rounds=2, grace=1)
    process, container = found.start
    assert 0 < process.median < container.median
    _, handles, ignores = found.stop
    assert handles.median < ignores.median
    assert min(ignores.seconds) >= 1
    assert containers.ps().containers == ()
    run_how(found)
