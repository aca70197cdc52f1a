"""Preparing base images: for each, one source after the other until one works."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from helpers import errors, store
from helpers.engine.base_images import provenance
from helpers.engine.build import classic
from helpers.engine.client import Client
from helpers.engine.model.base_images import BUILT, PULLED, BaseImage, Lock, Origin
from helpers.engine.model.base_images import platform as platform_of
from helpers.setup.images import pull, recipes, rootfs, wheelhouse

Say = Callable[[str], None]

MIRROR = "COURSE_REGISTRY"  # HOST:PORT of a registry to use in place of Docker Hub
ANY_DIGEST = "COURSE_ANY_DIGEST"  # 1: take an image also where the registry does not give the locked digest


class Preparation:
    """One preparation: what was tried once is not tried again."""

    def __init__(
        self,
        client: Client,
        locked: Lock,
        *,
        say: Say,
        prefix: str,
        sources: tuple[str, ...],
        any_digest: bool = False,
        install: bool = True,
    ) -> None:
        self.client = client
        self.lock = locked
        self.say = say
        self.prefix = prefix
        self.sources = sources
        self.any_digest = any_digest or os.environ.get(ANY_DIGEST, "").strip() == "1"
        self.install = install
        self.made = False
        self.no_registry = ""
        version = client.version()
        self.platform = platform_of(version)
        self._tried: dict[str, list[str]] = {}

    def there(self, image: BaseImage) -> bool:
        """True if the engine has it, and it is not known to be made from an older recipe."""
        image_id = self._id(image)
        if not image_id:
            return False
        origin = provenance.origins().get(image_id)
        return origin is None or origin.recipe in {"", recipes.fingerprint(image, self.lock)}

    def _id(self, image: BaseImage) -> str:
        try:
            return str(self.client.inspect_image(image.reference(self.prefix))["Id"])
        except errors.NotFound:
            return ""

    def ensure(self, image: BaseImage) -> list[str]:
        """Makes sure of one image; returns why that failed, nothing if it did not."""
        if self.there(image):
            return []
        if image.name in self._tried:
            return self._tried[image.name]
        reasons: list[str] = []
        self._tried[image.name] = reasons
        older = self._id(image)
        started = time.monotonic()
        for source, way in ((PULLED, self._pull), (BUILT, self._build)):
            if source not in self.sources:
                continue
            try:
                origin = way(image)
            except (pull.NoRegistry, pull.NotThere) as error:
                reasons.append(f"not pulled: {error}")
            except errors.BaseImageMissing as error:
                reasons.append(f"not {source}: {error.what} {error.why}".strip())
            except (errors.BuildFailed, errors.EngineRefused) as error:
                reasons.append(f"not {source}: {error.what} {error.why}".strip())
            else:
                image_id = self._id(image)
                provenance.remember({image_id: origin})
                self.made = True
                self.say(f"{image.name}: ready ({origin.detail}), {time.monotonic() - started:.0f} s")
                return []
        if older:
            self.say(f"{image.name}: an older one is there and stays in use; a newer could not be had.")
            reasons.clear()
        return reasons

    def _origin(self, image: BaseImage, source: str, detail: str, *, unlocked: bool) -> Origin:
        recipe = recipes.fingerprint(image, self.lock)
        today = time.strftime("%Y-%m-%d")
        return Origin(name=image.name, source=source, detail=detail, date=today, recipe=recipe, unlocked=unlocked)

    def _pull(self, image: BaseImage) -> Origin:
        if self.no_registry:
            raise pull.NoRegistry(self.no_registry)
        mirror = os.environ.get(MIRROR, "").strip().rstrip("/")
        registry = mirror or "Docker Hub"
        try:
            pulled = pull.fetch(
                self.client,
                image,
                platform=self.platform,
                mirror=mirror,
                say=self.say,
                any_digest=self.any_digest,
            )
        except pull.NoRegistry as error:
            self.no_registry = f"{registry} can't be used: {error}"
            self.say(f"{registry} can't be used ({error}); going on without it.")
            raise pull.NoRegistry(self.no_registry) from error
        name, _, tag = image.reference(self.prefix).rpartition(":")
        added = recipes.RECIPES[image.name].added
        if added:
            at = f"{name}:pulled"  # the classic builder can't start from an id on every engine
            self.client.tag(pulled.image_id, name, "pulled", force=True)
            try:
                self._made(image, f"FROM {at}\n{added}")
            finally:
                self.client.remove_image(at, noprune=True)
        else:
            self.client.tag(pulled.image_id, name, tag, force=True)
        if pulled.tag:
            self.client.remove_image(pulled.tag, noprune=True)
        detail = f"pulled {pulled.origin}" + (", which is not the locked digest" if pulled.unlocked else "")
        return self._origin(image, PULLED, detail, unlocked=pulled.unlocked)

    def _build(self, image: BaseImage) -> Origin:
        architecture = self.platform.partition("/")[2]
        obstacle = rootfs.obstacle(architecture, install=self.install)
        if obstacle:
            raise errors.BaseImageMissing("", obstacle)
        for need in image.needs:
            reasons = self.ensure(self.lock.image(need))
            if reasons:
                raise errors.BaseImageMissing("", f"it needs {need}, and {'; '.join(reasons)}")
        dockerfile = recipes.built(image, self.lock, prefix=self.prefix)
        if image.name == "debian":
            for stale in store.cache().glob(".rootfs-*"):  # of a run that was killed: this one holds the lock
                shutil.rmtree(stale, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=store.cache(), prefix=".rootfs-") as folder:
                tar = Path(folder) / "rootfs.tar"
                rootfs.make(tar, suite=self.lock.suite, say=self.say)
                self._made(image, dockerfile, {"rootfs.tar": tar})
        else:
            self._made(image, dockerfile)
        known = provenance.origins()
        bases = [known.get(self._id(self.lock.image(need))) for need in image.needs]
        unlocked = [origin.name for origin in bases if origin is not None and origin.unlocked]
        detail = f"built from Debian's {self.lock.suite} packages" + "".join(
            f" on {name}, which was not taken by the locked digest" for name in unlocked
        )
        return self._origin(image, BUILT, detail, unlocked=bool(unlocked))

    def _made(self, image: BaseImage, dockerfile: str, files: dict[str, Path] | None = None) -> None:
        context: dict[str, bytes | Path] = {**recipes.RECIPES[image.name].files, **(files or {})}
        if "COPY wheels" in dockerfile:
            fetched = wheelhouse.fetch(self.lock.wheels, say=self.say)
            context.update({f"wheels/{name}": path for name, path in fetched.items()})
        classic.build(
            self.client,
            dockerfile=dockerfile,
            context=context,
            tag=image.reference(self.prefix),
            buildargs=rootfs.proxy(),
            say=lambda line: self.say(f"{image.name}: {line[:110]}"),
        )


LOCK_SECONDS = 1800.0
