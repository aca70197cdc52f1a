"""Images as plain data."""
