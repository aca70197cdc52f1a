"""How long `containers.run` takes over the same calls of docker-py; how many calls an overview of 200 containers takes.

    python tests/bench/bench_containers.py [ROUNDS]

Both create, start, wait, read the log and remove, with the course's labels, one after the other; each is first every
other time, and the ratio is that of a pair. A command, not a test. Targets: a median ratio of 1.15 at most; 3 HTTP
calls at most for 200 containers, which are created and never started. Exit status 1 if one is missed.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers import containers
from helpers.engine import scene
from helpers.engine.client import Client, connect
from helpers.engine.ownership import labels
from helpers.engine.session import session

RATIO, CALLS, NUMBER = 1.15, 3, 200
SCENE = "bench-containers"
IMAGE = "localhost/course/busybox:1"


def bare(client: Client) -> None:
    """One run as a reader would write it with docker-py, the course's labels set."""
    raw: Any = client
    made = raw.create_container(IMAGE, ["true"], labels=labels.labels(SCENE))["Id"]
    raw.start(made)
    raw.wait(made)
    raw.logs(made)
    raw.remove_container(made, v=True, force=True)


def timed(course: bool, client: Client) -> float:
    """Seconds of one run."""
    begun = time.perf_counter()
    if course:
        containers.run(IMAGE, "true")
    else:
        bare(client)
    return time.perf_counter() - begun


def main() -> int:
    """Prints both figures."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as home:
        os.environ["COURSE_HOME"] = home  # a learner of its own
        client = connect()
        raw: Any = client
        session.enter(SCENE)
        try:
            timed(True, client)
            timed(False, client)
            pairs = []
            for number in range(rounds):
                times = {course: timed(course, client) for course in ((True, False) if number % 2 else (False, True))}
                pairs.append((times[True], times[False]))
            for _ in range(NUMBER):
                raw.create_container(IMAGE, ["true"], labels=labels.labels(SCENE))
            begun = time.perf_counter()
            seen = len(containers.ps().containers)
            took, calls = time.perf_counter() - begun, len(client.last_trace.calls)
        finally:
            scene.clear(client, scene=SCENE)
        version = client.version()["Version"]
    ratio = statistics.median(course / alone for course, alone in pairs)
    course, alone = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    print(f"Docker {version}: containers.run {course:.0f} ms, docker-py {alone:.0f} ms, medians of {rounds}")
    print(f"median of the paired ratios {ratio:.2f}; target {RATIO:g}")
    print(f"an overview of {seen} containers: {calls} HTTP calls, {took * 1000:.0f} ms; target {CALLS} calls")
    return 0 if ratio <= RATIO and calls <= CALLS and seen == NUMBER else 1


if __name__ == "__main__":
    sys.exit(main())
