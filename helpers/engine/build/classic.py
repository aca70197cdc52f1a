"""Building images through the engine's classic build endpoint, which every engine has.

Every image a step makes is in the journal before the next line of the log is read, so that a failed or killed
build leaves nothing that the clean-up (`image_sweep`) can't find.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docker.errors import DockerException

from helpers import errors
from helpers.engine import again
from helpers.engine.build import context as build_context
from helpers.engine.build import refused
from helpers.engine.build.guard import SILENT_SECONDS, Bounds, guarded, silent
from helpers.engine.build.model import failure
from helpers.engine.build.model.dockerfile import Instruction, instructions, locate, stamped
from helpers.engine.build.model.log import Build, BuildLog, Step
from helpers.engine.client import Client, patience
from helpers.engine.ownership import labels as ownership
from helpers.engine.ownership.ledger import UNSCENED, Making


@dataclass(frozen=True)
class Recipe:
    """A Dockerfile as it is sent. sent: its instructions. shown: the same, at the lines of the one that was given."""

    text: str
    sent: tuple[Instruction, ...]
    shown: tuple[Instruction, ...]
    scene: str = UNSCENED

    @classmethod
    def of(cls, dockerfile: str, scene: str | None) -> Recipe:
        """With the scene's labels after each FROM; as it is where there is no scene."""
        if scene is None:
            found = instructions(dockerfile)
            return cls(dockerfile, found, found)
        return cls(*stamped(dockerfile, ownership.labels(scene)), scene)

    def named(self, message: str) -> Instruction | None:
        """The instruction that an error message points at."""
        at = failure.named_line(message, self.sent)
        return self.shown[self.sent.index(at)] if at is not None else None


@again.building
def build(
    client: Client,
    *,
    dockerfile: str,
    context: Mapping[str, bytes | Path] | Path | None = None,
    tag: str = "",
    scene: str | None = None,
    labels: Mapping[str, str] | None = None,
    buildargs: Mapping[str, str] | None = None,
    target: str = "",
    nocache: bool = False,
    say: Callable[[str], None] | None = None,
    on_step: Callable[[Step], None] | None = None,
    bounds: Bounds | None = None,
) -> Build:
    """Builds one image.

    Each FROM is followed by a line with the scene's labels. This builder's cache is images, and only a label can tell
    one learner's from another's, or whose the last step of a killed build is. (BuildKit needs none.)

    dockerfile: its text. context: files by path, or a folder; the text takes the place of a Dockerfile in it.
    scene: whose it is; its labels come after each FROM. buildargs: values for ARG; they can be read in the history.
    say: gets one line as each step starts. on_step: gets each step as soon as it has its image. Both hear the first
        steps again if the engine lost one of somebody else's images meanwhile and the build was begun again.
    bounds: for a Dockerfile that somebody else wrote; then the build has no network.

    Raises: BuildFailed with the instruction, the exit code and the last lines; NoSuchImage if FROM names none that
        can be had; NotOurs if the tag is another image's; WrongUse for what this builder would pass over; ValueError
        if a path leaves the context or the tag is malformed.
    Equivalent: docker build --tag TAG FOLDER   (DOCKER_BUILDKIT=0)
    """
    refused.refuse(dockerfile, buildargs, classic=True)
    recipe = Recipe.of(dockerfile, scene)
    with client.building(scene, tag) as making:
        started = time.perf_counter()
        before = frozenset(making.before)
        log = BuildLog(recipe.shown)
        image_id = ""
        times: list[float] = []
        for item in _messages(client, recipe, context, tag, labels, buildargs, target, nocache, bounds, log, making):
            if "error" in item:
                making.pending = False  # it is over, and each of its steps is noted
                raise _failed(item, log, recipe)
            aux = item.get("aux")
            if isinstance(aux, dict) and "ID" in aux:
                image_id = str(aux["ID"])
            for step in log.feed(str(item.get("stream") or "")):
                if step.made and not _known(step.image_id, before):
                    client.note_image(recipe.scene, step.image_id, new=True)
                if on_step is not None:
                    on_step(step)
            for step in log.steps[len(times) :]:
                times.append(time.perf_counter())
                if say is not None:
                    say(f"step {step.number} of {step.total}: {step.instruction}")
        log.close()
        ended = time.perf_counter()
        image_id = image_id or log.built or (log.steps[-1].image_id if log.steps else "")
        if not image_id:
            raise errors.BuildFailed("The build ended without an image.", instruction="", exit_code=None, log=log.tail)
        if len(image_id) < 64:
            image_id = str(_inspect(client, image_id)["Id"])
        making.note(image_id, new=not _known(image_id.removeprefix("sha256:"), before))
        steps = (replace(s, seconds=e - b) for s, b, e in zip(log.steps, times, [*times[1:], ended], strict=True))
        return Build(image_id=image_id, tag=tag, steps=tuple(steps), seconds=ended - started)


def _inspect(client: Client, image_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.inspect_image(image_id)
    return found


def _known(short: str, before: frozenset[str]) -> bool:
    return any(full.startswith(short) for full in before)


def _messages(
    client: Client,
    recipe: Recipe,
    context: Mapping[str, bytes | Path] | Path | None,
    tag: str,
    labels: Mapping[str, str] | None,
    buildargs: Mapping[str, str] | None,
    target: str,
    nocache: bool,
    bounds: Bounds | None,
    log: BuildLog,
    making: Making,
) -> Iterator[dict[str, Any]]:
    stream = None
    try:
        # pieces of bytes, which requests sends as they come; docker-py's types know files only
        archive: Any = build_context.stream(build_context.files(context, recipe.text))
        limits: dict[str, Any] = {}
        if bounds is not None:
            limits["network_mode"] = "none"
            limits["container_limits"] = {"memory": bounds.memory, "memswap": bounds.memory}
        stream = client.build_stream(
            fileobj=archive,
            custom_context=True,
            dockerfile=build_context.DOCKERFILE,
            tag=tag or None,
            labels=dict(labels or {}) or None,
            buildargs=dict(buildargs or {}),
            target=target or None,
            nocache=nocache,
            rm=True,
            forcerm=True,  # or a failed RUN leaves its container, which carries no label
            timeout=patience(SILENT_SECONDS),
            **limits,
        )
        making.pending = True
        with guarded(client, bounds, stream.cancel) as guard:
            try:
                yield from said(stream)
            finally:
                if guard.why:
                    _wait_until_rid(client, recipe, log)
                    raise guard.stopped(log.tail)
    except errors.NotFound:
        raise
    except errors.WaitedTooLong as error:
        if stream is not None:
            stream.close()
        with contextlib.suppress(errors.EngineError):  # it may say nothing more at all
            _wait_until_rid(client, recipe, log)
        raise silent(error.seconds, log.tail) from error
    except errors.EngineRefused as error:  # before the first step; docker-py reads the answer with the stream
        if error.status == 400 or "dockerfile" in error.message.lower():
            at = recipe.named(error.message)
            raise failure.failed(error.message, at=at) from error
        raise
    except DockerException as error:  # docker-py's own look at the tag
        raise ValueError(str(error)) from error
    finally:
        # at once on an interrupt, which ends the build: the engine then removes the step's container
        if stream is not None:
            stream.close()


def _wait_until_rid(client: Client, recipe: Recipe, log: BuildLog) -> None:
    """Until the engine has removed the container of a step that was stopped, or 15 s: its image can't go before."""
    if recipe.scene != UNSCENED:
        wanted = ownership.filters(scene=recipe.scene)
    elif made := next((step.image_id for step in reversed(log.steps) if step.image_id), ""):
        wanted = {"ancestor": [made]}
    else:
        return
    deadline = time.monotonic() + 15
    with client.unrecorded():
        while time.monotonic() < deadline:
            if not client.at_a_step(wanted):
                return
            time.sleep(0.1)


def said(stream: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The objects of a progress stream."""
    return (item for item in stream if isinstance(item, dict))


def _failed(item: dict[str, Any], log: BuildLog, recipe: Recipe) -> errors.EngineError:
    """The error for the stream's last word."""
    log.close()
    detail = item.get("errorDetail")
    message = str(item["error"]).strip()
    code = detail.get("code") if isinstance(detail, dict) else None
    step = log.steps[-1] if log.steps else None
    at = locate(log.instructions, step.instruction, step.number) if step else None
    return failure.failed(
        message,
        at=at if step else recipe.named(message),
        said=step.instruction if step else "",
        code=int(code) if code else None,
        log=log.tail,
    )
