"""Building images through BuildKit, by the docker command's plugin buildx: docker-py has no other way to it.

The engine's own BuildKit does the work, so the base images that are on the engine are used and none is fetched.
Its cache carries no labels, so nobody can tell whose a record is: the course leaves it alone, and never prunes it.
The image is labelled like any other, and its id goes into the journal a moment after the engine has it. Nothing else
is left: BuildKit hands the image over when all is done, so that a failed or killed build leaves none; its containers
are never on the engine's list.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from helpers import errors
from helpers.engine.build import buildx
from helpers.engine.build import context as build_context
from helpers.engine.build.classic import known_ids
from helpers.engine.build.guard import Bounds, guarded, silent
from helpers.engine.build.model.buildkit_log import BuildKitLog
from helpers.engine.build.model.log import Build, Step
from helpers.engine.client import Client
from helpers.engine.ownership import labels as ownership


def available(client: Client) -> str | None:
    """The version of buildx, such as "0.13.1"; None without it. About 0.1 s: one docker command.

    Equivalent: docker buildx version
    """
    return buildx.version(client)


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
    """Builds one image with BuildKit; the words are those of `helpers.engine.build.classic.build`.

    Steps are what BuildKit runs or fetches: FROM, RUN, COPY, ADD and WORKDIR; ENV, CMD and their like are settings of
    the image, not steps. Several may run at a time. A step has no image of its own: its `image_id` is "".
    on_step: gets each step as soon as it ends. The build cache stays: it carries no labels (docker buildx du lists it).

    Raises: BuildFailed with the line, the exit code and the last lines; NoSuchImage if FROM names none that can be had;
        EngineError if there is no buildx, or one that is too old; NotOurs if the tag is another image's; ValueError if
        a path leaves the context or the tag is malformed.
    Equivalent: docker buildx build --tag TAG FOLDER
    """
    buildx.require(client)
    with client.building(scene, tag) as note:
        sent = build_context.files(context, dockerfile)
        given = {**(labels or {}), **(ownership.labels(scene) if scene is not None else {})}
        before = known_ids(client)
        started = time.perf_counter()
        log = BuildKitLog(dockerfile)
        told = 0
        with tempfile.TemporaryDirectory(prefix="course-build-") as scratch:
            metadata = Path(scratch) / "metadata.json"
            command = ["docker", "buildx", "build", "--progress=rawjson", "--load"]
            command += [f"--builder={buildx.builder(client)}", f"--metadata-file={metadata}"]
            command += [f"--tag={tag}"] if tag else []
            command += [f"--target={target}"] if target else []
            command += ["--no-cache"] if nocache else []
            command += ["--network=none"] if bounds is not None else []
            command += [f"--label={key}={value}" for key, value in given.items()]
            command += [f"--build-arg={key}={value}" for key, value in (buildargs or {}).items()]
            # its records of builds go with the folder
            variables = {**buildx.environment(client), "BUILDX_CONFIG": str(Path(scratch) / "buildx")}
            with (
                buildx.running([*command, "-"], variables, sent) as child,
                guarded(client, bounds, child.stop) as guard,
            ):
                for piece in child.pieces():
                    ended = log.feed(piece)
                    begun = log.begun
                    if say is not None:
                        for step in begun[told:]:
                            say(f"step {step.number} of {step.total}: {step.instruction}")
                    told = len(begun)
                    if on_step is not None:
                        for step in ended:
                            on_step(step)
            log.close()
            if guard.why:
                raise guard.stopped(log.words[-10:])
            if child.silence:
                raise silent(child.silence, log.words[-10:])
            if child.status != 0:
                raise _failed(client, log, tag)
            image_id = _made(client, metadata, tag)
        note(image_id, image_id.removeprefix("sha256:") not in before)
        return Build(image_id=image_id, tag=tag, steps=log.steps, seconds=time.perf_counter() - started)


def _failed(client: Client, log: BuildKitLog, tag: str) -> Exception:
    """What the end of the log says."""
    words = " ".join(log.words)
    if tag and not log.steps and ("invalid tag" in words or "invalid reference format" in words):
        return ValueError(f"{tag!r} is not a tag: {log.words[-1]}")
    if "Cannot connect to the Docker daemon" in words or "error during connect" in words:
        return errors.EngineNotReachable((errors.Tried(client.address.url, "the connection broke off"),))
    return log.failure()


def _made(client: Client, metadata: Path, tag: str) -> str:
    """The id, as the engine has it, of the image that buildx tells of."""
    try:
        found = json.loads(metadata.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    # the containerd store knows an image by its manifest, the older one by its configuration
    names = [found.get("containerimage.digest"), found.get("containerimage.config.digest"), tag]
    for name in names:
        if isinstance(name, str) and name:
            with contextlib.suppress(errors.NotFound):
                return str(client.inspect_image(name)["Id"])
    raise errors.BuildFailed("The build ended without an image.", instruction="", exit_code=None, log=())
