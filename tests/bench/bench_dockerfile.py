"""How long the table of what starts takes over its longest cell and the bare starts of its sixteen containers.

    python tests/bench/bench_dockerfile.py [ROUNDS]

Each round runs the whole table; then the cell that takes longest (a shell form, which lets SIGTERM pass) alone; then
creates, starts and removes sixteen containers of the same images by docker-py, as many at once as the table has. The
images are built before. A command, not a test. Target: a median ratio of 1.5 at most. Exit status 1 if it is missed.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers.dockerfile.engine import starts
from helpers.engine import scene
from helpers.engine.client import Client, connect
from helpers.engine.ownership import labels
from helpers.engine.session import session

RATIO = 1.5
SCENE = "bench-dockerfile"
ARGUMENTS = ("Ben",)
SECONDS = 2.0  # that a program has to end, as in the chapter
LONGEST = 1  # of the table: a shell form


def timed(do: Callable[[], object]) -> float:
    """Its seconds."""
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def run(client: Client, images: Sequence[str], arguments: Sequence[str]) -> None:
    """The table of these images."""
    starts.starts(client, images, arguments=arguments, init=False, seconds=SECONDS, scene=SCENE, ready=starts.GREETED)


def bare(client: Client, images: Sequence[str]) -> None:
    """The same containers, only started."""
    raw: Any = client

    def one(image: str) -> None:
        made = raw.create_container(image, list(ARGUMENTS), labels=labels.labels(SCENE), network_disabled=True)["Id"]
        try:
            raw.start(made)
        except Exception as error:  # two of the sixteen can't start: that is what the table shows
            if "executable file not found" not in str(error) and "no such file" not in str(error):
                raise
        raw.remove_container(made, v=True, force=True)

    with ThreadPoolExecutor(starts.AT_ONCE) as pool:
        list(pool.map(one, [image for image in images for _ in range(2)]))


def main() -> int:
    """Prints the three times and their ratio."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as home:
        os.environ["COURSE_HOME"] = home  # a learner of its own
        client = connect()
        session.enter(SCENE)
        try:
            images = starts.table(client, scene=SCENE)
            run(client, images[:1], ())  # warm
            rows = [
                (
                    timed(lambda: run(client, images, ARGUMENTS)),
                    timed(lambda: run(client, images[LONGEST : LONGEST + 1], ())),
                    timed(lambda: bare(client, images)),
                )
                for _ in range(rounds)
            ]
        finally:
            scene.clear(client, scene=SCENE)
        version = client.version()["Version"]
    assert threading.active_count() == 1
    ratio = statistics.median(whole / (cell + alone) for whole, cell, alone in rows)
    whole, cell, alone = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"Docker {version}: table {whole:.2f} s, longest cell {cell:.2f} s, sixteen starts {alone:.2f} s ({rounds})")
    print(f"median of the ratios, table to cell and starts: {ratio:.2f}; target {RATIO:g}")
    return 0 if ratio <= RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
