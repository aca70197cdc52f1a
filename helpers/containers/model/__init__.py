"""Containers as plain data."""
