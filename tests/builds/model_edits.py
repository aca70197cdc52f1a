"""The table of edits: a Dockerfile of three stages, its files, one edit each, and what has to run again, and why.

What runs was measured on Docker 20.10, 26 and 28 (both image stores), classic and BuildKit alike unless said. Pure: the
files are text here; a test may write them to a folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from helpers.builds.model.graph import Graph, graph
from helpers.builds.model.snapshot import Entry
from helpers.engine.build.model.ignore import Ignore

BASE = "localhost/course/busybox:1"
NAMES = ("F1", "W", "Cr", "Rr", "F2", "At", "Cs", "Rt", "F3", "L", "E", "Cf", "C*", "C.", "Av", "An", "Rb", "Rl", "CMD")
DOCKERFILE = f"""\
FROM {BASE} AS deps
WORKDIR /app
COPY req.txt .
RUN cp req.txt installed.txt
FROM {BASE} AS assets
ARG THEME=light
COPY static /static
RUN echo "$THEME" >> /static/theme
FROM deps AS final
LABEL made.by=course
ENV MODE=plain
COPY --from=assets /static /static
COPY conf/*.cfg conf/
COPY . .
ARG VERSION=1
ARG NOISE=1
RUN echo "$VERSION" > version.txt
RUN echo last > last.txt
CMD ["cat", "version.txt"]
"""
DEPS, ASSETS = ("Cr", "Rr"), ("Cs", "Rt")
FINAL = ("L", "E", "Cf", "C*", "C.", "Av", "An", "Rb", "Rl", "CMD")  # all of the last stage but its FROM
STEPS = ("Cf", "C*", "C.", "Rb", "Rl")  # of these, what BuildKit has steps for
KEY = b"a learner's own"


@dataclass(frozen=True)
class File:
    """text: what is in it; of a link where it leads, of a folder "". time: seconds."""

    text: str = ""
    mode: int = 0o644
    time: int = 1000
    kind: str = "file"

    @property
    def entry(self) -> Entry:
        data = self.text.encode()
        return Entry(
            kind=self.kind,
            mode=self.mode,
            size=len(data) if self.kind == "file" else 0,
            mtime=self.time * 10**9,
            sum=hashlib.sha256(data).hexdigest() if self.kind == "file" else self.text,
        )


FILES: Mapping[str, File] = {
    ".dockerignore": File("Dockerfile\n.dockerignore\n*.log\n"),
    "Dockerfile": File(DOCKERFILE),
    "req.txt": File("flask==3\n"),
    "app.py": File("print('shop')\n"),
    "run.sh": File("#!/bin/sh\n", 0o755),
    "latest": File("app.py", 0o777, kind="link"),
    "conf": File(mode=0o755, kind="dir"),
    "conf/one.cfg": File("[one]\n"),
    "conf/two.cfg": File("[two]\n"),
    "static": File(mode=0o755, kind="dir"),
    "static/style.css": File("body {}\n"),
    "sub": File(mode=0o755, kind="dir"),
    "sub/mod.py": File("x = 1\n"),
    "old.log": File("gone\n"),
}


@dataclass(frozen=True)
class State:
    """All that a build is given."""

    text: str = DOCKERFILE
    files: Mapping[str, File] = field(default_factory=lambda: FILES)
    args: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    platform: str = "linux/amd64"
    base: str = "image one"
    nocache: bool = False

    def graph(self, builder: str) -> Graph:
        return graph(self.text, args=self.args, target=self.target, builder=builder)

    @property
    def snapshot(self) -> dict[str, Entry]:
        """What is sent: without what .dockerignore keeps out."""
        lines = self.files[".dockerignore"].text.splitlines() if ".dockerignore" in self.files else []
        ignore = Ignore(lines)
        return {path: file.entry for path, file in sorted(self.files.items()) if not ignore.leaves_out(path)}

    def edited(self, old: str, new: str) -> State:
        """With other words in the Dockerfile, on the disk as well."""
        assert old in self.text, old
        text = self.text.replace(old, new)
        files = dict(self.files)
        if "Dockerfile" in files:
            files["Dockerfile"] = File(text, time=2000)
        return replace(self, text=text, files=files)

    def having(self, **files: File | None) -> State:
        """With files by path; None takes one away."""
        found = {**self.files, **{path: file for path, file in files.items() if file is not None}}
        for path, file in files.items():
            if file is None:
                del found[path]
        return replace(self, files=found)


@dataclass(frozen=True)
class Ran:
    """What ran. first: the steps with a cause of their own and the cause: kind, name, change. fell: those with them."""

    first: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    fell: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edit:
    """One edit. then: before it, if that is not the plain state."""

    name: str
    change: Callable[[State], State]
    classic: Ran
    buildkit: Ran
    then: State = State()


NOTHING = Ran()


def _write(path: str, text: str, time: int = 2000) -> Callable[[State], State]:
    return lambda s: s.having(**{path: replace(s.files.get(path, File()), text=text, time=time)})


def _text(old: str, new: str) -> Callable[[State], State]:
    return lambda s: s.edited(old, new)


def _args(**args: str) -> Callable[[State], State]:
    return lambda s: replace(s, args={**s.args, **args})


def _mode(path: str, mode: int) -> Callable[[State], State]:
    return lambda s: s.having(**{path: replace(s.files[path], mode=mode)})


def after(first: str, classic: bool) -> tuple[str, ...]:
    """The steps below one in the last stage."""
    row = FINAL if classic else STEPS
    return row[row.index(first) + 1 :]


def both(name: str, change: Callable[[State], State], step: str, *cause: str, then: State = State()) -> Edit:
    """Of an edit that makes one step of the last stage run, and all below it, with either builder."""
    kind, named, what = (*cause, "", "")[:3]
    found = {step: (kind, named, what)}
    return Edit(name, change, Ran(found, after(step, True)), Ran(found, after(step, False)), then)


def nothing(name: str, change: Callable[[State], State], then: State = State()) -> Edit:
    return Edit(name, change, NOTHING, NOTHING, then)


def _swapped(time: bool) -> Callable[[State], State]:
    def change(s: State) -> State:
        one, two = s.files["conf/one.cfg"], s.files["conf/two.cfg"]
        bump = 1 if time else 0
        return s.having(
            **{"conf/one.cfg": replace(two, time=two.time + bump), "conf/two.cfg": replace(one, time=one.time + bump)}
        )

    return change


def _renamed(old: str, new: str) -> Callable[[State], State]:
    return lambda s: s.having(**{old: None, new: s.files[old]})


SEEN = State().having(**{".dockerignore": File("*.log\n")})  # the Dockerfile is in the context
RB = 'RUN echo "$VERSION" > version.txt'
TABLE = (
    nothing("nothing", lambda s: s),
    nothing("file edited back", lambda s: s),
    nothing("stage renamed", lambda s: s.edited("AS deps", "AS wheels").edited("FROM deps", "FROM wheels")),
    nothing("touch a file", _write("app.py", FILES["app.py"].text)),
    nothing("touch a directory", lambda s: s.having(sub=replace(s.files["sub"], time=2000))),
    both("chmod of a file", _mode("app.py", 0o755), "C.", "file", "app.py", "mode"),
    Edit("chmod of a file that the tar has one mode for", _mode("app.py", 0o600), NOTHING,
         Ran({"C.": ("file", "app.py", "mode")}, after("C.", False))),
    nothing("chmod of a directory", _mode("sub", 0o700)),
    both("edit content", _write("app.py", "print('harbour')\n"), "C.", "file", "app.py", "content"),
    Edit("other content, same size and time", _write("app.py", "print('ship')\n", 1000),
         Ran({"C.": ("file", "app.py", "content")}, after("C.", True)), Ran(stale=("C.",))),
    Edit("two files swapped", _swapped(False),
         Ran({"C*": ("file", "conf/one.cfg", "content")}, after("C*", True)), Ran(stale=("C*", "C."))),
    both("two files swapped, then touched", _swapped(True), "C*", "file", "conf/one.cfg", "content"),
    Edit("edit req.txt", _write("req.txt", "flask==3.1\n"),
         Ran({"Cr": ("file", "req.txt", "content")}, ("Rr", "F3", *FINAL)),
         Ran({"Cr": ("file", "req.txt", "content")}, ("Rr", *STEPS))),
    Edit("edit static", _write("static/style.css", "body { color: red }\n"),
         Ran({"Cs": ("file", "static/style.css", "content")}, ("Rt", *after("E", True))),
         Ran({"Cs": ("file", "static/style.css", "content")}, ("Rt", *STEPS))),
    both("rename below COPY . .", _renamed("sub/mod.py", "sub/new.py"), "C.", "file", "sub/new.py", "added"),
    both("rename below COPY conf/*.cfg", _renamed("conf/one.cfg", "conf/uno.cfg"),
         "C*", "file", "conf/uno.cfg", "added"),
    nothing("add an ignored file", _write("new.log", "x")),
    nothing(".dockerignore rule that matches nothing", _write(".dockerignore", FILES[".dockerignore"].text + "none\n")),
    both(".dockerignore ignores a copied file", _write(".dockerignore", FILES[".dockerignore"].text + "sub/*.py\n"),
         "C.", "file", "sub/mod.py", "removed"),
    both("add a file", _write("new.py", "y = 2\n"), "C.", "file", "new.py", "added"),
    both("delete a file", lambda s: s.having(**{"sub/mod.py": None}), "C.", "file", "sub/mod.py", "removed"),
    both("add an empty directory", lambda s: s.having(empty=File(mode=0o755, kind="dir")),
         "C.", "file", "empty", "added"),
    both("symlink target", lambda s: s.having(latest=replace(s.files["latest"], text="run.sh")),
         "C.", "file", "latest", "content"),
    nothing("comment in the Dockerfile", _text("COPY . .", "# all of it\nCOPY . .")),
    nothing("blank lines in the Dockerfile", _text("COPY . .", "\n\nCOPY . .")),
    nothing("blanks after the instruction's word",
            lambda s: s.edited("COPY . .", "COPY   . .").edited(RB, f"RUN  {RB[4:]}")),
    nothing("small letters", _text("RUN ", "run ")),
    both("comment, with the Dockerfile in the context", _text("COPY . .", "# all of it\nCOPY . ."),
         "C.", "file", "Dockerfile", "content", then=SEEN),
    both("blanks inside a RUN", _text("echo last", "echo  last"), "Rl", "instruction", "RUN echo  last > last.txt"),
    both("RUN split by a backslash", _text("echo last", "echo \\\n  last"),
         "Rl", "instruction", "RUN echo last > last.txt"),
    Edit("COPY with a target that means the same", _text("COPY . .", "COPY . /app/"),
         Ran({"C.": ("instruction", "COPY . /app/", "")}, after("C.", True)), NOTHING),
    both("--build-arg of an ARG that is used", _args(VERSION="2"), "Rb", "arg", "VERSION"),
    both("--build-arg of an ARG that nothing uses", _args(NOISE="2"), "Rb", "arg", "NOISE"),
    nothing("--build-arg equal to the default", _args(VERSION="1")),
    nothing("ARG before FROM", lambda s: s.edited(f"FROM {BASE} AS deps", f"ARG GLOBAL=1\nFROM {BASE} AS deps")),
    nothing("--build-arg of an ARG that nobody declared", _args(NOBODY="1")),
    Edit("ARG default", _text("VERSION=1", "VERSION=2"), Ran({"Av": ("arg", "VERSION", "")}, after("Av", True)),
         Ran({"Rb": ("arg", "VERSION", "")}, after("Rb", False))),
    Edit("--build-arg HTTP_PROXY", _args(HTTP_PROXY="http://127.0.0.1:9"),
         Ran({"Rr": ("arg", "HTTP_PROXY", "added")}, ("F3", *FINAL)), NOTHING),
    Edit("ENV", _text("MODE=plain", "MODE=fast"), Ran({"E": ("env", "MODE", "")}, after("E", True)),
         Ran({"Rb": ("env", "MODE", "")}, after("Rb", False))),
    Edit("LABEL", _text("made.by=course", "made.by=you"),
         Ran({"L": ("instruction", "LABEL made.by=you", "")}, after("L", True)), NOTHING),
    Edit("CMD", _text('"cat"', '"head"'), Ran({"CMD": ("instruction", 'CMD ["head", "version.txt"]', "")}), NOTHING),
    both("COPY gets --chown", _text("COPY . .", "COPY --chown=0:0 . ."), "C.", "instruction", "COPY --chown=0:0 . ."),
    both("two COPYs swapped", lambda s: s.edited("COPY conf/*.cfg conf/\nCOPY . .", "COPY . .\nCOPY conf/*.cfg conf/"),
         "C*", "instruction", "COPY . ."),
    Edit("an earlier RUN, same result", _text("RUN cp req", "RUN cp -f req"),
         Ran({"Rr": ("instruction", "RUN cp -f req.txt installed.txt", "")}, ("F3", *FINAL)),
         Ran({"Rr": ("instruction", "RUN cp -f req.txt installed.txt", "")}, STEPS)),
    Edit("a RUN of another stage", _text('echo "$THEME"', 'echo "$THEME!"'),
         Ran({"Rt": ("instruction", 'RUN echo "$THEME!" >> /static/theme', "")}, after("E", True)),
         Ran({"Rt": ("instruction", 'RUN echo "$THEME!" >> /static/theme', "")}, STEPS)),
    Edit("--build-arg of another stage", _args(THEME="dark"),
         Ran({"Rt": ("arg", "THEME", "")}, after("E", True)), Ran({"Rt": ("arg", "THEME", "")}, STEPS)),
    nothing("--target of a stage that was built", lambda s: replace(s, target="assets")),
    Edit("base image moved", lambda s: replace(s, base="image two"),
         Ran(dict.fromkeys(("F1", "F2"), ("base", BASE, "")), ("W", *DEPS, "At", *ASSETS, "F3", *FINAL)),
         Ran(dict.fromkeys(("F1", "F2"), ("base", BASE, "")), ("W", *DEPS, *ASSETS, *STEPS))),
    Edit("another platform", lambda s: replace(s, platform="linux/arm64"),
         Ran(dict.fromkeys(("F1", "F2"), ("platform", "", "")), ("W", *DEPS, "At", *ASSETS, "F3", *FINAL)),
         Ran(dict.fromkeys(("F1", "F2"), ("platform", "", "")), ("W", *DEPS, *ASSETS, *STEPS))),
    Edit("--no-cache", lambda s: replace(s, nocache=True),
         Ran(dict.fromkeys(("W", "At"), ("no-cache", "", "")), (*DEPS, *ASSETS, "F3", *FINAL)),
         Ran(dict.fromkeys(("Cr", "Cs"), ("no-cache", "", "")), ("Rr", "Rt", *STEPS))),
    Edit("a step added", _text("RUN echo last", "RUN echo more\nRUN echo last"),
         Ran({"new": ("instruction", "RUN echo more", "added")}, ("Rl", "CMD")),
         Ran({"new": ("instruction", "RUN echo more", "added")}, ("Rl",))),
    Edit("a step taken out", _text(RB + "\n", ""), Ran({"Rl": ("instruction", RB, "removed")}, ("CMD",)),
         Ran({"Rl": ("instruction", RB, "removed")})),
    Edit("an ENV added", _text("MODE=plain", "MODE=plain COLOUR=red"),
         Ran({"E": ("env", "COLOUR", "added")}, after("E", True)), Ran({"Rb": ("env", "COLOUR", "added")}, ("Rl",))),
    Edit("WORKDIR", _text("WORKDIR /app", "WORKDIR /srv"),
         Ran({"W": ("instruction", "WORKDIR /srv", "")}, (*DEPS, "F3", *FINAL)),
         Ran({"W": ("instruction", "WORKDIR /srv", "")}, (*DEPS, *STEPS))),
)  # fmt: skip
