"""How long a build through the course takes over the same build through docker-py alone, on the engine in use.

    python tests/bench/bench_build.py [ROUNDS]

Both send the same Dockerfile and file to the classic builder, without its cache, and read the log to its end; the
course's also sets labels, keeps the journal, says each step and knows its line. A command, not a test: times on a
busy machine are no verdict on the code. Target: at most 1.1 times docker-py's median. Exit status 1 if it is missed.
What it builds is removed.
"""

from __future__ import annotations

import io
import os
import statistics
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers.engine import scene
from helpers.engine.build import classic
from helpers.engine.client import Client, connect
from helpers.engine.ownership import labels
from tests.harness.by_hand import by_hand

TARGET = 1.1
SCENE = "bench-build"
DOCKERFILE = """\
FROM localhost/course/busybox:1
ENV GREETING=hello
COPY data.bin /data/
RUN echo $GREETING > /greeting
RUN cksum /data/data.bin; seq 200
ENV LAST=1
"""
DATA = bytes(range(256)) * 4096  # 1 MB
NAMES = ("docker-py", "the course")


def bare(client: Client, tag: str) -> None:
    """One build as a reader would write it with docker-py, the course's labels set."""
    raw: Any = client
    sent = io.BytesIO()
    with tarfile.open(fileobj=sent, mode="w") as tar:
        for name, content in (("Dockerfile", DOCKERFILE.encode()), ("data.bin", DATA)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    sent.seek(0)
    for item in raw.build(
        fileobj=sent,
        custom_context=True,
        tag=tag,
        labels=labels.labels(SCENE),
        nocache=True,
        rm=True,
        forcerm=True,
        decode=True,
    ):
        if "error" in item:
            raise SystemExit(item["error"])


def course(client: Client, tag: str) -> None:
    """One build through the course."""
    said: list[str] = []
    classic.build(
        client, dockerfile=DOCKERFILE, context={"data.bin": DATA}, tag=tag, scene=SCENE, nocache=True, say=said.append
    )


def once(which: Callable[[Client, str], None], client: Client) -> float:
    """Seconds of one build; its image is gone when this returns."""
    tag = f"{labels.object_name(SCENE, 'image')}:1"
    started = time.perf_counter()
    which(client, tag)
    seconds = time.perf_counter() - started
    by_hand(client).remove_image(tag)  # with the steps, which nobody else can have
    return seconds


def main() -> int:
    """Prints the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as home:
        os.environ["COURSE_HOME"] = home  # a learner of its own
        client = connect()
        ways = dict(zip(NAMES, (bare, course), strict=True))
        times: dict[str, list[float]] = {name: [] for name in NAMES}
        try:
            for way in ways.values():
                once(way, client)  # fills the caches of files and of byte code
            for number in range(rounds):  # in turn, and each first every other time
                for name in NAMES if number % 2 else NAMES[::-1]:
                    times[name].append(once(ways[name], client))
        finally:
            scene.clear(client, scene=SCENE)
        version = client.version()["Version"]
    print(f"{'Docker ' + version:<16}{'median':>10}{'quartiles':>22}{'ratio':>8}   ({rounds} rounds)")
    base = statistics.median(times[NAMES[0]])
    for name, row in times.items():
        median = statistics.median(row)
        low, _, high = statistics.quantiles(row, n=4) if len(row) > 1 else (median, median, median)
        spread = f"{low * 1000:.0f} to {high * 1000:.0f} ms"
        print(f"{name:<16}{median * 1000:>7.0f} ms{spread:>22}{median / base:>8.2f}")
    ratio = statistics.median(times[NAMES[1]]) / base
    print(f"the course takes {ratio:.2f} times as long as docker-py; target {TARGET:g}")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
