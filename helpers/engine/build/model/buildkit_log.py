"""BuildKit's log as `docker buildx build --progress=rawjson` writes it, and the steps in it.

Each of its objects tells of vertices, the nodes of BuildKit's graph: "[build 2/4] RUN make" is an instruction,
"[internal] load metadata ..." and "exporting to image" are BuildKit's own affair. A vertex may be told of many times,
each time with more in it. Only what runs or fetches is a vertex: ENV, CMD and their like are not.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from helpers.engine.build.model.dockerfile import Instruction, at_line, instructions, locate
from helpers.engine.build.model.failure import failed, named_line, reason
from helpers.engine.build.model.log import LINES_KEPT, Step, plain
from helpers.engine.build.model.rawjson import Objects
from helpers.errors import EngineError

_INSTRUCTION = re.compile(r"\[[^\]]*?(\d+)/(\d+)\]\s+(.*)", re.DOTALL)
_SOURCE = re.compile(r"(?:Dockerfile|\S*/Dockerfile):(\d+)")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?")
_CANCELED = "context canceled"  # what the others say once one has failed


@dataclass(kw_only=True)
class _Vertex:
    """What is known of one node so far. spans: the times it ran, by their start; a node may run more than once."""

    name: str
    at: Instruction | None
    spans: dict[str, str] = field(default_factory=dict)
    cached: bool = False
    error: str = ""
    output: tuple[str, ...] = ()
    rest: dict[int, str] = field(default_factory=dict)  # by stream: a line whose end has not come

    @property
    def place(self) -> int:
        found = _INSTRUCTION.fullmatch(self.name)
        return int(found[1]) if found else 0

    @property
    def over(self) -> bool:
        return bool(self.spans) and all(self.spans.values())

    @property
    def seconds(self) -> float:
        return sum(_seconds(start, end) for start, end in self.spans.items() if end)

    @property
    def instruction(self) -> str:
        found = _INSTRUCTION.fullmatch(self.name)
        return self.at.text if self.at is not None else (found[3] if found else self.name)


class BuildKitLog:
    """Reads a log piece by piece.

    dockerfile: its text; a step is shown in its words, since BuildKit fills variables in.
    """

    def __init__(self, dockerfile: str = "") -> None:
        self.instructions = instructions(dockerfile)
        self._objects = Objects()
        self._vertices: dict[str, _Vertex] = {}
        self._begun: list[str] = []
        self._told: set[str] = set()

    def feed(self, text: str) -> tuple[Step, ...]:
        """Takes the next piece; returns the steps that ended by it."""
        return self._take(self._objects.feed(text))

    def close(self) -> tuple[Step, ...]:
        """Ends the log."""
        done = self._take(self._objects.close())
        for vertex in self._vertices.values():
            for rest in vertex.rest.values():
                _write(vertex, rest)
            vertex.rest.clear()
        return done

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step of the build, in the Dockerfile's order, numbered from 1; those to come included."""
        shown = self._shown()
        return tuple(_step(vertex, number, len(shown)) for number, vertex in enumerate(shown.values(), start=1))

    @property
    def begun(self) -> tuple[Step, ...]:
        """The steps that have begun, in the order they did; BuildKit may run several at a time."""
        by_digest = dict(zip(self._shown(), self.steps, strict=True))
        return tuple(by_digest[digest] for digest in self._begun)

    @property
    def words(self) -> tuple[str, ...]:
        """What was said between the objects: warnings, and the error at the end."""
        return tuple(self._objects.words)

    def failure(self) -> EngineError:
        """The error for a build that has ended badly."""
        vertex = next((v for v in self._vertices.values() if v.error and _CANCELED not in v.error), None)
        message = self._last_words() or (vertex.error if vertex else "buildx ended without a word")
        lines = (int(found[1]) for word in self.words if (found := _SOURCE.fullmatch(word)))
        at = next((at_line(self.instructions, line) for line in lines), None)
        if at is None and vertex is not None:
            at = vertex.at or self._fetching(vertex.name)
        if at is None:
            at = named_line(message, self.instructions)
        # 20.10 names no line for a file that is not there: its COPY is the step that has not begun
        if at is None and (path := re.search(r"\"/([^\"]+)\" not found", reason(message))):
            at = next((one for one in self.instructions if path[1] in one.text), None)
        said = vertex.instruction if vertex is not None and vertex.place else ""
        log = vertex.output[-20:] if vertex is not None else ()
        return failed(message, at=at, said=said, log=log)

    def _last_words(self) -> str:
        """The error at the end; it may have several lines, as the command that it repeats."""
        words = list(self.words)
        start = next((n for n in reversed(range(len(words))) if words[n].startswith("ERROR: ")), len(words) - 1)
        end = next((n for n in range(start + 1, len(words)) if words[n].startswith("View build details")), len(words))
        return "\n".join(words[max(start, 0) : end])

    def _fetching(self, name: str) -> Instruction | None:
        """The instruction that a vertex looks for an image for."""
        found = re.search(r"(?:load metadata for|^FROM) (\S+)", name)
        if found is None:
            return None
        image = found[1].removeprefix("docker.io/").removeprefix("library/").removesuffix(":latest")
        return next(
            (
                one
                for one in self.instructions
                if any(word.removeprefix("--from=").removesuffix(":latest") == image for word in one.text.split()[1:])
            ),
            None,
        )

    def _shown(self) -> dict[str, _Vertex]:
        """The vertices that are instructions, by digest, in the Dockerfile's order."""
        found = [(digest, vertex) for digest, vertex in self._vertices.items() if vertex.place]
        found.sort(key=lambda pair: (pair[1].at.line if pair[1].at else 1 << 30, pair[1].place))
        return dict(found)

    def _take(self, objects: Iterator[dict[str, Any]]) -> tuple[Step, ...]:
        ended: list[str] = []
        for item in objects:
            for row in _rows(item, "vertexes"):
                self._vertex(row, ended)
            for row in _rows(item, "logs"):
                self._log(row)
        if not ended:
            return ()
        by_digest = dict(zip(self._shown(), self.steps, strict=True))
        return tuple(by_digest[digest] for digest in ended)

    def _vertex(self, row: Mapping[str, Any], ended: list[str]) -> None:
        digest, name = str(row.get("digest", "")), str(row.get("name", ""))
        vertex = self._vertices.get(digest)
        if vertex is None:
            vertex = self._vertices[digest] = _Vertex(name=name, at=locate(self.instructions, name))
        start, end = str(row.get("started") or ""), str(row.get("completed") or "")
        if start:
            if not vertex.spans and vertex.place:
                self._begun.append(digest)
            vertex.spans[start] = end or vertex.spans.get(start, "")
        vertex.cached = vertex.cached or row.get("cached") is True
        vertex.error = str(row.get("error") or "") or vertex.error
        if vertex.place and vertex.over and digest not in self._told:
            self._told.add(digest)
            ended.append(digest)

    def _log(self, row: Mapping[str, Any]) -> None:
        vertex = self._vertices.get(str(row.get("vertex", "")))
        if vertex is None:
            return
        try:
            data = base64.b64decode(str(row.get("data") or ""), validate=True)
        except (binascii.Error, ValueError):
            return
        stream = int(row["stream"]) if isinstance(row.get("stream"), int) else 0
        text = vertex.rest.get(stream, "") + data.decode("utf-8", "replace")
        *lines, vertex.rest[stream] = text.split("\n")
        for line in lines:
            _write(vertex, line)


def _write(vertex: _Vertex, line: str) -> None:
    if written := plain(line):
        vertex.output = (*vertex.output, written)[-LINES_KEPT:]


def _rows(item: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    rows = item.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _step(vertex: _Vertex, number: int, total: int) -> Step:
    return Step(
        number=number,
        total=total,
        instruction=vertex.instruction,
        cached=vertex.cached,
        output=vertex.output,
        seconds=vertex.seconds,
        line=vertex.at.line if vertex.at is not None else 0,
    )


def _seconds(start: str, end: str) -> float:
    """The time between two of BuildKit's stamps, which have nine decimals or fewer; 0 if one can't be read."""
    times = []
    for stamp in (start, end):
        found = _TIME.match(stamp)
        if found is None:
            return 0.0
        try:
            times.append((datetime.fromisoformat(found[1]), float(found[2] or 0)))
        except ValueError:
            return 0.0
    (begun, fraction), (ended, other) = times
    return max(0.0, (ended - begun).total_seconds() + other - fraction)
