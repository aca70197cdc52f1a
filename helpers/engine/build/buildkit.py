"""Building images through BuildKit, by the docker command's plugin buildx: docker-py has no other way to it.

The engine's own BuildKit does the work, so the base images that are on the engine are used and none is fetched. It
gets what a terminal would give it: the folder, its Dockerfile and its .dockerignore as they are.

Nothing of the course's is in the image or its history. BuildKit hands the image over when all is done, and a failed
build leaves none. It comes with a name of its own that only this build can have given (`ledger.build_name`): so it is
found even if everybody who waited for it was killed. Its id then goes into the journal, and that name goes.
The build cache carries no labels, so nobody can tell whose a record is: the course leaves it alone, and prunes nothing.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from helpers import errors
from helpers.engine.build import buildx, refused
from helpers.engine.build import context as build_context
from helpers.engine.build.guard import Bounds, guarded, silent
from helpers.engine.build.model.buildkit_log import BuildKitLog
from helpers.engine.build.model.log import Build, Step
from helpers.engine.client import Client
from helpers.engine.ownership.ledger import Making


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
        EngineError if there is no buildx, or one that is too old; NotOurs if the tag is another image's; WrongUse for
        `# syntax=`; ValueError if a path leaves the context or the tag is malformed.
    Equivalent: docker buildx build --tag TAG FOLDER
    """
    buildx.require(client)
    refused.refuse(dockerfile, buildargs)
    with client.building(scene, tag) as making:
        started = time.perf_counter()
        log = BuildKitLog(dockerfile)
        told = 0
        with tempfile.TemporaryDirectory(prefix="course-build-") as scratch:
            folder = build_context.laid_out(context, Path(scratch) / "context")
            command = ["docker", "buildx", "build", "--progress=rawjson", "--load"]
            command += [f"--builder={buildx.builder(client)}", f"--tag={making.own_name}"]
            command += [f"--tag={tag}"] if tag else []
            command += [f"--target={target}"] if target else []
            command += ["--no-cache"] if nocache else []
            command += ["--network=none"] if bounds is not None else []
            command += [f"--label={key}={value}" for key, value in (labels or {}).items()]
            command += [f"--build-arg={key}={value}" for key, value in (buildargs or {}).items()]
            command += [f"--file={_file(folder, dockerfile, Path(scratch))}", str(folder)]
            making.pending = True
            with (
                buildx.running(command, buildx.environment(client)) as child,
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
                making.pending = False  # of a failed build there is no image
                raise _failed(client, log, tag)
        image_id = _made(client, making)
        return Build(
            image_id=image_id, tag=tag, steps=log.steps, seconds=time.perf_counter() - started, builder="buildkit"
        )


def _file(folder: Path, dockerfile: str, scratch: Path) -> Path:
    """The Dockerfile: the folder's own if the text is that, as a terminal would take it; else one outside of it."""
    own = folder / build_context.DOCKERFILE
    try:
        if own.read_text(encoding="utf-8") == dockerfile:
            return own
    except (OSError, UnicodeDecodeError):
        pass
    file = scratch / build_context.DOCKERFILE
    file.write_text(dockerfile, encoding="utf-8")
    return file


def _failed(client: Client, log: BuildKitLog, tag: str) -> Exception:
    """What the end of the log says."""
    words = " ".join(log.words)
    if tag and not log.steps and ("invalid tag" in words or "invalid reference format" in words):
        return ValueError(f"{tag!r} is not a tag: {log.words[-1]}")
    if "Cannot connect to the Docker daemon" in words or "error during connect" in words:
        return errors.EngineNotReachable((errors.Tried(client.address.url, "the connection broke off"),))
    return log.failure()


def _made(client: Client, making: Making) -> str:
    """The id of the image that has the build's own name, which it loses once it is in the journal."""
    try:
        image_id = str(client.inspect_image(making.own_name)["Id"])
    except errors.NotFound:
        raise errors.BuildFailed("The build ended without an image.", instruction="", exit_code=None, log=()) from None
    making.note(image_id, new=making.is_new(image_id))
    with client.allowing([making.own_name]):
        client.unname(making.own_name, bare=True)
    return image_id
