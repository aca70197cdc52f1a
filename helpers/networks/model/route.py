"""The way of a request to a container, step by step, as far as this engine has that step."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.networks.model.reachability import address_of


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. where: on which machine or in which namespace. what: a few words. detail: address, number, name.

    measured: it was seen just now; else it follows from what the engine says.
    """

    where: str
    what: str
    detail: str = ""
    measured: bool = True


@dataclass(frozen=True, kw_only=True)
class Path:
    """One way in. begin: from where. arrives: the server takes the request. why: if it does not."""

    begin: str
    steps: tuple[Step, ...]
    arrives: bool
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Way:
    """All ways to one port of one container. full_name: its name on the engine."""

    container: str
    full_name: str
    port: int
    paths: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class Carried:
    """Who carried a held call over the host. seen: the call itself was in the host's table.

    proxied: a process of the host took it (its own end is in the table). program, process: which, where that shows.
    second: the host's address from which the container was called then; "" if that was not seen.
    """

    seen: bool
    proxied: bool
    program: str = ""
    process: int = 0
    second: str = ""


def carried(text: str, *, outside: int, address: str, inside: int) -> Carried:
    """Reads what the host showed while a call to port `outside` was held.

    text: lines `tcp …` of its tables, as in /proc/net/tcp, and `proxy PID COMMAND`. address, inside: the container's.
    """
    near = far = False
    second = program = ""
    process = 0
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["tcp"] and len(words) > 5:
            ends = [_end(word) for word in words[2:4]]
            if None in ends or words[4] != "01":
                continue
            local, remote = ends
            near = near or (local is not None and local[1] == outside)
            far = far or (remote is not None and remote[1] == outside)
            if remote == (address, inside) and local is not None:
                second = local[0]
        elif words[:1] == ["proxy"] and len(words) > 2 and words[1].isdigit():
            at = words.index("-host-port") if "-host-port" in words else -1
            if 0 <= at < len(words) - 1 and words[at + 1] == str(outside):
                program, process = words[2].rpartition("/")[2], int(words[1])
    return Carried(
        seen=near or far,
        proxied=near or bool(process),
        program=program or "a program",
        process=process,
        second=second,
    )


def _end(word: str) -> tuple[str, int] | None:
    digits, _, port = word.rpartition(":")
    try:
        return address_of(digits), int(port, 16)
    except ValueError:
        return None
