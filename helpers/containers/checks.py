"""What a check may ask about containers: their files, their ends, their states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from helpers import errors
from helpers.containers.engine import changed_files, transitions
from helpers.engine import base_images, containers
from helpers.engine.model.container import Container, State
from helpers.engine.model.exit_code import Ending
from helpers.engine.model.settings import Settings
from helpers.lab.look import Look

SIMPLE = ("sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait")  # ends at once when it is asked to


class Containers:
    """Files in containers, how containers ended, what a command does to one."""

    def __init__(self, look: Look) -> None:
        self._look, self._client = look, look.client

    def file(self, container: Container, path: str) -> str | None:
        """A file's text, whether the container runs or not; None if it is not there."""
        try:
            return changed_files.read(self._client, container, path).text
        except (errors.NotFound, errors.WrongUse):
            return None

    def ending(self, container: Container) -> Ending:
        """How it ended."""
        return containers.ending(self._client, container.id)

    def ended(
        self, image: str, wanted: Mapping[str, Sequence[str]], *, kill: str = "", limited: Mapping[str, str]
    ) -> dict[str, Ending]:
        """Makes containers of the scene's, by name and command, side by side, and waits until all have ended.

        One of such a name is replaced. kill: the one that is killed, since it would go on. limited: their memory.
        """

        def made(name: str) -> Ending:
            settings = Settings(network="none", memory=limited.get(name, 0))
            tries = 3 if name in limited else 1  # the engine may hear of the end before its reason, and then notes none
            while True:
                new = containers.create_in_place(
                    self._client, image, wanted[name], scene=self._look.scene, name=name, settings=settings
                )
                if name == kill:
                    transitions.kill(self._client, new)
                containers.wait(self._client, new, seconds=15)
                found = containers.ending(self._client, new)
                tries -= 1
                if found.oom_killed or not tries:
                    return found

        with ThreadPoolExecutor(len(wanted)) as pool:
            return dict(zip(wanted, pool.map(made, wanted), strict=True))

    def states(self, commands: Sequence[str]) -> Iterator[State]:
        """The state after each command, on a container of the check's own, which is gone afterwards."""
        made = ""
        try:
            for command in commands:
                if command == "create":
                    quiet = Settings(network="none")
                    made = containers.create(
                        self._client, base_images.reference("busybox"), SIMPLE, scene=self._look.scene, settings=quiet
                    )
                elif command == "stop":
                    containers.stop(self._client, made, grace=2)
                elif command == "restart":
                    transitions.restart(self._client, made, grace=2)
                else:
                    {
                        "start": transitions.start,
                        "pause": transitions.pause,
                        "unpause": transitions.unpause,
                        "kill": transitions.kill,
                    }[command](self._client, made)
                    if command == "kill":
                        containers.wait(self._client, made, seconds=5)
                yield containers.inspect(self._client, made).state
        finally:
            if made:
                containers.remove(self._client, made)
