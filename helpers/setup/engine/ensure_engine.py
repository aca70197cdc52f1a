"""An engine for this machine: the one that answers, else the one installed, else the distribution's."""

from __future__ import annotations

import sys
from collections.abc import Callable

from helpers import store
from helpers.engine.client import Client, connect, disconnect
from helpers.engine.discovery import candidates
from helpers.errors import EngineInstallFailed, EngineNotReachable, NoPermission
from helpers.setup.engine import apt, dockerd

CHOICES = {
    "darwin": "Install one of these, start it, and run this again: Docker Desktop (docs.docker.com/desktop), "
    "Colima (brew install colima docker, then colima start), or Podman Desktop (podman.io).",
    "win32": "Install one of these, start it, and run this again: Docker Desktop (docs.docker.com/desktop), "
    "Podman Desktop (podman.io), or run the course inside WSL 2 (Ubuntu).",
    "linux": "Install Docker or Podman as your distribution's documentation says (often the package is called docker "
    "or moby-engine), start it (sudo systemctl start docker), and run this again.",
}


def ensure_engine(*, install: bool, ask: Callable[[str], bool] | None, say: Callable[[str], None]) -> Client:
    """The client of an engine that answers; starts or installs one if it must and may.

    install: False never installs (an installed engine is still started).
    ask: puts a question to the reader; None goes ahead and says so.

    Raises: NoPermission if an engine is there that this user may not use; EngineNotReachable if the engine the user
        chose (DOCKER_HOST or a context) does not answer; EngineInstallFailed otherwise.
    """
    try:
        return connect()
    except NoPermission:
        raise
    except EngineNotReachable as error:
        chosen = [address for address in candidates() if address.only]
        if chosen:
            raise EngineNotReachable(
                error.tried,
                next_step=f"{chosen[0].origin} names this engine, so no other one is used or installed. "
                "Start it, or choose another: unset DOCKER_HOST, docker context use default",
            ) from error
        unreachable = error
    if sys.platform != "linux":
        raise _no_engine(unreachable, CHOICES.get(sys.platform, CHOICES["linux"]))
    with store.locked("engine", seconds=900):
        missing = not dockerd.is_installed()
        if missing:
            _install(unreachable, install=install, ask=ask, say=say)
        dockerd.start(dockerd.Daemon(), say, installed=missing).close()
    disconnect()
    return connect()


def _install(
    unreachable: EngineNotReachable,
    *,
    install: bool,
    ask: Callable[[str], bool] | None,
    say: Callable[[str], None],
) -> None:
    here = apt.system()
    if not here.has_apt:
        raise _no_engine(unreachable, CHOICES["linux"])
    if apt.lists_are_old() and (root := apt.privilege()) is not None and install and ask is None:
        apt.refresh(say=say, root=root)  # or apt would not know which packages this release has
    packages = wanted_packages()
    by_hand = f"Type: {apt.typed(packages)}"
    if not install:
        raise _no_engine(unreachable, f"--no-install was given, so nothing was installed. {by_hand}")
    if ask is not None and not ask(f"No Docker engine answers. Install {here.title}'s own ({', '.join(packages)})?"):
        raise _no_engine(unreachable, f"You said no, so nothing was installed. {by_hand}")
    if ask is None:
        say(f"No Docker engine answers. Installing {here.title}'s own ({', '.join(packages)}); --no-install refuses.")
    root = apt.privilege()
    if root is None:
        raise _no_engine(unreachable, f"This account may not install packages. {by_hand}")
    apt.install(packages, purpose="the Docker engine", say=say, root=root)


def wanted_packages() -> tuple[str, ...]:
    """The engine's packages here. iptables is only recommended by docker.io, yet every network needs it.

    From Debian 13 on the docker command is a package of its own, which docker.io only recommends, too.
    """
    client = ("docker-cli",) if apt.candidate("docker-cli") else ()
    return ("docker.io", "iptables", *client)


def _no_engine(unreachable: EngineNotReachable, next_step: str) -> EngineInstallFailed:
    return EngineInstallFailed("There is no Docker engine here.", unreachable.why, next_step)
