"""Pulling from a registry without touching a tag that is somebody else's.

The digest is asked for first and the image pulled by it, so no local tag moves: a `python:3.13` that a learner has
stays what it is.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from helpers import errors
from helpers.engine.build import classic
from helpers.engine.client import Client
from helpers.engine.model.base_images import BaseImage

PROBE_SECONDS = 20.0
SILENCE_SECONDS = 120.0  # a download that says nothing for this long has stalled
_TELL_SECONDS = 3.0


class NoRegistry(Exception):
    """No registry answers, or it turns everybody away for now: not worth asking again in this run."""


class NotThere(Exception):
    """The registry answers, and does not have this image (or not for this platform)."""


class CannotAsk(NotThere):
    """The engine has no way to ask a registry what a tag stands for."""


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """An image now on the engine.

    origin: repository, tag and digest. tag: a local tag that the pull had to make. unlocked: the lock names another
    digest.
    """

    image_id: str
    digest: str
    origin: str
    tag: str = ""
    unlocked: bool = False


def ask(client: Client, reference: str) -> tuple[str, tuple[str, ...]]:
    """The digest of `reference` in its registry and the platforms ("linux/amd64") it is there for.

    Raises: NoRegistry if there is no answer within 20 s; NotThere; CannotAsk on an engine without that call.
    """
    try:
        found = client.distribution(reference, timeout=PROBE_SECONDS)
    except errors.WaitedTooLong as error:
        raise NoRegistry(f"no answer within {PROBE_SECONDS:g} s") from error
    except errors.EngineRefused as error:
        if error.status in {404, 405, 501} and "page not found" in error.message.lower():
            raise CannotAsk(error.message) from error
        raise kind_of(error.message, error.status)(_short(error.message)) from error
    platforms = {_platform(row) for row in found.get("Platforms") or ()}
    return str(found["Descriptor"]["digest"]), tuple(sorted(platforms - {"unknown/unknown"}))


def fetch(
    client: Client,
    image: BaseImage,
    *,
    platform: str,
    mirror: str,
    say: Callable[[str], None],
    any_digest: bool = False,
) -> Pulled:
    """Pulls `image` for `platform`, by the locked digest if there is one, else by the digest its tag has now.

    mirror: HOST:PORT of a registry to use in place of Docker Hub, "" for Docker Hub. any_digest: where the registry
    does not give the locked digest, take what the tag stands for now; without it that is refused.

    Raises: NoRegistry, NotThere.
    """
    repository = f"{mirror}/library/{image.hub_repository}" if mirror else image.hub_repository
    tagged = f"{repository}:{image.hub_tag}"
    started = time.monotonic()
    digest = image.digests.get(platform, "")
    if digest:
        try:
            image_id = take(client, f"{repository}@{digest}", name=image.name, platform=platform, say=say)
            return _done(image, Pulled(image_id=image_id, digest=digest, origin=f"{tagged}@{digest}"), started, say)
        except NotThere as error:
            withheld = f"the registry does not give {image.hub} with the locked digest ({digest})"
            if not any_digest:
                say(f"{image.name}: {withheld}, and another is not taken.")
                raise NotThere(
                    f"{withheld}, and another is not taken. If you trust the registry: "
                    "python3 start.py images --any-digest"
                ) from error
            say(f"{image.name}: {withheld}; as was asked for, the tag is taken as it is.")
    try:
        locked, (digest, platforms) = digest, ask(client, tagged)
    except CannotAsk:
        found = by_tag(client, tagged, name=image.name, platform=platform, say=say)
        return _done(image, replace(found, unlocked=bool(digest)), started, say)
    if platforms and platform not in platforms:
        raise NotThere(f"{image.hub} is there for {', '.join(platforms)}, not for {platform}")
    image_id = take(client, f"{repository}@{digest}", name=image.name, platform=platform, say=say)
    pulled = Pulled(image_id=image_id, digest=digest, origin=f"{tagged}@{digest}", unlocked=locked not in {"", digest})
    return _done(image, pulled, started, say)


def _done(image: BaseImage, pulled: Pulled, started: float, say: Callable[[str], None]) -> Pulled:
    say(f"{image.name}: pulled in {time.monotonic() - started:.0f} s")
    return pulled


def by_tag(client: Client, tagged: str, *, name: str, platform: str, say: Callable[[str], None]) -> Pulled:
    """For an engine that can't ask (Podman): only where no tag of that name is there that would move.

    Raises: NoRegistry, NotThere.
    """
    with contextlib.suppress(errors.NotFound):
        client.inspect_image(tagged)
        raise NotThere(f"an image {tagged} is on the engine already, and pulling would move that tag")
    image_id = take(client, tagged, name=name, platform=platform, say=say)
    digests = client.inspect_image(image_id).get("RepoDigests") or [""]
    return Pulled(image_id=image_id, digest=str(digests[0]).partition("@")[2], origin=tagged, tag=tagged)


def take(client: Client, reference: str, *, name: str, platform: str, say: Callable[[str], None]) -> str:
    """Pulls one reference, telling how far it is; returns the image's id.

    Raises: NoRegistry, NotThere.
    """
    say(f"{name}: pulling {reference} ...")
    try:
        stream = client.create_image(reference, platform=platform, timeout=SILENCE_SECONDS)
    except errors.WaitedTooLong as error:
        raise NoRegistry(f"no answer within {SILENCE_SECONDS:g} s") from error
    except errors.EngineRefused as error:
        raise kind_of(error.message, error.status)(_short(error.message)) from error
    progress = _Progress(name, say)
    with contextlib.closing(stream):
        for item in classic.said(stream):
            if "error" in item:
                raise kind_of(str(item["error"]), None)(_short(str(item["error"])))
            progress.take(item)
    return str(client.inspect_image(reference)["Id"])


class _Progress:
    """Adds up the layers and says every few seconds how far it is."""

    def __init__(self, name: str, say: Callable[[str], None]) -> None:
        self.name = name
        self.say = say
        self.layers: dict[str, tuple[int, int]] = {}
        self.told = time.monotonic()

    def take(self, item: dict[str, Any]) -> None:
        detail = item.get("progressDetail") or {}
        if item.get("status") != "Downloading" or not detail.get("total"):
            return
        self.layers[str(item.get("id"))] = (int(detail.get("current") or 0), int(detail["total"]))
        if time.monotonic() - self.told >= _TELL_SECONDS:
            self.told = time.monotonic()
            now, total = (sum(pair[i] for pair in self.layers.values()) for i in (0, 1))
            self.say(f"{self.name}: {now / 1e6:.0f} of {total / 1e6:.0f} MB ({100 * now // total} %)")


def _platform(row: dict[str, Any]) -> str:
    return f"{row.get('os') or 'unknown'}/{row.get('architecture') or 'unknown'}"


def kind_of(message: str, status: int | None) -> type[NoRegistry] | type[NotThere]:
    """What an engine's message about a pull means. status: of its answer; None if it came in the stream."""
    low = message.lower()
    if "toomanyrequests" in low or "rate limit" in low:
        return NoRegistry
    # the registry's own words; "not found" alone would also be a resolver's
    if re.search(r"manifest (for .* )?(unknown|not found)|name unknown|no matching manifest|denied|unauthorized", low):
        return NotThere
    return NotThere if status in {401, 403, 404} else NoRegistry


def _short(message: str) -> str:
    """An engine's message without the address it asked, which means nothing to most."""
    if "toomanyrequests" in message.lower() or "rate limit" in message.lower():
        return "the registry's rate limit for this address is used up"
    return re.sub(r'^(Error response from daemon: )?(Get|Head) "?[^ "]*"?: ', "", message.strip())[:200]
