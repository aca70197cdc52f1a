"""The commands that a chapter prints, typed as a learner types them: in their order, between its cells, in a terminal.

They stand in fenced blocks marked `console`, one on each line. A comment in the line before a block says more of it:
`<!-- typed: ps; exit -->` what is typed into its last command, line by line; `<!-- exit: 125 -->` the exit code of its
last command; `<!-- not here: it asks the internet -->` why it can't run in the tests.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pexpect

from helpers.engine.build import plugins

SECONDS = 60
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
_BLOCK = re.compile(r"(?:^<!--\s*(?P<note>.*?)\s*-->\n)?^```console\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)
_PROMPT = r"[#$] (?:\x1b\[[0-9]*[A-Za-z])*$"  # a shell may ask where the cursor is, and draw its prompt again


@dataclass(frozen=True)
class Block:
    """Commands, one after the other. keys: typed into the last one. code: how that ends. not_here: why it can't run."""

    commands: tuple[str, ...]
    keys: tuple[str, ...] = ()
    code: int = 0
    not_here: str = ""


def blocks(text: str) -> list[Block]:
    """The blocks of a cell of text. Raises: ValueError for a comment that says nothing that is known."""
    found = []
    for match in _BLOCK.finditer(text):
        kind, _, words = (match["note"] or "").partition(": ")
        commands = tuple(filter(None, match["lines"].split("\n")))
        if not kind:
            found.append(Block(commands))
        elif kind == "typed":
            found.append(Block(commands, keys=tuple(words.split("; "))))
        elif kind == "exit":
            found.append(Block(commands, code=int(words)))
        elif kind == "not here" and words:
            found.append(Block(commands, not_here=words))
        else:
            raise ValueError(f"a comment before a block of commands: {match['note']}")
    return found


class Hand:
    """A learner at a terminal, in a folder for their work. typed: each command with its exit code, and what came."""

    def __init__(self, home: Path, folder: Path | None = None) -> None:
        """home: the learner's COURSE_HOME. folder: where else they type."""
        self.folder = folder or home / "work"
        self.env = {**os.environ, **plugins.environment(), "COURSE_HOME": str(home)}
        self.typed: list[dict[str, Any]] = []

    def at(self, cell: Any) -> None:
        """Types what a cell prints."""
        if cell.cell_type != "markdown":
            return
        for block in blocks(cell.source):
            if block.not_here:
                continue
            self.begin()
            last = len(block.commands) - 1
            for place, command in enumerate(block.commands):
                keys, code = (block.keys, block.code) if place == last else ((), 0)
                self.type(command, keys, code)

    def begin(self) -> None:
        """Makes the folder with the shop in it, as the course's own terminal has it; unless it is there."""
        if not (self.folder / "harbour-shop").exists():
            shutil.copytree(NOTEBOOKS / "harbour-shop", self.folder / "harbour-shop", copy_function=shutil.copy)

    def type(self, command: str, keys: tuple[str, ...] = (), code: int = 0) -> str:
        """Types one command, and `keys` into it; what came. code: the exit code that is expected."""
        self.typed.append({"command": command, "expected": code, **self._type(command, keys)})
        return str(self.typed[-1]["said"])

    @property
    def wrong(self) -> str:
        """What was typed and ended otherwise than expected; "" if nothing did."""
        return unexpected(self.typed)

    def _type(self, command: str, keys: tuple[str, ...]) -> dict[str, Any]:
        child = pexpect.spawn(
            "/bin/sh",
            ["-c", command],
            cwd=str(self.folder),
            env=self.env,
            encoding="utf-8",
            codec_errors="replace",
            timeout=SECONDS,
        )
        said = ""
        try:
            for line in keys:
                child.expect(_PROMPT)
                said += str(child.before)
                child.sendline(line)
            child.expect(pexpect.EOF)
            said += str(child.before)
        except pexpect.TIMEOUT:
            return {"code": None, "said": f"{said}{child.before}\nand nothing more within {SECONDS} s"}
        finally:
            child.close(force=True)
        return {"code": child.exitstatus, "said": said[-2000:]}


def unexpected(typed: Sequence[Mapping[str, Any]]) -> str:
    """Which of these ended otherwise than expected; "" if none did."""
    wrong = [one for one in typed if one["code"] != one["expected"]]
    return "\n\n".join(f"{one['command']}\nended with {one['code']}: {one['said']}" for one in wrong)
