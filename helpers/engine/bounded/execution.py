"""A second command in a running container: what it says, in bounds, and its end if it has none of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers import errors
from helpers.engine.bounded import output, rights
from helpers.engine.client import Client
from helpers.engine.session import session

SECONDS = 60.0  # that a command may take
ADVICE = 'Ask for a part of it, such as: "sh", "-c", "COMMAND | head -n 20".'
MOST = 16 * 1024 * 1024  # bytes of output after which a command is ended: nobody reads that much

# All processes of the command's session that are in this very container: numbers are given out again. The name in
# `stat` may hold blanks and brackets itself, hence everything up to the last one.
_END = r"""
for stat in /proc/[0-9]*/stat; do
  read -r line <$stat || continue
  p=${line%% *}
  set -- ${line##*) }
  [ "$4" = PID ] && grep -q CONTAINER /proc/$p/cgroup && kill -9 $p
done 2>/dev/null
"""


@dataclass(frozen=True, kw_only=True)
class Executed:
    """What came of it. exit_code: None if it goes on. ended: that it had to be ended, and whether that went."""

    taken: output.Taken
    exit_code: int | None
    ended: bool | None = None

    def cut(self, seconds: float) -> str:
        """What was left out, why, and what to do: sentences; "" if nothing was. seconds: that it had."""
        came = self.taken.came
        if self.ended is None and self.exit_code is None:
            return (
                "It keeps running in there, unheard: the connection to it broke off, or it has closed its output. "
                "containers.restart ends it."
            )
        if self.ended is None:
            if came <= len(self.taken.data):
                return ""
            return f"It wrote more: these are the first {len(self.taken.data) // 1024} kB. {ADVICE}"
        why = f"{seconds:g} s were over" if self.taken.late else f"it had written {came / 1e6:.0f} MB"
        past = "It was ended" if self.ended else "It keeps running in there, unheard"
        shown = f" These are its first {len(self.taken.data) // 1024} kB." if came > len(self.taken.data) else ""
        left = "" if self.ended else " containers.restart ends it."
        return f"{past}, because {why}.{shown}{left} {ADVICE}"


def execute(
    client: Client,
    container_id: str,
    command: Sequence[str],
    *,
    user: str = "",
    keep: int = output.KEPT,
    seconds: float = SECONDS,
) -> Executed:
    """Runs a command inside a running container until its end; after MOST bytes or `seconds` it is ended.

    Only the connection would be closed otherwise: the engine lets the command go on.

    Raises: NotFound, NotRunning, EngineRefused.
    Equivalent: docker exec CONTAINER COMMAND
    """
    exec_id = str(client.exec_create(container_id, list(command), user=user)["Id"])
    taken = output.take(client.exec_stream(exec_id), keep=keep, most=MOST, seconds=seconds)
    ended = None if taken.whole else _end(client, container_id, exec_id)
    found = client.exec_inspect(exec_id) if ended is False else _settled(client, exec_id)
    code = None if found.get("Running") else found.get("ExitCode")
    return Executed(taken=taken, exit_code=None if code is None else int(code), ended=ended)


def _end(client: Client, container_id: str, exec_id: str) -> bool:
    """Ends the command and all it started in its session, by a helper on the engine's host; whether it is gone then."""
    pid = _pid(client, exec_id)
    if not pid:
        return not client.exec_inspect(exec_id).get("Running")
    script = _END.replace("PID", str(pid)).replace("CONTAINER", container_id)
    helper = ""
    try:
        helper = rights.make(client, "ender", ["sh", "-c", script], scene=session.scene)
        client.start(helper)
        client.wait(helper, timeout=60)
    except (errors.EngineRefused, errors.WaitedTooLong):
        return False
    finally:
        if helper:
            client.remove_container(helper, v=True, force=True)
    return not _settled(client, exec_id).get("Running")


def _settled(client: Client, exec_id: str) -> Mapping[str, Any]:
    """What the engine knows of it when it has ended, of which the engine hears a moment later; or after 2 s."""
    until = time.monotonic() + 2
    while (found := client.exec_inspect(exec_id)).get("Running") and time.monotonic() < until:
        time.sleep(0.05)
    return found


def _pid(client: Client, exec_id: str) -> int:
    """Its number on the engine's host; 0 if it has ended. One that has just begun may not have it yet."""
    until = time.monotonic() + 2
    while True:
        found = client.exec_inspect(exec_id)
        if found.get("Pid") or not found.get("Running") or time.monotonic() > until:
            return int(found.get("Pid") or 0) if found.get("Running") else 0
        time.sleep(0.05)
