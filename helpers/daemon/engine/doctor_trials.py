"""What the doctor really tries: run, publish, resolve a name, mount a volume and a folder."""

from __future__ import annotations

import contextlib
import secrets
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docker.types

from helpers import errors, store
from helpers.daemon.model.doctor import Check, Status
from helpers.engine import containers, scene, waiting
from helpers.engine.bounded import rights
from helpers.engine.client import Client
from helpers.engine.model.settings import Settings
from helpers.engine.ownership import labels

SCENE = "doctor"
CAREFUL = Settings(memory="64m", pids_limit=64, cap_drop=("ALL",), security_opt=("no-new-privileges",))
FORWARD = (
    "The chapters ask on the engine's host in that case, and say so. To open a page in your browser, have the port "
    "forwarded to this computer, for example by an SSH tunnel."
)
ENOUGH_DISK = 3_000_000_000  # bytes; base images and the labs' builds together stay below this


@contextlib.contextmanager
def _stage(client: Client) -> Iterator[tuple[str, str, list[str]]]:
    """A network and a volume of the doctor's own, and a list for its containers; all gone at the end.

    What an examination that was killed left behind goes first; the lock keeps a second one at the same time out.
    """
    scene.clear(client, scene=SCENE)
    word = labels.object_name(secrets.token_hex(3))
    made: list[str] = []
    network = ""
    try:
        network = client.create_network(word, driver="bridge", labels=labels.labels(SCENE))["Id"]
        client.create_volume(word, labels=labels.labels(SCENE))
        yield network, word, made
    finally:
        for container_id in made:
            containers.remove(client, container_id)
        if network:
            client.remove_network(network)
        with contextlib.suppress(errors.NotFound):
            client.remove_volume(word, force=True)


def attempts(client: Client, image: str, *, unforwarded: str) -> list[Check]:
    """A server and a client, both containers: five answers from one small play. Never raises for an engine's failure.

    image: one with sh, httpd and wget. unforwarded: why a published port may not come to this computer; "" if it must.
    """
    token = secrets.token_hex(8)
    try:
        with store.locked("doctor", seconds=60), _stage(client) as (network, volume, made):
            serve = f"echo {token} > /data/index.html; exec httpd -f -p 8080 -h /data"
            made.append(
                containers.create(
                    client,
                    image,
                    ["sh", "-c", serve],
                    scene=SCENE,
                    publish=[8080],
                    settings=replace(CAREFUL, network=network, network_alias=("doctor-web",), mounts={volume: "/data"}),
                )
            )
            containers.start(client, made[0])
            published = _published(client, made[0], token, unforwarded)
            # Busybox's wget -T crashes in some builds, hence `timeout`; the server was seen to answer just now.
            ask = (
                "cat /data/index.html; timeout 3 wget -q -O- http://doctor-web:8080/ || echo no-name; "
                "df -Pk / | tail -1"
            )
            made.append(
                containers.create(
                    client,
                    image,
                    ["sh", "-c", ask],
                    scene=SCENE,
                    settings=replace(CAREFUL, network=network, mounts={volume: "/data"}),
                )
            )
            containers.start(client, made[1])
            containers.wait(client, made[1], seconds=containers.HELPER)
            said = containers.logs(client, made[1]).splitlines()
    except (errors.EngineError, OSError) as error:
        why = getattr(error, "why", "") or str(error)
        what = getattr(error, "what", type(error).__name__)
        return [Check(name="runs a container", status=Status.BROKEN, what=what, why=why, next=_next_step(error))]
    ran = Check(name="runs a container", status=Status.OK, what="two ran, and are gone again")
    return [ran, published, *_read(said, token), _bind(client, image)]


def _next_step(error: BaseException) -> str:
    return getattr(error, "next_step", "") or "Restart the engine, then run the doctor again."


def _published(client: Client, container_id: str, token: str, unforwarded: str) -> Check:
    port = containers.inspect(client, container_id).published
    if not port:
        return Check(
            name="publishes a port",
            status=Status.ATTENTION,
            what="the engine published none",
            why="it may run without bridge networks or iptables",
            next="Chapters that open a page will say so.",
        )
    url = f"http://127.0.0.1:{port[0].port}/"
    try:
        answer = waiting.until_answers(client, container_id, url, seconds=8)
    except errors.WaitedTooLong as error:
        return Check(
            name="publishes a port",
            status=Status.ATTENTION,
            what=f"{url} did not answer",
            why=unforwarded or error.why,
            next=FORWARD if unforwarded else "A proxy setting, or a firewall on this computer, may be in the way.",
        )
    if answer.elsewhere:
        return Check(
            name="publishes a port",
            status=Status.ATTENTION,
            what=f"{url} answered on the engine's host, and not here",
            why=answer.elsewhere,
            next=FORWARD,
        )
    if answer.body.strip() != token:
        return Check(
            name="publishes a port",
            status=Status.ATTENTION,
            what=f"{url} answered something else",
            why="another program, such as a proxy, answered in the container's place",
            next="Look which program listens there.",
        )
    return Check(name="publishes a port", status=Status.OK, what="a page came back through 127.0.0.1")


def _read(said: list[str], token: str) -> list[Check]:
    mounted = bool(said) and said[0] == token
    named = len(said) > 1 and said[1] == token
    checks = [
        Check(
            name="resolves a name",
            status=Status.OK if named else Status.BROKEN,
            what="one container found the other by name" if named else "one container could not find the other",
            why="" if named else "the engine's DNS server did not answer, or the network does not connect",
            next="" if named else "Restart the engine; a firewall or VPN on its host may block its networks.",
        ),
        Check(
            name="mounts a volume",
            status=Status.OK if mounted else Status.BROKEN,
            what="two containers saw the same file" if mounted else "a file in a volume was not seen by the other",
            next="" if mounted else "Look at the engine's log and at the space on its disk.",
        ),
    ]
    words = said[-1].split() if said else []
    if len(words) >= 4 and words[3].isdigit():
        free = int(words[3]) * 1024
        low = free < ENOUGH_DISK
        checks.append(
            Check(
                name="disk",
                status=Status.ATTENTION if low else Status.OK,
                what=f"{free / 1e9:.0f} GB free on the engine's disk",
                why="the course needs about 3 GB" if low else "",
                next="docker system df shows what fills it. Remove what is yours." if low else "",
            )
        )
    return checks


def _bind(client: Client, image: str) -> Check:
    """Whether a folder of this computer can be seen from a container: its path is one on the engine's host."""
    word = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(dir=store.state(), ignore_cleanup_errors=True) as folder:
        (Path(folder) / "word").write_text(word, encoding="utf-8")
        container_id = ""
        try:
            mount = docker.types.Mount("/seen", folder, type="bind", read_only=True)
            container_id = rights.make(
                client, "folder", ["cat", "/seen/word"], scene=SCENE, image=image, mounts=[mount]
            )
            containers.start(client, container_id)
            containers.wait(client, container_id, seconds=containers.HELPER)
            seen = containers.logs(client, container_id) == word
            why = "the path means another folder on the engine's host"
        except errors.EngineError as error:
            seen, why = False, error.why
        finally:
            if container_id:
                containers.remove(client, container_id)
    if seen:
        return Check(name="mounts a folder", status=Status.OK, what="a container saw a file of this computer")
    return Check(
        name="mounts a folder",
        status=Status.ATTENTION,
        what="containers do not see this computer's folder",
        why=why,
        next="Share the folder in Docker Desktop's settings"
        if sys.platform != "linux"
        else "The course uses volumes instead, and says so.",
    )
