"""Where an engine may be listening, in the order it is looked for."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import store
from helpers.errors import EngineNotReachable, StoreError, Tried

AT_HOME = (
    ".docker/run/docker.sock",
    ".docker/desktop/docker.sock",
    ".colima/default/docker.sock",
    ".orbstack/run/docker.sock",
    ".rd/docker.sock",
)


@dataclass(frozen=True, kw_only=True)
class Address:
    """One place to look.

    url: as in DOCKER_HOST. origin: who named it ("DOCKER_HOST", "context NAME", "usual place").
    only: True if the user chose it, so that no other engine may be taken in its place. tls: for docker-py, or None.
    """

    url: str
    origin: str
    only: bool = False
    tls: Any = None


def candidates() -> tuple[Address, ...]:
    """The addresses to try, in order. DOCKER_HOST or a chosen context stands alone: no silent second choice."""
    host = os.environ.get("DOCKER_HOST")
    if host:
        return (Address(url=host, origin="DOCKER_HOST", only=True, tls=_tls_from_environment()),)
    context = _context()
    if context is not None:
        return (context,)
    return tuple(Address(url=url, origin="usual place") for url in usual_places())


def usual_places() -> tuple[str, ...]:
    """Sockets of Docker Engine, rootless, Docker Desktop, Colima, OrbStack, Rancher Desktop and Podman.

    Sources: the documentation of each; only sockets that are there are returned, the engine's own always.
    """
    if sys.platform == "win32":
        return ("npipe:////./pipe/docker_engine", "npipe:////./pipe/dockerDesktopLinuxEngine")
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    places = [
        runtime / "docker.sock",
        *(home / place for home in _homes() for place in AT_HOME),
        runtime / "podman/podman.sock",
        *(home / ".local/share/containers/podman/machine/podman.sock" for home in _homes()),
        Path("/run/podman/podman.sock"),
    ]
    there = [f"unix://{place}" for place in places if _exists(place)]
    return ("unix:///var/run/docker.sock", *there)


def _homes() -> tuple[Path, ...]:
    """The home folder; none for an account without one."""
    try:
        return (store.home(),)
    except StoreError:
        return ()


def _exists(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:  # a folder this user may not look into
        return False


def _tls_from_environment() -> Any:
    """What docker-py makes of DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.

    Raises: EngineNotReachable if the files are not there.
    """
    if not os.environ.get("DOCKER_TLS_VERIFY") and not os.environ.get("DOCKER_CERT_PATH"):
        return None
    from docker.errors import TLSParameterError
    from docker.utils import kwargs_from_env

    try:
        return kwargs_from_env().get("tls")
    except TLSParameterError as error:
        folder = os.environ.get("DOCKER_CERT_PATH") or "~/.docker"
        raise EngineNotReachable(
            (Tried(os.environ.get("DOCKER_HOST", ""), f"{folder} lacks ca.pem, cert.pem or key.pem"),),
            next_step="Name the folder that holds the three in DOCKER_CERT_PATH; or, for an engine without TLS: "
            "unset DOCKER_TLS_VERIFY DOCKER_CERT_PATH",
        ) from error


def _context() -> Address | None:
    """The context the docker command uses, unless it is the default one."""
    name = os.environ.get("DOCKER_CONTEXT") or _configured_context()
    if not name or name == "default":
        return None
    from docker.context import ContextAPI

    try:
        context = ContextAPI.get_context(name)
    except Exception:  # a damaged context file: docker-py lets several kinds of error through
        context = None
    if context is None or not context.Host:
        return Address(url=f"context://{name}", origin=f"context {name}", only=True)
    return Address(url=context.Host, origin=f"context {name}", only=True, tls=context.TLSConfig)


def _configured_context() -> str:
    named = os.environ.get("DOCKER_CONFIG")
    folders = [Path(named)] if named else [home / ".docker" for home in _homes()]
    if not folders:
        return ""
    folder = folders[0]
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(config.get("currentContext") or "") if isinstance(config, dict) else ""
