"""The two builders of an engine under one name."""

from __future__ import annotations

from typing import Any

from helpers import errors
from helpers.engine import build, buildkit
from helpers.engine.client import Client
from helpers.model.build_log import Build

BUILDERS = {"classic": build.build, "buildkit": buildkit.build}


def build_with(builder: str, client: Client, **options: Any) -> Build:
    """Builds with "classic" or "buildkit"; the options are those of `helpers.engine.build.build`.

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
