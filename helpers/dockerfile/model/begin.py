"""What an image says about the containers made from it: which process, where, as whom, and how it is to be stopped."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHELL = ("/bin/sh", "-c")
EXEC_FORM, SHELL_FORM = "exec", "shell"
EVERY = 30.0  # seconds between two health checks, unless the image names others
STOP = "SIGTERM"  # what `docker stop` sends unless the image names another signal


@dataclass(frozen=True, kw_only=True)
class Begin:
    """How a container of an image begins and is stopped.

    entrypoint, command: their words, as the engine keeps them. user, folder, stop_signal: "" if none is named, which
    means root, / and SIGTERM. health: the words of the health check, ("CMD-SHELL", "wget …"); () if it has none.
    entrypoint_form, command_form: "exec", "shell", or "" if there is none. health_every: seconds between two checks.
    """

    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: str = ""
    folder: str = ""
    stop_signal: str = ""
    health: tuple[str, ...] = ()
    entrypoint_form: str = ""
    command_form: str = ""
    health_every: float = EVERY

    @classmethod
    def facts(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        """Its fields, from the `Config` of `docker image inspect`."""
        entrypoint, command = _words(config.get("Entrypoint")), _words(config.get("Cmd"))
        shell = _words(config.get("Shell")) or SHELL
        check = config.get("Healthcheck") or {}
        health = _words(check.get("Test"))
        return {
            "entrypoint": entrypoint,
            "command": command,
            "user": str(config.get("User") or ""),
            "folder": str(config.get("WorkingDir") or ""),
            "stop_signal": str(config.get("StopSignal") or ""),
            "health": () if health[:1] == ("NONE",) else health,
            "entrypoint_form": form(entrypoint, shell),
            "command_form": form(command, shell),
            "health_every": int(check.get("Interval") or 0) / 1e9 or EVERY,
        }

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Begin:
        """From the `Config` of `docker image inspect`."""
        return Begin(**cls.facts(config))

    @property
    def words(self) -> tuple[str, ...]:
        """All that a container runs if it is given no command: the arguments behind the entry point."""
        return (*self.entrypoint, *self.command)

    @property
    def process(self) -> str:
        """The same as a line that a shell would take."""
        return shlex.join(self.words)

    @property
    def check(self) -> str:
        """The command of its health check as a line; "" if it has none."""
        return self.health[-1] if self.health[:1] == ("CMD-SHELL",) else shlex.join(self.health[1:])

    @property
    def shell_form(self) -> bool:
        """True if a shell is what starts: it is process 1 then, and the program its child."""
        return (self.entrypoint_form or self.command_form) == SHELL_FORM


@dataclass(frozen=True, kw_only=True)
class Start(Begin):
    """What a container of an image would do.

    environment: NAME=value, as far as the image adds it to its base, or changes it there. ports: those it notes, such
    as "8080/tcp".
    """

    environment: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()

    @classmethod
    def of(cls, config: Mapping[str, Any], own: Iterable[str]) -> Start:
        """From the `Config` of `docker image inspect`. own: the names of the variables that are the image's own."""
        wanted = set(own)
        environment = [str(pair) for pair in config.get("Env") or ()]
        return cls(
            **cls.facts(config),
            environment=tuple(pair for pair in environment if pair.partition("=")[0] in wanted),
            ports=tuple(sorted(map(str, config.get("ExposedPorts") or ()))),
        )


def form(words: Sequence[str], shell: Sequence[str] = SHELL) -> str:
    """Which form ENTRYPOINT or CMD was written in. shell: what the shell form starts.

    The exec form of the same words can't be told from the shell form: they are the same.
    """
    if not words:
        return ""
    same = any(len(words) == len(one) + 1 and tuple(words[:-1]) == tuple(one) for one in (shell, SHELL))
    return SHELL_FORM if same else EXEC_FORM


def written(words: Sequence[str], kind: str) -> str:
    """The words as a Dockerfile has them, in that form; "" if there are none."""
    if not words:
        return ""
    return words[-1] if kind == SHELL_FORM else json.dumps(list(words), ensure_ascii=False)


def _words(found: object) -> tuple[str, ...]:
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()
