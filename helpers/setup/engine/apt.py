"""Packages of Debian and Ubuntu: what is there, what is missing, installing it.

Standard library only: start.py uses this before the environment exists.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import EngineInstallFailed
from helpers.setup.engine import programs

LISTS = Path("/var/lib/apt/lists")
OLD_SECONDS = 7 * 24 * 3600.0
LOCK_SECONDS = 300
SUDO_SECONDS = 20.0
APT_SECONDS = 3600.0  # on a slow line an engine takes a while; what takes an hour hangs


@dataclass(frozen=True, kw_only=True)
class System:
    """What /etc/os-release says. name: "debian". like: ("debian",) on Ubuntu. version: "12". title: for people."""

    name: str
    like: tuple[str, ...]
    version: str
    title: str

    @property
    def has_apt(self) -> bool:
        """True on Debian, Ubuntu, and what is made from them."""
        return bool({"debian", "ubuntu"} & {self.name, *self.like}) and shutil.which("apt-get") is not None


def system(path: Path = Path("/etc/os-release")) -> System:
    """The distribution of this machine; named after the platform where there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return System(name=sys.platform, like=(), version="", title=sys.platform)
    return parse_os_release(text)


def parse_os_release(text: str) -> System:
    """Reads NAME="value" lines; what can't be read is passed over."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith("#"):
            found[key] = value.strip().strip("\"'")
    name = found.get("ID", "linux").lower()
    return System(
        name=name,
        like=tuple(found.get("ID_LIKE", "").lower().split()),
        version=found.get("VERSION_ID", ""),
        title=found.get("PRETTY_NAME", name),
    )


def privilege() -> tuple[str, ...] | None:
    """What to put before a command to run it as root: nothing, sudo, or None if there is no way.

    sudo may ask for a password only where there is a terminal to ask on.

    Raises: EngineInstallFailed if sudo hangs.
    """
    if sys.platform == "win32":
        return None
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo") is None:
        return None
    if programs.run(["sudo", "-n", "true"], seconds=SUDO_SECONDS).returncode == 0:
        return ("sudo", "-n")
    return ("sudo",) if sys.stdin is not None and sys.stdin.isatty() else None


def missing(packages: Iterable[str]) -> tuple[str, ...]:
    """Those of `packages` that are not installed."""
    query = ["dpkg-query", "-Wf${Status}"]
    return tuple(name for name in packages if "install ok installed" not in _output([*query, name]))


def candidate(package: str, *, environment: Mapping[str, str] | None = None) -> str | None:
    """The version apt would install, or None if it knows no such package."""
    for line in _output(["apt-cache", "policy", package], environment=environment).splitlines():
        word, _, version = line.strip().partition(": ")
        if word == "Candidate":
            return None if version.strip() in {"", "(none)"} else version.strip()
    return None


def lists_are_old(lists: Path = LISTS) -> bool:
    """True if apt has no package lists, or last fetched them more than a week ago."""
    try:
        times = [path.stat().st_mtime for path in lists.glob("*_Packages*")]
    except OSError:
        return True
    # apt keeps the server's time on the files; the folder's own time is that of the last fetch
    return not times or time.time() - max(*times, lists.stat().st_mtime) > OLD_SECONDS


def refresh(*, say: Callable[[str], None], root: tuple[str, ...] = ()) -> None:
    """`apt-get update`. A mirror that can't be reached is reported by the install that follows."""
    say("Fetching the distribution's package lists (apt-get update) ...")
    started = time.monotonic()
    _run([*root, *_QUIET, "apt-get", "-qq", "update"])
    say(f"  done in {time.monotonic() - started:.0f} s")


def brings(packages: tuple[str, ...]) -> tuple[str, ...]:
    """Every package that installing `packages` would install or upgrade, in apt's order; none if apt can't tell."""
    said = _output(["apt-get", "-s", "-qq", *_SPARING, "install", *packages])
    return tuple(dict.fromkeys(line.split()[1] for line in said.splitlines() if line.startswith("Inst ")))


def install(packages: tuple[str, ...], *, purpose: str, say: Callable[[str], None], root: tuple[str, ...] = ()) -> None:
    """Installs `packages` without their recommendations and without asking anything; says first what and what for.

    purpose: what they are for, as it stands behind "for". root: what `privilege()` gave. No package is ever removed
    for them.

    Raises: EngineInstallFailed with apt's last lines; apt itself leaves nothing half done.
    """
    refreshed = lists_are_old()
    if refreshed:
        refresh(say=say, root=root)
    _announce(packages, purpose, say)
    started = time.monotonic()
    command = [*root, *_QUIET, "apt-get", "-y", "-qq", *_SPARING]
    command += ["-o", f"DPkg::Lock::Timeout={LOCK_SECONDS}", "install", *packages]
    status, lines = _run(command)
    if status and not refreshed:  # lists a few days old name files that the mirror no longer has
        refresh(say=say, root=root)
        _announce(packages, purpose, say)
        status, lines = _run(command)
    if status:
        raise EngineInstallFailed(
            f"apt-get could not install {', '.join(packages)}.",
            "\n".join(lines[-6:]),
            f"Try it by hand to see all of it: {typed(packages)}",
        )
    say(f"  done in {time.monotonic() - started:.0f} s")


def _announce(packages: tuple[str, ...], purpose: str, say: Callable[[str], None]) -> None:
    """Names every package, those that the wanted ones need included."""
    more = [name for name in brings(packages) if name not in packages]
    needed = f"; they need {', '.join(more)}" if more else ""
    say(f"Installing {', '.join(packages)} for {purpose}{needed} (apt-get install) ...")


def typed(packages: tuple[str, ...]) -> str:
    """The command a person would type."""
    sudo = "" if sys.platform != "win32" and os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get update && {sudo}apt-get install --no-install-recommends {' '.join(packages)}"


_SPARING = ("--no-install-recommends", "--no-remove")  # nothing that was not wanted comes, and nothing goes
# env, so that the setting passes sudo; no package may stop to ask
_QUIET = ("env", "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_MODE=l")


def _run(command: list[str]) -> tuple[int, list[str]]:
    done = programs.run(command, seconds=APT_SECONDS, typing=command[0] == "sudo")
    return done.returncode, [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]


def _output(command: list[str], *, environment: Mapping[str, str] | None = None) -> str:
    """What a program says that only looks; nothing if it can't be run, or hangs."""
    try:
        return programs.run(command, environment={**programs.plain_words(), **(environment or {})}).stdout
    except EngineInstallFailed:
        return ""
