"""Taking an image apart: its archive is read as the engine sends it, and nothing of it is kept but names and sums."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any

from helpers import errors
from helpers.engine import ahead, build, images, layer_archive, layer_cache, layer_lists
from helpers.engine.client import Client
from helpers.engine.layer_tar import Source
from helpers.model import layers as model
from helpers.model.history import steps
from helpers.model.image_archive import Described, NoImage, describe
from helpers.model.layer_content import Content, ImageLayers, Reading
from helpers.model.layer_files import CRC64, DIR, FILE, HARDLINK, SHA256, Files
from helpers.model.layer_stack import absolute
from helpers.model.layers import Analysis
from helpers.model.tar_header import DamagedTar

Progress = Callable[[Reading], None]
MOST_TEXT = 64 << 10
_AGAIN = "Run it again. If it stays like this, see whether the engine's disk has room: docker system df"


def analyse(
    client: Client, reference: str, *, sums: str | None = None, on_progress: Progress | None = None
) -> Analysis:
    """Takes an image apart. Layers that were read before are not read again.

    Where the engine has lists of what is in its layers, and the image is large enough for that to be quicker, these
    lists are read; else the image is exported.

    sums: the check sums wanted, SHA256 or CRC64; None: those that are had sooner. Only an export gives SHA256, only
    lists give CRC64; where there are none, it is SHA256 all the same. One analysis never has both.

    Raises: NoSuchImage; EngineError if what the engine sends is cut off or another image; StoreError if the disk is
        full. What was kept of earlier readings stays as it was.
    Equivalent: docker save IMAGE, and every file of every layer in it
    """
    row = images.inspect(client, reference)
    diff_ids = images.diff_ids(row)
    known: dict[str, dict[str, Files | None]] = {}
    found = None
    for kind in (CRC64, SHA256) if sums is None else (sums,):
        known[kind] = {diff_id: layer_cache.layer(diff_id, kind) for diff_id in dict.fromkeys(diff_ids)}
        found = found or _kept(client, row, known[kind])
    if found is None and CRC64 in known:
        missing = sum(files is None for files in known[CRC64].values())
        if sums == CRC64 or layer_lists.worth(row, missing):
            found = _listed(client, row, known[CRC64], on_progress)
    if found is None:
        found = _export(client, reference, row, known.get(SHA256, {}), on_progress)
    history, files = found
    return model.analysis(reference, steps(history), diff_ids, files)


def comparable(client: Client, *references: str) -> tuple[Analysis, ...]:
    """The same of several images, with check sums of one kind: what is the same content can be told across them.

    Raises: as analyse.
    """
    found = tuple(analyse(client, reference) for reference in references)
    if len({one.sums for one in found if one.files}) > 1:
        found = tuple(analyse(client, reference, sums=SHA256) for reference in references)
    return found


def text(client: Client, analysis: Analysis, path: str, layer: int, *, most: int = MOST_TEXT) -> Content:
    """The first `most` bytes of a file as one layer stores it.

    From a large image, the engine is asked for that file of that layer, if it can give it; else the image's archive is
    read as far as that layer.

    Raises: WrongUse if that layer stores no such file; as analyse.
    """
    wanted = absolute(path)
    step, files = _stored(analysis, layer)
    place = _place(files, wanted, analysis, step)
    number = [one.index for one in analysis.layers if not one.empty].index(step.index)
    row = images.inspect(client, analysis.image)
    if images.diff_ids(row) != tuple(one.diff_id for one in analysis.layers if not one.empty):
        raise _other(analysis.image, f"it has no {wanted} in that layer any more")
    content = None
    if layer_lists.worth(row, 0):
        with contextlib.suppress(layer_lists.NotGiven):
            content = layer_lists.text(client, row, number, files.paths[place], files.sizes[place], most)
    if content is None:
        content = _exported(client, analysis.image, row, number, files.paths[place], most)
    hidden = {(one.path, one.layer): one.hidden_by for one in analysis.hidden}
    return Content(
        image=analysis.image,
        path=wanted,
        layer=step.index,
        instruction=step.command,
        size=files.sizes[place],
        content=content,
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
                kept = (layer_cache.layer(diff_id, sums) for sums in (CRC64, SHA256))
                sizes[diff_id] = next((files.size for files in kept if files is not None), None)
        names = tuple(sorted(str(tag) for tag in row.get("RepoTags") or ()))
        found.append(
            ImageLayers(names=names, id=str(row["Id"]), diff_ids=diff_ids, sizes=tuple(sizes[d] for d in diff_ids))
        )
    return tuple(sorted(found, key=lambda one: (not one.names, one.name)))


def _kept(
    client: Client, row: dict[str, Any], known: Mapping[str, Files | None]
) -> tuple[Sequence[Mapping[str, Any]], list[Files]] | None:
    """What is kept of an image, if all of it is."""
    diff_ids, image_id = images.diff_ids(row), str(row["Id"])
    files = [one for one in map(known.get, diff_ids) if one is not None]
    if len(files) < len(diff_ids):
        return None
    kept = layer_cache.image(image_id, diff_ids)
    history = kept["history"] if kept else _history(client, image_id, len(diff_ids))
    return None if history is None else (history, files)


def _listed(
    client: Client, row: dict[str, Any], known: Mapping[str, Files | None], on_progress: Progress | None
) -> tuple[Sequence[Mapping[str, Any]], list[Files]] | None:
    """What the engine's own lists say; None if they can't be had."""
    meter = _Meter(on_progress, int(row.get("Size") or 0), len(known))

    def began(before: Files | None) -> None:
        meter.began()
        meter.add(before.size if before is not None else 0)

    try:
        history, files = layer_lists.read(client, row, known, began)
    except layer_lists.NotGiven:
        return None
    diff_ids = images.diff_ids(row)
    _keep(diff_ids, files)
    layer_cache.keep_image(str(row["Id"]), diff_ids, history, ())
    layer_cache.trim()
    return history, files


def _export(
    client: Client,
    reference: str,
    row: dict[str, Any],
    known: Mapping[str, Files | None],
    on_progress: Progress | None,
) -> tuple[Sequence[Mapping[str, Any]], list[Files]]:
    diff_ids = images.diff_ids(row)
    meter = _Meter(on_progress, int(row.get("Size") or 0), len(set(diff_ids)))
    with _speaking(reference), contextlib.closing(_pieces(client, images.full_name(reference, row))) as pieces:
        archive = layer_archive.read(Source(meter.watched(pieces)), known.get, meter.began)
        for _ in pieces:  # to its end, so that the engine does not take it for broken off
            continue
    described = _described(archive, diff_ids, reference)
    for name in described.members:
        if name not in archive.layers:
            reason = archive.odd.get(name, "it was not sent")
            raise errors.EngineError(f"A layer of {reference} can't be read.", reason, _AGAIN)
    found = [archive.layers[name] for name in described.members]
    _keep(diff_ids, found)
    layer_cache.keep_image(str(row["Id"]), diff_ids, described.history, described.members)
    layer_cache.trim()
    return described.history, found


def _keep(diff_ids: Sequence[str], found: Sequence[Files]) -> None:
    for diff_id, files in zip(diff_ids, found, strict=True):
        layer_cache.keep_layer(diff_id, files)


def _exported(client: Client, reference: str, row: dict[str, Any], number: int, path: str, most: int) -> bytes:
    """The first bytes of a file in one layer, out of the image's archive."""
    diff_ids = images.diff_ids(row)
    kept = layer_cache.image(str(row["Id"]), diff_ids)
    member = str(kept["members"][number]) if kept and kept["members"] else ""
    with _speaking(reference), contextlib.closing(_pieces(client, images.full_name(reference, row))) as pieces:
        found, archive = layer_archive.find(Source(pieces), path, most, member)
    if member not in found:  # not known, or the archive calls it otherwise now
        member = _described(archive, diff_ids, reference).members[number]
    if member not in found:
        raise _other(reference, f"it has no {path} in that layer any more")
    return found[member]


def _other(reference: str, reason: str) -> errors.EngineError:
    return errors.EngineError(
        f"What the engine sent is not {reference} as it was a moment ago.",
        f"{reason}: it was built again, or removed, meanwhile",
        "Run it again.",
    )


def _described(archive: layer_archive.Archive, diff_ids: Sequence[str], reference: str) -> Described:
    try:
        return describe(archive.small, archive.links, diff_ids)
    except NoImage as error:
        raise _other(reference, str(error)) from error


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

    def add(self, size: int) -> None:
        """So many bytes more came by, or what stands for them."""
        if self._say is None:
            return
        now = time.monotonic()
        self._started = self._started or now
        self._done += size
        total = max(self._total, self._done) if self._total else None
        spent = now - self._started
        left = spent / self._done * (total - self._done) if total and self._done and spent > 0.5 else None
        self._say(Reading(self._done, total, min(self._layer, self._layers), self._layers, left))

    def watched(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, told of."""
        for piece in pieces:
            self.add(len(piece))
            yield piece
