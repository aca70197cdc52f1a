"""The base images of the course: which there are, what each source gives, what is on the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

PREFIX = "localhost/course"  # a name that can never be fetched from a stranger's namespace on a public registry

BUNDLE, PULLED, BUILT, FOUND = "bundle", "pulled", "built", "found"  # FOUND: there, and nothing written down about it

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class BaseImage:
    """One base image.

    name, tag: of the course's reference. hub: the reference on Docker Hub that gives the same.
    digests: of `hub`, by platform ("linux/amd64"), where they are known. needs: base images it is made from when it
    is built on the spot.
    """

    name: str
    tag: str
    hub: str
    digests: Mapping[str, str]
    needs: tuple[str, ...] = ()

    def reference(self, prefix: str = PREFIX) -> str:
        """The course's reference: localhost/course/NAME:TAG."""
        return f"{prefix}/{self.name}:{self.tag}"

    @property
    def hub_repository(self) -> str:
        """The part of `hub` before the tag."""
        return self.hub.rpartition(":")[0]

    @property
    def hub_tag(self) -> str:
        """The part of `hub` after the repository."""
        return self.hub.rpartition(":")[2]


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """One package of the wheelhouse. sha256: of the file, in hex."""

    name: str
    version: str
    file: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Lock:
    """What the sources give. suite: of the distribution. date: when the digests were last looked up; "" for never."""

    suite: str
    date: str
    images: tuple[BaseImage, ...]
    wheels: tuple[Wheel, ...]

    def image(self, name: str) -> BaseImage:
        """The base image called `name`.

        Raises: KeyError with the names there are.
        """
        for image in self.images:
            if image.name == name:
                return image
        raise KeyError(f"there is no base image {name!r}; there are: {', '.join(i.name for i in self.images)}")

    def with_digests(self, found: Mapping[str, Mapping[str, str]], *, date: str) -> Lock:
        """The same with the digests of the images in `found` replaced."""
        images = tuple(replace(i, digests=dict(found[i.name])) if i.name in found else i for i in self.images)
        return replace(self, images=images, date=date)


def parse(data: Any) -> Lock:
    """The lock of its JSON form.

    Raises: ValueError if it is not one, or a digest is not a digest.
    """
    try:
        images = tuple(
            BaseImage(
                name=name,
                tag=row["tag"],
                hub=row["hub"],
                digests=dict(row["digests"]),
                needs=tuple(row.get("needs", ())),
            )
            for name, row in data["images"].items()
        )
        wheels = tuple(
            Wheel(name=row["name"], version=row["version"], file=row["file"], sha256=row["sha256"])
            for row in data["wheels"]
        )
        lock = Lock(suite=data["suite"], date=data["date"], images=images, wheels=wheels)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is not a lock of base images: {error!r}") from error
    for image in images:
        for platform, digest in image.digests.items():
            if not _DIGEST.fullmatch(digest):
                raise ValueError(f"{image.name}, {platform}: {digest!r} is not a digest")
    return lock


def dump(lock: Lock) -> dict[str, Any]:
    """The JSON form of `lock`."""
    images = {}
    for image in lock.images:
        row: dict[str, Any] = {"tag": image.tag, "hub": image.hub, "digests": dict(sorted(image.digests.items()))}
        if image.needs:
            row["needs"] = list(image.needs)
        images[image.name] = row
    wheels = [{"name": w.name, "version": w.version, "file": w.file, "sha256": w.sha256} for w in lock.wheels]
    return {"suite": lock.suite, "date": lock.date, "images": images, "wheels": wheels}


@dataclass(frozen=True, kw_only=True)
class Status:
    """A base image as the engine has it.

    source: "bundle", "pulled", "built" or "found"; "" if it is not there. detail: from which tag, digest or suite,
    and when. size: bytes, as the engine counts them. unlocked: as in Origin.
    """

    name: str
    reference: str
    present: bool
    image_id: str = ""
    source: str = ""
    detail: str = ""
    size: int = 0
    unlocked: bool = False


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an image came from.

    recipe: what the course made of it, so that a change of the course is noticed. unlocked: it, or what it was built
    on, was taken on request although the registry did not give the locked digest.
    """

    name: str
    source: str
    detail: str
    date: str
    recipe: str = ""
    unlocked: bool = False

    @property
    def sentence(self) -> str:
        """For people: "built from trixie, 2026-11-24"."""
        return f"{self.detail}, {self.date}" if self.date else self.detail


def platform(version: Mapping[str, Any]) -> str:
    """The engine's platform, "linux/amd64", of its answer to /version."""
    return f"{str(version.get('Os') or 'linux').lower()}/{version.get('Arch') or 'unknown'}"
