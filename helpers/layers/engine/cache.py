"""Layers that were read once, kept by diff id: a diff id names content, so what it says never changes.

Bounded, written whole or not at all, and never trusted: what is damaged or of another version is thrown away. Several
processes may use it at once: a file appears whole, and one that is removed while another reads it is read to its end.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers import errors, store
from helpers.oci.layer_files import SHA256, Files, NotColumns

MOST = 256 << 20  # bytes; a layer of 60,000 files takes about 3 MB
LEFT_OVER = 3600  # seconds after which an unfinished file is one of a process that was killed
_ID = re.compile(r"sha256:([0-9a-f]{64})")
_VERSION = 1


def layer(diff_id: str, sums: str = SHA256) -> Files | None:
    """The files of a layer, with check sums of that kind; None if it is not kept."""
    path = _path(diff_id, _kind(sums))
    data = _read(path)
    if path is None or data is None:
        return None
    try:
        return Files.from_bytes(data, sums)
    except NotColumns:
        _throw_away(path)
        return None


def keep_layer(diff_id: str, files: Files) -> None:
    """Keeps the files of a layer.

    Raises: StoreError if the disk is full or the folder can't be written; what was kept before stays.
    """
    path = _path(diff_id, _kind(files.sums))
    if path is not None and not path.exists():
        _write(path, files.to_bytes())


def image(image_id: str, diff_ids: Sequence[str]) -> dict[str, Any] | None:
    """What is kept of an image; None if nothing.

    history: its steps. members: what its archive calls its layers; empty if the archive was never seen.
    """
    path = _path(image_id, "image")
    data = _read(path)
    if path is None or data is None:
        return None
    try:
        found = json.loads(data)
        if found["version"] == _VERSION and all(isinstance(row, dict) for row in found["history"]):
            members = found["members"]
            if found["diff_ids"] == list(diff_ids) and all(isinstance(name, str) for name in members):
                return {"history": found["history"], "members": members} if len(members) in (0, len(diff_ids)) else None
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    _throw_away(path)
    return None


def keep_image(
    image_id: str, diff_ids: Sequence[str], history: Sequence[Mapping[str, Any]], members: Sequence[str]
) -> None:
    """Keeps what an image's archive, or the engine's own copy of its config, said of it.

    Raises: StoreError as keep_layer.
    """
    path = _path(image_id, "image")
    if path is not None:
        kept = {"version": _VERSION, "diff_ids": list(diff_ids), "history": list(history), "members": list(members)}
        _write(path, json.dumps(kept).encode())


def trim(most: int = MOST) -> None:
    """Removes what was not used for longest, until at most `most` bytes are left, and what killed processes left."""
    found, now = [], time.time()
    with contextlib.suppress(OSError):  # another process may remove the same
        for entry in os.scandir(_folder()):
            with contextlib.suppress(OSError):
                status = entry.stat()
                if entry.name.startswith("."):
                    if now - status.st_mtime > LEFT_OVER:
                        _throw_away(Path(entry.path))
                else:
                    found.append((status.st_mtime, status.st_size, entry.path))
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= most:
            break
        _throw_away(Path(path))
        total -= size


def _kind(sums: str) -> str:
    return "layer" if sums == SHA256 else sums


def _folder() -> Path:
    folder = store.cache() / "layers"
    folder.mkdir(exist_ok=True)
    return folder


def _path(identity: str, kind: str) -> Path | None:
    """The file for an id; None for what is no id and could name any file."""
    digest = _ID.fullmatch(identity)
    return store.cache() / "layers" / f"{digest.group(1)}.{kind}" if digest else None


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        data = path.read_bytes()
    except OSError:
        return None
    with contextlib.suppress(OSError):  # used now; on a disk that can't be written it stays as it is
        os.utime(path)
    return data


def _write(path: Path, data: bytes) -> None:
    try:
        handle, temporary = tempfile.mkstemp(dir=_folder(), prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise errors.StoreError(
            "What was read of the image can't be kept.",
            f"{path.parent}: {error.strerror or error}",
            "Free some space, or set COURSE_HOME to a folder that you may write, and run it again.",
        ) from error


def _throw_away(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
