"""The files that a build gets: for BuildKit a folder, for the classic builder a tar.

The tar is made while it is sent: no copy in memory, none on the disk. The same files give the same bytes on every
system: sorted, time 0, owner 0, and two modes. That is for the classic builder alone, which compares contents. BuildKit
takes a file of the same size and time for unchanged: it gets the folder as it is, and nobody sets times there.
"""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from docker.utils.build import exclude_paths

from helpers.errors import WrongUse

Content: TypeAlias = "bytes | Path"

DOCKERFILE = "Dockerfile"
_CHUNK = 1 << 18


def files(context: Mapping[str, Content] | Path | None, dockerfile: str) -> dict[str, Content]:
    """What goes into the tar, by path in the context; a folder's .dockerignore is kept to.

    Links of a folder are sent as links, special files are left out.

    Raises: ValueError if a path leaves the context.
    """
    found: dict[str, Content]
    if context is None:
        found = {}
    elif isinstance(context, Path):
        found = _folder(context)
    else:
        found = dict(context)
    _inside(found)
    found[DOCKERFILE] = dockerfile.encode()
    return found


def _inside(names: Iterable[str]) -> None:
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name:
            raise ValueError(f"{name!r} is not a path inside the build context")


def laid_out(context: Mapping[str, Content] | Path | None, into: Path) -> Path:
    """A folder that holds the context: the very one that was given, else `into` with the files written to it.

    Raises: ValueError if a path leaves the context; NotADirectoryError; OSError if a file can't be read.
    """
    if isinstance(context, Path):
        if not context.is_dir():
            raise NotADirectoryError(f"{context} is not a folder, so it can't be a build context")
        return context.absolute()
    into.mkdir()
    found = context or {}
    _inside(found)
    for name, content in found.items():
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
            path.chmod(0o755 if content[:2] == b"#!" else 0o644)
        elif content.is_symlink():
            path.symlink_to(content.readlink())
        elif content.is_dir():
            path.mkdir(exist_ok=True)
        else:
            shutil.copy(content, path)  # with its rights, and at a time of its own
    return into


def _folder(root: Path) -> dict[str, Content]:
    if not root.is_dir():
        raise NotADirectoryError(f"{root} is not a folder, so it can't be a build context")
    ignore = root / ".dockerignore"
    patterns: list[str] = []
    if ignore.is_file():
        lines = (line.strip() for line in ignore.read_text(encoding="utf-8").splitlines())
        patterns = [line for line in lines if line and not line.startswith("#")]
    return {Path(name).as_posix(): root / name for name in exclude_paths(str(root), patterns, DOCKERFILE)}


def dockerfile(folder: Path) -> str:
    """The text of the Dockerfile in `folder`.

    Raises: WrongUse if there is none.
    """
    try:
        return (folder / DOCKERFILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        there = "there is none in it" if folder.is_dir() else "there is no such folder"
        raise WrongUse(
            f"No Dockerfile in {folder}.", f"{there}; this notebook runs in {Path.cwd()}", "Name a folder that has one."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"The Dockerfile in {folder} can't be read.", str(error), "Look at that file.") from error


def stream(found: Mapping[str, Content]) -> Iterator[bytes]:
    """The tar, in pieces.

    Raises: OSError if a file can't be read.
    """
    folders = {str(parent) for name in found for parent in PurePosixPath(name).parents} - {"."}
    for name in sorted({*found, *folders}):
        content = found.get(name)
        if isinstance(content, Path):
            yield from _from_disk(name, content)
            continue
        info = tarfile.TarInfo(name)
        if content is None:
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            yield _header(info)
            continue
        # bytes have no mode: a script is recognised by its first two, as the kernel does
        info.size, info.mode = len(content), 0o755 if content[:2] == b"#!" else 0o644
        yield _header(info)
        yield content + _padding(info.size)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _from_disk(name: str, path: Path) -> Iterator[bytes]:
    info = tarfile.TarInfo(name)
    if path.is_symlink():
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, path.readlink().as_posix(), 0o777
        yield _header(info)
    elif path.is_dir():
        info.type, info.mode = tarfile.DIRTYPE, 0o755
        yield _header(info)
    elif path.is_file():
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            info.size, info.mode = status.st_size, 0o755 if status.st_mode & 0o111 else 0o644
            if sys.platform == "win32" and file.read(2) == b"#!":
                info.mode = 0o755
            file.seek(0)
            yield _header(info)
            left = info.size
            while left:  # a file that grows or shrinks meanwhile must not shift what follows
                piece = file.read(min(_CHUNK, left)) or bytes(min(_CHUNK, left))
                left -= len(piece)
                yield piece
            yield _padding(info.size)


def _header(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)
