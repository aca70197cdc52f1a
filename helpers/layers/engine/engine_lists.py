"""The engine's own lists of what is in its layers: read in a moment, where exporting the image would take long.

An engine with a graph driver keeps, for every layer, the headers of its tar and a check sum of every content, and the
layer's files as they are. No call of the API gives them. But the folders can be mounted, read only, into a container
that is made and never started, and `docker cp` reads from there: on every system, as nobody but oneself, also from an
engine far away. What can't be had in this way has to be exported; whoever calls must be ready for that.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any

from docker.types import Mount

from helpers import errors
from helpers.engine import containers, images, scene
from helpers.engine.bounded import rights
from helpers.engine.client import Client
from helpers.layers.engine.export_progress import Meter
from helpers.oci import layer_tar
from helpers.oci.compression import GZIP, unpacked
from helpers.oci.layer_files import CRC64, FILE, Files
from helpers.oci.layer_tar import Source, Tar
from helpers.oci.saved_layout import configured
from helpers.oci.tar_header import DamagedTar, Room
from helpers.oci.tar_split import SUM, Content, records

WORTH = 10 << 20  # bytes that an engine exports in the time it takes to give one file from a container, some 70 ms
SNAPSHOTTER = "io.containerd.snapshotter.v1"  # the driver type of containerd's image store, which keeps no lists
CHUNK = 1 << 14  # bytes of a list at once: they unpack to some 0.3 MB
_HERE = "/kept"


class NotGiven(Exception):
    """The engine does not give this; its export does."""


class Listed(Source):
    """A tar of which the headers are there, and of the contents size and check sum."""

    sums = CRC64

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._records = records(pieces)
        super().__init__(self._segments())

    def digest(self, size: int) -> bytes:
        """The check sum of the next `size` bytes, which are one content, and were left out."""
        if not size:
            return bytes(SUM)
        found = next(self._records, b"")
        if self._at < len(self._buffer) or not isinstance(found, Content) or found.size != size:
            raise DamagedTar("the engine's list of it does not fit")
        return found.sum

    def _segments(self) -> Iterator[bytes]:
        for record in self._records:
            if isinstance(record, Content):
                raise DamagedTar("a content of it is needed, and not in the engine's list")
            if record:
                yield record


def worth(row: dict[str, Any], layers: int) -> bool:
    """True if asking for the lists of so many layers takes less time than exporting the image."""
    return int(row.get("Size") or 0) > WORTH * (layers + 3)  # the container's beginning and end, and the config


def read(
    client: Client, row: dict[str, Any], known: Mapping[str, Files | None], meter: Meter
) -> tuple[Sequence[Mapping[str, Any]], list[Files]]:
    """An image's history, and the files of its layers, the lowest first; no content is read.

    row: what the engine says of the image. known: the layers by diff id, with what was read of them before.

    Raises: NotGiven.
    """
    diff_ids = images.diff_ids(row)
    found: dict[str, Files] = {diff_id: files for diff_id, files in known.items() if files is not None}
    room = Room()
    with _given(), _mounted(client, _lists(client)) as container:
        history = _history(client, container, str(row["Id"]), diff_ids)
        for chain_id, diff_id in zip(_chain_ids(diff_ids), diff_ids, strict=True):
            meter.began()
            if diff_id not in found:
                path = f"layerdb/sha256/{chain_id}/tar-split.json.gz"
                with contextlib.closing(_content(client, container, path)) as pieces:
                    found[diff_id] = layer_tar.read(Listed(unpacked(GZIP, pieces)), room=room)
            meter.add(found[diff_id].size)
    return history, [found[diff_id] for diff_id in diff_ids]


def text(client: Client, row: dict[str, Any], number: int, path: str, size: int, most: int) -> bytes:
    """The first `most` bytes of a regular file of `size` bytes, as the layer `number` stores it.

    Raises: NotGiven.
    """
    data = (row.get("GraphDriver") or {}).get("Data") or {}
    folders = [data.get("UpperDir") or "", *(data.get("LowerDir") or "").split(":")]  # the highest layer first
    folders = [folder for folder in folders if folder]
    if len(folders) != len(images.diff_ids(row)) or not path.isprintable():
        raise NotGiven("this driver keeps its layers otherwise, or the name can't be asked for")
    _keeper(client)
    with _given(), _mounted(client, folders[-1 - number]) as container:
        kept = bytearray()
        with contextlib.closing(_content(client, container, path.lstrip("/"), size)) as pieces:
            for piece in pieces:
                kept += piece[: most - len(kept)]
                if len(kept) == most:
                    break
        return bytes(kept)


def _keeper(client: Client) -> dict[str, Any]:
    """What the engine says of itself, if it keeps layers as this module takes it."""
    info: dict[str, Any] = client.info()
    status = info.get("DriverStatus") or ()
    if ["driver-type", SNAPSHOTTER] in status or info.get("OSType") != "linux":
        raise NotGiven("an engine without such lists")
    if ["Using metacopy", "true"] in status:
        raise NotGiven("where only its owner changed, a layer's folder has the file, but not its content")
    return info


def _lists(client: Client) -> str:
    """The folder in which the engine keeps its lists, on its own machine."""
    info = _keeper(client)
    return f"{info['DockerRootDir']}/image/{info['Driver']}"


def _chain_ids(diff_ids: Sequence[str]) -> Iterator[str]:
    """What each layer is called together with those below it, as the OCI's image specification makes it."""
    above = ""
    for diff_id in diff_ids:
        above = f"sha256:{hashlib.sha256(f'{above} {diff_id}'.encode()).hexdigest()}" if above else diff_id
        yield above.removeprefix("sha256:")


def _history(client: Client, container: str, image_id: str, diff_ids: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    path = f"imagedb/content/sha256/{image_id.removeprefix('sha256:')}"
    with contextlib.closing(_content(client, container, path)) as pieces:
        content = b"".join(pieces)
    found = configured(content)
    if found is None or found[0] != tuple(diff_ids):
        raise NotGiven("the config is another image's, or can't be read")
    return found[1]


@contextlib.contextmanager
def _given() -> Iterator[None]:
    """What the engine refuses, or has in another form, is not given."""
    try:
        yield
    except (errors.EngineRefused, DamagedTar) as error:
        raise NotGiven(str(error)) from error


@contextlib.contextmanager
def _mounted(client: Client, folder: str) -> Iterator[str]:
    """A container, never started, with a folder of the engine's machine in it, read only. Its id."""
    mount = Mount(_HERE, folder, type="bind", read_only=True)
    container = rights.make(client, "lists", ["/none"], scene=scene.current(), mounts=[mount])
    try:
        yield container
    finally:
        containers.remove(client, container)


def _content(client: Client, container: str, path: str, size: int | None = None) -> Generator[bytes, None, None]:
    """The content of one file of that folder. size: what it has to have."""
    pieces, _ = client.get_archive(container, f"{_HERE}/{path}", chunk_size=CHUNK)
    with contextlib.closing(pieces):
        source = Source(pieces)
        head = next(Tar(source).heads(), None)
        if head is None or head.kind != FILE or size not in (None, head.size):
            raise NotGiven(f"{path} is no such file")
        for part in source.parts(head.stored):
            yield bytes(part)
