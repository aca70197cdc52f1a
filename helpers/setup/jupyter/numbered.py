"""The word `docker` where several learners use one engine: a name in the text leads to the learner's own.

Names end with the learner's number there (`helpers.engine.ownership.labels`). So a small program called `docker` stands
first in the PATH of terminals and notebooks: it puts the number to each word that begins with the course's prefix, says
so once in each shell, and hands everything to the learner's docker. Where one learner works, it hands it on as it is.
Not on Windows, where an engine is one person's.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from helpers import store
from helpers.engine.ownership import labels

FOLDER = "bin"  # in the state folder
NAMED = "COURSE_BIN"  # what names it to the shells, whose own settings may put other folders first
_NAME = re.compile(rf"(?<![\w./-]){labels.PREFIX}[a-z0-9]+(?:-[a-z0-9]+)*(?![\w-]|\.\w)")  # hs-web.tar is a file
_UNNAMED = re.compile(r"(bridge|host|none|default|container:.*)?")  # networks that know no names
_TOLD = "told-numbers.json"
_SCRIPT = """#!/bin/sh
# Containers, Unpacked: see helpers/setup/jupyter/numbered.py. Remove it if you like.
rest=
IFS=:
for one in $PATH; do [ "$one" = {folder} ] || rest=$rest${{rest:+:}}$one; done
unset IFS
PATH=$rest
case "${{COURSE_SHARED-}}" in
0) others=false ;;
1) others=true ;;
*) others=$(cat {found} 2>/dev/null) ;;
esac
[ "$others" = true ] && exec {python} -m {module} "$@"
exec docker "$@"
"""


def put(say: Callable[[str], None]) -> Path | None:
    """Writes that program; returns its folder, for PATH. None on Windows, and if it can't be written, which is said."""
    if os.name == "nt":
        return None
    try:
        folder = store.state() / FOLDER
        folder.mkdir(exist_ok=True)
        words = {"folder": folder, "found": labels.found_file(), "python": sys.executable, "module": __spec__.name}
        script = folder / "docker"
        fresh = folder / f".docker-{os.getpid()}"
        fresh.write_text(_SCRIPT.format(**{key: shlex.quote(str(word)) for key, word in words.items()}))
        fresh.chmod(0o755)
        fresh.replace(script)
    except OSError as error:
        say(f"Where several learners use one engine, type names with their number: {error}.")
        return None
    return folder


def translated(words: Sequence[str]) -> list[str]:
    """The words of a docker command with the number at each of the course's names, but for files of such a name.

    What is started on a network under such a name is known there by the name without the number, too.
    """
    found = [word if os.path.lexists(word) else _NAME.sub(lambda name: _numbered(name[0]), word) for word in words]
    verb = next((place for place, word in enumerate(words) if word in ("run", "create")), None)
    plain = words[verb - 1] if verb else ""
    if verb is not None and plain in ("", "container"):
        name, network = _option(words, "--name"), _option(words, "--network") or _option(words, "--net")
        if _NAME.fullmatch(name) and not _UNNAMED.fullmatch(network):
            found[verb + 1 : verb + 1] = ["--network-alias", name]
    if list(words[:2]) == ["network", "connect"] and _NAME.fullmatch(words[-1]):
        found[2:2] = ["--alias", words[-1]]
    return found


def _numbered(name: str) -> str:
    return name if name.endswith(f"-{store.learner()}") else f"{name}-{store.learner()}"


def _option(words: Sequence[str], option: str) -> str:
    """The value of an option, in one word or two; "" if it is not there."""
    for place, word in enumerate(words):
        if word == option:
            return words[place + 1] if place + 1 < len(words) else ""
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return ""


def main(words: Sequence[str]) -> None:
    """Runs docker with these words, in the place of this process."""
    new = translated(words)
    changed = next((one for one in words if _NAME.search(one) and not os.path.lexists(one)), "")
    if changed and store.read(_TOLD, 0) != os.getppid():
        name = str(_NAME.search(changed)[0])  # type: ignore[index]
        told = f"Others use this engine, too: {name} is called {_numbered(name)} on it. You can keep typing {name}."
        sys.stderr.write(f"{told}\n")
        store.write(_TOLD, os.getppid())
    os.execvp("docker", ["docker", *new])  # noqa: S606 - the learner's own


if __name__ == "__main__":
    main(sys.argv[1:])
