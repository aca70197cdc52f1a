"""What the engine keeps of a container: its record, the paths it changed, a file in it. Running or not is the same."""

from __future__ import annotations

import io
import tarfile

from helpers import errors
from helpers.containers.model.records import Record
from helpers.engine.client import Client
from helpers.engine.model.container import State

LARGEST = 1 << 20  # bytes of a file that is read


def record(client: Client, container_id: str) -> Record:
    """Its record. Equivalent: docker inspect CONTAINER.

    Raises: NotFound.
    """
    row = client.inspect_container(container_id)
    config, state = row.get("Config") or {}, row.get("State") or {}
    return Record(
        state=State.read(str(state.get("Status") or "unknown")),
        exit_code=int(state.get("ExitCode") or 0),
        out_of_memory=bool(state.get("OOMKilled")),
        error=str(state.get("Error") or ""),
        restarts=int(row.get("RestartCount") or 0),
        command=tuple(config.get("Cmd") or ()),
        environment=dict(word.partition("=")[::2] for word in config.get("Env") or ()),
        image=str(row.get("Image") or ""),
    )


def changed(client: Client, container_id: str) -> tuple[str, ...]:
    """Every path of its writable layer that is new or other than the image's, sorted.

    Raises: NotFound.
    Equivalent: docker diff CONTAINER
    """
    rows = client.diff(container_id) or ()
    return tuple(sorted(str(row["Path"]) for row in rows if row.get("Kind") != 2))  # 2: deleted


def read(client: Client, container_id: str, path: str) -> str:
    """The text of one file in it.

    Raises: NotFound if there is no such file, WrongUse if it is none or larger than a MiB.
    Equivalent: docker cp CONTAINER:PATH -
    """
    stream, status = client.get_archive(container_id, path)
    if int(status.get("size") or 0) > LARGEST:
        raise errors.WrongUse(f"{path} is too large to be read here.")
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        for entry in tar:
            file = tar.extractfile(entry) if entry.isfile() else None
            if file is not None and len(tar.getnames()) == 1:
                return file.read().decode("utf-8", "replace")
    raise errors.WrongUse(f"{path} is no file.", "a folder has no text")
