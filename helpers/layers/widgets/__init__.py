"""Layers: what can be clicked."""
