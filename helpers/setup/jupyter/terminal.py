"""The terminal beside the chapter: the learner's own shell, in `work/`, with a short prompt and the course's plugins.

The shell reads the learner's own settings first. Their docker configuration is neither changed nor hidden: where the
course brings compose or buildx, docker is given a folder in which every entry is a link to the learner's own.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from helpers import store
from helpers.engine.build import plugins
from helpers.errors import StoreError

SHELLS = Path(__file__).resolve().parent / "shells"  # what each shell reads
_PLUGINS = "cli-plugins"
_POWERSHELL = "Set-Location -LiteralPath $env:COURSE_WORK; function prompt { (Split-Path -Leaf (Get-Location)) + '> ' }"


def command(*, windows: bool | None = None) -> list[str]:
    """The command of the shell. windows: None looks at the system that this runs on."""
    if os.name == "nt" if windows is None else windows:
        return ["powershell.exe", "-NoLogo", "-NoExit", "-Command", _POWERSHELL]
    shell = os.environ.get("SHELL") or shutil.which("bash") or "/bin/sh"
    name = Path(shell).name
    if name == "bash":
        return [shell, "--rcfile", str(SHELLS / "bashrc"), "-i"]
    if name == "fish":
        return [shell, "--init-command", f"source {shlex.quote(str(SHELLS / 'config.fish'))}"]
    return [shell, "-i"]  # zsh finds its file by `environment`


def environment(work: Path | None, say: Callable[[str], None]) -> dict[str, str]:
    """What the shell needs to know. work: the folder that it starts in."""
    found = {} if work is None else {"COURSE_WORK": str(work)}
    if Path(os.environ.get("SHELL") or "").name == "zsh":
        found |= {"COURSE_ZDOTDIR": os.environ.get("ZDOTDIR") or "", "ZDOTDIR": str(SHELLS)}
    return {**found, **docker_config(say)}


def docker_config(say: Callable[[str], None]) -> dict[str, str]:
    """DOCKER_CONFIG, if docker finds compose or buildx only in the course's folder; else nothing.

    The folder it names holds a link for each entry of the learner's own, so that what docker writes (a login, a
    context) is written there. Only of the plugins' folder there is one of its own, with links to theirs and ours.
    Where docker could not write through such a link, their own folder is named: a login matters more than a plugin.
    """
    ours = plugins.folder() / _PLUGINS
    wanted = {path.name: path for path in ours.glob("docker-*")} if ours.is_dir() else {}
    if not wanted:
        return {}
    named = os.environ.get("DOCKER_CONFIG")
    try:
        theirs = Path(named) if named else store.home() / ".docker"
    except StoreError:  # no home: nothing of theirs to hide
        return plugins.environment()
    place = store.state() / "docker-config"
    if theirs.resolve() in (plugins.folder().resolve(), place.resolve()):
        return {"DOCKER_CONFIG": str(theirs)}  # started in the course's own terminal: it stays as it is
    try:
        (place / _PLUGINS).mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):  # read only: docker could not, either
            theirs.mkdir(mode=0o700, parents=True, exist_ok=True)  # as docker does at its first login
            if _one_disk(place, theirs):
                _bring_home(place, theirs)
            (theirs / "contexts").mkdir(mode=0o700, exist_ok=True)  # through a link to nothing docker makes no folder
        config = theirs / "config.json"
        real = Path(os.path.realpath(config)).parent  # docker replaces the file, and follows one link to it, not two
        if os.access(real, os.W_OK) and not _one_disk(place, real):
            raise OSError(errno.EXDEV, f"{real} is on another disk than {place}; COURSE_HOME can name a folder there")
        found = list(theirs.iterdir()) if theirs.is_dir() else []
        _link_all(place, {path.name: path for path in (*found, config) if path.name != _PLUGINS})
        there = theirs / _PLUGINS
        _link_all(place / _PLUGINS, {**wanted, **({p.name: p for p in there.iterdir()} if there.is_dir() else {})})
    except OSError as error:
        say(f"In the terminal, docker does not find the course's Compose and buildx: {error.strerror or error}.")
        return {"DOCKER_CONFIG": str(theirs)}
    return {"DOCKER_CONFIG": str(place)}


def _one_disk(one: Path, other: Path) -> bool:
    """True if a file can be renamed from one folder into the other. Of a name that is nowhere both say whether."""
    if one.stat().st_dev != other.stat().st_dev:
        return False
    name = f"nowhere-{secrets.token_hex(8)}"
    try:
        (one / name).rename(other / name)
    except OSError as error:
        return error.errno != errno.EXDEV  # two mounts of one disk
    return True


def _bring_home(place: Path, theirs: Path) -> None:
    """What docker made anew in `place`, because the learner's own folder had nothing of that name, goes there."""
    for path in place.iterdir():
        own = path.is_symlink() or path.name == _PLUGINS or path.name.startswith("config.json")
        if not own and not os.path.lexists(theirs / path.name):
            path.rename(theirs / path.name)


def _link_all(place: Path, wanted: Mapping[str, Path]) -> None:
    """Makes `place` hold these links, and none that leads elsewhere. What is no link stays."""
    ends = {name: Path(os.path.realpath(path)) for name, path in wanted.items()}
    for path in place.iterdir():
        if path.is_symlink() and path.readlink() != ends.get(path.name):
            path.unlink()
    for name, end in ends.items():
        if not os.path.lexists(place / name):
            with contextlib.suppress(FileExistsError):  # another start was quicker
                (place / name).symlink_to(end)
