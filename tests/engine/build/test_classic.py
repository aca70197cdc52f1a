"""Building on the real engine: what it says, what it leaves, and that the journal knows it in time."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from helpers import errors
from helpers.engine import again, waiting
from helpers.engine import scene as scene_room
from helpers.engine.build import classic
from helpers.engine.build import context as build_context
from helpers.engine.build.model.log import Step
from helpers.engine.client import Client, open_client
from helpers.engine.ownership import journal, labels
from helpers.engine.scene import image_sweep
from tests.harness.by_hand import by_hand
from tests.harness.sweeping import swept

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"


@pytest.fixture
def token() -> str:
    """What no earlier build can have in its cache."""
    return secrets.token_hex(6)


@pytest.fixture(autouse=True)
def home(home: Path, client: Client, token: str) -> Iterator[Path]:
    """A learner of its own; at the end everything a test built is gone."""
    yield home
    for row in client.images():
        for tag in row.get("RepoTags") or ():
            if tag.startswith(f"cu-test-build/{token}"):
                by_hand(client).remove_image(tag, noprune=True)
    image_sweep.sweep(client)
    assert journal.entries() == ()


def noted() -> set[str]:
    return {entry.id for entry in journal.entries() if entry.kind == "image"}


def inspect(client: Client, image: str) -> dict[str, Any]:
    raw: Any = client
    found: dict[str, Any] = raw.inspect_image(image)
    return found


def test_a_build_gives_an_image_with_its_steps_and_the_scenes_labels(client: Client, token: str) -> None:
    lines: list[str] = []

    made = classic.build(
        client,
        dockerfile=f"FROM {BUSYBOX}\nARG WORD\nCOPY . /app\nRUN echo $WORD-{token}\nRUN /app/say.sh\n",
        context={"say.sh": b"#!/bin/sh\ncat /app/data/a.txt\n", "data/a.txt": b"hello\n"},
        tag=f"cu-test-build/{token}:1",
        scene="test-build",
        buildargs={"WORD": "thing"},
        say=lines.append,
    )

    found = inspect(client, f"cu-test-build/{token}:1")
    assert made.image_id == found["Id"]
    assert labels.carried(found["Config"]["Labels"])
    assert made.steps[4].output == (f"thing-{token}",)
    assert made.steps[5].output == ("hello",)
    assert [step.line for step in made.steps] == [1, 0, 2, 3, 4, 5]
    assert (made.steps[1].line, made.steps[1].word) == (0, "LABEL")  # the course's, right after FROM
    assert lines[0] == f"step 1 of {len(made.steps)}: FROM {BUSYBOX}"
    assert sum(step.seconds for step in made.steps) <= made.seconds
    assert made.steps[4].seconds > 0


def test_without_a_scene_an_image_carries_no_label_of_the_course(client: Client, token: str) -> None:
    classic.build(client, dockerfile=f"FROM {BUSYBOX}\nENV T={token}\n", tag=f"cu-test-build/{token}:1")
    assert not inspect(client, f"cu-test-build/{token}:1")["Config"]["Labels"]


def test_each_image_is_in_the_journal_before_the_next_line_is_read(client: Client, token: str) -> None:
    seen: list[tuple[str, bool]] = []

    def look(step: Step) -> None:
        seen.append((step.word, step.image_id in noted()))

    classic.build(client, dockerfile=f"FROM {BUSYBOX}\nENV T={token}\nRUN true\n", on_step=look)

    assert seen == [("FROM", False), ("ENV", True), ("RUN", True)]


def test_a_failing_step_says_which_how_and_why_and_leaves_nothing_once_swept(client: Client, token: str) -> None:
    before = {row["Id"] for row in client.images(all=True)}
    containers = {row["Id"] for row in client.containers(all=True)}

    with pytest.raises(errors.BuildFailed) as failed:
        classic.build(
            client,
            dockerfile=f"FROM {BUSYBOX}\nENV T={token}\nRUN echo no such luck >&2; exit 3\nRUN true\n",
            tag=f"cu-test-build/{token}:1",
        )

    assert failed.value.instruction.startswith("RUN echo no such luck")
    assert failed.value.line == 3
    assert failed.value.exit_code == 3
    assert failed.value.log == ("no such luck",)
    assert {row["Id"] for row in client.containers(all=True)} == containers
    assert len(noted()) == 1
    removed = swept(client)
    assert len(removed) == 1
    assert {row["Id"] for row in client.images(all=True)} == before


@pytest.mark.parametrize(
    ("dockerfile", "blamed"),
    [(f"FROM {BUSYBOX}\nRNU true\n", "RNU true"), ("FROM\n", "FROM"), ("", "")],
    ids=["misspelt", "no base", "empty"],
)
def test_a_dockerfile_that_can_not_be_read(client: Client, dockerfile: str, blamed: str) -> None:
    with pytest.raises(errors.BuildFailed) as failed:
        classic.build(client, dockerfile=dockerfile)
    assert failed.value.instruction == blamed
    assert failed.value.exit_code is None


def test_a_missing_file_blames_the_copy(client: Client, token: str) -> None:
    with pytest.raises(errors.BuildFailed) as failed:
        classic.build(client, dockerfile=f"FROM {BUSYBOX}\nENV T={token}\nCOPY nothing-{token} /\n")
    assert failed.value.instruction == f"COPY nothing-{token} /"


def test_a_missing_base_image_is_named(client: Client, token: str) -> None:
    with pytest.raises(errors.NoSuchImage, match=f"localhost/course/none-{token}"):
        classic.build(client, dockerfile=f"FROM localhost/course/none-{token}:1\nRUN true\n")


def test_a_malformed_tag_and_a_path_outside_are_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="tag"):
        classic.build(client, dockerfile=f"FROM {BUSYBOX}\n", tag="Not A Tag")
    with pytest.raises(ValueError, match="inside the build context"):
        classic.build(client, dockerfile=f"FROM {BUSYBOX}\n", context={"../a": b""})


def test_what_the_cache_had_is_somebody_elses(
    client: Client, token: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dockerfile = f"FROM {BUSYBOX}\nENV T={token}\nRUN true\n"
    monkeypatch.setenv("COURSE_HOME", str(home.with_name("somebody")))
    theirs = classic.build(client, dockerfile=dockerfile)
    try:
        monkeypatch.setenv("COURSE_HOME", str(home))
        ours = classic.build(client, dockerfile=dockerfile)

        assert ours.image_id == theirs.image_id
        assert [step.cached for step in ours.steps] == [False, True, True]
        assert noted() == set()
        assert swept(client) == ()
        assert inspect(client, theirs.image_id)
    finally:
        monkeypatch.setenv("COURSE_HOME", str(home.with_name("somebody")))
        swept(client)
        monkeypatch.setenv("COURSE_HOME", str(home))


def test_a_program_that_prints_an_id_does_not_hand_over_an_image(client: Client, token: str) -> None:
    stranger = inspect(client, BUSYBOX)["Id"].removeprefix("sha256:")[:12]
    classic.build(
        client,
        dockerfile=f"FROM {BUSYBOX}\nRUN echo {token}; echo ' ---> {stranger}'; echo 'Successfully built {stranger}'\n",
    )
    assert stranger not in noted()
    assert len(noted()) == 1


def test_sweeping_leaves_what_has_a_name_or_is_used(client: Client, token: str) -> None:
    kept = classic.build(
        client, dockerfile=f"FROM {BUSYBOX}\nENV T={token}\nENV U=1\n", tag=f"cu-test-build/{token}:1"
    ).image_id
    used = classic.build(client, dockerfile=f"FROM {BUSYBOX}\nENV V={token}\n").image_id
    container = client.create_container(used, ["true"], labels=labels.labels("test-build"))["Id"]
    try:
        assert not {kept, used} & set(swept(client))
        assert inspect(client, kept)
        assert inspect(client, used)
        assert any(used.removeprefix("sha256:").startswith(entry_id) for entry_id in noted())
    finally:
        client.remove_container(container, force=True, v=True)
    assert used in swept(client)


def test_an_interrupted_build_ends_on_the_engine_too(client: Client, token: str) -> None:
    def interrupt(line: str) -> None:
        if "sleep" in line:
            waiting.until(lambda: ours() or None, "the step's container starts", seconds=20)
            raise KeyboardInterrupt

    def ours() -> list[str]:
        rows = client.containers(all=True)
        return [row["Id"] for row in rows if token in str(row["Command"]) or token in str(row.get("Labels"))]

    with pytest.raises(KeyboardInterrupt):
        classic.build(
            client, dockerfile=f"FROM {BUSYBOX}\nENV T={token}\nRUN sleep 300 # {token}\n", scene=None, say=interrupt
        )

    waiting.until(lambda: None if ours() else True, "the step's container is removed", seconds=20)


def test_a_folder_is_sent_without_what_its_dockerignore_names(tmp_path: Path) -> None:
    root = tmp_path / "context"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_text("a")
    (root / "sub" / "big.bin").write_bytes(os.urandom(70_000))
    (root / "secret.env").write_text("x")
    (root / ".dockerignore").write_text("# not these\n*.env\n")
    script = root / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o700)

    def sent() -> bytes:
        return b"".join(build_context.stream(build_context.files(root, "FROM scratch\n")))

    first = sent()
    os.utime(root / "a.txt", (1, 1))
    assert sent() == first

    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        members = {member.name: member for member in tar}
        assert set(members) == {".dockerignore", "Dockerfile", "a.txt", "run.sh", "sub", "sub/big.bin"}
        assert members["run.sh"].mode == 0o755
        assert {member.mtime for member in members.values()} == {0}
        big = tar.extractfile("sub/big.bin")
        assert big is not None
        assert big.read() == (root / "sub" / "big.bin").read_bytes()


def test_a_step_is_reused_from_ones_own_builds_only(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """Else one learner's clean-up would take a step from under another's build, or leave it for ever."""
    monkeypatch.setenv(labels.SHARED, "1")  # two learners on one engine
    recipe = f"FROM {BUSYBOX}\nRUN echo {token}\nRUN echo two > /two\n"

    def built(learner: str) -> list[bool]:
        monkeypatch.setenv("COURSE_HOME", str(tmp_path / learner))
        tag = f"{labels.object_name('x')}:1"
        found = classic.build(client, dockerfile=recipe, scene="test-own", tag=tag)
        return [step.cached for step in found.steps if step.line > 1]

    before = client.names_by_id().keys()
    try:
        assert [built(name) for name in ("one", "two", "one", "two")] == [
            [False] * 2,
            [False] * 2,
            [True] * 2,
            [True] * 2,
        ]
    finally:
        for learner in ("one", "two"):
            monkeypatch.setenv("COURSE_HOME", str(tmp_path / learner))
            assert scene_room.clear(client, scene="test-own").kept == ()
            assert journal.entries() == ()
    assert client.names_by_id().keys() == before


def test_lines_are_those_of_the_dockerfile_that_was_given(client: Client, token: str) -> None:
    recipe = f"FROM {BUSYBOX} AS a\n# c\nRUN echo {token}\n\nFROM {BUSYBOX}\nRUN echo x \\\n  y\nRUN exit 3\n"
    with pytest.raises(errors.BuildFailed) as caught:
        classic.build(client, dockerfile=recipe, scene="test-build")
    assert (caught.value.line, caught.value.exit_code) == (8, 3)
    with pytest.raises(errors.BuildFailed) as caught:
        classic.build(client, dockerfile=f"FROM {BUSYBOX}\n\nRUNN x\n", scene="test-build")
    assert caught.value.line == 3
    scene_room.clear(client, scene="test-build")


def test_images_that_others_remove_meanwhile_break_no_build(client: Client, token: str) -> None:
    """On the way to its cache the engine looks at all images made from the same base, whoever made them."""
    base = f"cu-test-build/{token}:1"
    classic.build(client, dockerfile=f"FROM {BUSYBOX}\nENV T={token}\n", tag=base)
    stages = "".join(f"FROM {base}\nENV N={number}\n" for number in range(25))
    theirs = [step.image_id for step in classic.build(client, dockerfile=stages).steps if step.made]
    assert len(theirs) == 25

    with contextlib.closing(open_client(client.address)) as other, ThreadPoolExecutor(1) as pool:

        def leave() -> None:
            for image_id in sorted(theirs, reverse=True):  # the engine looks at them in the order of their ids
                other.remove_image(image_id, noprune=True)

        leaving = pool.submit(leave)
        mine = [classic.build(client, dockerfile=f"FROM {base}\nENV MINE=0\n").image_id]
        while not leaving.done():
            mine.append(classic.build(client, dockerfile=f"FROM {base}\nENV MINE={len(mine)}\n").image_id)
        leaving.result()
    assert {row["Id"] for row in client.images(all=True)} >= set(mine)


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Gets longer with each build that the engine is asked for."""
    found: list[None] = []
    real = classic._messages

    def counted(*args: Any) -> Iterator[dict[str, Any]]:
        found.append(None)
        return real(*args)

    monkeypatch.setattr(classic, "_messages", counted)
    return found


LOST = f'unable to find image "sha256:{"0" * 64}"'


def test_a_build_that_broke_for_another_image_is_begun_again_but_not_for_ever(
    client: Client, token: str, tries: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, times = classic._messages, 2
    monkeypatch.setattr(again, "PAUSES", (0.0, 0.0))

    def loses(client: Client, recipe: Any, context: Any, tag: str, *rest: Any) -> Iterator[dict[str, Any]]:
        if len(tries) >= times:
            yield from real(client, recipe, context, tag, *rest)
            return
        yield from real(client, classic.Recipe.of(recipe.text.rpartition("ENV U")[0], None), context, "", *rest)
        yield {"stream": f"Step 3/3 : ENV U={token}\n"}
        yield {"errorDetail": {"message": LOST}, "error": LOST}

    monkeypatch.setattr(classic, "_messages", loses)
    recipe = f"FROM {BUSYBOX}\nENV T={token}\nENV U={token}\n"
    made = classic.build(client, dockerfile=recipe, tag=f"cu-test-build/{token}:1")
    assert len(tries) == 3
    assert [step.word for step in made.steps] == ["FROM", "ENV", "ENV"]
    assert made.steps[1].cached  # of the try before
    assert made.steps[1].image_id in noted()

    tries.clear()
    times = 9
    with pytest.raises(errors.BuildFailed, match="unable to find image"):
        classic.build(client, dockerfile=recipe)
    assert len(tries) == 3


@pytest.mark.parametrize(
    "rest", [f"RUN echo '{LOST}'; exit 3", f"FROM sha256:{'0' * 64}", "COPY none /"], ids=["said so", "base", "other"]
)
def test_a_build_that_broke_for_its_own_reasons_is_not_begun_again(
    client: Client, token: str, tries: list[None], rest: str
) -> None:
    with pytest.raises(errors.EngineError):
        classic.build(client, dockerfile=f"FROM {BUSYBOX}\nENV T={token}\n{rest}\n")
    assert len(tries) == 1
