"""Isolation as plain data."""
