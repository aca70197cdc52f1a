"""The two builders of an engine under one name: BuildKit wherever it can be had, else the classic one."""

from __future__ import annotations

from typing import Any

from helpers import errors
from helpers.engine.build import buildkit, buildx, classic
from helpers.engine.build.model.log import Build
from helpers.engine.client import Client

BUILDERS = {"buildkit": buildkit.build, "classic": classic.build}


def best(client: Client) -> str:
    """The builder's name: "buildkit" where the docker command has buildx and the engine BuildKit, else "classic"."""
    return "buildkit" if buildx.usable(client) else "classic"


def build(client: Client, **options: Any) -> Build:
    """Builds with the best of the two; the options are those of `helpers.engine.build.buildkit.build`.

    Raises: what the builder raises.
    Equivalent: docker build FOLDER
    """
    return BUILDERS[best(client)](client, **options)


def build_with(builder: str, client: Client, **options: Any) -> Build:
    """Builds with "buildkit" or "classic", or, for "", with the best of the two.

    Raises: WrongUse for another word; EngineError if BuildKit is asked for and buildx is missing; else what the
        builder raises.
    Equivalent: docker buildx build FOLDER   or   DOCKER_BUILDKIT=0 docker build FOLDER
    """
    if not builder:
        return build(client, **options)
    if builder not in BUILDERS:
        raise errors.WrongUse(
            f"{builder!r} is not a builder.",
            "an engine has two: BuildKit, and the older classic builder",
            'Say builder="buildkit" or builder="classic", or leave it out.',
        )
    return BUILDERS[builder](client, **options)
