"""Packaging, drawn."""
