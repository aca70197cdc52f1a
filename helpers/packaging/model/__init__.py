"""Packaging as plain data."""
