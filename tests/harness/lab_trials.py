"""Labs tried as a learner would: what is typed in an open lab, and what a try leaves taken away again."""

from __future__ import annotations

import json
from typing import Any

import docker

from helpers import lab
from helpers.engine.client import Client, connect
from helpers.engine.ownership import labels as ownership
from helpers.lab import labs
from helpers.lab.task import Lab
from tests.harness.by_hand import by_hand
from tests.harness.trials import public, put

BUSYBOX = "localhost/course/busybox:1"


def settings(client: Client, one: Lab) -> dict[str, str]:
    """What the containers of an open lab were set to, by id: limits can be changed while they run."""
    rows = client.containers(all=True, filters=ownership.filters(scene=labs.scene_of(one)))
    return {row["Id"]: json.dumps(client.inspect_container(row["Id"])["HostConfig"], sort_keys=True) for row in rows}


def tidy(client: Client, one: Lab) -> None:
    """Takes away what the learner made, and what the lab set up and the learner changed: it is put there again."""
    labs._removed(client, one)
    for container_id, now in settings(client, one).items():
        paused = client.inspect_container(container_id)["State"]["Paused"]
        if paused or FIRST.setdefault(container_id, now) != now:
            by_hand(client).remove_container(container_id, force=True)


FIRST: dict[str, str] = {}  # what they were set to when the lab was opened, by id


def typed(one: Lab, number: int, code: str, *, recipe: str | None = None) -> Any:
    """Runs `code` as a learner would type it in the open lab; returns what it calls `answer`, or ....

    recipe: a text that takes the place of the Dockerfile that is put into the learner's folder.
    """

    def use(name: str) -> None:
        put(labs.FOLDER / one.name / name, lab.folder(), recipe)

    for container_id, now in settings(connect(), one).items() if one.prepare else ():
        FIRST.setdefault(container_id, now)
    engine = docker.from_env()
    words = {**public(), "x": labs.task(one, number), "use": use, "BUSYBOX": BUSYBOX, "engine": engine}
    try:
        exec(compile(code, f"<{one.name} {number}>", "exec"), words)  # noqa: S102  our own solutions and wrong answers
    finally:
        engine.close()
    return words.get("answer", ...)
