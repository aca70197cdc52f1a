"""Measuring what one more container costs, and what a busy neighbour does to an app's answers."""

from __future__ import annotations

import secrets
import time

from helpers import errors
from helpers.engine import base_images, containers, waiting
from helpers.engine.client import Client
from helpers.engine.model.container import Container
from helpers.isolation.engine import host_processes, limits, usage
from helpers.isolation.model.cost import Cost, Extra, Neighbour, Phase

_REQUESTS, _PHASE = 12, 4.0  # at most, for each phase; seconds
_WORKERS = 4


def cost(client: Client, number: int, *, scene: str) -> Cost:
    """Starts `number` idle containers, measures each, and takes them away again.

    Raises: NoSuchImage.
    """
    busybox, debian = base_images.reference("busybox"), base_images.reference("debian")
    made: list[str] = []
    seconds = []
    try:
        for _ in range(number):
            started = time.perf_counter()
            made.append(containers.create(client, busybox, ["sleep", "60"], scene=scene))
            containers.start(client, made[-1])
            seconds.append(time.perf_counter() - started)
        found = [containers.inspect(client, one) for one in made]
        readings = {r.pid: r for r in limits.readings(client, [c.pid for c in found], scene=scene)}
        view = host_processes.look(client, [], scene=scene)
    finally:
        for one in made:
            containers.remove(client, one)
    extras = []
    for container, took in zip(found, seconds, strict=True):
        process = view.process(container.pid)
        shim = view.process(process.parent) if process else None
        reading = readings.get(container.pid)
        extras.append(Extra(seconds=took, memory=reading.memory if reading else 0, shim=shim.memory if shim else None))
    kernels = tuple(
        (image.rpartition("/")[2], containers.run(client, image, ["uname", "-r"], scene=scene).output.strip())
        for image in (busybox, debian)
    )
    return Cost(extras=tuple(extras), kernels=kernels, engine_kernel=str(client.info().get("KernelVersion") or ""))


def neighbour(
    client: Client, app: Container, noisy: Container, url: str, *, scene: str, path: str, cpus: float
) -> Neighbour:
    """Asks `url` alone, while `noisy` is busy, and while it is busy and limited to `cpus`. The limit stays.

    Where the port does not come to this computer nothing is timed, and nothing changed: the result says so.

    Raises: WaitedTooLong if the app does not answer; EngineRefused.
    """
    elsewhere = waiting.until_answers(client, app.id, url).elsewhere
    if elsewhere:
        return _neighbour(app, noisy, url, path=path, cpus=cpus, untimed=elsewhere)
    phases = [_phase("alone", url)]
    command = (
        "sh",
        "-c",
        f"for i in $(seq {_WORKERS}); do (while :; do :; done) & done; sleep 8; kill $(jobs -p); wait",
    )
    for title in ("beside a busy neighbour", "neighbour limited"):
        if title == "neighbour limited":
            limits.update(client, noisy, scene=scene, cpus=cpus)
        mark = secrets.token_hex(8)
        usage.begin_load(client, noisy, command, mark)
        try:
            time.sleep(0.3)  # until its processes are busy: a moment of the experiment, not a wait for a condition
            phases.append(_phase(title, url))
        finally:
            usage.end_load(client, noisy, mark)
    return _neighbour(app, noisy, url, path=path, cpus=cpus, phases=tuple(phases))


def _neighbour(
    app: Container,
    noisy: Container,
    url: str,
    *,
    path: str,
    cpus: float,
    phases: tuple[Phase, ...] = (),
    untimed: str = "",
) -> Neighbour:
    return Neighbour(
        app=app.name,
        noisy=noisy.name,
        noisy_full_name=noisy.full_name,
        path=path,
        url=url,
        cpus=cpus,
        phases=phases,
        untimed=untimed,
    )


def _phase(title: str, url: str) -> Phase:
    times: list[float] = []
    until = time.monotonic() + _PHASE
    while len(times) < _REQUESTS and time.monotonic() < until:
        started = time.perf_counter()
        answer = waiting.get(url, seconds=10)
        if answer.status != 200:
            raise errors.CourseError(
                f"The app answered with status {answer.status}.",
                answer.body[:200],
                "Only a page that answers with 200 can be timed.",
            )
        times.append(time.perf_counter() - started)
    return Phase(title=title, times=tuple(times))
