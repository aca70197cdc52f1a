"""What a check may ask about images, containers and their lives; `look.lives` leads here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from helpers import errors
from helpers.engine import anatomy, base_images, containers, contents, lives, moves
from helpers.model.container import Container, State
from helpers.model.exit_code import Ending
from helpers.model.settings import Settings

if TYPE_CHECKING:
    from helpers.lab.look import Look

SIMPLE = ("sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait")  # ends at once when it is asked to


class Lives:
    """Files in containers, how containers ended, what a command does to one, and names of images."""

    def __init__(self, look: Look) -> None:
        self._look, self._client = look, look.client

    def file(self, container: Container, path: str) -> str | None:
        """A file's text, whether the container runs or not; None if it is not there."""
        try:
            return contents.read(self._client, container, path).text
        except (errors.NotFound, errors.WrongUse):
            return None

    def ending(self, container: Container) -> Ending:
        """How it ended."""
        return lives.ending(self._client, container)

    def ended(
        self, image: str, wanted: Mapping[str, Sequence[str]], *, kill: str = "", limited: Mapping[str, str]
    ) -> dict[str, Ending]:
        """Makes containers of the scene's, by name and command, side by side, and waits until all have ended.

        One of such a name is replaced. kill: the one that is killed, since it would go on. limited: their memory.
        """
        for one in containers.ours(self._client, scene=self._look.scene):
            if one.name in wanted:
                containers.remove(self._client, one.id)

        def made(name: str) -> Ending:
            settings = Settings(network="none", memory=limited.get(name, 0))
            tries = 3 if name in limited else 1  # the engine may hear of the end before its reason, and then notes none
            while True:
                new = containers.create(
                    self._client, image, wanted[name], scene=self._look.scene, name=name, settings=settings
                )
                containers.start(self._client, new)
                if name == kill:
                    moves.kill(self._client, new)
                containers.wait(self._client, new, seconds=15)
                found = lives.ending(self._client, containers.inspect(self._client, new))
                tries -= 1
                if found.oom_killed or not tries:
                    return found
                containers.remove(self._client, new)

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
                    moves.restart(self._client, made, grace=2)
                else:
                    {"start": moves.start, "pause": moves.pause, "unpause": moves.unpause, "kill": moves.kill}[command](
                        self._client, made
                    )
                    if command == "kill":
                        containers.wait(self._client, made, seconds=5)
                yield containers.inspect(self._client, made).state
        finally:
            if made:
                containers.remove(self._client, made)

    def tag(self, image: str, *, name: str) -> str:
        """Gives an image of the scene's that name; returns the reference."""
        return anatomy.tag(self._client, image, scene=self._look.scene, name=name, version="1").reference
