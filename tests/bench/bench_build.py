"""How long a build through the course takes over the same build by the docker command, on the engine in use.

    python tests/bench/bench_build.py [ROUNDS]

`images.build` against `docker buildx build`: the same folder, of which one file is new for each build, so that nothing
but the base image comes from the cache. The course's also keeps the journal, reads the log, says each step and knows
its line. In each round both build once, in turn first; what counts is the median of the rounds' ratios. A command, not
a test: times on a busy machine are no verdict on the code. Target: at most 1.1. Exit status 1 if it is missed.
What it builds is removed; BuildKit's cache keeps some megabytes of it.
"""

from __future__ import annotations

import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers import images
from helpers.engine import scene
from helpers.engine.build import buildx
from helpers.engine.client import Client, connect
from tests.harness.by_hand import by_hand

TARGET = 1.1
ROUNDS = 11
DOCKERFILE = """\
FROM localhost/course/busybox:1
ENV GREETING=hello
COPY . /data/
RUN echo $GREETING > /greeting
RUN cksum /data/data.bin; seq 200
ENV LAST=1
"""
DATA = bytes(range(256)) * 4096  # 1 MB
NAMES = ("docker", "the course")


def bare(client: Client, folder: Path) -> str:
    """One build as in a terminal; the image's name."""
    command = ["docker", "buildx", "build", "--load", "--quiet", "--tag=bench-build:1", str(folder)]
    variables = {name: word for name, word in buildx.environment(client).items() if name != "BUILDX_CONFIG"}
    subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return "bench-build:1"


def course(client: Client, folder: Path) -> str:
    """One build through the course; the image's name."""
    return images.build(folder, name="bench", builder="buildkit").reference


def once(which: Callable[[Client, Path], str], client: Client, folder: Path) -> float:
    """Seconds of one build of what nobody has built before; its image is gone when this returns."""
    (folder / "new").write_text(secrets.token_hex(8))
    started = time.perf_counter()
    name = which(client, folder)
    seconds = time.perf_counter() - started
    by_hand(client).remove_image(name)
    return seconds


def main() -> int:
    """Prints the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as home:
        os.environ["COURSE_HOME"] = str(Path(home) / "home")  # a learner of its own
        folder = Path(home) / "folder"
        folder.mkdir()
        (folder / "Dockerfile").write_text(DOCKERFILE)
        (folder / "data.bin").write_bytes(DATA)
        client = connect()
        ways = dict(zip(NAMES, (bare, course), strict=True))
        times: dict[str, list[float]] = {name: [] for name in NAMES}
        try:
            for way in ways.values():
                once(way, client, folder)  # fills the caches of files and of byte code
            for number in range(rounds):
                for name in NAMES if number % 2 else NAMES[::-1]:
                    times[name].append(once(ways[name], client, folder))
        finally:
            scene.clear(client)
        version = client.version()["Version"]
    print(f"{'Docker ' + version:<16}{'median':>10}{'quartiles':>22}   ({rounds} rounds)")
    for name, row in times.items():
        low, _, high = statistics.quantiles(row, n=4) if len(row) > 1 else row * 3
        spread = f"{low * 1000:.0f} to {high * 1000:.0f} ms"
        print(f"{name:<16}{statistics.median(row) * 1000:>7.0f} ms{spread:>22}")
    ratios = [ours / theirs for theirs, ours in zip(times["docker"], times["the course"], strict=True)]
    low, ratio, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    print(f"the course takes {ratio:.2f} times as long ({low:.2f} to {high:.2f}); target {TARGET:g}")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
