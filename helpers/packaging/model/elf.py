"""The smallest programs a Linux kernel runs, for two kinds of CPU, and what an engine did with them.

Byte by byte after the System V gABI (the ELF-64 file and program headers; the machine numbers 62 for x86-64 and 183 for
AArch64 stand in the psABI of each), the instruction sets' own manuals, and the tables of system calls in Linux: on
x86-64 write is 1 and exit 60 (arch/x86/entry/syscalls/syscall_64.tbl), on AArch64 write is 64 and exit 93
(include/uapi/asm-generic/unistd.h). Both do the same: write(1, message, length), then exit(0).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

X86_64, AARCH64 = "x86_64", "aarch64"
ARCHITECTURES = (X86_64, AARCH64)
_ALIASES = {"amd64": X86_64, "x86-64": X86_64, "arm64": AARCH64}
_MACHINES = {X86_64: 62, AARCH64: 183}

_BASE = 0x400000  # where the file is mapped; any free address would do
_HEADERS = 64 + 56  # one file header, one program header; the code follows
_PAGE = 0x10000  # kernels for AArch64 may use pages of 64 KiB


def architecture(word: str) -> str:
    """One name for each kind of CPU: "amd64" gives "x86_64", "arm64" gives "aarch64"; others stay as they are."""
    low = word.strip().lower()
    return _ALIASES.get(low, low)


def program(cpu: str, message: str) -> bytes:
    """A whole executable file that writes `message` to its standard output and ends with exit code 0.

    Raises: ValueError for another kind of CPU, or a message of more than 4000 bytes.
    """
    said = message.encode()
    if cpu not in _MACHINES or len(said) > 4000:
        raise ValueError(f"no program for {cpu!r} with {len(said)} bytes to say")
    code = (_x86_64 if cpu == X86_64 else _aarch64)(len(said))
    size = _HEADERS + len(code) + len(said)
    file_header = struct.pack(
        "<4sBBBB8xHHIQQQIHHHHHH",
        b"\x7fELF",
        2,  # 64 bits
        1,  # little endian
        1,  # version of the format
        0,  # System V
        2,  # an executable file at a fixed address
        _MACHINES[cpu],
        1,
        _BASE + _HEADERS,  # the first instruction
        64,  # where the program header is
        0,  # no section headers
        0,
        64,
        56,
        1,  # one program header
        0,
        0,
        0,
    )
    # PT_LOAD: the whole file, readable (4) and executable (1)
    program_header = struct.pack("<IIQQQQQQ", 1, 5, 0, _BASE, _BASE, size, size, _PAGE)
    return file_header + program_header + code + said


def _x86_64(length: int) -> bytes:
    """The message follows the code: 16 bytes after the third instruction's end."""
    return b"".join(
        (
            b"\xb8" + struct.pack("<I", 1),  # mov  eax, 1         write
            b"\xbf" + struct.pack("<I", 1),  # mov  edi, 1         standard output
            b"\x48\x8d\x35" + struct.pack("<i", 16),  # lea  rsi, [rip+16]  the message
            b"\xba" + struct.pack("<I", length),  # mov  edx, length
            b"\x0f\x05",  # syscall
            b"\xb8" + struct.pack("<I", 60),  # mov  eax, 60        exit
            b"\x31\xff",  # xor  edi, edi       with 0
            b"\x0f\x05",  # syscall
        )
    )


def _aarch64(length: int) -> bytes:
    """Eight instructions of four bytes; the message follows 28 bytes after the second."""
    words = (
        0xD2800020,  # mov  x0, #1          standard output
        0x10000001 | (28 // 4) << 5,  # adr  x1, #28         the message
        0xD2800002 | length << 5,  # mov  x2, #length
        0xD2800008 | 64 << 5,  # mov  x8, #64         write
        0xD4000001,  # svc  #0
        0xD2800000,  # mov  x0, #0          with 0
        0xD2800008 | 93 << 5,  # mov  x8, #93         exit
        0xD4000001,  # svc  #0
    )
    return struct.pack("<8I", *words)


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the first bytes of a program say. entry: address of its first instruction."""

    cpu: str
    entry: int
    segments: int


def header(data: bytes) -> Header:
    """Reads the head of an ELF-64 file.

    Raises: ValueError if it is none, or too short.
    """
    if len(data) < 64 or data[:7] != b"\x7fELF\x02\x01\x01":
        raise ValueError("not a little-endian ELF-64 file")
    machine, entry = struct.unpack_from("<H", data, 18)[0], struct.unpack_from("<Q", data, 24)[0]
    names = {number: name for name, number in _MACHINES.items()}
    return Header(cpu=names.get(machine, f"machine {machine}"), entry=entry, segments=data[56])


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One program that was started. said: its output, or the refusal. exit_code: None if it never started.

    size: of the program, in bytes.
    """

    cpu: str
    size: int
    said: str
    ran: bool
    exit_code: int | None


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """A program for this engine's kind of CPU, the control, and one for another. cpu: the engine's own."""

    cpu: str
    control: Tried
    foreign: Tried

    @property
    def emulated(self) -> bool:
        """True if the foreign program ran: the kernel hands such files to an emulator (binfmt_misc)."""
        return self.foreign.ran
