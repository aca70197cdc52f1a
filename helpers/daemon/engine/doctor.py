"""The doctor: connects, and really runs, publishes, resolves and mounts. Healthy, it takes about 2 s."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor

from helpers import errors
from helpers.daemon.engine import doctor_trials
from helpers.daemon.model.doctor import Check, Report, Status
from helpers.engine import base_images, location
from helpers.engine.build import plugins
from helpers.engine.client import Client, connect
from helpers.engine.model.base_images import Status as BaseImage
from helpers.engine.model.facts import has_containerd_store, is_podman

OLDEST = (20, 10)  # the oldest engine the course is tested on


def examine() -> Report:
    """Everything the course needs to know of the engine. Never raises: what fails becomes a check that says so."""
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
        checks.extend(_unlocked([image for image in images if image.unlocked]))
        tiny = base_images.reference("busybox")
        if tiny not in missing:
            checks.extend(doctor_trials.attempts(client, tiny, unforwarded=location.where(client).unforwarded))
        for name, version in asked.result().items():
            features[name] = version
            checks.append(_plugin(name, version))
    rows = tuple(
        {
            "name": i.name,
            "reference": i.reference,
            "present": i.present,
            "source": i.source or None,
            "unlocked": i.unlocked,
        }
        for i in images
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
    found = location.where(client)
    number = str(version.get("Version") or "?")
    podman = is_podman(version)
    store_kind = "containerd" if has_containerd_store(info) else "graph driver"
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


def _unlocked(images: list[BaseImage]) -> list[Check]:
    if not images:
        return []
    return [
        Check(
            name="locked digests",
            status=Status.ATTENTION,
            what=f"taken with another digest than the lock file's: {', '.join(image.reference for image in images)}",
            why="; ".join(f"{image.name}: {image.detail}" for image in images),
            next="To get the locked ones: docker rmi "
            + " ".join(image.reference for image in images)
            + ", then python3 start.py images where the registry has them.",
        )
    ]


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
