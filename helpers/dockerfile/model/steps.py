"""Each instruction of a Dockerfile and what it did, as an image of it and its history tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from helpers.dockerfile.model.begin import Start


class Kind(Enum):
    """What an instruction is for."""

    BASE = "base"
    LAYER = "layer"  # it may change files
    SETTING = "setting"  # it changes what the image says about its containers, and no file
    BUILD_ONLY = "build only"
    OTHER_STAGE = "other stage"  # of a stage that the image does not contain
    UNKNOWN = "refused"  # the engine will refuse it


KINDS = {
    "FROM": Kind.BASE,
    **dict.fromkeys(("RUN", "COPY", "ADD", "WORKDIR"), Kind.LAYER),
    **dict.fromkeys(
        (
            "ENV", "CMD", "ENTRYPOINT", "USER", "EXPOSE", "HEALTHCHECK", "LABEL", "STOPSIGNAL", "VOLUME", "SHELL",
            "ONBUILD", "MAINTAINER",
        ),
        Kind.SETTING,
    ),
    "ARG": Kind.BUILD_ONLY,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Step:
    """One instruction and its effect.

    line, end: its first and last line, from 1. word: in capitals. text: the whole of it on one line. bytes: that it
    stored; of FROM, those of the base image; None if that is not known. effect: what it changed, in words.
    """

    line: int
    end: int
    word: str
    text: str
    kind: Kind
    bytes: int | None
    effect: str


@dataclass(frozen=True, kw_only=True)
class Steps:
    """A Dockerfile, instruction by instruction.

    starts: what a container of the image would do; None if no image was given. image: its reference. place: where the
    Dockerfile lies; "" if only its text was given. Neither makes two of them different.
    """

    steps: tuple[Step, ...]
    starts: Start | None = None
    image: str = field(default="", compare=False)
    place: str = field(default="", compare=False)

    def those(self, kind: Kind) -> tuple[Step, ...]:
        """Those of one kind."""
        return tuple(step for step in self.steps if step.kind is kind)

    def __getitem__(self, line: int) -> Step:
        """The one that stands at a line of the Dockerfile.

        Raises: KeyError.
        """
        for step in self.steps:
            if step.line <= line <= step.end:
                return step
        raise KeyError(line)
