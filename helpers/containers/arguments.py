"""What a learner gives to a verb of `helpers.containers`: a container, an image, a command, a name, ports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from helpers.engine import containers as _engine
from helpers.engine import scene
from helpers.engine.client import Client
from helpers.engine.model import container as model
from helpers.engine.model.image import reference_of
from helpers.engine.model.settings import Settings
from helpers.engine.ownership import labels
from helpers.errors import CourseError, WrongUse
from helpers.networks.engine import networks


def known(which: object) -> str | model.Container:
    """What a learner gave for a container: its name, or what a helper returned.

    Raises: WrongUse.
    """
    if isinstance(which, str | model.Container):
        return which
    raise WrongUse(
        f"A {type(which).__name__} is not a container.",
        "a container is what containers.start returned, or its name",
        'For example: containers.logs("web")',
    )


def find(client: Client, which: str | model.Container) -> model.Container:
    """The container as it is now. Raises: NotFound, WrongUse."""
    given = known(which)
    if isinstance(given, model.Container):
        return _engine.again(client, given)
    return _engine.find(client, given, scene=scene.current())


def mine(client: Client, which: str | model.Container) -> model.Container:
    """The same, if it is the course's. Raises: CourseError if it is not."""
    found = find(client, which)
    if found.id not in {c.id for c in _engine.ours(client)}:
        raise CourseError(
            f"{found.full_name} is not one of the course's containers.",
            "the course did not make it, and the helpers change nothing else",
            "If it is yours, use the docker command.",
        )
    return found


def checked(image: object, command: Iterable[object]) -> str:
    """The image's reference, once image and command have the right form. Raises: WrongUse."""
    reference = reference_of(image)
    for word in command:
        if not isinstance(word, str):
            raise WrongUse(
                f"{word!r} is not a word of a command.",
                "each word is an argument of its own, in quotes",
                'For example: containers.run(BUSYBOX, "sleep", "5")',
            )
    return reference


def named(name: str, verb: str) -> None:
    """Refuses a missing name, and one of another form. Raises: WrongUse."""
    if not name:
        raise WrongUse(
            "A container that stays needs a name.", "none was given", f'For example: {verb}(IMAGE, name="web")'
        )
    labels.object_name(scene.current(), name)


def ports(publish: int | Iterable[int]) -> list[int]:
    """The ports inside that are to be published. Raises: WrongUse."""
    found = [publish] if isinstance(publish, int | str) else list(publish)
    for port in found:
        if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536:
            raise WrongUse(
                f"{port!r} is not a port.", "a port is a whole number from 1 to 65535", "For example: publish=8080"
            )
    return [port for port in found if isinstance(port, int)]


def on_network(client: Client, settings: Settings, name: str) -> Settings:
    """The settings with the network's name on the engine. Where names work, the learner's word is one of them.

    Raises: NotFound.
    """
    if not settings.network:
        return settings
    network, names = networks.resolve(client, settings.network, scene=scene.current())
    aliases = tuple(dict.fromkeys((name, *settings.network_alias))) if names else settings.network_alias
    return replace(settings, network=network, network_alias=aliases)
