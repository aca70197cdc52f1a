"""A Debian root file system from the distribution's packages, as the official slim image is made."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from helpers.errors import BaseImageMissing, EngineInstallFailed
from helpers.setup.engine import apt, programs

LEFT_OUT = ("doc", "man", "info", "groff", "lintian", "linda", "locale")  # what docker-library's slim images leave out

SILENT_SECONDS = 900.0  # it says what it begins, and may fetch 40 MB on a slow line before it says more
_GRACE = 20.0  # seconds to clean up after itself

_CLEAN = "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"
# what official Debian images set, or each layer with packages would carry 80 MB of caches
SETTINGS = {
    "/etc/apt/apt.conf.d/docker-clean": (
        f'DPkg::Post-Invoke {{ "{_CLEAN}"; }};\nAPT::Update::Post-Invoke {{ "rm -f /var/cache/apt/*.bin || true"; }};\n'
        'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n'
    ),
    "/etc/apt/apt.conf.d/docker-gzip-indexes": 'Acquire::GzipIndexes "true";\n',
    "/etc/apt/apt.conf.d/docker-no-languages": 'Acquire::Languages "none";\n',
    "/etc/apt/apt.conf.d/docker-autoremove-suggests": 'Apt::AutoRemove::SuggestsImportant "false";\n',
    "/etc/dpkg/dpkg.cfg.d/docker-apt-speedup": "force-unsafe-io\n",
    "/usr/sbin/policy-rc.d": "#!/bin/sh\n# no service is started while packages are installed\nexit 101\n",
}
_ARCHITECTURES = {"386": "i386", "arm": "armhf", "ppc64le": "ppc64el", "mips64le": "mips64el"}


def obstacle(architecture: str, *, install: bool = True) -> str:
    """Why this machine can't make a root file system for the engine; "" if it can.

    architecture: of the engine, as Docker says it ("amd64"). install: False if no package may be installed for it.
    """
    system = apt.system()
    if not system.has_apt:
        return f"this machine ({system.title}) is neither Debian nor Ubuntu, so there are no packages to build from"
    here = _output(["dpkg", "--print-architecture"])
    wanted = _ARCHITECTURES.get(architecture, architecture)
    if here != wanted:
        return f"the engine's processor is {wanted}, this machine's is {here}"
    lacking = _wanted()
    if lacking and not install:
        return (
            f"{' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not installed, and --no-install was given "
            f"({apt.typed(lacking)})"
        )
    if shutil.which("mmdebstrap") is None and apt.privilege() is None:
        return f"mmdebstrap is not installed, and this account may not install it ({apt.typed(('mmdebstrap',))})"
    return ""


def make(path: Path, *, suite: str, say: Callable[[str], None]) -> None:
    """Writes the root file system of `suite` as a tar to `path`; whole or not at all. About 80 MB, 15 to 60 s.

    Raises: BaseImageMissing with mmdebstrap's last lines.
    """
    try:
        _install(say)
    except EngineInstallFailed as error:
        raise BaseImageMissing(error.what, error.why, error.next_step) from error
    started = time.monotonic()
    sources = mirrors(suite)
    with _settings() as folder:
        fresh = path.with_name(f".{path.name}.new")
        options = ["--variant=minbase", "--format=tar"]
        for name in LEFT_OUT:
            options.append(f"--dpkgopt=path-exclude=/usr/share/{name}/*")
        options += ["--dpkgopt=path-include=/usr/share/doc/*/copyright", '--aptopt=Acquire::Languages "none"']
        if any(line.split()[1].startswith("https:") for line in sources):
            options.append("--include=ca-certificates")
        for number, inside in enumerate(SETTINGS):
            options.append(f"--customize-hook=upload {folder}/{number} {inside}")
        options += [
            '--customize-hook=chmod 0755 "$1/usr/sbin/policy-rc.d"',
            # written before docker-clean was there, and overlooked by mmdebstrap once it is
            '--customize-hook=rm -f "$1"/var/cache/apt/*.bin',
            # this machine's name and resolver are nobody's business
            '--customize-hook=rm -f "$1/etc/hostname" "$1/etc/resolv.conf" "$1/etc/machine-id"',
            '--customize-hook=rm -f "$1/var/cache/ldconfig/aux-cache" "$1"/var/log/*.log "$1"/var/log/apt/*',
        ]
        try:
            _run(["mmdebstrap", *options, suite, str(fresh), *sources], say=say)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    say(f"debian: root file system of {path.stat().st_size / 1e6:.0f} MB, {time.monotonic() - started:.0f} s")


def mirrors(suite: str) -> tuple[str, ...]:
    """The lines of sources.list: the mirror this machine is set to if it is a Debian, else none (Debian's own)."""
    if apt.system().name != "debian":
        return ()
    listed = _output(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL) $(COMPONENT)", "Created-By: Packages"]
    )
    found: dict[str, str] = {}
    for line in listed.splitlines():
        address, _, rest = line.partition(" ")
        label, _, component = rest.rpartition(" ")
        parts = urlsplit(address)
        reachable = parts.scheme in {"http", "https"} and parts.username is None
        # a mirror on this machine itself can't be reached from a container
        if reachable and component == "main" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
            found.setdefault(label, address)
    if "Debian" not in found:
        return ()
    lines = [f"deb {found['Debian']} {suite} main", f"deb {found['Debian']} {suite}-updates main"]
    if "Debian-Security" in found:
        lines.append(f"deb {found['Debian-Security']} {suite}-security main")
    return tuple(lines)


def proxy() -> dict[str, str]:
    """Build arguments for the proxy that apt uses here, if it is one that a container can reach."""
    found: dict[str, str] = {}
    for line in _output(["apt-config", "dump"]).splitlines():
        match = re.fullmatch(r'Acquire::(http|https)::Proxy "(.+)";', line, re.IGNORECASE)
        if match and urlsplit(match[2]).hostname not in {None, "localhost", "127.0.0.1", "::1"}:
            found[f"{match[1].lower()}_proxy"] = match[2]
    return found


def _wanted() -> tuple[str, ...]:
    """The packages that making one needs and that are not installed."""
    program = () if shutil.which("mmdebstrap") else ("mmdebstrap",)
    return (*program, *apt.missing(["debian-archive-keyring"]))


def _install(say: Callable[[str], None]) -> None:
    wanted = _wanted()
    if not wanted:
        return
    root = apt.privilege()
    if root is None:
        raise EngineInstallFailed(
            f"{' and '.join(wanted)} must be installed to build the base images.",
            "this account may not install packages",
            apt.typed(wanted),
        )
    apt.install(wanted, purpose="building the base images", say=say, root=root)


@contextlib.contextmanager
def _settings() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="course-rootfs-") as folder:
        Path(folder).chmod(0o755)  # mmdebstrap may read them as another user
        for number, text in enumerate(SETTINGS.values()):
            (Path(folder) / str(number)).write_text(text, encoding="utf-8")
        yield folder


def _run(command: list[str], *, say: Callable[[str], None]) -> None:
    """Runs mmdebstrap, passing on what it says it does; ends it on an interrupt (it then cleans up after itself)."""
    # /tmp is often a small file system that allows no devices
    scratch = {"TMPDIR": "/var/tmp"} if Path("/var/tmp").is_dir() else {}  # noqa: S108
    lines: list[str] = []
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**programs.plain_words(), **scratch},
    )
    try:
        for line in _said(process):
            lines.append(line.strip())
            if line.startswith("I: ") and line.rstrip().endswith("..."):
                say(f"debian: {line[3:].strip()}")
        status = process.wait(SILENT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise BaseImageMissing(
            f"mmdebstrap said nothing for {SILENT_SECONDS:g} s, and was ended.",
            f"its last words were: {lines[-1]}" if lines else "it had not said a word",
            "See whether this machine reaches its package mirror (apt-get update) and has room in /var/tmp; then run "
            "the same command again.",
        ) from error
    finally:
        programs.end(process, grace=_GRACE)
    if status:
        told = [line for line in lines if line.startswith(("E:", "W:"))] or lines
        raise BaseImageMissing(
            "mmdebstrap could not make the root file system.",
            "\n".join(told[-5:]),
            "See whether this machine reaches its package mirror: apt-get update",
        )


def _said(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Its lines, as they come. Raises: TimeoutExpired after a long silence."""
    pipe, rest = process.stderr, b""
    while pipe is not None:
        if not select.select([pipe], [], [], SILENT_SECONDS)[0]:
            raise subprocess.TimeoutExpired(process.args, SILENT_SECONDS)
        piece = os.read(pipe.fileno(), 1 << 16)
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in whole)
        if not piece:
            yield from [rest.decode("utf-8", "replace")] if rest else []
            return


def _output(command: list[str]) -> str:
    """What a program says that only looks; nothing if it can't be run, or hangs."""
    try:
        return programs.run(command, environment=programs.plain_words()).stdout.strip()
    except EngineInstallFailed:
        return ""
