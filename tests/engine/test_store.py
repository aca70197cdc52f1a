"""The state folder: whole or not at all, damaged files set aside, one learner one word."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from helpers import store
from helpers.engine.ownership import journal, labels
from helpers.engine.ownership.ledger import Ledger
from helpers.errors import StoreError, WrongUse

pytestmark = pytest.mark.usefixtures("home")


def test_what_was_written_is_read() -> None:
    store.write("x.json", {"a": [1, "ü"]})
    assert store.read("x.json", None) == {"a": [1, "ü"]}
    assert store.read("y.json", "none") == "none"


def test_a_damaged_file_is_set_aside_and_kept(home: Path) -> None:
    (home / "state").mkdir()
    (home / "state" / "x.json").write_bytes(b'{"cut of')
    assert store.read("x.json", "default") == "default"
    kept = list((home / "state").glob("x.json.damaged-*"))
    assert [path.read_bytes() for path in kept] == [b'{"cut of']


def test_a_failed_write_leaves_the_old_value_and_no_rubbish(home: Path) -> None:
    store.write("x.json", 1)
    with pytest.raises(TypeError):
        store.write("x.json", {"no": object()})
    assert store.read("x.json", None) == 1
    assert [path.name for path in (home / "state").iterdir()] == ["x.json"]


def test_a_folder_that_cannot_be_made_is_explained(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / "file").write_text("x")
    monkeypatch.setenv("COURSE_HOME", str(home / "file"))
    with pytest.raises(StoreError, match="COURSE_HOME"):
        store.state()


def test_all_threads_of_a_new_learner_get_the_same_word() -> None:
    seen: list[str] = []
    threads = [threading.Thread(target=lambda: seen.append(store.learner())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1


def test_the_journal_outlives_a_torn_line(home: Path) -> None:
    journal.note(journal.Entry(kind="image", id="sha256:1", scene="a", engine="e"))
    with (home / "state" / journal.FILE).open("a") as file:
        file.write('{"kind": "image", "id": "sha2')
    assert [entry.id for entry in journal.entries()] == ["sha256:1"]
    journal.note(journal.Entry(kind="image", id="sha256:3", scene="a", engine="e"))
    assert [entry.id for entry in journal.entries()] == ["sha256:1", "sha256:3"]  # it did not swallow the next one
    journal.forget(set(journal.entries()))
    assert journal.entries() == ()


def test_the_journal_tells_things_apart_by_nonce_and_images_by_name_and_engine(home: Path) -> None:
    journal.note(journal.Entry(kind="container", scene="a", engine="e", nonce="n"))
    journal.note(journal.Entry(kind="container", scene="a", engine="e", nonce="n", id="c"))
    journal.note(journal.Entry(kind="image", scene="a", engine="e", id="i", new=True))
    journal.note(journal.Entry(kind="image", scene="a", engine="e", id="i", new=False))
    journal.note(journal.Entry(kind="image", scene="a", engine="e", id="i", reference="x:1"))
    journal.note(journal.Entry(kind="image", scene="a", engine="f", id="i"))
    found = [(entry.kind, entry.id, entry.reference, entry.new, entry.engine) for entry in journal.entries()]
    assert found == [
        ("container", "c", "", False, "e"),
        ("image", "i", "", True, "e"),  # once made here, it stays so
        ("image", "i", "x:1", False, "e"),
        ("image", "i", "", False, "f"),
    ]
    journal.gone(journal.entries()[0])
    assert len(journal.entries()) == 3


def test_an_older_editions_line_names_no_engine_and_is_kept(home: Path) -> None:
    (home / "state").mkdir(parents=True, exist_ok=True)
    (home / "state" / journal.FILE).write_text('{"kind": "image", "id": "a1", "scene": "layers"}\n[1]\n{"kind": 3}\n')
    assert [(entry.id, entry.engine, entry.new) for entry in journal.entries()] == [("a1", "", False)]
    assert Ledger("", ()).image("a1") == ()


def test_what_is_gone_does_not_make_the_journal_grow_for_ever(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "ENOUGH", 2000)
    stays = journal.Entry(kind="container", scene="a", engine="e", nonce="stays", id="c")
    journal.note(stays)
    for number in range(60):
        entry = journal.Entry(kind="container", scene="a", engine="e", nonce=f"n{number}")
        journal.note(entry, durable=False)
        journal.gone(entry)
    assert journal.entries() == (stays,)
    assert (home / "state" / journal.FILE).stat().st_size < 4000


def test_many_hands_write_the_journal_at_once_and_no_line_is_lost(home: Path) -> None:
    code = (
        "import sys\n"
        "from helpers.engine.ownership import journal\n"
        "for number in range(20):\n"
        "    entry = journal.Entry(kind='image', scene='a', engine='e', id=f'{sys.argv[1]}-{number}')\n"
        "    journal.note(entry)\n"
        "    if number % 2: journal.forget([entry])\n"
    )
    hands = [subprocess.Popen([sys.executable, "-c", code, str(hand)]) for hand in range(4)]
    assert [hand.wait() for hand in hands] == [0] * 4
    assert {entry.id for entry in journal.entries()} == {f"{hand}-{n}" for hand in range(4) for n in range(0, 20, 2)}


def test_a_name_is_the_one_in_the_text_and_has_a_number_where_others_work(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {labels.object_name(name) for name in ("hello", "hs-hello")} == {"hs-hello"}
    monkeypatch.setenv(labels.SHARED, "1")
    full = labels.object_name("hello")
    assert full == labels.object_name(full) == f"hs-hello-{store.learner()}"
    assert labels.short_name(full) == labels.short_name("hs-hello") == "hs-hello"
    assert labels.short_name("somebody-elses") == "somebody-elses"
    monkeypatch.delenv(labels.SHARED)
    for found in (False, True):  # as the last scene found it
        labels.found_shared(found)
        assert labels.shared() is found


@pytest.mark.parametrize("name", ["", "Upper", "a b", "a/b", "../x", "-a", "ä", "x" * 42])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(WrongUse, match="lower-case"):
        labels.object_name(name)


@pytest.mark.parametrize(
    "found",
    [
        None,
        {},
        {"containers-unpacked": "0"},
        {"containers-unpacked": "11"},
        {"Containers-Unpacked": "1"},
        {"containers-unpacked.session": "x"},
        {"containers-unpacked": "1", "containers-unpacked.session": "somebody"},
    ],
)
def test_labels_that_nearly_match_are_not_ours(found: dict[str, str] | None) -> None:
    assert not labels.carried(found)
