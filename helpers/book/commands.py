"""The commands so far: every docker command that the chapters have learners type, on one page to print.

`python -m helpers.book.commands` writes notebooks/commands.md anew; a test tells when that is due.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PAGE = NOTEBOOKS / "commands.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)
_GROUPS = ("buildx", "image", "network", "system")  # whose second word is the command

# What each does, in the order of the page. `docker COMMAND --help` says more, and docs.docker.com/reference/cli all.
COMMANDS = {
    "run": "makes a container from an image and starts it",
    "ps": "lists running containers",
    "logs": "shows what a container's first process wrote",
    "exec": "runs one more command in a running container",
    "inspect": "shows everything the engine knows about one object",
    "port": "shows where the ports of a container are published",
    "top": "shows a container's processes, with their numbers on the engine's machine",
    "stats": "shows how much containers are using now",
    "diff": "lists what a container has changed in its files",
    "cp": "copies files out of a container, or into one",
    "update": "changes the limits of a container while it runs",
    "start": "starts a container that has ended, with its files as they are",
    "stop": "asks the first process to end, waits, then kills it",
    "rm": "removes a container, its files and its log",
    "build": "makes an image from a Dockerfile and a folder",
    "image ls": "lists the images",
    "image inspect": "shows everything the engine knows about an image",
    "history": "lists the instructions that made an image, with the size of each layer",
    "tag": "gives an image one more name",
    "rmi": "removes a name from an image; with its last name the image goes, too",
    "save": "writes an image to a file",
    "load": "reads an image from such a file",
    "pull": "fetches an image from a registry",
    "network create": "makes a network",
    "network ls": "lists the networks",
    "network inspect": "shows everything about a network, and who is on it",
    "network connect": "connects a container to one more network",
    "network disconnect": "takes a container off a network",
    "network rm": "removes a network",
    "system df": "shows how much disk images, containers, volumes and the build cache take",
    "buildx du": "lists the build cache",
}
OPTIONS = {
    "--all": "includes those that have ended",
    "--cap-drop": "capabilities to take away from it; ALL: every one",
    "--detach": "in the background",
    "--entrypoint": "another program than the image's own entry point",
    "--env": "a setting for the program",
    "--filter": "only those of which this is true, such as name=WORD",
    "--follow": "keeps going until the container ends",
    "--force": "even if it is running",
    "--format": "only this, written as a template",
    "--init": "a tiny first process that passes signals on",
    "--input": "the file to read",
    "--internal": "nothing leads out of it",
    "--memory": "the most memory it may use",
    "--memory-swap": "the most memory and swap together",
    "--name": "what the container is called",
    "--network": "the network it is on",
    "--no-stream": "only once, not over and over",
    "--no-trunc": "whole lines, nothing cut",
    "--output": "the file to write",
    "--pid": "a process namespace other than its own",
    "--pids-limit": "the most processes it may have",
    "--publish": "makes a port inside reachable: address, port outside, port inside",
    "--rm": "removes the container when it ends",
    "--tag": "what the image is called",
    "-it": "with your keyboard (-i) and a terminal (-t): for a shell",
    "-t": "seconds to wait before killing it",
    "--user": "the user its process runs as",
}


@dataclass(frozen=True)
class Typed:
    """One command as a chapter has it typed. chapter: its file. heading: the one above it."""

    line: str
    chapter: str
    heading: str

    @property
    def words(self) -> list[str]:
        """Its words, without the first, which is docker."""
        return shlex.split(self.line)[1:]

    @property
    def command(self) -> str:
        """Such as "run" or "network create"."""
        return " ".join(self.words[: 2 if self.words[0] in _GROUPS else 1])

    @property
    def options(self) -> list[str]:
        """Those of the docker command: what comes after an image or a container belongs to the program inside."""
        found = []
        rest = iter(self.words[len(self.command.split()) :])
        for word in rest:
            if not word.startswith("-"):
                break
            found.append(word.partition("=")[0])
            if word not in _ALONE and "=" not in word:
                next(rest, None)
        return found


_ALONE = {
    "--all",
    "--detach",
    "--follow",
    "--force",
    "--init",
    "--internal",
    "--no-stream",
    "--no-trunc",
    "--rm",
    "-it",
}


def typed(folder: Path = NOTEBOOKS) -> Iterator[Typed]:
    """Every docker command of the chapters, in their order: of fenced blocks, and of cells that begin with !docker."""
    for path in sorted(folder.glob("[0-9][0-9]-*.ipynb")):
        heading = ""
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code":
                lines = [line[1:] for line in source.splitlines() if line.startswith("!docker ") and ";" not in line]
                yield from (Typed(line, path.name, heading) for line in lines)
                continue
            at = 0
            for block in _BLOCK.finditer(source):
                heading = ([heading, *_HEADING.findall(source[at : block.start()])])[-1]
                at = block.end()
                yield from (
                    Typed(line, path.name, heading) for line in block[1].splitlines() if line.startswith("docker ")
                )
            heading = ([heading, *_HEADING.findall(source[at:])])[-1]


def page(found: Sequence[Typed]) -> str:
    """The page, as Markdown. Raises: KeyError for a command or an option that has no words here."""
    first: dict[str, Typed] = {}
    options: dict[str, dict[str, Typed]] = {}
    for one in found:
        first.setdefault(one.command, one)
        for option in one.options:
            options.setdefault(option, {}).setdefault(one.command, one)
    unknown = sorted((first.keys() - COMMANDS.keys()) | (options.keys() - OPTIONS.keys()))
    if unknown:
        raise KeyError(", ".join(unknown))
    rows = [
        f"| `docker {command}` | {words} | {_place(first[command])} |"
        for command, words in COMMANDS.items()
        if command in first
    ]
    more = [
        f"| `{option}` | {OPTIONS[option]} | {', '.join(f'`{command}`' for command in options[option])} | "
        f"{_place(next(iter(options[option].values())))} |"
        for option in sorted(options, key=lambda option: option.lstrip("-"))
    ]
    lines = [
        "# The commands so far",
        "",
        "Every `docker` command that you type in the chapters, to look up or to print. The last column says where it "
        "first comes up. `docker run --help` lists all of its options; the same works for any other command.",
        "",
        "| command | what it does | first in |",
        "|---|---|---|",
        *rows,
        "",
        "## Their options",
        "",
        "| option | what it says | of | first in |",
        "|---|---|---|---|",
        *more,
        "",
    ]
    return "\n".join(lines)


def _place(one: Typed) -> str:
    return f"[{one.chapter[:2]}, {one.heading}]({one.chapter})"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(list(typed())), encoding="utf-8")


if __name__ == "__main__":
    main()
