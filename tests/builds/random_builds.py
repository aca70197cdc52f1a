"""Random Dockerfiles with one random edit, of which the maker knows what it makes run first, and why.

It has an idea of its own of what counts: it evaluates the instructions that it made before they were text, and reads
no Dockerfile. All words are different, so that no step can be taken for another.
"""

from __future__ import annotations

import posixpath
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.builds.model_edits import File

BASES = ("localhost/course/busybox:1", "localhost/course/debian:13")
FOLDERS = ("src", "conf")


@dataclass(frozen=True)
class Line:
    """One instruction. name: what it sets, or copies. words: the value, the target. stage: of a COPY --from."""

    word: str
    name: str = ""
    words: str = ""
    stage: int | None = None
    flag: str = ""

    @property
    def text(self) -> str:
        if self.word in ("ENV", "LABEL", "ARG"):
            return f"{self.word} {self.name}={self.words}" if self.words else f"{self.word} {self.name}"
        if self.word == "COPY":
            place = "" if self.stage is None else f"--from=s{self.stage} "
            return f"COPY {self.flag}{place}{self.name} {self.words}"
        return f"{self.word} {self.words}"


@dataclass(frozen=True)
class Stage:
    """base: an image, or the number of an earlier stage."""

    base: str | int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Build:
    outer: tuple[Line, ...]
    stages: tuple[Stage, ...]
    files: dict[str, File]
    args: dict[str, str]
    moved: str = ""  # the base whose content is another
    comments: bool = False

    @property
    def text(self) -> str:
        found = [line.text for line in self.outer]
        for number, stage in enumerate(self.stages):
            base = stage.base if isinstance(stage.base, str) else f"s{stage.base}"
            found += [f"FROM {base} AS s{number}", *(line.text for line in stage.lines)]
        gap = "\n# a word on it\n\n" if self.comments else "\n"
        return gap.join(found) + "\n"

    @property
    def bases(self) -> dict[str, str]:
        return {base: f"{base}{'!' if base == self.moved else ''}" for base in BASES}

    def place(self, stage: int, line: int) -> int:
        """Index over all instructions; line -1 is the FROM."""
        return len(self.outer) + sum(1 + len(one.lines) for one in self.stages[:stage]) + 1 + line


@dataclass(frozen=True)
class Trial:
    """kind: of edit. cause: kind and name of what makes a step run, if one runs."""

    kind: str
    before: Build
    after: Build
    cause: tuple[str, str]


def trial(seed: int) -> Trial:
    """One of them; the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - no secret hangs on it
    build = _Maker(dice).build()
    while True:
        if (found := _edited(dice, build)) is not None:
            return found


class _Maker:
    def __init__(self, dice: random.Random) -> None:
        self.dice, self.count = dice, 0

    def new(self) -> int:
        self.count += 1
        return self.count

    def build(self) -> Build:
        files = {folder: File(mode=0o755, kind="dir") for folder in FOLDERS}
        for folder in ("", "src/", "conf/"):
            for _ in range(self.dice.randint(1, 3)):
                files[f"{folder}f{self.new()}.{self.dice.choice(('py', 'cfg'))}"] = File(f"text {self.new()}")
        outer = tuple(Line("ARG", f"G{self.new()}", f"g{self.new()}") for _ in range(self.dice.randint(0, 2)))
        stages: list[Stage] = []
        for number in range(self.dice.randint(1, 4)):
            older = number and self.dice.random() < 0.4
            base = self.dice.randrange(number) if older else self.dice.choice(BASES)
            lines = tuple(self.line(number, outer, files) for _ in range(self.dice.randint(1, 7)))
            stages.append(Stage(base, lines))
        return Build(outer, tuple(stages), files, {})

    def line(self, number: int, outer: tuple[Line, ...], files: dict[str, File]) -> Line:
        kind = self.dice.choice(("RUN", "RUN", "COPY", "COPY", "ARG", "ENV", "WORKDIR", "LABEL", "USER", "FROM"))
        value = f"v{self.new()}"
        if kind == "RUN":
            return Line("RUN", words=f"make {value} \\\n    --fast")
        if kind == "COPY" or (kind == "FROM" and not number):
            plain = [path for path, file in files.items() if file.kind == "file"]
            source = self.dice.choice((self.dice.choice(plain), ".", "src", "conf/*.cfg", "src/*"))
            return Line("COPY", source, f"{self.dice.choice(('', '${V1}', '/o/'))}{value}/")
        if kind == "FROM":
            return Line("COPY", "/o", f"/{value}", stage=self.dice.randrange(number))
        if kind == "ARG" and outer and self.dice.random() < 0.4:
            return Line("ARG", self.dice.choice(outer).name)
        if kind in ("ARG", "ENV"):
            hangs = f"${{V{self.dice.randint(1, 4)}}}-" if self.dice.random() < 0.3 else ""
            return Line(kind, f"V{self.dice.randint(1, 4)}", f"{hangs}{value}")
        if kind == "WORKDIR":
            return Line("WORKDIR", words=f"{self.dice.choice(('/', '', '/${V2}'))}{value}")
        return Line(kind, f"l{self.new()}" if kind == "LABEL" else "", value)


def _edited(dice: random.Random, build: Build) -> Trial | None:
    """One edit; None if this build has nothing of the kind."""
    kind = dice.choice(
        ("content", "mode", "add", "remove", "words", "words", "given", "insert", "take out", "base", "comment", "flag")
    )
    fresh = f"new{dice.randrange(10**6)}"
    plain = [path for path, file in build.files.items() if file.kind == "file"]
    if kind in ("content", "mode", "add", "remove"):
        path = f"src/{fresh}.py" if kind == "add" else dice.choice(plain)
        files = {path_: file for path_, file in build.files.items() if kind != "remove" or path_ != path}
        if kind != "remove":
            old = files.get(path, File())
            files[path] = replace(old, mode=0o755) if kind == "mode" else replace(old, text=fresh, time=3000)
        return Trial(kind, build, replace(build, files=files), ("file", path))
    if kind == "base":
        base = dice.choice(BASES)
        return Trial(kind, build, replace(build, moved=base), ("base", base))
    if kind == "comment":
        return Trial(kind, build, replace(build, comments=True), ("nothing", ""))
    places = [(s, i) for s, stage in enumerate(build.stages) for i in range(len(stage.lines))]
    if kind == "given":
        names = sorted(
            {one.name for one in build.outer} | {o.name for s in build.stages for o in s.lines if o.word == "ARG"}
        )
        if not names:
            return None
        name = dice.choice(names)
        return Trial(kind, build, replace(build, args={name: fresh}), ("arg", name))
    stage, at = dice.choice(places)
    line = build.stages[stage].lines[at]
    lines = list(build.stages[stage].lines)
    if kind == "insert":
        new = Line("RUN", words=f"make {fresh}")
        lines.insert(at, new)
        cause = ("instruction", new.text)
    elif kind == "take out":
        if line.word != "RUN" or len(lines) < 2:
            return None
        del lines[at]
        cause = ("instruction", line.text)
    elif kind == "flag":
        if line.word != "COPY":
            return None
        lines[at] = replace(line, flag="--chown=1:1 ")
        cause = ("instruction", lines[at].text)
    else:
        if line.word == "ARG" and not line.words:
            return None
        lines[at] = replace(line, words=line.words.replace("v", "w"))
        cause = (
            line.word.lower() if line.word in ("ARG", "ENV") else "instruction",
            line.name if line.word in ("ARG", "ENV") else lines[at].text,
        )
    stages = list(build.stages)
    stages[stage] = replace(stages[stage], lines=tuple(lines))
    return Trial(
        kind, build, replace(build, stages=tuple(stages)), (cause[0], " ".join(cause[1].replace("\\\n", "").split()))
    )


@dataclass
class _Node:
    index: int
    counts: object  # all of its own that its builder compares
    parents: tuple[int, ...]


def _nodes(build: Build, builder: str) -> dict[str, _Node]:
    """What has a step, by a name that an edit of other lines does not change; needed stages only."""
    values = {one.name: build.args.get(one.name, one.words) for one in build.outer}
    found: dict[str, _Node] = {}
    last: list[int | None] = []
    scopes: list[dict[str, object]] = []
    needed = _needed(build) if builder == "buildkit" else set(range(len(build.stages)))
    for number, stage in enumerate(build.stages):
        index = build.place(number, -1)
        if isinstance(stage.base, int):
            scope = dict(scopes[stage.base])
            if builder == "classic":
                scope["args"] = {}
            before: int | None = last[stage.base]
        else:
            scope = {"env": {}, "args": {}, "user": "", "folder": "?"}
            found[f"{number} FROM"] = _Node(index, build.bases[stage.base], ())
            before = index
        for at, line in enumerate(stage.lines):
            node = _node(line, build, builder, scope, values)
            if node is None:
                continue
            index = build.place(number, at)
            others = _known(last[line.stage]) if line.stage is not None else ()
            if number in needed:
                same = sum(_own(other) == _own(line) for other in stage.lines[:at])  # a bare ARG may stand twice
                found[f"{number} {_own(line)} {same}"] = _Node(index, node, (*_known(before), *others))
            before = index
        if number not in needed:
            found.pop(f"{number} FROM", None)
        last.append(before)
        scopes.append(scope)
    return found


def _known(index: int | None) -> tuple[int, ...]:
    return () if index is None else (index,)


def _own(line: Line) -> str:
    return line.text.replace("w", "v").replace("--choVn", "").replace("--chovn=1:1 ", "")


def _needed(build: Build) -> set[int]:
    def walk(number: int) -> Iterator[int]:
        yield number
        stage = build.stages[number]
        takes = [line.stage for line in stage.lines if line.stage is not None]
        for other in (*takes, *((stage.base,) if isinstance(stage.base, int) else ())):
            yield from walk(other)

    return set(walk(len(build.stages) - 1))


def _node(line: Line, build: Build, builder: str, scope: dict[str, object], values: dict[str, str]) -> object | None:
    """All that counts for a line, and what it changes in the scope; None if it has no step."""
    env, args = dict(scope["env"]), dict(scope["args"])  # type: ignore[call-overload]
    seen = {**args, **env}
    text = re.sub(r"\$\{(\w+)\}", lambda m: seen.get(m[1], ""), line.words)
    before = scope["folder"]
    if line.word in ("ENV", "ARG"):
        mine, other = (env, args) if line.word == "ENV" else (args, env)
        value: str | None = text
        if line.word == "ARG":
            value = build.args.get(line.name, text or values.get(line.name))
        if value is not None:
            mine[line.name] = value
            if builder == "buildkit":
                other.pop(line.name, None)
        scope["env"], scope["args"] = env, args
        return None if builder == "buildkit" else (line.name, text)
    if line.word == "USER":
        scope["user"] = text
    if line.word == "WORKDIR":
        scope["folder"] = posixpath.join(str(before), text)
    if line.word in ("LABEL", "USER"):
        return None if builder == "buildkit" else (line.name, text)
    if line.word == "WORKDIR":
        return (scope["folder"], scope["user"] if builder == "buildkit" else "")
    if line.word == "RUN":
        if builder == "buildkit":
            return (line.words, seen, scope["user"])
        return (line.words, {name: value for name, value in args.items() if name not in env})
    target = posixpath.join(str(before), text) if builder == "buildkit" else text
    return (line.flag, line.name, target, _files(line, build, builder))


def _files(line: Line, build: Build, builder: str) -> object:
    if line.stage is not None:
        return ()
    source = line.name
    found = []
    for path, file in build.files.items():
        folder, _, name = path.rpartition("/")
        if (
            source in (".", path)
            or (source == "src" and folder == "src")
            or (source == "src/*" and folder == "src")
            or (source == "conf/*.cfg" and folder == "conf" and name.endswith(".cfg"))
        ):
            mode = file.mode if file.kind == "file" else 0
            found.append((path, file.text, mode))
    return sorted(found)


def first_misses(one: Trial, builder: str) -> set[int]:
    """Indexes of the steps that run for a reason of their own: what they stand on does not run, and they are others."""
    old, new = _nodes(one.before, builder), _nodes(one.after, builder)
    by_index = {node.index: name for name, node in old.items()}
    names = {node.index: name for name, node in new.items()}
    other: set[int] = set()
    for name, node in new.items():
        there = old.get(name)
        stands = [names[index] for index in node.parents]
        stood = [by_index[index] for index in there.parents] if there is not None else []
        if there is None or there.counts != node.counts or stands != stood:
            other.add(node.index)
    ran: set[int] = set()
    found: set[int] = set()
    for node in sorted(new.values(), key=lambda node: node.index):
        below = ran.intersection(node.parents)
        if node.index in other and not below:
            found.add(node.index)
        if node.index in other or below:
            ran.add(node.index)
    return found
