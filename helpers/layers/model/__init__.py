"""Layers as plain data."""
