"""What commit 478dd67 left: its objects, journal, labels and progress, as it wrote them (recorded/478dd67).

No nonce, four digits in names, a journal that names no engine: nothing proves whose they are.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import cleanup, scene
from helpers.engine.client import Client
from helpers.engine.model.inventory import Claim, Claims
from helpers.engine.ownership import journal
from helpers.engine.scene import claims
from helpers.lab import attempts
from helpers.lab.progress import read
from tests.harness.by_hand import by_hand

pytestmark = pytest.mark.engine
RECORDED = Path(__file__).with_name("recorded") / "478dd67"
BUSYBOX = "localhost/course/busybox:1"


@pytest.fixture
def left(client: Client, home: Path) -> Iterator[list[str]]:
    """The learner's state folder, and their objects made once more; the ids. Gone at the end."""
    hand = by_hand(client)
    state = home / "state"
    shutil.copytree(RECORDED, state)
    made: list[tuple[str, str]] = []
    for row in json.loads((RECORDED / "objects.json").read_text(encoding="utf-8")):
        made.append((row["kind"], _make(hand, row)))
    recipe = f"FROM {BUSYBOX}\nENV EDITION=478dd67\nRUN false\n"  # a build that fails leaves a step with no label
    before = {row["Id"] for row in hand.images(all=True)}
    list(hand.build(fileobj=io.BytesIO(recipe.encode()), forcerm=True))
    (step,) = {row["Id"] for row in hand.images(all=True)} - before
    made.append(("image", step))
    short = step.removeprefix("sha256:")[:12]
    with (state / journal.FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"kind": "image", "id": short, "scene": "build"}) + "\n")
    yield [object_id for _, object_id in made]
    there = {row["Id"] for row in hand.containers(all=True)} | {row["Id"] for row in hand.networks()}
    there |= {row["Name"] for row in hand.volumes()["Volumes"] or ()} | {row["Id"] for row in hand.images(all=True)}
    remove = {"container": hand.remove_container, "network": hand.remove_network, "volume": hand.remove_volume}
    for kind, object_id in made:
        if object_id in there:
            remove.get(kind, hand.remove_image)(object_id)


def _make(hand: Any, row: dict[str, Any]) -> str:
    name, found = row["name"], row["labels"]
    if row["kind"] == "container":
        return str(hand.create_container(BUSYBOX, ["true"], name=name, labels=found)["Id"])
    if row["kind"] == "network":
        return str(hand.create_network(name, labels=found)["Id"])
    if row["kind"] == "volume":
        return str(hand.create_volume(name=name, labels=found)["Name"])
    changes = [f'LABEL "{key}"="{value}"' for key, value in found.items()]
    repository, _, tag = name.rpartition(":")
    answer = hand.import_image_from_data(bytes(10240), repository=repository, tag=tag, changes=changes)
    return str(json.loads(answer.splitlines()[-1])["status"])


def there(client: Client, ids: list[str]) -> list[Claim]:
    return [claim for claim in claims.find(client).probably if claim.id in ids]


def test_what_an_older_edition_left_is_listed_and_goes_only_after_a_yes(client: Client, left: list[str]) -> None:
    assert scene("networks").end().gone == ()
    assert cleanup().gone == ()

    found = there(client, left)

    assert {claim.id for claim in found} == set(left)
    assert {claim.whose for claim in found} == {"you, but not in the journal (networks)", "unknown"}
    claims.remove(client, Claims(probably=tuple(found)))
    assert there(client, left) == []


def test_its_progress_and_attempts_are_kept(left: list[str]) -> None:
    assert attempts.current("00.2-run", lambda random: {"word": "x"}).given["word"] == "mooring-6287"
    assert read().checks["00.2-run"].done
