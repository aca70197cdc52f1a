"""What is decided before anything is installed or ended, shown on text and on this very process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import cli
from helpers.setup.engine import apt, pid_files
from helpers.setup.jupyter import jupyterlab
from helpers.setup.jupyter import server as jupyter_server

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")


@pytest.mark.parametrize(
    ("text", "name", "like", "version"),
    [
        ('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"', "debian", (), "12"),
        ('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"', "ubuntu", ("debian",), "24.04"),
        ("ID=linuxmint\nID_LIKE='ubuntu debian'", "linuxmint", ("ubuntu", "debian"), ""),
        ("# ID=no\n\nnonsense\nID=fedora", "fedora", (), ""),
        ("", "linux", (), ""),
    ],
)
def test_the_distribution_is_read(text: str, name: str, like: tuple[str, ...], version: str) -> None:
    found = apt.parse_os_release(text)

    assert (found.name, found.like, found.version) == (name, like, version)


def test_only_debian_and_its_children_have_apt() -> None:
    assert not apt.parse_os_release("ID=fedora").has_apt
    assert not apt.system(Path("/nowhere/os-release")).has_apt


def test_lists_are_old_if_missing_or_of_last_month(tmp_path: Path) -> None:
    assert apt.lists_are_old(tmp_path)
    (tmp_path / "mirror_Packages.lz4").touch()
    assert not apt.lists_are_old(tmp_path)
    month = 30 * 24 * 3600
    for path in (tmp_path / "mirror_Packages.lz4", tmp_path):
        os.utime(path, (path.stat().st_mtime - month,) * 2)
    assert apt.lists_are_old(tmp_path)


@linux
def test_a_number_counts_only_as_the_program_it_is() -> None:
    child = subprocess.Popen(["sleep", "60"])
    try:
        found = pid_files.process(child.pid, "sleep")
        assert found is not None
        assert found.pid == child.pid
        assert pid_files.process(child.pid, "sleep") == found, "the same process looks the same each time"
        assert pid_files.process(child.pid, "dockerd") is None
    finally:
        child.kill()
        child.wait()
    assert pid_files.process(child.pid, "sleep") is None


@pytest.mark.parametrize(("content", "number"), [("12\n", 12), ("", 0), ("x", 0), (None, 0)])
def test_a_pid_file_may_hold_anything(tmp_path: Path, content: str | None, number: int) -> None:
    path = tmp_path / "docker.pid"
    if content is not None:
        path.write_text(content)

    assert pid_files.number(path) == number


def test_no_command_means_start() -> None:
    assert cli.parse([]).command == "start"
    assert cli.parse(["--no-browser"]).no_browser


def test_what_test_does_not_know_goes_to_pytest_in_order() -> None:
    words = ["-k", "not browser", "-x", "tests/lab", "-p", "no:cacheprovider"]

    found = cli.parse(["test", *words, "--engines"])

    assert found.rest == words
    assert found.engines


@pytest.mark.parametrize("words", [["imagse"], ["--nobrowser"], ["start", "--port", "0"], ["images", "load"]])
def test_a_mistyped_command_line_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.parse(words)

    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_each_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.parse([command, "--help"])

    assert caught.value.code == 0
    assert f"start.py {command}" in capsys.readouterr().out


def test_jupyterlab_listens_here_only_and_keeps_its_protections(tmp_path: Path) -> None:
    words = jupyter_server.options(8888, tmp_path)

    assert "--ServerApp.ip=127.0.0.1" in words
    assert "--ServerApp.disable_check_xsrf=False" in words
    assert "--ServerApp.allow_remote_access=False" in words
    assert not any("token" in word.lower() for word in words)


def test_the_token_is_not_in_the_text_of_a_server(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""], text=True, stdout=subprocess.PIPE) as child:
        log = jupyter_server.Log(tmp_path / "log")
        log.copy(child, "0123secret")
        server = jupyter_server.Server(8888, child, log, "0123secret")

    assert "0123secret" not in repr(server)
    assert server.url().endswith("/lab/tree/notebooks/00-start-here.ipynb?token=0123secret")


def test_no_browser_is_opened_over_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")

    assert not jupyterlab.has_browser()
