"""The docker command's plugins compose and buildx, put into a folder that only the course uses.

Debian 12 has neither as a plugin; Debian 13's run there. The packages are downloaded and unpacked, not installed, so
the system stays as it is. The folder is a docker configuration of its own; the reader's is linked into it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from helpers import store
from helpers.engine.build import plugins
from helpers.setup.engine import apt, programs

SUITE = "trixie"  # the first Debian that has both


# the names under which distributions package them; docker-compose counts only from version 2 on
PACKAGES = {
    "compose": ("docker-compose-v2", "docker-compose-plugin", "docker-compose"),
    "buildx": ("docker-buildx", "docker-buildx-plugin"),
}


def ensure(say: Callable[[str], None], *, install: bool = True) -> None:
    """Gets the plugins that do not answer. Failing is not fatal: it is said, and the course goes on without.

    install: False gets none.
    """
    wanting = _wanting()
    if not wanting:
        return
    if shutil.which("docker") is None:
        say("There is no docker command here: sections that use it, Compose and buildx among them, are limited.")
        return
    if not install:
        _without(wanting, "--no-install was given", say)
        return
    with store.locked("plugins"):
        wanting = _wanting()
        if not wanting:
            return
        reason = _get(wanting, say)
        wanting = _wanting()
    if wanting:
        _without(wanting, reason or "what was found does not run", say)


def _without(wanting: tuple[str, ...], reason: str, say: Callable[[str], None]) -> None:
    say(
        f"The docker command has no {' and no '.join(wanting)} ({reason}): "
        "sections that use it are limited. Docker's documentation says how to install it (docs.docker.com)."
    )


def _wanting() -> tuple[str, ...]:
    return tuple(name for name, version in plugins.versions().items() if version is None)


def _get(wanting: tuple[str, ...], say: Callable[[str], None]) -> str:
    """Downloads and unpacks the packages of `wanting`. Returns why not, or nothing."""
    here = apt.system()
    if not here.has_apt:
        return f"{here.title} is not Debian or Ubuntu"
    say(f"Getting the docker command's {' and '.join(wanting)} from packages, into a folder of the course's ...")
    started = time.monotonic()
    if apt.lists_are_old() and apt.privilege() == ():
        apt.refresh(say=say)
    with tempfile.TemporaryDirectory(dir=store.cache(), prefix="plugins-") as scratch:
        work = Path(scratch)
        sources: dict[str, str] = {}
        later = []
        for name in wanting:
            package = _package(name, {})
            if package is None or (reason := _unpack(name, package, {}, work)):
                later.append(name)
            else:
                sources[name] = f"{package} of {here.title}"
        reason = "this distribution has none" if later else ""
        if later and here.name == "debian":
            variables, reason = _other_suite(work)
            for name in later if variables else []:
                package = _package(name, variables)
                reason = _unpack(name, package, variables, work) if package else f"Debian {SUITE} has none here"
                if not reason:
                    sources[name] = f"{package} of Debian {SUITE}"
        for name, source in sources.items():
            target = plugins.folder() / "cli-plugins" / f"docker-{name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            (work / f"docker-{name}").replace(target)  # whole or not at all: the same file system
            say(f"  {name}: {source}, unpacked into {target.parent}")
    say(f"  done in {time.monotonic() - started:.0f} s")
    return reason


def _package(name: str, variables: dict[str, str]) -> str | None:
    for package in PACKAGES[name]:
        version = apt.candidate(package, environment=variables)
        if version is None:
            continue
        # "2.26.1-4", "1:27.5"; Debian 12's docker-compose 1.29 is the old program, no plugin
        if package != "docker-compose" or int(re.sub(r"^\d+:|\D.*$", "", version) or 0) >= 2:
            return package
    return None


def _unpack(name: str, package: str, variables: dict[str, str], work: Path) -> str:
    """Puts the plugin of `package` into `work`. Returns why not, or nothing."""
    debs = Path(tempfile.mkdtemp(dir=work))
    done = _run(["apt-get", "-qq", "download", package], variables, debs)
    deb = next(debs.glob("*.deb"), None)
    if done.returncode or deb is None:
        return (done.stderr.strip().splitlines() or [f"{package} could not be downloaded"])[-1]
    done = _run(["dpkg-deb", "-x", str(deb), str(debs / "tree")], {}, debs)
    found = next((path for path in (debs / "tree").rglob(f"cli-plugins/docker-{name}") if path.is_file()), None)
    if done.returncode or found is None:
        return f"{package} holds no plugin for {name}"
    found.chmod(0o755)
    found.replace(work / f"docker-{name}")
    return ""


def _other_suite(work: Path) -> tuple[dict[str, str], str]:
    """An apt configuration of its own for `SUITE`, from the mirror that this host uses: its environment, or why not."""
    listed = _run(["apt-get", "indextargets", "--format", "$(LABEL)\t$(REPO_URI)", "Created-By: Packages"], {}, work)
    mirrors = [line.partition("\t")[2] for line in listed.stdout.splitlines() if line.startswith("Debian\t")]
    keys = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    if not mirrors or not keys.exists():
        return {}, "apt names no Debian mirror" if not mirrors else f"{keys} is missing"
    place = work / "apt"
    for part in ("lists/partial", "cache/archives/partial", "empty"):
        (place / part).mkdir(parents=True)
    (place / "status").touch()
    (place / "sources.list").write_text(f"deb [signed-by={keys}] {mirrors[0]} {SUITE} main\n", encoding="utf-8")
    settings = {
        "Dir::Etc::sourcelist": place / "sources.list",
        "Dir::Etc::sourceparts": place / "empty",
        "Dir::Etc::preferences": place / "none",
        "Dir::Etc::preferencesparts": place / "empty",
        "Dir::State": place,
        "Dir::State::lists": place / "lists",
        "Dir::State::status": place / "status",
        "Dir::Cache": place / "cache",
        "APT::Sandbox::User": "root",  # the folder is ours alone; apt's own user could not write here
        "Acquire::Languages": "none",
    }
    (place / "apt.conf").write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()), encoding="utf-8")
    variables = {"APT_CONFIG": str(place / "apt.conf")}
    done = _run(["apt-get", "-qq", "update"], variables, work)
    if done.returncode:
        return {}, (done.stderr.strip().splitlines() or [f"Debian {SUITE} could not be read"])[-1]
    return variables, ""


def _run(command: list[str], variables: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return programs.run(
        command, seconds=apt.APT_SECONDS, environment={**programs.plain_words(), **variables}, folder=folder
    )
