"""The desk's figures: event to picture, CPU while nothing happens, a storm, a silent engine; no pass and no fail.

    python tests/bench/bench_desk.py [ROUNDS]

It is what `python3 start.py` starts: JupyterLab with the desk's extension, and a page's websocket. Times are from an
event to the message that a page gets; a browser adds some 10 ms until it is painted. Nothing else should happen on the
engine meanwhile. Made for Linux: CPU times are read in /proc.
"""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import os
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from helpers.desk.server import PATH
from helpers.engine.client import connect
from helpers.setup.jupyter import jupyterlab
from helpers.setup.jupyter import server as jupyter_server
from helpers.setup.jupyter.server import Server
from tests.desk.relay import Relay
from tests.harness.by_hand import by_hand

IMAGE = "localhost/course/busybox:1"
IDLE, STORM = 20.0, 10.0  # seconds
THREADS = 8


class Page:
    """A page's websocket, in a thread; when each message came."""

    def __init__(self, server: Server) -> None:
        jar = http.cookiejar.CookieJar()
        parts = (urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
        urllib.request.build_opener(*parts).open(f"{server.address}/lab?token={server.token}", timeout=60).close()
        self._headers = {"Cookie": "; ".join(f"{c.name}={c.value}" for c in jar), "Origin": server.address}
        self._url = f"{server.address.replace('http', 'ws')}/{PATH}"
        self.came: list[tuple[float, dict[str, Any]]] = []
        self.bytes = 0
        threading.Thread(target=lambda: asyncio.run(self._read()), daemon=True).start()

    async def _read(self) -> None:
        wire = await websocket_connect(HTTPRequest(self._url, headers=self._headers))
        while isinstance(text := await wire.read_message(), str):
            self.bytes = len(text)
            self.came.append((time.time(), json.loads(text)))

    def until(self, holds: Callable[[dict[str, Any]], bool], *, seconds: float = 20) -> float:
        """When the first message came for which that holds, from now on."""
        seen, deadline = max(0, len(self.came) - 1), time.monotonic() + seconds
        while time.monotonic() < deadline:
            for at, message in self.came[seen:]:
                if holds(message):
                    return at
            time.sleep(0.005)
        raise SystemExit(f"not within {seconds} s: {self.came[-1][1].get('summary')}")


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def latency(page: Page, hand: Any, rounds: int) -> None:
    """From the engine's time of an event to the page's message."""
    waits = []
    for _ in range(rounds):
        name, seen = f"hs-bench-{uuid.uuid4().hex[:6]}", len(page.came)
        hand.create_network(name)
        made = hand.create_container(
            IMAGE, ["sleep", "100"], name=name, host_config=hand.create_host_config(network_mode=name)
        )
        hand.start(made["Id"])
        time.sleep(1)
        hand.remove_container(made["Id"], force=True)
        hand.remove_network(name)
        time.sleep(1)
        waits += [at - m["since"] for at, m in page.came[seen:] if m.get("events")]
    waits.sort()
    print(
        f"event to message   n {len(waits)}   median {statistics.median(waits) * 1e3:.0f} ms   "
        f"95 % {waits[int(len(waits) * 0.95)] * 1e3:.0f} ms   most {waits[-1] * 1e3:.0f} ms"
    )


def idle(page: Page, pid: int) -> None:
    """CPU of the whole server while nothing happens."""
    time.sleep(6)  # marks go
    before, messages = cpu(pid), len(page.came)
    time.sleep(IDLE)
    print(
        f"idle               {(cpu(pid) - before) / IDLE * 100:.2f} % of a core, the whole server; "
        f"{len(page.came) - messages} messages in {IDLE:.0f} s"
    )


def storm(page: Page, hand: Any, pid: int) -> None:
    """As many events as eight threads can make, and that the last picture is right."""
    made = [
        hand.create_container(IMAGE, ["true"], name=f"hs-storm-{n}-{uuid.uuid4().hex[:6]}")["Id"]
        for n in range(THREADS)
    ]
    done = [0] * THREADS
    before, messages, end = cpu(pid), len(page.came), time.monotonic() + STORM

    def rename(at: int) -> None:
        while time.monotonic() < end:
            hand.rename(made[at], f"hs-storm-{at}-{uuid.uuid4().hex[:6]}")
            done[at] += 1

    threads = [threading.Thread(target=rename, args=(at,)) for at in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = f"hs-last-{uuid.uuid4().hex[:6]}"
    hand.rename(made[0], last)
    at = time.time()
    right = page.until(lambda m: any(spot["name"] == last for spot in m.get("spots", ())))
    used = (cpu(pid) - before) / STORM * 100
    print(
        f"storm              {sum(done) / STORM:.0f} events a second: {(len(page.came) - messages) / STORM:.1f} "
        f"pictures a second, {used:.0f} % of a core; the last one right after {right - at:.2f} s"
    )
    for one in made:
        hand.remove_container(one)


def silence(page: Page, relay: Relay) -> None:
    """How soon it is said that the engine is gone or hangs, and that it is back."""
    for word, down, up in (("gone", relay.gone, relay.up), ("hangs", relay.hang, relay.go_on)):
        at = time.time()
        down()
        said = page.until(lambda m: m.get("ok") is False) - at
        time.sleep(2)
        at = time.time()
        up()
        back = page.until(lambda m: m.get("ok") is True and "Looking" not in m["summary"]) - at
        print(f"engine {word:<12}said after {said:.2f} s, back after {back:.2f} s")


def main() -> None:
    """Prints the figures."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    client = connect()
    hand = by_hand(client)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["COURSE_HOME"] = scratch
        relay = Relay(Path(scratch) / "engine.sock", client.address.url)
        variables = {**jupyterlab.kernel_environment(client), "DOCKER_HOST": relay.url, "COURSE_HOME": scratch}
        with jupyter_server.serve(say=lambda _: None, environment=variables) as server:
            page = Page(server)
            page.until(lambda m: "Looking" not in m.get("summary", "Looking"), seconds=60)
            print(f"load {os.getloadavg()[0]:.1f}, engine {client.version()['Version']}")
            latency(page, hand, rounds)
            idle(page, server.process.pid)
            storm(page, hand, server.process.pid)
            silence(page, relay)


if __name__ == "__main__":
    main()
