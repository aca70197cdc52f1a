"""What holds around the whole test run, whichever tests are in it. A pytest plugin, registered by conftest.py.

- A private COURSE_HOME and COURSE_WORK, COURSE_STRICT=1 and COURSE_SHARED=0, for the run and everything it starts.
- Tests that need an engine are skipped with the reason where none answers; with CI set they fail instead.
- Around them, foreign objects are on the engine (foreign.py). At the end they, and everything else that was there
  before, must be as they were, and nothing of the course's may be left but its base images; else the run fails.
- A watchdog ends a run that takes longer than COURSE_TEST_MINUTES, cleans up and says what was slow.
- Where the tests run on two engines at once (engines/pair.py), all of this holds for each of the two; `_group` says
  which tests stay together.

A plugin and not a conftest.py: hooks there do not see the notebooks, which lie outside of tests/.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from helpers import errors
from helpers.engine.client import Client, connect, disconnect
from helpers.engine.ownership import labels
from tests.harness import executed, foreign
from tests.harness.durations import Durations

MINUTES = 60.0  # the tests take some 25 on two engines, and nearly twice as long on one
GRACE_SECONDS = 60.0  # for finalizers, once the watchdog has interrupted the run


def in_ci() -> bool:
    """True where a missing engine or browser is a failure, not a reason to skip."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}


def absent(reason: str) -> None:
    """Skips the test with the reason; in CI it fails: a test that never runs there would guard nothing."""
    if in_ci():
        pytest.fail(f"{reason} (CI is set, so this is a failure)", pytrace=False)
    pytest.skip(reason)


class Guards:
    """One per run."""

    def __init__(self, config: pytest.Config) -> None:
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            # a run in the background inherits this; the watchdog, and what tests start, rely on the signal
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self.config = config
        self.client: Client | None = None
        self.no_engine = "no test of this run needs an engine"
        self.broken: list[str] = []
        self.running = ""
        self.durations = Durations()
        config.pluginmanager.register(self.durations, "course-durations")
        self.worker = hasattr(config, "workerinput")  # one of those that run the tests, of pytest-xdist
        self.minutes = float(os.environ.get("COURSE_TEST_MINUTES") or MINUTES)
        self.too_long = False
        self.home = Path(tempfile.mkdtemp(prefix="course-tests-"))
        os.environ["COURSE_HOME"] = str(self.home)
        os.environ["COURSE_LABS"] = str(self.home / "labs")
        os.environ["COURSE_WORK"] = str(self.home / "work")
        os.environ["COURSE_STRICT"] = "1"
        os.environ[labels.SHARED] = "0"  # another learner's containers, of the foreign objects, run beside
        if not self.worker:
            shared = self.home / "shared"
            shared.mkdir()
            os.environ[executed.FOLDER] = str(shared)

    # -- which tests, and in which order

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Marks what needs an engine; the quick rooms come first, or in a worker what takes long."""
        for item in items:
            if "client" in getattr(item, "fixturenames", ()):
                item.add_marker("engine")
        items.sort(key=_place)
        if self.worker:
            items.sort(key=lambda item: _weight(item.nodeid))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skips, or fails, what needs an engine where none answers."""
        if self.client is None and item.get_closest_marker("engine"):
            absent(self.no_engine)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> object:
        """Hands the tests out in groups."""
        from xdist.scheduler import LoadScopeScheduling

        class Groups(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
            def _split_scope(self, nodeid: str) -> str:
                return _group(nodeid)

        return Groups(config, log)

    # -- around the whole run

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Puts the foreign objects there before the first test and compares after the last, come what may."""
        if session.config.option.collectonly:
            return (yield)
        planted: foreign.Foreign | None = None
        ended = threading.Event()
        watchdog = threading.Thread(target=self._watch, args=(ended,), daemon=True)
        watchdog.start()
        try:
            if any(item.get_closest_marker("engine") for item in session.items):
                planted, before, bases = self._plant()
            try:
                return (yield)
            finally:
                if planted is not None:
                    self._compare(before, bases)
        finally:
            if planted is not None:
                planted.remove()
            ended.set()
            session.testsfailed += len(self.broken)  # pytest's exit status follows this
            disconnect()

    def _plant(self) -> tuple[foreign.Foreign | None, foreign.Snapshot, set[str]]:
        nothing = (None, foreign.Snapshot({}), set[str]())
        try:
            self.client = connect()
        except errors.EngineNotReachable as error:
            self.no_engine = f"no engine: {error.why}"
            return nothing
        foreign.remove_those_of_killed_runs(self.client)
        planted = foreign.Foreign(self.client)
        try:
            planted.plant()
        except errors.EngineError as error:
            self.broken.append(f"the foreign objects could not be put on the engine: {error}")
            return nothing
        return planted, foreign.snapshot(self.client), foreign.base_images(self.client)

    def _compare(self, before: foreign.Snapshot, bases: set[str]) -> None:
        assert self.client is not None
        if self.too_long:
            self._clean()  # the run was cut short: what is left then is no test's fault
        after = foreign.snapshot(self.client)
        self.broken += [f"not the course's, and changed: {line}" for line in foreign.changes(before, after)]
        self.broken += foreign.leftovers(before, after)
        self.broken += [f"base image {tag} is gone" for tag in sorted(bases - foreign.base_images(self.client))]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """A worker tells the run what is left on its engine."""
        if self.worker:
            self.config.workeroutput["broken"] = self.broken  # type: ignore[attr-defined]  # xdist's

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes what a worker tells. One that says nothing has crashed, which fails its test."""
        self.broken += getattr(node, "workeroutput", {}).get("broken", [])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Says what the run left on the engine, if anything."""
        if self.broken:
            terminalreporter.section("on the engine after the run", red=True, bold=True)
            for line in self.broken:
                terminalreporter.line(line, red=True)
        if self.too_long:
            terminalreporter.section("watchdog", red=True, bold=True)
            terminalreporter.line(f"ended after {self.minutes:g} minutes (COURSE_TEST_MINUTES)", red=True)

    def pytest_unconfigure(self) -> None:
        """Removes the private home."""
        shutil.rmtree(self.home, ignore_errors=True)

    # -- the watchdog

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Keeps which test runs now."""
        self.running = nodeid

    def _watch(self, ended: threading.Event) -> None:
        first = 0 if self.worker or not getattr(self.config.option, "tx", None) else GRACE_SECONDS  # the workers
        if ended.wait(self.minutes * 60 + first):
            return
        self.too_long = True
        self._say(self.report())
        if self.worker:  # nobody sees what it says itself
            self.broken.append(self.report())
        _interrupt()  # pytest then runs every finalizer, and the comparison above
        if ended.wait(GRACE_SECONDS):
            return
        self._say("watchdog: the run did not end after it was interrupted. Where it hangs:")
        faulthandler.dump_traceback(file=sys.__stderr__ or 2)
        self._clean()
        os._exit(1)  # the foreign objects' ids are on disk: the next run removes them

    def report(self) -> str:
        """What the watchdog says: the test that runs now and the slowest so far."""
        lines = [f"watchdog: the run has taken {self.minutes:g} minutes. Running now: {self.running or 'nothing'}"]
        return "\n".join(lines + [f"  {seconds:7.1f} s  {nodeid}" for nodeid, seconds in self.durations.slowest()])

    def _clean(self) -> None:
        from helpers.engine import scene

        if self.client is not None:
            with contextlib.suppress(errors.CourseError):
                gone = scene.cleanup()
                self._say(f"watchdog: {gone}")

    def _say(self, text: str) -> None:
        capture = self.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
            print(f"\n{text}", flush=True)


def _interrupt() -> None:
    """What Ctrl-C does; a signal, because that also ends a wait inside a system call."""
    if os.name == "nt":
        import _thread

        _thread.interrupt_main()
    else:
        os.kill(os.getpid(), signal.SIGINT)


def _place(item: pytest.Item) -> int:
    """The order in one process: what needs no engine, then topics, notebooks, and the browser."""
    if item.get_closest_marker("browser"):
        return 3
    if item.path.suffix == ".ipynb" or "chapters" in item.path.parts:
        return 2
    return 1 if item.get_closest_marker("engine") else 0


def _group(test: str) -> str:
    """The name of the tests that stay on one engine with this one: they share a kernel, a page or what a lab set up."""
    path, _, name = test.partition("::")
    module = path.rpartition("/")[2]
    if path.startswith("tests/book/") and module != "test_pages.py":
        return "the book"
    if module == "test_browser.py":
        return "JupyterLab"
    if module == "test_labs.py" and "[" in name:
        return f"labs {name.partition('[')[2][:2]}"
    return test if module in ("test_exercises.py", "test_again.py") else path


def _weight(test: str) -> int:
    """Where in the order: first what takes minutes in one piece, so that no engine waits for it at the end."""
    pieces = (".ipynb", "test_again", "JupyterLab", "the book", "test_reach_truth", "labs ", "test_labs", "test_engine")
    group = _group(test)
    return next((place for place, piece in enumerate(pieces) if piece in group), len(pieces))
