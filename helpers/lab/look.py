"""What a check may ask, and how it says what it found.

Every question is answered by the engine, now. What a learner made is found by the name the brief gave it, whether it
was made by a helper, by docker-py or in a terminal.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from helpers import errors
from helpers.engine import container_list, containers, images, location, waiting
from helpers.engine.build import classic, guard
from helpers.engine.client import Client, open_client
from helpers.engine.discovery import Address
from helpers.engine.model.container import Answer, Container, Finished, State
from helpers.engine.model.events import Event
from helpers.engine.model.image import Image
from helpers.engine.model.location import Place
from helpers.engine.ownership import labels
from helpers.engine.scene import appeared, image_sweep
from helpers.lab import attempts
from helpers.lab.engine import image_search, sandbox
from helpers.lab.engine.sandbox import Served
from helpers.lab.outcome import CantTell, NotAttempted, NotYet

SECONDS = 30.0  # one check, all in all


class Look:
    """One check's eyes.

    given: the values drawn for this attempt. answer: what the learner handed over; ... if nothing.
    folder: where the learner's files are; None outside of labs. scene: what is made belongs to it.
    """

    def __init__(
        self,
        client: Client,
        task: str,
        attempt: attempts.Attempt,
        *,
        scene: str,
        answer: object = ...,
        folder: Path | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self.client, self.task, self.scene, self.answer, self.folder = client, task, scene, answer, folder
        self.given: Mapping[str, str] = attempt.given
        self.noted: tuple[str, ...] = ()
        self._memory = dict(attempt.memory)
        self._until = time.monotonic() + seconds

    # how a check ends

    def not_attempted(self) -> NoReturn:
        """Ends the check: nothing was done yet."""
        raise NotAttempted

    def cant_tell(self, why: str) -> NoReturn:
        """Ends the check: what would have to be measured can't be."""
        raise CantTell(why)

    def expect(self, met: object, expected: str, *found: str, look: str = "", mistake: str = "") -> None:
        """Goes on if `met`; else ends the check.

        expected: in plain words, as if it were so. found: the evidence. look: where to look next.
        mistake: the name of the typical mistake that this is.
        """
        if not met:
            raise NotYet(expected, found, look, mistake)

    def wrong(self, expected: str, *found: str, look: str = "", mistake: str = "") -> NoReturn:
        """Ends the check: not yet."""
        raise NotYet(expected, found, look, mistake)

    def note(self, found: str) -> None:
        """Adds evidence to be shown if the check passes: what was measured, or that something was only inferred."""
        self.noted = (*self.noted, found)

    def text(self) -> str:
        """The answer as a word or a line; ends the check if there is none.

        What a helper returned counts by its name, or by what it holds: a container, a page, a file.
        """
        if self.answer is ... or self.answer is None or self.answer == "":
            self.not_attempted()
        if isinstance(self.answer, list | tuple | set):
            return " ".join(map(str, self.answer))
        for said in ("reference", "name", "text", "body", "output", "address"):
            found = getattr(self.answer, said, None)
            if isinstance(found, str) and found:
                return found.strip()
        return str(self.answer).strip()

    def left(self) -> float:
        """Seconds until the check has to be done; at least 1, so that the last question can still be asked."""
        return max(self._until - time.monotonic(), 1.0)

    # what earlier checks of this attempt noted

    def remember(self, key: str, value: str) -> None:
        """Notes something for a later check of this attempt, such as the id of what has to be gone then."""
        self._memory[key] = value
        attempts.remember(self.task, key, value)

    def recall(self, key: str) -> str:
        """What was noted; "" if nothing was."""
        return self._memory.get(key, "")

    def give(self, key: str, value: str) -> None:
        """Adds a value that the learner may use: x.given[key]."""
        self.given = {**self.given, key: value}
        attempts.give(self.task, key, value)

    # what an exercise prepares

    def build(self, name: str, dockerfile: str, files: Mapping[str, bytes | Path] | None = None) -> str:
        """Makes an image of the scene's; returns its reference.

        It has no network, a minute's time, and a gigabyte of the engine's disk and of memory: it may be a learner's
        Dockerfile. So the classic builder makes it: BuildKit knows no limit for a build's memory.

        Raises: BuildFailed; WrongUse for here-documents, which that builder does not know, and for `# syntax=`.
        """
        tag = f"{labels.object_name(name)}:1"
        classic.build(
            self.client,
            dockerfile=dockerfile,
            context=dict(files or {}),
            tag=tag,
            scene=self.scene,
            bounds=guard.Bounds(),
        )
        return tag

    @contextlib.contextmanager
    def for_now(self, name: str, dockerfile: str) -> Iterator[str]:
        """An image as `build` makes it, for the time of the check: the learner's with one setting more, for one.

        Raises: what `build` raises. Nothing of it stays.
        """
        try:
            yield self.build(name, dockerfile)
        finally:
            with contextlib.suppress(errors.NotFound):
                self.client.remove_image(f"{labels.object_name(name)}:1", noprune=True)
            image_sweep.sweep(self.client, scene=self.scene, named=False)

    def start(self, image: str, *command: str, name: str) -> str:
        """Starts a container of the scene's in place of the scene's own of that name; returns its id."""
        return containers.create_in_place(self.client, image, command, scene=self.scene, name=name)

    # the engine

    def reason(self, address: str) -> tuple[bool, str]:
        """Whether an engine answers at an address, and its version or the reason why not."""
        if "://" not in address:
            return False, "that is not an address"
        try:
            client = open_client(Address(url=address, origin="asked"))
        except errors.EngineNotReachable as error:
            return False, error.tried[0].reason
        try:
            return True, str(client.version().get("Version"))
        finally:
            client.close()

    def where(self) -> Place:
        """Where the engine lives."""
        return location.where(self.client)

    def container(self, name: str) -> Container | None:
        """The learner's container of that name, running or not; None if there is none.

        By the helpers' longer name, or as a terminal names it; there, one that was on the engine before this scene
        began is somebody else's.
        """
        for full in (labels.object_name(name), name):
            try:
                found = containers.inspect(self.client, full)
            except errors.NotFound:
                continue
            if not appeared.was_there(self.scene, "container", found.id):
                return found
        return None

    def came_and_went(self, name: str, *, seconds: int = 3600) -> bool:
        """True if a container of that name was removed since; `docker run --rm` does that at its end."""
        full = {labels.object_name(name), name}
        events = self.events("container", since=self.now() - seconds)
        return any(event.action == "destroy" and event.name in full for event in events)

    def is_there(self, container_id: str) -> bool:
        """True if the engine still has that container."""
        return containers.exists(self.client, container_id)

    def by_hand(self, made: Container | Image, *, name: str = "") -> bool:
        """True if no helper made it: it came from a terminal, or from docker-py.

        name: what an image was to be called. Builds of the same files may end in the same image, from the cache; then
        it counts that no helper gave it this name.
        """
        ledger = self.client.ledger()
        if isinstance(made, Image) and name:
            tags = self.client.inspect_image(made.id).get("RepoTags") or ()
            mine = [tag for tag in map(str, tags) if {tag, tag.rpartition(":")[0]} & set(_full_names(name))]
            return any(ledger.named(made.id, tag) is None for tag in mine)
        if isinstance(made, Image):
            return not ledger.image(made.id)
        row = self.client.inspect_container(made.id)
        return ledger.entry("container", made.id, row["Config"].get("Labels")) is None

    def runs(self, container: Container) -> bool:
        """True if its first process runs."""
        return container.state is State.RUNNING

    def log(self, container: Container) -> str:
        """What its first process wrote."""
        return containers.logs(self.client, container.id)

    def wait_log(self, container: Container, text: str, *, seconds: float = 3) -> str:
        """Its log once it holds `text`, or as it is after `seconds`: what has just begun may not have written yet."""
        until = time.monotonic() + min(seconds, self.left())
        while text not in (found := self.log(container)) and time.monotonic() < until:
            time.sleep(0.1)
        return found

    def page(self, container: Container, path: str, *, seconds: float = 8) -> Answer | None:
        """What its published port answers on this computer; None if it publishes none, or nothing comes."""
        if not container.published:
            return None
        url = f"http://127.0.0.1:{container.published[0].port}{path}"
        try:
            return waiting.until_answers(self.client, container.id, url, seconds=min(seconds, self.left()))
        except (errors.WaitedTooLong, errors.NotFound):
            return None

    def image(self, name: str) -> Image | None:
        """The learner's image of that name; None if there is none."""
        for full in _full_names(name):
            row = images.known(self.client, full)
            found = Image.read(row) if row is not None else None
            # a short name that had an image before this scene began is somebody else's
            if found is not None and not (full != name and appeared.was_there(self.scene, "image", found.id)):
                return found
        return None

    def digest(self, name: str) -> str:
        """The config digest of the learner's image of that name.

        Raises: NoSuchImage.
        """
        return images.held(self.client, self.id_of(name)).config

    def events(self, kind: str, *, since: int) -> tuple[Event, ...]:
        """What happened to objects of one kind, oldest first. Engines keep the last few hundred events.

        since: seconds since 1970, in the engine's clock.
        """
        return self.client.past_events(since=str(since), until=self.client.now(), filters={"type": [kind]})

    def now(self) -> int:
        """Whole seconds since 1970, in the engine's clock."""
        return int(float(self.client.now()))

    def safely(
        self,
        image: str,
        command: Sequence[str] = (),
        *,
        network: str = "none",
        seconds: float = 15,
    ) -> Finished:
        """Runs a learner's image to its end, with nothing it could do harm with: see `helpers.lab.engine.sandbox`."""
        return sandbox.run(
            self.client,
            self.id_of(image),
            command,
            scene=self.scene,
            network=network,
            seconds=min(seconds, self.left()),
        )

    def serves(self, name: str, port: int, path: str, *, environment: Mapping[str, str]) -> Served:
        """What the learner's image serves where there is nothing: see `helpers.lab.engine.sandbox`."""
        return sandbox.serve(
            self.client,
            self.id_of(name),
            port,
            path,
            scene=self.scene,
            environment=environment,
            seconds=min(8, self.left()),
        )

    def paths(self, name: str) -> tuple[str, ...]:
        """Every path that a container of the learner's image sees, without the first slash."""
        return image_search.paths(self.client, self.id_of(name), scene=self.scene)

    def holding(self, name: str, text: str) -> tuple[tuple[int, str], ...]:
        """Every place of the learner's image that holds `text`: the layer's number (0: the settings) and the path."""
        return image_search.holding(self.client, self.id_of(name), text)

    def mine(self, path: str) -> Path:
        """A file of the learner's, there or not."""
        return Path(path) if self.folder is None else self.folder / path

    def id_of(self, name: str) -> str:
        """The id of the learner's image of that name; the name itself if there is none."""
        found = self.image(name)
        return found.id if found else name

    def listed(self) -> tuple[Container, ...]:
        """Every container on the engine, whoever made it, newest first."""
        return tuple(container_list.listed(row) for row in self.client.containers(all=True))


def _full_names(name: str) -> tuple[str, ...]:
    """What an image of that name may be called on the engine: as a helper names it, and as a terminal does."""
    word, _, tag = name.partition(":")
    ours = word.startswith(labels.PREFIX) and "/" not in word
    if not tag:
        return (f"{labels.object_name(name)}:1", f"{name}:1", name)
    return (f"{labels.object_name(word)}:{tag}", name) if ours else (name,)
