"""Taking an image apart: by the engine's own lists of its layers, or by its export. Only names and sums are kept."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

from helpers import errors
from helpers.engine import images
from helpers.engine.client import Client
from helpers.layers.engine import cache, engine_lists, export
from helpers.layers.engine.export_progress import Meter, Progress
from helpers.layers.model import analysis as model
from helpers.layers.model.analysis import Analysis
from helpers.layers.model.content import Content, ImageLayers
from helpers.oci.history import steps
from helpers.oci.layer_files import CRC64, DIR, FILE, HARDLINK, SHA256, Files, absolute
from helpers.oci.tar_header import DamagedTar

MOST_TEXT = 64 << 10
_LINKS = 40  # hard links to hard links that are followed: builders write none


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
        known[kind] = {diff_id: cache.layer(diff_id, kind) for diff_id in dict.fromkeys(diff_ids)}
        found = _kept(client, row, known[kind])
        if found is not None:
            break
    if found is None and CRC64 in known:
        missing = sum(files is None for files in known[CRC64].values())
        if sums == CRC64 or engine_lists.worth(row, missing):
            found = _listed(client, row, known[CRC64], on_progress)
    if found is None:
        found = _exported(client, reference, row, known.get(SHA256, {}), on_progress)
    history, files = found
    try:
        return model.analysis(reference, steps(history), diff_ids, files)
    except DamagedTar as error:
        raise errors.EngineError(
            f"{reference} can't be taken apart.", str(error), "Look at a smaller image, or at what wrote this one."
        ) from error


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
    number = _number(analysis, layer)
    step, files = analysis.made[number], analysis.files[number]
    place = _place(files, wanted, analysis, step)
    row = images.inspect(client, analysis.image)
    if images.diff_ids(row) != analysis.diff_ids:
        raise export.other(analysis.image, f"it has no {wanted} in that layer any more")
    content = None
    if engine_lists.worth(row, 0):
        with contextlib.suppress(engine_lists.NotGiven):
            content = engine_lists.text(client, row, number, files.paths[place], files.sizes[place], most)
    if content is None:
        kept = cache.image(str(row["Id"]), images.diff_ids(row))
        member = str(kept["members"][number]) if kept and kept["members"] else ""
        content = export.text(client, analysis.image, row, number, files.paths[place], most, member)
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
    sizes: dict[str, int | None] = {}
    found = []
    for listed in client.images():
        row = images.known(client, str(listed["Id"]))
        if row is None:  # it went meanwhile
            continue
        diff_ids = images.diff_ids(row)
        for diff_id in diff_ids:
            if diff_id not in sizes:
                kept = (cache.layer(diff_id, sums) for sums in (CRC64, SHA256))
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
    kept = cache.image(image_id, diff_ids)
    history = kept["history"] if kept else _history(client, image_id, len(diff_ids))
    return None if history is None else (history, files)


def _listed(
    client: Client, row: dict[str, Any], known: Mapping[str, Files | None], on_progress: Progress | None
) -> tuple[Sequence[Mapping[str, Any]], list[Files]] | None:
    """What the engine's own lists say; None if they can't be had."""
    try:
        history, files = engine_lists.read(client, row, known, _meter(row, on_progress))
    except engine_lists.NotGiven:
        return None
    _keep(row, files, history, ())
    return history, files


def _exported(
    client: Client,
    reference: str,
    row: dict[str, Any],
    known: Mapping[str, Files | None],
    on_progress: Progress | None,
) -> tuple[Sequence[Mapping[str, Any]], list[Files]]:
    described, files = export.read(client, reference, row, known, _meter(row, on_progress))
    _keep(row, files, described.history, described.members)
    return described.history, files


def _meter(row: dict[str, Any], on_progress: Progress | None) -> Meter:
    return Meter(on_progress, int(row.get("Size") or 0), len(set(images.diff_ids(row))))


def _keep(
    row: dict[str, Any], files: Sequence[Files], history: Sequence[Mapping[str, Any]], members: Sequence[str]
) -> None:
    diff_ids = images.diff_ids(row)
    for diff_id, one in zip(diff_ids, files, strict=True):
        cache.keep_layer(diff_id, one)
    cache.keep_image(str(row["Id"]), diff_ids, history, members)
    cache.trim()


def _history(client: Client, image_id: str, layers: int) -> Sequence[Mapping[str, Any]] | None:
    """The history as the engine lists it; None where that does not tell which steps made a layer.

    It says no more than a size, and a step may make a layer without files.
    """
    rows = list(reversed(client.history(image_id)))
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


def _number(analysis: Analysis, layer: int) -> int:
    """The place of a step's layer among the layers. Raises: WrongUse if it made none."""
    if not isinstance(layer, int) or not 0 <= layer < len(analysis.layers) or analysis.layers[layer].empty:
        raise errors.WrongUse(
            f"{analysis.image} has no layer {layer!r}.",
            "layers are named by their index in layers.analyse(IMAGE).layers, and a step that made none has no files",
            "Its layers: " + ", ".join(str(one.index) for one in analysis.made),
        )
    return analysis.made.index(analysis.layers[layer])


def _place(files: Files, path: str, analysis: Analysis, step: model.Layer) -> int:
    """The index of the regular file at `path`, hard links followed.

    Raises: WrongUse.
    """
    place = _last(files, path)
    for _ in range(_LINKS):
        if place is None or files.kinds[place] != HARDLINK:
            break
        place = _last(files, absolute(files.links.get(place, "")))
    if place is None:
        others = [
            str(one.index)
            for one, other in zip(analysis.made, analysis.files, strict=True)
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
