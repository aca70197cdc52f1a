"""Scenes, drawn."""
