"""The desk, drawn and in words."""
