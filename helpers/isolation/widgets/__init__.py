"""Isolation: what can be moved."""
