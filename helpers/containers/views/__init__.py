"""Containers, drawn."""
