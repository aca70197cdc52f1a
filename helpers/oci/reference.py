"""An image's reference taken apart: registry/namespace/repository:tag@digest."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpers.errors import WrongUse

HUB = "docker.io"
OFFICIAL = "library"  # the namespace of Docker Hub's official images
LATEST = "latest"

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REGISTRY = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
)
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_ID = re.compile(r"[0-9a-f]{64}")
LONGEST = 255


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The parts of a reference. written: the reference as it was given.

    registry, namespace, tag: "" where the reference leaves them out; `full` fills in what an engine takes them for.
    """

    written: str
    registry: str
    namespace: str
    repository: str
    tag: str
    digest: str

    @classmethod
    def read(cls, text: str) -> Reference:
        """Takes `text` apart.

        Raises: WrongUse if no engine would take it for a reference.
        Source: github.com/distribution/reference, "Grammar".
        """
        rest, at, digest = text.partition("@")
        if at and not _DIGEST.fullmatch(digest):
            raise _no_reference(text, "what follows @ is not a digest, such as sha256: and 64 letters and digits")
        head, slash, last = rest.rpartition("/")
        last, colon, tag = last.partition(":")
        if colon and not _TAG.fullmatch(tag):
            raise _no_reference(
                text, "what follows the last colon is not a tag: letters, digits, dots, dashes, at most 128"
            )
        path = f"{head}{slash}{last}"
        first, slash, after = path.partition("/")
        registry = ""
        if slash and (set(".:[") & set(first) or first == "localhost" or first != first.lower()):
            registry, path = first, after
        if registry and not _REGISTRY.fullmatch(registry):
            raise _no_reference(text, f"{registry!r} is not a registry's address")
        if not _PATH.fullmatch(path):
            why = "its name holds capital letters" if path != path.lower() else "its name is not of lower-case words"
            raise _no_reference(text, why)
        if not registry and not colon and not at and _ID.fullmatch(path):
            raise _no_reference(text, "64 letters and digits like these are an id")
        if len(f"{registry}/{path}" if registry else path) > LONGEST:
            raise _no_reference(text, f"its name is longer than {LONGEST} characters")
        namespace, _, repository = path.rpartition("/")
        return cls(written=text, registry=registry, namespace=namespace, repository=repository, tag=tag, digest=digest)

    @property
    def full(self) -> Reference:
        """With everything that an engine fills in: Docker Hub, its official images, the tag latest."""
        registry = self.registry or HUB
        namespace = self.namespace or (OFFICIAL if registry == HUB else "")
        tag = self.tag or ("" if self.digest else LATEST)
        text = _join(registry, namespace, self.repository, tag, self.digest)
        return Reference(
            written=text,
            registry=registry,
            namespace=namespace,
            repository=self.repository,
            tag=tag,
            digest=self.digest,
        )


def _join(registry: str, namespace: str, repository: str, tag: str, digest: str) -> str:
    name = "/".join(part for part in (registry, namespace, repository) if part)
    return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def _no_reference(text: str, why: str) -> WrongUse:
    return WrongUse(f"{text!r} is not an image's reference.", why, "For example: localhost/course/busybox:1")
