"""The hand-made programs: what their headers say, and that what can run here does what they promise."""

from __future__ import annotations

import os
import platform
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.packaging.model import elf
from helpers.packaging.model.elf import AARCH64, ARCHITECTURES, X86_64, Foreign, Tried
from helpers.packaging.views import foreign_cpu as views

MESSAGE = "hello\n"


@pytest.mark.parametrize(("cpu", "number"), [(X86_64, 62), (AARCH64, 183)])
def test_the_headers_are_what_the_specification_asks_for(cpu: str, number: int) -> None:
    data = elf.program(cpu, MESSAGE)

    assert data[:8] == b"\x7fELF\x02\x01\x01\x00"
    kind, machine, version, entry, table, sections = struct.unpack_from("<HHIQQQ", data, 16)
    assert (kind, machine, version, entry, table, sections) == (2, number, 1, 0x400078, 64, 0)
    flags, header, each, many, section, several, names = struct.unpack_from("<IHHHHHH", data, 48)
    assert (flags, header, each, many, section, several, names) == (0, 64, 56, 1, 0, 0, 0)
    kind, rights, offset, address, _, in_file, in_memory, align = struct.unpack_from("<IIQQQQQQ", data, 64)
    assert (kind, rights, offset, address) == (1, 5, 0, 0x400000)
    assert in_file == in_memory == len(data) < 400
    assert address % align == offset % align
    assert elf.header(data) == elf.Header(cpu=cpu, entry=entry, segments=1)


def test_the_message_is_where_the_code_looks_for_it() -> None:
    data = elf.program(X86_64, MESSAGE)
    lea = data.index(b"\x48\x8d\x35")
    assert data[lea + 7 + struct.unpack_from("<i", data, lea + 3)[0] :] == MESSAGE.encode()

    data = elf.program(AARCH64, MESSAGE)
    words = struct.unpack_from("<8I", data, 120)
    adr = words[1]
    assert adr & 0x9F00001F == 0x10000001  # adr x1
    distance = (adr >> 5 & 0x7FFFF) << 2 | adr >> 29 & 3
    assert data[120 + 4 + distance :] == MESSAGE.encode()
    assert words[2] >> 5 & 0xFFFF == len(MESSAGE)
    assert [words[3] >> 5 & 0xFFFF, words[6] >> 5 & 0xFFFF] == [64, 93]  # write, exit


def test_the_one_for_this_computer_runs(tmp_path: Path) -> None:
    cpu = elf.architecture(platform.machine())
    if sys.platform != "linux" or cpu not in ARCHITECTURES:
        return  # the engine's test runs it in a container there
    file = tmp_path / "hello"
    file.write_bytes(elf.program(cpu, "hällo\n" + "x" * 3000 + "\n"))
    file.chmod(0o755)
    fresh = os.fspath(file)
    done = subprocess.run([fresh], capture_output=True, timeout=10, check=False)
    assert (done.returncode, done.stdout) == (0, ("hällo\n" + "x" * 3000 + "\n").encode())


def test_what_is_no_program_is_refused() -> None:
    for data in (b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF\x01" + bytes(80)):
        with pytest.raises(ValueError):
            elf.header(data)
    for cpu, message in (("riscv64", "x"), (X86_64, "x" * 4001)):
        with pytest.raises(ValueError):
            elf.program(cpu, message)
    other = bytearray(elf.program(X86_64, "x"))
    other[18] = 243
    assert elf.header(bytes(other)).cpu == "machine 243"


def test_one_kind_of_cpu_has_several_names() -> None:
    names = ["amd64", "x86-64", "X86_64", "arm64", "aarch64 ", "riscv64"]
    assert [elf.architecture(name) for name in names] == [X86_64, X86_64, X86_64, AARCH64, AARCH64, "riscv64"]


def tried(cpu: str, *, ran: bool, said: str) -> Tried:
    return Tried(cpu=cpu, size=185, said=said, ran=ran, exit_code=0 if ran else 1)


def test_refused_and_emulated_are_told_apart() -> None:
    control = tried(X86_64, ran=True, said="hello")
    refused = Foreign(cpu=X86_64, control=control, foreign=tried(AARCH64, ran=False, said="exec format error"))
    assert views.foreign(refused).sentence == (
        "A program for x86_64, this engine's own kind of CPU, said “hello”. "
        "The same for aarch64 was refused: exec format error."
    )
    emulated = Foreign(cpu=X86_64, control=control, foreign=tried(AARCH64, ran=True, said="hello"))
    assert "was emulated here" in views.foreign(emulated).sentence
    assert "emulated" in views.foreign(emulated).svg
