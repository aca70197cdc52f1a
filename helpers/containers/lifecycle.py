"""What `helpers.containers` says of one container: finding it, its life, and the commands that change its state.

A room of its own only so that no module grows too long; learners reach all of it as `containers.…`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from helpers.containers import arguments
from helpers.containers.engine import lifecycle as engine_lifecycle
from helpers.containers.engine import transitions
from helpers.containers.model import lifecycle
from helpers.containers.views import containers as views
from helpers.containers.views import lifecycle as life_views
from helpers.drawing.figure import Figure, Shows
from helpers.engine import container_names, scene
from helpers.engine import containers as _engine
from helpers.engine.client import Client, connect
from helpers.engine.model import container as model
from helpers.engine.model.container import State
from helpers.engine.model.exit_code import read_signal
from helpers.engine.model.image import Named
from helpers.engine.model.settings import Settings
from helpers.engine.ownership import labels
from helpers.engine.session import session
from helpers.errors import WrongUse
from helpers.networks.engine import networks

ID = 64  # hex digits of a container's id
__all__ = ["create", "kill", "life", "pause", "restart", "unpause"]


class Container(Shows, model.Container):
    """One container at one moment; shows itself."""

    figure = views.container


@dataclass(frozen=True, kw_only=True, repr=False)
class Ordered(Container):
    """A container that was just given an order. order: the words of docker. call: docker-py's method."""

    order: tuple[str, ...]
    call: str

    def figure(self) -> Figure:
        """The picture of this object."""
        return views.ordered(self, self.order, self.call)


@dataclass(frozen=True, kw_only=True, repr=False)
class Made(Container):
    """A container that was just made, with what `docker run`, or `docker create`, would have been told."""

    asked: views.Asked

    def figure(self) -> Figure:
        """The picture of this object."""
        return views.made(self, self.asked)


class Life(Shows, lifecycle.Life):
    """A container's path until now; shows itself as a state diagram."""

    figure = life_views.life


def create(
    image: str | Named, *command: str, name: str = "", publish: int | Iterable[int] = (), **options: Any
) -> Container:
    """Makes a container and does not start it. One of that name in this scene is replaced.

    image: its reference, or what a helper returned for it. publish, options: as for containers.start.

    Raises: NoSuchImage, WrongUse for a name, port or option of another form; nothing is changed then.
    Equivalent: docker create --name NAME IMAGE COMMAND
    """
    reference = arguments.checked(image, command)
    arguments.named(name, "containers.create")
    wanted, settings = arguments.ports(publish), Settings.read(options)
    client = connect()
    with client.tracing("containers.create"):
        made = made_in_place(client, reference, command, name=name, publish=wanted, settings=settings, start=False)
        return Made.of(_engine.inspect(client, made), asked=asked(reference, command, wanted, settings, run=False))


def asked(
    reference: str, command: Sequence[str], publish: Sequence[int], settings: Settings, *, run: bool
) -> views.Asked:
    """What docker would be told, with networks and containers by their names on the engine."""
    head, colon, which = settings.network.rpartition(":")
    if settings.network and settings.network not in ("bridge", "host", "none"):
        ours = labels.is_word(which) and len(which) != ID
        settings = replace(settings, network=f"{head}{colon}{labels.object_name(which)}") if ours else settings
    return views.Asked(image=reference, command=tuple(command), publish=tuple(publish), settings=settings, run=run)


def made_in_place(
    client: Client,
    reference: str,
    command: Sequence[str],
    *,
    name: str,
    publish: Sequence[int],
    settings: Settings,
    start: bool,
) -> str:
    """The same from checked arguments, started or not: on its network, and watched from its creation; its id."""
    settings = networks.joined(client, settings, name, scene=scene.current())
    session.watch(client)
    return _engine.create_in_place(
        client, reference, command, scene=scene.current(), name=name, publish=publish, settings=settings, start=start
    )


def start_again(client: Client, which: str | model.Container) -> Container:
    """Starts one that is there, see containers.start."""
    found = container_names.mine(client, which)
    transitions.start(client, found.id)
    return Ordered.of(_engine.inspect(client, found.id), order=("start",), call="start()")


def pause(which: str | model.Container) -> Container:
    """Freezes all processes of a container; they keep their memory, and notice nothing.

    Raises: NotFound, NotRunning, EngineRefused if it is paused already.
    Equivalent: docker pause CONTAINER
    """
    client = connect()
    with client.tracing("containers.pause"):
        found = container_names.mine(client, which)
        transitions.pause(client, found.id)
        return Ordered.of(_engine.inspect(client, found.id), order=("pause",), call="pause()")


def unpause(which: str | model.Container) -> Container:
    """Lets the processes of a paused container go on.

    Raises: NotFound, EngineRefused if it is not paused.
    Equivalent: docker unpause CONTAINER
    """
    client = connect()
    with client.tracing("containers.unpause"):
        found = container_names.mine(client, which)
        transitions.unpause(client, found.id)
        return Ordered.of(_engine.inspect(client, found.id), order=("unpause",), call="unpause()")


def kill(which: str | model.Container, *, signal: str = "SIGKILL") -> Container:
    """Sends a signal to a container's first process, at once; SIGKILL can't be handled and ends it.

    signal: by its name, such as "SIGTERM". A process that handles it may go on.

    Raises: NotFound, NotRunning, WrongUse for a word that is no signal.
    Equivalent: docker kill --signal SIGNAL CONTAINER
    """
    client = connect()
    with client.tracing("containers.kill"):
        found = container_names.mine(client, which)
        transitions.kill(client, found.id, signal=signal)
        now = settled(client, found.id) if read_signal(signal) == 9 else _engine.inspect(client, found.id)
        return Ordered.of(now, order=("kill", "--signal", signal), call=f"kill({signal!r})")


def restart(which: str | model.Container, *, grace: int = 10) -> Container:
    """Stops a container, if it runs, and starts it: the same container, with all it wrote.

    grace: seconds between SIGTERM and SIGKILL.

    Raises: NotFound.
    Equivalent: docker restart --time GRACE CONTAINER
    """
    client = connect()
    with client.tracing("containers.restart"):
        found = container_names.mine(client, which)
        transitions.restart(client, found.id, grace=grace)
        order, call = ("restart", "-t", str(grace)), f"restart(timeout={grace})"
        return Ordered.of(_engine.inspect(client, found.id), order=order, call=call)


def life(which: str | model.Container, *, until: str = "", seconds: float = 10) -> Life:
    """Where a container is in its life, and how it got there. Also of one that was removed since the scene began.

    What this scene makes is watched from its creation; of other containers the engine remembers the last start and
    the last end. until: a state to wait for first, such as "exited", at most `seconds`.

    Raises: NotFound; WaitedTooLong; WrongUse for a word that is no state.
    Equivalent: docker events, kept from the container's creation on
    """
    wanted = State.read(until) if until else None
    if wanted is State.UNKNOWN:
        states = ", ".join(state.value for state in State if state is not State.UNKNOWN)
        raise WrongUse(f"{until!r} is not a state.", "a container is in one of a few", f"They are: {states}.")
    client = connect()
    with client.tracing("containers.life"):
        return Life.of(
            engine_lifecycle.life(
                client, container_names.known(which), scene=scene.current(), until=wanted, seconds=seconds
            )
        )


def settled(client: Client, container_id: str) -> model.Container:
    """The container once its process has ended, or as it is after 5 s."""
    from helpers.engine import waiting

    def over() -> model.Container | None:
        found = _engine.inspect(client, container_id)
        return found if found.state is not State.RUNNING and found.state is not State.PAUSED else None

    return waiting.until(over, "the end of its process", seconds=5)


def __dir__() -> list[str]:
    return list(__all__)
