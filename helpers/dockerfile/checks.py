"""What a check may ask about an image's beginning and end: Dockerfiles(look).stops("hs-shop")."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from helpers.dockerfile.engine import steps, trials
from helpers.dockerfile.model.begin import Begin
from helpers.dockerfile.model.recipe import Recipe
from helpers.dockerfile.model.starts import Ended
from helpers.engine.model.container import Container
from helpers.errors import CourseError, NoSuchImage
from helpers.lab.look import Look

READY = 8.0  # seconds that a program may take until it has written what is waited for
_SPARE = 2.0  # seconds of a check that are kept for taking away what it made


class Dockerfiles:
    """Images that learners have built, as a check needs them.

    What is started here has no network, no rights, a read-only root and little memory, and is gone afterwards. All of
    it ends within the check's time.
    """

    def __init__(self, look: Look) -> None:
        self._look = look

    def begins(self, image: str) -> Begin:
        """What the image says about its containers: which process, where, as whom. Starts nothing.

        Raises: NoSuchImage.
        """
        return steps.begin(self._look.client, self._look.id_of(image))

    def differs(self, image: str, recipe: Path) -> str:
        """Where the image is not what the Dockerfile says now, in words; "" if it may have been built from it.

        After a build that failed, or was forgotten, the name still leads to the image of an earlier one.

        Raises: NoSuchImage.
        """
        try:
            text = recipe.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            return f"{recipe.name} can't be read: {error}"
        try:
            found = steps.steps(self._look.client, Recipe(text=text), self._look.id_of(image))
        except NoSuchImage:
            raise
        except CourseError as error:
            return error.why
        return "" if found.steps else f"{recipe.name} is empty"

    def stops(
        self, image: str, *, command: Sequence[str] = (), ready: str = "", seconds: float = 3, init: bool = False
    ) -> Ended:
        """Starts the image, waits until it is up, and sends the signal that `docker stop` would: SIGTERM, or its own.

        command: in place of its CMD. ready: a text in its log to wait for before the signal; else for any. seconds:
        that it may take to end. init: as `docker run --init`.

        Returns: `seconds` is None unless the signal ended it. Then `exit_code` tells the cases apart: None if it went
        on (it is killed then), a number if it had ended by itself, or never started: 127, with the reason as `output`.

        Raises: NoSuchImage.
        """
        look, within = self._look, self._within(seconds)
        return trials.stops(
            look.client,
            look.id_of(image),
            command,
            ready=ready,
            patience=self._within(READY, after=within),
            seconds=within,
            init=init,
            scene=look.scene,
        )

    def zombies(self, image: str, *, ready: str = "", seconds: float = 3, init: bool = False) -> int:
        """How many ended processes nobody has collected, so many seconds after a container of the image was up.

        Raises: NoSuchImage, NoSuchProgram; NotRunning if it has ended by then.
        """
        look, within = self._look, self._within(seconds)
        return trials.zombies(
            look.client,
            look.id_of(image),
            ready=ready,
            patience=self._within(READY, after=within),
            seconds=within,
            init=init,
            scene=look.scene,
        )

    def zombies_in(self, container: Container) -> int:
        """The same in a container that runs, now. Nothing is started but a helper that looks.

        Raises: NotRunning.
        """
        return trials.zombies_in(self._look.client, container.id, scene=self._look.scene)

    def health(self, image: str, *, seconds: float = 10) -> tuple[str, ...]:
        """The states that its health check goes through, in order: ("starting", "healthy"); () if it has none.

        It is asked once a second, if the image would have it asked less often. It ends with the first state other than
        "starting".

        Raises: NoSuchImage, NoSuchProgram.
        """
        look = self._look
        return trials.health(look.client, look.id_of(image), seconds=self._within(seconds), scene=look.scene)

    def _within(self, seconds: float, *, after: float = 0) -> float:
        """So many seconds, or what the check has left of them. after: seconds that something else takes."""
        return max(min(seconds, self._look.left() - after - _SPARE), 0.5)
