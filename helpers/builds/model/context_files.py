"""Which files of the context a step takes, and the sum of them as its builder makes it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from helpers.builds.model.snapshot import DIRECTORY, FILE, LINK, OTHER, Entry, Snapshot
from helpers.builds.model.step_words import Source
from helpers.builds.model.sums import Sums
from helpers.engine.build.model.ignore import WILD, Ignore, matches

_LINKS = 40  # followed at most, as the kernel does


def taken(sources: tuple[Source, ...], files: Snapshot) -> list[str]:
    """The paths that a step takes, each once, sorted."""
    found: set[str] = set()
    for one in sources:
        found.update(_taken(one, files))
    return sorted(found)


def _taken(one: Source, files: Snapshot) -> Iterator[str]:
    if one.parents:
        inside = Ignore([one.pattern]) if one.pattern else None
        roots: dict[str, Iterator[str]] = {"": (path for path in files if inside is None or inside.leaves_out(path))}
    else:
        names = [path for path in files if matches(one.pattern, path)] if WILD.search(one.pattern) else [one.pattern]
        roots = {}
        for name in names:
            root = _followed(name, files)
            roots[root] = _below(root, files)
    out = Ignore(one.leave) if one.leave else None
    for root, paths in roots.items():
        for path in paths:
            if out is None or not out.leaves_out(posixpath.relpath(path, root) if root and path != root else path):
                yield path


def _below(root: str, files: Snapshot) -> Iterator[str]:
    if not root:
        yield from files
        return
    if root in files:
        yield root
        if files[root].kind != DIRECTORY:
            return
    start = f"{root}/"
    yield from (path for path in files if path.startswith(start))


def _followed(path: str, files: Snapshot) -> str:
    """Where a source leads if it is a link, or lies behind one."""
    for _ in range(_LINKS):
        parts = path.split("/")
        heads = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
        head = next((head for head in heads if head in files and files[head].kind == LINK), "")
        if not head:
            break
        target = posixpath.normpath(posixpath.join("/", posixpath.dirname(head), files[head].sum)).lstrip("/")
        path = (
            posixpath.normpath(f"{target}{path[len(head) :]}").lstrip("/") if target else path[len(head) :].lstrip("/")
        )
    return path


def mode(row: Entry, *, classic: bool) -> int:
    """The mode as the builder compares it: none of a folder or a link; the classic one's tar has two."""
    if row.kind != FILE:
        return 0
    if classic:
        return 0o755 if row.mode & 0o111 else 0o644
    return row.mode & 0o7777


def total(paths: list[str], files: Snapshot, sums: Sums, *, classic: bool) -> str:
    """One sum of these files: paths, kinds, modes and contents."""
    found = ((path, files[path]) for path in paths)
    return sums(
        "\n".join(
            f"{path}\0{one.kind}\0{mode(one, classic=classic)}\0{one.sum}" for path, one in found if one.kind != OTHER
        )
    )
