"""Preparing the base images that are not there, from the first source that works, and their lock file.

Sources, in order: already there, a bundle file, Docker Hub (or a classroom's mirror of it), the distribution's
packages. Base images carry none of the course's labels: their tags are the mark, and cleaning up leaves them.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from helpers import errors, store
from helpers.engine import base_images
from helpers.engine.client import Client
from helpers.engine.model.base_images import BUILT, PREFIX, PULLED, Lock, Status, dump
from helpers.engine.model.base_images import platform as platform_of
from helpers.engine.ownership.ledger import UNSCENED
from helpers.engine.scene import image_sweep
from helpers.setup.images import bundle as bundles
from helpers.setup.images import pull
from helpers.setup.images.sources import LOCK_SECONDS, Preparation

Say = Callable[[str], None]


BUNDLE_FILE = "COURSE_BUNDLE"  # a bundle to take what is missing from


def prepare(
    client: Client,
    *,
    say: Say,
    names: Iterable[str] | None = None,
    bundle: Path | None = None,
    prefix: str = PREFIX,
    sources: Iterable[str] = (PULLED, BUILT),
    any_digest: bool = False,
    install: bool = True,
) -> tuple[Status, ...]:
    """Makes sure that the base images are there; all of them or those in `names`. A finished one is never redone.

    say: gets a line as each step starts and ends. bundle: a file to load first (or COURSE_BUNDLE in the environment).
    prefix: of the references, for tests. sources: what may be tried after the bundle. any_digest: take an image also
    where the registry does not give the locked digest (or COURSE_ANY_DIGEST=1). install: False installs no package of
    the system, which building them may need.

    Raises: BaseImageMissing with what each source said, after all images were tried; BundleError; KeyError for an
        unknown name.
    """
    locked = base_images.lock()
    # an unknown name is an error here, not a silence
    wanted = locked.images if names is None else tuple(locked.image(name) for name in names)
    file = bundle or (Path(os.environ[BUNDLE_FILE]) if os.environ.get(BUNDLE_FILE) else None)
    run = Preparation(
        client, locked, say=say, prefix=prefix, sources=tuple(sources), any_digest=any_digest, install=install
    )
    if file is not None and any(not run.there(image) for image in wanted):
        bundles.load(client, file, say=say, prefix=prefix)  # takes the lock itself
    with store.locked("base-images", seconds=LOCK_SECONDS), client.setting_up():
        missing = {image.name: reasons for image in wanted if (reasons := run.ensure(image))}
        if run.made:
            image_sweep.sweep(client, scene=UNSCENED)  # the stages that built images leave behind
    if missing:
        raise errors.BaseImageMissing(
            f"{len(missing)} of {len(wanted)} base images could not be prepared: {', '.join(missing)}.",
            "\n".join(f"{name}: {'; '.join(reasons)}" for name, reasons in missing.items()),
            "Connect this computer to the internet and run it again; or, on a computer that has them: "
            "python3 start.py images bundle FILE, and here: python3 start.py images load FILE",
        )
    return base_images.status(client, prefix=prefix)


def update_lock(client: Client, *, say: Say, path: Path | None = None, registry: str = "") -> Lock:
    """Looks up the digest that each image's tag has on Docker Hub now, pulls it as a test, and writes the lock file.

    registry: HOST:PORT to ask instead, for tests; a classroom's mirror (COURSE_REGISTRY) is never asked, since its
    digests are only its own.

    Raises: BaseImageMissing if one image could not be looked up or pulled; the lock file is then as it was.
    """
    path = path or base_images.LOCK_FILE
    locked = base_images.lock(path)
    version = client.version()
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
