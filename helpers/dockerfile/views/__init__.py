"""Draws Dockerfiles: each instruction with its effect, what starts, what the linter says."""
