"""Nothing is installed that was not named before, and nothing at all with --no-install: seen by what apt-get was told.

The programs of the system are stand-ins that write down how they were called; nothing is installed by these tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers import cli
from helpers.errors import CourseError, EngineInstallFailed, EngineNotReachable
from helpers.setup import testing
from helpers.setup.engine import apt, ensure_engine
from helpers.setup.engine import plugins as engine_plugins
from helpers.setup.images import prepare, rootfs

pytestmark = pytest.mark.skipif(not apt.system().has_apt, reason="packages are installed on Debian and Ubuntu only")

APT_GET = """#!/bin/sh
echo "apt-get $*" >> "{log}"
case " $* " in *" -s "*) for name in libnew tool; do echo "Inst $name (1.0 Somewhere [all])"; done ;; esac
"""


class System:
    """This machine as the course sees it here: no package is installed, and apt-get only writes down its words."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        self.log.touch()
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.put("apt-get", APT_GET.format(log=self.log))
        self.put("apt-cache", "#!/bin/sh\nexit 0\n")
        self.put("dpkg-query", "#!/bin/sh\nexit 1\n")
        self.put("dpkg", "#!/bin/sh\necho amd64\n")
        self.put("docker", "#!/bin/sh\nexit 1\n")
        self.put("env", '#!/bin/sh\nexec /usr/bin/env "$@"\n')

    def put(self, name: str, text: str) -> None:
        """A program that the course finds first."""
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def say(self, line: str) -> None:
        """What the reader is told, in its place among the calls."""
        with self.log.open("a") as log:
            log.write(f"said: {line}\n")

    @property
    def lines(self) -> list[str]:
        """All calls and all words, in order."""
        return self.log.read_text().splitlines()

    @property
    def changed(self) -> list[str]:
        """The calls that change the system, or bring a package to it."""
        return [line for line in self.lines if line.startswith("apt-get ") and " -s " not in line]


@pytest.fixture
def system(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    found = System(tmp_path)
    monkeypatch.setenv("PATH", str(found.programs))
    monkeypatch.setattr(apt, "privilege", lambda: ())
    monkeypatch.setattr(apt, "lists_are_old", lambda *_: False)
    return found


def test_every_package_is_named_with_what_it_is_for_before_it_is_installed(system: System) -> None:
    apt.install(("tool",), purpose="the tests", say=system.say)

    named = next(n for n, line in enumerate(system.lines) if line.startswith("said: "))
    installed = next(n for n, line in enumerate(system.lines) if line in system.changed)
    assert system.lines[named] == "said: Installing tool for the tests; they need libnew (apt-get install) ..."
    assert named < installed
    assert "--no-remove" in system.lines[installed], "what the reader has would be removed"


def test_apt_itself_tells_what_a_package_brings() -> None:
    found = apt.brings(("nginx",))
    assert not found or len(found) > 1  # none where apt has no lists, or it is there already


def test_no_engine_is_installed(system: System) -> None:
    unreachable = EngineNotReachable(())
    with pytest.raises(EngineInstallFailed, match="--no-install was given"):
        ensure_engine._install(unreachable, install=False, ask=None, say=system.say)
    assert system.changed == []
    ensure_engine._install(unreachable, install=True, ask=None, say=system.say)
    assert any("docker.io for the Docker engine" in line or "docker.io, iptables" in line for line in system.lines)
    assert len(system.changed) == 1


def test_nothing_is_installed_to_build_base_images(system: System) -> None:
    assert "mmdebstrap and debian-archive-keyring are not installed, and --no-install was given" in rootfs.obstacle(
        "amd64", install=False
    )
    assert rootfs.obstacle("amd64") == ""
    assert system.changed == []


def test_no_plugin_is_fetched(system: System) -> None:
    engine_plugins.ensure(system.say, install=False)
    assert [line for line in system.lines if line.startswith("apt-get")] == []
    assert "The docker command has no compose and no buildx (--no-install was given)" in system.lines[-1]
    engine_plugins.ensure(system.say)
    assert system.changed, "else this test shows nothing"


def test_nothing_is_installed_for_the_tests(system: System) -> None:
    testing.prepare(system.say, engines=True, install=False)
    assert system.changed == []
    assert "Not installed: chromium" in system.lines[-1]
    testing.prepare(system.say, engines=False)
    assert len(system.changed) == 1


@pytest.mark.parametrize("command", ["start", "test", "book"])
def test_the_option_reaches_all_that_would_install(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(engine_plugins, "ensure", lambda say, *, install: told.append(install))
    monkeypatch.setattr(prepare, "prepare", lambda client, *, say, install: told.append(install))

    cli._prepare(None, cli.parse([command, "--no-install"]))  # type: ignore[arg-type]
    cli._prepare(None, cli.parse([command]))  # type: ignore[arg-type]

    assert told == [False, False, True, True]


def test_preparing_the_images_alone_takes_the_option_too(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[bool, bool]] = []
    monkeypatch.setattr("helpers.engine.client.connect", lambda: None)
    monkeypatch.setattr(
        prepare, "prepare", lambda client, *, say, any_digest, install: told.append((any_digest, install))
    )

    assert cli.main(["images", "--no-install"]) == 0
    assert cli.main(["images", "--any-digest"]) == 0

    assert told == [(False, False), (True, True)]


def test_other_engines_are_packages_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_engine", "_prepare"):
        monkeypatch.setattr(cli, name, lambda *_: None)
    for name in ("prepare", "run", "sweep", "mutations"):  # nothing is really begun, should it not be refused
        monkeypatch.setattr(testing, name, lambda *_, **__: 0)
    with pytest.raises(CourseError, match="can't be had with --no-install"):
        cli._test(cli.parse(["test", "--no-install", "--engines"]))
