"""The doctor: connects, and really runs, publishes, resolves and mounts. Healthy, it takes about 2 s."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from helpers import errors, store
from helpers.engine import base_images, containers, labels, place, plugins, scene, waiting
from helpers.engine.client import Client, connect
from helpers.model.doctor import Check, Report, Status
from helpers.model.place import Where

SCENE = "doctor"
OLDEST = (20, 10)  # the oldest engine the course is tested on
ENOUGH_DISK = 3_000_000_000  # bytes; base images and the labs' builds together stay below this


def examine(*, quick: bool = False) -> Report:
    """Everything the course needs to know of the engine. Never raises: what fails becomes a check that says so.

    quick: only what needs no container (0.1 s); start.py uses it.
    """
    started = time.perf_counter()
    try:
        client = connect()
    except errors.CourseError as error:
        return Report(checks=(_unreachable(error),), seconds=time.perf_counter() - started)
    with client.tracing("daemon.doctor"), ThreadPoolExecutor(1) as pool:
        asked = pool.submit(plugins.versions)  # two programs to start: meanwhile the engine is asked
        checks: list[Check] = []
        engine, features = _describe(client, checks)
        images = base_images.status(client)
        missing = [image.reference for image in images if not image.present]
        checks.append(
            Check(name="base images", status=Status.OK, what=f"all {len(images)} are there")
            if not missing
            else Check(
                name="base images",
                status=Status.BROKEN,
                what=f"missing: {', '.join(missing)}",
                why="they were not prepared on this engine, or were removed",
                next="In a terminal: python3 start.py images",
            )
        )
        tiny = base_images.reference("busybox")
        if not quick and tiny not in missing:
            checks.extend(_try(client, tiny, local=features["place"] != Where.REMOTE.value))
        for name, version in asked.result().items():
            features[name] = version
            checks.append(_plugin(name, version))
    rows = tuple(
        {"name": i.name, "reference": i.reference, "present": i.present, "source": i.source or None} for i in images
    )
    return Report(
        checks=tuple(checks), engine=engine, features=features, images=rows, seconds=time.perf_counter() - started
    )


def _unreachable(error: errors.CourseError) -> Check:
    installed = shutil.which("docker")
    why = error.why
    if installed:
        why += ". The docker command is installed; it is only the client, so `docker --version` still answers"
    return Check(name="engine answers", status=Status.BROKEN, what=error.what, why=why, next=error.next_step)


def _describe(client: Client, checks: list[Check]) -> tuple[dict[str, str], dict[str, bool | str | None]]:
    version, info = client.version(), client.info()
    found = place.where(client)
    number = str(version.get("Version") or "?")
    podman = any("podman" in str(part.get("Name", "")).lower() for part in version.get("Components") or [])
    store_kind = "containerd" if "io.containerd" in str(info.get("DriverStatus")) else "graph driver"
    engine = {
        "name": "Podman" if podman else "Docker Engine",
        "version": number,
        "api": client.api_version,
        "address": client.address.url,
        "chosen by": client.address.origin,
        "platform": f"{version.get('Os', '?')}/{version.get('Arch', '?')}",
        "system": found.engine.system,
        "kernel": found.engine.kernel,
        "image store": f"{store_kind} ({info.get('Driver', '?')})",
    }
    features: dict[str, bool | str | None] = {
        "cgroup": str(info.get("CgroupVersion") or "1"),
        "rootless": found.rootless,
        "place": found.where.value,
        "buildkit": version.get("Os") == "linux" and not podman,
    }
    checks.append(
        Check(name="engine answers", status=Status.OK, what=f"{engine['name']} {number} at {client.address.url}")
    )
    if podman:
        checks.append(
            Check(
                name="version",
                status=Status.ATTENTION,
                what=f"Podman {number}",
                why="it speaks Docker's interface, but not all of it",
                next="The chapters go on; where Podman differs, they say so.",
            )
        )
    elif _number(number) < OLDEST:
        checks.append(
            Check(
                name="version",
                status=Status.BROKEN,
                what=f"Docker Engine {number} is older than 20.10",
                why="the course is tested on 20.10 and later",
                next="Update the engine.",
            )
        )
    else:
        what = f"{engine['platform']}, {engine['image store']} image store, cgroup v{features['cgroup']}"
        checks.append(Check(name="version", status=Status.OK, what=what + (", rootless" if found.rootless else "")))
    checks.append(Check(name="place", status=Status.OK, what=f"the engine is {found.where.value}"))
    return engine, features


def _number(version: str) -> tuple[int, ...]:
    digits = version.split("+")[0].split("-")[0].split(".")[:2]
    return tuple(int(part) for part in digits if part.isdigit())


def _plugin(name: str, version: str | None) -> Check:
    if version:
        return Check(name=name, status=Status.OK, what=f"docker {name} {version}")
    return Check(
        name=name,
        status=Status.ATTENTION,
        what=f"docker {name} is not there",
        why="the docker command has no such plugin",
        next="Chapters that need it say so. python3 start.py fetches it where the distribution has it.",
    )


@contextlib.contextmanager
def _stage(client: Client) -> Iterator[tuple[str, str, list[str]]]:
    """A network and a volume of the doctor's own, and a list for its containers; all gone at the end.

    What an examination that was killed left behind goes first; the lock keeps a second one at the same time out.
    """
    scene.clear(client, scene=SCENE)
    word = labels.object_name(SCENE, secrets.token_hex(3))
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


def _try(client: Client, image: str, *, local: bool) -> list[Check]:
    """A server and a client, both containers: five answers from one small play."""
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
                    network=network,
                    aliases=["doctor-web"],
                    mounts={volume: "/data"},
                )
            )
            containers.start(client, made[0])
            published = _published(client, made[0], token, local=local)
            # Busybox's wget -T crashes in some builds, hence `timeout`; the server was seen to answer just now.
            ask = (
                "cat /data/index.html; timeout 3 wget -q -O- http://doctor-web:8080/ || echo no-name; "
                "df -Pk / | tail -1"
            )
            made.append(
                containers.create(
                    client, image, ["sh", "-c", ask], scene=SCENE, network=network, mounts={volume: "/data"}
                )
            )
            containers.start(client, made[1])
            containers.wait(client, made[1], seconds=20)
            said = containers.logs(client, made[1]).splitlines()
    except (errors.EngineError, OSError) as error:
        why = getattr(error, "why", "") or str(error)
        what = getattr(error, "what", type(error).__name__)
        return [Check(name="runs a container", status=Status.BROKEN, what=what, why=why, next=_next_step(error))]
    ran = Check(name="runs a container", status=Status.OK, what="two ran, and are gone again")
    return [ran, published, *_read(said, token), _bind(client, image)]


def _next_step(error: BaseException) -> str:
    return getattr(error, "next_step", "") or "Restart the engine, then run the doctor again."


def _published(client: Client, container_id: str, token: str, *, local: bool) -> Check:
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
        answer = waiting.until_answers(client, container_id, url, seconds=5)
    except errors.WaitedTooLong as error:
        why = error.why if local else "the engine is on another computer, and ports are published on its 127.0.0.1 only"
        return Check(
            name="publishes a port",
            status=Status.ATTENTION,
            what=f"{url} did not answer",
            why=why,
            next="An SSH tunnel to the engine's computer, or a proxy setting, may be in the way.",
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
    import docker.types

    word = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(dir=store.state(), ignore_cleanup_errors=True) as folder:
        (Path(folder) / "word").write_text(word, encoding="utf-8")
        container_id = ""
        try:
            mount = docker.types.Mount("/seen", folder, type="bind", read_only=True)
            container_id = client.create_container(
                image,
                command=["cat", "/seen/word"],
                labels=labels.labels(SCENE),
                host_config=client.create_host_config(mounts=[mount], network_mode="none"),
            )["Id"]
            containers.start(client, container_id)
            containers.wait(client, container_id, seconds=20)
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
        else "The course uses volumes in its place and says so.",
    )
