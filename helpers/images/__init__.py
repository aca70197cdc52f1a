"""Images: build, anatomy, compare, tag, save, look, remove, load, carry: made, looked at, named, carried as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from helpers.drawing.figure import Figure, Shows
from helpers.drawing.in_place import Live
from helpers.drawing.text import size
from helpers.engine import image_names, scene
from helpers.engine import images as _engine
from helpers.engine.build import choose, context
from helpers.engine.build.model import log
from helpers.engine.client import connect
from helpers.engine.model import image as image_model
from helpers.engine.model.image import Named, reference_of
from helpers.engine.ownership import labels
from helpers.errors import WrongUse
from helpers.images.engine import anatomy as _anatomy
from helpers.images.engine import save_load, saved_files, transfer
from helpers.images.model import anatomy as anatomy_model
from helpers.images.model import comparison as comparison_model
from helpers.images.model import saved_files as _model
from helpers.images.views import anatomy as anatomy_views
from helpers.images.views import build as build_views
from helpers.images.views import comparison as comparison_views
from helpers.images.views import saved_files as _views
from helpers.images.views import transfer as transfer_views
from helpers.layers.engine import analysis as _analysis
from helpers.oci import reference

__all__ = ["anatomy", "build", "carry", "compare", "load", "look", "parts", "remove", "save", "tag"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Built(Shows, log.Build, Named):
    """An image that was built just now; containers can be made from it.

    name: the learner's word for it. folder: what it was built from. lines: its Dockerfile is the folder's own.
    """

    name: str
    folder: str
    own: bool

    def figure(self) -> Figure:
        return build_views.build(self, name=self.name, folder=self.folder, own=self.own)


class Parcel(Shows, _model.Parcel):
    """One image in a file; shows what is in it."""

    figure = _views.parcel


class Gone(Shows, image_model.Gone):
    """A name that is no more."""

    figure = _views.gone


class Loaded(Shows, _model.Loaded):
    """An image that came out of a file; containers can be made from it."""

    figure = transfer_views.loaded


class Journey(Shows, _model.Journey):
    """What arrived of an image that was carried in a file."""

    figure = transfer_views.journey


class Anatomy(Shows, anatomy_model.Anatomy):
    """One image from top to bottom."""

    figure = anatomy_views.anatomy


class Parts(Shows, reference.Reference):
    """A reference taken apart."""

    figure = anatomy_views.reference


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison(Shows, comparison_model.Comparison):
    """Two images side by side. names: the learner's words for them."""

    names: tuple[str, str]

    def figure(self) -> Figure:
        return comparison_views.comparison(self, self.names)


class Tagged(Shows, anatomy_model.Tagged):
    """A name that was given to an image; containers can be made from it."""

    figure = anatomy_views.tagged


def anatomy(image: str | Named) -> Anatomy:
    """What an image says of itself: what it runs, its settings, its name taken apart, its history.

    Raises: NoSuchImage.
    Equivalent: docker image inspect IMAGE; docker history IMAGE
    """
    client = connect()
    with client.tracing("images.anatomy"):
        return Anatomy.of(_anatomy.anatomy(client, reference_of(image)))


def compare(first: str | Named, second: str | Named) -> Comparison:
    """Two images side by side: the layers both begin with, and the settings and files that differ.

    Files are compared as a container of each would see them, by content and rights, not by time.

    Raises: NoSuchImage; EngineError if what the engine sends is cut off.
    Equivalent: docker image inspect FIRST SECOND; docker export of a container of each
    """
    client = connect()
    with client.tracing("images.compare"):
        one, other = (_anatomy.anatomy(client, _engine.meant(client, image)) for image in (first, second))
        seen = _analysis.comparable(client, one.reference, other.reference)
        found = comparison_model.compare(one, other, *seen)
        return Comparison.of(
            found,
            names=(image_names.called(first, one.reference), image_names.called(second, other.reference)),
        )


def parts(text: str | Named) -> Parts:
    """Takes a reference apart: registry/namespace/repository:tag@digest. Asks no engine.

    Raises: WrongUse if no engine would take it for a reference.
    Equivalent: no docker command; every one of them does it first
    """
    return Parts.of(reference.Reference.read(reference_of(text)))


def tag(image: str | Named, *, name: str, version: str = "1") -> Tagged:
    """Gives an image of yours one more name, and takes that name from the image that had it. Nothing is copied.

    image: its reference, its id, or what a helper returned for it. name: your word for it. version: what comes after
    the colon.

    Raises: NoSuchImage; CourseError for an image that is not yours; WrongUse for a name of another form.
    Equivalent: docker tag IMAGE NAME:VERSION
    """
    if not isinstance(version, str):
        raise WrongUse(f"{version!r} is not a tag.", "a tag is text", 'For example: version="1"')
    client = connect()
    with client.tracing("images.tag"):
        here = scene.current()
        found = _anatomy.tag(client, reference_of(image), scene=here, name=name, version=version)
        return Tagged.of(replace(found, others=tuple(image_names.word(other) for other in found.others)))


def build(
    folder: str | Path,
    *,
    name: str = "",
    dockerfile: str = "",
    buildargs: Mapping[str, str] | None = None,
    builder: str = "",
) -> Built:
    """Builds an image from a folder's Dockerfile, step by step; one of that name in this scene loses the name.

    BuildKit builds it, as `docker build` does; without the docker command's plugin buildx, the older classic builder.
    BuildKit's build cache stays on the engine: it carries no labels, and the course prunes nothing.

    name: your word for it; the engine knows it by a longer one. dockerfile: a text to use in place of the folder's.
    buildargs: values for ARG. builder: "buildkit" or "classic", to see what one of them does.

    Raises: WrongUse without a Dockerfile, for one that would fetch a program to read it (# syntax=), or for a name of
        another form; BuildFailed with the line, the exit code and the last lines that its command wrote; NoSuchImage if
        FROM names none that is there: nothing is pulled.
    Equivalent: docker build --tag NAME FOLDER
    """
    if not name:
        raise WrongUse("An image needs a name.", "none was given", 'For example: images.build("shop", name="shop")')
    root = _path(folder)
    recipe = dockerfile or context.dockerfile(root)
    here = scene.current()
    tag = f"{labels.object_name(name)}:1"
    client = connect()
    with client.tracing("images.build"), Live() as live:
        done = [0, 0]

        def began(line: str) -> None:
            words = line.partition(": ")[2]
            if not words.startswith("LABEL containers-unpacked"):  # ours, and in no Dockerfile
                live.step(words, done[0], done[1] or None)

        def ended(step: log.Step) -> None:
            done[:] = step.number, step.total

        made = choose.build_with(
            builder,
            client,
            dockerfile=recipe,
            context=root,
            tag=tag,
            scene=here,
            buildargs=buildargs,
            say=began,
            on_step=ended,
        )
    return Built.of(made, reference=tag, name=labels.word(name), folder=str(folder), own=not dockerfile)


def save(image: str | Named, to: str | Path | None = None) -> Parcel:
    """Writes one image to a file, and reads the file again to see that it is whole.

    image: its reference, or what a helper returned for it. to: a file of your own; without it the file lies in the
    course's folder and goes when the scene ends.

    Raises: NoSuchImage; ArchiveError if the file can't be written (nothing is left then).
    Equivalent: docker save --output FILE IMAGE
    """
    reference = reference_of(image)
    client = connect()
    with client.tracing("images.save"), Live() as live:
        here = scene.current()
        path = saved_files.place(here, reference) if to is None else _path(to)
        return Parcel.of(save_load.save(client, reference, path, on_progress=_bytes(live, "saved")))


def look(file: str | Path | _model.Parcel) -> Parcel:
    """What is in a file, before it is loaded: its image, and the names that loading would set. Asks no engine.

    Raises: ArchiveError if it is damaged, or no file of one image.
    Equivalent: tar --extract --to-stdout --file FILE manifest.json
    """
    return Parcel.of(save_load.look(_path(file)))


def remove(image: str | Named) -> Gone:
    """Takes the name off one of the course's images, and asks the engine whether it is gone.

    Raises: NoSuchImage; CourseError if it is not the course's, or containers are made from it.
    Equivalent: docker rmi --no-prune IMAGE
    """
    named = reference_of(image)
    client = connect()
    with client.tracing("images.remove"):
        return Gone.of(_engine.remove(client, named, name=image_names.word(named)))


def load(parcel: str | Path | _model.Parcel) -> Loaded:
    """Loads a file into the engine, and compares what the engine holds then with the file.

    parcel: what images.save returned, or the path of a file. All of it is checked first.

    Raises: ArchiveError if it is damaged, no file of one image, or would take a name from an image that is not yours.
    Equivalent: docker load --input FILE
    """
    found = parcel if isinstance(parcel, _model.Parcel) else _path(parcel)
    client = connect()
    with client.tracing("images.load"), Live() as live:
        return Loaded.of(save_load.load(client, found, scene=scene.current(), on_progress=_bytes(live, "loaded")))


def carry(
    parcel: str | Path | _model.Parcel, to: str | None = None, *, command: Iterable[str] = (), seconds: float = 60
) -> Journey:
    """Loads a file into another engine, compares what it holds then with the file, and takes it away again.

    to: the engine's address as in DOCKER_HOST, such as "unix:///run/other.sock" or "tcp://host:2375"; no other engine
    is asked. Without it: this engine. command: a command to run there and here, whose outputs are compared.
    seconds: how long each run may take.

    Raises: EngineNotReachable with that address; ArchiveError as images.load; WaitedTooLong, NoSuchProgram.
    Equivalent: docker --host ADDRESS load --input FILE
    """
    words = [command] if isinstance(command, str) else list(command) if isinstance(command, Iterable) else [command]
    if not all(isinstance(word, str) for word in words):
        raise WrongUse("A command is a list of words.", "one of them is not text", 'For example: command=("ls", "-l")')
    if to is not None and not isinstance(to, str):
        raise WrongUse(f"{to!r} is not an address.", "an engine is named by text", 'For example: to="tcp://host:2375"')
    here = scene.current()
    found = parcel if isinstance(parcel, _model.Parcel) else save_load.look(_path(parcel))
    client = connect()
    with client.tracing("images.carry"), Live() as live:
        carried = transfer.carry(
            client,
            found,
            to=to or "",
            command=words,
            scene=here,
            seconds=seconds,
            on_progress=_bytes(live, "carried"),
        )
    return Journey.of(carried)


def _bytes(live: Live, word: str) -> Callable[[int, int | None], None]:
    def progress(done: int, total: int | None) -> None:
        live.step(f"{word} {size(done)}" + (f" of about {size(total)}" if total else ""), done, total)

    return progress


def _path(file: str | Path | _model.Parcel) -> Path:
    if isinstance(file, _model.Parcel):
        return file.path
    if not isinstance(file, str | Path) or not str(file):
        raise WrongUse(f"{file!r} is not a file.", "a file is named by its path", 'For example: "shop.tar"')
    return Path(file)


def __dir__() -> list[str]:
    return list(__all__)
