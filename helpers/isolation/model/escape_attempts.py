"""What root in a container can and can't do: attempts that were made, under several settings; and capabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# name -> what is tried, in words. In the order of the table.
ATTEMPTS: Mapping[str, str] = {
    "write-etc": "change a file in /etc",
    "read-others": "read another's private file",
    "give-away": "give a file to another user",
    "device": "make a device file",
    "become-root": "become root by set-uid",
    "user-namespace": "make a user namespace",
    "mount": "mount a file system",
    "host-name": "change the host name",
    "clock": "set the clock",
    "kernel-setting": "change a setting of the kernel",
}

# The settings, by the options of docker run.
SETTINGS: Mapping[str, Mapping[str, object]] = {
    "default": {},
    "user 1000": {"user": "1000"},
    "read-only": {"read_only": True},
    "no-new-privileges": {"security_opt": ("no-new-privileges",)},
    "cap-drop ALL": {"cap_drop": ("ALL",)},
    "no seccomp": {"security_opt": ("seccomp=unconfined",)},
}


@dataclass(frozen=True, kw_only=True)
class Try:
    """One attempt. worked: None if it could not be made. said: the last line it wrote, if it failed."""

    name: str
    worked: bool | None
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """All attempts under one setting. options: words of docker run. why_not: why none was made, if so."""

    setting: str
    options: str
    tries: tuple[Try, ...]
    why_not: str = ""

    def __getitem__(self, name: str) -> bool | None:
        """Whether that attempt worked; None if it was not made."""
        return next((one.worked for one in self.tries if one.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Trials:
    """Attempts (rows) and settings (columns)."""

    trials: tuple[Trial, ...]

    def __getitem__(self, setting: str) -> Trial:
        """The column of that setting.

        Raises: KeyError.
        """
        for trial in self.trials:
            if trial.setting == setting:
                return trial
        raise KeyError(setting)


def parse(text: str) -> tuple[Try, ...]:
    """The script's output: `NAME yes`, or `NAME no: WHY`; lines of another shape are passed over."""
    found: dict[str, Try] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(" ")
        if name in ATTEMPTS and (rest == "yes" or rest.startswith("no")):
            found[name] = Try(name=name, worked=rest == "yes", said=rest.partition(": ")[2].strip())
    return tuple(found.get(name, Try(name=name, worked=None)) for name in ATTEMPTS)


# In the kernel's order: bit 0 is the first. What each is for, in a few words.
CAPABILITIES: Mapping[str, str] = {
    "CHOWN": "give files to any user",
    "DAC_OVERRIDE": "pass over file permissions",
    "DAC_READ_SEARCH": "read any file and folder",
    "FOWNER": "act as the owner of any file",
    "FSETID": "keep set-uid bits",
    "KILL": "send signals to any process",
    "SETGID": "take on any group",
    "SETUID": "take on any user",
    "SETPCAP": "hand capabilities on",
    "LINUX_IMMUTABLE": "lock files against change",
    "NET_BIND_SERVICE": "listen on ports below 1024",
    "NET_BROADCAST": "send to a whole network",
    "NET_ADMIN": "set up interfaces, firewalls",
    "NET_RAW": "send raw packets (ping)",
    "IPC_LOCK": "keep memory off swap",
    "IPC_OWNER": "use anyone's shared memory",
    "SYS_MODULE": "load kernel modules",
    "SYS_RAWIO": "talk to devices directly",
    "SYS_CHROOT": "change the root folder",
    "SYS_PTRACE": "look into any process",
    "SYS_PACCT": "switch process accounting",
    "SYS_ADMIN": "mount, and much else",
    "SYS_BOOT": "restart the machine",
    "SYS_NICE": "change priorities",
    "SYS_RESOURCE": "pass over limits",
    "SYS_TIME": "set the clock",
    "SYS_TTY_CONFIG": "set up terminals",
    "MKNOD": "make device files",
    "LEASE": "take leases on files",
    "AUDIT_WRITE": "write to the audit log",
    "AUDIT_CONTROL": "set up auditing",
    "SETFCAP": "give files capabilities",
    "MAC_OVERRIDE": "pass over access policies",
    "MAC_ADMIN": "set access policies",
    "SYSLOG": "read the kernel's messages",
    "WAKE_ALARM": "wake the machine up",
    "BLOCK_SUSPEND": "keep the machine awake",
    "AUDIT_READ": "read the audit log",
    "PERFMON": "measure the whole machine",
    "BPF": "load BPF programs",
    "CHECKPOINT_RESTORE": "freeze and go on later",
}


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What the first process of a container may do. effective: now; bounding: what any process in it may get."""

    name: str
    full_name: str
    effective: tuple[str, ...]
    bounding: tuple[str, ...]
    user: int | None
    no_new_privileges: bool
    seccomp: bool


def names(bits: int) -> tuple[str, ...]:
    """The names of the bits set; one that this list does not know is called by its number."""
    known = list(CAPABILITIES)
    return tuple(known[i] if i < len(known) else f"number {i}" for i in range(64) if bits >> i & 1)
