"""Whatever a container says or serves, reading it ends: in bytes and in seconds, and what was cut is said."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from helpers import containers, errors, scene
from helpers.engine import client as client_module
from helpers.engine import containers as engine_containers
from helpers.engine import waiting
from helpers.engine.bounded import http, output, rights
from helpers.engine.client import Client
from helpers.engine.model.log_limit import BYTES, LIMIT, log_config
from helpers.packaging.engine import http_answers
from tests.harness import foreign

ROOT = Path(__file__).resolve().parents[2]
BUSYBOX = "localhost/course/busybox:1"
HERE = "test-bounded"


@pytest.fixture
def stage(client: Client) -> Iterator[Client]:
    with scene(HERE):
        before = foreign.snapshot(client)
        yield client
    assert foreign.leftovers(before, foreign.snapshot(client)) == []


def seen_in(client: Client, which: str, name: str) -> list[str]:
    """The processes of that name in a container, as the engine's host sees them."""
    rows = client.top(next(one.id for one in engine_containers.ours(client, scene=HERE) if one.name == which))
    return [row for row in map(str, rows["Processes"]) if name in row]


@pytest.mark.engine
@pytest.mark.parametrize("user", ["", "1000"])
def test_a_command_that_writes_for_ever_is_ended_and_its_figure_says_so(stage: Client, user: str) -> None:
    containers.start(BUSYBOX, "sleep", "60", name="hs-box", user=user)
    started = time.monotonic()

    found = containers.exec("hs-box", "sh", "-c", "yes | cat")

    assert time.monotonic() - started < 10
    assert len(found.text) == output.SHOWN
    assert "It was ended, because it had written 17 MB. These are its first 256 kB." in found.figure().sentence
    assert not seen_in(stage, "hs-box", "yes")
    assert containers.exec("hs-box", "echo", "still here").text == "still here\n"


@pytest.mark.engine
def test_a_silent_command_is_ended_with_what_it_started_and_nothing_else_is(stage: Client) -> None:
    containers.start(BUSYBOX, "sleep", "61", name="hs-box")
    started = time.monotonic()

    found = containers.exec("hs-box", "sh", "-c", "echo begun; sleep 62 & sleep 63; echo over", seconds=1)

    assert time.monotonic() - started < 10
    assert found.text == "begun\n"
    assert "It was ended, because 1 s were over." in repr(found)
    assert not seen_in(stage, "hs-box", "sleep 62") + seen_in(stage, "hs-box", "sleep 63")
    assert seen_in(stage, "hs-box", "sleep 61")


@pytest.mark.engine
def test_a_command_that_says_much_and_ends_is_let_end(stage: Client) -> None:
    containers.start(BUSYBOX, "sleep", "60", name="hs-box")

    found = containers.exec("hs-box", "sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; touch /done; exit 3")

    assert (found.exit_code, len(found.text)) == (3, output.SHOWN)
    assert "It wrote more: these are the first 256 kB." in repr(found)
    assert containers.exec("hs-box", "ls", "/done").exit_code == 0
    assert containers.exec("hs-box", "echo", "short").cut == ""


# Five gigabytes that take no room on the disk. What the process held at most (VmHWM; a child's ru_maxrss may be its
# parent's) is in kB.
_READ = """
import json, sys
from pathlib import Path
from helpers import containers, scene
from helpers.engine.session import session
session.enter(sys.argv[1])
container = containers.ps().containers[0]
def most():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
before = most()
found = containers.exec(container, "cat", "/big") if sys.argv[2] == "exec" else containers.copy(container, "/big")
grown = most() - before
print(json.dumps({"grown": grown, "said": found.figure().sentence, "text": len(found.text)}))
"""


@pytest.mark.engine
@pytest.mark.parametrize("way", ["exec", "copy"])
def test_a_file_of_five_gigabytes_does_not_fill_the_memory(stage: Client, way: str) -> None:
    containers.start(BUSYBOX, "sh", "-c", "truncate -s 5G /big; sleep 60", name="hs-box")
    waiting.until(lambda: containers.exec("hs-box", "ls", "/big").exit_code == 0 or None, "the file", seconds=10)
    started = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-c", _READ, HERE, way], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    print(way, found["grown"], "kB,", round(time.monotonic() - started, 1), "s")
    assert found["text"] == 256 * 1024
    assert found["grown"] < 40_000, "kB"
    said = "It was ended, because it had written 17 MB." if way == "exec" else "its first 262 kB of 5.4 GB"
    assert said in found["said"]


@pytest.mark.engine
def test_a_container_that_prints_for_ever_does_not_fill_the_disk(stage: Client) -> None:
    """As one does whose notebook was killed: the engine keeps the end of what it says, and no more."""
    containers.start(BUSYBOX, "yes", "a line that is somewhat longer than a letter", name="hs-loud")
    container = engine_containers.ours(stage, scene=HERE)[0].id
    folder = Path(str(stage.inspect_container(container)["LogPath"])).parent
    if not folder.is_dir():
        pytest.skip("the engine's disk is not this computer's")
    found = stage.inspect_container(container)["HostConfig"]["LogConfig"]
    sizes: list[int] = []
    until = time.monotonic() + 20
    while time.monotonic() < until and len(sizes) < 60:
        with contextlib.suppress(FileNotFoundError):  # the older half goes
            sizes.append(sum(file.stat().st_size for file in folder.glob("*.log*")))
        time.sleep(0.2)
        if len(sizes) > 20 and max(sizes) > BYTES // 2:
            break
    said = containers.logs("hs-loud")
    containers.remove("hs-loud")
    print("the log took at most", max(sizes), "bytes")
    assert found == {"Type": "json-file", "Config": LIMIT}
    assert 1_000_000 < max(sizes) < 1.3 * BYTES
    assert len(said.text) == output.SHOWN
    assert "The log is longer: this is its end, of 256 kB." in repr(said)


def test_a_log_has_a_limit_in_the_words_of_the_engine_s_driver_or_none() -> None:
    assert log_config("json-file") == {"Type": "json-file", "Config": {"max-size": "5000000", "max-file": "2"}}
    assert log_config("local") == {
        "Type": "local",
        "Config": {"max-size": "5000000", "max-file": "2", "compress": "false"},
    }
    assert [log_config(driver) for driver in ("journald", "syslog", "none", "")] == [None] * 4


@pytest.mark.engine
def test_what_the_course_runs_for_itself_has_bounds_and_what_a_learner_starts_is_as_docker_starts_it(
    stage: Client,
) -> None:
    own = engine_containers.create(stage, BUSYBOX, ["true"], scene=HERE)
    learners = containers.create(BUSYBOX, "true", name="hs-plain")
    bounds: list[tuple[int, int]] = []
    for one in (own, learners.id):
        host: Any = stage.inspect_container(one)["HostConfig"]
        bounds.append((host["Memory"], host["PidsLimit"] or 0))
        assert host["LogConfig"]["Config"]["max-size"] == "5000000"
    assert bounds == [(512 * rights.MEGABYTE, 512), (0, 0)]


class Server:
    """Answers each connection with what `write` writes to it, for at most ten seconds."""

    def __init__(self, write: Callable[[socket.socket], None]) -> None:
        self._write = write
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            with line:
                line.settimeout(10)
                try:
                    line.recv(65536)
                    self._write(line)
                except OSError:
                    pass

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()


HEAD = b"HTTP/1.0 200 OK\r\n\r\n"


def drip(head: bytes) -> Callable[[socket.socket], None]:
    """A byte now and then, always sooner than a socket's own time limit."""

    def write(line: socket.socket) -> None:
        line.sendall(head)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            line.sendall(b"x")
            time.sleep(0.1)

    return write


@pytest.fixture
def served() -> Iterator[Callable[[Callable[[socket.socket], None]], Server]]:
    made: list[Server] = []

    def serve(write: Callable[[socket.socket], None]) -> Server:
        made.append(Server(write))
        return made[-1]

    yield serve
    for server in made:
        server.close()


@pytest.mark.parametrize("head", [HEAD, b"HTTP/1.0 200 OK\r\nX-Slow: "], ids=["body", "head"])
def test_a_server_that_dribbles_is_heard_until_the_deadline(served: Callable[..., Server], head: bytes) -> None:
    server = served(drip(head))
    started = time.monotonic()

    found = waiting.get(server.url, seconds=1)

    assert time.monotonic() - started < 3
    if head == HEAD:
        assert found.status == 200
        assert found.body.strip("x") == ""
        assert "it had not ended after 1 s" in containers.Answer.of(found).figure().sentence
    else:
        assert (found.status, found.body) == (0, "no answer within 1 s")


def test_a_dribbling_server_has_given_no_answer_that_could_be_compared(served: Callable[..., Server]) -> None:
    started = time.monotonic()
    assert http_answers._get(served(drip(HEAD)).url) is None
    assert time.monotonic() - started < 6


def test_a_page_without_end_is_cut_and_says_so(served: Callable[..., Server]) -> None:
    def write(line: socket.socket) -> None:
        line.sendall(HEAD)
        for _ in range(1000):
            line.sendall(b"y" * 65536)

    found = waiting.get(served(write).url, seconds=3)
    assert (found.status, len(found.body)) == (200, 65536)
    assert "it is longer than 64 kB" in repr(containers.Answer.of(found))
    whole = waiting.get(served(lambda line: line.sendall(HEAD + b"a page")).url)
    assert (whole.body, whole.cut) == ("a page", "")


def test_what_is_not_http_or_breaks_off_is_no_traceback(served: Callable[..., Server]) -> None:
    nonsense = waiting.get(served(lambda line: line.sendall(b"220 mail.example ready\r\n")).url)
    assert (nonsense.status, nonsense.body) == (0, "that was no answer in HTTP's words (BadStatusLine)")
    part = served(lambda line: line.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nhalf"))
    broken = waiting.get(part.url)
    assert (broken.status, broken.body) == (200, "half")
    assert "it broke off" in broken.cut
    assert http_answers._get(part.url) is None


def test_what_leads_elsewhere_is_followed_only_if_asked(served: Callable[..., Server]) -> None:
    there = served(lambda line: line.sendall(HEAD + b"there"))
    here = served(lambda line: line.sendall(f"HTTP/1.0 302 Found\r\nLocation: {there.url}\r\n\r\n".encode()))
    assert http.get(here.url, most=100, seconds=3).data == b"there"
    assert http.get(here.url, most=100, seconds=3, follow=False).status == 302


class Stream(client_module.Stream):
    """Pieces that come over no line."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__(pieces, requests.Response())
        self.closed = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("last", [False, True])
def test_no_more_than_is_kept_is_in_memory(last: bool) -> None:
    stream = Stream(os.urandom(1024 * 1024) for _ in range(100))
    tracemalloc.start()
    found = output.take(stream, keep=1000, most=10**9, seconds=60, last=last)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(found.data), found.came, found.whole) == (1000, 100 * 1024 * 1024, True)
    assert peak < 5_000_000


@pytest.mark.parametrize(("last", "kept"), [(False, b"012"), (True, b"789")])
def test_the_first_or_the_last_bytes_are_kept(last: bool, kept: bytes) -> None:
    pieces = [b"01", b"2345", b"6", b"789"]
    stream = Stream(iter(pieces))
    assert output.take(stream, keep=3, most=100, seconds=5, last=last).data == kept
    assert stream.closed
    cut = Stream(iter(pieces))
    found = output.take(cut, keep=3, most=6, seconds=5, last=last)
    assert (found.came, found.whole, cut.closed) == (6, False, True)


@pytest.mark.engine
def test_an_engine_without_helpers_says_that_the_command_goes_on(
    stage: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rootless ones, for instance, may not let a container join their host."""

    def refused(*_: Any, **__: Any) -> str:
        raise errors.EngineRefused("The engine refused.", status=403, message="no")

    monkeypatch.setattr(rights, "make", refused)
    containers.start(BUSYBOX, "sleep", "60", name="hs-box")
    found = containers.exec("hs-box", "sleep", "3", seconds=1)
    assert "It keeps running in there, unheard, because 1 s were over. containers.restart ends it." in repr(found)
