"""Runs the tests that need an engine on other Docker engines, and writes down how it went.

    python tests/harness/engines/sweep.py [--only 26,28c] [pytest options and paths]

For each of 26, 26c, 28 and 28c (c: the containerd image store): start it, bring the base images from the default
engine to it, run the tests in its network namespace, stop it and delete its data. The result goes into
results/YYYY-MM-DD.md beside this file. Exit status 1 if a test failed on any of them. Needs root on Debian.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from tests.harness.engines.engines import (  # noqa: E402
    Engine,
    EngineFailed,
    call,
    copy_images,
    down,
    refuse_unless_possible,
    run,
    up,
)

RESULTS = Path(__file__).with_name("results")
WANTED = ("26", "26c", "28", "28c")
PART = ("tests", "-m", "engine and not browser")
MINUTES = "60"  # for one engine; its own watchdog ends it then


@dataclass(frozen=True, kw_only=True)
class Result:
    """How the tests went on one engine. failures: "test: first line of what it said"."""

    engine: str
    version: str = "?"
    store: str = "?"
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    failures: tuple[str, ...] = ()

    @property
    def row(self) -> str:
        """Its line in the table."""
        cells = (self.engine, self.version, self.store, self.passed, self.failed, self.skipped, f"{self.seconds:.0f}")
        return f"| {' | '.join(str(cell) for cell in cells)} |"


def engine_called(name: str) -> Engine:
    """The engine of a name such as 28c."""
    return Engine(version=name.rstrip("c"), containerd=name.endswith("c"))


def read_report(report: Path, *, engine: str, version: str, store: str, seconds: float, status: int) -> Result:
    """Counts what pytest wrote in its JUnit file. A run without one, or failed as a whole, counts as a failure."""
    passed = skipped = 0
    failures: list[str] = []
    cases = ET.parse(report).getroot().iter("testcase") if report.exists() else ()
    for case in cases:
        bad = [child for child in case if child.tag in ("failure", "error")]
        if bad:
            said = (bad[0].get("message") or "").splitlines() or [""]
            failures.append(f"{case.get('classname')}::{case.get('name')}: {said[0][:160]}")
        elif any(child.tag == "skipped" for child in case):
            skipped += 1
        else:
            passed += 1
    if status and not failures:
        failures.append(f"the run as a whole: pytest ended with status {status}; what it said is above")
    return Result(
        engine=engine,
        version=version,
        store=store,
        passed=passed,
        failed=len(failures),
        skipped=skipped,
        seconds=seconds,
        failures=tuple(failures),
    )


def test_on(name: str, *, folder: Path, options: Sequence[str]) -> Result:
    """Starts one engine, runs the tests on it, takes it away again."""
    engine, started = engine_called(name), time.monotonic()
    env = {**os.environ, "COURSE_HOME": str(folder / f"home-{name}"), "COURSE_TEST_MINUTES": MINUTES, "CI": "1"}
    report = folder / f"{name}.xml"
    try:
        up(engine)
        known = call(
            "docker", "--host", engine.docker_host, "info", "--format", "{{.ServerVersion}} {{.Driver}}"
        ).split()
        say(f"{name}: {' '.join(known)}; bringing the base images to it")
        copy_images(engine)
        command = [sys.executable, "-m", "pytest", f"--junitxml={report}", "-p", "no:cacheprovider", *options]
        status = run(engine, command, env=env)
        return read_report(
            report,
            engine=name,
            version=known[0],
            store="containerd" if engine.containerd else f"graph driver {known[1]}",
            seconds=time.monotonic() - started,
            status=status,
        )
    except EngineFailed as error:
        return Result(engine=name, failed=1, failures=(str(error),), seconds=time.monotonic() - started)
    finally:
        down(engine, purge=True)


def write(results: Sequence[Result], options: Sequence[str]) -> Path:
    """Writes the dated result file; the last one of a day stays."""
    lines = [
        f"# Other engines, {datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()}",
        "",
        f"`pytest {' '.join(options)}` on each, with the same base images.",
        "",
        "| engine | version | image store | passed | failed | skipped | seconds |",
        "|---|---|---|---|---|---|---|",
        *(result.row for result in results),
        "",
    ]
    for result in results:
        if result.failures:
            lines += [f"## Failed on {result.engine}", "", *(f"- {failure}" for failure in result.failures), ""]
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{lines[0].rpartition(' ')[2]}.md"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def say(line: str) -> None:
    """One line to whoever waits for this."""
    print(f"sweep: {line}", flush=True)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(WANTED), metavar="26,28c", help="only these engines")
    asked, rest = parser.parse_known_args()
    names = asked.only.split(",")
    if not set(names) <= set(WANTED):
        parser.error(f"engines are {', '.join(WANTED)}")
    options = rest if any(not word.startswith("-") for word in rest) else [*rest, *PART]
    try:
        refuse_unless_possible()
    except EngineFailed as error:
        print(f"sweep: {error}", file=sys.stderr)
        return 1
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory(prefix="course-sweep-") as temporary:
        folder = Path(temporary)
        results = []
        for name in names:
            results.append(test_on(name, folder=folder, options=options))
            say(f"{name}: {results[-1].passed} passed, {results[-1].failed} failed, {results[-1].skipped} skipped")
            written = write(results, options)  # after each: an interrupted sweep has told what it knows
    say(f"written: {written}")
    return 1 if any(result.failed for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
