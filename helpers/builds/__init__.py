"""Builds: what came from the cache, what ran, and why. So far the model alone; verbs come with the engine's half."""

from __future__ import annotations

__all__: list[str] = []
