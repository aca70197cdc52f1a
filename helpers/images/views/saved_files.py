"""An image as a file: what is in it."""

from __future__ import annotations

import shlex

from helpers.drawing.figure import Figure, How, Table
from helpers.drawing.svg import MARGIN, TOP, Card
from helpers.drawing.text import count, fit, plain, size
from helpers.engine.model.image import Gone
from helpers.images.model.saved_files import Parcel

SHOWN = 14  # layers of a picture; of more, the first nine and the last three
FIRST, LAST = 9, 3
NOTE = "An id is a checksum: the same id, the same bytes."


def parcel(found: Parcel) -> Figure:
    """The layers as bars, by their size in the file."""
    layers = found.layers
    answer = f"One config and {count(len(layers), 'layer')} for {found.platform}: {size(found.size)}."
    card = Card(f"What is in the file of {fit(found.name, 380, size=15)}?", answer)  # bold is wider than is reckoned
    y = float(TOP) + 8
    _heads(card, y, ((MARGIN, "part"), (MARGIN + 84, "id"), (MARGIN + 200, "size in the file"), (652, "form")))
    y += 10
    card.text(MARGIN, y + 16, "config")
    card.text(MARGIN + 84, y + 16, short(found.config), style="m")
    card.text(652, y + 16, "JSON", style="n soft")
    y += 26
    longest = max((layer.size for layer in layers), default=0) or 1
    for number in rows_shown(len(layers)):
        if number is None:
            card.text(MARGIN, y + 16, more(len(layers)), style="soft")
            y += 26
            continue
        layer = layers[number - 1]
        card.text(MARGIN, y + 16, f"layer {number}")
        card.text(MARGIN + 84, y + 16, short(layer.id), style="m")
        card.rect(MARGIN + 200, y + 4, 320 * layer.size / longest, 16, "t-image", corner=3)
        card.rect(MARGIN + 200, y + 4, 3, 16, "image", corner=1)
        card.text(636, y + 16, size(layer.size), end=True, style="n")
        card.text(652, y + 16, form(layer.compression), style="n soft", room=84)
        y += 26
    card.note(NOTE)
    named = ", ".join(map(plain, found.names)) or "no name"
    if found.source is not None:
        says = "It is whole: all of it was read again."
    elif not found.names:
        says = "Loading it sets no name."
    else:  # the engine's names of the course's images end in letters that differ from learner to learner
        says = f"Loading it sets the name {found.name if found.ours and len(found.names) == 1 else named}."
    return Figure(
        sentence=f"The file holds the image {found.name}: its config and its layers. {says}",
        svg=card.svg(),
        alt=f"{answer} {_biggest(found)}",
        tables=(
            Table(
                caption="Parts of the file, bottom layer first",
                columns=("part", "id", "size in the file", "form"),
                rows=(
                    ("config", found.config, "", "JSON"),
                    *(
                        (f"layer {n}", layer.id, size(layer.size), form(layer.compression))
                        for n, layer in enumerate(layers, start=1)
                    ),
                ),
            ),
            Table(
                caption="The file",
                columns=("path", "size", "for", "names that loading sets"),
                rows=((str(found.path), size(found.size), found.platform, named),),
            ),
        ),
        how=_how_saved(found) if found.source is not None else _how_read(found),
    )


def gone(found: Gone) -> Figure:
    """A name that is no more, in words: a picture would say no more."""
    sentence = "Gone: the engine no longer has an image of that name."
    if found.others:
        sentence += f" The image itself stays: it has {count(len(found.others), 'other name')}."
    if found.base:
        sentence += " Its base image stays."
    return Figure(
        sentence=sentence,
        tables=(
            Table(
                caption="Asked for again",
                columns=("name", "name on the engine", "answer", "other names", "base image"),
                rows=(
                    (
                        found.name,
                        found.reference,
                        "404: no such image",
                        ", ".join(found.others) or "none",
                        found.base or "none",
                    ),
                ),
            ),
        ),
        how=How(
            docker=(f"docker rmi --no-prune {quoted(found.reference)}",),
            python=("import docker", f"docker.from_env().images.remove({found.reference!r}, noprune=True)"),
        ),
    )


def short(digest: str) -> str:
    """The first twelve hex digits, as the docker command shows ids."""
    return digest.removeprefix("sha256:")[:12]


def form(compression: str) -> str:
    """How a layer lies in the file."""
    return compression or "plain tar"


def _heads(card: Card, y: float, heads: tuple[tuple[float, str], ...]) -> None:
    for x, words in heads:
        card.text(x, y, words, style="n soft")


def rows_shown(number: int) -> tuple[int | None, ...]:
    """Which layers a picture shows; None stands for those between."""
    if number <= SHOWN:
        return tuple(range(1, number + 1))
    return (*range(1, FIRST + 1), None, *range(number - LAST + 1, number + 1))


def more(number: int) -> str:
    """What stands for the layers that a picture leaves out."""
    return f"and {number - FIRST - LAST} more: see the text version"


def _biggest(found: Parcel) -> str:
    if not found.layers:
        return "It has no layers."
    number, layer = max(enumerate(found.layers, start=1), key=lambda pair: pair[1].size)
    return f"The largest is layer {number}, {size(layer.size)}."


def quoted(word: object) -> str:
    """One word as one would type it in a terminal."""
    return shlex.quote(plain(word))


def _how_saved(found: Parcel) -> How:
    return How(
        docker=(f"docker save --output {quoted(found.path)} {quoted(found.reference)}",),
        python=(
            "import docker",
            f'with open({str(found.path)!r}, "wb") as file:',
            f"    for piece in docker.from_env().images.get({found.reference!r}).save(named=True):",
            "        file.write(piece)",
        ),
    )


def _how_read(found: Parcel) -> How:
    return How(
        docker=(f"tar --extract --to-stdout --file {quoted(found.path)} manifest.json",),
        python=(
            "import json, tarfile",
            f"with tarfile.open({str(found.path)!r}) as tar:",
            '    print(json.load(tar.extractfile("manifest.json")))',
        ),
    )
