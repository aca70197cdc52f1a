"""Carrying a file into an engine that was named, comparing what arrives, and leaving that engine as it was."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from helpers import errors
from helpers.engine import containers, images
from helpers.engine.bounded import output
from helpers.engine.client import Client, open_client
from helpers.engine.discovery import Address, _tls_from_environment
from helpers.engine.model.image import Held
from helpers.images.engine import save_load
from helpers.images.model.saved_files import Journey, Parcel, Ran
from helpers.oci.saved_reader import Progress

COMPARED = 1024 * 1024  # bytes, the last ones: an engine keeps no more than the end of a long output


def second(address: str) -> Client:
    """The engine at `address`, and no other.

    address: as in DOCKER_HOST, such as "unix:///run/other.sock" or "tcp://host:2375".

    Raises: EngineNotReachable with that address and the reason.
    """
    tls = _tls_from_environment() if address.startswith("tcp://") else None
    try:
        return open_client(Address(url=address, origin="the address given", only=True, tls=tls))
    except errors.EngineNotReachable as error:
        raise type(error)(
            error.tried,
            next_step="Look at the address; no other engine is tried. In a terminal: "
            "docker --host ADDRESS version. Without an address the file is loaded back into this engine.",
        ) from error


def carry(
    client: Client,
    parcel: Parcel,
    *,
    to: str,
    command: Sequence[str] = (),
    scene: str,
    seconds: float = 60,
    on_progress: Progress | None = None,
) -> Journey:
    """Loads a file into the engine at `to` (empty: the one in use), compares, and takes away what it brought there.

    command: runs in a container of the image on both engines; the outputs are compared. seconds: for each run.
    What was there before stays, and so does an image that had no name there and was given one by the file.

    Raises: EngineNotReachable, ArchiveError, NoSuchProgram, WaitedTooLong.
    """
    with contextlib.ExitStack() as stack:
        there = client
        if to:
            there = stack.enter_context(contextlib.closing(second(to)))
            if _who(there) == _who(client):
                to = ""  # the same engine by another address
        mine = save_load.there(client, parcel)
        before = parcel.source or _held(client, mine, parcel)
        here = None
        if mine:
            here = _run(client, next(iter(mine)), command, scene=scene, seconds=seconds)
        names, ids = set(save_load.check_names(there, parcel)), _ids(there)
        stayed: list[str] = []
        image_id, beyond = "", None
        try:
            loaded = save_load.load(there, parcel, scene=scene, on_progress=on_progress)
            image_id = loaded.after.image_id
            if command:
                beyond = _run(there, loaded.reference, command, scene=scene, seconds=seconds)
        finally:
            stayed += _take_back(there, parcel, names=names, ids=ids, image_id=image_id)
        version: Any = there.version()
        return Journey(
            parcel=loaded.parcel,
            before=before,
            after=loaded.after,
            had=loaded.had,
            address=to,
            version=str(version.get("Version") or ""),
            command=tuple(command),
            here=here,
            there=beyond,
            stayed=tuple(stayed),
        )


def _run(client: Client, reference: str, command: Sequence[str], *, scene: str, seconds: float) -> Ran | None:
    """Runs the command in a container of its own, which is removed; bytes are hashed as they came."""
    if not command:
        return None
    made = containers.create(client, reference, command, scene=scene)
    try:
        containers.start(client, made)
        code = containers.wait(client, made, seconds=seconds)
        wrote = output.log(client, made, stderr=False, keep=COMPARED)
    finally:
        containers.remove(client, made)
    return Ran(exit_code=code, sha256=hashlib.sha256(wrote.data).hexdigest(), long=wrote.came > COMPARED)


def _take_back(client: Client, parcel: Parcel, *, names: set[str], ids: set[str], image_id: str) -> list[str]:
    """Removes the names that the file brought, and the image with the last of them; says what had to stay."""
    stayed: list[str] = []
    for name in parcel.names or (image_id,):
        row = images.known(client, name) if name else None
        if row is None or name in names or (image_id and row["Id"] != image_id):
            continue
        if row["Id"] in ids and len(row.get("RepoTags") or ()) < 2:
            stayed.append(f"{name}: its image was there before, without a name")  # the last name takes the image along
            continue
        try:
            with client.allowing([name]):  # the file brought it, as was looked at above
                client.remove_image(name, noprune=True)
        except errors.EngineRefused as error:
            stayed.append(f"{name}: {error.message}")
    return stayed


def _who(client: Client) -> tuple[Any, ...]:
    """What tells an engine from others. The id alone does not: two of 20.10 on one machine share it."""
    info = client.info()
    return tuple(info.get(key) for key in ("ID", "Name", "DockerRootDir"))


def _held(client: Client, names: Mapping[str, str], parcel: Parcel) -> Held | None:
    return images.held(client, next(iter(names)), expected=parcel.config) if names else None


def _ids(client: Client) -> set[str]:
    return {str(row["Id"]) for row in client.images(all=True)}
