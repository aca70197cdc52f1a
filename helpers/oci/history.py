"""An image's history, as its Dockerfile read: each step's words without what builders wrote around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHELL = "/bin/sh -c"
_NOP = "#(nop)"  # the classic builder's mark of a step that ran nothing; it stands behind the shell
_LONG = re.compile(r"\b(file|dir|multi):([0-9a-f]{12})[0-9a-f]{52}\b")
_WORD = re.compile(r'"((?:[^"\\]|\\.?)*)("|$)', re.DOTALL)  # a word without end is one, or it would be looked for anew
_PORTS = re.compile(r"map\[([^\]]*)\]")
_FIRST = re.compile(
    r"(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|"
    r"STOPSIGNAL|USER|VOLUME|WORKDIR)\b"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of the history. command: as in the Dockerfile. created: as the image says. empty: it made no layer."""

    command: str
    created: str = ""
    empty: bool = False


def steps(history: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps of an image's config, the first one first."""
    shell, found = SHELL, []
    for row in history:
        written = str(row.get("created_by") or "")
        said = command(written, shell=shell) or str(row.get("comment") or "")
        if said.startswith("SHELL ["):
            shell = said[len("SHELL [") :].rstrip("]").replace('", "', " ").strip('"')
        found.append(Step(command=said, created=str(row.get("created") or ""), empty=bool(row.get("empty_layer"))))
    return tuple(found)


def fitting(found: Sequence[Step], layers: int) -> tuple[Step, ...]:
    """The steps with as many that made a layer as there are layers; a history is not required to be right, or there.

    Steps beyond the layers count as empty; layers beyond the steps get a step without words.
    """
    made, fitted = 0, []
    for step in found:
        empty = step.empty or made == layers
        made += not empty
        fitted.append(Step(command=step.command, created=step.created, empty=empty))
    return (*fitted, *(Step(command="") for _ in range(layers - made)))


def command(written: str, *, shell: str = SHELL) -> str:
    """One step's words, as the Dockerfile had them, as far as the history tells.

    written: `created_by` of the history. shell: what RUN was run with.
    """
    text = written.rstrip().removesuffix("# buildkit").strip()
    before, marked, after = text.partition(f" {_NOP}")
    if marked and (before in (shell, SHELL) or after.lstrip().startswith("SHELL [")):  # which has the new shell there
        return _instruction(after.strip())
    run = text.removeprefix("RUN ")
    bare = _without_arguments(run, shell)
    for prefix in (shell, SHELL):
        if bare.startswith(prefix + " "):
            return f"RUN {bare[len(prefix) :].strip()}"
    if run != text or bare != run:
        return f"RUN {bare}"
    return _instruction(text)


def _without_arguments(text: str, shell: str) -> str:
    """`|2 A=1 B=two words /bin/sh -c make` without the build arguments in front."""
    counted = re.match(r"\|(\d{1,9}) ", text)
    if not counted:
        return text
    rest = text[counted.end() :]
    for prefix in (shell, SHELL):
        at = f" {rest}".find(f" {prefix} ")
        if at >= 0:
            return rest[at:]
    return " ".join(rest.split(" ")[int(counted.group(1)) :])


def _instruction(text: str) -> str:
    text = _LONG.sub(r"\1:\2", text)
    first = _FIRST.match(text)
    if not first:
        return text
    name, rest = first.group(1), text[first.end() :].strip()
    if name == "EXPOSE":
        ports = _PORTS.match(rest)
        if ports:
            rest = " ".join(word.removesuffix(":{}") for word in ports.group(1).split())
        elif rest.startswith("["):  # BuildKit of 2025 and later
            rest = " ".join(rest.strip("[]").split())
    elif name in {"CMD", "ENTRYPOINT", "SHELL"} and rest.startswith("["):
        words = _words(rest)
        if words[:2] == ["/bin/sh", "-c"] and len(words) == 3 and name != "SHELL":
            rest = words[2].replace('\\"', '"')
        elif words:
            rest = "[" + ", ".join(f'"{word}"' for word in words) + "]"
        elif name == "SHELL":
            rest = "[" + ", ".join(f'"{word}"' for word in rest.strip("[]").split()) + "]"
    elif name == "HEALTHCHECK":
        words = _words(rest.partition("]")[0])
        if words[:1] in (["CMD"], ["CMD-SHELL"], ["NONE"]):
            rest = " ".join(["NONE" if words[0] == "NONE" else "CMD", *words[1:]])
    return f"{name} {rest}".strip()


def _words(text: str) -> list[str]:
    """The words in double quotes."""
    return [word for word, end in _WORD.findall(text) if end]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """One step of an image's history. size: in bytes, 0 for one that set only settings. empty: it made no layer."""

    made_by: str
    size: int
    created: str = ""

    @property
    def instruction(self) -> str:
        """As one would write it in a Dockerfile, as far as the engine's record tells."""
        text = self.made_by.removesuffix("# buildkit").strip()
        text = text.removeprefix("/bin/sh -c #(nop) ").strip()
        if text.startswith("/bin/sh -c "):
            text = f"RUN {text}"
        text = text.replace("RUN /bin/sh -c ", "RUN ", 1)
        return " ".join(text.split())
