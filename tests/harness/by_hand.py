"""What somebody does without the course: docker-py as it comes, on the same engine. It notes and asks nothing."""

from __future__ import annotations

import functools
from typing import Any

import docker

from helpers.engine.client import Client


def by_hand(client: Client) -> Any:
    """docker-py's own low-level client of the engine that `client` is connected to."""
    return _plain(client.address.url, client.address.tls)


@functools.lru_cache(maxsize=8)
def _plain(url: str, tls: Any) -> Any:
    return docker.APIClient(base_url=url, version="auto", tls=tls or False)
