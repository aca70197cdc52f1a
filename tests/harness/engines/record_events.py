r"""Records what the engine in use says of containers' lives, as material for tests of the life-cycle model.

    python tests/harness/engines/record_events.py FILE
    python tests/harness/engines/engines.py run 26 -- \
        python tests/harness/engines/record_events.py tests/containers/recorded/events-26.json

Makes and removes containers of its own. Ids and times of the record are small numbers, so that it stays readable.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from helpers import errors
from helpers.engine.client import Client, connect, open_client
from helpers.engine.ownership import labels

IMAGE = "localhost/course/busybox:1"
SCENE = "record-events"
HANDLES = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"]
IGNORES = ["sleep", "60"]  # as process 1 it has no handler for SIGTERM, and the kernel then drops it
KEPT = ("signal", "exitCode", "name", "oldName", "execDuration")

# name, its command, host config, what is done with it after `create`; `end` waits for its end
LIVES: tuple[tuple[str, list[str], dict[str, Any], list[str]], ...] = (
    ("a full life", HANDLES, {}, ["start", "pause", "unpause", "stop", "start", "kill", "remove"]),
    ("ends by itself", ["sh", "-c", "exit 3"], {}, ["start", "end", "remove"]),
    ("stopped by force", IGNORES, {}, ["start", "stop", "remove"]),
    ("restarted", HANDLES, {}, ["restart", "restart", "stop", "restart", "remove by force"]),
    ("stopped while paused", HANDLES, {}, ["start", "pause", "stop"]),
    ("killed while paused", HANDLES, {}, ["start", "pause", "kill"]),
    ("restarted while paused", HANDLES, {}, ["start", "pause", "restart", "pause", "remove by force"]),
    ("a policy tries twice", ["false"], {"restart_policy": {"Name": "on-failure", "MaximumRetryCount": 2}},
     ["start", "end", "remove"]),
    ("out of memory", ["tail", "/dev/zero"], {"mem_limit": 32 << 20, "memswap_limit": 32 << 20}, ["start", "end"]),
    ("no such program", ["no-such-program"], {}, ["start in vain", "remove"]),
    ("never started", HANDLES, {}, ["rename", "remove"]),
    ("signalled", HANDLES, {}, ["start", "signal", "kill", "start", "remove by force"]),
)  # fmt: skip


def act(client: Client, made: str, what: str) -> None:
    """Does one thing to the container."""
    raw: Any = client
    match what:
        case "start":
            raw.start(made)
        case "start in vain":
            with contextlib.suppress(errors.EngineRefused):
                raw.start(made)
        case "end":
            deadline = time.monotonic() + 20
            while raw.inspect_container(made)["State"]["Status"] != "exited" and time.monotonic() < deadline:
                time.sleep(0.05)
        case "stop" | "restart":
            getattr(raw, what)(made, timeout=1)
        case "signal":
            raw.kill(made, "SIGWINCH")
        case "remove":
            raw.remove_container(made)
        case "remove by force":
            raw.remove_container(made, force=True)
        case "rename":
            raw.rename(made, f"cu-{SCENE}-renamed")
        case _:
            getattr(raw, what)(made)


def record(client: Client) -> list[dict[str, Any]]:
    """Lives through LIVES, one after the other."""
    raw: Any = client
    listener: Any = open_client(client.address)
    stream = listener.events(decode=True)
    heard: list[dict[str, Any]] = []

    def listen() -> None:
        with contextlib.suppress(Exception):
            for row in stream:
                heard.append(row)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    lives = []
    for number, (name, command, host, deeds) in enumerate(LIVES, start=1):
        config = client.create_host_config(network_mode="none" if number % 2 else None, **host)
        made = str(raw.create_container(IMAGE, command=command, labels=labels.labels(SCENE), host_config=config)["Id"])
        done = [{"did": "create", **state(raw, made)}]
        try:
            for deed in deeds:
                act(client, made, deed)
                time.sleep(0.3)  # what the deed leads to, too
                done.append({"did": deed, **state(raw, made)})
        finally:
            with contextlib.suppress(errors.NotFound):
                raw.remove_container(made, force=True)
        lives.append({"name": name, "id": made, "policy": host.get("restart_policy", {}), "done": done})
    time.sleep(1)
    stream.close()
    listener.close()
    thread.join(2)
    return [told(life, heard) for life in lives]


def state(raw: Any, made: str) -> dict[str, Any]:
    """What the engine says of it now."""
    try:
        found = raw.inspect_container(made)["State"]
    except errors.NotFound:
        return {"state": "removed"}
    kept = {"state": found["Status"], "exit_code": found["ExitCode"]}
    return {**kept, "oom_killed": True} if found["OOMKilled"] else kept


def told(life: dict[str, Any], heard: list[dict[str, Any]]) -> dict[str, Any]:
    """One life with its events, as they came; ids and times made small."""
    rows = []
    made = life["id"]
    own = [
        row for row in heard if made in (row["Actor"]["ID"], (row["Actor"].get("Attributes") or {}).get("container"))
    ]
    start = min(row["timeNano"] for row in own)
    for row in own:
        given = row["Actor"].get("Attributes") or {}
        mine = row["Type"] == "container"
        kept = {key: given[key] for key in KEPT if key in given and mine}
        kept.update({} if mine else {"container": "c" * 64})
        rows.append(
            {
                "Type": row["Type"],
                "Action": row["Action"],
                "Actor": {"ID": "c" * 64 if mine else "n" * 64, "Attributes": kept},
                "timeNano": 1_000_000_000 + row["timeNano"] - start,
            }
        )
    policy = life["policy"]
    word = f"{policy['Name']}:{policy['MaximumRetryCount']}" if policy else ""
    return {"name": life["name"], "policy": word, "done": life["done"], "events": rows}


def main() -> int:
    """Writes the record."""
    client = connect()
    version = client.version()["Version"]
    found = {"engine": version, "lives": record(client)}
    text = json.dumps(found, indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"')
    Path(sys.argv[1]).write_text(text.replace('{"Type"', '\n  {"Type"') + "\n", encoding="utf-8")
    print(f"{version}: {len(found['lives'])} lives, {sum(len(life['events']) for life in found['lives'])} events")
    return 0


if __name__ == "__main__":
    sys.exit(main())
