"""The desk in a cell."""
