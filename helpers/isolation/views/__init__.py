"""Isolation, drawn."""
