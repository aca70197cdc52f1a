"""How long `import helpers` takes over bare Python, beside docker-py and others in the same run.

    python tests/bench/bench_import.py [ROUNDS]

A command, not a test: times on a busy machine are no verdict on the code. Target: at most 60 ms over bare Python.
Exit status 1 if it is missed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = 0.060  # seconds over bare Python
CODES = ("pass", "import helpers", "import docker", "import ipywidgets", "import json, pathlib")


def once(code: str) -> float:
    """Seconds from start to exit of one interpreter."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
    return time.perf_counter() - started


def main() -> int:
    """Prints the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    for code in CODES:
        once(code)  # fills the caches of files and of byte code
    times: dict[str, list[float]] = {code: [] for code in CODES}
    for _ in range(rounds):  # one after another, so that a slow moment of the machine hits all alike
        for code in CODES:
            times[code].append(once(code))
    bare = statistics.median(times["pass"])
    print(f"{'python -c':<24}{'median':>10}{'over bare':>12}{'ratio':>8}   ({rounds} rounds)")
    for code, row in times.items():
        median = statistics.median(row)
        print(f"{code:<24}{median * 1000:>7.1f} ms{(median - bare) * 1000:>9.1f} ms{median / bare:>8.2f}")
    over = statistics.median(times["import helpers"]) - bare
    print(f"import helpers: {over * 1000:.1f} ms over bare Python; target {TARGET * 1000:.0f} ms")
    return 0 if over <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
