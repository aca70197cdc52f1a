"""Packaging on the real engine: stand-ins, who has what, the same answers, another kind of CPU; and what is left."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import containers, daemon, errors, packaging, scene
from helpers.drawing.figure import Shows
from helpers.engine import containers as engine_containers
from helpers.engine.build import classic, plugins
from helpers.engine.client import Client
from helpers.engine.ownership import journal, labels
from helpers.packaging.model import elf
from helpers.packaging.model.elf import ARCHITECTURES
from helpers.packaging.model.requirements import Fit
from tests.harness.sweeping import swept

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"
DEBIAN = "localhost/course/debian:trixie"
PYTHON = "localhost/course/python:3.13"
SCENE = "test-packaging"


@pytest.fixture(autouse=True)
def stage(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder as a notebook's; at the end nothing of the course's is left."""
    shop = tmp_path / "shop"
    (shop / "more").mkdir(parents=True)
    (shop / "data").mkdir()
    (shop / "shop.py").write_text("import humanize\nprint(humanize.natural_list(['a', 'b']))\n")
    (shop / "goods.csv").write_text("name,price\n")
    (shop / "more" / "a.txt").write_text("a")
    (shop / "data" / "visits.txt").write_text("1")
    (shop / "Dockerfile").write_text("FROM nothing\n")
    (shop / ".dockerignore").write_text("data\n")
    monkeypatch.chdir(tmp_path)
    with scene(SCENE):
        yield tmp_path
    swept(client)
    assert daemon.inventory().mine == ()
    assert journal.entries() == ()


def nothing_runs_or_ran(client: Client) -> bool:
    return engine_containers.ours(client) == ()


def from_scratch(client: Client, name: str) -> str:
    """An image with one program and no shell."""
    cpu = elf.architecture(str(client.info()["Architecture"]))
    data = elf.program(cpu, "no shell here\n")
    entry = tarfile.TarInfo("hello")
    entry.size, entry.mode = len(data), 0o755
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(entry, io.BytesIO(data))
    tag = f"{labels.object_name(name)}:1"
    dockerfile = 'FROM scratch\nADD a.tar /\nCMD ["/hello"]\n'
    classic.build(client, dockerfile=dockerfile, context={"a.tar": packed.getvalue()}, tag=tag, scene=SCENE)
    return tag


def test_a_stand_in_has_the_packages_and_the_files_it_was_given() -> None:
    ben = packaging.stand_in("ben", "bottle==0.13.4", "humanize==3.14.0", files=["shop/shop.py"])

    assert repr(ben) == "A stand-in for ben's machine: Python 3.13, bottle 0.13.4, humanize 3.14.0; in /shop: shop.py."
    assert containers.run(ben, "ls", "-A", "/shop").output == "shop.py\n"
    asked = "import bottle, humanize; print(bottle.__version__, humanize.__version__)"
    assert containers.run(ben, "python3", "-c", asked).output == "0.13.4 3.14.0\n"


def test_a_folder_stands_for_all_in_it_but_what_its_dockerignore_names() -> None:
    ana = packaging.stand_in("ana", files=["shop"])

    assert ana.files == (".dockerignore", "Dockerfile", "goods.csv", "more/", "shop.py")
    assert containers.run(ana, "cat", "/shop/Dockerfile", "/shop/more/a.txt").output == "FROM nothing\na"
    assert repr(packaging.stand_in("bare")) == "A stand-in for bare's machine: Python 3.13; no files."


def test_a_stand_in_made_again_replaces_the_first() -> None:
    packaging.stand_in("ana", files=["shop/shop.py"])
    again = packaging.stand_in("ana", files=["shop/goods.csv"])
    assert containers.run(again, "ls", "/shop").output == "goods.csv\n"


@pytest.mark.parametrize(
    ("packages", "files", "word"),
    [
        (("bottle",), (), "not a package and its version"),
        (("bottle>=0.13",), (), "not a package and its version"),
        (("bottle==0.13.4,<1",), (), "not a package and its version"),
        (("bottle==0.13.4; rm -rf /",), (), "not a package and its version"),
        (("flask==3.0",), (), "There are: .*bottle==0.13.4.*humanize==3.14.0"),
        (("bottle==0.13.4", "Bottle==0.13.4"), (), "named twice"),
        ((), ("no-such.py",), "no file 'no-such.py' here"),
        ((), ("shop/shop.py", "shop"), "called shop.py"),
    ],
)
def test_what_cant_be_put_on_a_machine_is_said_before_anything_is_built(
    client: Client, packages: tuple[str, ...], files: tuple[str, ...], word: str
) -> None:
    with pytest.raises(errors.WrongUse, match=word):
        packaging.stand_in("ana", *packages, files=files)
    assert not [call for call in client.last_trace.calls if call.path.startswith("/build")]
    with pytest.raises(errors.WrongUse):
        packaging.stand_in("Ana's")


def test_machines_without_python_without_a_shell_and_with_the_wrong_version(client: Client) -> None:
    ben = packaging.stand_in("ben", "humanize==3.14.0", files=["shop"])
    dora = packaging.stand_in("dora", "humanize==4.12.3", files=["shop"])
    bare = from_scratch(client, "bare")

    found = packaging.compare(
        ["python3", "humanize>=4", "/shop/goods.csv", "/shop"],
        {"busy": BUSYBOX, "debian": DEBIAN, "python": PYTHON, "ben": ben, "dora": dora, "bare": bare},
        ("python3", "/shop/shop.py"),
    )

    fits = {machine.name: [cell.fit for cell in machine.cells] for machine in found.machines}
    there, missing = Fit.THERE, Fit.MISSING
    assert fits == {
        "busy": [missing] * 4,
        "debian": [missing] * 4,
        "python": [there, missing, missing, missing],
        "ben": [there, Fit.OLD, there, there],
        "dora": [there] * 4,
        "bare": [Fit.UNSEEN] * 4,
    }
    assert found["ben"].cells[1].version == "3.14.0"
    assert {found[name].error for name in ("busy", "debian", "bare")} == {"python3: not found"}
    assert found["busy"].exit_code == 127
    assert found["python"].error.startswith("python3: can't open file")
    assert found["ben"].happened == "AttributeError"
    assert (found["dora"].exit_code, found["dora"].output) == (0, "a and b\n")
    assert repr(found) == (
        "The shop's needs are met on 1 of 6 machines. "
        "busy lacks python3, humanize, /shop/goods.csv and /shop; "
        "debian lacks python3, humanize, /shop/goods.csv and /shop; "
        "python lacks humanize, /shop/goods.csv and /shop; "
        "ben has humanize 3.14.0 where >=4 is needed; "
        "bare has no shell to look with: python3: not found."
    )
    assert nothing_runs_or_ran(client)


def test_without_a_shell_the_command_is_run_all_the_same(client: Client) -> None:
    bare = from_scratch(client, "bare")
    found = packaging.compare(["sh"], [bare], ["/hello"])
    assert [machine.name for machine in found.machines] == ["hs-bare"]
    assert (found["hs-bare"].works, found["hs-bare"].output) == (True, "no shell here\n")


def test_what_a_command_writes_is_not_taken_for_what_is_there() -> None:
    say = "echo 0 done; echo 0 program 1; echo err >&2; exit 3"
    found = packaging.compare(["no-such-program", "sh"], [BUSYBOX], ("sh", "-c", say))
    assert [cell.fit for cell in found["busybox"].cells] == [Fit.MISSING, Fit.THERE]
    assert found["busybox"].output == "0 done\n0 program 1\n"
    assert (found["busybox"].exit_code, found["busybox"].error) == (3, "err")


def test_hostile_needs_stay_words() -> None:
    found = packaging.compare(["/tmp/$(touch /tmp/x)", "/tmp/x", "/'; touch /tmp/x; '", "/bin/sh"], [BUSYBOX], ["true"])
    assert [cell.fit for cell in found["busybox"].cells] == [Fit.MISSING] * 3 + [Fit.THERE]


def test_a_command_that_does_not_end_counts_as_not_working(client: Client) -> None:
    started = time.monotonic()
    found = packaging.compare(["sh"], {"busy": BUSYBOX}, ("sleep", "60"), seconds=1)
    assert found["busy"].error == "still running after 1 s"
    assert not found["busy"].works
    assert time.monotonic() - started < 20
    assert nothing_runs_or_ran(client)


def test_nothing_is_left_after_an_interrupt_or_a_missing_image(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.NoSuchImage):
        packaging.compare(["sh"], {"a": BUSYBOX, "b": "localhost/course/no-such-image:1"}, ["true"])
    assert nothing_runs_or_ran(client)

    def interrupt(*_: Any, **__: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine_containers, "wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        packaging.compare(["sh"], [BUSYBOX], ["sleep", "60"])
    assert nothing_runs_or_ran(client)
    with pytest.raises(KeyboardInterrupt):
        packaging.foreign()
    assert daemon.inventory().mine == ()


def test_a_slip_of_the_pen_is_answered_before_the_engine_is_asked(client: Client) -> None:
    client.info()
    for call in (
        lambda: packaging.compare([], [BUSYBOX]),
        lambda: packaging.compare(["a>"], [BUSYBOX]),
        lambda: packaging.compare(["sh"], []),
        lambda: packaging.compare(["sh"], [BUSYBOX, BUSYBOX]),
        lambda: packaging.compare(["sh"], [BUSYBOX], ()),
        lambda: packaging.compare(["sh"], [5]),  # type: ignore[list-item]
        lambda: packaging.answers({}),
        lambda: packaging.answers([5]),  # type: ignore[list-item]
        lambda: packaging.answers(["web"], ()),
        lambda: packaging.answers(["web"], ("no slash",)),
        lambda: packaging.answers(["web"], ("/a b",)),
    ):
        with pytest.raises(errors.WrongUse):
            call()


def serve(name: str, **pages: str) -> None:
    files = "; ".join(f"echo {shlex.quote(text)} > /tmp/{page}" for page, text in pages.items())
    containers.start(BUSYBOX, "sh", "-c", f"{files}; exec httpd -f -p 8080 -h /tmp", name=name, publish=8080)


def test_the_same_answers_and_one_that_differs() -> None:
    for name, text in (("one", "hello"), ("two", "hello"), ("three", "hallo")):
        serve(name, a=text, b="<b>same</b>")

    same = packaging.answers(["one", "two"], ("/a", "/b", "/a"))
    assert same.same
    assert repr(same) == "2 paths asked of 2 containers: every answer is byte for byte the same."
    digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"  # of "hello\n", by sha256sum
    assert same.asked[0].bodies[0].digest == digest

    web = containers.ps().containers
    assert repr(packaging.answers({"ana": "one", "ben": "two", "cleo": web[0]}, ("/a", "/b"))) == (
        "2 paths asked of 3 containers: cleo differs at /a."
    )


def test_a_large_answer_is_cut_and_an_answer_that_leads_elsewhere_is_not_followed() -> None:
    far = "printf 'HTTP/1.0 302 Found\\r\\nLocation: http://127.0.0.1:1/\\r\\n\\r\\nnot here'"
    pages = "mkdir /tmp/w; head -c 1000001 /dev/zero > /tmp/w/big; head -c 1000000 /dev/zero > /tmp/w/fits"
    containers.start(BUSYBOX, "sh", "-c", f"{pages}; exec httpd -f -p 8080 -h /tmp/w", name="hs-big", publish=8080)
    containers.start(BUSYBOX, "sh", "-c", f"while :; do {far} | nc -l -p 8080; done", name="hs-far", publish=8080)

    big, fits = packaging.answers(["hs-big"], ("/big", "/fits")).asked[0].bodies
    assert big.digest == fits.digest
    assert (big.cut, fits.cut, big.size) == (True, False, 1_000_000)
    assert packaging.answers(["hs-far"], "/").asked[0].bodies[0].status == 302


def test_who_does_not_answer_is_named_with_its_log() -> None:
    containers.start(BUSYBOX, "sh", "-c", "echo no goods; sleep 0.3; exit 7", name="hs-dead", publish=8080)
    with pytest.raises(errors.CourseError, match=r"7|no goods"):
        packaging.answers(["hs-dead"], ("/",), seconds=10)
    containers.start(BUSYBOX, "sh", "-c", "echo asleep; sleep 60", name="hs-mute", publish=8080)
    with pytest.raises(errors.WaitedTooLong, match="asleep"):
        packaging.answers(["hs-mute"], ("/",), seconds=0.5)
    containers.start(BUSYBOX, "sleep", "60", name="hs-closed")
    with pytest.raises(errors.CourseError, match="publishes no port"):
        packaging.answers(["hs-closed"])
    with pytest.raises(errors.NotFound, match="Containers of this scene"):
        packaging.answers(["nobody"])


def test_a_program_for_another_kind_of_cpu(client: Client) -> None:
    found = packaging.foreign()

    assert found.cpu == elf.architecture(str(client.info()["Architecture"])) == found.control.cpu
    assert {found.control.cpu, found.foreign.cpu} == set(ARCHITECTURES)
    assert (found.control.ran, found.control.said) == (True, f"hello from a program for {found.cpu}")
    if found.emulated:
        assert found.foreign.said == f"hello from a program for {found.foreign.cpu}"
    else:
        assert found.foreign.said == "exec format error"
    assert repr(found) == repr(packaging.foreign())
    assert daemon.inventory().mine == ()
    assert journal.entries() == ()


def test_another_engines_way_to_refuse_and_an_unknown_cpu(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        message = "failed to create task: exec /hello: exec format error"
        raise errors.EngineRefused("The engine refused.", status=400, message=message)

    monkeypatch.setattr(engine_containers, "start", refuse)
    found = packaging.foreign()
    assert (found.foreign.said, found.foreign.exit_code) == ("exec format error", None)
    assert nothing_runs_or_ran(client)
    monkeypatch.setattr(type(client), "info", lambda _: {"Architecture": "riscv64"})
    with pytest.raises(errors.CourseError, match="riscv64"):
        packaging.foreign()


def shell(line: str) -> tuple[int, str]:
    """Runs `line` as typed in a terminal."""
    variables = {**os.environ, **plugins.environment()}
    done = subprocess.run(shlex.split(line), capture_output=True, text=True, timeout=60, env=variables, check=False)
    return done.returncode, done.stdout + done.stderr


def python(found: Shows) -> str:
    lines = "\n".join(found.figure().how.python)
    variables = {**os.environ, "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-c", lines], capture_output=True, text=True, timeout=60, env=variables, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_the_pictures_name_under_how_does_the_same(client: Client) -> None:
    ben = packaging.stand_in("ben", "bottle==0.13.4", files=["shop/shop.py"])
    status, said = shell(ben.figure().how.docker[0])
    assert status == 0
    assert "bottle" in said
    assert "shop.py" in said
    assert "bottle" in python(ben)

    compared = packaging.compare(["python3"], {"ben": ben, "busy": BUSYBOX}, ("python3", "/shop/shop.py"))
    for line, machine in zip(compared.figure().how.docker, compared.machines, strict=True):
        status, said = shell(line)
        assert status == machine.exit_code
        assert machine.error in said or machine.exit_code == 127
    assert "ModuleNotFoundError" in python(compared)

    serve("web", a="hello")
    web = containers.ps().containers[0]
    answers = packaging.answers([web], ("/a",))
    assert str(web.published[0].port) in shell(answers.figure().how.docker[0])[1]
    assert answers.asked[0].bodies[0].digest in python(answers)

    cpu = packaging.foreign()
    assert elf.architecture(shell(cpu.figure().how.docker[0])[1]) == cpu.cpu == elf.architecture(python(cpu))
    assert [c.name for c in engine_containers.ours(client)] == ["hs-web"]


def test_a_program_for_another_cpu_is_tried_again_beside_what_a_broken_run_left(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(engine_containers, "remove", lambda *_: None)  # the line is broken: it stays
        patch.setattr(engine_containers, "start", refused)
        with pytest.raises(errors.EngineRefused):
            packaging.foreign()
    assert not nothing_runs_or_ran(client)
    assert packaging.foreign().control.ran
    scene(SCENE)
    assert nothing_runs_or_ran(client)


def refused(*_: Any) -> None:
    raise errors.EngineRefused("The engine refused.", status=500, message="the test says so")
