"""The docker command's plugin buildx as a process: which version, with which environment, and how it is ended."""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping

from helpers import errors, store
from helpers.engine.build import plugins
from helpers.engine.build.guard import SILENT_SECONDS
from helpers.engine.client import Client, patience
from helpers.engine.model.facts import is_podman

OLDEST = (0, 13)  # the first whose log a program can read
STOP_SECONDS = 10.0  # to call a build off


_versions: dict[tuple[str, ...], str] = {}  # by what was asked; that there is none is not kept: it may come


def version(client: Client) -> str | None:
    """The version of buildx, such as "0.13.1"; None without it. About 0.1 s the first time: one docker command.

    Equivalent: docker buildx version
    """
    docker = shutil.which("docker")
    if docker is None:
        return None
    variables = environment(client)
    asked = (docker, *(variables.get(name, "") for name in ("HOME", "DOCKER_CONFIG")))
    if asked not in _versions and (found := _version(docker, variables)):
        _versions[asked] = found
    return _versions.get(asked)


def _version(docker: str, variables: Mapping[str, str]) -> str | None:
    try:
        done = subprocess.run(
            [docker, "buildx", "version"],
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=plugins.SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"(?<![\w.])v?(\d+\.\d+(?:\.\d+)?)", done.stdout)
    return found[1] if found and done.returncode == 0 else None


def usable(client: Client) -> bool:
    """True if there is a buildx that is new enough, and the engine has BuildKit: Podman has not."""
    found = version(client)
    if found is None or number(found) < OLDEST:
        return False
    with client.unrecorded():
        about = client.version()
    return about.get("Os") == "linux" and not is_podman(about)


def number(found: str) -> tuple[int, ...]:
    """The first two numbers of a version, which can be compared."""
    return tuple(int(part) for part in found.split(".")[:2])


def require(client: Client) -> None:
    """Passes if there is a buildx that is new enough.

    Raises: EngineError that says what is missing.
    """
    found = version(client)
    if found is None:
        raise errors.EngineError(
            "BuildKit can't be used here.",
            "the docker command has no plugin called buildx, and nothing else talks to BuildKit",
            "Run python3 start.py, which gets it where it can, or build with the classic builder.",
        )
    if number(found) < OLDEST:
        raise errors.EngineError(
            "BuildKit can't be used here.",
            f"the docker command's buildx is {found}; its log can be read from {OLDEST[0]}.{OLDEST[1]} on",
            "Update buildx, or build with the classic builder.",
        )


def builder(client: Client) -> str:
    """The name of the builder that is the engine itself; one in a container would not see the engine's images."""
    return _context(client) or "default"


def environment(client: Client) -> dict[str, str]:
    """For a docker command that talks to the very engine of `client`, whatever the reader has chosen meanwhile."""
    variables = {**os.environ, **plugins.environment()}
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "BUILDX_BUILDER"):
        variables.pop(name, None)
    if context := _context(client):
        variables["DOCKER_CONTEXT"] = context
    else:
        variables["DOCKER_HOST"] = client.address.url
    # what buildx keeps for itself: who it is, by which the engine knows again a folder that it was sent before
    variables["BUILDX_CONFIG"] = str(store.cache() / "buildx")
    # else the image becomes an index of two, with a record of this build: more than a learner asked for
    variables["BUILDX_NO_DEFAULT_ATTESTATIONS"] = "1"
    return variables


def _context(client: Client) -> str:
    """The context that the engine was found by; "" if it was not."""
    origin = client.address.origin
    return origin.removeprefix("context ") if origin.startswith("context ") else ""


class Running:
    """A buildx that runs. What it says comes in pieces; `status` is None until it has ended.

    silence: the seconds without a word after which it was ended; 0 if it was not.
    """

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self.status: int | None = None
        self.silence = 0.0

    def pieces(self) -> Iterator[str]:
        """What it says, as it comes, until it has ended, or has been silent for too long."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        pipe = self._child.stdout
        while pipe is not None and (data := self._heard(pipe.fileno())):
            yield decoder.decode(data)
        self.status = self._child.wait()

    def _heard(self, descriptor: int) -> bytes:
        seconds = patience(SILENT_SECONDS)

        def over() -> None:
            self.silence = seconds
            self.stop()

        timer = threading.Timer(seconds, over)
        timer.daemon = True
        timer.start()
        try:
            return os.read(descriptor, 1 << 16)
        finally:
            timer.cancel()

    def stop(self) -> None:
        """Ends it, from any thread; whoever reads its pieces comes to their end."""
        _signal(self._child, signal.SIGINT)
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            _signal(self._child, getattr(signal, "SIGKILL", signal.SIGTERM))


@contextlib.contextmanager
def running(command: list[str], variables: Mapping[str, str]) -> Iterator[Running]:
    """Starts the command. Whatever ends the block early ends the build."""
    child = subprocess.Popen(
        command,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # the docker command hands no signal on to its plugin, so both get it from here
    )
    try:
        yield Running(child)
    except BaseException:
        _stop(child)
        raise
    finally:
        if child.stdout is not None:
            child.stdout.close()


def _stop(child: subprocess.Popen[bytes]) -> None:
    """Ends the command, which calls the build off on the engine; by force if it does not."""
    _signal(child, signal.SIGINT)
    if child.stdout is not None:  # or it could wait for somebody to read its last words
        threading.Thread(target=_drain, args=(child.stdout.fileno(),), daemon=True).start()
    try:
        child.wait(STOP_SECONDS)
    except BaseException as error:
        _signal(child, getattr(signal, "SIGKILL", signal.SIGTERM))
        child.wait()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise


def _drain(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(descriptor, 1 << 16):
            pass


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(child.pid, number)
        else:
            child.terminate()
