"""Taking an image apart: its archive is read as the engine sends it, and nothing of it is kept but names and sums."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any

from helpers import errors
from helpers.engine import ahead, build, images, layer_archive, layer_cache
from helpers.engine.client import Client
from helpers.engine.layer_tar import Source
from helpers.model import layers as model
from helpers.model.history import steps
from helpers.model.image_archive import Described, NoImage, describe
from helpers.model.layer_content import Content, ImageLayers, Reading
from helpers.model.layer_files import DIR, FILE, HARDLINK, Files
from helpers.model.layer_stack import absolute
from helpers.model.layers import Analysis
from helpers.model.tar_header import DamagedTar

Progress = Callable[[Reading], None]
MOST_TEXT = 64 << 10
_AGAIN = "Run it again. If it stays like this, see whether the engine's disk has room: docker system df"


def analyse(client: Client, reference: str, *, on_progress: Progress | None = None) -> Analysis:
    """Takes an image apart. Layers that were read before are not read again; if all were, nothing is exported.

    Raises: NoSuchImage; EngineError if what the engine sends is cut off or another image; StoreError if the disk is
        full. What was kept of earlier readings stays as it was.
    Equivalent: docker save IMAGE, and every file of every layer in it
    """
    row = images.inspect(client, reference)
    diff_ids, image_id = images.diff_ids(row), str(row["Id"])
    known = {diff_id: layer_cache.layer(diff_id) for diff_id in dict.fromkeys(diff_ids)}
    history: Sequence[Mapping[str, Any]] | None = None
    if None not in known.values():
        kept = layer_cache.image(image_id, diff_ids)
        history = kept["history"] if kept else _history(client, image_id, len(diff_ids))
    if history is None:
        history, found = _export(client, reference, row, known, on_progress)
    else:
        found = [known[diff_id] or Files() for diff_id in diff_ids]
    return model.analysis(reference, steps(history), diff_ids, found)


def text(client: Client, analysis: Analysis, path: str, layer: int, *, most: int = MOST_TEXT) -> Content:
    """The first `most` bytes of a file as one layer stores it. Reads the archive only as far as that file's layer.

    Raises: WrongUse if that layer stores no such file; as analyse.
    """
    wanted = absolute(path)
    step, files = _stored(analysis, layer)
    place = _place(files, wanted, analysis, step)
    number = [one.index for one in analysis.layers if not one.empty].index(step.index)
    row = images.inspect(client, analysis.image)
    diff_ids = [one.diff_id for one in analysis.layers if not one.empty]
    kept = layer_cache.image(str(row["Id"]), diff_ids)
    member = str(kept["members"][number]) if kept else ""
    with (
        _speaking(analysis.image),
        contextlib.closing(_pieces(client, images.full_name(analysis.image, row))) as pieces,
    ):
        found = layer_archive.find(Source(pieces), files.paths[place], most, member)
    content = found.get(member) if member else None
    if content is None:  # the archive names its members otherwise than it did: the same check sum, or none
        content = next((one for one in found.values() if one[0].size == files.sizes[place]), None)
    if content is None:
        raise errors.EngineError(f"{analysis.image} has no {wanted} in that layer any more.", "it was changed", _AGAIN)
    hidden = {(one.path, one.layer): one.hidden_by for one in analysis.hidden}
    return Content(
        image=analysis.image,
        path=wanted,
        layer=step.index,
        instruction=step.command,
        size=files.sizes[place],
        content=content[1],
        hidden_by=hidden.get((files.paths[place], step.index)),
    )


def here(client: Client) -> tuple[ImageLayers, ...]:
    """Every image of the engine with the ids of its layers, by name.

    Equivalent: docker image inspect --format '{{json .RootFS.Layers}}' IMAGE   (once for each image)
    """
    raw: Any = client
    sizes: dict[str, int | None] = {}
    found = []
    for listed in raw.images():
        row = images.known(client, str(listed["Id"]))
        if row is None:  # it went meanwhile
            continue
        diff_ids = images.diff_ids(row)
        for diff_id in diff_ids:
            if diff_id not in sizes:
                files = layer_cache.layer(diff_id)
                sizes[diff_id] = files.size if files is not None else None
        names = tuple(sorted(str(tag) for tag in row.get("RepoTags") or ()))
        found.append(
            ImageLayers(names=names, id=str(row["Id"]), diff_ids=diff_ids, sizes=tuple(sizes[d] for d in diff_ids))
        )
    return tuple(sorted(found, key=lambda one: (not one.names, one.name)))


def _export(
    client: Client,
    reference: str,
    row: dict[str, Any],
    known: dict[str, Files | None],
    on_progress: Progress | None,
) -> tuple[Sequence[Mapping[str, Any]], list[Files]]:
    diff_ids = images.diff_ids(row)
    meter = _Meter(on_progress, int(row.get("Size") or 0), len(known))
    with _speaking(reference), contextlib.closing(_pieces(client, images.full_name(reference, row))) as pieces:
        archive = layer_archive.read(Source(meter.watched(pieces)), known.get, meter.began)
        for _ in pieces:  # to its end, so that the engine does not take it for broken off
            continue
    described = _described(archive, diff_ids, reference)
    found = [archive.layers[name] for name in described.members]
    for diff_id, files in zip(diff_ids, found, strict=True):
        layer_cache.keep_layer(diff_id, files)
    layer_cache.keep_image(str(row["Id"]), diff_ids, described.history, described.members)
    layer_cache.trim()
    return described.history, found


def _described(archive: layer_archive.Archive, diff_ids: Sequence[str], reference: str) -> Described:
    try:
        described = describe(archive.small, archive.links, diff_ids)
    except NoImage as error:
        raise errors.EngineError(
            f"What the engine sent is not {reference} as it was a moment ago.",
            f"{error}: it was built again, or removed, meanwhile",
            "Run it again.",
        ) from error
    for name in described.members:
        if name not in archive.layers:
            raise errors.EngineError(
                f"A layer of {reference} can't be read.", archive.odd.get(name, "it was not sent"), _AGAIN
            )
    return described


def _history(client: Client, image_id: str, layers: int) -> Sequence[Mapping[str, Any]] | None:
    """The history as the engine lists it; None where that does not tell which steps made a layer.

    It says no more than a size, and a step may make a layer without files.
    """
    raw: Any = client
    rows = list(reversed(raw.history(image_id)))
    if sum(1 for row in rows if row.get("Size")) != layers:
        return None
    return [
        {
            "created_by": row.get("CreatedBy"),
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(row.get("Created") or 0))),
            "comment": row.get("Comment"),
            "empty_layer": not row.get("Size"),
        }
        for row in rows
    ]


def _pieces(client: Client, reference: str) -> Generator[bytes, None, None]:
    """The bytes of `docker save`, 256 kB at a time, read ahead: the engine does not stand still meanwhile.

    Raises: NoSuchImage; EngineNotReachable if the engine goes away in the middle.
    """
    raw: Any = client
    answer = raw._get(
        raw._url("/images/get"), params={"names": [reference]}, headers=ahead.CLOSE, stream=True, timeout=images.SECONDS
    )
    with contextlib.closing(answer):
        raw._raise_for_status(answer)
        with contextlib.closing(ahead.pieces(answer, images.SECONDS)) as pieces:
            yield from build.pieces(client, pieces)


@contextlib.contextmanager
def _speaking(reference: str) -> Iterator[None]:
    """A damaged stream in the course's words."""
    try:
        yield
    except DamagedTar as error:
        raise errors.EngineError(
            f"What the engine sent of {reference} can't be read.", _said(error.found) or str(error), _AGAIN
        ) from error


def _said(found: bytes) -> str:
    """The engine's own words, where an error came in the middle of what it sent; "" if none did."""
    at = found.find(b'{"errorDetail"')
    with contextlib.suppress(ValueError, AttributeError):
        return (
            str(json.JSONDecoder().raw_decode(found[at:].decode(errors="replace"))[0].get("error") or "")
            if at >= 0
            else ""
        )
    return ""


def _stored(analysis: Analysis, layer: int) -> tuple[model.Layer, Files]:
    if not isinstance(layer, int) or not 0 <= layer < len(analysis.layers) or analysis.layers[layer].empty:
        raise errors.WrongUse(
            f"{analysis.image} has no layer {layer!r}.",
            "layers are named by their index in layers.analyse(IMAGE).layers, and a step that made none has no files",
            "Its layers: " + ", ".join(str(one.index) for one in analysis.layers if not one.empty),
        )
    step = analysis.layers[layer]
    return step, analysis.files[sum(not one.empty for one in analysis.layers[:layer])]


def _place(files: Files, path: str, analysis: Analysis, step: model.Layer) -> int:
    """The index of the regular file at `path`, hard links followed.

    Raises: WrongUse.
    """
    place = _last(files, path)
    for _ in range(len(files)):
        if place is None or files.kinds[place] != HARDLINK:
            break
        place = _last(files, absolute(files.links.get(place, "")))
    if place is None:
        others = [
            str(one.index)
            for one, other in zip((one for one in analysis.layers if not one.empty), analysis.files, strict=True)
            if _last(other, path) is not None
        ]
        raise errors.WrongUse(
            f"Layer {step.index} stores no {path}.",
            f"it is in layer {', '.join(others)}" if others else "no layer of this image stores it",
            f"For example: layers.text({analysis.image!r}, {path!r}, {others[0]})"
            if others
            else "Look at its spelling.",
        )
    if files.kinds[place] != FILE:
        link = files.links.get(place, "")
        kind = "a directory" if files.kinds[place] == DIR else f"a link to {link}" if link else "no regular file"
        raise errors.WrongUse(f"{path} in layer {step.index} is {kind}.", "only regular files have content", "")
    return place


def _last(files: Files, path: str) -> int | None:
    try:
        return len(files) - 1 - files.paths[::-1].index(path)
    except ValueError:
        return None


class _Meter:
    """Counts what comes by, and tells how far it is."""

    def __init__(self, say: Progress | None, total: int, layers: int) -> None:
        self._say, self._total, self._layers = say, total, layers
        self._done = self._layer = 0
        self._started = 0.0

    def began(self) -> None:
        """A layer begins."""
        self._layer += 1

    def watched(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, told of."""
        for piece in pieces:
            if self._say is not None:
                now = time.monotonic()
                self._started = self._started or now
                self._done += len(piece)
                total = max(self._total, self._done) if self._total else None
                spent = now - self._started
                left = spent / self._done * (total - self._done) if total and spent > 0.5 else None
                self._say(Reading(self._done, total, min(self._layer, self._layers), self._layers, left))
            yield piece
