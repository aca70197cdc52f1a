"""Asks Docker what a Dockerfile did and what its image starts; runs the linter."""
