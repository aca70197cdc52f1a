"""Two learners who build the same on one engine at once: neither's clean-up takes anything from under the other."""

from __future__ import annotations

import io
import json
import os
import secrets
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from helpers import cleanup, images
from helpers.engine.client import Client
from helpers.engine.ownership.ledger import is_new
from helpers.engine.scene import image_sweep
from tests.harness import foreign
from tests.harness.by_hand import by_hand

BUSYBOX = "localhost/course/busybox:1"
# What one of them does, as a process of its own: builds, builds anew under the same name, runs it, and cleans up.
LEARNER = """
import sys
from pathlib import Path
from helpers import cleanup, containers, images
from helpers.engine.client import connect
from helpers.engine.ownership import journal

folder, builder = Path(sys.argv[1]), sys.argv[2]
for word in ("one", "two", "one"):
    text = f"FROM {sys.argv[3]}\\nCOPY page /page\\nRUN echo {word} > /word\\nRUN cat /word /page\\n"
    made = images.build(folder, name="shop", dockerfile=text, builder=builder)
    assert connect().inspect_image(made.reference)["Id"] == made.image_id
    assert containers.run(made, "cat", "/word").output == f"{word}\\n"
removed = cleanup()
assert removed.kept == (), removed.kept
assert journal.entries() == (), journal.entries()
"""


@pytest.mark.engine
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.thorough)])
def test_two_learners_build_and_clean_up_at_once(client: Client, tmp_path: Path, rounds: int) -> None:
    before = foreign.snapshot(client, closely=False)
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(rounds):
        (folder / "page").write_text(secrets.token_hex(8))
        running = [
            subprocess.Popen(
                [sys.executable, "-c", LEARNER, str(folder), "", BUSYBOX],
                env={**os.environ, "COURSE_HOME": str(tmp_path / learner), "COURSE_SHARED": "1"},
                stderr=subprocess.PIPE,
                text=True,
            )
            for learner in ("one", "two")
        ]
        for learner in running:
            _, said = learner.communicate(timeout=120)
            assert learner.returncode == 0, f"round {number + 1}: {said}"
        assert foreign.leftovers(before, foreign.snapshot(client, closely=False)) == []


@pytest.mark.engine
def test_an_image_that_is_nameless_for_a_moment_is_not_taken_for_one_that_was(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = by_hand(client)
    made = hand.import_image_from_data(tar_of("nameless"))
    stays = hand.import_image_from_data(tar_of("stays"))
    ids = [str(json.loads(said.splitlines()[-1])["status"]).removeprefix("sha256:") for said in (made, stays)]
    try:
        monkeypatch.setattr(time, "sleep", lambda seconds: hand.tag(ids[0], f"hs-shop-{'0' * 8}", "1"))  # meanwhile
        found = client.names_by_id()
        assert found[ids[0]] == (f"hs-shop-{'0' * 8}:1",)
        assert found[ids[1]] == ()
        assert is_new(found, ids[0])
        assert not is_new(found, ids[1])
        monkeypatch.setattr(time, "sleep", lambda seconds: hand.remove_image(ids[1]))
        assert ids[1] not in client.names_by_id()
    finally:
        monkeypatch.undo()
        for image in hand.images(all=True):
            if image["Id"].removeprefix("sha256:") in ids:
                hand.remove_image(image["Id"], force=True)


def tar_of(word: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        member = tarfile.TarInfo(word)
        member.size = len(word)
        tar.addfile(member, io.BytesIO(word.encode()))
    return file.getvalue()


@pytest.mark.engine
def test_what_was_built_under_two_names_goes_with_the_last_also_if_another_learner_built_it_meanwhile(
    client: Client, home: Path, tmp_path: Path
) -> None:
    before = foreign.snapshot(client, closely=False)
    text = f"FROM {BUSYBOX}\nRUN echo {secrets.token_hex(8)} > /word\n"
    made = [images.build(tmp_path, name=name, dockerfile=text) for name in ("hs-shop", "hs-stall")]
    assert made[0].image_id == made[1].image_id
    other, hand = f"hs-shop-{'0' * 8}", by_hand(client)
    hand.tag(made[0].image_id, other, "1")
    image_sweep.sweep(client, named=False)  # it is the other's now, and goes with their name, which they take off
    hand.remove_image(f"{other}:1", noprune=True)
    assert cleanup().kept == ()
    assert foreign.leftovers(before, foreign.snapshot(client, closely=False)) == []
