"""A container's files: what it changed, one of them out or in, and what its writable layer weighs."""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from helpers import errors
from helpers.containers.model.changed_files import READ, Change, Copied, Copy, Cost, Costs, Family, Kind, Sheet
from helpers.engine import container_list, containers, images
from helpers.engine.client import Client
from helpers.engine.model.container import Container
from helpers.engine.ownership import labels

PARALLEL = 4  # containers made or removed at the same time, where there are many
KINDS = {0: Kind.CHANGED, 1: Kind.ADDED, 2: Kind.REMOVED}


def diff(client: Client, container_id: str) -> tuple[Change, ...]:
    """What it changed against its image, by path. Equivalent: docker diff CONTAINER."""
    found = [Change(kind=KINDS[int(row["Kind"])], path=str(row["Path"])) for row in client.diff(container_id) or ()]
    return tuple(sorted(found, key=lambda change: change.path))


def read(client: Client, found: Container, path: str) -> Copied:
    """One file out of a container, running or not; its first 256 kB as text.

    Raises: NotFound if there is no such path; WrongUse if it is a folder.
    Equivalent: docker cp CONTAINER:PATH -
    """
    try:
        # the engine sends the whole file, however long it is; it stops when the answer is closed
        with client.archive(found.id, path) as answer, tarfile.open(fileobj=answer, mode="r|") as tar:
            entry = tar.next()
            if entry is None or not entry.isfile():
                raise errors.WrongUse(f"{path} is not a file.", "this helper copies one file", "Name a file in it.")
            file = tar.extractfile(entry)
            content = file.read(READ) if file else b""
    except errors.NotFound as error:
        raise errors.NotFound(
            f"{found.name} has no {path}.",
            status=error.status,
            message=error.message,
            next_step="Look at the spelling; containers.diff shows what it has written.",
        ) from error
    return Copied(container=found, path=path, text=content.decode("utf-8", "replace"), size=entry.size)


def write(client: Client, found: Container, path: str, text: str) -> Copied:
    """Puts one file into a container, running or not; its folder has to be there.

    Raises: NotFound if there is no such folder.
    Equivalent: docker cp FILE CONTAINER:PATH
    """
    folder, name = posixpath.split(path)
    content = text.encode("utf-8")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o644
        tar.addfile(entry, io.BytesIO(content))
    client.put_archive(found.id, folder or "/", packed.getvalue())
    return Copied(container=found, path=path, text=text, size=len(content), written=True)


def family(client: Client, reference: str, *, changes: bool = True) -> Family:
    """An image, and this learner's containers made from it, with the weight of each writable layer.

    Three calls and, with `changes`, one more for each of the first twelve containers.

    Raises: NoSuchImage.
    Equivalent: docker ps --all --size --filter ancestor=IMAGE
    """
    row = images.inspect(client, reference)
    full = images.full_name(reference, row)
    found = [
        one
        for one in client.containers(all=True, size=True, filters=labels.filters())
        if one.get("ImageID") == row["Id"]
    ]
    copies = []
    for place, one in enumerate(reversed(found)):
        listed = container_list.listed(one)
        copies.append(
            Copy(
                name=listed.name,
                full_name=listed.full_name,
                state=listed.state,
                size=int(one.get("SizeRw") or 0),
                changes=diff(client, listed.id) if changes and place < 12 else None,
            )
        )
    return Family(reference=full, image=full, layers=_sheets(client, str(row["Id"])), copies=tuple(copies))


def _sheets(client: Client, image_id: str) -> tuple[Sheet, ...]:
    """The layers with anything in them, bottom first."""
    return tuple(
        Sheet(made_by=str(row.get("CreatedBy") or ""), size=int(row["Size"]))
        for row in reversed(client.history(image_id))
        if row.get("Size")
    )


def costs(client: Client, reference: str, numbers: Sequence[int], *, written: int, scene: str) -> Costs:
    """Makes containers, lets each write a file of its own, and weighs them all. None is started; all are removed.

    numbers: how many, rising. written: bytes that go into each one's file.

    Raises: NoSuchImage.
    """
    row = images.inspect(client, reference)
    made: list[str] = []
    found = []
    packed = _file(b"x" * written)

    def one_more(_: int) -> None:
        container_id = containers.create(client, reference, ["true"], scene=scene)
        made.append(container_id)
        client.put_archive(container_id, "/", packed)

    with ThreadPoolExecutor(PARALLEL) as pool:
        try:
            for number in numbers:
                list(pool.map(one_more, range(number - len(made))))
                weights = {
                    one["Id"]: int(one.get("SizeRw") or 0)
                    for one in client.containers(all=True, size=True, filters=labels.filters(scene=scene))
                }
                found.append(Cost(number=number, own_size=sum(weights.get(one, 0) for one in made)))
        finally:
            list(pool.map(lambda one: containers.remove(client, one), made))
    size = sum(sheet.size for sheet in _sheets(client, str(row["Id"])))
    return Costs(reference=reference, image=reference, image_size=size, written=written, costs=tuple(found))


def _file(content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("own.txt")
        entry.size, entry.mode = len(content), 0o644
        tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
