"""The terminal beside the chapter: the learner's own shell, in `work/`, with a short prompt and the course's plugins.

The shell reads the learner's own settings first. Their docker configuration is neither changed nor hidden: where the
course brings compose or buildx, docker is given a folder in which every entry is a link to the learner's own.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
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


def environment(work: Path | None) -> dict[str, str]:
    """What the shell needs to know. work: the folder that it starts in."""
    found = {} if work is None else {"COURSE_WORK": str(work)}
    if Path(os.environ.get("SHELL") or "").name == "zsh":
        found |= {"COURSE_ZDOTDIR": os.environ.get("ZDOTDIR") or "", "ZDOTDIR": str(SHELLS)}
    return {**found, **docker_config()}


def docker_config() -> dict[str, str]:
    """DOCKER_CONFIG, if docker finds compose or buildx only in the course's folder; else nothing.

    The folder it names holds a link for each entry of the learner's own, so that what docker writes (a login, a
    context) is written there. Only of the plugins' folder there is one of its own, with links to theirs and ours.
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
        return {}  # started in the course's own terminal: it stays as it is
    try:
        theirs.mkdir(mode=0o700, parents=True, exist_ok=True)  # docker would, at its first login
        (place / _PLUGINS).mkdir(parents=True, exist_ok=True)
        _link_all(place, {**{p.name: p for p in theirs.iterdir()}, **{n: theirs / n for n in ("config.json",)}})
        there = theirs / _PLUGINS
        _link_all(place / _PLUGINS, {**wanted, **({p.name: p for p in there.iterdir()} if there.is_dir() else {})})
    except OSError:
        return plugins.environment()
    return {"DOCKER_CONFIG": str(place)}


def _link_all(place: Path, wanted: dict[str, Path]) -> None:
    """Makes `place` hold these links, and none that leads elsewhere. What is no link stays."""
    for path in place.iterdir():
        if path.is_symlink() and (path.name not in wanted or path.readlink() != wanted[path.name].absolute()):
            path.unlink()
    for name, target in wanted.items():
        if name != _PLUGINS and not os.path.lexists(place / name):
            with contextlib.suppress(FileExistsError):  # another start was quicker
                (place / name).symlink_to(target.absolute())
