"""Isolation: what keeps containers apart, what each may use, and what root inside can do, in the kernel's terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from helpers.drawing.figure import Shows
from helpers.drawing.in_place import Chart
from helpers.engine import container_names, scene
from helpers.engine import containers as _containers
from helpers.engine.client import Client, connect
from helpers.engine.model import container as container_model
from helpers.engine.model import exit_code
from helpers.engine.model.settings import Settings
from helpers.errors import CourseError, NotRunning, WrongUse
from helpers.isolation.engine import cost as _cost
from helpers.isolation.engine import escape_attempts as _escape_attempts
from helpers.isolation.engine import host_processes, usage
from helpers.isolation.engine import limits as _limits
from helpers.isolation.model import cost as cost_model
from helpers.isolation.model import escape_attempts as escape_attempts_model
from helpers.isolation.model import host_processes as host_model
from helpers.isolation.model import limits as limits_model
from helpers.isolation.model import namespaces as namespaces_model
from helpers.isolation.model import usage as usage_model
from helpers.isolation.sliders import Sliders
from helpers.isolation.views import cost as cost_views
from helpers.isolation.views import escape_attempts as escape_attempts_views
from helpers.isolation.views import limits as limits_views
from helpers.isolation.views import namespaces as namespaces_views
from helpers.isolation.views import usage as usage_views

__all__ = [
    "attempts",
    "capabilities",
    "cost",
    "inside_outside",
    "limit",
    "limits",
    "namespaces",
    "neighbour",
    "sliders",
    "watch",
    "why_ended",
]


class Grid(Shows, namespaces_model.Grid):
    """Namespaces of the engine's host and of containers; shows who shares what."""

    figure = namespaces_views.grid


class BothSides(Shows, host_model.BothSides):
    """One process from inside and from the engine's host."""

    figure = namespaces_views.both_sides


class Limits(Shows, limits_model.Limits):
    """What a container may use, and what it uses."""

    figure = limits_views.limits


class Changed(Shows, limits_model.Changed):
    """Limits that were changed."""

    figure = limits_views.changed


class Ending(Shows, exit_code.Ending):
    """How a container ended."""

    figure = limits_views.ending


class Watched(Shows, usage_model.Watched):
    """What containers used for some seconds; shows charts."""

    figure = usage_views.watched


Which = str | container_model.Container


class Trials(Shows, escape_attempts_model.Trials):
    """What root in a container could do, under several settings."""

    figure = escape_attempts_views.trials


class Capabilities(Shows, escape_attempts_model.Capabilities):
    """Which of root's rights a container has."""

    figure = escape_attempts_views.capabilities


class Cost(Shows, cost_model.Cost):
    """What one more container costs."""

    figure = cost_views.cost


class Neighbour(Shows, cost_model.Neighbour):
    """An app's response times beside its neighbour."""

    figure = cost_views.neighbour


def namespaces(*containers: Which) -> Grid:
    """The namespaces of the engine's host and of these running containers: who shares which with whom.

    A helper container joins the host's namespaces for a moment and reads the kernel's own numbers. Nothing is left.

    Raises: NotFound, NotRunning; WrongUse without a container.
    Equivalent: docker run --rm --pid host --cap-add SYS_PTRACE IMAGE ls -l /proc/PID/ns
    """
    client = connect()
    with client.tracing("isolation.namespaces"):
        found = _several(client, containers, "namespaces")
        return Grid.of(host_processes.grid(client, found, scene=scene.current()))


def inside_outside(container: Which) -> BothSides:
    """The first process of a running container: as it sees itself, and as the engine's host sees it.

    Raises: NotFound, NotRunning; EngineRefused where the engine lets no container look at its host.
    Equivalent: docker top CONTAINER
    """
    client = connect()
    with client.tracing("isolation.inside_outside"):
        found = _running(container_names.find(client, container))
        return BothSides.of(host_processes.sides(client, found, scene=scene.current()))


def limits(container: Which) -> Limits:
    """What a running container may use and what it uses now, with the files of the cgroup that say so.

    Raises: NotFound, NotRunning; CourseError where its cgroup can't be read.
    Equivalent: docker exec CONTAINER cat /sys/fs/cgroup/memory.max
    """
    client = connect()
    with client.tracing("isolation.limits"):
        return Limits.of(_limits.limits(client, container_names.find(client, container), scene=scene.current()))


def limit(container: Which, **options: Any) -> Changed:
    """Changes limits of one of the course's containers, also while it runs. What is not named stays as it is.

    options: memory (bytes or "64m"; swap is limited with it), cpus, cpu_shares, cpuset_cpus, pids_limit. Where memory
    is less than is used now, an engine refuses (cgroup version 1) or the kernel kills (version 2): it says which.

    Raises: WrongUse for another option; EngineRefused with what its words mean; NotFound.
    Equivalent: docker update --memory 64m --memory-swap 64m --cpus 0.5 --pids-limit 32 CONTAINER
    """
    known = ("memory", "cpus", "cpu_shares", "cpuset_cpus", "pids_limit")
    other = [name for name in options if name not in known]
    if other or not any(options.values()):
        raise WrongUse(
            f"limit can't change {other[0]!r}." if other else "There is nothing to change.",
            "an engine changes only limits of a container that it has made" if other else "no limit was named",
            f"Limits are: {', '.join(known)}.",
        )
    wanted = Settings.read(options)
    client = connect()
    with client.tracing("isolation.limit"):
        found = container_names.mine(client, container)
        return Changed.of(
            _limits.update(
                client,
                found,
                scene=scene.current(),
                memory=wanted.memory_bytes,
                cpus=wanted.cpus,
                cpu_shares=wanted.cpu_shares,
                cpuset_cpus=wanted.cpuset_cpus,
                pids_limit=wanted.pids_limit,
            )
        )


def watch(
    *containers: Which,
    load: str | Sequence[str] = "",
    seconds: int = 4,
    memory: int | str = "64m",
    halfway: Callable[[], Any] | None = None,
) -> Watched:
    """Watches what running containers use, with a chart that grows; returns the finished chart.

    load: what each is made to do meanwhile: "cpu", "memory" (grows to `memory`), "both" of these, or "processes" (tries
    to start 60); a command of your own as a list of words; "" leaves them alone. It ends by itself. seconds: 1 to 20.
    memory: 256m at most. halfway: called in the middle, such as `lambda: isolation.limit("web", cpus=0.2)`.

    Raises: WrongUse, NotFound, NotRunning; CourseError if a load can't be started there. Nothing is left.
    Equivalent: docker stats
    """
    _bounded(seconds)
    most = Settings.read({"memory": memory}).memory_bytes
    if not 0 < most <= usage.MOST_MEMORY:
        raise WrongUse(f"{memory!r} is not an amount of memory for a load.", "it is bounded", 'At most "256m".')
    word, command = _load(load, seconds, most)
    client = connect()
    with client.tracing("isolation.watch"), Chart() as chart:
        found = _several(client, containers, "watch")
        if command is not None:
            found = [container_names.mine(client, one) for one in found]
        return Watched.of(
            usage.watch(
                client,
                [_running(one) for one in found],
                command,
                word=word,
                seconds=seconds,
                scene=scene.current(),
                halfway=halfway,
                show=lambda so_far: chart.show(usage_views.watched(so_far)),
            ),
            wanted=most if word == "memory" else 0,
        )


def sliders(container: Which, *, seconds: int = usage.LONGEST) -> Sliders:
    """A slider for the CPU and one for the memory of a running container, and a chart that answers while it is busy.

    A button makes it want one CPU and hold 48 MiB for `seconds` (1 to 20). The sliders change the real limits.

    Raises: WrongUse, NotFound, NotRunning.
    Equivalent: docker update --cpus 0.5 --memory 64m --memory-swap 64m CONTAINER   (and docker stats)
    """
    _bounded(seconds)
    return Sliders(_running(container_names.mine(connect(), container)), seconds=seconds)


def why_ended(container: Which) -> Ending:
    """How a container's first process ended, by what the engine recorded: exit code, OOMKilled, an order to kill.

    Raises: NotFound.
    Equivalent: docker inspect --format '{{.State.ExitCode}} {{.State.OOMKilled}}' CONTAINER
    """
    client = connect()
    with client.tracing("isolation.why_ended"):
        return Ending.of(_containers.ending(client, container_names.find(client, container).id, ask=True))


def attempts() -> Trials:
    """Tries ten things as root in a container, under each of six settings, for real. About 5 s.

    Each attempt would leave the machine as it is, if it worked. The containers have no network and go again.

    Raises: NoSuchImage without the base image.
    Equivalent: docker run --rm --cap-drop ALL IMAGE COMMAND   (once for each setting)
    """
    client = connect()
    with client.tracing("isolation.attempts"):
        return Trials.of(_escape_attempts.trials(client, scene=scene.current()))


def capabilities(container: Which) -> Capabilities:
    """Which of root's rights (capabilities) the first process of a running container has.

    Raises: NotFound, NotRunning; CourseError where they can't be seen.
    Equivalent: docker exec CONTAINER grep Cap /proc/1/status
    """
    client = connect()
    with client.tracing("isolation.capabilities"):
        found = _running(container_names.find(client, container))
        return Capabilities.of(_escape_attempts.capabilities(client, found, scene=scene.current()))


def cost(number: int = 5) -> Cost:
    """Starts `number` idle containers, measures each, compares kernels, and takes all away. About half a second each.

    The memory is that of the container's cgroup and of its shim. Figures for virtual machines are cited, and say so.

    Raises: WrongUse unless 1 to 20.
    Equivalent: docker stats --no-stream
    """
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 20:
        raise WrongUse(f"{number!r} containers can't be measured.", "it is bounded", "Choose a number from 1 to 20.")
    client = connect()
    with client.tracing("isolation.cost"):
        return Cost.of(_cost.cost(client, number, scene=scene.current()))


def neighbour(app: Which, noisy: Which, *, path: str = "/", cpus: float = 0.1) -> Neighbour:
    """Times an app's answers alone, beside a busy neighbour, and after that one is limited. At most 15 s.

    app: publishes a port. noisy: another container, made busy meanwhile; its limit stays. path: what is asked for.

    Raises: NotFound, NotRunning, CourseError if the app publishes no port.
    Equivalent: docker update --cpus 0.1 CONTAINER   (and a stop watch)
    """
    client = connect()
    with client.tracing("isolation.neighbour"):
        one, other = _running(container_names.find(client, app)), _running(container_names.mine(client, noisy))
        if not one.published:
            raise CourseError(
                f"{one.name} publishes no port.",
                "its answers are timed through one",
                "Start it again with publish=PORT.",
            )
        url = f"http://127.0.0.1:{one.published[0].port}/{path.lstrip('/')}"
        return Neighbour.of(_cost.neighbour(client, one, other, url, scene=scene.current(), path=path, cpus=cpus))


def _bounded(seconds: object) -> None:
    """Raises: WrongUse unless it can be watched for that long."""
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 <= seconds <= usage.LONGEST:
        raise WrongUse(f"{seconds!r} seconds can't be watched.", "it is bounded", "Choose a whole number from 1 to 20.")


def _load(load: str | Sequence[str], seconds: int, memory: int) -> tuple[str, Callable[[int], tuple[str, ...]] | None]:
    """The load's name for the picture, and its command by the seconds that it goes on longer; None for no load."""
    if not load:
        return "", None
    if isinstance(load, str):
        if load not in usage_model.LOADS:
            raise WrongUse(
                f"There is no load {load!r}.",
                "a load is one of four, or a command as a list of words",
                f"Choose from: {', '.join(usage_model.LOADS)}.",
            )
        return load, lambda spare: usage.load(load, seconds, memory=memory, spare=spare)
    words = list(load)
    if not all(isinstance(word, str) and word for word in words):
        raise WrongUse(
            "A load is a list of words.", "each word in quotes", 'For example: load=["wc", "-c", "/dev/zero"]'
        )
    return "", lambda spare: ("timeout", str(seconds + spare), *words)


def _several(client: Client, which: Sequence[Which], verb: str) -> list[container_model.Container]:
    if not which:
        raise WrongUse(f"{verb} needs a container.", "none was named", f'For example: isolation.{verb}("web")')
    found = [container_names.find(client, one) for one in which]
    return list({one.id: one for one in found}.values())


def _running(found: container_model.Container) -> container_model.Container:
    if not found.pid:
        raise NotRunning(
            f"{found.name} is not running.",
            "only a running container can be looked at from both sides",
            "containers.logs shows what it wrote before it ended; containers.start makes a new one.",
        )
    return found


def __dir__() -> list[str]:
    return list(__all__)
