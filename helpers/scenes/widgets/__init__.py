"""Scenes: what can be clicked."""
