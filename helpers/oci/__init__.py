"""Formats of images, layers and archives. Nothing here needs an engine."""
