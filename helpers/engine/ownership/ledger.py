"""Whose an object is. What the course makes goes through here, and so does all that changes what is there.

Containers, networks and volumes carry a nonce, drawn for each and in the journal before the engine is asked; their id
follows. An image hands its labels on to what is made from it, so the nonce alone proves nothing: the id must be the
one that was noted. Images carry no nonce (it would break caches and equal digests); for each the journal holds its id,
the names that were given to it, and whether it was new.

The client asks the journal before it removes, stops, connects or renames anything, whoever calls: a name, a prefix or
an inherited label is not enough. `allowing` lets one thing through that a person has said yes to.
"""

from __future__ import annotations

import contextlib
import functools
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import docker

from helpers import store
from helpers.engine.model.inventory import REMOVES
from helpers.engine.ownership import journal, labels
from helpers.engine.ownership.journal import Entry
from helpers.errors import BuildFailed, BuildStopped, EngineRefused, NameTaken, NotFound, NotOurs

IMAGE_PREFIXES = ("", "localhost/", "docker.io/library/", "docker.io/")  # Podman writes names out
BUILD_SECONDS = 900.0  # a killed build's last step, which it could not note, came within this time of its beginning
SLACK = 60.0  # seconds that the engine's clock and this computer's may differ
MOMENT = 0.3  # seconds in which an image that is being loaded or named gets its name
UNSCENED = "build"  # what the journal calls builds outside of any scene
_HEX = re.compile(r"(sha256:)?[0-9a-f]{12,64}")


@dataclass(frozen=True)
class Ledger:
    """What the journal says of one engine, now. entries: oldest first."""

    engine: str
    entries: tuple[Entry, ...]

    @functools.cached_property
    def _nonces(self) -> Mapping[str, Entry]:
        return {entry.nonce: entry for entry in self.entries if entry.nonce}

    @functools.cached_property
    def _images(self) -> Mapping[str, tuple[Entry, ...]]:
        """By the first twelve hex digits of the id, which is what an older builder tells of a step."""
        found: dict[str, tuple[Entry, ...]] = {}
        for entry in self.entries:
            if entry.kind == "image":
                found[_short(entry.id)] = (*found.get(_short(entry.id), ()), entry)
        return found

    def entry(self, kind: str, object_id: str, found: Mapping[str, str] | None) -> Entry | None:
        """The entry of a container, network or volume with the labels `found`; None if the course did not make it.

        An entry without an id is one whose maker was killed before the engine's answer: see `inherited`.
        """
        entry = self._nonces.get((found or {}).get(labels.NONCE, ""))
        return entry if entry is not None and entry.kind == kind and entry.id in ("", object_id) else None

    def image(self, image_id: str) -> tuple[Entry, ...]:
        """All that is noted of an image: one entry for each name, and one for the id if a step of a build made it."""
        return tuple(entry for entry in self._images.get(_short(image_id), ()) if _same_id(entry.id, image_id))

    def is_new(self, image_id: str) -> bool:
        """True if the image did not exist before the course made it."""
        return any(entry.new for entry in self.image(image_id))

    def named(self, image_id: str, reference: str) -> Entry | None:
        """The entry of a name that the course gave to that very image."""
        return next((e for e in self.image(image_id) if e.reference and same_name(e.reference, reference)), None)


def _short(image_id: str) -> str:
    return _bare(image_id)[:12]


def _bare(image_id: str) -> str:
    return image_id.removeprefix("sha256:")


def _same_id(noted: str, full: str) -> bool:
    return full.removeprefix("sha256:").startswith(noted.removeprefix("sha256:"))


def same_name(one: str, other: str) -> bool:
    """True if two references are one name, as engines write it. "x" is not "x:1"; without a tag it is "x:latest"."""
    return bool({p + _tagged(one) for p in IMAGE_PREFIXES} & {p + _tagged(other) for p in IMAGE_PREFIXES})


def _tagged(reference: str) -> str:
    return reference if ":" in reference.rpartition("/")[2] or "@" in reference else f"{reference}:latest"


def names(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of an image, of a list's row or of inspect; 20.10 lists one without as "<none>:<none>"."""
    return tuple(str(tag) for tag in row.get("RepoTags") or () if tag != "<none>:<none>")


def may_be_of(build: Entry, row: Mapping[str, Any]) -> bool:
    """True if an image, as a list's row, may come from a build that was broken off before it could note it.

    It has the build's own name; or, from the classic builder, it carries the labels of the build's scene, and no nonce,
    which it would have if somebody had committed a container of ours, and it came in the build's time.
    """
    if any(same_name(build_name(build), name) for name in names(row)):
        return True
    found = row.get("Labels") or {}
    stamped = labels.carried(found) and found.get(labels.SCENE) == build.scene and labels.NONCE not in found
    return stamped and -SLACK < float(row.get("Created") or 0) - build.at < BUILD_SECONDS


def was_new(build: Entry, image_id: str) -> bool:
    """True if an image that a build left, and could not note, was not there without a name when the build began."""
    return _short(image_id) not in build.nameless.split()


@dataclass
class Making:
    """One build that is under way.

    before: the names of each image that was there, by its id without "sha256:". pending: the engine may have something
    of it that is not noted yet. Whatever goes wrong then, a refused question among others, the journal keeps the build
    until the clean-up has looked.
    """

    client: OwningClient
    entry: Entry
    before: Mapping[str, tuple[str, ...]]
    keeps_name: bool
    pending: bool = False

    @property
    def own_name(self) -> str:
        """A name that nothing else has, for builders that tell an image's id only at the end: see `build_name`."""
        return build_name(self.entry)

    def is_new(self, image_id: str) -> bool:
        """See `is_new`."""
        return is_new(self.before, image_id)

    def note(self, image_id: str, *, new: bool) -> None:
        """Writes down what came of it. What the course made before, under another name, is as new as it was then."""
        known = self.client.ledger().is_new(image_id)
        if new and not known:
            self.client.note_image(self.entry.scene, image_id, new=True)
        if self.entry.reference and self.keeps_name:
            self.client.note_image(self.entry.scene, image_id, reference=self.entry.reference, new=new or known)


def is_new(before: Mapping[str, tuple[str, ...]], image_id: str) -> bool:
    """True if the image was not there before, or only under names that the course draws for other learners.

    Equal builds of two learners are one image with two names, and whoever takes the last one off takes it away.
    before: see `OwningClient.names_by_id`.
    """
    there = before.get(_bare(image_id))
    return there is None or (bool(there) and all(map(labels.of_another, there)))


def build_name(build: Entry) -> str:
    """The name that an image has while it is built, and loses as soon as it is in the journal.

    The nonce in it was noted before the build began, so an image of that name is this build's, whoever was killed
    meanwhile; and a name, unlike a label, is no part of the image and passes to none that is made from it.
    """
    return f"{labels.PREFIX}build-{build.nonce}-{store.learner()}:1"


class OwningClient(docker.APIClient):
    """docker-py's low-level client, which notes what it makes and changes nothing else.

    What is created with the course's labels (`labels.labels(scene)`) is the course's; anything else that is created
    through it is nobody's business afterwards, this client's included.
    """

    def _forms(self) -> threading.local:
        """What this thread may do for now: `allowed`, a set of ids; `at_will`, a reason."""
        found = self.__dict__.get("_leave")
        if found is None:
            found = self.__dict__["_leave"] = threading.local()
        return found

    @contextlib.contextmanager
    def unrecorded(self) -> Iterator[None]:
        """Calls made inside are not the learner's: no trace shows them."""
        yield

    @functools.cached_property
    def identity(self) -> str:
        """What tells this engine from others: its id and where it keeps its data. "" if it can't be told.

        Two engines of one machine can have one id (20.10), and Podman draws another one at each call: then the address
        stands in its place.
        """
        with self.unrecorded():
            first, second = self.info(), self.info()
        root = str(first.get("DockerRootDir") or "")
        name = str(first.get("ID") or "")
        if not name or name != second.get("ID"):
            name = str(self.base_url)
        return f"{name} {root}" if root else ""

    def ledger(self) -> Ledger:
        """What the course has noted of this engine, as it is now. Nothing, if the engine can't be told from others."""
        mine = tuple(e for e in journal.entries() if e.engine == self.identity) if self.identity else ()
        return Ledger(self.identity, mine)

    @contextlib.contextmanager
    def allowing(self, ids: Iterable[str]) -> Iterator[None]:
        """Lets calls in this block change these objects, by id (an image: or name), which a person has said yes to."""
        forms = self._forms()
        before: frozenset[str] = getattr(forms, "allowed", frozenset())
        forms.allowed = before | frozenset(ids)
        try:
            yield
        finally:
            forms.allowed = before

    @contextlib.contextmanager
    def setting_up(self) -> Iterator[None]:
        """For the set-up of base images alone, which tags and untags what it has just pulled or built itself."""
        forms, before = self._forms(), getattr(self._forms(), "at_will", False)
        forms.at_will = True
        try:
            yield
        finally:
            forms.at_will = before

    def _may(self, *ids: str) -> bool:
        forms = self._forms()
        return bool(getattr(forms, "at_will", False) or getattr(forms, "allowed", frozenset()) & set(ids))

    # -- making

    def create_container(self, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's. Raises: NameTaken, saying whose the other one is, as far as that can be told."""
        try:
            return self._making(
                "container", kwargs, lambda: super(OwningClient, self).create_container(*args, **kwargs)
            )
        except NameTaken as error:
            raise self._whose_name(str(kwargs.get("name") or ""), error) from error

    def _whose_name(self, name: str, error: NameTaken) -> NameTaken:
        """The same error, with whose the other one is."""
        with self.unrecorded(), contextlib.suppress(EngineRefused):
            row = self.inspect_container(name)
            found = (row.get("Config") or {}).get("Labels")
            entry = self.ledger().entry("container", str(row["Id"]), found)
            told = (
                taken("container", name, found) if entry is None else of_another_scene("container", name, entry.scene)
            )
            return NameTaken(
                told.what,
                status=error.status,
                message=error.message,
                next_step=f"{told.why[:1].upper()}{told.why[1:]}. {told.next_step}",
            )
        return error

    def create_network(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's, but never a second one of a name, which 20.10 would make.

        Raises: NotOurs if there is one of that name.
        """
        with self.unrecorded():
            there = [row for row in self.networks(names=[name]) if row["Name"] == name]
        if there:
            raise taken("network", name, there[0].get("Labels"))
        kwargs["check_duplicate"] = True
        return self._making("network", kwargs, lambda: super(OwningClient, self).create_network(name, *args, **kwargs))

    def create_volume(self, name: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's, but never one that is there already, which an engine would hand out.

        Raises: NotOurs if there is one of that name.
        """
        if name is not None:
            with self.unrecorded(), contextlib.suppress(NotFound):
                there = self.inspect_volume(name)
                raise taken("volume", name, there.get("Labels"))
        made = self._making("volume", kwargs, lambda: super(OwningClient, self).create_volume(name, *args, **kwargs))
        nonce = (kwargs.get("labels") or {}).get(labels.NONCE)
        if nonce and (made.get("Labels") or {}).get(labels.NONCE) != nonce:  # somebody was quicker
            journal.gone(Entry(kind="volume", scene="", nonce=nonce))
            raise taken("volume", str(made["Name"]), made.get("Labels"))
        return made

    def _making(self, kind: str, kwargs: dict[str, Any], make: Callable[[], Any]) -> Any:
        given: dict[str, str] = kwargs.get("labels") or {}
        if given.get(labels.COURSE) != "1":
            return make()
        entry = Entry(kind=kind, scene=given[labels.SCENE], engine=self.identity, nonce=secrets.token_hex(16))
        kwargs["labels"] = {**given, labels.NONCE: entry.nonce}
        journal.note(entry)
        try:
            made = make()
        except EngineRefused as error:
            if (error.status or 0) < 500:  # nothing was made. A failure half way, an interrupt or silence say no such
                journal.gone(entry)  # thing: then the entry stays
            raise
        journal.note(replace(entry, id=str(made["Name"] if kind == "volume" else made["Id"])), durable=False)
        return made

    def note_image(self, scene: str, image_id: str, *, reference: str = "", new: bool) -> None:
        """Writes down that the course made an image or gave it a name."""
        entry = Entry(kind="image", scene=scene, engine=self.identity, id=image_id, reference=reference, new=new)
        journal.note(entry)

    @contextlib.contextmanager
    def building(self, scene: str | None, reference: str) -> Iterator[Making]:
        """Around one build: its name is looked up and the build noted before it begins, the image and its name after.

        Gives what notes the image. An interrupted build stays in the journal, so that the clean-up looks for what it
        may have made meanwhile. scene: None for base images, whose names stay.

        Raises: NotOurs if the name stands for an image that the course did not give it to.
        """
        if reference:
            self.may_name(reference)
        with self.unrecorded():
            before = self.names_by_id()
        entry = Entry(
            kind="build",
            scene=scene or UNSCENED,
            engine=self.identity,
            nonce=secrets.token_hex(16),
            reference=reference,
            nameless=" ".join(image_id[:12] for image_id, there in before.items() if not there),
        )
        journal.note(entry)
        making = Making(self, entry, before, keeps_name=scene is not None)
        try:
            yield making
        except (BuildFailed, EngineRefused, ValueError) as error:
            if isinstance(error, BuildStopped) or making.pending:
                journal.note(replace(entry, over=time.time()), durable=False)
            else:
                journal.gone(entry)  # it is over, and each of its steps is noted
            raise
        except BaseException:
            journal.note(replace(entry, over=time.time()), durable=False)
            raise
        journal.gone(entry)

    def names_by_id(self) -> Mapping[str, tuple[str, ...]]:
        """The names of every image, by its id without "sha256:".

        What has no name, and is no step of another image, is looked at once more: an image is nameless for a moment
        while another learner loads it, or moves a name. What is gone by then is not listed.
        """
        rows = self.images(all=True)
        found = {_bare(str(row["Id"])): names(row) for row in rows}
        below = {_bare(str(row.get("ParentId") or "")) for row in rows}
        bare = [image_id for image_id, there in found.items() if not there and image_id not in below]
        if not bare:
            return found
        time.sleep(MOMENT)
        later = {_bare(str(row["Id"])): names(row) for row in self.images(all=True)}
        return {
            image_id: later[image_id] if image_id in bare else there
            for image_id, there in found.items()
            if image_id not in bare or image_id in later
        }

    def at_a_step(self, wanted: Mapping[str, list[str]]) -> bool:
        """True if the classic builder has a container there: it bears its image's labels, and no nonce as ours do.

        wanted: the engine's filter.
        """
        rows = self.containers(all=True, filters=dict(wanted))
        return any(labels.NONCE not in (row.get("Labels") or {}) for row in rows)

    def _image(self, reference: str) -> dict[str, Any]:
        raw: Any = self  # docker-py's stubs leave this one without types
        found: dict[str, Any] = raw.inspect_image(reference)
        return found

    # -- changing

    def require(self, kind: str, which: Any) -> str:
        """The id of a container, network or volume, once the journal says that it is the course's.

        Raises: NotOurs; NotFound.
        """
        word = str(which.get("Id") or which.get("ID")) if isinstance(which, Mapping) else str(which)
        ledger = self.ledger()
        if self._may(word) or any(e.id == word and e.kind == kind for e in ledger.entries):
            return word
        with self.unrecorded():
            if kind == "container":
                row = self.inspect_container(word)
                object_id, called, found = row["Id"], row["Name"].lstrip("/"), row["Config"].get("Labels")
            elif kind == "network":
                row = self.inspect_network(word)
                object_id, called, found = row["Id"], row["Name"], row.get("Labels")
            else:
                row = self.inspect_volume(word)
                object_id = called = row["Name"]
                found = row.get("Labels")
            entry = ledger.entry(kind, object_id, found)
            proven = entry is not None and (entry.id or kind != "container" or not self.inherited(row["Image"], entry))
        if not proven and not self._may(object_id):
            raise NotOurs(
                f"The {kind} {called} was not made by the course.",
                "the journal knows nothing of it, and the helpers change nothing else",
                "If it is yours, use the docker command.",
            )
        return str(object_id)

    def inherited(self, image: str, entry: Entry) -> bool:
        """True if a container's nonce came from its image (docker commit keeps it), and so proves nothing."""
        with self.unrecorded(), contextlib.suppress(NotFound):
            found = (self._image(image).get("Config") or {}).get("Labels") or {}
            return bool(found.get(labels.NONCE) == entry.nonce)
        return False

    def start(self, container: Any, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        return super().start(self.require("container", container), *args, **kwargs)

    def stop(self, container: Any, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        return super().stop(self.require("container", container), *args, **kwargs)

    def restart(self, container: Any, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        return super().restart(self.require("container", container), *args, **kwargs)

    def kill(self, container: Any, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        return super().kill(self.require("container", container), *args, **kwargs)

    def pause(self, container: Any) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        return super().pause(self.require("container", container))

    def unpause(self, container: Any) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        return super().unpause(self.require("container", container))

    def rename(self, container: Any, name: str) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        return super().rename(self.require("container", container), name)

    def update_container(self, container: Any, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        return super().update_container(self.require("container", container), *args, **kwargs)

    def put_archive(self, container: Any, path: str, data: Any) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        return super().put_archive(self.require("container", container), path, data)

    def connect_container_to_network(self, container: Any, net_id: str, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's, for containers that the course made. Raises: NotOurs."""
        return super().connect_container_to_network(self.require("container", container), net_id, *args, **kwargs)

    def disconnect_container_from_network(self, container: Any, net_id: str, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's, for containers that the course made. Raises: NotOurs."""
        return super().disconnect_container_from_network(self.require("container", container), net_id, *args, **kwargs)

    def remove_container(self, container: Any, *args: Any, **kwargs: Any) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        object_id = self.require("container", container)
        super().remove_container(object_id, *args, **kwargs)
        self._is_gone("container", object_id)

    def remove_network(self, net_id: Any) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        object_id = self.require("network", net_id)
        super().remove_network(object_id)
        self._is_gone("network", object_id)

    def remove_volume(self, name: str, force: bool = False) -> Any:
        """As docker-py's, for what the course made. Raises: NotOurs."""
        object_id = self.require("volume", name)
        super().remove_volume(object_id, force=force)
        self._is_gone("volume", object_id)

    def _is_gone(self, kind: str, object_id: str) -> None:
        for entry in self.ledger().entries:
            if entry.kind == kind and entry.id == object_id:
                journal.gone(entry)

    def may_name(self, reference: str) -> None:
        """Says no if giving an image this name would take it from one that the course did not name so.

        Raises: NotOurs.
        """
        if self._may(reference):
            return
        with self.unrecorded(), contextlib.suppress(EngineRefused):  # none of that name, or no name at all
            row = self._image(reference)
            if not self.has_named(str(row["Id"]), reference):
                raise taken("image", reference, (row.get("Config") or {}).get("Labels"))

    def has_named(self, image_id: str, reference: str) -> bool:
        """True if the course gave that image this name; one from a build whose answer was lost is noted now."""
        return self.ledger().named(image_id, reference) is not None or self._adopted(image_id, reference)

    def _adopted(self, image_id: str, reference: str) -> bool:
        """Whether the name is from a build whose answer was lost; it is noted now, and may be given anew."""
        rows = [row for row in self.images(all=True) if row["Id"] == image_id]
        for entry in self.ledger().entries:
            named = entry.kind == "build" and entry.reference and same_name(entry.reference, reference)
            if named and any(may_be_of(entry, row) for row in rows):
                self.note_image(entry.scene, image_id, reference=reference, new=was_new(entry, image_id))
                return True
        return False

    def tag(self, image: Any, repository: str, tag: str | None = None, force: bool = False) -> Any:
        """As docker-py's; a name is taken only from an image that the course gave it. Raises: NotOurs."""
        self.may_name(f"{repository}:{tag or 'latest'}")
        return super().tag(image, repository, tag, force=force)

    def unname(self, reference: str, *, bare: bool = False) -> None:
        """Takes a name off that the course gave. An image that was there before stays, nameless if it was so before.

        bare: so does one that the course made.

        Raises: NotOurs; NotFound.
        """
        with self.unrecorded():
            row = self._image(reference)
            full, ledger = str(row["Id"]), self.ledger()
            ours = self._may(reference) or ledger.named(full, reference) is not None
            if ours and len(names(row)) < 2 and (bare or not ledger.is_new(full)):
                # removing an image's last name removes the image; moving the name to another one does not
                others = (str(one["Id"]) for one in self.images() if str(one["Id"]) != full and names(one))
                if other := next(others, ""):
                    repository, _, tag = reference.rpartition(":")
                    self.note_image(UNSCENED, other, reference=reference, new=False)  # first: who is killed now did so
                    super().tag(other, repository, tag)
        self.remove_image(reference, noprune=True)

    def remove_image(self, image: Any, force: bool = False, noprune: bool = False) -> Any:
        """As docker-py's: a name that the course gave, or an image that it made and nobody has named otherwise.

        Raises: NotOurs; NotFound.
        """
        word = str(image)
        with self.unrecorded():
            row = self._image(word)
        full, ledger, there = str(row["Id"]), self.ledger(), names(row)
        if not self._may(word, full):
            entry = None if _is_id(word, full) else ledger.named(full, word)
            if _is_id(word, full):
                strange = [name for name in there if ledger.named(full, name) is None]
                reason = f"somebody else named it too: {', '.join(strange)}" if strange else "it was there before"
                proven = not strange and ledger.is_new(full)
            else:
                last = len(there) < 2 and not ledger.is_new(full)
                proven = entry is not None and not last
                reason = (
                    "the course did not give it that name"
                    if entry is None
                    else "it was there before the course named it, and this is its last name: it would go with it"
                )
            if not proven:
                raise NotOurs(f"The image {word} stays.", reason, "If it is yours, use the docker command: docker rmi")
        done = super().remove_image(full if _is_id(word, full) else word, force=force, noprune=noprune)
        for entry in ledger.image(full):
            if entry.reference and same_name(entry.reference, word):
                journal.gone(entry)
        return done


def _is_id(word: str, full: str) -> bool:
    return _HEX.fullmatch(word) is not None and _same_id(word, full)


def taken(kind: str, name: str, found: Mapping[str, str] | None) -> NotOurs:
    """The error for a name that something else has."""
    return NotOurs(
        f"There is {'an' if kind == 'image' else 'a'} {kind} called {name} already.",
        f"{whose(found)}; it is left as it is",
        "Choose another name; or look at it and, if it is yours and not needed, remove it with the docker command.",
    )


def of_another_scene(kind: str, name: str, scene: str) -> NotOurs:
    """The error for a name that is the learner's own, in another scene."""
    return NotOurs(
        f"There is a {kind} called {name} already.",
        f"it is yours, of the scene {scene}, which has not ended",
        f"End that scene first: the last cell of its notebook does it. Or remove it: docker {REMOVES[kind]} {name}",
    )


def whose(found: Mapping[str, str] | None) -> str:
    """As far as labels tell whose an object is, in words."""
    if not labels.carried(found, everyone=True):
        return "it is not the course's"
    if labels.carried(found):
        return (
            f"it may be your own, of {(found or {}).get(labels.SCENE, 'the course')}, but the journal does not prove it"
        )
    return f"it seems to be another learner's ({(found or {}).get(labels.SESSION, 'unknown')})"
