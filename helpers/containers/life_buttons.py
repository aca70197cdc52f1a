"""A container's life with a button for each command; learners reach it as `containers.buttons`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from helpers.containers import arguments
from helpers.containers.engine import lifecycle, transitions
from helpers.containers.lifecycle import Life, settled
from helpers.containers.model.lifecycle import Verb
from helpers.containers.views import lifecycle as views
from helpers.drawing.figure import Figure, Shows
from helpers.engine import containers as _engine
from helpers.engine import scene
from helpers.engine.client import Client, connect
from helpers.engine.model.container import State
from helpers.engine.model.image import Named
from helpers.engine.ownership import labels
from helpers.engine.session import session
from helpers.errors import CourseError, EngineRefused, NotFound, WrongUse


class Buttons(Shows):
    """A container's life with a button for each command: each acts on the real container, and says what it did."""

    def __init__(self, image: str, command: tuple[str, ...], *, name: str, grace: int) -> None:
        self._image, self._command, self.name, self._grace = image, command, labels.word(name), grace
        self._scene = scene.current()
        self._id = ""
        found = next((old for old in _engine.ours(connect(), scene=self._scene) if old.name == self.name), None)
        if found is not None:
            self._id = found.id

    def life(self) -> Life:
        """The life of the container that the buttons act on, now."""
        if not self._id:
            return Life(name=self.name, state=State.REMOVED, steps=())
        client = connect()
        found = lifecycle.life(client, self._id, scene=self._scene)
        return Life.of(replace(found, name=self.name))

    def press(self, verb: str) -> str:
        """Does what the button of that name does, and returns what is said about it.

        Raises: WrongUse if there is no such button. What the engine refuses is said, not raised.
        """
        try:
            pressed = Verb(verb)
        except ValueError:
            words = ", ".join(one.value for one in Verb)
            raise WrongUse(
                f"There is no button {verb!r}.", "each is named after its command", f"They are: {words}."
            ) from None
        client = connect()
        before = self.life()
        try:
            with client.tracing(f"containers.{pressed.value}"):
                self._do(client, pressed)
        except NotFound:
            return f"docker {pressed.command}: {self.name} is gone. It was removed in another way meanwhile."
        except EngineRefused as error:
            return f"docker {pressed.command}: the engine refused. {error.message}"
        except CourseError as error:
            return f"docker {pressed.command}: {error.what} {error.why}"
        after = self.life()
        return views.did(pressed, before, after, grace=self._grace)

    def figure(self) -> Figure:
        """The picture of this object."""
        return views.life(self.life())

    def _do(self, client: Client, verb: Verb) -> None:
        match verb:
            case Verb.CREATE:
                session.watch(client)
                self._id = _engine.create(client, self._image, self._command, scene=self._scene, name=self.name)
            case Verb.START:
                transitions.start(client, self._id)
            case Verb.PAUSE:
                transitions.pause(client, self._id)
            case Verb.UNPAUSE:
                transitions.unpause(client, self._id)
            case Verb.STOP:
                _engine.stop(client, self._id, grace=self._grace)
            case Verb.KILL:
                transitions.kill(client, self._id)
                settled(client, self._id)
            case Verb.RESTART:
                transitions.restart(client, self._id, grace=self._grace)
            case Verb.REMOVE:
                transitions.remove(client, self._id)

    def _ipython_display_(self) -> None:
        """The static picture, and in a notebook the buttons with it: two outputs, as for a question."""
        from helpers.containers.widgets import lifecycle as widget

        widget.show(self)

    def changes(self) -> Callable[[Callable[[], None]], Callable[[], None]] | None:
        """For the widget: hears of events of the container; returns the watch's own `tell`, or None."""
        watching = session.watching(connect())
        return (
            None
            if watching is None
            else lambda call: watching.tell(lambda event: call() if event.actor == self._id else None)
        )


def buttons(image: str | Named, *command: str, name: str = "", grace: int = 3) -> Buttons:
    """Buttons for the life of one container: create, start, pause, unpause, stop, kill, restart, remove.

    The container belongs to this scene. It is made by the first button, unless there is one of that name.
    grace: seconds between SIGTERM and SIGKILL.

    Raises: WrongUse for a name of another form.
    Equivalent: the docker commands of these names, and docker rm
    """
    reference = arguments.checked(image, command)
    arguments.named(name, "containers.buttons")
    session.watch(connect())
    return Buttons(reference, tuple(command), name=name, grace=grace)
