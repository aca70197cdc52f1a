"""The learner's words for containers: a name, an id, or what a helper returned."""

from __future__ import annotations

from helpers import errors
from helpers.engine import containers
from helpers.engine import scene as scenes
from helpers.engine.client import Client
from helpers.engine.model.container import Container
from helpers.engine.ownership import labels


def known(which: object) -> str | Container:
    """What a learner gave for a container, if it can be one. Raises: WrongUse."""
    if which == "":
        raise errors.WrongUse("A container needs a name.", "it was empty", 'For example: "web"')
    if isinstance(which, str | Container):
        return which
    raise errors.WrongUse(
        f"A {type(which).__name__} is not a container.",
        "a container is what containers.start returned, or its name",
        'For example: "web"',
    )


def find(client: Client, which: object, *, scene: str | None = None) -> Container:
    """The container that is meant, as it is now: by its name in the scene, else in any, else by name or id there.

    scene: None: the current one.

    Raises: NotFound; WrongUse for what is no container.
    """
    word, here = known(which), scene or scenes.current()
    if isinstance(word, Container):
        return _again(client, word)
    try:
        return containers.inspect(client, labels.object_name(word))
    except (errors.NotFound, errors.WrongUse):
        pass
    mine = [c for c in containers.ours(client) if labels.means(word, c.name)]
    try:
        return containers.inspect(client, mine[0].id if len(mine) == 1 else word)
    except errors.NotFound as error:
        names = ", ".join(c.name for c in containers.ours(client, scene=here)) or "none"
        raise errors.NotFound(
            f"There is no container called {word!r} here.",
            status=error.status,
            message=error.message,
            next_step=f"Containers of this scene: {names}.",
        ) from error


def mine(client: Client, which: object) -> Container:
    """The same, for what changes it. Raises: NotOurs if the course did not make it."""
    found = find(client, which)
    if found.id not in {c.id for c in containers.ours(client)}:
        raise errors.NotOurs(
            f"{found.full_name} is not one of the course's containers.",
            "no helper made it, and the helpers change only what a helper made",
            f"If you made it in a terminal, go on there: docker stop {found.full_name}, docker rm {found.full_name}.",
        )
    return found


def _again(client: Client, seen: Container) -> Container:
    try:
        return containers.inspect(client, seen.id)
    except errors.NotFound as error:
        raise errors.NotFound(
            f"The container {seen.name} is gone.",
            status=error.status,
            message=error.message,
            next_step="Run the cell that starts it again, then this one.",
        ) from error
