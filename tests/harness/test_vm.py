"""The tests' own virtual machine: which ports come out, what it needs, and that no run of the suite starts it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.harness.engines import engines, sweep, vm

ENGINES = "tests/harness/engines"
OTHERS = ("sweep", "pair")
ROOT = Path(__file__).resolve().parents[2]


def test_ports_of_this_computer_come_out_and_no_others() -> None:
    ports = {
        "8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "32768"}],
        "80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8000"}, {"HostIp": "::", "HostPort": "8001"}],
        "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "5353"}],
        "9090/tcp": None,
    }
    assert vm.published(ports) == {32768, 8000}
    assert vm.published({}) == set()


def test_no_run_of_the_suite_starts_it() -> None:
    assert engines.VM not in sweep.WANTED
    assert engines.VM not in engines.SUITES
    commands = (
        "start.py",
        "tests/conftest.py",
        "tests/harness/guards.py",
        *(f"{ENGINES}/{name}.py" for name in OTHERS),
    )
    for name in commands:
        assert not re.search(r"\bvm\b", (ROOT / name).read_text(encoding="utf-8")), name


def test_it_says_what_it_needs_before_it_is_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, ...]] = []

    def answer(*command: str, **_: object) -> str:
        if command[0] == "apt-get":
            assert "qemu-system-x86" in capsys.readouterr().out  # said already
        asked.append(command)
        return "cpio installed\nkmod installed\nseabios config-files\n"

    monkeypatch.setattr(vm, "call", answer)
    vm.install()
    assert asked[-1][0] == "apt-get"
    assert set(asked[-1]) >= {"qemu-system-x86", "seabios", "busybox-static", "e2fsprogs"}
    assert not {"cpio", "kmod"} & set(asked[-1])


def test_what_goes_into_it_is_in_the_checkout() -> None:
    assert {path.name for path in vm.FILES.iterdir()} == {"Dockerfile", "init", "initrd-init"}
    start = (vm.FILES / "init").read_text(encoding="utf-8")
    assert f":{vm.PORT} " in start
    assert "FROM localhost/course/debian:trixie" in (vm.FILES / "Dockerfile").read_text(encoding="utf-8")
