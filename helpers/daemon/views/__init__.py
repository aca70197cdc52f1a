"""Daemon, drawn."""
