"""What a pid file is worth: whether its number is, now, the very process that wrote it.

Numbers are used again. A dockerd that was killed leaves its pid file, and when that number lives again, as any
program, dockerd refuses to start ("pid file found"). So the process itself is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEFAULT = "/var/run/docker.pid"  # where dockerd writes it unless told otherwise


@dataclass(frozen=True)
class Process:
    """One process, told apart from any later one of the same number. started: clock ticks since this boot."""

    pid: int
    started: int
    boot: str


def process(pid: int, program: str) -> Process | None:
    """The live process `pid` if it is `program`; None if it is dead, a zombie, or another program."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    # "PID (name) STATE ...": the name itself may hold spaces and brackets
    name = text[text.index("(") + 1 : text.rindex(")")]
    fields = text[text.rindex(")") + 2 :].split()
    if name != program or fields[0] in "ZXx":
        return None
    return Process(pid, int(fields[19]), boot)


def number(path: Path) -> int:
    """The number in a pid file; 0 if there is none."""
    try:
        return int(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return 0


def uses(pid: int, path: Path) -> bool:
    """False if dockerd `pid` was told to use another pid file: then it is another engine's number, used again."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    except OSError:
        return True
    named = DEFAULT
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in {"-p", "--pidfile"}:
            named = following
        elif word.startswith("--pidfile="):
            named = word.partition("=")[2]
    return Path(named).resolve() == path.resolve()
