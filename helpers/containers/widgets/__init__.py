"""Containers: what can be clicked."""
