"""The docker command's plugins compose and buildx: which of them answer, and with which settings."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from helpers import store

PLUGINS = ("compose", "buildx")
SECONDS = 20.0


def folder() -> Path:
    """The docker configuration folder that only the course uses."""
    return store.cache() / "docker-config"


def environment() -> dict[str, str]:
    """What a docker command of the course needs in its environment: DOCKER_CONFIG if it has plugins of ours.

    The reader's configuration (contexts, logins) is linked into the folder, so that the same engine is used.
    """
    ours = folder()
    if not any((ours / "cli-plugins" / f"docker-{name}").exists() for name in PLUGINS):
        return {}
    named = os.environ.get("DOCKER_CONFIG")
    theirs = Path(named) if named else store.home() / ".docker"
    if theirs.resolve() != ours.resolve():
        for name in ("config.json", "contexts"):
            with contextlib.suppress(OSError):  # two at once: the other one has linked it
                _link(ours / name, theirs / name)
    return {"DOCKER_CONFIG": str(ours)}


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and (not target.exists() or link.readlink() != target):
        link.unlink()
    if target.exists() and not link.exists():
        link.symlink_to(target)


def versions() -> dict[str, str | None]:
    """The version of each plugin that answers, else None. One call of the docker command each, at the same time."""
    docker = shutil.which("docker")
    if docker is None:
        return dict.fromkeys(PLUGINS)
    variables = {**os.environ, **environment()}
    calls = {
        name: subprocess.Popen(
            [docker, name, "version"],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for name in PLUGINS
    }
    return {name: _version(call) for name, call in calls.items()}


def _version(call: subprocess.Popen[str]) -> str | None:
    try:
        text, _ = call.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        call.kill()
        call.wait()
        if call.stdout is not None:  # what it started may live on, and would be waited for
            call.stdout.close()
        return None
    # "Docker Compose version v2.26.1-4", "github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3"
    found = re.search(r"(?<![\w.])v?(\d+\.\d+[\w.+~-]*)", text)
    return found.group(1) if found and call.returncode == 0 else None
