"""Layers, drawn."""
