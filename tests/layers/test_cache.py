"""The cache of layers: whole or not at all, bounded, never trusted; with several writers, killed ones, a full disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.layers.engine import cache
from helpers.oci.layer_files import CRC64, SHA256, Files
from tests.layers.cached import diff_id, files

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(home: Path) -> Path:
    return home / "cache" / "layers"


def test_what_is_kept_comes_back(folder: Path) -> None:
    kept = files(1)
    cache.keep_layer(diff_id(1), kept)
    cache.keep_image(diff_id(9), [diff_id(1)], [{"created_by": "x"}], ["a/layer.tar"])

    found = cache.layer(diff_id(1))
    assert found is not None
    assert (found.paths, found.digests) == (kept.paths, kept.digests)
    assert cache.layer(diff_id(2)) is None
    assert cache.image(diff_id(9), [diff_id(1)]) == {"history": [{"created_by": "x"}], "members": ["a/layer.tar"]}
    assert cache.image(diff_id(9), [diff_id(2)]) is None
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_layers_with_either_kind_of_check_sum_are_kept_side_by_side(folder: Path) -> None:
    for number, sums in enumerate((SHA256, CRC64)):
        kept = files(number, sums=sums)
        cache.keep_layer(diff_id(1), kept)
        found = cache.layer(diff_id(1), sums)
        assert found is not None
        assert (found.sums, found.paths, found.digest(3)) == (sums, kept.paths, kept.digest(3))
    (folder / f"{1:064x}.crc64").write_bytes((folder / f"{1:064x}.layer").read_bytes())
    assert cache.layer(diff_id(1), CRC64) is None
    assert cache.layer(diff_id(1), SHA256) is not None


def test_an_image_whose_archive_was_never_seen_has_a_history_all_the_same(folder: Path) -> None:
    cache.keep_image(diff_id(9), [diff_id(1)], [{"created_by": "x"}], [])
    assert cache.image(diff_id(9), [diff_id(1)]) == {"history": [{"created_by": "x"}], "members": []}


@pytest.mark.parametrize("identity", ["", "../../etc/passwd", "sha256:../x", "sha256:" + "A" * 64, "md5:1"])
def test_no_other_file_can_be_named(folder: Path, identity: str) -> None:
    cache.keep_layer(identity, files(1))
    assert cache.layer(identity) is None
    assert not folder.exists()


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"containers-unpacked layer 1\n", None])
def test_what_is_damaged_is_thrown_away(folder: Path, damage: bytes | None) -> None:
    cache.keep_layer(diff_id(1), files(1))
    cache.keep_image(diff_id(1), [], [], [])
    for path in list(folder.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[:-3] if damage is None else damage)

    assert cache.layer(diff_id(1)) is None
    assert cache.image(diff_id(1), []) is None
    assert list(folder.iterdir()) == []


def test_it_keeps_what_was_used_last_within_its_bound(folder: Path) -> None:
    for number in range(6):
        cache.keep_layer(diff_id(number), files(number))
        os.utime(folder / f"{number:064x}.layer", (1_000 + number, 1_000 + number))
    assert cache.layer(diff_id(0)) is not None  # used now
    one = (folder / f"{0:064x}.layer").stat().st_size
    (folder / ".left").write_bytes(b"of a killed process")
    (folder / ".fresh").write_bytes(b"of one at work")
    os.utime(folder / ".left", (1_000, 1_000))

    cache.trim(int(one * 3.5))

    left = {number for number in range(6) if cache.layer(diff_id(number)) is not None}
    assert left == {0, 4, 5}
    assert {path.name for path in folder.iterdir() if path.name.startswith(".")} == {".fresh"}


WRITER = """
import os, sys
sys.path.insert(0, sys.argv[1])
from tests.layers.cached import diff_id, files
from helpers.layers.engine import cache as layer_cache
print("begun", flush=True)
while True:
    for number in range(4):
        layer_cache.keep_layer(diff_id(number), files(number, 400))
        layer_cache.layer(diff_id(number))
        layer_cache.trim(60_000)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_many_at_once_and_killed_ones_leave_it_whole(folder: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(ROOT)], stdout=subprocess.PIPE, cwd=ROOT) for _ in range(3)
    ]
    try:
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"begun\n"
        until = time.monotonic() + 1
        seen = 0
        while time.monotonic() < until:
            for number in range(4):
                found = cache.layer(diff_id(number))
                if found is not None:
                    seen += 1
                    assert len(found) == 401
        assert seen
        assert all(writer.poll() is None for writer in writers)  # none stumbled over another
    finally:
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.communicate()
    for path in folder.iterdir():
        if not path.name.startswith("."):
            Files.from_bytes(path.read_bytes())


FULL = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from tests.layers.cached import diff_id, files
from helpers.layers.engine import cache as layer_cache
from helpers.errors import StoreError
layer_cache.keep_layer(diff_id(1), files(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # no file may become larger: writing fails as on a full disk
try:
    layer_cache.keep_layer(diff_id(2), files(2))
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(os.name == "nt", reason="limits")
def test_a_full_disk_is_said_and_what_was_kept_stays(folder: Path) -> None:
    told = subprocess.run([sys.executable, "-c", FULL, str(ROOT)], capture_output=True, text=True, cwd=ROOT, check=True)

    assert "can't be kept" in told.stdout
    assert "Free some space" in told.stdout
    assert cache.layer(diff_id(1)) is not None
    assert [path.name for path in folder.iterdir()] == [f"{1:064x}.layer"]
