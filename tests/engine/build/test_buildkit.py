"""BuildKit through buildx, on the real engine: the same words, results and errors as the classic builder's."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import errors
from helpers.engine import scene, waiting
from helpers.engine.build import buildkit, buildx, choose, classic
from helpers.engine.build.model.log import Step
from helpers.engine.client import Client, open_client
from helpers.engine.discovery import Address
from helpers.engine.ownership import journal, labels
from helpers.engine.ownership.ledger import build_name
from tests.harness.by_hand import by_hand
from tests.harness.guards import absent
from tests.harness.sweeping import swept

pytestmark = pytest.mark.engine
BUSYBOX = "localhost/course/busybox:1"


@pytest.fixture(autouse=True)
def buildx_is_here(client: Client) -> None:
    version = buildkit.available(client)
    if version is None or tuple(map(int, version.split(".")[:2])) < buildx.OLDEST:
        absent(f"BuildKit needs the docker command's buildx, which is {version or 'not here'}")


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
    scene.clear(client)
    assert journal.entries() == ()


def inspect(client: Client, image: str) -> dict[str, Any]:
    raw: Any = client
    found: dict[str, Any] = raw.inspect_image(image)
    return found


def everything(client: Client) -> tuple[set[str], set[str]]:
    return {row["Id"] for row in client.images(all=True)}, {row["Id"] for row in client.containers(all=True)}


def test_a_build_gives_an_image_with_its_steps_and_nothing_of_the_courses_in_it(client: Client, token: str) -> None:
    lines: list[str] = []
    ended: list[Step] = []

    made = buildkit.build(
        client,
        dockerfile=f"FROM {BUSYBOX}\nARG WORD\n\nCOPY . /app\nRUN echo $WORD-{token}\nENV A=1\nRUN /app/say.sh\n",
        context={"say.sh": b"#!/bin/sh\ncat /app/data/a.txt\n", "data/a.txt": b"hello\n"},
        tag=f"cu-test-build/{token}:1",
        scene="test-build",
        labels={"one": "a=b"},
        buildargs={"WORD": "thing"},
        say=lines.append,
        on_step=ended.append,
    )

    found = inspect(client, f"cu-test-build/{token}:1")
    assert made.image_id == found["Id"]
    assert found["Config"]["Labels"] == {"one": "a=b"}
    assert found["RepoTags"] == [f"cu-test-build/{token}:1"]  # the name it had while it was made is gone
    assert made.builder == "buildkit"
    assert found["RootFS"]["Layers"]
    assert [(step.line, step.word) for step in made.steps] == [(1, "FROM"), (4, "COPY"), (5, "RUN"), (7, "RUN")]
    assert [step.number for step in made.steps] == [1, 2, 3, 4]
    assert made.steps[2].instruction == f"RUN echo $WORD-{token}"
    assert made.steps[2].output == (f"thing-{token}",)
    assert made.steps[3].output == ("hello",)
    assert made.steps[2].seconds > 0
    assert f"step 4 of {len(made.steps)}: RUN /app/say.sh" in lines
    assert {step.line for step in ended} == {1, 4, 5, 7}
    assert {(entry.id, entry.reference, entry.new) for entry in journal.entries()} == {
        (made.image_id, "", True),
        (made.image_id, f"cu-test-build/{token}:1", True),
    }


def test_what_was_built_before_comes_from_the_cache_unless_told_otherwise(client: Client, token: str) -> None:
    dockerfile = f"FROM {BUSYBOX} AS one\nRUN echo {token}\nFROM one\nRUN echo two\n"

    def cached(**options: Any) -> list[bool]:
        return [step.cached for step in buildkit.build(client, dockerfile=dockerfile, **options).steps[1:]]

    assert cached() == [False, False]
    assert cached() == [True, True]
    assert cached(target="one") == [True]
    assert cached(nocache=True) == [False, False]


def test_an_image_without_tag_and_scene_is_in_the_journal_and_goes_with_a_sweep(client: Client, token: str) -> None:
    before = everything(client)
    made = buildkit.build(client, dockerfile=f"FROM {BUSYBOX}\nENV T={token}\n")

    assert made.tag == ""
    assert inspect(client, made.image_id)["Id"] == made.image_id
    assert [entry.id for entry in journal.entries()] == [made.image_id]
    assert swept(client) == (made.image_id,)
    assert everything(client) == before


def test_an_image_without_tag_of_a_scene_goes_with_the_scene(client: Client, token: str) -> None:
    before = everything(client)
    buildkit.build(client, dockerfile=f"FROM {BUSYBOX}\nENV T={token}\n", scene="test-build")
    scene.clear(client, scene="test-build")
    assert everything(client) == before


def test_what_somebody_built_before_and_did_not_name_stays_as_it_was(client: Client, token: str) -> None:
    """Ours comes whole from the cache and is their image: it gets our name, and is nameless again at the end."""
    hand = by_hand(client)
    dockerfile = f"FROM {BUSYBOX}\nRUN echo {token}\n"
    theirs = buildkit.build(client, dockerfile=dockerfile, tag=f"cu-test-build/{token}:1").image_id
    for entry in journal.entries():
        journal.gone(entry)  # from here on it is nobody's
    hand.tag(BUSYBOX, f"cu-test-build/{token}", "1")
    assert inspect(client, theirs)["RepoTags"] == []
    before = everything(client)

    ours = buildkit.build(client, dockerfile=dockerfile, tag="cu-test-build/ours:1", scene="test-build")
    assert ours.image_id == theirs
    assert scene.clear(client, scene="test-build").kept == ()

    assert everything(client) == before
    assert inspect(client, theirs)["RepoTags"] == []
    hand.remove_image(theirs, noprune=True)


@pytest.mark.parametrize("first_out", ["one", "two"])
def test_equal_builds_of_two_learners_are_one_image_and_the_last_one_takes_it_away(
    client: Client, token: str, home: Path, monkeypatch: pytest.MonkeyPatch, first_out: str
) -> None:
    monkeypatch.setenv(labels.SHARED, "1")  # each has a name of their own
    before = everything(client)
    homes = {name: home.with_name(name) for name in ("one", "two")}
    made = {}
    for name, folder in homes.items():
        monkeypatch.setenv("COURSE_HOME", str(folder))
        tag = f"{labels.object_name('shop')}:1"
        made[name] = buildkit.build(
            client, dockerfile=f"FROM {BUSYBOX}\nRUN echo {token}\n", tag=tag, scene="test-build"
        )
    assert made["one"].image_id == made["two"].image_id

    (last_out,) = homes.keys() - {first_out}
    monkeypatch.setenv("COURSE_HOME", str(homes[first_out]))
    assert scene.clear(client, scene="test-build").kept == ()
    assert inspect(client, made[last_out].tag)["RepoTags"] == [made[last_out].tag]
    monkeypatch.setenv("COURSE_HOME", str(homes[last_out]))
    assert scene.clear(client, scene="test-build").kept == ()
    assert everything(client) == before


def killed_at(client: Client, token: str, where: str, tag: str = "") -> journal.Entry:
    """A build of `FROM busybox, RUN echo token` by a process that is killed there; the build's entry."""
    code = (
        "import os\n"
        "from helpers.engine.build import buildkit\n"
        "from helpers.engine.client import connect\n"
        "from helpers.engine.ownership.ledger import OwningClient\n"
        f"{where} = lambda *_, **__: os._exit(9)\n"
        f"buildkit.build(connect(), dockerfile='FROM {BUSYBOX}\\nRUN echo {token}\\n', "
        f"tag='{tag}', scene='test-build')\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    return next(entry for entry in journal.entries() if entry.kind == "build")


def test_a_build_whose_makers_were_all_killed_is_found_by_the_name_that_only_it_has(client: Client, token: str) -> None:
    """The image stands, with the learner's name and the build's own; nobody lived to read its id."""
    before = everything(client)
    entry = killed_at(client, token, "buildkit._made", tag=f"cu-test-build/{token}:1")
    assert [(one.kind, one.id) for one in journal.entries()] == [("build", "")]
    found = inspect(client, f"cu-test-build/{token}:1")
    assert sorted(found["RepoTags"]) == sorted([build_name(entry), f"cu-test-build/{token}:1"])
    assert not found["Config"].get("Labels")

    assert scene.clear(client, scene="test-build").kept == ()

    assert everything(client) == before
    assert journal.entries() == ()


def test_whose_name_was_moved_away_when_its_maker_was_killed_takes_nothing_along(client: Client, token: str) -> None:
    """An image without a name loses the build's own to another image; killed there, that one has it for a while."""
    before = everything(client)
    entry = killed_at(client, token, "OwningClient.remove_image")
    held = inspect(client, build_name(entry))
    assert len(held["RepoTags"]) > 1

    assert scene.clear(client, scene="test-build").kept == ()

    assert everything(client) == before
    assert build_name(entry) not in inspect(client, held["Id"])["RepoTags"]
    assert journal.entries() == ()


def test_an_image_that_was_nameless_before_a_killed_build_is_still_not_ours_when_built_anew(
    client: Client, token: str
) -> None:
    hand, tag = by_hand(client), f"cu-test-build/{token}:1"
    dockerfile = f"FROM {BUSYBOX}\nRUN echo {token}\n"
    theirs = buildkit.build(client, dockerfile=dockerfile, tag=tag).image_id
    for entry in journal.entries():
        journal.gone(entry)  # from here on it is nobody's
    hand.tag(BUSYBOX, f"cu-test-build/{token}", "1")
    hand.remove_image(tag, noprune=True)
    before = everything(client)
    killed_at(client, token, "buildkit._made", tag=tag)

    buildkit.build(client, dockerfile=f"{dockerfile}ENV A=1\n", tag=tag, scene="test-build")
    assert scene.clear(client, scene="test-build").kept == ()

    assert everything(client) == before
    assert inspect(client, theirs)["RepoTags"] == []
    assert journal.entries() == ()
    hand.remove_image(theirs, noprune=True)


def test_what_is_refused_after_the_image_came_leaves_nothing(
    client: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(client)

    def refuse(*_: Any, **__: Any) -> None:
        raise errors.EngineRefused("The engine said no.", "it had a bad moment", "Try again.", status=500)

    with monkeypatch.context() as broken:
        broken.setattr(client, "unname", refuse)
        with pytest.raises(errors.EngineRefused):
            buildkit.build(
                client,
                dockerfile=f"FROM {BUSYBOX}\nRUN echo {token}\n",
                tag=f"cu-test-build/{token}:1",
                scene="test-build",
            )
    assert everything(client) != before

    assert scene.clear(client, scene="test-build").kept == ()

    assert everything(client) == before
    assert journal.entries() == ()


def test_a_build_that_may_be_going_on_stays_in_the_journal_for_ten_minutes(
    client: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = journal.Entry(kind="build", scene="test-build", engine=client.identity, nonce=token * 2)
    journal.note(entry)
    scene.clear(client, scene="test-build")
    assert journal.entries() == (entry,)
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    scene.clear(client, scene="test-build")
    assert journal.entries() == ()


def test_the_terminal_and_the_helper_give_the_same_image(client: Client, token: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"FROM {BUSYBOX}\nCOPY . /all\nRUN echo {token}\nENV A=1\n")
    (folder / "script").write_text("#!/bin/sh\n")
    (folder / "script").chmod(0o700)
    (folder / "secret").write_text("left out")
    (folder / ".dockerignore").write_text("secret\n")
    text = (folder / "Dockerfile").read_text()
    ours = buildkit.build(client, dockerfile=text, context=folder, tag=f"cu-test-build/{token}:1", scene="test-build")
    command = ["docker", "buildx", "build", "--load", "--quiet", f"--tag=cu-test-build/{token}:2", str(folder)]
    subprocess.run(command, env=buildx.environment(client), check=True, capture_output=True)
    assert inspect(client, f"cu-test-build/{token}:2")["Id"] == ours.image_id


def test_what_is_changed_in_place_is_built(client: Client, token: str, tmp_path: Path) -> None:
    """Equal size, and a time that the file system gave: nobody sets times, so BuildKit sees the change."""
    dockerfile = f"FROM {BUSYBOX}\nCOPY word /\nRUN echo {token} && cat /word\n"
    for word in ("one", "two", "six"):
        (tmp_path / "word").write_text(word)
        made = buildkit.build(client, dockerfile=dockerfile, context=tmp_path)
        assert made.steps[-1].output == (token, word)
        in_memory = buildkit.build(client, dockerfile=dockerfile, context={"word": word.encode()})
        assert in_memory.image_id == made.image_id


# what fails, and what both builders say of it: the line, the instruction's beginning, the exit code, and a word of each
FAILURES = [
    pytest.param("RUN echo no such luck >&2; exit 3", 3, "no such luck", "Read what", id="exit code"),
    pytest.param("RUN nosuchprogram", 127, "nosuchprogram", 'no program "nosuchprogram"', id="no program"),
    pytest.param('RUN ["nosuchprogram"]', None, "nosuchprogram", 'no program "nosuchprogram"', id="no executable"),
    pytest.param("COPY nothing.txt /", None, "no nothing.txt in the build context", ".dockerignore", id="no file"),
    pytest.param("COPY --from=one /nothing /", None, "no /nothing in one", "that stage", id="no file in a stage"),
    pytest.param("RNU true", None, "unknown instruction: RNU", "Did you mean RUN?", id="misspelt"),
    pytest.param("COPY one", None, "requires at least two arguments", "this line", id="too few words"),
]


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
@pytest.mark.parametrize(("instruction", "code", "why", "next_step"), FAILURES)
def test_both_builders_say_alike_what_failed(
    client: Client, token: str, builder: str, instruction: str, code: int | None, why: str, next_step: str
) -> None:
    before = everything(client)

    with pytest.raises(errors.BuildFailed) as failed:
        choose.build_with(
            builder,
            client,
            dockerfile=f"\n\nFROM {BUSYBOX} AS one\nFROM one\nENV T={token} \\\n  U=1\n{instruction}\nRUN :\n",
            tag=f"cu-test-build/{token}:1",
            scene="test-build",
        )

    assert failed.value.line == 7
    assert failed.value.instruction == instruction
    assert failed.value.exit_code == code
    assert "line 7 of the Dockerfile" in failed.value.what.replace("Line", "line")
    assert why in failed.value.why
    assert next_step in failed.value.next_step
    assert "\x1b" not in str(failed.value)
    assert "returned a non-zero code" not in str(failed.value)
    swept(client)
    assert everything(client) == before


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
@pytest.mark.parametrize(
    "text", ["FROM localhost/course/none-{}:1", f"FROM {BUSYBOX}\nCOPY --from=localhost/none-{{}}:1 /a /"]
)
def test_an_image_that_can_not_be_had_is_named_with_its_line(
    client: Client, token: str, builder: str, text: str
) -> None:
    with pytest.raises(errors.NoSuchImage, match=f"none-{token}") as failed:
        choose.build_with(builder, client, dockerfile=text.format(token) + "\nRUN true\n")
    assert f"Line {text.count(chr(10)) + 1} of the Dockerfile" in failed.value.what


SYNTAX = [
    pytest.param("# syntax=docker/dockerfile:1\n", 1, id="plain"),
    pytest.param("#!/usr/bin/env docker\n// Syntax = x/y:1 \n", 2, id="slashes after a shebang"),
    pytest.param("# escape=`\n#syntax=x\n", 2, id="second"),
]


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
@pytest.mark.parametrize(("head", "line"), SYNTAX)
def test_what_would_fetch_a_program_is_refused_with_its_line(
    client: Client, builder: str, head: str, line: int
) -> None:
    with pytest.raises(errors.WrongUse, match=f"Line {line} of the Dockerfile would fetch an image"):
        choose.build_with(builder, client, dockerfile=f"{head}FROM {BUSYBOX}\n")
    with pytest.raises(errors.WrongUse, match="A build argument would fetch an image"):
        choose.build_with(builder, client, dockerfile=f"FROM {BUSYBOX}\n", buildargs={"BUILDKIT_SYNTAX": "x"})
    choose.build_with(builder, client, dockerfile=f"FROM {BUSYBOX}\n# syntax=x\n")  # too late to mean anything


@pytest.mark.parametrize("line", ["RUN <<E\ntrue\nE", "COPY <<-'a b' /x\nx\na b", 'RUN cat <<"E" >/x && true\nE'])
def test_here_documents_are_for_buildkit_and_are_never_sent_to_the_classic_builder(
    client: Client, token: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker 28's build endpoint takes them, says that all went well, and runs nothing."""
    dockerfile = f"FROM {BUSYBOX}\nENV T={token}\n{line}\n"
    monkeypatch.setattr(classic, "_messages", lambda *_: pytest.fail("it was sent"))
    with pytest.raises(errors.WrongUse, match="Line 3 of the Dockerfile opens a here-document: <<"):
        classic.build(client, dockerfile=dockerfile)


def test_what_only_looks_like_a_here_document_is_built_by_the_classic_builder(client: Client, token: str) -> None:
    made = classic.build(client, dockerfile=f"FROM {BUSYBOX}\nRUN echo $((1<<3)) {token}\n")
    assert made.steps[-1].output == (f"8 {token}",)


def test_a_malformed_tag_and_a_path_outside_are_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="tag"):
        buildkit.build(client, dockerfile=f"FROM {BUSYBOX}\n", tag="Not A Tag")
    with pytest.raises(ValueError, match="inside the build context"):
        buildkit.build(client, dockerfile=f"FROM {BUSYBOX}\n", context={"../a": b""})


def test_a_file_that_can_not_be_read_ends_the_build(client: Client, token: str, tmp_path: Path) -> None:
    before = everything(client)
    with pytest.raises(OSError, match="gone"):
        buildkit.build(
            client,
            dockerfile=f"FROM {BUSYBOX}\nCOPY a /{token}\n",
            context={"a": bytes(100_000), "gone": tmp_path / "gone"},
        )
    assert everything(client) == before


def command_lines() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            yield path.read_text(errors="replace")


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="the engine's processes can't be seen from here")
def test_an_interrupted_build_ends_on_the_engine_too(client: Client, token: str) -> None:
    before = everything(client)

    def interrupt(line: str) -> None:
        if "sleep" in line:
            waiting.until(lambda: running() or None, "the step runs", seconds=20)
            raise KeyboardInterrupt

    def running() -> bool:
        # BuildKit's containers are on no list of the engine's, so the process itself is looked for
        return any(f"sleep 300; echo {token}" in line and "\0build\0" not in line for line in command_lines())

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        buildkit.build(client, dockerfile=f"FROM {BUSYBOX}\nRUN sleep 300; echo {token}\n", say=interrupt)

    waiting.until(lambda: None if running() else True, "the step's process ends", seconds=20)
    assert time.monotonic() - started < 30
    assert everything(client) == before


def test_another_choice_of_engine_meanwhile_changes_nothing(
    client: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = open_client(Address(url=client.address.url, origin="usual place"))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    monkeypatch.setenv("DOCKER_CONTEXT", "nowhere")
    monkeypatch.setenv("BUILDX_BUILDER", "nowhere")
    try:
        made = buildkit.build(mine, dockerfile=f"FROM {BUSYBOX}\nENV T={token}\n", scene="test-build")
    finally:
        mine.close()
    assert inspect(client, made.image_id)


def test_without_buildx_it_is_said_and_what_to_do(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert buildkit.available(client) is None
    with pytest.raises(errors.EngineError, match="buildx") as failed:
        choose.build_with("buildkit", client, dockerfile=f"FROM {BUSYBOX}\n")
    assert "classic" in failed.value.next_step


@pytest.mark.parametrize("builder", [classic, buildkit])
def test_a_build_that_says_nothing_more_is_stopped_and_said(
    builder: Any, client: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classic, "SILENT_SECONDS", 4)
    monkeypatch.setattr(buildx, "SILENT_SECONDS", 4)
    began = time.monotonic()

    with pytest.raises(errors.BuildStopped, match=r"nothing more was heard of it for 4(\.\d)? s") as caught:
        builder.build(client, dockerfile=f"FROM {BUSYBOX}\nRUN echo {token}; sleep 100\n", scene="test-silent")

    assert time.monotonic() - began < 20
    assert caught.value.log
    assert "RUN lines" in caught.value.next_step
    scene.clear(client, scene="test-silent")


def test_a_docker_command_that_hangs_is_ended_and_said(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "docker"
    program.write_text(
        "#!/bin/sh\ncase $2 in version) echo buildx v0.13.1; exit;; esac\ntrap '' INT TERM\nsleep 30 & wait\nsleep 30\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), os.environ["PATH"]]))
    monkeypatch.setattr(buildx, "SILENT_SECONDS", 1)
    monkeypatch.setattr(buildx, "STOP_SECONDS", 0.5)
    began = time.monotonic()

    with pytest.raises(errors.BuildStopped, match="nothing more was heard of it for 1 s"):
        buildkit.build(client, dockerfile=f"FROM {BUSYBOX}\n")

    assert time.monotonic() - began < 10


def test_another_word_is_no_builder(client: Client) -> None:
    with pytest.raises(errors.WrongUse, match="classic"):
        choose.build_with("kaniko", client, dockerfile=f"FROM {BUSYBOX}\n")
