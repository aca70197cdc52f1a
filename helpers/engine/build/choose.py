"""The two builders of an engine under one name."""

from __future__ import annotations

from typing import Any

from helpers import errors
from helpers.engine.build import buildkit, classic
from helpers.engine.build.model.log import Build
from helpers.engine.client import Client

BUILDERS = {"classic": classic.build, "buildkit": buildkit.build}


def build_with(builder: str, client: Client, **options: Any) -> Build:
    """Builds with "classic" or "buildkit"; the options are those of `helpers.engine.build.classic.build`.

    Raises: WrongUse for another word; EngineError if BuildKit is asked for and buildx is missing; else what the
        builder raises.
    Equivalent: DOCKER_BUILDKIT=0 docker build FOLDER   or   docker buildx build FOLDER
    """
    if builder not in BUILDERS:
        raise errors.WrongUse(
            f"{builder!r} is no builder.",
            "an engine has two: the classic one, and BuildKit",
            'Say builder="classic" or builder="buildkit".',
        )
    return BUILDERS[builder](client, **options)
