"""What an engine is, as far as the course's text depends on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.engine.model.location import Place, Where


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One engine, and how the course reaches it.

    version: as the engine gives it, such as "20.10.24+dfsg1". runc: the version of runc, which starts its containers;
    "" if it names none, or starts them by another runtime. cgroup: 1 or 2, the version of the kernel's interface.
    containerd_store: it keeps images in containerd's store, the default on fresh installations since 29.0; else in
    the classic one, the graph drivers. buildkit: BuildKit builds, for the helpers and for `docker build`; else the
    classic builder. desktop: it is Docker Desktop's.
    """

    podman: bool
    version: str
    runc: str
    containerd_store: bool
    cgroup: int
    buildkit: bool
    rootless: bool
    where: Where
    desktop: bool

    @property
    def number(self) -> tuple[int, ...]:
        """Its version to compare, as in `facts.number >= (28, 0)`; of a build without a number, above every other."""
        return _number(self.version) or (10**6,)

    @property
    def runc_number(self) -> tuple[int, ...]:
        """The version of runc to compare; () if there is none."""
        return _number(self.runc)

    @property
    def name(self) -> str:
        """Which engine, and its version, without what a distribution has added."""
        version = ".".join(map(str, _number(self.version))) or self.version or "of an unknown version"
        return f"{'Podman' if self.podman else 'Docker'} {version}"

    def words(self, *facts: str) -> str:
        """Some of the facts as the end of a sentence: those of these fields, after its name.

        Raises: KeyError for a field that has no words: those of the name are always said.
        """
        said = {
            "runc": f"runc {'.'.join(map(str, self.runc_number))}" if self.runc else "a runtime other than runc",
            "containerd_store": f"the {'containerd' if self.containerd_store else 'classic'} image store",
            "cgroup": f"cgroup version {self.cgroup}",
            "buildkit": "a docker command with buildx" if self.buildkit else "no BuildKit",
            "rootless": "rootless" if self.rootless else "not rootless",
            "where": "with Docker Desktop" if self.desktop else self.where.value,
        }
        return ", ".join([self.name, *(said[fact] for fact in facts)])


def read(*, version: Mapping[str, Any], info: Mapping[str, Any], place: Place, buildkit: bool) -> Facts:
    """From the engine's answers to GET /version and GET /info."""
    parts = {str(part.get("Name")): str(part.get("Version") or "") for part in version.get("Components") or ()}
    return Facts(
        podman=is_podman(version),
        version=str(version.get("Version") or ""),
        runc=parts.get("runc", "") if info.get("DefaultRuntime", "runc") == "runc" else "",
        containerd_store=has_containerd_store(info),
        cgroup=2 if str(info.get("CgroupVersion")) == "2" else 1,
        buildkit=buildkit,
        rootless=place.rootless,
        where=place.where,
        desktop=place.engine.desktop,
    )


def is_podman(version: Mapping[str, Any]) -> bool:
    """Whether it is Podman, which speaks Docker's interface. version: its answer to GET /version."""
    return any("podman" in str(part.get("Name", "")).lower() for part in version.get("Components") or ())


def has_containerd_store(info: Mapping[str, Any]) -> bool:
    """Whether images are kept in containerd's store. info: the engine's answer to GET /info.

    There the driver's type is that of containerd's snapshotters, io.containerd.snapshotter.v1.
    """
    return "io.containerd" in str(info.get("DriverStatus"))


def _number(version: str) -> tuple[int, ...]:
    found = re.match(r"v?(\d+(?:\.\d+)*)", version)
    return tuple(int(part) for part in found[1].split(".")[:3]) if found else ()
