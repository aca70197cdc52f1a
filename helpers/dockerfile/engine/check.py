"""`docker build --check`: the rules that BuildKit itself has, where engine and buildx have them."""

from __future__ import annotations

import subprocess
import tempfile

from helpers import errors
from helpers.dockerfile.model.lint import CHECK, Linted, read_check
from helpers.dockerfile.model.recipe import Recipe
from helpers.engine.build import buildx, refused
from helpers.engine.client import Client

OLDEST_API = (1, 46)  # Docker 27: an older engine's BuildKit has no such rules, and fetches a program that has them
OLDEST_BUILDX = (0, 15)  # the first with --check
SECONDS = 30.0  # that it may take; it needs half of one
NEXT = "The chapter goes on without it."


def check(client: Client, recipe: Recipe) -> Linted:
    """What BuildKit says about a Dockerfile; nothing is built, and nothing fetched.

    An engine that would fetch a program for it from the internet is not asked.

    Raises: WrongUse for `# syntax=`, which fetches one, too; CourseError if its answer can't be read.
    Equivalent: docker build --check FOLDER
    """
    if why := _missing(client):
        return Linted(recipe=recipe, by=CHECK, missing=why, next_step=NEXT)
    refused.refuse(recipe.text)
    command = ["docker", "buildx", "build", "--call=check,format=json", f"--builder={buildx.builder(client)}"]
    with tempfile.TemporaryDirectory(prefix="course-check-") as empty:
        try:
            done = subprocess.run(
                [*command, "--file=-", empty],
                input=recipe.text,
                env=buildx.environment(client),
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=SECONDS,
                check=False,  # with a warning it ends with 1
            )
            return Linted(recipe=recipe, by=CHECK, findings=read_check(done.stdout))
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _failed(str(error)) from error
        except ValueError as error:
            raise _failed(done.stderr.strip()[-300:] or str(error)) from error


def _missing(client: Client) -> str:
    """Why it can't be had here; "" if it can."""
    about = client.version()
    if not buildx.usable(client):
        return "BuildKit can't be used here: docker build --check is BuildKit's"
    if buildx.number(str(about.get("ApiVersion") or "0")) < OLDEST_API:
        return (
            f"this engine is Docker {about.get('Version')}, and its BuildKit has no rules of its own before Docker 27: "
            "docker build --check would fetch a program for it from the internet"
        )
    found = buildx.version(client) or ""
    if buildx.number(found) < OLDEST_BUILDX:
        return f"the docker command's buildx is {found}, and --check came with 0.15"
    return ""


def _failed(why: str) -> errors.CourseError:
    return errors.CourseError(
        "BuildKit could not judge this Dockerfile.", why, "Run it in a terminal: docker build --check FOLDER"
    )
