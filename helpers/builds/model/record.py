"""What is kept of a build: sums, names of files, and instructions without values. Enough to say what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from helpers.builds.model.keys import Parts
from helpers.builds.model.snapshot import Columns

VERSION = 1
KEYS_KEPT = 4000


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One step of a recorded build. text: the instruction, masked. needed: False if its target did not want it.

    done: False if the build failed before it was.
    """

    index: int
    stage: str
    word: str
    text: str
    needed: bool
    done: bool = True
    parts: Parts


@dataclass(frozen=True, kw_only=True)
class Record:
    """One build, and the keys of all before it, the newest last. files: the context as the engine has it.

    totals: of what steps take of it, by `keys.selection`: while the files are the same, no sum is made anew.
    """

    builder: str
    target: str
    platform: str
    keys: tuple[str, ...]
    steps: tuple[Kept, ...]
    files: Columns
    totals: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """A value that JSON can hold."""
        return {
            "version": VERSION,
            "builder": self.builder,
            "target": self.target,
            "platform": self.platform,
            "keys": list(self.keys),
            "steps": [
                {**{one.name: getattr(step, one.name) for one in fields(step)}, "parts": step.parts.as_json()}
                for step in self.steps
            ],
            "files": self.files.as_json(),
            "totals": dict(self.totals),
        }

    @classmethod
    def read(cls, row: object) -> Record | None:
        """What `as_json` gave; None if it is damaged, or of another version."""
        if not isinstance(row, dict) or row.get("version") != VERSION:
            return None
        try:
            return cls(
                builder=_text(row["builder"]),
                target=_text(row["target"]),
                platform=_text(row["platform"]),
                keys=tuple(_text(key) for key in row["keys"]),
                steps=tuple(_kept(step) for step in row["steps"]),
                files=Columns.read(row["files"]),
                totals={_text(name): _text(total) for name, total in row["totals"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None


def _kept(row: Any) -> Kept:
    return Kept(
        index=_number(row["index"]),
        stage=_text(row["stage"]),
        word=_text(row["word"]),
        text=_text(row["text"]),
        needed=bool(row["needed"]),
        done=bool(row["done"]),
        parts=_parts(row["parts"]),
    )


def _parts(row: Any) -> Parts:
    def text(name: str) -> str:
        return _text(row.get(name, ""))

    def pairs(name: str) -> dict[str, str]:
        return {_text(left): _text(right) for left, right in row.get(name, {}).items()}

    return Parts(
        written=text("written"),
        said=text("said"),
        files=text("files"),
        base=text("base"),
        platform=text("platform"),
        key=text("key"),
        before=text("before"),
        variables=pairs("variables"),
        sets=pairs("sets"),
        given=pairs("given"),
        origins={_text(name): (_text(a), _text(b)) for name, (a, b) in row.get("origins", {}).items()},
        others=tuple(_text(key) for key in row.get("others", ())),
    )


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError(found)
    return found


def _number(found: object) -> int:
    if not isinstance(found, int):
        raise TypeError(found)
    return found
