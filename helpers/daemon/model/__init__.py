"""Daemon as plain data."""
