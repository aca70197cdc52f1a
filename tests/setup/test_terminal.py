"""The course's terminal: the real shell in a pty, the learner's own settings and docker configuration, their folder."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from helpers import store
from helpers.engine.build import plugins
from helpers.setup.jupyter import terminal, work

PLUGIN = """#!/bin/sh
if [ "$1" = docker-cli-plugin-metadata ]
then echo '{"SchemaVersion": "0.1.0", "Vendor": "tests", "Version": "1"}'
else echo "the course's"
fi
"""
posix = pytest.mark.skipif(os.name != "posix", reason="a pty")
docker = pytest.mark.skipif(shutil.which("docker") is None, reason="no docker command")


def unsaid(words: str) -> None:
    """Nothing may be said."""
    pytest.fail(words)


@pytest.fixture
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a docker configuration of its own, and compose and buildx in the course's folder only."""
    home = tmp_path / "home"
    (home / ".docker" / "cli-plugins").mkdir(parents=True)
    (home / ".docker" / "contexts").mkdir()
    (home / ".docker" / "config.json").write_text('{"auths": {"r.example": {"auth": "Z2VoZWlt"}}}')
    (home / ".docker" / "cli-plugins" / "docker-own").write_text("#!/bin/sh\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "course"))
    monkeypatch.setenv("COURSE_WORK", str(tmp_path / "my work"))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    ours = plugins.folder() / "cli-plugins"
    ours.mkdir(parents=True)
    for name in ("compose", "buildx"):
        (ours / f"docker-{name}").write_text(PLUGIN)
        (ours / f"docker-{name}").chmod(0o755)
    return home


# -- docker's configuration


@posix
def test_every_entry_is_the_learners_own_and_the_plugins_are_there(learner: Path) -> None:
    place = Path(terminal.docker_config(unsaid)["DOCKER_CONFIG"])

    assert (place / "config.json").resolve() == learner / ".docker" / "config.json"
    assert (place / "contexts").resolve() == learner / ".docker" / "contexts"
    assert {path.name for path in (place / "cli-plugins").iterdir()} == {
        "docker-own",
        "docker-compose",
        "docker-buildx",
    }


@posix
def test_a_plugin_of_the_learners_own_goes_before_the_courses(learner: Path) -> None:
    own = learner / ".docker/cli-plugins/docker-compose"
    own.write_text("#!/bin/sh\n")
    place = Path(terminal.docker_config(unsaid)["DOCKER_CONFIG"])
    assert (place / "cli-plugins/docker-compose").resolve() == own


@posix
def test_what_changes_in_the_learners_folder_is_followed_and_theirs_is_never_changed(learner: Path) -> None:
    theirs = learner / ".docker"
    terminal.docker_config(unsaid)
    before = sorted(path.name for path in theirs.rglob("*"))
    (theirs / "contexts").rmdir()
    (theirs / "buildx").mkdir()
    (theirs / "cli-plugins" / "docker-own").unlink()

    place = Path(terminal.docker_config(unsaid)["DOCKER_CONFIG"])

    assert sorted(path.name for path in place.iterdir()) == ["buildx", "cli-plugins", "config.json", "contexts"]
    assert not (place / "cli-plugins/docker-own").is_symlink()
    assert before == ["cli-plugins", "config.json", "contexts", "docker-own"]
    assert json.loads((theirs / "config.json").read_text())["auths"]


def choose(name: str, variables: dict[str, str]) -> None:
    """Makes a context and chooses it: docker writes its files as it does for a login."""
    env = {**os.environ, **variables}
    env.pop("DOCKER_HOST", None)
    for words in (["create", name, "--docker", "host=unix:///nowhere.sock"], ["use", name]):
        subprocess.run(["docker", "context", *words], env=env, check=True, capture_output=True)


@posix
@docker
@pytest.mark.parametrize("there", ["a login", "no file", "no folder", "a link"])
def test_what_docker_writes_is_written_where_the_learner_keeps_it(there: str, learner: Path) -> None:
    """Also the first time, and where the file is kept among others of theirs, and linked."""
    config = learner / ".docker" / "config.json"
    kept = learner / "dotfiles" / "docker.json"
    if there == "no file":
        config.unlink()
    if there == "no folder":
        shutil.rmtree(learner / ".docker")
    if there == "a link":
        kept.parent.mkdir()
        config.rename(kept)
        config.symlink_to(kept)
    variables = terminal.docker_config(unsaid)
    choose("mine", variables)

    found = json.loads(config.read_text())
    assert found["currentContext"] == "mine"
    assert bool(found.get("auths")) is (there in ("a login", "a link"))
    assert Path(variables["DOCKER_CONFIG"], "config.json").is_symlink()
    assert list((learner / ".docker/contexts").rglob("meta.json"))
    assert config.is_symlink() is (there == "a link")


@posix
@docker
def test_on_another_disk_what_docker_writes_is_the_learners_and_what_is_missing_is_said(
    learner: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one disk only")
    said: list[str] = []
    with tempfile.TemporaryDirectory(dir=memory) as elsewhere:
        (learner / ".docker").rename(tmp_path / "unused")
        shutil.copytree(tmp_path / "unused", Path(elsewhere) / "docker", copy_function=shutil.copy)
        monkeypatch.setenv("DOCKER_CONFIG", str(Path(elsewhere) / "docker"))
        variables = terminal.docker_config(said.append)
        choose("mine", variables)
        found = json.loads((Path(elsewhere) / "docker" / "config.json").read_text())

    assert found["currentContext"] == "mine"
    assert found["auths"]
    assert "does not find the course's Compose and buildx" in said[0]
    assert "on another disk" in said[0]


@posix
@docker
def test_a_folder_that_is_read_only_is_read(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mount of it, as in a development container; in a namespace of its own."""
    theirs = learner / ".docker"
    choose("mine", {"DOCKER_CONFIG": str(theirs)})
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    asks = "from helpers.setup.jupyter import terminal; print(terminal.docker_config(exit)['DOCKER_CONFIG'])"
    script = (
        'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 77\n'
        'DOCKER_CONFIG=$("$2" -c "$3") && export DOCKER_CONFIG && docker context show && docker compose'
    )
    words = ["unshare", "--mount", "sh", "-c", script, "sh", str(theirs), sys.executable, asks]
    try:
        done = subprocess.run(words, cwd=work.CHECKOUT, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no mounts of one's own: {done.stderr.strip()}")

    assert done.stdout.split("\n")[:2] == ["mine", "the course's"], done.stderr


@posix
def test_what_docker_made_in_the_courses_folder_is_brought_home(learner: Path) -> None:
    """A folder that the learner's own did not have."""
    place = Path(terminal.docker_config(unsaid)["DOCKER_CONFIG"])
    (place / "trust").mkdir()
    (place / "trust" / "key").write_text("k")

    terminal.docker_config(unsaid)
    assert (learner / ".docker/trust/key").read_text() == "k"
    assert (place / "trust").is_symlink()


@posix
def test_a_start_in_the_courses_own_terminal_leaves_the_links_as_they_are(
    learner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = terminal.docker_config(unsaid)["DOCKER_CONFIG"]
    monkeypatch.setenv("DOCKER_CONFIG", place)
    assert terminal.docker_config(unsaid) == {"DOCKER_CONFIG": place}
    assert Path(place, "config.json").resolve() == learner / ".docker" / "config.json"


@posix
def test_without_plugins_of_the_courses_nothing_is_set(learner: Path) -> None:
    del learner
    shutil.rmtree(plugins.folder())
    assert terminal.docker_config(unsaid) == {}


# -- the folder


def test_copies_are_put_there_once_and_never_written_over(learner: Path) -> None:
    del learner
    said: list[str] = []
    place = work.ready(said.append)
    assert place is not None
    shop = place / "harbour-shop" / "shop.py"
    assert shop.read_bytes() == (work.CHECKOUT / "notebooks/harbour-shop/shop.py").read_bytes()
    shop.write_text("mine")

    work.ready(said.append)
    assert shop.read_text() == "mine"

    shutil.rmtree(place / "harbour-shop")
    work.ready(said.append)
    assert not (place / "harbour-shop").exists(), "who deleted it does not want it"
    assert said == []


def test_a_folder_of_that_name_that_is_there_is_left_alone(learner: Path) -> None:
    del learner
    own = store.work() / "harbour-shop"
    own.mkdir(parents=True)
    (own / "notes.txt").write_text("mine")
    work.ready(lambda _: None)
    assert [path.name for path in own.iterdir()] == ["notes.txt"]


def test_without_a_wish_it_is_work_in_the_checkout_which_git_does_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_WORK", raising=False)
    assert store.work() == work.CHECKOUT / "work"
    assert "/work" in (work.CHECKOUT / ".gitignore").read_text().split()


def test_a_folder_that_cannot_be_written_is_said_and_does_not_stop_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_WORK", str(tmp_path / "file" / "work"))
    said: list[str] = []
    assert work.ready(said.append) is None
    assert "can't be written" in said[0]


# -- the shell


def typed(*lines: str, until: str, seconds: float = 20.0) -> str:
    """What the course's shell shows in a pty of its own."""
    import pty

    place = work.ready(lambda _: None)
    env = {**os.environ, **terminal.environment(place, unsaid), "TERM": "dumb"}
    child, wire = pty.fork()
    if child == 0:
        os.execvpe(terminal.command()[0], terminal.command(), env)  # noqa: S606 - as JupyterLab does
    seen = ""
    deadline = time.monotonic() + seconds
    waiting = list(lines)
    try:
        while time.monotonic() < deadline and until not in seen:
            if select.select([wire], [], [], 0.2)[0]:
                try:
                    seen += os.read(wire, 4096).decode(errors="replace")
                except OSError:
                    break
            seen = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", seen)  # what some shells say to the screen
            if waiting and seen.rstrip(" ").endswith("$"):
                os.write(wire, waiting.pop(0).encode() + b"\n")
                seen += "\n"
    finally:
        os.close(wire)
        os.waitpid(child, 0)
    return seen


@posix
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_learners_shell_begins_in_their_folder_with_a_short_prompt_and_their_own_settings(
    shell: str, learner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"there is no {shell} here")
    monkeypatch.setenv("SHELL", found)
    rc = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}[shell]
    (learner / rc).parent.mkdir(parents=True, exist_ok=True)
    (learner / rc).write_text(f"alias mine='echo alias of {shell}'\ncd /\n")

    seen = typed("mine", 'echo "here: $PWD"', "docker buildx version", "echo done-$(echo it)", until="done-it")

    assert "my work $ " in seen
    assert f"alias of {shell}" in seen
    assert f"here: {store.work()}" in seen
    if shutil.which("docker"):
        assert "the course's" in seen


@posix
def test_another_shell_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/opt/bin/nu")
    assert terminal.command() == ["/opt/bin/nu", "-i"]


def test_on_windows_it_is_powershell_without_a_file_that_its_policy_could_refuse() -> None:
    command = terminal.command(windows=True)
    assert command[0] == "powershell.exe"
    assert "-File" not in command
    assert "$env:COURSE_WORK" in command[-1]
