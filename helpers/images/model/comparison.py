"""Two images side by side: which settings differ, how much they have in common, and which files a container sees."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.images.model.anatomy import Anatomy
from helpers.layers.model.analysis import Analysis, Entry
from helpers.layers.model.content import common

ADDED, REMOVED, CHANGED, METADATA = "only in the second", "only in the first", "other content", "other rights"
SETTINGS = (
    "platform",
    "entrypoint",
    "command",
    "environment",
    "user",
    "folder",
    "ports",
    "volumes",
    "labels",
)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting that differs. what: its name in Anatomy. first, second: as text, "" for none."""

    what: str
    first: str
    second: str


@dataclass(frozen=True, kw_only=True)
class FileDifference:
    """One path that differs. how: one of the words above. first, second: bytes; None where it is not there."""

    path: str
    how: str
    first: int | None
    second: int | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What tells two images from each other.

    first, second: their references. shared: how many layers both begin with. layers: how many each has.
    settings, files: those that differ, files as a container of each would see them, by path.
    """

    first: str
    second: str
    shared: int
    layers: tuple[int, int]
    settings: tuple[Setting, ...]
    files: tuple[FileDifference, ...]

    @property
    def same(self) -> bool:
        """True if a container could not tell them apart."""
        return not self.settings and not self.files


def compare(first: Anatomy, second: Anatomy, one: Analysis, other: Analysis) -> Comparison:
    """Compares two images. one, other: the same two, taken apart.

    The course's own labels are left out: every scene has others.
    """
    ids = [found.diff_ids for found in (one, other)]
    return Comparison(
        first=first.reference,
        second=second.reference,
        shared=common(*ids),
        layers=(len(ids[0]), len(ids[1])),
        settings=tuple(
            Setting(what=what, first=_text(getattr(first, what)), second=_text(getattr(second, what)))
            for what in SETTINGS
            if _text(getattr(first, what)) != _text(getattr(second, what))
        ),
        files=_files(_seen(one), _seen(other)),
    )


def _seen(found: Analysis) -> dict[str, Entry]:
    return found.stack(-1).by_path if found.layers else {}


def _files(one: dict[str, Entry], other: dict[str, Entry]) -> tuple[FileDifference, ...]:
    found = []
    for path in sorted(one.keys() | other.keys()):
        first, second = one.get(path), other.get(path)
        how = _how(first, second)
        if how:
            sizes = [entry.size if entry is not None else None for entry in (first, second)]
            found.append(FileDifference(path=path, how=how, first=sizes[0], second=sizes[1]))
    return tuple(found)


def _how(first: Entry | None, second: Entry | None) -> str:
    if first is None:
        return ADDED
    if second is None:
        return REMOVED
    content = [(entry.kind, entry.size, entry.digest, entry.link) for entry in (first, second)]
    if content[0] != content[1]:
        return CHANGED
    rights = [(entry.mode, entry.uid, entry.gid) for entry in (first, second)]
    return METADATA if rights[0] != rights[1] else ""


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    rows = dict(value) if isinstance(value, dict) else {}
    return ", ".join(f"{key}={rows[key]}" for key in sorted(rows) if not key.startswith("containers-unpacked"))
