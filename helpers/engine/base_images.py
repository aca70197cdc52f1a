"""Base images: what is there, and preparing what is not, from the first source that works.

Sources, in order: already there, a bundle file, Docker Hub (or a classroom's mirror of it), the distribution's
packages. Base images carry none of the course's labels: their tags are the mark, and cleaning up leaves them.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from helpers import errors, store
from helpers.engine import base_recipes, build, pull, rootfs, wheelhouse
from helpers.engine.client import Client
from helpers.model.base_images import BUILT, FOUND, PREFIX, PULLED, BaseImage, Lock, Origin, Status, dump, parse
from helpers.model.base_images import platform as platform_of

Say = Callable[[str], None]

LOCK_FILE = Path(__file__).with_name("base_images.json")
ORIGINS = "base_images.json"  # in the state folder: where each image came from, by its id
ORIGINS_KEPT = 200
MIRROR = "COURSE_REGISTRY"  # HOST:PORT of a registry to use in place of Docker Hub
BUNDLE_FILE = "COURSE_BUNDLE"  # a bundle to take what is missing from
LOCK_SECONDS = 1800.0


def lock(path: Path = LOCK_FILE) -> Lock:
    """What the lock file says."""
    return parse(json.loads(path.read_text(encoding="utf-8")))


def reference(name: str) -> str:
    """The reference of the base image called `name`: "busybox" gives "localhost/course/busybox:1".

    Raises: KeyError with the names there are.
    """
    return lock().image(name).reference()


def status(client: Client, *, prefix: str = PREFIX) -> tuple[Status, ...]:
    """Every base image, there or not. One HTTP call.

    Equivalent: docker image ls
    """
    rows = {tag: row for row in client.images() for tag in row.get("RepoTags") or ()}
    known = origins()
    found = []
    for image in lock().images:
        name = image.reference(prefix)
        row = rows.get(name)
        if row is None:
            found.append(Status(name=image.name, reference=name, present=False))
            continue
        origin = known.get(row["Id"])
        found.append(
            Status(
                name=image.name,
                reference=name,
                present=True,
                image_id=row["Id"],
                source=origin.source if origin else FOUND,
                detail=origin.sentence if origin else "was on the engine already",
                size=int(row.get("Size") or 0),
            )
        )
    return tuple(found)


def prepare(
    client: Client,
    *,
    say: Say,
    names: Iterable[str] | None = None,
    bundle: Path | None = None,
    prefix: str = PREFIX,
    sources: Iterable[str] = (PULLED, BUILT),
) -> tuple[Status, ...]:
    """Makes sure that the base images are there; all of them or those in `names`. A finished one is never redone.

    say: gets a line as each step starts and ends. bundle: a file to load first (or COURSE_BUNDLE in the environment).
    prefix: of the references, for tests. sources: what may be tried after the bundle.

    Raises: BaseImageMissing with what each source said, after all images were tried; BundleError.
    """
    locked = lock()
    wanted = [image for image in locked.images if names is None or image.name in set(names)]
    for name in names or ():
        locked.image(name)  # an unknown one is an error here, not a silence
    with store.locked("base-images", seconds=LOCK_SECONDS):
        run = _Run(client, locked, say=say, prefix=prefix, sources=tuple(sources))
        if any(not run.there(image) for image in wanted):
            run.from_bundle(bundle)
        missing = {image.name: reasons for image in wanted if (reasons := run.ensure(image))}
        if run.made:
            build.sweep(client)  # the stages that built images leave behind
    if missing:
        raise errors.BaseImageMissing(
            f"{len(missing)} of {len(wanted)} base images could not be prepared: {', '.join(missing)}.",
            "\n".join(f"{name}: {'; '.join(reasons)}" for name, reasons in missing.items()),
            "Connect this computer to the internet and run it again; or, on a computer that has them: "
            "python3 start.py images bundle FILE, and here: python3 start.py images load FILE",
        )
    return status(client, prefix=prefix)


class _Run:
    """One preparation: what was tried once is not tried again."""

    def __init__(self, client: Client, locked: Lock, *, say: Say, prefix: str, sources: tuple[str, ...]) -> None:
        self.client = client
        self.lock = locked
        self.say = say
        self.prefix = prefix
        self.sources = sources
        self.made = False
        self.no_registry = ""
        version: Any = client.version()
        self.platform = platform_of(version)
        self._tried: dict[str, list[str]] = {}

    def there(self, image: BaseImage) -> bool:
        """True if the engine has it, and it is not known to be made from an older recipe."""
        image_id = self._id(image)
        if not image_id:
            return False
        origin = origins().get(image_id)
        return origin is None or origin.recipe in {"", base_recipes.fingerprint(image, self.lock)}

    def _id(self, image: BaseImage) -> str:
        try:
            return str(self.client.inspect_image(image.reference(self.prefix))["Id"])
        except errors.NotFound:
            return ""

    def from_bundle(self, path: Path | None) -> None:
        path = path or (Path(os.environ[BUNDLE_FILE]) if os.environ.get(BUNDLE_FILE) else None)
        if path is not None:
            from helpers.engine import bundle

            bundle.load(self.client, path, say=self.say, prefix=self.prefix)

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
                _remember(image_id, origin)
                self.made = True
                self.say(f"{image.name}: ready ({origin.detail}), {time.monotonic() - started:.0f} s")
                return []
        if older:
            self.say(f"{image.name}: an older one is there and stays in use; a newer could not be had.")
            reasons.clear()
        return reasons

    def _origin(self, image: BaseImage, source: str, detail: str) -> Origin:
        recipe = base_recipes.fingerprint(image, self.lock)
        return Origin(name=image.name, source=source, detail=detail, date=time.strftime("%Y-%m-%d"), recipe=recipe)

    def _pull(self, image: BaseImage) -> Origin:
        if self.no_registry:
            raise pull.NoRegistry(self.no_registry)
        mirror = os.environ.get(MIRROR, "").strip().rstrip("/")
        registry = mirror or "Docker Hub"
        try:
            pulled = pull.fetch(self.client, image, platform=self.platform, mirror=mirror, say=self.say)
        except pull.NoRegistry as error:
            self.no_registry = f"{registry} can't be used: {error}"
            self.say(f"{registry} can't be used ({error}); going on without it.")
            raise pull.NoRegistry(self.no_registry) from error
        name, _, tag = image.reference(self.prefix).rpartition(":")
        added = base_recipes.RECIPES[image.name].added
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
        return self._origin(image, PULLED, f"pulled {pulled.origin}")

    def _build(self, image: BaseImage) -> Origin:
        architecture = self.platform.partition("/")[2]
        obstacle = rootfs.obstacle(architecture)
        if obstacle:
            raise errors.BaseImageMissing("", obstacle)
        for need in image.needs:
            reasons = self.ensure(self.lock.image(need))
            if reasons:
                raise errors.BaseImageMissing("", f"it needs {need}, and {'; '.join(reasons)}")
        dockerfile = base_recipes.built(image, self.lock, prefix=self.prefix)
        if image.name == "debian":
            with tempfile.TemporaryDirectory(dir=store.cache(), prefix=".rootfs-") as folder:
                tar = Path(folder) / "rootfs.tar"
                rootfs.make(tar, suite=self.lock.suite, say=self.say)
                self._made(image, dockerfile, {"rootfs.tar": tar})
        else:
            self._made(image, dockerfile)
        return self._origin(image, BUILT, f"built from Debian's {self.lock.suite} packages")

    def _made(self, image: BaseImage, dockerfile: str, files: dict[str, Path] | None = None) -> None:
        context: dict[str, bytes | Path] = {**base_recipes.RECIPES[image.name].files, **(files or {})}
        if "COPY wheels" in dockerfile:
            fetched = wheelhouse.fetch(self.lock.wheels, say=self.say)
            context.update({f"wheels/{name}": path for name, path in fetched.items()})
        build.build(
            self.client,
            dockerfile=dockerfile,
            context=context,
            tag=image.reference(self.prefix),
            buildargs=rootfs.proxy(),
            say=lambda line: self.say(f"{image.name}: {line[:110]}"),
        )


def origins() -> dict[str, Origin]:
    """Where the images came from, by image id; what is damaged is passed over."""
    stored = store.read(ORIGINS, {})
    found: dict[str, Origin] = {}
    for image_id, row in stored.items() if isinstance(stored, dict) else ():
        try:
            found[image_id] = Origin(**row)
        except TypeError:
            continue
    return found


def _remember(image_id: str, origin: Origin) -> None:
    remember({image_id: origin})


def remember(new: dict[str, Origin]) -> None:
    """Writes down where images came from."""
    known = {key: value for key, value in origins().items() if key not in new} | new
    kept = sorted(known.items(), key=lambda pair: (pair[0] in new, pair[1].date))[-ORIGINS_KEPT:]
    store.write(ORIGINS, {key: vars(value) for key, value in kept})


def update_lock(client: Client, *, say: Say, path: Path = LOCK_FILE, registry: str = "") -> Lock:
    """Looks up the digest that each image's tag has on Docker Hub now, pulls it as a test, and writes the lock file.

    registry: HOST:PORT to ask instead, for tests; a classroom's mirror (COURSE_REGISTRY) is never asked, since its
    digests are only its own.

    Raises: BaseImageMissing if one image could not be looked up or pulled; the lock file is then as it was.
    """
    locked = lock(path)
    version: Any = client.version()
    here = platform_of(version)
    digests: dict[str, dict[str, str]] = {}
    for image in locked.images:
        repository = f"{registry}/library/{image.hub_repository}" if registry else image.hub_repository
        try:
            digest, platforms = pull.ask(client, f"{repository}:{image.hub_tag}")
            pull.take(client, f"{repository}@{digest}", name=image.name, platform=here, say=say)
        except (pull.NoRegistry, pull.NotThere) as error:
            raise errors.BaseImageMissing(
                f"The digest of {image.hub} could not be looked up; the lock file is unchanged.",
                str(error),
                "Run it again on a computer with internet.",
            ) from error
        # the digest of a list of platforms stands for each of them
        digests[image.name] = dict.fromkeys((*platforms, here), digest)
        say(f"{image.name}: {image.hub} is {digest}, for {', '.join(platforms) or here}")
    fresh = locked.with_digests(digests, date=time.strftime("%Y-%m-%d"))
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(json.dumps(dump(fresh), indent=2) + "\n", encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise errors.StoreError("The lock file can't be written.", str(error), "Look at its permissions.") from error
    finally:
        new.unlink(missing_ok=True)
    return fresh
